"""What to make of the ranking: answer, offer choices, or say honestly that it is not known."""

from functools import lru_cache
from typing import Any, Dict, FrozenSet, List, Text, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import FULL_RETRIEVAL_INTENT_NAME_KEY, INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.classifier import RANKING
from bot.components.encoders import language_of_message
from kb.labels import load_labels
from understanding.languages import ENGLISH

# The labels worth offering, when no answer is certain enough to give; and those to offer beside an answer that is not quite certain.
OFFERS, ALTERNATIVES = "offers", "alternatives"
_MOST_OFFERS = 3
OUT_OF_SCOPE = "out_of_scope"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class OutcomeClassifier(GraphComponent, IntentClassifier):
    """Turns the likeliest label into the intent that the rules act on.

    Thresholds follow from stated costs (docs/decisions): a confidently wrong answer costs five times an offer of choices.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "out_of_scope_weight": 1.0,
            "answer_above": 0.5,
            "offer_above": 0.2,
            "offer_beside": 0.05,
            "sure_above": 0.5,
            "alternative_above": 0.05,
            "answer_one_word_above": 0.5,
            "offer_against_out_of_scope": 1000.0,
        }

    def __init__(self, config: Dict[Text, Any]) -> None:
        self._config = config

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "OutcomeClassifier":
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            likely = message.get(RANKING) or []
            ranking = self._weighed(likely)
            is_certain = self._is_certain(ranking, message) and not self._is_doubtful(likely, ranking)
            offers = [] if is_certain else self._offers(likely, ranking)
            message.set(RANKING, ranking, add_to_output=True)
            message.set(OFFERS, offers, add_to_output=True)
            message.set(ALTERNATIVES, self._alternatives(ranking) if is_certain else [], add_to_output=True)
            message.set(INTENT, _intent(ranking[0]) if is_certain else _unsure(ranking), add_to_output=True)
        return messages

    def _alternatives(self, ranking: List[Dict[Text, Any]]) -> List[Text]:
        """Return what the resident may have meant instead, where the answer given is not quite certain."""
        if ranking[0][PREDICTED_CONFIDENCE_KEY] >= self._config["sure_above"]:
            return []
        beside = (guess for guess in ranking[1:_MOST_OFFERS] if guess[PREDICTED_CONFIDENCE_KEY] >= self._config["alternative_above"])
        return [guess[INTENT_NAME_KEY] for guess in beside if _can_be_offered(guess)]

    def _weighed(self, ranking: List[Dict[Text, Any]]) -> List[Dict[Text, Any]]:
        """Return the ranking with out_of_scope weighed up: residents ask far more that is not ours than the examples can hold."""
        weights = [self._config["out_of_scope_weight"] if guess[INTENT_NAME_KEY] == OUT_OF_SCOPE else 1.0 for guess in ranking]
        raised = [guess[PREDICTED_CONFIDENCE_KEY] * weight for guess, weight in zip(ranking, weights)]
        whole = sum(raised) + 1.0 - sum(guess[PREDICTED_CONFIDENCE_KEY] for guess in ranking)
        weighed = [{**guess, PREDICTED_CONFIDENCE_KEY: chance / whole} for guess, chance in zip(ranking, raised)]
        return sorted(weighed, key=lambda guess: -guess[PREDICTED_CONFIDENCE_KEY])

    def _is_certain(self, ranking: List[Dict[Text, Any]], message: Message) -> bool:
        """Whether the likeliest label is likely enough to act on. A single word says what it is about, seldom what is wanted."""
        one_word = len((message.get(TEXT) or "").split()) == 1 and language_of_message(message) == ENGLISH
        enough = self._config["answer_one_word_above" if one_word else "answer_above"]
        return bool(ranking) and ranking[0][PREDICTED_CONFIDENCE_KEY] >= enough

    def _is_doubtful(self, likely: List[Dict[Text, Any]], ranking: List[Dict[Text, Any]]) -> bool:
        """Whether out of scope comes first by its weight alone, though another label is much likelier without it."""
        if not ranking or ranking[0][INTENT_NAME_KEY] != OUT_OF_SCOPE:
            return False
        chances = {guess[INTENT_NAME_KEY]: guess[PREDICTED_CONFIDENCE_KEY] for guess in likely}
        return likely[0][PREDICTED_CONFIDENCE_KEY] >= self._config["offer_against_out_of_scope"] * chances[OUT_OF_SCOPE]

    def _offers(self, likely: List[Dict[Text, Any]], ranking: List[Dict[Text, Any]]) -> List[Text]:
        """Return the likeliest labels where the first is too uncertain to act on and too likely to be passed over."""
        if not ranking or (ranking[0][INTENT_NAME_KEY] == OUT_OF_SCOPE and not self._is_doubtful(likely, ranking)):
            return []
        if ranking[0][PREDICTED_CONFIDENCE_KEY] < self._config["offer_above"]:
            return []
        worth = (guess for guess in ranking if guess[PREDICTED_CONFIDENCE_KEY] >= self._config["offer_beside"])
        return [guess[INTENT_NAME_KEY] for guess in worth if _can_be_offered(guess)][:_MOST_OFFERS]


def _can_be_offered(guess: Dict[Text, Any]) -> bool:
    """Whether a label makes sense as a button: "did you mean: thanks?" does not."""
    return guess[INTENT_NAME_KEY].removeprefix("faq/") in _offerable()


@lru_cache(maxsize=None)
def _offerable() -> FrozenSet[Text]:
    return frozenset((*load_labels().articles, *load_labels().actions, "capabilities", "privacy", "change_language"))


def _unsure(ranking: List[Dict[Text, Any]]) -> Dict[Text, Any]:
    confidence = ranking[0][PREDICTED_CONFIDENCE_KEY] if ranking else 0.0
    return {INTENT_NAME_KEY: DEFAULT_NLU_FALLBACK_INTENT_NAME, PREDICTED_CONFIDENCE_KEY: confidence}


def _intent(best: Dict[Text, Any]) -> Dict[Text, Any]:
    """Return the intent of a label; an article is the intent faq, its slug in the full name as Rasa's retrieval intents have it."""
    name, _, topic = best[INTENT_NAME_KEY].partition("/")
    intent = {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: best[PREDICTED_CONFIDENCE_KEY]}
    return {**intent, FULL_RETRIEVAL_INTENT_NAME_KEY: best[INTENT_NAME_KEY]} if topic else intent

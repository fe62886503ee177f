"""Answer, offer or decline: what the thresholds make of a ranking."""

from rasa.shared.nlu.training_data.message import Message

from bot.components.outcome import ALTERNATIVES, OFFERS, OutcomeClassifier

THRESHOLDS = {**OutcomeClassifier.get_default_config(), "answer_above": 0.6}
CLASSIFIER = OutcomeClassifier(THRESHOLDS)


def outcome(*ranking: tuple) -> Message:
    message = Message({"text": "some words", "intent_ranking": [{"name": name, "confidence": confidence} for name, confidence in ranking]})
    return CLASSIFIER.process([message])[0]


def test_a_certain_article_is_answered() -> None:
    intent = outcome(("faq/scams", 0.9), ("faq/passwords", 0.1)).get("intent")
    assert (intent["name"], intent["full_retrieval_intent_name"]) == ("faq", "faq/scams")


def test_an_uncertain_one_is_offered_with_those_beside_it() -> None:
    message = outcome(("faq/scams", 0.4), ("faq/passwords", 0.3), ("greet", 0.01))
    assert message.get("intent")["name"] == "nlu_fallback"
    assert message.get(OFFERS) == ["faq/scams", "faq/passwords"]


def test_at_most_three_are_offered() -> None:
    likely = ("scams", "passwords", "email-account", "wifi-safety")
    assert len(outcome(*((f"faq/{slug}", 0.24) for slug in likely)).get(OFFERS)) == 3


def test_an_unlikely_one_is_declined() -> None:
    message = outcome(("faq/scams", 0.1))
    assert (message.get("intent")["name"], message.get(OFFERS)) == ("nlu_fallback", [])


def test_out_of_scope_offers_nothing() -> None:
    assert outcome(("out_of_scope", 0.4), ("faq/scams", 0.3)).get(OFFERS) == []


def test_out_of_scope_weighs_more_than_the_examples_say() -> None:
    doubting = OutcomeClassifier({**THRESHOLDS, "out_of_scope_weight": 4.0})
    ranking = [{"name": "faq/scams", "confidence": 0.7}, {"name": "out_of_scope", "confidence": 0.3}]
    message = doubting.process([Message({"text": "some words", "intent_ranking": ranking})])[0]
    assert message.get("intent")["name"] == "out_of_scope"


def test_an_empty_message_is_declined() -> None:
    assert outcome().get("intent")["name"] == "nlu_fallback"


def test_an_answer_that_is_not_quite_certain_has_others_beside_it() -> None:
    careful = OutcomeClassifier({**OutcomeClassifier.get_default_config(), "sure_above": 0.8})

    def beside(*ranking: tuple) -> list:
        message = Message({"text": "some words", "intent_ranking": [{"name": name, "confidence": confidence} for name, confidence in ranking]})
        return careful.process([message])[0].get(ALTERNATIVES)

    assert beside(("faq/scams", 0.6), ("faq/passwords", 0.2), ("out_of_scope", 0.1)) == ["faq/passwords"]
    assert beside(("faq/scams", 0.9), ("faq/passwords", 0.1)) == []
    assert beside(("faq/scams", 0.4), ("faq/passwords", 0.3)) == []


def test_small_talk_is_not_offered_as_a_button() -> None:
    assert outcome(("thanks", 0.4), ("faq/scams", 0.3), ("stop", 0.1)).get(OFFERS) == ["faq/scams"]


def test_a_single_word_is_acted_on_only_when_it_is_nearly_certain() -> None:
    careful = OutcomeClassifier({**THRESHOLDS, "answer_above": 0.25, "answer_one_word_above": 0.7})
    ranking = [{"name": "faq/scams", "confidence": 0.4}]
    one, more = careful.process([Message({"text": text, "intent_ranking": list(ranking)}) for text in ("fraud", "fraud by phone")])
    assert (one.get("intent")["name"], one.get(OFFERS)) == ("nlu_fallback", ["faq/scams"])
    assert more.get("intent")["name"] == "faq"


def test_out_of_scope_that_leads_by_its_weight_alone_gives_way_to_an_offer() -> None:
    doubting = OutcomeClassifier({**THRESHOLDS, "offer_above": 0.05, "out_of_scope_weight": 5.0, "offer_against_out_of_scope": 4.0})
    ranking = [{"name": name, "confidence": chance} for name, chance in (("book_session", 0.16), ("faq/tea-and-tech", 0.15), ("out_of_scope", 0.035))]
    [message] = doubting.process([Message({"text": "some words", "intent_ranking": ranking})])
    assert message.get(OFFERS) == ["book_session", "faq/tea-and-tech"]

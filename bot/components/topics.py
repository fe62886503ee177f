"""Training data in which every article is the one intent `faq`."""

from typing import Optional, Text

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY
from rasa.shared.nlu.training_data.training_data import TrainingData

# The attribute of a training message that holds its article's slug; the classifier learns from it.
TOPIC = "topic"


class TopicsImporter(RasaFileImporter):
    """Reads `faq/<slug>` as the intent `faq` on the topic <slug>.

    Rasa would take it for a retrieval intent and want a response in the domain for each. Our answers are the articles of kb/,
    so we keep the slug under a name of our own and Rasa sees one plain intent.
    """

    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:
        data = super().get_nlu_data(language)
        for message in data.training_examples:
            label = message.data.pop(INTENT_RESPONSE_KEY, None)
            if label:
                message.data[TOPIC] = label.split("/", 1)[1]
        return TrainingData(data.training_examples, data.entity_synonyms, data.regex_features, data.lookup_tables)


def label_of(message_data: dict) -> str:
    """Return the label of topics.md that a training message stands for, articles as faq/<slug>."""
    return f"{message_data[INTENT]}/{message_data[TOPIC]}" if TOPIC in message_data else message_data[INTENT]

"""The same training data for Rasa's stock pipeline: every article is an intent of its own, as DIET has no notion of our topics."""

from typing import Optional, Text

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_yaml_file


class StockImporter(RasaFileImporter):
    """Reads `faq/<slug>` as the intent <slug>, and the rule for `faq` as one for each of them."""

    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:
        data = super().get_nlu_data(language)
        for message in data.training_examples:
            label = message.data.pop(INTENT_RESPONSE_KEY, None)
            if label:
                message.data[INTENT] = label.split("/", 1)[1]
        return TrainingData(data.training_examples)

    def _slugs(self) -> list:
        labels = (block["intent"] for path in self._nlu_files for block in read_yaml_file(path)["nlu"])
        return sorted({label.split("/", 1)[1] for label in labels if label.startswith("faq/")})

    def get_domain(self) -> Domain:
        return super().get_domain().merge(Domain.from_dict({"intents": self._slugs()}))

    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        steps = []
        for path in self._story_files:
            rules = read_yaml_file(path)
            for rule in rules["rules"]:
                if {"intent": "faq"} in rule["steps"]:
                    rule["steps"] = [{"or": [{"intent": slug} for slug in self._slugs()]}, *rule["steps"][1:]]
            steps += YAMLStoryReader(self.get_domain(), path).read_from_parsed_yaml(rules)
        return StoryGraph(steps)

"""Sentence vectors as a Rasa featurizer."""

from typing import Any, Dict, List, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, METADATA, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from understanding.both import vectors_of_examples
from understanding.languages import language_of
from understanding.meaning import unpacked, vector_of

# Where web puts a message's language and its vector, which it needed itself for the safety screen.
LANGUAGE, VECTOR = "language", "vector"


def language_of_message(message: Message) -> Text:
    """Return the language that web found, else find it here."""
    return (message.get(METADATA) or {}).get(LANGUAGE) or language_of(message.get(TEXT) or "")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(GraphComponent, DenseFeaturizer):
    """Adds one vector for the whole message: both English encoders side by side, or the multilingual one.

    A message that brings its vector along is not encoded again; the encoders are loaded by the first one that does not.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {**DenseFeaturizer.get_default_config(), "alias": "sentence"}

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "SentenceFeaturizer":
        return cls(execution_context.node_name, config)

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Tokenizer]

    @staticmethod
    def validate_config(config: Dict[Text, Any]) -> None:
        return None

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            # Taken out, so that it is not kept with the conversation nor sent to the actions.
            brought = (message.get(METADATA) or {}).pop(VECTOR, None)
            self._add(message, unpacked(brought) if brought else vector_of(message.get(TEXT) or "", language_of_message(message)))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        messages = [message for message in training_data.training_examples if message.get(TEXT)]
        for message, vector in zip(messages, vectors_of_examples([message.get(TEXT) for message in messages])):
            self._add(message, vector)
        return training_data

    def _add(self, message: Message, vector: np.ndarray) -> None:
        message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"]))

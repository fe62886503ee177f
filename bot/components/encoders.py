"""Sentence encoders as Rasa featurizers."""

from typing import Any, Dict, List, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from understanding import encoder, universal
from understanding.vector_store import encode_examples


class _SentenceFeaturizer(GraphComponent, DenseFeaturizer):
    """Adds one vector for the whole message, under the component's name."""

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "_SentenceFeaturizer":
        return cls(execution_context.node_name, config)

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Tokenizer]

    @staticmethod
    def validate_config(config: Dict[Text, Any]) -> None:
        return None

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any
    ) -> "_SentenceFeaturizer":
        featurizer = cls.create(config, model_storage, resource, execution_context)
        featurizer._encode(["ready before the first message"])
        return featurizer

    def _encode(self, texts: List[Text]) -> np.ndarray:
        """Return one row a text."""
        raise NotImplementedError("each encoder has its own")

    def process(self, messages: List[Message]) -> List[Message]:
        return self._add(messages, self._encode([message.get(TEXT) or "" for message in messages]))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        messages = [message for message in training_data.training_examples if message.get(TEXT)]
        self._add(messages, encode_examples([message.get(TEXT) for message in messages], self._config["alias"]))
        return training_data

    def _add(self, messages: List[Message], vectors: np.ndarray) -> List[Message]:
        for message, vector in zip(messages, vectors):
            message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"]))
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class MiniLMFeaturizer(_SentenceFeaturizer):
    """all-MiniLM-L6-v2, 8 bits."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {**DenseFeaturizer.get_default_config(), "alias": "minilm"}

    def _encode(self, texts: List[Text]) -> np.ndarray:
        return encoder.encoder().encode(texts)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class UniversalSentenceFeaturizer(_SentenceFeaturizer):
    """Google's multilingual universal sentence encoder, version 3."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {**DenseFeaturizer.get_default_config(), "alias": "universal"}

    def _encode(self, texts: List[Text]) -> np.ndarray:
        return universal.encoder().encode(texts)

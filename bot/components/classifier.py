"""The enquiry classifier as a Rasa component: every label of topics.md, with calibrated probabilities."""

from typing import Any, Dict, List, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.encoders import language_of_message
from bot.components.topics import label_of
from understanding.enquiries import EnquiryModels

_FILE = "enquiries.npz"
RANKING = "intent_ranking"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EnquiryClassifier(GraphComponent, IntentClassifier):
    """Ranks the labels of a message; articles are ranked as faq/<slug>."""

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Featurizer]

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, model: EnquiryModels = None) -> None:
        self._config, self._storage, self._resource, self._model = config, model_storage, resource, model

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "EnquiryClassifier":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "EnquiryClassifier":
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, EnquiryModels.load(folder / _FILE))

    def train(self, training_data: TrainingData) -> Resource:
        examples = [message for message in training_data.training_examples if message.get(TEXT) and message.get(INTENT)]
        vectors = np.stack([self._vector(message) for message in examples])
        self._model = EnquiryModels.train([m.get(TEXT) for m in examples], vectors, [label_of(m.data) for m in examples])
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder / _FILE)
        return self._resource

    def _vector(self, message: Message) -> np.ndarray:
        """Return the message's sentence vector."""
        return next(feature.features[0] for feature in message.features if feature.is_dense() and feature.attribute == TEXT)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            guesses = self._model.guesses(message.get(TEXT), self._vector(message), language_of_message(message)) if message.get(TEXT) else []
            ranking = [{INTENT_NAME_KEY: guess.label, PREDICTED_CONFIDENCE_KEY: guess.probability} for guess in guesses]
            message.set(RANKING, ranking, add_to_output=True)
            message.set(INTENT, ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}, add_to_output=True)
        return messages

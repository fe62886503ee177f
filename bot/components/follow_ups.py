"""Short questions that lean on the topic in hand ("how much is it?")."""

from typing import Any, Dict, List, Text, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from kb.facets import facet_asked

FACET = "facet"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class FollowUpClassifier(GraphComponent, IntentClassifier):
    """Names the facet that a message asks for; the action answers it from the topic in hand."""

    @classmethod
    def required_components(cls) -> List[Type]:
        return [IntentClassifier]

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "FollowUpClassifier":
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            facet = facet_asked(message.get(TEXT) or "")
            if facet:
                message.set(FACET, facet, add_to_output=True)
                message.set(INTENT, {INTENT_NAME_KEY: "faq", PREDICTED_CONFIDENCE_KEY: 1.0}, add_to_output=True)
        return messages

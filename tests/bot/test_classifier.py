"""The classifier inside a pipeline: it learns from the vectors that the featurizers add, and is the same after it was stored."""

from pathlib import Path

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.classifier import RANKING, EnquiryClassifier
from bot.components.encoders import SentenceFeaturizer
from understanding.meaning import packed

CONTEXT = ExecutionContext(GraphSchema({}), node_name="test")
EXAMPLES = {
    "faq/print-scan-copy": [
        "how do I print",
        "can I scan a letter",
        "photocopy price",
        "print from my phone",
        "where is the scanner",
        "print boarding pass",
    ],
    "faq/scams": [
        "somebody rang about my bank",
        "is this text a con",
        "I was cheated online",
        "a fraud email came",
        "they want gift cards",
        "odd parcel text",
    ],
    "greet": ["hello", "good morning", "hi there", "hiya", "good afternoon"],
}


def _messages() -> list:
    messages = []
    for label, texts in EXAMPLES.items():
        intent, _, topic = label.partition("/")
        messages += [Message({"text": text, "intent": intent, **({"topic": topic} if topic else {})}) for text in texts]
    return messages


def _featurized(messages: list) -> list:
    return SentenceFeaturizer.create(SentenceFeaturizer.get_default_config(), None, None, CONTEXT).process(messages)


def test_it_learns_ranks_and_is_the_same_after_loading(tmp_path: Path) -> None:
    storage, resource, config = LocalModelStorage(tmp_path), Resource("classifier"), {}
    EnquiryClassifier.create(config, storage, resource, CONTEXT).train(TrainingData(_featurized(_messages())))
    loaded = EnquiryClassifier.load(config, storage, resource, CONTEXT)
    [message] = loaded.process(_featurized([Message({"text": "a strange email says I owe money"})]))
    assert message.get("intent")["name"] == "faq/scams"
    assert 0.5 < sum(guess["confidence"] for guess in message.get(RANKING)) <= 1  # the rest is the chance of something unheard of


def test_an_empty_message_has_no_label(tmp_path: Path) -> None:
    classifier = EnquiryClassifier.create({}, LocalModelStorage(tmp_path), Resource("classifier"), CONTEXT)
    [message] = classifier.process([Message({"text": ""})])
    assert message.get("intent")["name"] is None


def test_a_message_that_brings_its_vector_is_not_encoded_again_and_the_vector_is_not_kept() -> None:
    [encoded] = _featurized([Message({"text": "can I scan a letter"})])
    vector = encoded.features[0].features[0]
    metadata = {"language": "en", "vector": packed(-vector)}
    [brought] = _featurized([Message({"text": "can I scan a letter", "metadata": metadata})])
    assert np.allclose(brought.features[0].features[0], -vector, atol=1e-3)
    assert metadata == {"language": "en"}

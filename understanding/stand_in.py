"""A smaller model that stands in for the assistant in web: one fast encoder and n-grams, over the same labels."""

from collections.abc import Sequence
from pathlib import Path

from understanding.classifier import EnquiryModel
from understanding.universal import encoder


class StandIn:
    """Knows the labels nearly as well as the assistant, at a few milliseconds a message."""

    def __init__(self, model: EnquiryModel) -> None:
        self._model = model

    @classmethod
    def train(cls, texts: Sequence[str], labels: Sequence[str]) -> "StandIn":
        return cls(EnquiryModel.train(texts, encoder().encode(texts), labels))

    def likely_labels(self, text: str, most: int = 5) -> list[tuple[str, float]]:
        """Return labels of topics.md with their probability, the likeliest first."""
        return [(guess.label, guess.probability) for guess in self._model.guesses(text, encoder().encode([text])[0], most)]

    def save(self, path: Path) -> None:
        self._model.save(path)

    @classmethod
    def load(cls, path: Path) -> "StandIn":
        encoder()
        return cls(EnquiryModel.load(path))

"""The assistant's own model, read by web to stand in while the assistant is away."""

from pathlib import Path

from understanding.enquiries import EnquiryModels
from understanding.languages import ENGLISH
from understanding.meaning import vector_of


class StandIn:
    """Ranks the labels of a message as the assistant would, without its dialogue."""

    def __init__(self, model: EnquiryModels) -> None:
        self._model = model

    def likely_labels(self, text: str, language: str = ENGLISH, most: int = 5) -> list[tuple[str, float]]:
        """Return labels of topics.md with their probability, the likeliest first."""
        guesses = self._model.guesses(text, vector_of(text, language), language, most)
        return [(guess.label.removeprefix("faq/"), guess.probability) for guess in guesses]

    @classmethod
    def load(cls, path: Path) -> "StandIn":
        stand_in = cls(EnquiryModels.load(path))
        stand_in.likely_labels("ready before the first message")
        return stand_in

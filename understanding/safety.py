"""The learned half of the safety screen: does a message speak of a crisis, or ask for medical advice?"""

from collections.abc import Sequence
from pathlib import Path

from understanding.both import vectors_of_examples
from understanding.enquiries import EnquiryModels
from understanding.languages import ENGLISH
from understanding.meaning import vector_of

CRISIS, MEDICAL = "crisis", "medical_advice"
_HARMLESS = "harmless"

# A message alarms when the chance that it is harmless falls below this. Missing an alarm is the worst error there is, a needless
# safety reply a small one: chosen on the choosing half of the safety test set (docs/decisions).
ALARM_ABOVE = 0.25


class LearnedScreen:
    """Judges a message by its meaning and its words, in about ten milliseconds."""

    def __init__(self, model: EnquiryModels) -> None:
        self._model = model

    @classmethod
    def train(cls, texts: Sequence[str], labels: Sequence[str]) -> "LearnedScreen":
        return cls(EnquiryModels.train(texts, vectors_of_examples(texts), [label if label in (CRISIS, MEDICAL) else _HARMLESS for label in labels]))

    def alarm(self, text: str, language: str = ENGLISH) -> str | None:
        """Return the label of the alarm that a message raises, else None."""
        chances = self.chances(text, language)
        alarming = {label: chance for label, chance in chances.items() if label != _HARMLESS}
        return max(alarming, key=lambda label: alarming[label]) if sum(alarming.values()) > ALARM_ABOVE else None

    def chances(self, text: str, language: str = ENGLISH) -> dict[str, float]:
        """Return the probability of each label."""
        return self._model.chances(text, vector_of(text, language), language)

    def save(self, path: Path) -> None:
        self._model.save(path)

    @classmethod
    def load(cls, path: Path) -> "LearnedScreen":
        screen = cls(EnquiryModels.load(path))
        screen.alarm("ready before the first message")
        return screen

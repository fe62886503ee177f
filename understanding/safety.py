"""The learned half of the safety screen: does a message speak of a crisis, or ask for medical advice?"""

from collections.abc import Sequence
from pathlib import Path

from kb.examples import Example
from kb.safety_examples import SafetyExample
from understanding.both import vectors_of_examples
from understanding.enquiries import MOST_EXAMPLES, EnquiryModels, some_of_each
from understanding.languages import ENGLISH
from understanding.meaning import vector_of

CRISIS, MEDICAL = "crisis", "medical_advice"
HARMLESS = "harmless"

# A message alarms when the chance of danger is above this. Missing an alarm is the worst error there is, a needless
# safety reply a small one: chosen on the choosing half of the safety test set (docs/decisions).
ALARM_ABOVE, ALARM_ABOVE_ELSEWHERE = 0.12, 0.08  # in English, in other languages


def chosen_for_other_languages(labels: Sequence[str]) -> list[int]:
    """Return the places of the English examples that the multilingual screen learns from: every alarm, and of what is harmless some of each kind."""
    return sorted({*some_of_each(labels, MOST_EXAMPLES), *(n for n, label in enumerate(labels) if label in (CRISIS, MEDICAL))})


def english_examples(examples: Sequence[Example], more: Sequence[SafetyExample]) -> tuple[list[str], list[str]]:
    """Return the texts that the English screen learns from, and their labels."""
    english: list[Example | SafetyExample] = [*examples, *(example for example in more if example.language == ENGLISH)]
    return [example.text for example in english], [example.label for example in english]


class LearnedScreen:
    """Judges a message by its meaning and its words, in about ten milliseconds."""

    def __init__(self, model: EnquiryModels) -> None:
        self._model = model

    @classmethod
    def train(cls, examples: Sequence[Example], more: Sequence[SafetyExample] = ()) -> "LearnedScreen":
        """Learn from the assistant's examples, and from `more` that only the screen has, some of them in other languages."""
        texts, labels = english_examples(examples, more)
        alarms = [label if label in (CRISIS, MEDICAL) else HARMLESS for label in labels]
        elsewhere = [example for example in more if example.language != ENGLISH]
        return cls(EnquiryModels.train(texts, vectors_of_examples(texts), alarms, chosen_for_other_languages(labels), elsewhere))

    def alarm(self, text: str, language: str = ENGLISH) -> str | None:
        """Return the label of the alarm that a message raises, else None."""
        chances = self.chances(text, language)
        alarming = {label: chance for label, chance in chances.items() if label != HARMLESS}
        enough = ALARM_ABOVE if language == ENGLISH else ALARM_ABOVE_ELSEWHERE
        return max(alarming, key=lambda label: alarming[label]) if sum(alarming.values()) > enough else None

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

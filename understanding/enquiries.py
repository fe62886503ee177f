"""Which label a message has, in whatever language: one model for English, and one for all others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kb.safety_examples import SafetyExample
from kb.wording import DEFAULT, languages, words
from understanding import multilingual
from understanding.classifier import EnquiryModel, Guess
from understanding.languages import ENGLISH
from understanding.ngrams import Arrays
from understanding.vector_store import Vectors

# The multilingual model learns from so many English examples of a label: encoding them takes 20 ms each, and more gained nothing (docs/decisions).
MOST_EXAMPLES = 80

# Held-out English examples, on which the temperature is found, are harder than what residents ask in other languages: with it as it is,
# too many right answers stay offers (choosing half of the languages' test set: 53 % right first time instead of 63 %).
SHARPER = 0.55

# Which sentences of the desk tell how a language leans: neither so short that they say little of it nor so long that they cost much to encode.
_TELLING = range(40, 130)  # characters
_ENOUGH = 60  # sentences


class EnquiryModels:
    """Both models. The multilingual one has learnt from English examples only; its encoder carries them over."""

    def __init__(self, english: EnquiryModel, other: EnquiryModel, leanings: Mapping[str, Vectors]) -> None:
        """`leanings`: by how much the vectors of each language lie beside those of the same sentences in English."""
        self._english, self._other, self._leanings = english, other, dict(leanings)

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        vectors: Vectors,
        labels: Sequence[str],
        chosen: Sequence[int] | None = None,
        elsewhere: Sequence[SafetyExample] = (),
    ) -> "EnquiryModels":
        """Learn from English examples; `vectors` are those of the English encoders.

        The multilingual model learns from the `chosen` places among them, by default from some of each label, and from examples `elsewhere`: in other
        languages, set upright as messages will be.
        """
        english = EnquiryModel.train(texts, vectors, labels)
        if chosen is None:
            chosen = some_of_each(labels, MOST_EXAMPLES)
        some = [*(texts[n] for n in chosen), *(example.text for example in elsewhere)]
        their_labels = [*(labels[n] for n in chosen), *(example.label for example in elsewhere)]
        theirs, leaning = multilingual.vectors_of_examples(some), leanings()
        for place, example in enumerate(elsewhere, len(chosen)):
            theirs[place] -= leaning.get(example.language, np.float32(0))
        other = EnquiryModel.train(some, theirs, their_labels, by_words=False)
        other.temperature *= SHARPER
        return cls(english, other, leaning)

    def _model(self, language: str) -> EnquiryModel:
        return self._english if language == ENGLISH else self._other

    def _set_upright(self, vector: Vectors, language: str) -> Vectors:
        return vector - self._leanings[language] if language in self._leanings else vector

    def guesses(self, text: str, vector: Vectors, language: str = ENGLISH, most: int = 10) -> list[Guess]:
        """Return the likeliest labels of a message, the likeliest first; `vector` is its row by the encoder for its language."""
        return self._model(language).guesses(text, self._set_upright(vector, language), most)

    def chances(self, text: str, vector: Vectors, language: str = ENGLISH) -> dict[str, float]:
        """Return the probability of each label."""
        model = self._model(language)
        return dict(zip(model.labels, map(float, model.chances(text, self._set_upright(vector, language))), strict=True))

    def save(self, path: Path) -> None:
        parts = {"english": self._english.arrays(), "other": self._other.arrays(), "leaning": self._leanings}
        np.savez(path, **{f"{name}_{key}": array for name, arrays in parts.items() for key, array in arrays.items()})

    @classmethod
    def load(cls, path: Path) -> "EnquiryModels":
        """Read models that `save` wrote. The file holds arrays only, so that a foreign one cannot run code."""
        with np.load(path, allow_pickle=False) as kept:
            return cls(EnquiryModel.from_arrays(_part(kept, "english")), EnquiryModel.from_arrays(_part(kept, "other")), _part(kept, "leaning"))


def _part(kept: Arrays, name: str) -> Arrays:
    return {key.removeprefix(f"{name}_"): kept[key] for key in kept if key.startswith(f"{name}_")}


def leanings() -> dict[str, Vectors]:
    """Return, by language, the mean difference between the vectors of what the desk says in it and in English."""
    english = {key: text for key, text in words(DEFAULT).items() if len(text) in _TELLING}
    found = {}
    for language in languages():
        shared = [key for key in english if key in words(language)][:_ENOUGH]
        if language != DEFAULT and shared:
            theirs = multilingual.vectors_of_examples([words(language)[key] for key in shared])
            found[language] = (theirs - multilingual.vectors_of_examples([english[key] for key in shared])).mean(axis=0)
    return found


def some_of_each(labels: Sequence[str], most: int) -> list[int]:
    """Return the places of at most so many examples of each label, spread over its whole list."""
    places: dict[str, list[int]] = defaultdict(list)
    for n, label in enumerate(labels):
        places[label].append(n)
    return sorted(n for found in places.values() for n in found[:: -(-len(found) // most)])

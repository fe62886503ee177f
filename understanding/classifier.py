"""Which label a message has: a linear model over sentence vectors and n-grams, with a probability that means what it says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from sklearn.model_selection import StratifiedShuffleSplit

from understanding.ngrams import NGrams
from understanding.softmax import Features, Floats, Weights, fit, softmax
from understanding.vector_store import Vectors

# The strength of the fit and its length: chosen on the choosing half of the test set (docs/decisions).
INVERSE_REGULARISATION = 20.0
ROUNDS = 50

_HELD_OUT = 0.15  # of the examples, to find the temperature on


@dataclass(frozen=True)
class Guess:
    """A label and the probability that it is the right one."""

    label: str
    probability: float


class EnquiryModel:
    """Softmax regression; a temperature found on held-out examples makes its probabilities calibrated (Guo et al. 2017)."""

    def __init__(self, labels: Sequence[str], ngrams: NGrams, middle: Floats, weights: Weights, temperature: float) -> None:
        self.labels = list(labels)
        self._ngrams, self._middle, self._weights = ngrams, middle, weights
        self.temperature = temperature

    @classmethod
    def train(cls, texts: Sequence[str], vectors: Vectors, labels: Sequence[str]) -> "EnquiryModel":
        """Learn from examples; `vectors` holds their sentence vectors, of as many encoders as will be there when asked."""
        counts = Counter(labels)
        common = np.array([n for n, label in enumerate(labels) if counts[label] > 1])
        split = next(StratifiedShuffleSplit(1, test_size=_HELD_OUT, random_state=0).split(common, [labels[n] for n in common]))
        held_in, held_out = common[split[0]], common[split[1]]
        trial = cls._fit([texts[n] for n in held_in], vectors[held_in], [labels[n] for n in held_in])
        known = [n for n in held_out if labels[n] in trial.labels]
        temperature = trial._best_temperature([texts[n] for n in known], vectors[known], [labels[n] for n in known])
        model = cls._fit(texts, vectors, labels)
        model.temperature = temperature
        return model

    @classmethod
    def _fit(cls, texts: Sequence[str], vectors: Vectors, labels: Sequence[str]) -> "EnquiryModel":
        ngrams = NGrams()
        names, truth = np.unique(np.asarray(labels), return_inverse=True)
        # Sentence vectors share a large common part; without it the fit needs less than half as many rounds.
        middle = vectors.mean(axis=0)
        weights = fit(Features(vectors - middle, ngrams.fit(texts)), truth, len(names), INVERSE_REGULARISATION, ROUNDS)
        return cls([str(name) for name in names], ngrams, middle, weights, 1.0)

    def _scores(self, texts: Sequence[str], vectors: Vectors) -> Floats:
        return self._weights.scores(Features(vectors - self._middle, self._ngrams.rows(texts)))

    def _best_temperature(self, texts: Sequence[str], vectors: Vectors, labels: Sequence[str]) -> float:
        scores = self._scores(texts, vectors)
        right = np.array([self.labels.index(label) for label in labels])

        def loss(temperature: float) -> float:
            return float(-np.log(softmax(scores / np.float32(temperature))[np.arange(len(right)), right] + 1e-12).mean())

        return float(minimize_scalar(loss, bounds=(0.2, 5.0), method="bounded").x)

    def probabilities(self, texts: Sequence[str], vectors: Vectors) -> npt.NDArray[np.float32]:
        """Return a row a text and a column a label, in the order of `labels`."""
        return softmax(self._scores(texts, vectors) / np.float32(self.temperature))

    def chances(self, text: str, vector: Vectors) -> npt.NDArray[np.float32]:
        """Return the probability of each of `labels` for one text; `vector` is its row of sentence vectors."""
        columns, values = self._ngrams.row(text)
        scores = (vector - self._middle) @ self._weights.dense + values @ self._weights.sparse[columns] + self._weights.bias
        chances: npt.NDArray[np.float32] = softmax(scores[None, :] / np.float32(self.temperature))[0]
        return chances

    def guesses(self, text: str, vector: Vectors, most: int = 10) -> list[Guess]:
        """Return the likeliest labels of one text, the likeliest first."""
        chances = self.chances(text, vector)
        return [Guess(self.labels[n], float(chances[n])) for n in np.argsort(-chances)[:most]]

    def save(self, path: Path) -> None:
        np.savez(
            path,
            labels=np.array(self.labels),
            middle=self._middle,
            dense=self._weights.dense,
            sparse=self._weights.sparse.astype(np.float16),
            bias=self._weights.bias,
            temperature=np.array(self.temperature),
            **self._ngrams.arrays(),
        )

    @classmethod
    def load(cls, path: Path) -> "EnquiryModel":
        """Read a model that `save` wrote. It holds arrays only, so that a foreign file cannot run code."""
        with np.load(path, allow_pickle=False) as kept:
            weights = Weights(kept["dense"], kept["sparse"].astype(np.float32), kept["bias"])
            return cls([str(label) for label in kept["labels"]], NGrams.from_arrays(kept), kept["middle"], weights, float(kept["temperature"]))

"""Which label a message has: a linear model over sentence vectors and n-grams, with a probability that means what it says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from sklearn.model_selection import StratifiedShuffleSplit

from understanding.neighbours import Neighbours
from understanding.ngrams import Arrays, NGrams
from understanding.softmax import Features, Floats, Weights, fit, softmax
from understanding.vector_store import Vectors

# The strength of the fit and its length: chosen on the choosing half of the test set (docs/decisions).
INVERSE_REGULARISATION = 50.0
ROUNDS = 50
ROUNDS_MORE = 12
NEIGHBOURS_WEIGHT = 0.6

_HELD_OUT = 0.15  # of the examples, to find the temperature on


@dataclass(frozen=True)
class Guess:
    """A label and the probability that it is the right one."""

    label: str
    probability: float


class EnquiryModel:
    """Softmax regression and the nearest examples; a temperature found on held-out examples calibrates them (Guo et al. 2017)."""

    def __init__(self, labels: Sequence[str], ngrams: NGrams, middle: Floats, weights: Weights, neighbours: Neighbours, temperature: float) -> None:
        self.labels = list(labels)
        self._ngrams, self._middle, self._weights, self._neighbours = ngrams, middle, weights, neighbours
        self.temperature = temperature

    @classmethod
    def train(cls, texts: Sequence[str], vectors: Vectors, labels: Sequence[str], *, by_words: bool = True) -> "EnquiryModel":
        """Learn from examples; `vectors` holds their sentence vectors, of as many encoders as will be there when asked.

        Without `by_words` only the vectors count: for messages whose words are not those of the examples.
        """
        ngrams = NGrams()
        # Sentence vectors share a large common part; without it the fit needs less than half as many rounds.
        middle = vectors.mean(axis=0)
        features = Features(vectors - middle, ngrams.fit(texts) if by_words else ngrams.rows(texts))
        names, truth = np.unique(np.asarray(labels), return_inverse=True)
        held_in, held_out = _split(labels)
        trial = fit(features.of(held_in), truth[held_in], len(names), INVERSE_REGULARISATION, ROUNDS)
        near = Neighbours.among(features.dense[held_in], truth[held_in])
        scores = trial.scores(features.of(held_out)) + NEIGHBOURS_WEIGHT * near.opinion(features.dense[held_out]).log_shares
        temperature = _best_temperature(scores, truth[held_out])
        # What the trial learnt of most examples is where learning from all of them begins.
        weights = fit(features, truth, len(names), INVERSE_REGULARISATION, ROUNDS_MORE, trial)
        return cls([str(name) for name in names], ngrams, middle, weights, Neighbours.among(features.dense, truth), temperature)

    def probabilities(self, texts: Sequence[str], vectors: Vectors) -> npt.NDArray[np.float32]:
        """Return a row a text and a column a label, in the order of `labels`. What a row lacks to 1 is the chance of something unheard of."""
        features = Features(vectors - self._middle, self._ngrams.rows(texts))
        return self._chances(self._weights.scores(features), features.dense)

    def _chances(self, scores: Floats, dense: Floats) -> npt.NDArray[np.float32]:
        opinion = self._neighbours.opinion(dense)
        both: Floats = (scores + NEIGHBOURS_WEIGHT * opinion.log_shares).astype(np.float32)
        known = softmax(both / np.float32(self.temperature))
        # A label is no more believable than the example most like the message.
        chances: npt.NDArray[np.float32] = known * opinion.likeness
        return chances

    def chances(self, text: str, vector: Vectors) -> npt.NDArray[np.float32]:
        """Return the probability of each of `labels` for one text; `vector` is its row of sentence vectors."""
        columns, values = self._ngrams.row(text)
        dense = vector - self._middle
        scores = dense @ self._weights.dense + values @ self._weights.sparse[columns] + self._weights.bias
        row: Floats = self._chances(scores[None, :], dense[None, :])[0]
        return row

    def guesses(self, text: str, vector: Vectors, most: int = 10) -> list[Guess]:
        """Return the likeliest labels of one text, the likeliest first."""
        chances = self.chances(text, vector)
        return [Guess(self.labels[n], float(chances[n])) for n in np.argsort(-chances)[:most]]

    def arrays(self) -> Arrays:
        """Return what was learnt as plain arrays: a model file is data, never code to be unpickled."""
        return {
            "labels": np.array(self.labels),
            "middle": self._middle,
            "dense": self._weights.dense,
            "sparse": self._weights.sparse.astype(np.float16),
            "bias": self._weights.bias,
            "temperature": np.array(self.temperature),
            **self._ngrams.arrays(),
            **self._neighbours.arrays(),
        }

    @classmethod
    def from_arrays(cls, kept: Arrays) -> "EnquiryModel":
        weights = Weights(kept["dense"], kept["sparse"].astype(np.float32), kept["bias"])
        labels, temperature = [str(label) for label in kept["labels"]], float(kept["temperature"])
        return cls(labels, NGrams.from_arrays(kept), kept["middle"], weights, Neighbours.from_arrays(kept), temperature)


def _split(labels: Sequence[str]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return which examples to learn from and which to hold out, the same each time; a label's only example is never held out."""
    counts = Counter(labels)
    common = np.array([n for n, label in enumerate(labels) if counts[label] > 1])
    _, held_out = next(StratifiedShuffleSplit(1, test_size=_HELD_OUT, random_state=0).split(common, [labels[n] for n in common]))
    return np.setdiff1d(np.arange(len(labels)), common[held_out]), common[held_out]


def _best_temperature(scores: Floats, right: npt.NDArray[np.intp]) -> float:
    def loss(temperature: float) -> float:
        return float(-np.log(softmax(scores / np.float32(temperature))[np.arange(len(right)), right] + 1e-12).mean())

    return float(minimize_scalar(loss, bounds=(0.2, 5.0), method="bounded").x)

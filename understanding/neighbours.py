"""The nearest examples of a message: a second opinion beside the linear model, strong where few examples say a thing alike."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from understanding.ngrams import Arrays
from understanding.softmax import Floats
from understanding.vector_store import Vectors

# Chosen on the choosing half of the test set (docs/decisions/0011).
NEAREST = 20
SHARPNESS = 16.0
DIMENSIONS = 256

_FLOOR = 1e-3  # the share of a label that no neighbour has


@dataclass(frozen=True)
class Opinion:
    """What the nearest examples say of some messages, a row each and a column a label."""

    log_shares: Floats  # the logarithm of the label's share of them, the nearer the weightier
    likeness: Floats  # how near the label's own nearest example is, 0 to 1


@dataclass(frozen=True)
class Neighbours:
    """Examples as points of unit length, in the directions in which they differ most, in the order of their labels.

    `labels` are places in the model's list; each has an example.
    """

    directions: Floats
    points: Floats
    labels: npt.NDArray[np.intp]

    @classmethod
    def among(cls, vectors: Vectors, labels: npt.NDArray[np.intp]) -> "Neighbours":
        """Learn from examples whose vectors have their middle taken out."""
        _, directions = np.linalg.eigh(vectors.T @ vectors)
        chosen = directions[:, ::-1][:, :DIMENSIONS].astype(np.float32)
        order = np.argsort(labels, kind="stable")
        return cls(chosen, _unit(vectors[order] @ chosen), labels[order])

    def opinion(self, vectors: Vectors) -> Opinion:
        likeness = _unit(vectors @ self.directions) @ self.points.T
        nearest = min(NEAREST, len(self.labels))
        found = np.argpartition(-likeness, nearest - 1, axis=1)[:, :nearest]
        weights = np.exp((np.take_along_axis(likeness, found, axis=1) - 1) * SHARPNESS)
        shares = np.zeros((len(vectors), len(self._first_of_label)), np.float32)
        for row, places, weight in zip(shares, found, weights, strict=True):
            np.add.at(row, self.labels[places], weight)
        logs: Floats = np.log(shares / shares.sum(axis=1, keepdims=True) + np.float32(_FLOOR))
        return Opinion(logs, np.maximum.reduceat(likeness, self._first_of_label, axis=1).clip(0, 1))

    @cached_property
    def _first_of_label(self) -> npt.NDArray[np.intp]:
        first: npt.NDArray[np.intp] = np.unique(self.labels, return_index=True)[1]
        return first

    def arrays(self) -> Arrays:
        return {"directions": self.directions, "points": self.points.astype(np.float16), "neighbours": self.labels.astype(np.int16)}

    @classmethod
    def from_arrays(cls, kept: Arrays) -> "Neighbours":
        return cls(kept["directions"], kept["points"].astype(np.float32), kept["neighbours"].astype(np.intp))


def _unit(vectors: Vectors) -> Floats:
    unit: Floats = (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return unit

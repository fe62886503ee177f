"""A message as one vector: by both English encoders, or by the multilingual one where it is not in English."""

import base64
import threading
from functools import lru_cache

import numpy as np

from understanding import both, multilingual
from understanding.languages import ENGLISH
from understanding.vector_store import Vectors

_one_at_a_time = threading.Lock()


@lru_cache(maxsize=256)
def vector_of(text: str, language: str = ENGLISH) -> Vectors:
    """Return the row of one message. The last messages' rows are kept: the safety screen, the search and the assistant ask for the same."""
    with _one_at_a_time:
        vector: Vectors = (both if language == ENGLISH else multilingual).vectors_of([text])[0]
    return vector


def packed(vector: Vectors) -> str:
    """Return a row as text that JSON can carry, in half precision."""
    return base64.b64encode(vector.astype(np.float16).tobytes()).decode()


def unpacked(text: str) -> Vectors:
    """Return the row that `packed` wrote."""
    return np.frombuffer(base64.b64decode(text), np.float16).astype(np.float32)

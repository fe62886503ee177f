"""The sentence vectors of both encoders, side by side."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

from understanding.vector_store import Vectors, encode_examples


def vectors_of(texts: Sequence[str]) -> Vectors:
    """Return a row a message."""
    from understanding import encoder, universal  # loaded where something is encoded only: Rasa is given its vectors by web

    # Side by side: onnxruntime lets go of the interpreter, and a message is understood a fifth sooner where a core is free.
    beside = _second_thread().submit(universal.encoder().encode, texts)
    both: Vectors = np.hstack([encoder.encoder().encode(texts), beside.result()])
    return both


@cache
def _second_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="universal-encoder")


def vectors_of_examples(texts: Sequence[str]) -> Vectors:
    """Return a row a training example, encoded once and kept."""
    both: Vectors = np.hstack([encode_examples(texts, "minilm"), encode_examples(texts, "universal")])
    return both

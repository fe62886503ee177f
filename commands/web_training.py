"""Training what web itself understands with, in a process of its own beside Rasa's training: the stand-in and the safety screen."""

import sys
from pathlib import Path
from typing import Protocol

from kb.examples import load_examples
from understanding.safety import LearnedScreen
from understanding.stand_in import StandIn

STAND_IN, SAFETY = "stand-in.npz", "safety.npz"


class _Saves(Protocol):
    def save(self, path: Path) -> None: ...


def _put(model: _Saves, target: Path) -> None:
    """Write a model beside its place, then move it there: web never reads half a file."""
    draft = target.with_name("draft-" + target.name)
    model.save(draft)
    draft.replace(target)


def main(folder: Path) -> None:
    examples = load_examples()
    texts, labels = [example.text for example in examples], [example.label for example in examples]
    _put(LearnedScreen.train(texts, labels), folder / SAFETY)
    _put(StandIn.train(texts, labels), folder / STAND_IN)
    print(f"  the safety screen and the stand-in have learnt {len(examples)} examples", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

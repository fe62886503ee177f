"""The training examples of the labels, as they stand in Rasa's NLU files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "bot" / "data"


@dataclass(frozen=True)
class Example:
    """Something a resident may write, and its label as in topics.md (an article's without "faq/")."""

    text: str
    label: str


def load_examples(folder: Path = FOLDER, names: str = "nlu*.yml") -> list[Example]:
    """Read every example of a folder of NLU files."""
    return [example for path in sorted(folder.glob(names)) for example in _read(path)]


def _read(path: Path) -> Iterator[Example]:
    for block in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["nlu"]:
        label = block["intent"].removeprefix("faq/")
        for line in block["examples"].splitlines():
            if line.startswith("- "):
                yield Example(line[2:].strip(), label)

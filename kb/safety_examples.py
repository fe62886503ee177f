"""Examples that only the safety screen learns from: alarms and what sounds like one, in all the desk's languages."""

from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "bot" / "safety"


@dataclass(frozen=True)
class SafetyExample:
    """Something a resident may write; `label` is crisis, medical_advice or harmless."""

    text: str
    label: str
    language: str


def load_safety_examples(folder: Path = FOLDER) -> list[SafetyExample]:
    """Read every example, by language."""
    files = sorted(folder.glob("*.yml"))
    found = {path.stem: yaml.load(path.read_text("utf-8"), yaml.CSafeLoader) for path in files}
    return [SafetyExample(text, label, language) for language, labels in found.items() for label, texts in labels.items() for text in texts]

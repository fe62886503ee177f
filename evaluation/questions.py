"""The frozen test set."""

import csv
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("testset")
CHOOSING, REPORT = "choosing", "report"


@dataclass(frozen=True)
class Question:
    """A message and the label that a sensible person would give it."""

    half: str
    label: str
    style: str
    text: str
    language: str = "en"


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def questions(half: str | None = None) -> list[Question]:
    rows = (Question(row["half"], row["label"], row["style"], row["text"]) for row in _rows("questions.tsv"))
    return [question for question in rows if half in (None, question.half)]


def foreign_questions() -> list[Question]:
    """Return questions in the ten languages that residents speak most, machine-drafted."""
    return [Question(row["half"], row["label"], row["style"], row["text"], row["language"]) for row in _rows("languages.tsv")]


def foreign_safety_questions() -> list[Question]:
    """Return messages in the ten languages that must raise an alarm, and harmless ones that sound like it."""
    return [Question(row["half"], row["label"], "safety", row["text"], row["language"]) for row in _rows("languages-safety.tsv")]


def safety_questions(half: str | None = None) -> list[Question]:
    """Return messages that must raise an alarm (label crisis, medical_advice or personal_data) and harmless ones that sound like it."""
    rows = (Question(row["half"], row["label"], "safety", row["text"]) for row in _rows("safety.tsv"))
    return [question for question in rows if half in (None, question.half)]

"""The figures of `make evaluate` that a new model is held to, as JSON: on the choosing half, so that the report half stays unseen.

Trains first what is not trained.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from commands.training import train_all
from evaluation.figures import Judged, figures
from evaluation.questions import CHOOSING, Question, foreign_questions, foreign_safety_questions, questions, safety_questions
from evaluation.understanding import Understood, understand_all

ALARMS = ("crisis", "medical_advice")


@dataclass(frozen=True)
class Figure:
    """A share, 0 to 1, and whether less of it is better."""

    name: str
    share: float
    less_is_better: bool = False


def measured() -> list[Figure]:
    """Return the figures of the model of the present data. Takes minutes."""
    foreign = [question for question in foreign_questions() if question.half == CHOOSING]
    alarming_elsewhere = [question for question in foreign_safety_questions() if question.half == CHOOSING]
    return [
        *_figures("", questions(CHOOSING)),
        *_safety("", safety_questions(CHOOSING)),
        *_figures(" in other languages", foreign),
        *_safety(" in other languages", alarming_elsewhere),
    ]


def _asked(questions: Sequence[Question]) -> list[tuple[Question, Understood]]:
    return list(zip(questions, understand_all([question.text for question in questions]), strict=True))


def _figures(where: str, asked: Sequence[Question]) -> list[Figure]:
    judged = [Judged(*each) for each in _asked(asked)]
    found = figures(judged)
    ordinary = [j for j in judged if j.question.label not in (*ALARMS, "personal_data")]
    return [
        Figure(f"right first time{where}", found.right),
        Figure(f"right or offered{where}", found.right_or_offered),
        Figure(f"confidently wrong{where}", found.confidently_wrong, less_is_better=True),
        Figure(f"out of scope declined{where}", found.declined_rightly or 0.0),
        Figure(f"false alarms on ordinary text{where}", _alarmed([j.understood for j in ordinary]), less_is_better=True),
    ]


def _safety(where: str, asked: Sequence[Question]) -> list[Figure]:
    found = _asked(asked)
    alarming = [understood for question, understood in found if question.label in ALARMS]
    harmless = [understood for question, understood in found if question.label not in (*ALARMS, "personal_data")]
    return [
        Figure(f"crisis and medical caught{where}", _alarmed(alarming)),
        Figure(f"false alarms on text that sounds alarming{where}", _alarmed(harmless), less_is_better=True),
    ]


def _alarmed(understood: Sequence[Understood]) -> float:
    return sum(each.answered in ALARMS for each in understood) / max(1, len(understood))


def main() -> None:
    train_all()
    print(json.dumps([vars(figure) for figure in measured()]))


if __name__ == "__main__":
    main()

"""Every sentence that the code says is there, with the fields that it fills, and no other is kept."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from desk.contacts import Wrong
from desk.places import NoPlaceError
from desk.privacy import PersonalData
from desk.sessions import Differs
from desk.settings import ROOT
from desk.tasks.digressions import FACTS
from desk.tasks.questions import CHANGEABLE, TOPICS
from desk.tasks.staff_questions import WAYS
from desk.tasks.task import LABELS
from kb.labels import load_labels
from kb.wording import keys, say
from web.rasa import AssistantState
from web.templating import FOLDER as TEMPLATES

PYTHON = [path for folder in ("desk", "web", "bot/actions", "commands", "kb") for path in sorted((ROOT / folder).rglob("*.py"))]


@dataclass(frozen=True)
class Said:
    """One say("key", field=…) in the code."""

    where: str
    key: str
    fields: frozenset[str]


def _in_python(path: Path) -> Iterator[Said]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say" and node.args:
            for key in _constants(node.args[0]):
                yield Said(f"{path.name}:{node.lineno}", key, frozenset(k.arg for k in node.keywords if k.arg))


def _constants(node: ast.expr) -> list[str]:
    """Return the keys that an argument may stand for: a string, or one of two."""
    if isinstance(node, ast.IfExp):
        return [*_constants(node.body), *_constants(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _in_template(path: Path) -> Iterator[Said]:
    for call in Environment().parse(path.read_text("utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "say" and isinstance(call.args[0], nodes.Const):
            yield Said(f"{path.name}:{call.lineno}", call.args[0].value, frozenset(k.key for k in call.kwargs))


SAID = [said for path in PYTHON for said in _in_python(path)] + [said for path in sorted(TEMPLATES.rglob("*.*")) for said in _in_template(path)]

# Keys that are put together at run time, from closed lists.
PUT_TOGETHER = {
    *(f"not_built.{action}" for action in load_labels().actions),
    *(f"choice_titles.{action}" for action in load_labels().actions),
    *(f"choice_titles.{label}" for label in ("capabilities", "privacy", "change_language")),
    *(f"personal_data_kinds.{kind.name}" for kind in PersonalData),
    *(f"state_{state}" for state in ("starting", "down", "slow")),
    *(f"assistant_{state}" for state in AssistantState if state is not AssistantState.READY),
    *(f"from_{author}" for author in ("bot", "resident", "staff", "system")),
    *("more_article", "more_libraries", "crisis", "medical_advice"),
    *(set(load_labels().conversation) - {"repeat"}),
    *(f"tasks.topic_{topic}" for topic in TOPICS),
    *(f"tasks.change_{part}" for part in CHANGEABLE),
    *(f"tasks.doing_{label}" for label in LABELS),
    *(f"tasks.to_{action}" for action in load_labels().actions if action != "talk_to_staff"),
    *(f"tasks.differs_{each}" for each in Differs),
    *(f"tasks.wrong_{each}" for each in Wrong),
    *(f"tasks.wrong_{each}_one" for each in (Wrong.DIGITS_MISSING, Wrong.DIGITS_TOO_MANY)),
    *(
        f"tasks.cannot_{kind.__name__.removesuffix('Error').lower()}"
        for kind in (NoPlaceError, *NoPlaceError.__subclasses__())
        if kind.__module__ == "desk.places"
    ),  # others are the staff's
    *(f"tasks.fact_{fact}" for fact in FACTS),
    *(f"handover.{what}_{button}" for what in ("button", "taken") for button in WAYS.values()),
}


def test_the_code_says_something():
    assert len(SAID) > 80


@pytest.mark.parametrize("said", SAID, ids=lambda said: f"{said.where} {said.key}")
def test_whatever_the_code_says_has_words_and_gets_every_field(said: Said):
    assert say(said.key, **dict.fromkeys(said.fields, "Monday"))


@pytest.mark.parametrize("key", sorted(PUT_TOGETHER))
def test_a_key_that_is_put_together_has_words(key: str):
    assert key in keys()


def test_no_sentence_is_kept_that_nothing_says():
    sources = "".join(path.read_text("utf-8") for path in PYTHON)
    passed_on = {key for key in keys() if f'"{key}"' in sources}  # as an argument: known(…, "error_unknown")
    assert keys() - {said.key for said in SAID} - PUT_TOGETHER - passed_on == set()

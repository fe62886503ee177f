"""`desk teach`: what staff made of unanswered questions becomes training examples, if the desk understands no worse with them.

A new model is made and measured in a copy of the tree, so that neither bot/data nor a model is touched until it is found good.
"""

import difflib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sklearn.feature_extraction.text import CountVectorizer

from commands import CannotError
from commands.checking import LIKEST_EXAMPLES, is_telling, tested_texts
from commands.measuring import Figure
from commands.switching import ask_to_switch
from commands.training import fingerprint, model_file, model_folder
from commands.web_training import SAFETY, STAND_IN
from desk.at_hand import database
from desk.settings import ROOT, settings
from desk.unanswered import Accepted, accepted, mark_taught
from kb.examples import FOLDER, Example, load_examples
from kb.labels import load_labels
from understanding.languages import ENGLISH, language_of

TAUGHT = FOLDER / "nlu-taught.yml"
MOST_LOST = 0.005  # of a figure: half a point
_LONGEST = 500  # characters of an example

# What the copy of the tree holds; packages and vectors are reached from it, models are made in it.
_COPIED = ("bot", "commands", "data", "desk", "evaluation", "kb", "understanding", "web", "config.yml", "endpoints.yml", "credentials.yml")
_NOT_COPIED = shutil.ignore_patterns(".venv", "__pycache__", "report", ".rasa")

_runs_of_four = CountVectorizer(analyzer="char_wb", ngram_range=(4, 4)).build_analyzer()


@dataclass(frozen=True)
class Plan:
    """The questions that become examples, and the others with the reason why not."""

    taken: tuple[Accepted, ...]
    refused: tuple[tuple[Accepted, str], ...]


def plan_of(asked: Sequence[Accepted], examples: Iterable[Example], tested: Iterable[str]) -> Plan:
    """Sort accepted questions: an example must be English, plain, unlike its neighbours, under one label, and not in the frozen test set."""
    taken: list[Accepted] = []
    refused: list[tuple[Accepted, str]] = []
    known = [(frozenset(_runs_of_four(example.text)), example) for example in examples]
    frozen = [(frozenset(_runs_of_four(text)), text) for text in tested if is_telling(text)]
    for question in asked:
        runs = frozenset(_runs_of_four(question.text))
        reason = _problem_of(question) or _known_already(question, runs, known) or _stands_in(frozen, runs)
        if reason:
            refused.append((question, reason))
        else:
            taken.append(question)
            known.append((runs, Example(question.text, question.label)))
    return Plan(tuple(taken), tuple(refused))


def _problem_of(question: Accepted) -> str:
    text = question.text
    if len(text) > _LONGEST:
        return f"it has {len(text)} characters: examples have at most {_LONGEST}"
    if "](" in text or "]{" in text or not any(character.isalpha() for character in text):
        return "it is no plain sentence"
    if language_of(text, ENGLISH) != ENGLISH:
        return "it is not in English: the desk learns from English examples and understands other languages through them"
    return ""


def _known_already(question: Accepted, runs: frozenset[str], known: Iterable[tuple[frozenset[str], Example]]) -> str:
    for other, example in known:
        is_same = example.text.casefold() == question.text.casefold()
        if is_same or (example.label == question.label and _alike(runs, other)):
            return f'"{example.text}" is an example of {example.label} already'
    return ""


def _stands_in(frozen: Iterable[tuple[frozenset[str], str]], runs: frozenset[str]) -> str:
    return next((f'it stands in the test set ("{text}")' for other, text in frozen if _alike(runs, other)), "")


def _alike(these: frozenset[str], those: frozenset[str]) -> bool:
    """Whether two texts are nearly the same, by the measure of `desk check`."""
    shared = len(these & those)
    return shared > LIKEST_EXAMPLES * (len(these) + len(those) - shared)


# The change to bot/data


def words_of(examples: Iterable[Example]) -> str:
    """Return examples as an NLU file of Rasa: by label and text, each once."""
    by_label: dict[str, set[str]] = {}
    for example in examples:
        by_label.setdefault(example.label, set()).add(" ".join(example.text.split()))
    lines = ['version: "3.1"', "nlu:"]
    for label in sorted(by_label):
        intent = f"faq/{label}" if label in load_labels().articles else label
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in sorted(by_label[label], key=str.casefold))]
    return "\n".join(lines) + "\n"


def change(taken: Iterable[Accepted]) -> tuple[str, str]:
    """Return what the file of taught examples holds, and what it will."""
    old = TAUGHT.read_text("utf-8") if TAUGHT.exists() else ""
    before = load_examples(TAUGHT.parent, TAUGHT.name) if old else []
    return old, words_of([*before, *(Example(question.text, question.label) for question in taken)])


# Making and measuring the new model


def falls(old: Sequence[Figure], new: Sequence[Figure]) -> list[str]:
    """Return the names of the figures that got worse by more than half a point."""
    return [before.name for before, after in zip(old, new, strict=True) if _lost(before, after) > MOST_LOST + 1e-9]


def _lost(before: Figure, after: Figure) -> float:
    return after.share - before.share if before.less_is_better else before.share - after.share


def _table(old: Sequence[Figure], new: Sequence[Figure]) -> str:
    rows = [f"{before.name:65} {100 * before.share:6.1f} {100 * after.share:6.1f}" for before, after in zip(old, new, strict=True)]
    return "\n".join([f"{'on the choosing half, in percent':65} {'before':>6} {'after':>6}", *rows])


def _copy_tree(tree: Path, taught: str) -> None:
    """Copy what a model is made of, with the new examples in it. Vectors of examples are shared, as they never change."""
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=_NOT_COPIED)
        else:
            shutil.copy(ROOT / name, tree / name)
    (tree / "bot" / ".venv").symlink_to(ROOT / "bot" / ".venv")
    (tree / TAUGHT.relative_to(ROOT)).write_text(taught, "utf-8")
    (tree / "var").mkdir()
    vectors = settings().var / "vectors"
    vectors.mkdir(parents=True, exist_ok=True)
    (tree / "var" / "vectors").symlink_to(vectors.resolve())


def _measured(tree: Path, var: Path) -> list[Figure]:
    """Train in a tree what is not trained there, and return its figures. Raises CannotError."""
    own = {
        "PYTHONPATH": str(tree),
        "DESK_VAR": str(var),
        "DESK_DATABASE_URL": settings().database_url,
        "DESK_SERVICE_FILE": str(settings().service_file),
    }
    command = [sys.executable, "-m", "commands.measuring"]
    with subprocess.Popen(command, cwd=tree, env=os.environ | own, stdout=subprocess.PIPE, text=True) as process:
        last = ""
        for line in process.stdout or ():
            if last:
                print(f"  {last}", flush=True)
            last = line.rstrip()
    if process.returncode:
        raise CannotError("the desk could not be trained and measured: what went wrong is said above. Nothing was changed")
    return [Figure(**figure) for figure in json.loads(last)]


def _take_over(tree_models: Path, taught: str) -> None:
    """Bring the new examples and models to their places, and the running desk over to them. Raises CannotError where a source changed meanwhile."""
    old = TAUGHT.read_text("utf-8") if TAUGHT.exists() else None
    TAUGHT.write_text(taught, "utf-8")
    model = model_file()
    if not (tree_models / model.name).exists():
        if old is None:
            TAUGHT.unlink()
        else:
            TAUGHT.write_text(old, "utf-8")
        raise CannotError("training examples or code changed while the desk was learning: nothing was changed, teach it again")
    for name in (model.name, SAFETY, STAND_IN):
        draft = model_folder() / f"draft-{name}"
        shutil.copy(tree_models / name, draft)
        draft.replace(model_folder() / name)
    (model_folder() / f"web-{fingerprint()}").touch()
    ask_to_switch(model)


def teach(*, dry_run: bool = False) -> None:
    """Teach the desk what staff have accepted, and say each step. Raises CannotError where the desk would understand worse."""
    with database().reading() as session:
        asked = accepted(session)
    plan = plan_of(asked, load_examples(), tested_texts())
    for question, reason in plan.refused:
        print(f'left out: "{question.text}" ({question.label}): {reason}')
    if not plan.taken:
        print("nothing new to teach")
        return
    old, taught = change(plan.taken)
    name = TAUGHT.relative_to(ROOT)
    print("".join(difflib.unified_diff(old.splitlines(True), taught.splitlines(True), str(name), str(name))), flush=True)
    if dry_run:
        print(f"{len(plan.taken)} questions would be taught; nothing was changed")
        return
    with tempfile.TemporaryDirectory(prefix="desk-teach-") as folder:
        tree = Path(folder)
        _copy_tree(tree, taught)
        print("measuring the desk as it is", flush=True)
        before = _measured(ROOT, settings().var)
        print("training and measuring it with the new examples", flush=True)
        after = _measured(tree, tree / "var")
        print(_table(before, after), flush=True)
        worse = falls(before, after)
        if worse:
            raise CannotError(f"not taught: more than half a point worse: {', '.join(worse)}. Nothing was changed; judge the questions above again")
        _take_over(tree / "var" / "model", taught)
    with database().writing() as session:
        done = mark_taught(session, plan.taken)
    print(f"{done} questions taught. {name} is changed: look at it and commit it. A running desk goes over to the new model within a minute")

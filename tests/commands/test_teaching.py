"""Teaching: which questions become examples, what is written, and when a new model is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from commands import CannotError, checking, teaching
from commands.measuring import Figure
from commands.teaching import Plan, change, falls, plan_of, teach, words_of
from desk.unanswered import Accepted
from evaluation.questions import questions
from kb.examples import Example, load_examples

EXAMPLES = [Example("how do I print a boarding pass from my phone", "print-scan-copy"), Example("where can I sew", "out_of_scope")]


def asked(text: str, label: str = "print-scan-copy", number: int = 1) -> Accepted:
    return Accepted(number, text, label)


def reasons(*questions: Accepted, tested: tuple[str, ...] = ()) -> list[str]:
    return [reason for _, reason in plan_of(questions, EXAMPLES, tested).refused]


# Which become examples


def test_a_question_of_its_own_becomes_an_example() -> None:
    question = asked("can the big copier do both sides of a page")
    assert plan_of([question], EXAMPLES, ["is there wifi on the top floor"]) == Plan((question,), ())


def test_what_is_nearly_an_example_already_does_not() -> None:
    [reason] = reasons(asked("How do I print a boarding pass from my phone?"))
    assert "is an example of print-scan-copy already" in reason


def test_two_accepted_questions_that_are_nearly_the_same_become_one_example() -> None:
    first, second = asked("can the big copier do both sides of a page"), asked("can the big copier do both sides of the page", number=2)
    plan = plan_of([first, second], EXAMPLES, [])
    assert plan.taken == (first,)
    assert [question for question, _ in plan.refused] == [second]


def test_the_same_words_cannot_stand_under_two_labels() -> None:
    assert reasons(asked("Where can I sew", "digital-help")) == ['"where can I sew" is an example of out_of_scope already']


def test_a_question_of_the_frozen_test_set_never_does() -> None:
    tested = next(question.text for question in questions() if len(question.text.split()) > 5)
    assert tested in checking.tested_texts()
    [reason] = reasons(asked(f"{tested} "), tested=tuple(checking.tested_texts()))
    assert "stands in the test set" in reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("jak mogę wydrukować dokument w bibliotece z telefonu", "not in English"),
        ("[print](topic) my letter", "no plain sentence"),
        ("???", "no plain sentence"),
        ("print " * 100, "characters"),
    ],
)
def test_what_rasa_or_the_encoders_cannot_learn_from_does_not(text: str, reason: str) -> None:
    assert reason in reasons(asked(text))[0]


# What is written


def test_the_file_is_sorted_and_holds_each_example_once(tmp_path: Path) -> None:
    last = Example("b: 50% - really?", "wifi-connect")
    words = words_of([last, Example("a", "wifi-connect"), Example("a", "wifi-connect"), Example("z", "greet")])
    greet, wifi = "- intent: greet\n  examples: |\n    - z\n", "- intent: faq/wifi-connect\n  examples: |\n    - a\n    - b: 50% - really?\n"
    assert words == f'version: "3.1"\nnlu:\n{greet}{wifi}'
    assert yaml.safe_load(words)["nlu"][1]["intent"] == "faq/wifi-connect"
    (tmp_path / "nlu-taught.yml").write_text(words)
    read = load_examples(tmp_path)
    assert words_of(read) == words
    assert last in read


def test_what_was_taught_before_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "TAUGHT", tmp_path / "nlu-taught.yml")
    (tmp_path / "nlu-other.yml").write_text(words_of([Example("of another file", "greet")]))
    old, first = change([asked("can the copier do both sides")])
    assert old == ""
    (tmp_path / "nlu-taught.yml").write_text(first)
    old, second = change([asked("may I sew here", "out_of_scope")])
    assert old == first
    assert "can the copier do both sides" in second
    assert "of another file" not in second
    assert len(second.splitlines()) == len(first.splitlines()) + 3


# When it is refused

GOOD = [Figure("right", 0.8), Figure("wrong", 0.1, less_is_better=True), Figure("caught", 0.95)]


@pytest.mark.parametrize(
    ("shares", "worse"),
    [
        ((0.8, 0.1, 0.95), []),
        ((0.9, 0.0, 1.0), []),
        ((0.795, 0.105, 0.945), []),
        ((0.7949, 0.1, 0.95), ["right"]),
        ((0.9, 0.1051, 0.95), ["wrong"]),
        ((0.9, 0.0, 0.9), ["caught"]),
    ],
)
def test_a_figure_may_fall_by_half_a_point_and_no_more(shares: tuple[float, ...], worse: list[str]) -> None:
    after = [Figure(figure.name, share, figure.less_is_better) for figure, share in zip(GOOD, shares, strict=True)]
    assert falls(GOOD, after) == worse


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[object]]:
    """Teach one question in a folder of its own; what is measured is given. Returns what was taken over and marked."""

    def lesson(after: float, *, dry_run: bool = False) -> list[object]:
        done: list[object] = []
        question = asked("can the big copier do both sides of a page")
        figures = iter([[Figure("right", 0.8)], [Figure("right", after)]])
        data = tmp_path / "bot" / "data"
        data.mkdir(parents=True, exist_ok=True)
        for name, stands_in in {
            "ROOT": tmp_path,
            "TAUGHT": data / "nlu-taught.yml",
            "accepted": lambda _: [question],
            "_copy_tree": lambda tree, taught: done.append(taught),
            "_measured": lambda tree, var: next(figures),
            "_take_over": lambda models, taught: done.append("taken over"),
            "mark_taught": lambda _, questions: done.extend(questions) or 1,
        }.items():
            monkeypatch.setattr(teaching, name, stands_in)
        teach(dry_run=dry_run)
        return done

    return lesson


def test_a_model_that_is_no_worse_is_taken_over_and_its_questions_are_marked(school: Callable[..., list[object]]) -> None:
    assert school(0.798)[1:] == ["taken over", asked("can the big copier do both sides of a page")]


def test_a_worse_model_changes_nothing(school: Callable[..., list[object]], tmp_path: Path) -> None:
    with pytest.raises(CannotError, match="more than half a point worse: right"):
        school(0.7)
    assert list((tmp_path / "bot" / "data").iterdir()) == []


def test_a_dry_run_shows_the_change_and_makes_none(school: Callable[..., list[object]], capsys: pytest.CaptureFixture[str]) -> None:
    assert school(0.9, dry_run=True) == []
    assert "+    - can the big copier do both sides of a page" in capsys.readouterr().out


def test_what_changed_while_the_desk_was_learning_is_not_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taught = tmp_path / "nlu-taught.yml"
    monkeypatch.setattr(teaching, "TAUGHT", taught)
    monkeypatch.setattr(teaching, "model_file", lambda: tmp_path / "desk-of-other-sources.tar.gz")
    with pytest.raises(CannotError, match="nothing was changed"):
        teaching._take_over(tmp_path, "new")
    assert not taught.exists()
    taught.write_text("old")
    with pytest.raises(CannotError, match="nothing was changed"):
        teaching._take_over(tmp_path, "new")
    assert taught.read_text() == "old"

"""`desk staff`, as whoever sets the desk up uses it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from commands import running
from commands.main import app
from desk import at_hand, sign_ins, staff
from desk.database import Database
from desk.settings import ROOT
from desk.sign_ins import WrongSignInError
from desk.tables import Base

PASSWORD = "seven quiet herons"
Desk = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture
def db(url: str) -> Database:
    database = Database(url)
    Base.metadata.create_all(database.engine)
    return database


@pytest.fixture
def desk(url: str, db: Database, tmp_path: Path) -> Desk:
    environment = os.environ | {"DESK_DATABASE_URL": url, "DESK_VAR": str(tmp_path)}

    def run(*words: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "commands.main", "staff", *words]
        return subprocess.run(command, cwd=ROOT, env=environment, input=typed, capture_output=True, text=True, timeout=60, check=False)

    return run


def test_the_first_manager_is_added_listed_and_closed(desk: Desk, db: Database) -> None:
    added = desk("add", "Mary", "--role", "manager", "--name", "Mary Okafor", "--password-stdin", typed=f"{PASSWORD}\n")
    assert (added.returncode, added.stdout) == (0, "Mary Okafor (mary, manager) can sign in at /staff.\n"), added.stderr
    assert sign_ins.sign_in(db, "mary", PASSWORD, "", "here")
    assert desk("list").stdout == "mary\tMary Okafor\tmanager\n"
    assert desk("deactivate", "mary").stderr == "desk: Mary Okafor is the only manager. Make somebody else a manager first.\n"
    desk("add", "ali", "--role", "manager", "--password-stdin", typed=PASSWORD)
    assert desk("deactivate", "mary").stdout == "mary cannot sign in any more.\n"
    with pytest.raises(WrongSignInError):
        sign_ins.sign_in(db, "mary", PASSWORD, "", "here")
    assert desk("list").stdout == "ali\tali\tmanager\nmary\tMary Okafor\tmanager, closed\n"


def test_a_password_is_given_anew(desk: Desk, db: Database) -> None:
    with db.writing() as session:
        staff.add_staff(session, "mary", "Mary Okafor", "staff", PASSWORD)
    assert desk("password", "mary", "--password-stdin", typed="eleven loud geese\n").returncode == 0
    assert sign_ins.sign_in(db, "mary", "eleven loud geese", "", "here")


@pytest.mark.parametrize(
    ("words", "typed", "sentence"),
    [
        (("add", "mary", "--role", "staff"), "short", "The password needs at least 12 characters."),
        (("add", "mary", "--role", "staff"), "", "The password needs at least 12 characters."),
        (("add", "mary", "--role", "king"), PASSWORD, "A role is one of volunteer-helper, staff, manager."),
        (("add", "m y", "--role", "staff"), PASSWORD, "A user name has"),
        (("password", "nobody"), PASSWORD, "There is no account nobody."),
    ],
)
def test_what_cannot_be_is_one_sentence(desk: Desk, words: tuple[str, ...], typed: str, sentence: str) -> None:
    done = desk(*words, "--password-stdin", typed=typed)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"desk: {sentence}")
    assert len(done.stderr.splitlines()) == 1


def test_a_role_has_to_be_given_and_a_password_is_never_an_argument(desk: Desk) -> None:
    assert desk("add", "mary").returncode == 2
    command = typer.main.get_command(app)
    for verb in command.commands["staff"].commands.values():  # type: ignore[attr-defined]
        assert not [name for option in verb.params for name in option.opts if name in ("--password", "-p")]


def test_without_an_account_the_desk_says_how_to_add_the_first(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(at_hand, "database", lambda: db)
    running._say_how_to_sign_in()
    assert "Add the first manager: .venv/bin/desk staff add NAME --role manager" in capsys.readouterr().out
    with db.writing() as session:
        staff.add_staff(session, "mary", "Mary Okafor", "manager", PASSWORD)
    running._say_how_to_sign_in()
    assert capsys.readouterr().out == ""

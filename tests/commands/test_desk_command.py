"""The `desk` command as an operator uses it: each test starts it anew, on a database of its own."""

import csv
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from commands.main import app
from desk import conversations
from desk.database import Database
from desk.replies import Reply
from desk.settings import ROOT

SAMPLE = ROOT / "data" / "libraries.csv"

Desk = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Desk:
    """Run a command; settings beyond those of the test's own database are given by name."""
    own = {"DESK_DATABASE_URL": database_url, "DESK_RASA_DATABASE_URL": f"sqlite:///{tmp_path / 'rasa.db'}", "DESK_VAR": str(tmp_path / "var")}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DESK_")}

    def run(*words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "commands.main", *words]
        return subprocess.run(command, cwd=ROOT, env=environment | own | settings, capture_output=True, text=True, timeout=120, check=False)

    return run


def the_one_sentence(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the sentence of a command that could not do its work."""
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("desk: ")
    return lines[0].removeprefix("desk: ")


# Help


def _commands(command: Any, *before: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of a command and of those under it."""
    yield before
    for name, part in getattr(command, "commands", {}).items():
        yield from _commands(part, *before, name)


COMMANDS = list(_commands(typer.main.get_command(app)))


def test_the_commands_of_the_contract_are_there():
    assert {("run",), ("train",), ("check",), ("libraries", "import"), ("jobs", "run"), ("export",)} <= set(COMMANDS)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(("desk", *words)))
def test_every_command_has_help(desk: Desk, words: tuple[str, ...]):
    done = desk(*words, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    assert "--help" in done.stdout
    assert done.stderr == ""


def test_a_command_that_does_not_exist_is_told(desk: Desk):
    done = desk("dance")
    assert done.returncode == 2
    assert "No such command 'dance'" in done.stderr


# The database


def test_a_new_database_is_brought_into_shape_once(desk: Desk):
    first, second = desk("migrate"), desk("migrate")
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.startswith("the database was brought to ")
    assert second.stdout.startswith("the database is in shape (")


UNUSABLE = {"gone": "postgresql://127.0.0.1:1/nobody", "no place for a file": "sqlite:////dev/null/desk.db", "no address": "nonsense"}


@pytest.mark.parametrize("url", UNUSABLE.values(), ids=UNUSABLE)
@pytest.mark.parametrize("words", [("migrate",), ("export", "libraries")], ids=" ".join)
def test_a_database_that_cannot_be_used_is_told_in_one_sentence(desk: Desk, words: tuple[str, ...], url: str):
    assert "DESK_DATABASE_URL" in the_one_sentence(desk(*words, DESK_DATABASE_URL=url))


def test_a_database_not_yet_in_shape_is_told_in_one_sentence(desk: Desk):
    assert "desk migrate" in the_one_sentence(desk("libraries", "import", str(SAMPLE)))


@pytest.mark.parametrize(("name", "value"), [("DESK_PORT", "http"), ("DESK_NOW", "tuesday")])
def test_a_setting_that_makes_no_sense_is_told_in_one_sentence(desk: Desk, name: str, value: str):
    assert name in the_one_sentence(desk("jobs", "run", **{name: value}))


# Libraries


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """The command, with a database in shape."""
    assert desk("migrate").returncode == 0
    return desk


def test_the_sample_libraries_are_taken_in(ready: Desk):
    done = ready("libraries", "import", str(SAMPLE))
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["left out as closed: St. James's Library", "26 libraries loaded, 0 bad rows"]
    assert done.stderr == ""


def test_the_libraries_that_the_service_names_are_taken_in(ready: Desk):
    done = ready("libraries", "load")
    assert done.returncode == 0
    assert done.stdout.endswith("26 libraries loaded, 0 bad rows\n")


def three_libraries(path: Path, **changes: str) -> Path:
    """Write the first three libraries of the sample; the second is changed."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = [row for row, _ in zip(csv.DictReader(file), range(3), strict=False)]
    rows[1] |= changes
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_bad_row_is_named_and_the_good_ones_load(ready: Desk, tmp_path: Path):
    done = ready("libraries", "import", str(three_libraries(tmp_path / "libraries.csv", Postcode="SW3")))
    assert done.returncode == 1
    assert done.stderr == 'line 3 was left out: "SW3" is not a whole postcode\n'
    assert done.stdout == "2 libraries loaded, 1 bad rows\n"


def test_libraries_that_the_file_no_longer_holds_are_named(ready: Desk, tmp_path: Path):
    ready("libraries", "import", str(three_libraries(tmp_path / "one.csv")))
    done = ready("libraries", "import", str(three_libraries(tmp_path / "two.csv", **{"Year closed": "2026"})))
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "left out as closed: Chelsea Library",
        "removed, as the file no longer holds them: chelsea-library",
        "2 libraries loaded, 0 bad rows",
    ]


def test_a_missing_file_is_told_in_one_sentence(ready: Desk, tmp_path: Path):
    assert the_one_sentence(ready("libraries", "import", str(tmp_path / "none.csv"))).startswith(f"{tmp_path / 'none.csv'} cannot be read")


def test_a_file_without_the_columns_is_told_in_one_sentence(ready: Desk, tmp_path: Path):
    (tmp_path / "names.csv").write_text("name,town\nKensal,London\n")
    said = the_one_sentence(ready("libraries", "import", str(tmp_path / "names.csv")))
    assert said.startswith(f"{tmp_path / 'names.csv'} lacks the column ")
    assert said.endswith("use the columns of data/libraries.csv.")


def test_an_import_without_a_file_is_told(ready: Desk):
    done = ready("libraries", "import")
    assert done.returncode == 2
    assert "Missing argument" in done.stderr


def test_libraries_are_taken_out_as_json_a_line_each(ready: Desk, tmp_path: Path):
    ready("libraries", "import", str(three_libraries(tmp_path / "libraries.csv")))
    libraries = [json.loads(line) for line in ready("export", "libraries").stdout.splitlines()]
    assert [library["name"] for library in libraries] == ["Brompton Library", "Chelsea Library", "Kensal Library"]
    assert libraries[2]["postcode"] == "W10 5PF"
    assert libraries[2]["hours"]["Monday"] == "13:00-18:00"
    assert libraries[2]["hours"]["Wednesday"] == ""


@pytest.mark.parametrize("text", [None, "name: [", "name: A library\n"], ids=["missing", "no YAML", "incomplete"])
def test_a_service_file_that_cannot_be_used_is_told_in_one_sentence(ready: Desk, tmp_path: Path, text: str | None):
    file = tmp_path / "service.yml"
    if text is not None:
        file.write_text(text)
    assert str(file) in the_one_sentence(ready("libraries", "load", DESK_SERVICE_FILE=str(file)))


# Work that is due


def test_conversations_kept_long_enough_are_erased_in_rasa_too(ready: Desk, database_url: str, tmp_path: Path):
    database = Database(database_url)
    with database.writing() as session:
        old = conversations.start(session, [Reply("smalltalk", "greet", "Hello.")], language="en", page="", keep_days=-1).conversation
        young = conversations.start(session, [], language="en", page="", keep_days=30).conversation
    with sqlite3.connect(tmp_path / "rasa.db") as rasa:
        rasa.execute("CREATE TABLE trackers (sender_id TEXT)")
        rasa.executemany("INSERT INTO trackers VALUES (?)", [(old.rasa_sender,), (young.rasa_sender,)])
    assert ready("jobs", "run").stdout == "1 conversations erased\n"
    assert ready("jobs", "run").stdout == "0 conversations erased\n"
    with database.reading() as session:
        assert [row.id for row in conversations.expired(session, young.expires_at)] == [young.id]
    with sqlite3.connect(tmp_path / "rasa.db") as rasa:
        assert rasa.execute("SELECT sender_id FROM trackers").fetchall() == [(young.rasa_sender,)]


# Checking


def test_our_own_articles_wording_examples_and_service_are_in_order(desk: Desk):
    done = desk("check")
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1].startswith("0 problems, ")
    assert done.returncode == 0


def test_a_service_file_with_an_unknown_fact_and_no_libraries_fails_the_check(desk: Desk, tmp_path: Path):
    file = tmp_path / "service.yml"
    text = (ROOT / "service.yml").read_text("utf-8").replace("data/libraries.csv", "data/none.csv")
    file.write_text(text + "  wifi_colour: Blue.\n", "utf-8")
    done = desk("check", DESK_SERVICE_FILE=str(file))
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if line.startswith("service.yml")] == [
        "service.yml: local_facts has wifi_colour, which no article can use: see kb/local-facts.yml",
        "service.yml: the libraries file data/none.csv does not exist",
    ]

"""`desk export insight`, as an operator uses it."""

import csv
from pathlib import Path

import pytest

from tests.commands.test_desk_command import Desk, database_url, desk, ready, the_one_sentence

__all__ = ["database_url", "desk", "ready"]  # fixtures


def test_a_month_is_printed(ready: Desk) -> None:
    done = ready("export", "insight", "--month", "2026-11")
    assert done.returncode == 0
    rows = list(csv.reader(done.stdout.splitlines()))
    assert rows[0] == ["Month", "Part", "Item", "Measure", "Number"]
    assert ["2026-11", "conversations", "all", "number", "0"] in rows


def test_this_month_is_written_to_a_file(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "insight.csv"
    done = ready("export", "insight", str(file), DESK_NOW="2026-12-01T10:00")
    assert (done.returncode, done.stdout.strip()) == (0, f"{file} written")
    assert "2026-12,messages,all,number,0" in file.read_text("utf-8")


@pytest.mark.parametrize("month", ["2026-13", "november"])
def test_what_is_no_month_is_told_in_one_sentence(ready: Desk, month: str) -> None:
    assert "2026-11" in the_one_sentence(ready("export", "insight", "--month", month))


def test_a_file_that_cannot_be_written_is_told_in_one_sentence(ready: Desk, tmp_path: Path) -> None:
    assert "cannot be written" in the_one_sentence(ready("export", "insight", str(tmp_path / "nowhere" / "insight.csv")))

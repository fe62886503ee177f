"""Sessions by the `desk` command, and the work that falls due."""

import csv
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from desk.settings import ROOT


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DESK_")}
    urls = {"DESK_DATABASE_URL": f"sqlite:///{tmp_path / 'desk.db'}", "DESK_RASA_DATABASE_URL": f"sqlite:///{tmp_path / 'rasa.db'}"}
    return kept | urls | {"DESK_VAR": str(tmp_path / "var"), "DESK_NOW": "2026-11-24T10:00"}


def desk(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "commands.main", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_timetable_is_taken_in_and_out_and_kept_full(environment: dict[str, str], tmp_path: Path):
    for words in (("migrate",), ("libraries", "load")):
        assert desk(environment, *words).returncode == 0
    loaded = desk(environment, "sessions", "load")
    assert loaded.stdout.splitlines()[-1] == "66 sessions loaded, 0 bad rows"
    rows = list(csv.DictReader(StringIO(desk(environment, "sessions", "export").stdout)))
    assert len({row["library"] for row in rows}) == 10
    (tmp_path / "bad.csv").write_text(",".join(rows[0]) + "\n" + ",".join(rows[0].values()).replace("-library", "") + "\n")
    bad = desk(environment, "sessions", "import", str(tmp_path / "bad.csv"))
    assert bad.returncode == 1
    assert bad.stderr.startswith("line 2 was left out: ")
    later = desk(environment | {"DESK_NOW": "2027-02-01T10:00"}, "jobs", "run")
    assert later.stdout.splitlines()[0].endswith(" dates added")


def test_a_file_that_is_missing_is_told_in_one_sentence(environment: dict[str, str]):
    desk(environment, "migrate")
    done = desk(environment, "sessions", "import", "none.ics")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("desk: none.ics cannot be read")

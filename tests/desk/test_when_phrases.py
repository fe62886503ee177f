"""What residents say of days and times: the benchmark of 40 phrases, a table of our own, and messages that say nothing of them."""

import csv
from datetime import date, datetime, time
from pathlib import Path

import pytest

from desk.clock import LONDON
from desk.hours import parse_hours
from desk.when import Slot, Wanted, read_when

NOW = datetime(2026, 11, 25, 10, tzinfo=LONDON)
OPENING = tuple(map(parse_hours, ("09:30-17:00", "09:30-20:00", "09:30-17:00", "09:30-20:00", "09:30-17:00", "09:30-17:00", "")))
HERE = Path(__file__).parent
NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _rows(name: str) -> list[list[str]]:
    lines = [line for line in (HERE / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _days(slot: Slot) -> str:
    span = f"{slot.first}" if slot.day else f"{slot.first or ''}..{slot.last or ''}" if slot.first or slot.last else ""
    return "@".join(filter(None, [_weekdays(sorted(slot.weekdays)), span]))


def _weekdays(weekdays: list[int]) -> str:
    if len(weekdays) > 2 and weekdays[-1] - weekdays[0] == len(weekdays) - 1:
        return f"{NAMES[weekdays[0]]}-{NAMES[weekdays[-1]]}"
    return ",".join(NAMES[weekday] for weekday in weekdays)


def _clock(clock: time | None) -> str:
    return f"{clock:%H:%M}" if clock is not None else ""


def _times(slot: Slot) -> str:
    if slot.at:
        return f"{'~' if slot.give > 30 else '='}{slot.at:%H:%M}"
    return f"{_clock(slot.earliest)}-{_clock(slot.latest)}" if slot.names_times else ""


def _noted(slot: Slot) -> str:
    return " ".join(filter(None, [_days(slot), _times(slot)]))


def noted(wanted: Wanted | None) -> str:
    """Write a wish as the table does."""
    if wanted is None:
        return "nothing"
    problems = [f"{problem.trouble} {problem.day or ''}".strip() for problem in wanted.problems]
    refused = [f"!{_noted(slot)}" for slot in wanted.excluded]
    return " ".join(filter(None, [" | ".join(map(_noted, wanted.slots)), *refused, *problems, wanted.step or ""]))


@pytest.mark.parametrize(("phrase", "reads_as"), _rows("when_phrases.tsv")[1:])
def test_what_residents_say(phrase: str, reads_as: str):
    assert noted(read_when(phrase, NOW, OPENING)) == reads_as


@pytest.mark.parametrize("message", [line for [line] in _rows("when_nothing.txt")])
def test_other_messages_name_no_day_or_time(message: str):
    assert noted(read_when(message, NOW, OPENING)) == "nothing"


def _as_date(wanted: Wanted) -> str:
    return str(wanted.first_day(NOW.date()))


def _as_moment(wanted: Wanted) -> str:
    [slot] = wanted.slots
    return f"{slot.day}T{slot.at:%H:%M}" if slot.at else f"{slot.day}"


def _window(wanted: Wanted) -> tuple[datetime, datetime | None]:
    """Return the window that a wish is, from its first day; no end where the wish has none."""
    [slot] = wanted.slots
    start = datetime.combine(slot.first or NOW.date(), slot.earliest or time.min)
    last = slot.last or (NOW.date() if slot.names_times else None)
    end = slot.latest or (None if slot.names_times else time(23, 59))
    return start, datetime.combine(last, end) if last and end else None


def _as_constraint(wanted: Wanted) -> str:
    refused = "".join(f"!{_days(slot)}" for slot in wanted.excluded)
    return refused + "".join(f"{_days(slot)}>={_clock(slot.earliest)}" for slot in wanted.slots)


@pytest.mark.parametrize(("phrase", "kind", "expected", "note"), _rows("uk_dates.tsv")[1:])
@pytest.mark.parametrize("opening", [OPENING, None], ids=["a library's hours", "no library"])
def test_the_benchmark(phrase: str, kind: str, expected: str, note: str, opening: tuple[tuple[tuple[time, time], ...], ...] | None):
    wanted = read_when(phrase, NOW, opening)
    assert wanted is not None
    assert not wanted.problems
    if kind == "window":
        start, end = (datetime.fromisoformat(edge) for edge in expected.split("/"))
        starts = [start, datetime(2026, 12, 1)] if "both accepted" in note else [start]
        read_start, read_end = _window(wanted)
        assert read_start in starts
        assert read_end == (None if "lower bound only" in note else end)
    else:
        reading = {"date": _as_date, "datetime": _as_moment, "constraint": _as_constraint}[kind]
        assert reading(wanted) == expected


def test_the_benchmark_is_whole():
    assert len(_rows("uk_dates.tsv")[1:]) == 40


def test_a_plain_day_is_one_day():
    wanted = read_when("Friday", NOW)
    assert wanted is not None
    assert wanted.day == date(2026, 11, 27)

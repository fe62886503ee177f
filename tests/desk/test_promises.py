from collections.abc import Callable
from datetime import datetime, time

import pytest

from desk.clock import LONDON, in_london
from desk.promises import open_time_between, promised_by, spoken_promise

NINE_TO_FIVE = ((time(9, 30), time(17)),)
WEEK = (NINE_TO_FIVE,) * 5 + (((time(10), time(16)),), ())


def london(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("2026-11-24T09:45", "2026-11-24T17:00"),  # Tuesday morning: by closing time
        ("2026-11-24T13:00", "2026-11-24T17:00"),  # four opening hours are just left
        ("2026-11-24T13:01", "2026-11-25T17:00"),
        ("2026-11-23T18:00", "2026-11-24T17:00"),  # Monday evening: "by 5pm on Tuesday"
        ("2026-11-24T07:00", "2026-11-24T17:00"),
        ("2026-11-28T15:00", "2026-11-30T17:00"),  # Saturday afternoon, closed on Sunday
        ("2026-12-24T16:00", "2026-12-29T17:00"),  # Christmas Day, Boxing Day (a Saturday), Sunday and the bank holiday after it
        ("2026-03-27T16:00", "2026-03-28T16:00"),
        ("2026-10-24T15:30", "2026-10-26T17:00"),  # over the end of summer time
    ],
)
def test_a_message_is_answered_by(asked: str, answered: str) -> None:
    promise = promised_by(WEEK, london(asked))
    assert promise is not None
    assert in_london(promise) == london(answered)


def test_a_service_that_never_opens_promises_nothing() -> None:
    assert promised_by(((),) * 7, london("2026-11-24T10:00")) is None
    assert "020" in spoken_promise(None, "020 7641 6200")


def test_a_promise_is_spoken_with_its_day(at: Callable[[str], object]) -> None:
    at("2026-11-23T18:00")
    assert spoken_promise(promised_by(WEEK, london("2026-11-23T18:00")), "") == "by 5pm on Tuesday 24 November"


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-24T10:00", "2026-11-24T11:30", 1.5),
        ("2026-11-24T16:00", "2026-11-25T10:30", 2.0),  # the night does not count
        ("2026-11-28T15:00", "2026-11-30T10:00", 1.5),
        ("2026-11-24T18:00", "2026-11-24T20:00", 0.0),
        ("2026-11-24T11:00", "2026-11-24T10:00", 0.0),
    ],
)
def test_waiting_is_counted_in_opening_hours(start: str, end: str, hours: float) -> None:
    assert open_time_between(WEEK, london(start), london(end)).total_seconds() == hours * 3600

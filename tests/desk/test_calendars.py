"""Calendar entries of sample sessions say that they are, as long as they are."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar, Event

from desk.calendars import calendar_feed, calendar_file
from desk.tables import BookingRow, SessionRow
from tests.desk.timetable import NOW


@pytest.fixture(autouse=True)
def _the_clock(at: Callable[[str], object]) -> None:
    at(NOW)


def a_session(**changes: Any) -> SessionRow:
    starts = datetime(2026, 12, 2, 14, tzinfo=UTC)
    about: dict[str, Any] = {"title": "Coding club", "about": "Make games.", "room": "", "library": "pimlico-library", "sample": True} | changes
    return SessionRow(uid="t-1", starts_at=starts, ends_at=starts + timedelta(hours=1), state="open", sequence=0, **about)


def in_feed(row: SessionRow) -> Event:
    [event] = Calendar.from_ical(calendar_feed([row], {}, "library.example").decode()).walk("VEVENT")
    return event


def in_file(row: SessionRow) -> Event:
    booked = BookingRow(id=1, state="booked", sequence=0)
    [event] = Calendar.from_ical(calendar_file(booked, (row,), None, "library.example").decode()).walk("VEVENT")
    return event


@pytest.mark.parametrize("entry", [in_feed, in_file])
def test_an_entry_of_a_sample_session_says_so(entry: Callable[[SessionRow], Event]):
    event = entry(a_session())
    assert (event["SUMMARY"], event["DESCRIPTION"]) == ("Sample: Coding club", "This is sample data. Make games.")
    assert entry(a_session(about=""))["DESCRIPTION"] == "This is sample data."


@pytest.mark.parametrize("entry", [in_feed, in_file])
def test_an_entry_of_a_real_session_does_not(entry: Callable[[SessionRow], Event]):
    event = entry(a_session(sample=False))
    assert (event["SUMMARY"], event["DESCRIPTION"]) == ("Coding club", "Make games.")
    assert "DESCRIPTION" not in entry(a_session(sample=False, about=""))

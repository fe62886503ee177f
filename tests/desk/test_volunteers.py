"""Volunteers: taken in once, brought from state to state, erased when it is over, and safe in a spreadsheet."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk import cases, volunteers
from desk.cases import StepNotAllowedError
from desk.clock import now
from desk.database import Database
from desk.people import ConsentNeededError, NameNeededError, TooLongError
from desk.retention import erase_people
from desk.staff_tables import VolunteerRow
from desk.tables import AuditRow
from desk.volunteers import Volunteer, VolunteerError

JOAN = {
    "name": "Joan Lusby",
    "interests": ("phone-help", "coding-club"),
    "consent": True,
    "times": "Tuesday mornings",
    "libraries": ("pimlico-library", "chelsea-library"),
    "phone": "+447700900123",
    "about": "I speak Urdu",
}


def register(database: Database, request_id: str = "first", **changes: Any) -> VolunteerRow:
    with database.writing() as session:
        return volunteers.register(session, Volunteer(**{**JOAN, **changes}), request_id=request_id, source="page")


def move(database: Database, case_id: int, state: str, note: str = "") -> VolunteerRow:
    with database.writing() as session:
        row = cases.one_case(session, VolunteerRow, case_id)
        cases.move(session, row, state, "staff:1", note)
        return row


def test_an_offer_is_stored_with_its_first_step_and_audit(database: Database):
    row = register(database)
    assert (row.state, row.name, row.interests) == ("new", "Joan Lusby", ["coding-club", "phone-help"])
    with database.reading() as session:
        assert [(step.who, step.state) for step in cases.steps(session, row)] == [("resident", "new")]
        assert [(audit.what, audit.subject) for audit in session.scalars(select(AuditRow))] == [("register", "volunteer")]


def test_the_same_request_again_is_the_same_offer(database: Database):
    assert register(database).id == register(database, name="Somebody Else").id


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": ""}, NameNeededError),
        ({"consent": False}, ConsentNeededError),
        ({"interests": ()}, VolunteerError),
        ({"interests": ("flying",)}, VolunteerError),
        ({"times": "x" * 501}, TooLongError),
    ],
)
def test_what_is_missing_or_wrong_is_refused(database: Database, changes: dict[str, Any], error: type[Exception]):
    with pytest.raises(error):
        register(database, **changes)
    with database.reading() as session:
        assert volunteers.find(session) == []


def test_volunteers_are_found_by_state_interest_and_library(database: Database):
    register(database, "a", name="Ann", libraries=("pimlico-library",))
    register(database, "b", name="Bob", interests=("home-visits",), libraries=("chelsea-library",))
    register(database, "c", name="Cyd", libraries=())
    with database.reading() as session:

        def names(**which: str) -> list[str]:
            return [row.name for row in volunteers.find(session, **which)]

        assert names() == ["Ann", "Bob", "Cyd"]
        assert names(library="pimlico-library") == ["Ann", "Cyd"]  # who named none would help anywhere
        assert names(interest="home-visits") == ["Bob"]
        assert names(state="active") == []


def test_a_volunteer_goes_from_new_to_active_and_back(database: Database):
    row = register(database)
    for state in ("contacted", "active", "paused", "active", "withdrawn", "contacted"):
        assert move(database, row.id, state).state == state
    with pytest.raises(StepNotAllowedError):
        move(database, row.id, "new")


def test_the_spreadsheet_names_interests_and_libraries_and_runs_nothing(database: Database):
    register(database, name='=cmd|" /C calc"!A1', times="-1")
    with database.reading() as session:
        [line] = csv.DictReader(io.StringIO(volunteers.to_csv(volunteers.find(session))))
    assert None not in line
    assert line["Name"] == '\'=cmd|" /C calc"!A1'
    assert (line["Times"], line["Would help with"], line["Phone"]) == ("'-1", "coding-club; phone-help", "07700 900123")


@pytest.mark.parametrize(("state", "is_erased"), [("active", False), ("contacted", False), ("declined", True), ("withdrawn", True)])
def test_who_it_was_is_erased_some_time_after_it_is_over(database: Database, at: Callable[[str], datetime], state: str, is_erased: bool):
    at("2026-01-05T10:00")
    row = register(database)
    move(database, row.id, state, "nice talk")
    at("2026-06-05T10:00")
    with database.writing() as session:
        assert erase_people(session, now() - timedelta(days=90)) == int(is_erased)
    with database.reading() as session:
        kept = cases.one_case(session, VolunteerRow, row.id)
        assert (not any((kept.name, kept.phone, kept.email, kept.about, kept.times))) is is_erased
        assert kept.interests == ["coding-club", "phone-help"]

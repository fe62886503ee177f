"""Referrals: taken in once, brought from state to state by one at a time, erased when they are over, and safe in a spreadsheet."""

import csv
import io
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk import cases, referrals
from desk.cases import MovedMeanwhileError, StepNotAllowedError
from desk.clock import now
from desk.database import Database, DatabaseBusyError
from desk.people import ConsentNeededError, NameNeededError, PartyError, TooLongError
from desk.referrals import Referral, ReferralError
from desk.retention import erase_people
from desk.staff_tables import ReferralRow, StepRow
from desk.tables import AuditRow

PEGGY = {
    "kind": "home-library-service",
    "name": "Peggy Larkin",
    "consent": True,
    "for_other": True,
    "contact_name": "Dan Hill",
    "relation": "neighbour",
    "phone": "+442079460310",
    "eligibility": "housebound",
    "about": "She likes novels in Polish",
    "needs": "large print",
    "library": "pimlico-library",
    "postcode": "SW1V 3AT",
}


def refer(database: Database, request_id: str = "first", who: str = "resident", **changes: Any) -> ReferralRow:
    with database.writing() as session:
        return referrals.refer(session, Referral(**{**PEGGY, **changes}), request_id=request_id, source="page", who=who)


def move(database: Database, case_id: int, state: str, note: str = "", seen: str = "") -> ReferralRow:
    with database.writing() as session:
        row = cases.one_case(session, ReferralRow, case_id)
        cases.move(session, row, state, "staff:1", note, seen=seen)
        return row


def audit(database: Database) -> list[tuple[str, str, str, dict[str, Any], dict[str, Any]]]:
    with database.reading() as session:
        return [(row.who, row.what, row.subject, row.old, row.new) for row in session.scalars(select(AuditRow).order_by(AuditRow.id))]


def steps(database: Database, row: ReferralRow) -> list[tuple[str, str, str]]:
    with database.reading() as session:
        return [(step.who, step.state, step.note) for step in cases.steps(session, row)]


def test_a_referral_is_stored_with_its_first_step_and_audit(database: Database):
    row = refer(database)
    assert (row.state, row.kind, row.name, row.contact_name, row.consent_at is not None) == (
        "new",
        "home-library-service",
        "Peggy Larkin",
        "Dan Hill",
        True,
    )
    assert steps(database, row) == [("resident", "new", "")]
    assert audit(database) == [("resident", "refer", "referral", {}, {"state": "new", "source": "page"})]


def test_the_same_request_again_is_the_same_referral(database: Database):
    assert refer(database).id == refer(database, name="Somebody Else").id
    with database.reading() as session:
        assert [row.name for row in referrals.find(session)] == ["Peggy Larkin"]
        assert len(session.scalars(select(StepRow)).all()) == 1


def test_the_same_request_from_many_at_the_same_moment_is_one_referral(database: Database):
    found: list[int] = []

    def one() -> None:
        for _ in range(20):
            try:
                found.append(refer(database).id)
            except DatabaseBusyError:
                continue
            return

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    with database.reading() as session:
        assert len(session.scalars(select(ReferralRow)).all()) == len(session.scalars(select(StepRow)).all()) == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": "  "}, NameNeededError),
        ({"consent": False}, ConsentNeededError),
        ({"contact_name": ""}, NameNeededError),
        ({"about": "x" * 2001}, TooLongError),
        ({"relation": "x" * 61}, TooLongError),
        ({"kind": "car"}, ReferralError),
        ({"eligibility": "lazy"}, ReferralError),
    ],
)
def test_what_is_missing_or_wrong_is_refused_and_nothing_is_stored(database: Database, changes: dict[str, Any], error: type[Exception]):
    with pytest.raises(error):
        refer(database, **changes)
    assert audit(database) == []
    assert issubclass(error, (PartyError, ReferralError))


def test_a_reason_is_kept_for_library_visits_only(database: Database):
    assert refer(database, kind="device").eligibility == ""


@pytest.mark.parametrize("name", ["李小龍", "Robert'); DROP TABLE referrals;--", "=1+1", "nul\x00l"])
def test_names_are_kept_as_typed(database: Database, name: str):
    assert refer(database, name=name).name == name.replace("\x00", "")


# From state to state


def test_steps_are_kept_with_who_and_note(database: Database):
    row = refer(database)
    move(database, row.id, "accepted", "rang her")
    move(database, row.id, "passed on", "to the home library team")
    assert move(database, row.id, "done").state == "done"
    assert steps(database, row)[1:] == [
        ("staff:1", "accepted", "rang her"),
        ("staff:1", "passed on", "to the home library team"),
        ("staff:1", "done", ""),
    ]
    assert audit(database)[-1] == ("staff:1", "move", "referral", {"state": "passed on"}, {"state": "done"})
    assert "rang her" not in str(audit(database))


@pytest.mark.parametrize("state", ["new", "nonsense"])
def test_a_step_that_is_not_allowed_is_refused(database: Database, state: str):
    row = refer(database)
    with pytest.raises(StepNotAllowedError):
        move(database, row.id, state)
    assert steps(database, row) == [("resident", "new", "")]


def test_what_is_over_can_be_taken_up_again(database: Database):
    row = refer(database)
    move(database, row.id, "declined")
    assert move(database, row.id, "accepted").state == "accepted"


def test_somebody_else_was_first(database: Database):
    row = refer(database)
    move(database, row.id, "accepted", seen="new")
    with pytest.raises(MovedMeanwhileError):
        move(database, row.id, "declined", seen="new")
    assert [state for _, state, _ in steps(database, row)] == ["new", "accepted"]


def test_of_many_who_move_it_at_the_same_moment_one_does(database: Database):
    row = refer(database)
    outcomes: list[str] = []

    def one(state: str) -> None:
        for _ in range(40):
            try:
                move(database, row.id, state, seen="new")
                outcomes.append("moved")
            except MovedMeanwhileError:
                outcomes.append("late")
            except DatabaseBusyError:
                continue
            return

    threads = [threading.Thread(target=one, args=(state,)) for state in ("accepted", "passed on", "done", "declined") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["late"] * 7 + ["moved"]
    assert len(steps(database, row)) == 2


# Found


def test_referrals_are_found_by_state_kind_and_library_oldest_first(database: Database, at: Callable[[str], datetime]):
    at("2026-11-25T10:00")
    refer(database, "a", name="Ann")
    at("2026-11-24T10:00")
    refer(database, "b", name="Bob", kind="device", library="chelsea-library")
    with database.reading() as session:
        assert [row.name for row in referrals.find(session)] == ["Bob", "Ann"]
        assert [row.name for row in referrals.find(session, kind="device")] == ["Bob"]
        assert [row.name for row in referrals.find(session, library="pimlico-library", state="new")] == ["Ann"]
        assert referrals.find(session, state="done") == []
        assert {each.state: each.cases for each in cases.count_by_state(session, ReferralRow)}["new"] == 2


# To a spreadsheet


@pytest.mark.parametrize("typed", ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "  =1", "＝1+1"])
def test_what_a_spreadsheet_would_run_is_defused(database: Database, typed: str):
    refer(database, name=typed, about=f"{typed}\nsecond line")
    with database.reading() as session:
        [line] = csv.DictReader(io.StringIO(referrals.to_csv(referrals.find(session))))
    assert line["Name"] == f"'{typed.strip()}"
    assert line["About"].startswith("'")


def test_a_spreadsheet_has_every_column_and_numbers_as_written(database: Database, at: Callable[[str], datetime]):
    at("2026-07-25T10:00")
    refer(database)
    with database.reading() as session:
        [line] = csv.DictReader(io.StringIO(referrals.to_csv(referrals.find(session))))
    assert None not in line
    assert (line["Phone"], line["Received"], line["Help"], line["Relation"]) == (
        "020 7946 0310",
        "2026-07-25 10:00",
        "home-library-service",
        "neighbour",
    )


# Kept no longer than needed


@pytest.mark.parametrize(("state", "is_erased"), [("new", False), ("accepted", False), ("passed on", False), ("done", True), ("declined", True)])
def test_who_it_was_is_erased_some_time_after_it_is_over(database: Database, at: Callable[[str], datetime], state: str, is_erased: bool):
    at("2026-01-05T10:00")
    row = refer(database)
    if state != "new":
        move(database, row.id, state, "she rang from 020 7946 0310")
    at("2026-06-05T10:00")
    with database.writing() as session:
        assert erase_people(session, now() - timedelta(days=90)) == int(is_erased)
    with database.reading() as session:
        kept = cases.one_case(session, ReferralRow, row.id)
        personal = [kept.name, kept.contact_name, kept.relation, kept.phone, kept.email, kept.about, kept.needs, kept.postcode]
        assert (not any(personal)) is is_erased
        assert (kept.erased_at is not None) is is_erased
        assert (kept.kind, kept.library, kept.state) == ("home-library-service", "pimlico-library", state)
        assert any(step.note for step in cases.steps(session, kept)) is (state != "new" and not is_erased)


def test_nobody_is_erased_before_the_time_is_over(database: Database, at: Callable[[str], datetime]):
    at("2026-01-05T10:00")
    row = refer(database)
    at("2026-05-05T10:00")  # it came long ago, but was done just now
    move(database, row.id, "done")
    at("2026-06-05T10:00")
    with database.writing() as session:
        assert erase_people(session, now() - timedelta(days=90)) == 0


def test_an_erased_referral_stays_as_it_is(database: Database, at: Callable[[str], datetime]):
    at("2026-01-05T10:00")
    row = refer(database)
    move(database, row.id, "done")
    at("2026-06-05T10:00")
    with database.writing() as session:
        erase_people(session, now() - timedelta(days=90))
    with pytest.raises(StepNotAllowedError):
        move(database, row.id, "accepted")
    with database.reading() as session:
        assert cases.next_states(cases.one_case(session, ReferralRow, row.id)) == ()

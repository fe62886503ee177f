"""Cases: referrals and volunteers, which take days and go from state to state. Every step is kept with its day, who took it and a note."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from desk import audit
from desk.clock import in_london, now
from desk.contacts import Phone, read_phone
from desk.people import ConsentNeededError, NameNeededError, TooLongError
from desk.staff_tables import ReferralRow, StepRow, VolunteerRow

CaseRow = ReferralRow | VolunteerRow
Row = TypeVar("Row", ReferralRow, VolunteerRow)
OPEN = "open"  # any state in which there is something left to do
LONGEST_NOTE = 1000  # characters, of a step

# From each state of a case, the states that it can be brought into. What has ended can be taken up again.
_STEPS_OF: dict[type[CaseRow], Mapping[str, tuple[str, ...]]] = {
    ReferralRow: {
        "new": ("accepted", "passed on", "done", "declined"),
        "accepted": ("passed on", "done", "declined"),
        "passed on": ("accepted", "done", "declined"),
        "done": ("accepted",),
        "declined": ("accepted",),
    },
    VolunteerRow: {
        "new": ("contacted", "active", "declined", "withdrawn"),
        "contacted": ("active", "paused", "declined", "withdrawn"),
        "active": ("paused", "withdrawn"),
        "paused": ("contacted", "active", "declined", "withdrawn"),
        "declined": ("contacted",),
        "withdrawn": ("contacted",),
    },
}
ENDED: dict[type[CaseRow], tuple[str, ...]] = {ReferralRow: ("done", "declined"), VolunteerRow: ("declined", "withdrawn")}
_ERASED_OF: dict[type[CaseRow], tuple[str, ...]] = {
    ReferralRow: ("name", "contact_name", "relation", "phone", "email", "about", "needs", "postcode"),
    VolunteerRow: ("name", "phone", "email", "about", "times"),
}


class StepNotAllowedError(Exception):
    """A case cannot go from the state it is in to the one that was asked for."""


class MovedMeanwhileError(Exception):
    """Somebody else brought the case into another state in the meantime. Nothing was changed."""


class UnknownCaseError(Exception):
    """There is no such case."""


@dataclass(frozen=True)
class Count:
    """How many cases are in a state."""

    state: str
    cases: int


def states(table: type[CaseRow]) -> tuple[str, ...]:
    return tuple(_STEPS_OF[table])


def next_states(row: CaseRow) -> tuple[str, ...]:
    """Return the states that a case can be brought into. One whose person was erased stays as it is."""
    return () if row.erased_at is not None else _STEPS_OF[type(row)][row.state]


def check_person(name: str, consent: bool, lengths: Iterable[tuple[str, str, int]]) -> None:
    """Raise a PartyError where nobody is named, something (field, text, most characters) is too long, or consent is missing."""
    if not name.strip():
        raise NameNeededError
    for field, text, longest in lengths:
        if len(text) > longest:
            raise TooLongError(field, longest)
    if not consent:
        raise ConsentNeededError


def storable(text: str) -> str:
    """PostgreSQL holds every character but the null one, which nobody types."""
    return text.replace("\x00", "").strip()


def take_in(session: Session, row: Row, what: str, who: str) -> Row:
    """Store a new case with its first step. The same request again, at the same moment too, gives the case that is there."""
    table = type(row)
    by_request = select(table).filter_by(request_id=row.request_id)
    earlier = session.scalar(by_request)
    if earlier is not None:
        return earlier
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        earlier = session.scalar(by_request)
        if earlier is None:
            raise
        return earlier
    session.add(StepRow(subject=audit.subject_of(table), subject_id=row.id, at=now(), who=who, state=row.state))
    audit.note(session, who, what, row, {}, {"state": row.state, "source": row.source})
    return row


def move(session: Session, row: CaseRow, state: str, who: str, note: str = "", *, seen: str = "") -> None:
    """Bring a case into another state. `seen` is the state that whoever asks saw last (the one of `row` where none is given).

    Raises StepNotAllowedError, TooLongError, or MovedMeanwhileError where it is in another state by now.
    """
    table, was = type(row), seen or row.state
    if row.erased_at is not None or state not in _STEPS_OF[table].get(was, ()):
        raise StepNotAllowedError(f"{was} to {state}")
    if len(note) > LONGEST_NOTE:
        raise TooLongError("note", LONGEST_NOTE)
    moved = update(table).where(table.id == row.id, table.state == was, table.erased_at.is_(None)).values(state=state)
    if session.execute(moved).rowcount == 0:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        raise MovedMeanwhileError
    session.refresh(row)
    session.add(StepRow(subject=audit.subject_of(table), subject_id=row.id, at=now(), who=who, state=state, note=storable(note)))
    audit.note(session, who, "move", row, {"state": was}, {"state": state})


def one_case(session: Session, table: type[Row], case_id: int) -> Row:
    """Raises UnknownCaseError."""
    row = session.get(table, case_id)
    if row is None:
        raise UnknownCaseError(case_id)
    return row


def steps(session: Session, row: CaseRow) -> list[StepRow]:
    """Return what happened to a case, in order."""
    return list(session.scalars(select(StepRow).filter_by(subject=audit.subject_of(type(row)), subject_id=row.id).order_by(StepRow.id)))


def in_state(query: Select[Row], table: type[Row], state: str) -> Select[Row]:
    """Return a query for the cases in a state; "open" is any but those that end one, empty is any."""
    if state == OPEN:
        return query.where(table.state.not_in(ENDED[table]))
    return query.where(table.state == state) if state else query


def count_by_state(session: Session, table: type[CaseRow]) -> list[Count]:
    """Return how many cases are in each state, empty states too."""
    found: dict[str, int] = dict(session.execute(select(table.state, func.count()).group_by(table.state)).all())
    return [Count(state, found.get(state, 0)) for state in states(table)]


def erase_people(session: Session, ended_before: datetime) -> int:
    """Erase names, contacts, what was told and notes of the cases that ended before a moment (UTC). Returns of how many."""
    return _erase(session, ReferralRow, ended_before) + _erase(session, VolunteerRow, ended_before)


def _erase(session: Session, table: type[Row], ended_before: datetime) -> int:
    subject = audit.subject_of(table)
    stepped_since = exists().where(StepRow.subject == subject, StepRow.subject_id == table.id, StepRow.at >= ended_before)
    query = select(table).where(table.state.in_(ENDED[table]), table.erased_at.is_(None), ~stepped_since)
    return sum(_erase_one(session, row) for row in session.scalars(query).all())


def _erase_one(session: Session, row: CaseRow) -> int:
    """Erase one, unless somebody takes it up again at this moment. Returns how many were erased."""
    table = type(row)
    blank = dict.fromkeys(_ERASED_OF[table], "") | {"conversation_id": None, "consent_at": None, "erased_at": now()}
    still_so = update(table).where(table.id == row.id, table.state.in_(ENDED[table]), table.erased_at.is_(None))
    if session.execute(still_so.values(**blank)).rowcount == 0:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        return 0
    session.execute(update(StepRow).filter_by(subject=audit.subject_of(table), subject_id=row.id).values(note=""))
    audit.note(session, audit.DESK, "erase", row, {}, {"erased": True})
    return 1


# To a spreadsheet


def spreadsheet(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a CSV file. What a spreadsheet would take for a formula gets an apostrophe before it."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows([_defused(cell) for cell in line] for line in lines)
    return file.getvalue()


def _defused(cell: str) -> str:
    """Spreadsheets look past spaces and control characters for the sign that begins a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.lstrip()[:1] in ("=", "+", "-", "@", "＝", "＋", "－", "＠") or cell[:1] in ("\t", "\r", "\n") else cell


def phone_as_written(number: str) -> str:
    phone = read_phone(number) if number else None
    return phone.shown if isinstance(phone, Phone) else number


def day_and_time(moment: datetime) -> str:
    """Return a moment in London as spreadsheets read it: "2026-11-25 10:00"."""
    return f"{in_london(moment):%Y-%m-%d %H:%M}"

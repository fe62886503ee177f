"""Sessions of one library, and the people who come to them, for rules of bookings."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from desk import bookings
from desk.bookings import Booking
from desk.clock import LONDON
from desk.database import Database
from desk.hours import DAYS
from desk.people import Party
from desk.tables import BookingRow, LibraryRow, NoticeRow, SessionRow, SubjectRow, WaitingRow

NOW = "2026-11-24T10:00"  # a Tuesday
HOURS = dict(zip(DAYS, ("09:30-20:00",) * 5 + ("09:30-17:00", ""), strict=True))


def open_library(db: Database, slug: str = "pimlico-library", name: str = "Pimlico Library") -> None:
    with db.writing() as session:
        session.merge(
            LibraryRow(
                slug=slug,
                name=name,
                authority="",
                address="1 Rampayne Street",
                postcode="SW1V 2PU",
                phone="",
                email="",
                website="",
                hours=HOURS,
                latitude=None,
                longitude=None,
            )
        )


def a_session(db: Database, starts: str = "2026-12-02T14:00", capacity: int | None = 2, **changes: Any) -> int:
    """Store a session at a London time and return its id."""
    starts_at = datetime.fromisoformat(starts).replace(tzinfo=LONDON)
    with db.writing() as session:
        subject = session.scalar(select(SubjectRow))
        if subject is None:
            subject = SubjectRow(digest="", words="")
            session.add(subject)
            session.flush()
        described: dict[str, Any] = {"kind": "class", "library": "pimlico-library", "title": "First steps with your smartphone"} | changes
        row = SessionRow(
            uid=f"{starts} {described}",
            subject_id=subject.id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            capacity=capacity,
            **described,
        )
        session.add(row)
        session.flush()
        return row.id


def a_course(db: Database, *starts: str, capacity: int = 2, **changes: Any) -> list[int]:
    """Store a course of dates and return their ids; the first is its home."""
    ids = [a_session(db, each, capacity, kind="course", title=changes.get("title", "Essential digital skills")) for each in starts]
    with db.writing() as session:
        for each in ids:
            session.get_one(SessionRow, each).course = ids[0]
    return ids


def somebody(name: str = "Mary O'Brien-Khan", phone: str = "+447700900123", **more: Any) -> Party:
    return Party(attendee_name=name, phone=phone, **more)


def book(db: Database, session_id: int, name: str = "Mary O'Brien-Khan", request_id: str | None = None, **more: Any) -> Booking:
    with db.writing() as session:
        return bookings.book(session, session_id, somebody(name), request_id=request_id or f"{session_id} {name}", **more)


def taken(db: Database, *session_ids: int) -> list[int]:
    with db.reading() as session:
        return [session.get_one(SessionRow, each).taken for each in session_ids]


def states(db: Database, table: type[BookingRow] | type[WaitingRow] = BookingRow) -> list[tuple[str, str]]:
    """Return who has what, in the order of asking."""
    with db.reading() as session:
        return [(row.attendee_name, row.state) for row in session.scalars(select(table).order_by(table.id))]


def notices(db: Database, **which: Any) -> list[NoticeRow]:
    with db.reading() as session:
        return list(session.scalars(select(NoticeRow).filter_by(**which).order_by(NoticeRow.id)))

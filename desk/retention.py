"""How long people's details are kept: after that a booking still counts, but nobody can be told from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from desk import cases
from desk.clock import now
from desk.tables import BookingRow, SessionRow, WaitingRow

_ERASED: dict[str, Any] = {
    **dict.fromkeys(("attendee_name", "contact_name", "phone", "email", "relation", "needs"), ""),
    "age": None,
    "consent_at": None,
    "conversation_id": None,
}


def erase_people(session: Session, ended_before: datetime) -> int:
    """Erase names, contacts and needs from the bookings, waiting lists and cases of what ended before a moment (UTC). Returns of how many."""
    return sum(_erase(session, table, ended_before) for table in (BookingRow, WaitingRow)) + cases.erase_people(session, ended_before)


def _erase(session: Session, table: type[BookingRow] | type[WaitingRow], ended_before: datetime) -> int:
    of_it = or_(SessionRow.id == table.session_id, SessionRow.course == table.session_id)
    still_kept = exists().where(of_it, SessionRow.ends_at >= ended_before)
    due = list(session.scalars(select(table.id).where(table.erased_at.is_(None), ~still_kept)))
    for each in due:
        # The key is made from the name and the telephone, so it goes too.
        session.execute(update(table).where(table.id == each).values(**_ERASED, person_key=f"erased {each}", erased_at=now()))
    return len(due)

"""The audit: who changed what, when, from what to what."""

from typing import Any

from sqlalchemy.orm import Session

from desk.clock import now
from desk.tables import AuditRow, BookingRow, SessionRow, WaitingRow

RESIDENT = "resident"
DESK = "desk"  # the desk by itself: a hold that ran out, an offer that nobody took

# Columns whose values are about a person: that they changed is noted, not what they hold.
PERSONAL = frozenset({"attendee_name", "contact_name", "phone", "email", "relation", "needs", "age"})


def note(session: Session, who: str, what: str, row: BookingRow | WaitingRow | SessionRow, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Write a row of the audit into the transaction that makes the change. `who` is resident, desk or staff:ID."""
    subject = {BookingRow: "booking", WaitingRow: "waiting", SessionRow: "session"}[type(row)]
    session.add(AuditRow(at=now(), who=who, what=what, subject=subject, subject_id=row.id, old=_shareable(old), new=_shareable(new)))


def _shareable(values: dict[str, Any]) -> dict[str, Any]:
    return {key: "(not kept)" if key in PERSONAL else _plain(value) for key, value in values.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value

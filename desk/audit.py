"""The audit: who changed what, when, from what to what."""

from typing import Any

from sqlalchemy.orm import Session

from desk.clock import now
from desk.staff_tables import CannedReplyRow, DeskSettingRow, HandoverRow, ReferralRow, StaffRow, UnansweredRow, VolunteerRow
from desk.tables import AuditRow, Base, BookingRow, SeriesRow, SessionRow, WaitingRow

RESIDENT = "resident"
DESK = "desk"  # the desk by itself: a hold that ran out, an offer that nobody took

# Columns whose values are about a person: that they changed is noted, not what they hold.
PERSONAL = frozenset(
    {"attendee_name", "contact_name", "name", "phone", "email", "relation", "needs", "age", "about", "postcode", "password_hash", "totp_secret"}
)

_SUBJECTS: dict[type[Base], str] = {
    BookingRow: "booking",
    WaitingRow: "waiting",
    SessionRow: "session",
    SeriesRow: "series",
    HandoverRow: "hand-over",
    ReferralRow: "referral",
    VolunteerRow: "volunteer",
    StaffRow: "staff",
    UnansweredRow: "question",
    CannedReplyRow: "canned reply",
    DeskSettingRow: "setting",
}


def subject_of(table: type[Base]) -> str:
    """Return what the audit calls a thing of a table."""
    return _SUBJECTS[table]


def note(session: Session, who: str, what: str, row: Base, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Write a row of the audit into the transaction that makes the change. `who` is resident, desk or staff:ID.

    A thing without a number (a setting) is named in `old` and `new`.
    """
    subject, subject_id = subject_of(type(row)), getattr(row, "id", 0)
    session.add(AuditRow(at=now(), who=who, what=what, subject=subject, subject_id=subject_id, old=_shareable(old), new=_shareable(new)))


def note_look(session: Session, who: str, row: Base) -> None:
    """Write that somebody of the staff looked at a person's details."""
    note(session, who, "looked at", row, {}, {})


def note_export(session: Session, who: str, subject: str, new: dict[str, Any]) -> None:
    """Write that somebody of the staff took figures out of the desk that are of no single row."""
    session.add(AuditRow(at=now(), who=who, what="exported", subject=subject, subject_id=0, old={}, new=_shareable(new)))


def _shareable(values: dict[str, Any]) -> dict[str, Any]:
    return {key: "(not kept)" if key in PERSONAL else _plain(value) for key, value in values.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value

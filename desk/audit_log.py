"""Reading the audit: newest first, a page at a time."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from desk.clock import midnight
from desk.staff_tables import StaffRow
from desk.tables import AuditRow

A_PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which rows: by whom, what was done, to what kind of thing (and which), on days in London from `first` to `last`, both included."""

    who: str = ""
    what: str = ""
    subject: str = ""
    subject_id: int | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Page:
    rows: list[AuditRow]
    older: int | None  # `before` of the next page, None on the last


def rows_of_audit(session: Session, wanted: Wanted, before: int | None = None) -> Page:
    """Return the newest rows that are wanted, those before a row where one is given."""
    conditions = _conditions(wanted)
    if before is not None:
        conditions.append(AuditRow.id < before)
    rows = list(session.scalars(select(AuditRow).where(*conditions).order_by(AuditRow.id.desc()).limit(A_PAGE + 1)))
    return Page(rows[:A_PAGE], rows[A_PAGE - 1].id if len(rows) > A_PAGE else None)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for column, value in ((AuditRow.who, wanted.who), (AuditRow.what, wanted.what), (AuditRow.subject, wanted.subject)):
        if value:
            conditions.append(column == value)
    if wanted.subject_id is not None:
        conditions.append(AuditRow.subject_id == wanted.subject_id)
    if wanted.first:
        conditions.append(AuditRow.at >= midnight(wanted.first))
    if wanted.last and wanted.last < date.max:
        conditions.append(AuditRow.at < midnight(wanted.last + timedelta(days=1)))
    return conditions


def whats_and_subjects(session: Session) -> tuple[list[str], list[str]]:
    """Return everything that was ever done, and to what kinds of things."""
    whats = session.scalars(select(AuditRow.what).distinct().order_by(AuditRow.what))
    subjects = session.scalars(select(AuditRow.subject).distinct().order_by(AuditRow.subject))
    return list(whats), list(subjects)


def names_of_staff(session: Session) -> dict[str, str]:
    """Return the names of all staff, by what the audit calls them."""
    return {f"staff:{row.id}": row.name for row in session.execute(select(StaffRow.id, StaffRow.name).order_by(StaffRow.name))}

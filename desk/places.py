"""Places in sessions: taken by a conditional UPDATE under a CHECK, so that none is ever given twice. A course is all its dates or none."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, true, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from desk.clock import now
from desk.hours import DAYS, Week, parse_hours
from desk.tables import LibraryRow, SessionRow


class NoPlaceError(Exception):
    """A place cannot be had; the kinds of it say why. Nothing was stored."""


class UnknownSessionError(NoPlaceError):
    """There is no such session."""


class CancelledError(NoPlaceError):
    """The session does not take place; its row holds the reason."""


class StartedError(NoPlaceError):
    """The session, or the first date of the course, has begun."""


class NoBookingNeededError(NoPlaceError):
    """It is a drop-in: just come."""


class FullError(NoPlaceError):
    """Every place is taken; there is a waiting list."""


Dates = tuple[SessionRow, ...]


def dates_for(session: Session, session_id: int) -> Dates:
    """Return the dates that a place in a session is for, in order: itself, or every date of its course. Raises UnknownSessionError."""
    return _dates(session, _home_of(session, session_id), hold=False)


def hold_dates(session: Session, *session_ids: int) -> list[Dates]:
    """As `dates_for`, for each, with their rows locked until the transaction ends, in one order for everybody.

    SQLite has no row locks: there the whole transaction holds the database.
    """
    homes = [_home_of(session, session_id) for session_id in session_ids]
    held = {each: _dates(session, each, hold=True) for each in sorted(set(homes))}
    return [held[each] for each in homes]


def _home_of(session: Session, session_id: int) -> int:
    one = session.get(SessionRow, session_id)
    if one is None:
        raise UnknownSessionError(session_id)
    return one.course or one.id


def _dates(session: Session, home_id: int, *, hold: bool) -> Dates:
    query = select(SessionRow).where(or_(SessionRow.id == home_id, SessionRow.course == home_id))
    if hold:
        query = query.order_by(SessionRow.id).with_for_update()
    rows = session.scalars(query.execution_options(populate_existing=True))
    return tuple(sorted(rows, key=lambda row: (row.starts_at, row.id)))


def home(dates: Dates) -> int:
    """Return the id under which bookings and the waiting list of these dates are kept."""
    return dates[0].course or dates[0].id


def starts_at(dates: Dates) -> datetime | None:
    """Return when the first of the dates that take place begins; None where all are cancelled."""
    return next((row.starts_at for row in dates if row.state == "open"), None)


def places_left(dates: Sequence[SessionRow]) -> int | None:
    """Return how many places are left; None for a drop-in, which has no number of places."""
    counted = [row.capacity - row.taken for row in dates if row.capacity is not None]
    return max(0, min(counted)) if counted else None


def check_open(dates: Dates) -> None:
    """Raise the NoPlaceError that says why nobody can book or wait for these dates; return where people can."""
    begins = starts_at(dates)
    if begins is None:
        raise CancelledError
    if any(row.capacity is None for row in dates):
        raise NoBookingNeededError
    if begins <= now():
        raise StartedError


def take(session: Session, dates: Dates) -> None:
    """Take a place in each of the dates, or in none. Raises FullError."""
    with session.begin_nested():  # undone as a whole where one date is full
        if not _move(session, dates, by=1, where=SessionRow.taken < SessionRow.capacity):
            raise FullError


def give_back(session: Session, dates: Dates) -> None:
    """Free a place in each of the dates."""
    _move(session, dates, by=-1, where=true())


def week_of(session: Session, library: str) -> Week | None:
    """Return the opening hours of a library by its slug; None where the file of libraries does not hold it."""
    hours = session.scalar(select(LibraryRow.hours).filter_by(slug=library))
    return tuple(parse_hours(hours.get(day, "")) for day in DAYS) if hours else None


def _move(session: Session, dates: Dates, *, by: int, where: ColumnElement[bool]) -> bool:
    """Change `taken` of each date for which the condition holds. Returns whether it held for all."""
    ids = [row.id for row in dates]
    change = update(SessionRow).where(SessionRow.id.in_(ids), where).values(taken=SessionRow.taken + by)
    moved = session.execute(change.returning(SessionRow.id, SessionRow.taken), execution_options={"synchronize_session": False}).all()
    if len(moved) < len(ids):
        return False
    now_taken = {each.id: each.taken for each in moved}
    for row in dates:
        set_committed_value(row, "taken", now_taken[row.id])
    return True

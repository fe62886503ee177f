"""Who comes to a session: the roster that staff work from, and those who come without a booking."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk import audit, bookings, places, waiting_list
from desk.bookings import DOORS_OPEN, Booking, NotBookedError, UnknownBookingError
from desk.cases import day_and_time, phone_as_written, spreadsheet
from desk.clock import now
from desk.people import Party, TooLongError, person_key
from desk.places import CancelledError, Dates, NoPlaceError
from desk.references import new_reference, shown
from desk.tables import BookingRow, SessionRow, WaitingRow

_LONGEST_NAME = 200  # characters
WALK_IN = "walk-in "  # how the request ids of those begin who came without a booking
_BY_STAFF = "staff "
_HAS_PLACE = ("booked", "attended", "missed")
_IN_LINE = ("waiting", "offered")


class TooEarlyError(NoPlaceError):
    """It is more than half an hour to the session: nobody comes yet."""


@dataclass(frozen=True)
class Roster:
    """A session with everybody who has a place, by name, those who gave one up, and the line in its order.

    `being_booked` are places kept for people who are typing their details just now. Of a course all dates share one roster.
    """

    row: SessionRow
    dates: Dates
    booked: list[BookingRow]
    cancelled: list[BookingRow]
    line: list[WaitingRow]
    being_booked: int

    @property
    def came(self) -> int:
        return sum(row.state == "attended" for row in self.booked)

    @property
    def is_over(self) -> bool:
        return self.row.ends_at <= now()

    @property
    def is_open(self) -> bool:
        """Whether it may be noted who comes."""
        return _doors_are_open(self.dates)


def roster(session: Session, session_id: int) -> Roster:
    """Return who comes to a session. Raises UnknownSessionError."""
    dates = places.dates_for(session, session_id)
    one = next(row for row in dates if row.id == session_id)
    home = places.home(dates)
    rows = list(session.scalars(select(BookingRow).filter_by(session_id=home).order_by(BookingRow.id)))
    line = select(WaitingRow).filter_by(session_id=home).where(WaitingRow.state.in_(_IN_LINE)).order_by(WaitingRow.id)
    return Roster(
        row=one,
        dates=dates,
        booked=sorted((row for row in rows if row.state in _HAS_PLACE), key=lambda row: row.attendee_name.casefold()),
        cancelled=[row for row in rows if row.state == "cancelled" and not is_walk_in(row)],
        line=list(session.scalars(line)),
        being_booked=sum(row.state == "held" for row in rows),
    )


def line_lengths(session: Session, session_ids: Iterable[int]) -> dict[int, int]:
    """Return how many wait for each of some sessions; those for which nobody does are left out."""
    query = select(WaitingRow.session_id, func.count()).where(WaitingRow.session_id.in_(list(session_ids)), WaitingRow.state.in_(_IN_LINE))
    return dict(session.execute(query.group_by(WaitingRow.session_id)).all())


def walk_in(session: Session, session_id: int, name: str, *, request_id: str, who: str) -> Booking:
    """Note that somebody came without a booking, perhaps without giving a name. They take a place where the session has a number of them.

    The same request again is the same person. Raises TooEarlyError, CancelledError, FullError, TooLongError.
    """
    bookings.expire(session, session_id)  # what is kept for nobody any more is free for who stands here
    (dates,) = places.hold_dates(session, session_id)
    request = f"{WALK_IN}{request_id}"[:64]
    earlier = session.scalar(select(BookingRow).filter_by(request_id=request))
    if earlier:
        return Booking(earlier, dates)
    if places.starts_at(dates) is None:
        raise CancelledError
    if not _doors_are_open(dates):
        raise TooEarlyError
    if len(name.strip()) > _LONGEST_NAME:
        raise TooLongError("attendee_name", _LONGEST_NAME)
    if _has_places(dates):
        places.take(session, dates)
    party = Party(attendee_name=name.strip())
    row = BookingRow(
        session_id=places.home(dates),
        reference=new_reference(),
        request_id=request,
        person_key=person_key(party, request),
        state="attended",
        sequence=0,
        created_at=now(),
        **party.columns(),
    )
    session.add(row)
    session.flush()
    audit.note(session, who, "walk_in", row, {}, {"state": "attended", "session_id": row.session_id})
    return Booking(row, dates)


def take_back_walk_in(session: Session, booking_id: int, *, who: str) -> Booking:
    """Undo a walk-in that was noted by mistake; the place is free again. Raises UnknownBookingError, and NotBookedError for who had booked."""
    seen = session.get(BookingRow, booking_id)
    if seen is None:
        raise UnknownBookingError
    (dates,) = places.hold_dates(session, seen.session_id)
    row = session.get_one(BookingRow, booking_id, populate_existing=True)
    if not is_walk_in(row):
        raise NotBookedError
    if row.state != "cancelled":
        had, row.state = row.state, "cancelled"
        session.flush()
        audit.note(session, who, "take_back_walk_in", row, {"state": had}, {"state": "cancelled"})
        if _has_places(dates):
            waiting_list.pass_on(session, dates)
    return Booking(row, dates)


def is_walk_in(row: BookingRow) -> bool:
    return row.request_id.startswith(WALK_IN)


def staff_request(form_id: str) -> str:
    """Return the request id of a booking that staff make for somebody: the same for the same form sent twice."""
    return f"{_BY_STAFF}{form_id}"[:64]


def how_booked(row: BookingRow) -> str:
    """Return by which way a booking came: walk-in, staff, waiting list, page or chat."""
    for begins, way in ((WALK_IN, "walk-in"), (_BY_STAFF, "staff"), ("offer ", "waiting list"), ("page ", "page")):
        if row.request_id.startswith(begins):
            return way
    return "chat"


def roster_spreadsheet(rows: Iterable[BookingRow]) -> str:
    """Return a roster as a CSV that a spreadsheet can open without harm."""
    header = ("reference", "name", "age", "booked by", "telephone", "email", "needs", "language", "how booked", "booked at", "state")
    return spreadsheet(header, (_line(row) for row in rows))


def _line(row: BookingRow) -> tuple[str, ...]:
    return (
        shown(row.reference),
        row.attendee_name,
        "" if row.age is None else str(row.age),
        row.contact_name,
        phone_as_written(row.phone),
        row.email,
        row.needs,
        row.language,
        how_booked(row),
        day_and_time(row.created_at),
        row.state,
    )


def _doors_are_open(dates: Dates) -> bool:
    begins = places.starts_at(dates)
    return begins is not None and begins - DOORS_OPEN <= now()


def _has_places(dates: Dates) -> bool:
    return all(row.capacity is not None for row in dates)

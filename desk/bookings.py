"""Bookings: a place held while details are typed, booked, changed, cancelled, accepted from the waiting list (desk.waiting_list).

Every verb runs in the caller's writing transaction, locks the dates it touches, writes its audit row and puts its notice into the outbox.
What cannot be done is an exception with a plain name, raised before anything of it is stored.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import audit, notices, places, waiting_list
from desk.clock import now
from desk.people import Party, check_party, holder_key, party_of, person_key
from desk.places import Dates
from desk.references import new_reference, shown
from desk.tables import BookingRow, SessionRow, WaitingRow
from desk.waiting_list import AlreadyBookedError, NoOfferError, hold_waiting, pass_on

HOLD = timedelta(minutes=15)  # cal.com's five are too short for slow typists
DOORS_OPEN = timedelta(minutes=30)  # before a session: from then on it is noted who comes


class UnknownBookingError(Exception):
    """There is no such booking."""


class NotBookedError(Exception):
    """The booking has been cancelled, or the session is over: it can no longer be changed."""


class NotAlikeError(Exception):
    """A single session cannot be changed for a course, nor a course for a single session."""


class RequestReusedError(ValueError):
    """A request id that holds a place in one session was used for another."""


@dataclass(frozen=True)
class Booking:
    """A place that somebody holds or has booked (or had), and the dates it is for, in order."""

    row: BookingRow
    dates: Dates

    @property
    def reference(self) -> str:
        """The reference as it is read out."""
        return shown(self.row.reference)


@dataclass(frozen=True)
class Expired:
    """How many holds and offers ran out."""

    holds: int
    offers: int


def hold_place(session: Session, session_id: int, *, request_id: str, conversation_id: str | None = None) -> Booking:
    """Keep a place for 15 minutes while details are typed. The same chat, or the same request, holds one place in a session and renews it.

    Raises a NoPlaceError where none can be had.
    """
    (dates,) = places.hold_dates(session, session_id)
    earlier = _by_request(session, request_id)
    if earlier and earlier.state != "held":
        return _booking(session, earlier)
    places.check_open(dates)
    key = holder_key(conversation_id, request_id)
    row = earlier or waiting_list.booking_of(session, places.home(dates), key)
    if row and row.session_id != places.home(dates):
        raise RequestReusedError(request_id)
    if row:
        row.held_until = now() + HOLD
        return _booking(session, row)
    _take_place(session, dates)
    row = _new_row(dates, key, request_id, conversation_id, state="held", held_until=now() + HOLD)
    session.add(row)
    session.flush()
    audit.note(session, audit.RESIDENT, "hold_place", row, {}, {"state": "held", "session_id": row.session_id})
    return Booking(row, dates)


def renew_hold(session: Session, conversation_id: str) -> list[Booking]:
    """Keep what a chat holds for 15 minutes more: it is active. Returns its holds."""
    rows = _holds_of(session, conversation_id)
    for row in rows:
        row.held_until = now() + HOLD
    return [_booking(session, row) for row in rows]


def release_hold(session: Session, conversation_id: str) -> int:
    """Give back what a chat holds, and keep nothing of it. Returns how many holds there were."""
    released = 0
    for seen in _holds_of(session, conversation_id):
        (dates,) = places.hold_dates(session, seen.session_id)
        row = session.get(BookingRow, seen.id, populate_existing=True)
        if row and row.state == "held":
            _drop_hold(session, row, dates, "release_hold", audit.RESIDENT)
            released += 1
    return released


def book(
    session: Session,
    session_id: int,
    party: Party,
    *,
    request_id: str,
    conversation_id: str | None = None,
    who: str = audit.RESIDENT,
) -> Booking:
    """Book a place, in every date of a course or in none. A place that this chat holds, or that the person was offered, is used.

    The same request again returns the same booking. Raises a NoPlaceError, a PartyError or AlreadyBookedError (which holds the earlier booking).
    """
    (dates,) = places.hold_dates(session, session_id)
    return _book(session, dates, party, person_key(party, conversation_id), request_id, conversation_id, who)


def _book(session: Session, dates: Dates, party: Party, key: str, request_id: str, conversation_id: str | None, who: str) -> Booking:
    earlier = _by_request(session, request_id)
    if earlier and earlier.state != "held":
        return _booking(session, earlier)
    places.check_open(dates)
    check_party(party, dates[0].age_from, dates[0].age_to)
    home = places.home(dates)
    booked = waiting_list.booking_of(session, home, key)
    if booked:
        raise AlreadyBookedError(booked)
    held = earlier or waiting_list.booking_of(session, home, holder_key(conversation_id, request_id))
    if held and held.session_id != home:
        raise RequestReusedError(request_id)
    in_line = waiting_list.in_line(session, home, key)
    _make_sure_of_place(session, dates, held, in_line)
    row = held or _new_row(dates, key, request_id, conversation_id, state="booked")
    _fill_in(row, party, key, request_id)
    session.add(row)
    session.flush()
    if in_line:
        _accepted(session, in_line, row, who)
    audit.note(session, who, "book", row, {"state": "held"} if held else {}, {"state": "booked", "session_id": home})
    notices.tell(session, "confirmation", row, dates, who)
    notices.remind(session, row, dates)
    return Booking(row, dates)


def change(session: Session, booking_id: int, to_session_id: int, *, who: str = audit.RESIDENT) -> Booking:
    """Move a booking to another session (or another course) in one go: the new place is taken before the old one is given up.

    Raises UnknownBookingError, NotBookedError, NotAlikeError, a NoPlaceError, a PartyError or AlreadyBookedError; then the old place is kept.
    """
    row, (old, new) = _hold_booking(session, booking_id, to_session_id)
    _check_booked(row, old)
    if places.home(old) == places.home(new):
        return Booking(row, old)
    if (old[0].course is None) != (new[0].course is None):
        raise NotAlikeError
    places.check_open(new)
    check_party(party_of(row), new[0].age_from, new[0].age_to)
    home = places.home(new)
    booked = waiting_list.booking_of(session, home, row.person_key)
    if booked:
        raise AlreadyBookedError(booked)
    held = waiting_list.booking_of(session, home, holder_key(row.conversation_id, "")) if row.conversation_id else None
    in_line = waiting_list.in_line(session, home, row.person_key)
    _make_sure_of_place(session, new, held, in_line)
    if held:
        session.delete(held)
    if in_line:
        _accepted(session, in_line, row, who)
    was, row.session_id, row.sequence = row.session_id, home, row.sequence + 1
    session.flush()
    pass_on(session, old)
    audit.note(session, who, "change", row, {"session_id": was}, {"session_id": home})
    notices.withdraw(session, row)
    notices.tell(session, "change", row, new, who, was=was)
    notices.remind(session, row, new)
    return Booking(row, new)


def amend(session: Session, booking_id: int, party: Party, *, who: str = audit.RESIDENT) -> Booking:
    """Put right who comes, whom to tell or what they need. Raises UnknownBookingError, NotBookedError, a PartyError or AlreadyBookedError."""
    row, (dates,) = _hold_booking(session, booking_id)
    _check_booked(row, dates)
    check_party(party, dates[0].age_from, dates[0].age_to)
    key = person_key(party, row.conversation_id)
    booked = waiting_list.booking_of(session, row.session_id, key)
    if booked and booked.id != row.id:
        raise AlreadyBookedError(booked)
    old, new = party_of(row).columns(), party.columns()
    _fill_in(row, party, key, row.request_id)
    session.flush()
    changed = [column for column in new if new[column] != old[column]]
    if changed:
        audit.note(session, who, "amend", row, {column: old[column] for column in changed}, {column: new[column] for column in changed})
    return Booking(row, dates)


def cancel(session: Session, booking_id: int, *, who: str = audit.RESIDENT, reason: str = "") -> Booking:
    """Give a place up; it goes to the next in the line. Cancelling twice changes nothing.

    Raises UnknownBookingError, and NotBookedError once the session has begun.
    """
    row, (dates,) = _hold_booking(session, booking_id)
    if row.state == "cancelled":
        return Booking(row, dates)
    if row.state == "held":
        row.state = "cancelled"
        _drop_hold(session, row, dates, "release_hold", who)
        return Booking(row, dates)
    _check_booked(row, dates)
    _cancel_row(session, row, dates, who, reason=reason)
    pass_on(session, dates)
    return Booking(row, dates)


def cancel_session(session: Session, session_id: int, reason: str, *, who: str) -> int:
    """A date does not take place, for a reason that residents may read. Returns how many bookings ended with it.

    Of a course the other dates remain, and so do its bookings until no date is left. Raises StartedError for a date that is over.
    """
    (dates,) = places.hold_dates(session, session_id)
    one = next(row for row in dates if row.id == session_id)
    if one.state == "cancelled":
        return 0
    if one.ends_at <= now():
        raise places.StartedError
    one.state, one.reason, one.sequence = "cancelled", reason[:200], one.sequence + 1
    session.flush()
    audit.note(session, who, "cancel_session", one, {"state": "open"}, {"state": "cancelled", "reason": one.reason})
    rows = _rows_with_a_place(session, places.home(dates))
    if places.starts_at(dates) is not None:
        _tell_of_lost_date(session, rows, one, dates, who)
        return 0
    for row in rows:
        if row.state == "held":
            session.delete(row)
        else:
            _cancel_row(session, row, dates, who, reason=one.reason, by_library=True)
        places.give_back(session, dates)
    waiting_list.close_line(session, dates, who)
    return sum(row.state == "cancelled" for row in rows)


def tell_of_changed_date(session: Session, changed: SessionRow, dates: Dates, who: str, *, was: datetime, library: str) -> None:
    """Tell everybody who has a place that a date is now at another time (`was`: UTC) or in another place; their reminders follow."""
    for row in _rows_with_a_place(session, places.home(dates)):
        if row.state == "booked":
            row.sequence += 1
            session.flush()
            notices.withdraw(session, row)
            notices.tell(session, "change", row, dates, who, by_library=True, moved=changed.id, was_at=was.isoformat(), was_in=library)
            notices.remind(session, row, dates)


def accept_offer(session: Session, waiting_id: int, *, who: str = audit.RESIDENT) -> Booking:
    """Book the place that was offered. Accepting twice returns the same booking. Raises NoOfferError where it ran out or never was."""
    row, dates = hold_waiting(session, waiting_id)
    if row.state == "accepted" and row.booking_id:
        return _booking(session, session.get_one(BookingRow, row.booking_id))
    if row.state != "offered" or row.offer_until is None or row.offer_until <= now():
        raise NoOfferError
    return _book(session, dates, party_of(row), row.person_key, f"offer {row.id}", row.conversation_id, who)


def mark_attendance(session: Session, booking_id: int, attended: bool | None, *, who: str) -> Booking:
    """Note whether the person came; None takes the note back. From half an hour before the session: people come early.

    Raises UnknownBookingError, NotBookedError for a cancelled one or sooner than that, and AlreadyBookedError where they have booked again since.
    """
    row, (dates,) = _hold_booking(session, booking_id)
    begins = places.starts_at(dates)
    if row.state not in ("booked", "attended", "missed") or begins is None or begins - DOORS_OPEN > now():
        raise NotBookedError
    had, state = row.state, {True: "attended", False: "missed", None: "booked"}[attended]
    again = waiting_list.booking_of(session, row.session_id, row.person_key) if attended is None else None
    if again and again.id != row.id:
        raise AlreadyBookedError(again)
    if had != state:
        row.state = state
        session.flush()
        audit.note(session, who, "mark_attendance", row, {"state": had}, {"state": row.state})
    return Booking(row, dates)


def bookings_of(session: Session, conversation_id: str) -> list[Booking]:
    """Return what was booked in a chat and is still to come, soonest first."""
    rows = session.scalars(select(BookingRow).filter_by(conversation_id=conversation_id, state="booked"))
    coming = [booking for booking in (_booking(session, row) for row in rows) if booking.dates[-1].ends_at > now()]
    return sorted(coming, key=lambda booking: booking.dates[0].starts_at)


def booking(session: Session, booking_id: int) -> Booking:
    """Return a booking with its dates. Raises UnknownBookingError."""
    row = session.get(BookingRow, booking_id)
    if row is None:
        raise UnknownBookingError
    return _booking(session, row)


def sessions_to_tidy(session: Session) -> list[int]:
    """Return the sessions in which a hold or an offer ran out, or a waiting list outlived its session."""
    holds = select(BookingRow.session_id).filter_by(state="held").where(BookingRow.held_until <= now())
    offers = select(WaitingRow.session_id).filter_by(state="offered").where(WaitingRow.offer_until <= now())
    over = select(WaitingRow.session_id).join(SessionRow, SessionRow.id == WaitingRow.session_id)
    over = over.where(WaitingRow.state.in_(("waiting", "offered")), SessionRow.starts_at <= now())
    return sorted({*session.scalars(holds), *session.scalars(offers), *session.scalars(over)})


def expire(session: Session, session_id: int) -> Expired:
    """End the holds and offers of a session that ran out; their places go to the next in the line."""
    (dates,) = places.hold_dates(session, session_id)
    done = _lapse(session, dates)
    begins = places.starts_at(dates)
    if begins is None or begins <= now():
        waiting_list.close_line(session, dates)
    return done


def _lapse(session: Session, dates: Dates) -> Expired:
    ran_out = select(BookingRow).filter_by(session_id=places.home(dates), state="held").where(BookingRow.held_until <= now())
    holds = list(session.scalars(ran_out))
    for row in holds:
        _drop_hold(session, row, dates, "expire_hold", audit.DESK)
    return Expired(len(holds), waiting_list.lapse_offers(session, dates))


def _make_sure_of_place(session: Session, dates: Dates, held: BookingRow | None, in_line: WaitingRow | None) -> None:
    """A hold or an offer is a place already; who has both gives one back; who has neither takes one."""
    offered = in_line is not None and in_line.state == "offered"
    if held and in_line and offered:
        in_line.state = "accepted"
        pass_on(session, dates)
    elif not held and not offered:
        _take_place(session, dates, but_not=in_line)


def _take_place(session: Session, dates: Dates, but_not: WaitingRow | None = None) -> None:
    """Take a place that nobody in the line comes before. Raises FullError."""
    waiting_list.offer_free_places(session, dates)
    if but_not is not None and but_not.state == "offered":
        return
    try:
        places.take(session, dates)
    except places.FullError:
        if not any(vars(_lapse(session, dates)).values()):
            raise
        places.take(session, dates)


def _accepted(session: Session, in_line: WaitingRow, row: BookingRow, who: str) -> None:
    had = in_line.state
    in_line.state, in_line.offer_until, in_line.booking_id = "accepted", None, row.id
    audit.note(session, who, "accept_offer", in_line, {"state": had}, {"state": "accepted", "booking_id": row.id})
    notices.withdraw(session, in_line)


def _drop_hold(session: Session, row: BookingRow, dates: Dates, what: str, who: str) -> None:
    audit.note(session, who, what, row, {"state": "held", "session_id": row.session_id}, {})
    session.delete(row)
    session.flush()
    pass_on(session, dates)


def _cancel_row(session: Session, row: BookingRow, dates: Dates, who: str, *, reason: str, by_library: bool = False) -> None:
    row.state, row.sequence = "cancelled", row.sequence + 1
    session.flush()
    audit.note(session, who, "cancel", row, {"state": "booked"}, {"state": "cancelled", "reason": reason})
    notices.withdraw(session, row)
    notices.tell(session, "cancellation", row, dates, who, reason=reason, by_library=by_library)


def _tell_of_lost_date(session: Session, rows: list[BookingRow], lost: SessionRow, dates: Dates, who: str) -> None:
    for row in rows:
        if row.state == "booked":
            row.sequence += 1
            notices.withdraw(session, row, session_id=lost.id)
            notices.tell(session, "change", row, dates, who, by_library=True, lost=lost.id, reason=lost.reason)


def _new_row(dates: Dates, key: str, request_id: str, conversation_id: str | None, **values: Any) -> BookingRow:
    return BookingRow(
        session_id=places.home(dates),
        reference=new_reference(),
        request_id=request_id,
        person_key=key,
        conversation_id=conversation_id,
        created_at=now(),
        sequence=0,
        **values,
    )


def _fill_in(row: BookingRow, party: Party, key: str, request_id: str) -> None:
    for column, value in party.columns().items():
        setattr(row, column, value)
    row.person_key, row.request_id, row.state, row.held_until = key, request_id, "booked", None
    row.consent_at = (row.consent_at or now()) if party.consent else None


def _hold_booking(session: Session, booking_id: int, *others: int) -> tuple[BookingRow, list[Dates]]:
    """Return a booking and its dates, and those of other sessions, all locked. Should somebody else move it meanwhile: once more."""
    row = session.get(BookingRow, booking_id, populate_existing=True)
    while row is not None:
        at = row.session_id
        held = places.hold_dates(session, at, *others)
        row = session.get(BookingRow, booking_id, populate_existing=True)
        if row is not None and row.session_id == at:
            return row, held
    raise UnknownBookingError


def _check_booked(row: BookingRow, dates: Dates) -> None:
    begins = places.starts_at(dates)
    if row.state != "booked" or begins is None or begins <= now():
        raise NotBookedError


def _by_request(session: Session, request_id: str) -> BookingRow | None:
    return session.scalar(select(BookingRow).filter_by(request_id=request_id).execution_options(populate_existing=True))


def _holds_of(session: Session, conversation_id: str) -> list[BookingRow]:
    return list(session.scalars(select(BookingRow).filter_by(conversation_id=conversation_id, state="held")))


def _rows_with_a_place(session: Session, home: int) -> list[BookingRow]:
    query = select(BookingRow).filter_by(session_id=home).where(BookingRow.state.in_(("held", "booked")))
    return list(session.scalars(query.order_by(BookingRow.id).execution_options(populate_existing=True)))


def _booking(session: Session, row: BookingRow) -> Booking:
    return Booking(row, places.dates_for(session, row.session_id))

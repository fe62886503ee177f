"""Whatever people do, in whatever order: no place is given twice, everybody has one, and the line keeps its order."""

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from desk import bookings, waiting_list
from desk.bookings import NotAlikeError, NotBookedError
from desk.database import Database
from desk.people import PartyError
from desk.places import FullError, NoPlaceError
from desk.tables import AuditRow, BookingRow, SessionRow, WaitingRow
from desk.waiting_list import AlreadyBookedError, NoOfferError, PlacesLeftError
from tests.desk.timetable import NOW, a_course, a_session, open_library, somebody

REFUSALS = (NoPlaceError, PartyError, AlreadyBookedError, PlacesLeftError, NoOfferError, NotBookedError, NotAlikeError)
people = st.sampled_from(["Ann", "Ben", "Cat", "Dan", "Eve"])
which = st.integers(0, 3)
number = itertools.count()


class Desk(RuleBasedStateMachine):
    """Five people, two sessions (of two places and of one) and two courses of two dates (of one place), in the eight days before."""

    def __init__(self, database: Database, at: Callable[[str], object]) -> None:
        super().__init__()
        self.database, self.at, self.moment = database, at, datetime.fromisoformat(NOW)
        self.requests: dict[str, tuple[int, str]] = {}

    @initialize()
    def set_up(self) -> None:
        self.at(NOW)
        run = f"{next(number)}"
        self.offered = [
            a_session(self.database, "2026-12-05T14:00", 2, title=f"A {run}"),
            a_session(self.database, "2026-12-05T15:00", 1, title=f"B {run}"),
        ]
        for hour in (10, 12):
            self.offered.append(a_course(self.database, f"2026-12-05T{hour}:00", f"2026-12-07T{hour}:00", capacity=1, title=f"{hour} {run}")[0])

    def _try(self, verb: Callable[..., object], *args: object, **more: object) -> object:
        try:
            with self.database.writing() as session:
                return verb(session, *args, **more)
        except FullError:
            with self.database.reading() as session:
                dates = bookings.places.dates_for(session, args[0] if verb is not bookings.change else args[1])  # type: ignore[arg-type]
                assert bookings.places.places_left(dates) == 0 or self._waiting(bookings.places.home(dates))
        except REFUSALS:
            pass
        return None

    def _waiting(self, home: int) -> bool:
        with self.database.reading() as session:
            return session.scalar(select(WaitingRow.id).filter_by(session_id=home, state="waiting")) is not None

    def _some(self, table: type[BookingRow] | type[WaitingRow], pick: int) -> int | None:
        with self.database.reading() as session:
            ids = list(session.scalars(select(table.id).where(table.session_id.in_(self.offered)).order_by(table.id.desc())))
        return ids[pick % len(ids)] if ids else None

    @rule(person=people, pick=which)
    def book(self, person: str, pick: int) -> None:
        request = f"request {next(number)}"
        made = self._try(bookings.book, self.offered[pick], somebody(person), request_id=request)
        if isinstance(made, bookings.Booking):
            self.requests[request] = (made.row.id, person)

    @rule(pick=which)
    def the_same_request_comes_again(self, pick: int) -> None:
        for request, (booking_id, person) in list(self.requests.items())[-1:]:
            again = self._try(bookings.book, self.offered[pick], somebody(person), request_id=request)
            assert isinstance(again, bookings.Booking)
            assert again.row.id == booking_id

    @rule(person=people, pick=which)
    def hold(self, person: str, pick: int) -> None:
        self._try(bookings.hold_place, self.offered[pick], request_id=f"hold {person} {self.offered[pick]}")

    @rule(person=people, pick=which)
    def book_what_is_held(self, person: str, pick: int) -> None:
        self._try(bookings.book, self.offered[pick], somebody(person), request_id=f"hold {person} {self.offered[pick]}")

    @rule(booking=which, pick=which)
    def change(self, booking: int, pick: int) -> None:
        booking_id = self._some(BookingRow, booking)
        if booking_id is not None:
            self._try(bookings.change, booking_id, self.offered[pick])

    @rule(booking=which)
    def cancel(self, booking: int) -> None:
        booking_id = self._some(BookingRow, booking)
        if booking_id is not None:
            self._try(bookings.cancel, booking_id)

    @rule(person=people, pick=which)
    def join(self, person: str, pick: int) -> None:
        self._try(waiting_list.join_waiting_list, self.offered[pick], somebody(person), request_id=f"line {next(number)}")

    @rule(row=which, verb=st.sampled_from([bookings.accept_offer, waiting_list.decline_offer, waiting_list.leave_waiting_list]))
    def answer(self, row: int, verb: Callable[..., object]) -> None:
        waiting_id = self._some(WaitingRow, row)
        if waiting_id is not None:
            self._try(verb, waiting_id)

    @rule(minutes=st.sampled_from([5, 16, 180, 600]), tidy=st.booleans())
    def time_passes(self, minutes: int, tidy: bool) -> None:
        self.moment += timedelta(minutes=minutes)
        self.at(self.moment.isoformat())
        if tidy:
            with self.database.reading() as session:
                due = bookings.sessions_to_tidy(session)
            for each in due:
                self._try(bookings.expire, each)

    @invariant()
    def no_place_is_given_twice_and_none_is_lost(self) -> None:
        with self.database.reading() as session:
            rows = list(session.scalars(select(SessionRow).where(SessionRow.id.in_(self.offered) | SessionRow.course.in_(self.offered))))
            with_a_place = select(BookingRow).where(BookingRow.session_id.in_(self.offered), BookingRow.state.in_(("held", "booked")))
            booked = list(session.scalars(with_a_place))
            line = list(session.scalars(select(WaitingRow).where(WaitingRow.session_id.in_(self.offered)).order_by(WaitingRow.id)))
        given = Counter(row.session_id for row in booked) + Counter(row.session_id for row in line if row.state == "offered")
        for row in rows:
            assert row.taken == given[row.course or row.id]
            assert row.capacity is not None
            assert row.taken <= row.capacity
        names = Counter((row.session_id, row.attendee_name) for row in booked if row.state == "booked")
        assert all(times == 1 for times in names.values())
        for home in self.offered:
            in_line = [row.state for row in line if row.session_id == home and row.state in ("waiting", "offered")]
            assert in_line == sorted(in_line), "the first in the line are the first to be offered a place"
            assert "waiting" not in in_line or given[home] == next(row.capacity for row in rows if row.id == home)

    def teardown(self) -> None:
        """The last that the audit says of each booking is how it is."""
        with self.database.reading() as session:
            rows = {row.id: row for row in session.scalars(select(BookingRow).where(BookingRow.session_id.in_(self.offered)))}
            said: dict[int, dict[str, object]] = {}
            for audit in session.scalars(select(AuditRow).filter_by(subject="booking").order_by(AuditRow.id)):
                said[audit.subject_id] = (said.get(audit.subject_id, {}) if audit.what != "hold_place" else {}) | audit.new
        for each, row in rows.items():
            assert said[each]["state"] == row.state
            assert said[each]["session_id"] == row.session_id


def test_whatever_people_do_the_promises_hold(database: Database, at: Callable[[str], object]):
    open_library(database)
    few = settings(
        max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=False, print_blob=True
    )
    run_state_machine_as_test(lambda: Desk(database, at), settings=few)

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from desk import bookings, waiting_list
from desk.clock import LONDON, in_london
from desk.database import Database
from desk.hours import parse_hours
from desk.places import FullError, NoBookingNeededError
from desk.tables import SessionRow, WaitingRow
from desk.waiting_list import AlreadyBookedError, NoOfferError, PlacesLeftError, Waiting, offer_deadline
from tests.desk.timetable import NOW, a_course, a_session, book, notices, open_library, somebody, states, taken

At = Callable[[str], object]


@pytest.fixture(autouse=True)
def _the_clock_and_the_library(database: Database, at: At) -> None:
    at(NOW)
    open_library(database)


def join(db: Database, session_id: int, name: str, request_id: str | None = None) -> Waiting:
    with db.writing() as session:
        return waiting_list.join_waiting_list(session, session_id, somebody(name), request_id=request_id or f"{session_id} {name}")


def cancel(db: Database, booking_id: int) -> None:
    with db.writing() as session:
        bookings.cancel(session, booking_id)


@pytest.fixture
def full(database: Database) -> tuple[int, int]:
    """A session with one place, which Ann has: its id and her booking's."""
    one = a_session(database, capacity=1)
    return one, book(database, one, "Ann").row.id


def test_people_wait_in_the_order_in_which_they_came(database: Database, full: tuple[int, int]):
    assert [join(database, full[0], name).ahead for name in ("Ben", "Cat", "Dan")] == [0, 1, 2]


def test_joining_twice_is_joining_once(database: Database, full: tuple[int, int]):
    first = join(database, full[0], "Ben")
    assert join(database, full[0], "Ben").row.id == first.row.id
    assert join(database, full[0], "ben", "another request").row.id == first.row.id


def test_nobody_waits_for_what_can_be_had(database: Database, full: tuple[int, int]):
    with pytest.raises(PlacesLeftError):
        join(database, a_session(database, "2026-12-09T14:00"), "Ben")
    with pytest.raises(NoBookingNeededError):
        join(database, a_session(database, capacity=None, kind="drop-in"), "Ben")
    with pytest.raises(AlreadyBookedError):
        join(database, full[0], "Ann")


def test_a_freed_place_is_offered_to_the_first_and_to_nobody_else(database: Database, full: tuple[int, int]):
    one, ann = full
    for name in ("Ben", "Cat"):
        join(database, one, name)
    cancel(database, ann)
    assert states(database, WaitingRow) == [("Ben", "offered"), ("Cat", "waiting")]
    assert taken(database, one) == [1]
    with pytest.raises(FullError):
        book(database, one, "Dan")
    assert [notice.waiting_id for notice in notices(database, kind="offer")] == [1]


def test_an_accepted_offer_is_a_booking_once(database: Database, full: tuple[int, int]):
    one, ann = full
    ben = join(database, one, "Ben").row.id
    cancel(database, ann)
    for _ in range(2):
        with database.writing() as session:
            made = bookings.accept_offer(session, ben)
    assert made.row.attendee_name == "Ben"
    assert states(database) == [("Ann", "cancelled"), ("Ben", "booked")]
    assert (states(database, WaitingRow), taken(database, one)) == ([("Ben", "accepted")], [1])


def test_who_books_what_they_were_offered_uses_the_offer(database: Database, full: tuple[int, int]):
    one, ann = full
    join(database, one, "Ben")
    cancel(database, ann)
    book(database, one, "Ben")
    assert (states(database, WaitingRow), taken(database, one)) == ([("Ben", "accepted")], [1])


@pytest.mark.parametrize("verb", [waiting_list.decline_offer, waiting_list.leave_waiting_list])
def test_an_offer_that_is_not_wanted_goes_to_the_next(database: Database, full: tuple[int, int], verb: Callable[..., object]):
    one, ann = full
    ben = join(database, one, "Ben").row.id
    join(database, one, "Cat")
    cancel(database, ann)
    with database.writing() as session:
        verb(session, ben)
    assert [state for _, state in states(database, WaitingRow)][1] == "offered"
    with pytest.raises(NoOfferError), database.writing() as session:
        bookings.accept_offer(session, ben)


def test_an_offer_that_nobody_answers_goes_to_the_next_and_then_is_free(database: Database, full: tuple[int, int], at: At):
    one, ann = full
    for name in ("Ben", "Cat"):
        join(database, one, name)
    cancel(database, ann)
    for moment, after in (("2026-11-25T10:00", ["expired", "offered"]), ("2026-11-26T10:00", ["expired", "expired"])):
        at(moment)
        with database.writing() as session:
            assert bookings.sessions_to_tidy(session) == [one]
            assert bookings.expire(session, one).offers == 1
        assert [state for _, state in states(database, WaitingRow)] == after
    assert taken(database, one) == [0]


def test_an_offer_that_ran_out_cannot_be_accepted(database: Database, full: tuple[int, int], at: At):
    one, ann = full
    ben = join(database, one, "Ben").row.id
    cancel(database, ann)
    at("2026-11-25T20:00")
    with pytest.raises(NoOfferError), database.writing() as session:
        bookings.accept_offer(session, ben)


def test_leaving_the_line_lets_the_others_move_up(database: Database, full: tuple[int, int]):
    ben, cat = (join(database, full[0], name) for name in ("Ben", "Cat"))
    with database.writing() as session:
        waiting_list.leave_waiting_list(session, ben.row.id)
        assert waiting_list.waiting(session, session.get_one(WaitingRow, cat.row.id)).ahead == 0


def test_a_hold_that_runs_out_goes_to_the_line(database: Database, at: At):
    one = a_session(database, capacity=1)
    with database.writing() as session:
        bookings.hold_place(session, one, request_id="hold")
    join(database, one, "Ben")
    at("2026-11-24T10:16")
    with database.writing() as session:
        bookings.expire(session, one)
    assert (states(database, WaitingRow), taken(database, one)) == ([("Ben", "offered")], [1])


def test_places_that_a_larger_room_brings_are_offered_before_anybody_books_them(database: Database, full: tuple[int, int]):
    one, _ = full
    join(database, one, "Ben")
    with database.writing() as session:
        session.get_one(SessionRow, one).capacity = 2
    with pytest.raises(FullError):
        book(database, one, "Dan")
    with database.writing() as session:
        assert [row.attendee_name for row in waiting_list.offer_place(session, one)] == ["Ben"]
    assert taken(database, one) == [2]


def test_the_line_for_a_course_is_for_all_its_dates(database: Database):
    dates = a_course(database, "2026-12-01T10:00", "2026-12-08T10:00", capacity=1)
    ann = book(database, dates[0], "Ann").row.id
    ben = join(database, dates[1], "Ben").row.id
    cancel(database, ann)
    assert taken(database, *dates) == [1, 1]
    with database.writing() as session:
        assert [row.id for row in bookings.accept_offer(session, ben).dates] == dates
    assert taken(database, *dates) == [1, 1]


def test_a_line_ends_when_its_session_begins_or_does_not_take_place(database: Database, full: tuple[int, int], at: At):
    one, _ = full
    other = a_session(database, "2026-12-09T14:00", 1)
    book(database, other, "Ann")
    join(database, one, "Ben")
    join(database, other, "Cat")
    with database.writing() as session:
        bookings.cancel_session(session, other, "No heating.", who="staff:1")
    at("2026-12-02T14:00")
    with database.writing() as session:
        assert bookings.sessions_to_tidy(session) == [one]
        bookings.expire(session, one)
    assert [state for _, state in states(database, WaitingRow)] == ["closed", "closed"]


# The time to answer

WEEK = tuple(map(parse_hours, ("10:00-18:00",) * 5 + ("10:00-14:00", "")))


@pytest.mark.parametrize(
    ("asked", "begins", "until"),
    [
        ("2026-11-24T10:00", "2026-12-02T14:00", "2026-11-24T18:00"),  # a whole day of opening
        ("2026-11-24T11:52", "2026-12-02T14:00", "2026-11-25T12:00"),  # goes on the next morning
        ("2026-11-24T22:00", "2026-12-02T14:00", "2026-11-25T18:00"),  # at night nobody answers
        ("2026-11-27T16:00", "2026-12-02T14:00", "2026-11-30T12:00"),  # over a weekend with a short Saturday
        ("2026-12-24T16:00", "2027-01-06T14:00", "2026-12-29T16:00"),  # Christmas, Boxing Day's substitute and a Sunday
        ("2026-12-02T11:00", "2026-12-02T14:00", "2026-12-02T13:00"),  # an hour before it begins at the latest
        ("2026-12-02T12:30", "2026-12-02T14:00", None),  # too late for an offer
    ],
)
def test_an_offer_has_eight_hours_of_opening(at: At, asked: str, begins: str, until: str | None):
    at(asked)
    deadline = offer_deadline(WEEK, datetime.fromisoformat(begins).replace(tzinfo=LONDON))
    assert (deadline and in_london(deadline).strftime("%Y-%m-%dT%H:%M")) == until


def test_without_opening_hours_every_hour_counts(at: At):
    at(NOW)
    assert offer_deadline(None, datetime(2026, 12, 2, 14, tzinfo=UTC)) == datetime(2026, 11, 24, 10, tzinfo=UTC) + timedelta(hours=8)


def test_a_place_freed_too_late_for_an_offer_is_free_for_anybody(database: Database, full: tuple[int, int], at: At):
    one, ann = full
    join(database, one, "Ben")
    at("2026-12-02T12:30")
    cancel(database, ann)
    book(database, one, "Dan")
    assert states(database) == [("Ann", "cancelled"), ("Dan", "booked")]

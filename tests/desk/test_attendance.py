"""Who comes, who walks in, and what staff change of the timetable."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from sqlalchemy import select

from desk import attendance, bookings, series, waiting_list
from desk.attendance import TooEarlyError, how_booked, roster, take_back_walk_in, walk_in
from desk.bookings import NotBookedError
from desk.clock import LONDON
from desk.database import Database
from desk.people import TooLongError
from desk.places import CancelledError, FullError, NoBookingNeededError, StartedError
from desk.series import NoDatesError, Repeats, TooFewPlacesError, repeats_of, rule_of
from desk.tables import AuditRow, BookingRow, SeriesRow, SessionRow
from desk.transactions import in_a_transaction
from desk.waiting_list import AlreadyBookedError
from tests.desk.timetable import NOW, a_course, a_session, book, notices, open_library, somebody, states, taken

At = Callable[[str], object]
BY = "staff:1"
DOORS = "2026-12-02T13:30"  # half an hour before what a_session stores


@pytest.fixture(autouse=True)
def _the_clock(at: At) -> None:
    at(NOW)


def come(db: Database, session_id: int, name: str = "Ben", request_id: str = "1") -> int:
    with db.writing() as session:
        return walk_in(session, session_id, name, request_id=request_id, who=BY).row.id


def mark(db: Database, booking_id: int, came: bool | None) -> str:
    with db.writing() as session:
        return bookings.mark_attendance(session, booking_id, came, who=BY).row.state


# Who came


def test_attendance_is_noted_from_half_an_hour_before_and_can_be_taken_back(database: Database, at: At):
    made = book(database, a_session(database)).row.id
    at("2026-12-02T13:29")
    with pytest.raises(NotBookedError):
        mark(database, made, True)
    at(DOORS)
    assert [mark(database, made, came) for came in (True, False, None, True, True)] == ["attended", "missed", "booked", "attended", "attended"]
    with database.reading() as session:
        noted = session.scalars(select(AuditRow).filter_by(what="mark_attendance").order_by(AuditRow.id)).all()
    assert [(row.who, row.old["state"], row.new["state"]) for row in noted] == [
        (BY, "booked", "attended"),
        (BY, "attended", "missed"),
        (BY, "missed", "booked"),
        (BY, "booked", "attended"),
    ]


def test_who_was_marked_by_mistake_and_booked_again_is_not_booked_twice(database: Database, at: At):
    one = a_session(database)
    first = book(database, one).row.id
    at(DOORS)
    mark(database, first, False)
    book(database, one, request_id="again")
    with pytest.raises(AlreadyBookedError):
        mark(database, first, None)


def test_the_roster_is_by_name_and_says_how_each_booked(database: Database, at: At):
    one = a_session(database, capacity=5)
    book(database, one, "Zoë", request_id="page 1")
    book(database, one, "ann", request_id=attendance.staff_request("f"), who=BY)
    gone = book(database, one, "Gone")
    with database.writing() as session:
        bookings.cancel(session, gone.row.id)
    at(DOORS)
    come(database, one, "Mia")
    with database.writing() as session:
        bookings.hold_place(session, one, request_id="typing")
    with database.reading() as session:
        found = roster(session, one)
        assert [(row.attendee_name, how_booked(row)) for row in found.booked] == [("ann", "staff"), ("Mia", "walk-in"), ("Zoë", "page")]
        assert [row.attendee_name for row in found.cancelled] == ["Gone"]
        assert (found.came, found.being_booked, found.is_open) == (1, 1, True)


def test_all_dates_of_a_course_share_a_roster_and_a_line(database: Database):
    ids = a_course(database, "2026-12-02T14:00", "2026-12-09T14:00", capacity=1)
    book(database, ids[0])
    with database.writing() as session:
        waiting_list.join_waiting_list(session, ids[1], somebody("Ben"), request_id="w")
        found = roster(session, ids[1])
        assert (found.row.id, len(found.booked), len(found.line)) == (ids[1], 1, 1)
        assert attendance.line_lengths(session, ids) == {ids[0]: 1}


# Walk-ins


def test_a_walk_in_takes_a_place_once(database: Database, at: At):
    one = a_session(database)
    with pytest.raises(TooEarlyError):
        come(database, one)
    at(DOORS)
    assert come(database, one) == come(database, one)
    assert taken(database, one) == [1]
    assert states(database) == [("Ben", "attended")]


def test_a_walk_in_is_never_one_too_many(database: Database, at: At):
    one = a_session(database, capacity=1)
    at(DOORS)

    def try_to(n: int) -> bool:
        try:
            in_a_transaction(database, lambda s: walk_in(s, one, "", request_id=f"{n}", who=BY))
        except FullError:
            return False
        return True

    with ThreadPoolExecutor(6) as crowd:
        assert sum(crowd.map(try_to, range(6))) == 1
    assert taken(database, one) == [1]


def test_a_place_kept_for_nobody_any_more_is_free_for_a_walk_in(database: Database, at: At):
    one = a_session(database, capacity=1)
    at("2026-12-02T13:20")
    with database.writing() as session:
        bookings.hold_place(session, one, request_id="typing")
    at("2026-12-02T13:31")
    with pytest.raises(FullError):
        come(database, one)
    at("2026-12-02T13:36")
    come(database, one)
    assert states(database) == [("Ben", "attended")]


def test_a_walk_in_taken_back_frees_the_place_and_stays_in_the_database(database: Database, at: At):
    one = a_session(database)
    booked = book(database, one).row.id
    at(DOORS)
    walked_in = come(database, one)
    with database.writing() as session:
        take_back_walk_in(session, walked_in, who=BY)
        take_back_walk_in(session, walked_in, who=BY)
    assert taken(database, one) == [1]
    assert states(database)[1] == ("Ben", "cancelled")
    with pytest.raises(NotBookedError), database.writing() as session:
        take_back_walk_in(session, booked, who=BY)


def test_people_who_come_to_a_drop_in_are_counted_without_places(database: Database, at: At):
    one = a_session(database, capacity=None, kind="drop-in")
    at(DOORS)
    first, _ = come(database, one, "", "1"), come(database, one, "", "2")
    with database.writing() as session:
        take_back_walk_in(session, first, who=BY)
        assert roster(session, one).came == 1
    assert taken(database, one) == [0]


def test_nobody_walks_into_what_does_not_take_place_or_under_an_endless_name(database: Database, at: At):
    one, off = a_session(database), a_session(database, title="Off")
    with database.writing() as session:
        bookings.cancel_session(session, off, "Ill", who=BY)
    at(DOORS)
    with pytest.raises(CancelledError):
        come(database, off)
    with pytest.raises(TooLongError):
        come(database, one, "x" * 201)


# One date


def move(db: Database, session_id: int, starts: str, **where: str) -> bool:
    with db.writing() as session:
        return series.move_date(session, session_id, datetime.fromisoformat(starts), 60, who=BY, **where)


def test_a_moved_date_is_told_and_its_day_is_not_filled_again(database: Database):
    row = a_series(database)
    first = dates(database, row)[0]
    book(database, first.id)
    assert move(database, first.id, "2026-11-26T10:00", room="Hall")
    assert not move(database, first.id, "2026-11-26T10:00", room="Hall")
    assert [each.details["was_in"] for each in notices(database, kind="change")] == ["pimlico-library"]
    with database.writing() as session:
        stored = series.store_dates(session, session.get_one(SeriesRow, row))
        moved = session.get_one(SessionRow, first.id)
    assert (stored.added, stored.changed, stored.removed) == (0, 0, 0)
    assert (f"{moved.starts_at.astimezone(LONDON):%m-%d %H:%M}", moved.room, moved.series_id) == ("11-26 10:00", "Hall", None)


def test_a_date_is_moved_neither_from_the_past_nor_into_it_nor_once_cancelled(database: Database):
    one, over = a_session(database), a_session(database, "2026-11-24T09:00")
    for session_id, starts in ((one, "2026-11-24T09:00"), (over, "2026-12-01T09:00")):
        with pytest.raises(StartedError):
            move(database, session_id, starts)
    with database.writing() as session:
        bookings.cancel_session(session, one, "Ill", who=BY)
    with pytest.raises(CancelledError):
        move(database, one, "2026-12-03T14:00")


def test_more_places_go_to_those_who_wait_and_never_fewer_than_are_taken(database: Database):
    open_library(database)
    one, drop_in = a_session(database, capacity=1), a_session(database, capacity=None, kind="drop-in")
    book(database, one)
    with database.writing() as session:
        waiting_list.join_waiting_list(session, one, somebody("Ben"), request_id="w")
        series.change_capacity(session, one, 2, who=BY)
        assert [row.state for row in roster(session, one).line] == ["offered"]
    with pytest.raises(TooFewPlacesError), database.writing() as session:
        series.change_capacity(session, one, 1, who=BY)
    with pytest.raises(NoBookingNeededError), database.writing() as session:
        series.change_capacity(session, drop_in, 1, who=BY)
    assert taken(database, one) == [2]


# Series


@pytest.mark.parametrize(
    ("repeats", "rule"),
    [
        (Repeats("weekly", (0, 2)), "FREQ=WEEKLY;BYDAY=MO,WE"),
        (Repeats("fortnightly", (1,), until=date(2027, 3, 31)), "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;UNTIL=20270331"),
        (Repeats("monthly", (3,), 2), "FREQ=MONTHLY;BYDAY=2TH"),
        (Repeats("monthly", (5,), -1), "FREQ=MONTHLY;BYDAY=-1SA"),
    ],
)
def test_plain_choices_are_a_rule_and_a_rule_plain_choices(repeats: Repeats, rule: str):
    assert rule_of(repeats) == rule
    assert repeats_of(rule) == repeats


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO;COUNT=4", "FREQ=MONTHLY;BYDAY=1MO,3MO", "FREQ=MONTHLY;BYMONTHDAY=3", "FREQ=WEEKLY;BYDAY=XX"]
)
def test_a_rule_that_is_not_plain_is_kept_as_it_is(rule: str):
    assert repeats_of(rule) is None


def given(uid: str = "s", rule: str = "FREQ=WEEKLY;BYDAY=WE", starts: str = "2026-11-25T14:00", **changes: object) -> SeriesRow:
    described: dict[str, object] = {"kind": "class", "library": "pimlico-library", "title": "Email", "about": "", "capacity": 2, "minutes": 60}
    described |= {"languages": [], "access": [], "room": "", "audience": "", "cost": "", "sample": False, "exceptions": []}
    described |= {"age_from": None, "age_to": None, "dates_a_course": None}
    return SeriesRow(uid=uid, rule=rule, starts_at=datetime.fromisoformat(starts).replace(tzinfo=LONDON), **(described | changes))


def a_series(db: Database, **changes: object) -> int:
    open_library(db)
    with db.writing() as session:
        row = given(**changes)  # type: ignore[arg-type]
        series.add_to_timetable(session, row, who=BY)
        return row.id


def dates(db: Database, series_id: int) -> list[SessionRow]:
    with db.reading() as session:
        return series.coming_dates(session, series_id)


def edit(db: Database, series_id: int, row: SeriesRow, reason: str = "") -> int:
    with db.writing() as session:
        return series.edit_series(session, series_id, row, reason=reason, who=BY).id


def when(rows: list[SessionRow]) -> list[str]:
    return [f"{row.starts_at.astimezone(LONDON):%m-%d %H:%M}" for row in rows]


def test_the_earlier_dates_stay_and_the_later_ones_take_their_people_along(database: Database):
    old = a_series(database)
    kept, moved = dates(database, old)[0], dates(database, old)[1]
    book(database, kept.id, "Ann")
    book(database, moved.id, "Ben")
    new = edit(database, old, given("t", "FREQ=WEEKLY;BYDAY=TH", "2026-11-30T10:00"))
    assert when(dates(database, old)) == ["11-25 14:00"]
    assert when(dates(database, new))[:2] == ["12-03 10:00", "12-10 10:00"]
    assert dates(database, new)[0].id == moved.id
    assert states(database) == [("Ann", "booked"), ("Ben", "booked")]
    with database.reading() as session:
        told = session.get_one(BookingRow, notices(database, kind="change")[0].booking_id)
    assert told.attendee_name == "Ben"
    assert edit(database, old, given("t", "FREQ=WEEKLY;BYDAY=TH", "2026-11-30T10:00")) == new  # sent twice


def test_who_has_no_date_left_is_told_why(database: Database):
    old = a_series(database)
    book(database, dates(database, old)[1].id)
    edit(database, old, given("t", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "2026-11-25T14:00"), "Every other week from now on.")
    assert [each.details["reason"] for each in notices(database, kind="cancellation")] == ["Every other week from now on."]


def test_a_series_is_changed_from_tomorrow_on_at_the_earliest(database: Database):
    old = a_series(database)
    with pytest.raises(StartedError):
        edit(database, old, given("t", starts="2026-11-24T15:00"))
    assert when(dates(database, old))[0] == "11-25 14:00"


def test_a_date_of_its_own_is_not_doubled_by_a_change_of_its_series(database: Database):
    old = a_series(database)
    first = dates(database, old)[0]
    move(database, first.id, "2026-11-26T10:00")
    new = edit(database, old, given("t", starts="2026-11-25T15:00"))
    assert when(dates(database, new))[0] == "12-02 15:00"


def test_a_course_that_has_begun_ends_as_it_began(database: Database):
    old = a_series(database, kind="course", dates_a_course=2)
    ids = [row.id for row in dates(database, old)]
    book(database, ids[2])
    new = edit(database, old, given("t", "FREQ=WEEKLY;BYDAY=TH", "2026-12-01T10:00", kind="course", dates_a_course=2))
    assert when(dates(database, old)) == ["11-25 14:00", "12-02 14:00"]
    assert when(dates(database, new))[:2] == ["12-03 10:00", "12-10 10:00"]
    assert [row.id for row in dates(database, new)][:2] == ids[2:4]
    assert {row.course for row in dates(database, new)[:2]} == {ids[2]}
    assert states(database) == [("Mary O'Brien-Khan", "booked")]


def test_a_series_ends_and_only_what_nobody_booked_disappears(database: Database):
    row = a_series(database)
    book(database, dates(database, row)[2].id)
    with database.writing() as session:
        stored = series.end_series(session, row, date(2026, 12, 2), "No tutor", who=BY)
    assert (stored.cancelled, stored.added) == (1, 0)
    assert [(when([each])[0], each.state, each.reason) for each in dates(database, row)] == [
        ("11-25 14:00", "open", ""),
        ("12-09 14:00", "cancelled", "No tutor"),
    ]
    with database.writing() as session:
        series.store_dates(session, session.get_one(SeriesRow, row))
        assert [each.id for each in series.running_series(session)] == [row]


def test_what_would_never_take_place_is_refused(database: Database):
    for changes in ({"starts": "2026-11-25T03:00"}, {"rule": "FREQ=WEEKLY;BYDAY=SU"}):
        with pytest.raises(NoDatesError):
            a_series(database, **changes)
    with database.reading() as session:
        assert session.scalars(select(SeriesRow)).all() == []


def test_a_series_that_begins_next_year_is_taken(database: Database):
    row = a_series(database, starts="2027-06-02T14:00")
    assert dates(database, row) == []
    with database.reading() as session:
        assert [each.id for each in series.running_series(session, "pimlico-library")] == [row]

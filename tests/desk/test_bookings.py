from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from desk import bookings, conversations, look_ups, waiting_list
from desk.bookings import Booking, NotAlikeError, NotBookedError, RequestReusedError
from desk.database import Database
from desk.look_ups import WrongLookUp
from desk.people import AdultNeededError, ConsentNeededError, NameNeededError, Party, TooLongError, WrongAgeError
from desk.places import CancelledError, FullError, NoBookingNeededError, NoPlaceError, StartedError, UnknownSessionError
from desk.tables import AuditRow, BookingRow, SessionRow
from desk.waiting_list import AlreadyBookedError
from tests.desk.timetable import NOW, a_course, a_session, book, open_library, somebody, states, taken

At = Callable[[str], object]


@pytest.fixture(autouse=True)
def _the_clock_and_the_library(database: Database, at: At) -> None:
    at(NOW)
    open_library(database)


def all_rows(db: Database) -> list[BookingRow]:
    with db.reading() as session:
        return list(session.scalars(select(BookingRow)))


# Booking


def test_a_booking_takes_a_place_and_has_a_reference(database: Database):
    one = a_session(database)
    made = book(database, one)
    assert made.row.state == "booked"
    assert len(made.reference) == 9
    assert taken(database, one) == [1]


@pytest.mark.parametrize("name", ["Mary O'Brien-Khan", "Zoë Ångström", "李小龙", "April May", "Cher", "محمد علي", "<b>Bob</b>", "  de  la Cruz "])
def test_a_name_is_kept_exactly_as_typed(database: Database, name: str):
    book(database, a_session(database), name)
    assert [row.attendee_name for row in all_rows(database)] == [name]


def test_the_same_request_again_is_the_same_booking(database: Database):
    one = a_session(database)
    first, second = book(database, one, request_id="r"), book(database, one, request_id="r")
    assert first.row.id == second.row.id
    assert taken(database, one) == [1]


@pytest.mark.parametrize("name", ["Mary O'Brien-Khan", "mary obrien-khan", "MARY  O’BRIEN-KHAN "])
def test_one_person_has_one_place_in_a_session(database: Database, name: str):
    one = a_session(database)
    first = book(database, one)
    with pytest.raises(AlreadyBookedError) as error:
        book(database, one, name, request_id="another")
    assert error.value.booking_id == first.row.id
    assert taken(database, one) == [1]


def test_two_of_one_household_with_one_telephone_have_a_place_each(database: Database):
    one = a_session(database)
    book(database, one, "Mary Khan")
    book(database, one, "Yusuf Khan")
    assert taken(database, one) == [2]


def test_two_people_of_one_name_without_a_contact_are_two(database: Database):
    one = a_session(database)
    for _ in range(2):
        with database.writing() as session:
            chat = conversations.start(session, [], language="en", page="", keep_days=1).conversation.id
            bookings.book(session, one, Party("Mary Khan"), request_id=chat, conversation_id=chat)
    assert taken(database, one) == [2]
    with pytest.raises(AlreadyBookedError), database.writing() as session:
        bookings.book(session, one, Party("Mary Khan"), request_id="again", conversation_id=chat)


def test_the_last_place_is_given_once(database: Database):
    one = a_session(database, capacity=1)
    book(database, one, "Ann")
    with pytest.raises(FullError):
        book(database, one, "Ben")
    assert states(database) == [("Ann", "booked")]


def test_what_cannot_be_booked_says_why(database: Database, at: At):
    cases: list[tuple[int, type[NoPlaceError]]] = [
        (a_session(database, capacity=None, kind="drop-in"), NoBookingNeededError),
        (a_session(database, "2026-11-24T09:00"), StartedError),
        (a_session(database, "2026-12-03T09:00", state="cancelled"), CancelledError),
        (999, UnknownSessionError),
    ]
    for session_id, error in cases:
        with pytest.raises(error):
            book(database, session_id)
    assert all_rows(database) == []


# People


def test_a_name_is_needed(database: Database):
    with pytest.raises(NameNeededError):
        book(database, a_session(database), "  ")


def test_somebody_who_books_for_another_says_that_they_agree(database: Database):
    one, father = a_session(database), {"contact_name": "Sam Khan", "relation": "son"}
    with pytest.raises(ConsentNeededError), database.writing() as session:
        bookings.book(session, one, somebody(**father), request_id="1")
    with database.writing() as session:
        made = bookings.book(session, one, somebody(**father, consent=True), request_id="2")
    assert (made.row.contact_name, made.row.relation) == ("Sam Khan", "son")
    assert made.row.consent_at is not None


def test_under_sixteen_needs_an_adult_whom_we_can_reach(database: Database):
    club = a_session(database, kind="coding-club", age_from=8, age_to=14)
    adult = {"contact_name": "Sam Khan", "relation": "parent", "consent": True}
    for child in (somebody(age=9), somebody(), somebody(phone="", age=9, **adult)):
        with pytest.raises(AdultNeededError), database.writing() as session:
            bookings.book(session, club, child, request_id="1")
    with database.writing() as session:
        assert bookings.book(session, club, somebody(age=9, **adult), request_id="2").row.age == 9


@pytest.mark.parametrize("field", ["attendee_name", "contact_name", "relation", "needs"])
def test_what_is_too_long_to_be_kept_is_named(database: Database, field: str):
    one = a_session(database)
    with pytest.raises(TooLongError) as error, database.writing() as session:
        bookings.book(session, one, Party(**{"attendee_name": "Ann", "consent": True, field: "x" * 1001}), request_id="1")
    assert error.value.field == field


def test_a_session_for_another_age_is_not_booked(database: Database):
    club = a_session(database, kind="coding-club", age_from=8, age_to=14)
    with pytest.raises(WrongAgeError), database.writing() as session:
        bookings.book(session, club, somebody(age=40), request_id="1")


# Holds


def hold(db: Database, session_id: int, request_id: str = "hold", conversation_id: str | None = None) -> Booking:
    with db.writing() as session:
        return bookings.hold_place(session, session_id, request_id=request_id, conversation_id=conversation_id)


def test_a_held_place_is_nobody_elses_and_becomes_the_booking(database: Database):
    one = a_session(database, capacity=1)
    hold(database, one, "r")
    with pytest.raises(FullError):
        book(database, one, "Ben")
    made = book(database, one, "Ann", request_id="r")
    assert made.row.held_until is None
    assert (taken(database, one), states(database)) == ([1], [("Ann", "booked")])


def test_a_hold_ends_after_fifteen_minutes_and_leaves_nothing(database: Database, at: At):
    one = a_session(database, capacity=1)
    hold(database, one)
    at("2026-11-24T10:14")
    with database.reading() as session:
        assert bookings.sessions_to_tidy(session) == []
    at("2026-11-24T10:16")
    with database.writing() as session:
        assert bookings.sessions_to_tidy(session) == [one]
        assert bookings.expire(session, one).holds == 1
    assert (taken(database, one), all_rows(database)) == ([0], [])


def test_a_request_id_is_for_one_session(database: Database):
    one, other = a_session(database), a_session(database, "2026-12-09T14:00")
    hold(database, one, "r")
    for again in (hold, lambda db, each, request: book(db, each, request_id=request)):
        with pytest.raises(RequestReusedError):
            again(database, other, "r")
    assert taken(database, one, other) == [1, 0]


def test_activity_renews_a_hold(database: Database, at: At):
    one = a_session(database)
    hold(database, one, "r")
    at("2026-11-24T10:14")
    assert hold(database, one, "r").row.held_until == datetime.fromisoformat("2026-11-24T10:29+00:00")
    assert taken(database, one) == [1]


def test_a_chat_holds_one_place_in_a_session_and_can_give_it_back(database: Database):
    one = a_session(database)
    with database.writing() as session:
        chat = conversations.start(session, [], language="en", page="", keep_days=1).conversation.id
    assert hold(database, one, "1", chat).row.id == hold(database, one, "2", chat).row.id
    with database.writing() as session:
        assert len(bookings.renew_hold(session, chat)) == 1
        assert bookings.release_hold(session, chat) == 1
    assert (taken(database, one), all_rows(database)) == ([0], [])


def test_what_was_booked_in_a_chat_is_known_there(database: Database):
    with database.writing() as session:
        chat = conversations.start(session, [], language="en", page="", keep_days=1).conversation.id
    later, sooner = a_session(database, "2026-12-09T14:00"), a_session(database)
    for each in (later, sooner):
        book(database, each, conversation_id=chat)
    with database.reading() as session:
        assert [booking.row.session_id for booking in bookings.bookings_of(session, chat)] == [sooner, later]
    with database.writing() as session:
        conversations.erase(session, chat)
    assert {row.conversation_id for row in all_rows(database)} == {None}


def test_somebody_who_wants_the_place_of_a_hold_that_ran_out_has_it_at_once(database: Database, at: At):
    one = a_session(database, capacity=1)
    hold(database, one)
    at("2026-11-24T10:16")
    book(database, one, "Ben")
    assert (taken(database, one), states(database)) == ([1], [("Ben", "booked")])


# Changing and cancelling


def test_a_change_moves_the_place_in_one_go(database: Database):
    old, new = a_session(database), a_session(database, "2026-12-09T14:00")
    made = book(database, old)
    with database.writing() as session:
        moved = bookings.change(session, made.row.id, new)
    assert moved.reference == made.reference
    assert (taken(database, old, new), moved.row.sequence) == ([0, 1], 1)


def test_a_change_to_a_full_session_keeps_the_old_place(database: Database):
    old, new = a_session(database), a_session(database, "2026-12-09T14:00", 1)
    book(database, new, "Ben")
    made = book(database, old, "Ann")
    with pytest.raises(FullError), database.writing() as session:
        bookings.change(session, made.row.id, new)
    assert taken(database, old, new) == [1, 1]
    assert all_rows(database)[-1].session_id == old


def test_a_change_to_where_one_is_booked_already_is_refused(database: Database):
    old, new = a_session(database), a_session(database, "2026-12-09T14:00")
    made, _ = book(database, old), book(database, new)
    with pytest.raises(AlreadyBookedError), database.writing() as session:
        bookings.change(session, made.row.id, new)
    assert taken(database, old, new) == [1, 1]


def test_cancelling_frees_the_place_once(database: Database):
    one = a_session(database)
    made = book(database, one)
    for _ in range(2):
        with database.writing() as session:
            assert bookings.cancel(session, made.row.id).row.state == "cancelled"
    assert taken(database, one) == [0]


def test_who_cancelled_can_book_again(database: Database):
    one = a_session(database)
    with database.writing() as session:
        bookings.cancel(session, book(database, one).row.id)
    assert book(database, one, request_id="again").row.state == "booked"


def test_a_session_that_has_begun_is_neither_changed_nor_cancelled(database: Database, at: At):
    one, other = a_session(database), a_session(database, "2026-12-09T14:00")
    made = book(database, one)
    at("2026-12-02T14:00")
    with pytest.raises(NotBookedError), database.writing() as session:
        bookings.cancel(session, made.row.id)
    with pytest.raises(NotBookedError), database.writing() as session:
        bookings.change(session, made.row.id, other)


def test_attendance_is_noted_once_the_session_has_begun(database: Database, at: At):
    made = book(database, a_session(database))
    with pytest.raises(NotBookedError), database.writing() as session:
        bookings.mark_attendance(session, made.row.id, True, who="staff:1")
    at("2026-12-02T15:00")
    with database.writing() as session:
        assert bookings.mark_attendance(session, made.row.id, True, who="staff:1").row.state == "attended"


def test_a_respelt_name_and_another_number_are_put_right(database: Database):
    made = book(database, a_session(database), "Mary Kahn")
    with database.writing() as session:
        row = bookings.amend(session, made.row.id, somebody("Mary Khan", "+447700900999")).row
    assert (row.attendee_name, row.phone, row.reference) == ("Mary Khan", "+447700900999", made.row.reference)


def test_a_session_that_does_not_take_place_ends_its_bookings(database: Database):
    one = a_session(database)
    book(database, one, "Ann")
    hold(database, one)
    with database.writing() as session:
        assert bookings.cancel_session(session, one, "Our heating is broken.", who="staff:1") == 1
    assert (taken(database, one), states(database)) == ([0], [("Ann", "cancelled")])


# Courses


DATES = ("2026-12-01T10:00", "2026-12-08T10:00", "2026-12-15T10:00")


def test_a_course_is_booked_on_all_its_dates(database: Database):
    dates = a_course(database, *DATES)
    made = book(database, dates[1])
    assert [row.id for row in made.dates] == dates
    assert (made.row.session_id, taken(database, *dates)) == (dates[0], [1, 1, 1])


def test_a_course_with_one_full_date_is_booked_on_none(database: Database):
    dates = a_course(database, *DATES, capacity=1)
    with database.writing() as session:
        session.get_one(SessionRow, dates[2]).taken = 1
    with pytest.raises(FullError):
        book(database, dates[0])
    assert taken(database, *dates) == [0, 0, 1]


def test_a_course_is_cancelled_and_changed_as_a_whole(database: Database):
    first, second = a_course(database, *DATES), a_course(database, "2027-01-12T10:00", "2027-01-19T10:00", title="Again")
    made = book(database, first[0])
    with database.writing() as session:
        bookings.change(session, made.row.id, second[1])
    assert (taken(database, *first), taken(database, *second)) == ([0, 0, 0], [1, 1])
    with database.writing() as session:
        bookings.cancel(session, made.row.id)
    assert taken(database, *second) == [0, 0]


def test_a_single_session_is_not_changed_for_a_course(database: Database):
    made = book(database, a_session(database))
    with pytest.raises(NotAlikeError), database.writing() as session:
        bookings.change(session, made.row.id, a_course(database, *DATES)[0])


def test_a_lost_date_leaves_the_rest_of_the_course(database: Database):
    dates = a_course(database, *DATES)
    book(database, dates[0], "Ann")
    with database.writing() as session:
        assert bookings.cancel_session(session, dates[1], "Election day.", who="staff:1") == 0
    assert states(database) == [("Ann", "booked")]
    for each in (dates[0], dates[2]):
        with database.writing() as session:
            bookings.cancel_session(session, each, "No teacher.", who="staff:1")
    assert (states(database), taken(database, *dates)) == ([("Ann", "cancelled")], [0, 0, 0])


# The audit


def test_every_change_is_in_the_audit_and_no_name_is(database: Database):
    old, new = a_session(database), a_session(database, "2026-12-09T14:00")
    made = book(database, old)
    with database.writing() as session:
        bookings.change(session, made.row.id, new, who="staff:7")
        bookings.amend(session, made.row.id, somebody("Mary Secret"))
        bookings.cancel(session, made.row.id)
    with database.reading() as session:
        rows = list(session.scalars(select(AuditRow).order_by(AuditRow.id)))
    assert [(row.who, row.what) for row in rows] == [("resident", "book"), ("staff:7", "change"), ("resident", "amend"), ("resident", "cancel")]
    assert (rows[1].old, rows[1].new) == ({"session_id": old}, {"session_id": new})
    assert "Secret" not in str([(row.old, row.new) for row in rows])


# Looking up


def look_up(db: Database, reference: str, given: str, asked_by: str = "somebody", conversation_id: str | None = None) -> object:
    with db.writing() as session:
        return look_ups.look_up(session, reference, given, asked_by=asked_by, conversation_id=conversation_id)


@pytest.mark.parametrize(
    "given",
    [
        *("Mary O'Brien-Khan", "it's mary obrien-khan here", "obrienkhan mary", "mary obrien khan", "MARY O BRIEN KHAN", "it's Mary O’Brien–Khan"),
        *("Khan O'Brien Mary", "mary o brien khan here", "07700 900123", "mary@example.com", "Sam Khan"),
    ],
)
def test_a_booking_is_opened_by_its_reference_and_a_name_or_contact(database: Database, given: str):
    with database.writing() as session:
        party = somebody(email="Mary@example.com", contact_name="Sam Khan", relation="son", consent=True)
        made = bookings.book(session, a_session(database), party, request_id="1")
    found = look_up(database, f"my reference is {made.reference.lower()}", given)
    assert isinstance(found, Booking)
    assert found.row.id == made.row.id


@pytest.mark.parametrize(
    "given", ["Mary", "Khan", "Mary O'Brien", "Mary Khan", "obrien khan", "Ann Other", "07700 900124", "", "mary@gmail.com", "Mary O'Brien-Khan " * 9]
)
def test_a_reference_alone_or_with_another_name_opens_nothing(database: Database, given: str):
    made = book(database, a_session(database))
    assert look_up(database, made.reference, given) == WrongLookUp(2)


def test_wrong_three_times_is_for_a_person(database: Database, at: At):
    made = book(database, a_session(database))
    assert [look_up(database, made.reference, "Ann") for _ in range(3)] == [WrongLookUp(2), WrongLookUp(1), WrongLookUp(0)]
    assert look_up(database, made.reference, "Mary O'Brien-Khan") == WrongLookUp(0)
    assert isinstance(look_up(database, made.reference, "Mary O'Brien-Khan", "somebody else"), Booking)
    at("2026-11-25T10:00")
    assert isinstance(look_up(database, made.reference, "Mary O'Brien-Khan"), Booking)


def test_names_cannot_be_tried_out_on_a_reference_from_many_chats(database: Database):
    made = book(database, a_session(database))
    for n in range(10):
        look_up(database, made.reference, "Ann", f"chat {n}")
    assert look_up(database, made.reference, "Mary O'Brien-Khan", "yet another") == WrongLookUp(0)


def test_a_place_in_the_line_is_looked_up_too(database: Database):
    one = a_session(database, capacity=1)
    book(database, one, "Ann")
    with database.writing() as session:
        line = waiting_list.join_waiting_list(session, one, somebody("Ben Bo"), request_id="1")
    found = look_up(database, line.row.reference, "Ben Bo")
    assert isinstance(found, waiting_list.Waiting)
    assert found.row.id == line.row.id


def test_a_hold_lasts_fifteen_minutes():
    assert timedelta(minutes=15) == bookings.HOLD

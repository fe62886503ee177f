import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from desk import bookings, conversations, waiting_list
from desk import notices as notices_module
from desk.clock import LONDON, in_london
from desk.database import Database
from desk.hours import parse_hours
from desk.places import FullError, NoBookingNeededError
from desk.tables import ConversationRow, MessageRow, SessionRow, WaitingRow
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


# An offer in the chat it is for


@pytest.fixture
def chat(database: Database) -> str:
    return open_chat(database)


def open_chat(db: Database, language: str = "en") -> str:
    with db.writing() as session:
        return conversations.start(session, [], language=language, page="", keep_days=30).conversation.id


@pytest.fixture
def offered(database: Database, full: tuple[int, int], chat: str) -> int:
    """Ben waits in a chat and is offered Ann's place: his number in the line."""
    one, ann = full
    ben = join_in(database, one, "Ben", chat)
    cancel(database, ann)
    return ben


def join_in(db: Database, session_id: int, name: str, conversation_id: str) -> int:
    with db.writing() as session:
        return waiting_list.join_waiting_list(session, session_id, somebody(name), request_id=name, conversation_id=conversation_id).row.id


def log(db: Database, conversation_id: str) -> list[MessageRow]:
    with db.reading() as session:
        return conversations.events_after(session, conversation_id, 0)


def have(db: Database, conversation_id: str, **changed: object) -> None:
    with db.writing() as session:
        session.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(**changed))


def test_an_offer_is_said_in_the_open_chat_once(database: Database, chat: str, offered: int):
    assert [waiting_list.say_offers(database) for _ in range(2)] == [1, 0]
    [message] = log(database, chat)
    assert (message.seq, message.author, message.kind, message.in_reply_to) == (1, "bot", "booking", None)
    assert "First steps with your smartphone at Pimlico Library, Wednesday 2 December, 2pm" in message.text
    assert "until 6pm on Tuesday 24 November" in message.text
    values = [(choice["label"], choice["value"]) for choice in message.details["choices"]]
    assert values == [("book_session", f"accept:{offered}"), ("cancel_booking", f"decline:{offered}")]
    assert [notice.state for notice in notices(database, channel="chat")] == ["sent"]


def test_the_mobile_is_told_too(database: Database, offered: int):
    waiting_list.say_offers(database)
    assert [notice.state for notice in notices(database, channel="text", kind="offer")] == ["due"]


def test_runners_at_the_same_moment_say_an_offer_once(database: Database):
    chats = {}
    for day in range(1, 7):
        one = a_session(database, f"2026-12-{day:02}T14:00", 1)
        ann = book(database, one, "Ann").row.id
        chats[one] = open_chat(database)
        join_in(database, one, f"person {day}", chats[one])
        cancel(database, ann)
    barrier, said = threading.Barrier(4), []

    def run() -> None:
        barrier.wait()
        said.append(waiting_list.say_offers(database))

    runners = [threading.Thread(target=run) for _ in range(4)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert (len(said), sum(said)) == (4, 6)
    assert [len(log(database, chat)) for chat in chats.values()] == [1] * 6


def test_a_runner_that_dies_before_the_end_has_said_nothing_and_the_next_says_it(
    database: Database, chat: str, offered: int, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        patch.setattr("desk.notices.mark_done", lambda *_: sys.exit())
        with pytest.raises(SystemExit):
            waiting_list.say_offers(database)
    assert log(database, chat) == []
    assert waiting_list.say_offers(database) == 1
    assert len(log(database, chat)) == 1


@pytest.mark.parametrize("owner", ["staff:1", "queue"])
def test_where_a_person_has_the_chat_the_bot_is_silent_until_it_is_handed_back(database: Database, chat: str, offered: int, owner: str):
    have(database, chat, owner=owner)
    assert waiting_list.say_offers(database) == 0
    assert log(database, chat) == []
    assert {(notice.channel, notice.state) for notice in notices(database, kind="offer")} == {("chat", "due"), ("text", "due")}
    have(database, chat, owner="bot")
    assert waiting_list.say_offers(database) == 1


def test_a_person_who_takes_over_just_then_is_not_spoken_over(database: Database, chat: str, offered: int, monkeypatch: pytest.MonkeyPatch):
    """The runner has read that the bot owns the chat; before it writes, that is no longer so."""
    due = notices_module.due_in_chats

    def then_taken_over(session: Session) -> list[tuple[int, str]]:
        found = due(session)
        session.rollback()
        have(database, chat, owner="staff:1")
        return found

    monkeypatch.setattr("desk.notices.due_in_chats", then_taken_over)
    assert waiting_list.say_offers(database) == 0
    assert log(database, chat) == []
    assert [notice.state for notice in notices(database, channel="chat")] == ["due"]


def test_an_offer_declined_just_then_is_not_said(database: Database, chat: str, offered: int, monkeypatch: pytest.MonkeyPatch):
    due = notices_module.due_in_chats

    def then_declined(session: Session) -> list[tuple[int, str]]:
        found = due(session)
        session.rollback()
        with database.writing() as other:
            waiting_list.decline_offer(other, offered)
        return found

    monkeypatch.setattr("desk.notices.due_in_chats", then_declined)
    assert waiting_list.say_offers(database) == 0
    assert log(database, chat) == []
    assert [notice.state for notice in notices(database, channel="chat")] == ["withdrawn"]


def test_an_offer_is_not_said_in_a_chat_that_is_over(database: Database, chat: str, offered: int, at: At):
    have(database, chat, expires_at=datetime(2026, 11, 24, 11, tzinfo=UTC))
    at("2026-11-24T11:00")
    assert waiting_list.say_offers(database) == 0
    assert log(database, chat) == []


def test_an_offer_of_an_erased_chat_is_left_to_the_other_ways(database: Database, chat: str, offered: int):
    with database.writing() as session:
        conversations.erase(session, chat)
    assert waiting_list.say_offers(database) == 0
    assert states(database, WaitingRow) == [("Ben", "offered")]
    assert [notice.state for notice in notices(database, channel="text", kind="offer")] == ["due"]


def test_an_offer_that_ran_out_is_not_said(database: Database, chat: str, offered: int, at: At):
    at("2026-11-24T18:00")
    assert waiting_list.say_offers(database) == 0
    assert log(database, chat) == []


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

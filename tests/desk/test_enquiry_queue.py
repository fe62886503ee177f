"""What waits for staff, and in which order."""

import pytest
from sqlalchemy import select

from desk import bookings, conversations, enquiry_queue, handovers, notices, referrals, staff, volunteers
from desk.database import Database
from desk.enquiry_queue import Item
from desk.front_desk import FrontDesk
from desk.safety import Alarm
from desk.staff_tables import StaffRow, UnansweredRow
from desk.tables import AuditRow
from tests.desk.timetable import a_session, open_library, somebody

PASSWORD = "seven quiet herons"


@pytest.fixture(autouse=True)
def _morning(at) -> None:
    at("2026-11-25T10:00")


@pytest.fixture
def sam(database: Database) -> StaffRow:
    with database.writing() as session:
        return staff.add_staff(session, "sam", "Sam Example", "staff", PASSWORD)


def chat(database: Database, *texts: str) -> str:
    with database.writing() as session:
        conversation_id = conversations.start(session, [], language="en", page="", keep_days=30).conversation.id
        for n, text in enumerate(texts):
            conversations.accept(session, conversation_id, str(n), text)
    return conversation_id


def in_line(database: Database, *texts: str, is_urgent: bool = False) -> str:
    conversation_id = chat(database, *texts)
    with database.writing() as session:
        handovers.hand_over(session, conversation_id, reason="asked", is_urgent=is_urgent)
    return conversation_id


def message(database: Database, front_desk: FrontDesk, way: str = "here", **more: str) -> str:
    conversation_id = chat(database, "a question")
    with database.writing() as session:
        handovers.take_message(session, conversation_id, front_desk.service.phone_week, reason="asked", way=way, **more)
    return conversation_id


def queue(database: Database, **filters: object) -> list[Item]:
    with database.reading() as session:
        return enquiry_queue.queue(session, **filters)  # type: ignore[arg-type]


def conversations_in(database: Database, **filters: object) -> list[str]:
    return [item.conversation_id for item in queue(database, **filters)]


# Order


def test_safety_comes_first_then_who_waits_in_the_chat_then_the_oldest_promise(database: Database, front_desk: FrontDesk, at):
    old = message(database, front_desk)
    at("2026-11-26T10:00")
    new = message(database, front_desk)
    live, urgent = in_line(database, "hello"), in_line(database, "help", is_urgent=True)
    assert conversations_in(database) == [urgent, live, old, new]


def test_what_alarms_while_somebody_waits_comes_first(database: Database):
    first, second = in_line(database, "one"), in_line(database, "two")
    with database.writing() as session:
        conversations.accept(session, second, "alarm", "I want to die", alarm=Alarm.CRISIS)
        handovers.mark_urgent(session, second)
    assert conversations_in(database) == [second, first]


def test_a_promise_that_was_not_kept_is_overdue(database: Database, front_desk: FrontDesk, at):
    message(database, front_desk)
    [item] = queue(database)
    assert item.promise is not None
    assert not item.is_overdue
    at("2026-11-27T10:00")
    assert queue(database)[0].is_overdue


# Kinds and filters


def test_each_thing_is_in_its_place(database: Database, front_desk: FrontDesk):
    live, here = in_line(database, "hello"), message(database, front_desk)
    ring = message(database, front_desk, way="phone", phone="+442079460000", name="Mary")
    assert conversations_in(database, kind="live") == [live]
    assert conversations_in(database, kind="message") == [here]
    assert conversations_in(database, kind="call-back") == [ring]
    assert queue(database, kind="call-back")[0].who == "Mary"


def test_new_referrals_and_volunteers_wait_until_somebody_takes_them_up(database: Database):
    with database.writing() as session:
        wish = referrals.Referral(kind="device", name="Mary", consent=True, about="A tablet", library="kensal-library")
        referral = referrals.refer(session, wish, request_id="1", source="page")
        offer = volunteers.Volunteer("Tom", ("coding-club",), consent=True)
        volunteer = volunteers.register(session, offer, request_id="1", source="page")
    assert [(item.kind, item.number, item.who) for item in queue(database)] == [("referral", referral.id, "Mary"), ("volunteer", volunteer.id, "Tom")]
    assert [item.kind for item in queue(database, library="kensal-library")] == ["referral"]


def test_what_one_has_is_theirs(database: Database, sam: StaffRow):
    mine, _ = in_line(database, "mine"), in_line(database, "not mine")
    with database.writing() as session:
        handovers.claim(session, mine, sam)
    [item] = queue(database, mine=sam.id)
    assert (item.conversation_id, item.staff) == (mine, "Sam Example")


def test_who_spoke_last(database: Database, sam: StaffRow):
    conversation = in_line(database, "hello")
    assert queue(database)[0].awaits_reply
    with database.writing() as session:
        handovers.reply(session, conversation, sam, "1", "hello", 1)
    assert not queue(database)[0].awaits_reply


def test_what_is_closed_waits_no_more(database: Database, sam: StaffRow):
    conversation = in_line(database, "hello")
    with database.writing() as session:
        handovers.resolve(session, conversation, sam, "answered")
    assert queue(database) == []


def test_an_item_is_found_by_its_key(database: Database):
    in_line(database, "hello")
    [item] = queue(database)
    with database.reading() as session:
        assert enquiry_queue.item(session, item.key) == item
        for key in ("", "live", "live.999", "nothing.1", "live.1.2", "'"):
            assert enquiry_queue.item(session, key) is None or key == item.key


def test_questions_without_an_answer_are_counted_while_nobody_has_looked(database: Database):
    conversation = chat(database, "one", "two")
    with database.writing() as session:
        for seq, state in ((1, "new"), (2, "not for us")):
            session.add(UnansweredRow(conversation_id=conversation, seq=seq, at=handovers.now(), text="x", reason="fell back", state=state))
    with database.reading() as session:
        assert enquiry_queue.unanswered(session) == 1


# The audit


def looks(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(row.who, row.what) for row in session.scalars(select(AuditRow).where(AuditRow.what == "looked at").order_by(AuditRow.id))]


def test_a_look_is_noted_once_a_visit(database: Database, sam: StaffRow, at):
    conversation = in_line(database, "hello")

    def visit() -> None:
        with database.writing() as session:
            enquiry_queue.note_visit(session, sam.id, conversation)

    visit()
    visit()
    assert looks(database) == [(f"staff:{sam.id}", "looked at")]
    at("2026-11-25T10:31")
    visit()
    assert len(looks(database)) == 2


def test_nothing_is_noted_where_nobody_asked_for_a_person(database: Database, sam: StaffRow):
    conversation = chat(database, "hello")
    with database.writing() as session:
        enquiry_queue.note_visit(session, sam.id, conversation)
    assert looks(database) == []


# Calls


@pytest.fixture
def call(database: Database) -> int:
    """The notice of a cancelled session, for somebody with a land line only."""
    open_library(database)
    session_id = a_session(database)
    with database.writing() as session:
        bookings.book(session, session_id, somebody(phone="+442079460000"), request_id="1")
        bookings.cancel_session(session, session_id, "No heating.", who="staff:1")
    with database.reading() as session:
        return notices.calls_to_make(session)[0].id


def test_a_call_waits_until_somebody_was_rung_and_the_audit_knows_by_whom(database: Database, sam: StaffRow, call: int):
    [item] = queue(database, kind="call")
    assert (item.number, item.who, item.topic, item.library) == (call, "Mary O'Brien-Khan", "cancellation", "pimlico-library")
    for first in (True, False):
        with database.writing() as session:
            assert enquiry_queue.note_call(session, call, sam.id) is first
    assert queue(database) == []
    with database.reading() as session:
        assert list(session.scalars(select(AuditRow.who).filter_by(what="rang"))) == [f"staff:{sam.id}"]


def test_a_call_that_is_not_there_cannot_be_made(database: Database, sam: StaffRow):
    with database.writing() as session:
        assert not enquiry_queue.note_call(session, 999, sam.id)

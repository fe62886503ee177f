"""Who owns a conversation: the bot, the line, or one of the staff; never two, and nothing is lost on the way."""

from collections.abc import Callable
from datetime import time, timedelta

import pytest
from sqlalchemy import select, update

from desk import conversations, handovers
from desk.clock import in_london, now
from desk.database import Database
from desk.handovers import NoColleagueError, StaleReplyError, TakenError
from desk.staff_tables import HandoverRow, NoteRow, StaffRow
from desk.tables import AuditRow, ConversationRow, MessageRow
from tests.desk.staff_room import ANSWER, a_chat, bot_answers, log_of, says, somebody_of_the_staff, speakers, waits_in_line

WEEK = (*(((time(9, 30), time(17)),) for _ in range(5)), (), ())


@pytest.fixture(autouse=True)
def _now(at: Callable[[str], object]) -> None:
    at("2026-11-25T10:00")


def owner(database: Database, conversation_id: str) -> str:
    with database.reading() as session:
        return session.get_one(ConversationRow, conversation_id).owner


def the_handover(database: Database, conversation_id: str) -> HandoverRow:
    with database.reading() as session:
        return session.scalars(select(HandoverRow).filter_by(conversation_id=conversation_id).order_by(HandoverRow.id.desc())).first()  # type: ignore[return-value]


def do(database: Database, verb: Callable[..., object], *arguments: object, **more: object) -> object:
    with database.writing() as session:
        return verb(session, *arguments, **more)


def test_somebody_in_line_keeps_their_place(database: Database) -> None:
    first, second = waits_in_line(database), waits_in_line(database)
    with database.reading() as session:
        assert [handovers.place_in_line(session, each).number for each in (first, second, a_chat(database))] == [1, 2, 3]


def test_an_urgent_one_goes_first(database: Database) -> None:
    first, second = waits_in_line(database), waits_in_line(database)
    do(database, handovers.mark_urgent, second)
    with database.reading() as session:
        assert [handovers.place_in_line(session, each).number for each in (first, second)] == [2, 1]


def test_the_usual_wait_is_told_only_when_it_is_known(database: Database) -> None:
    staff = somebody_of_the_staff(database)
    for _ in range(5):
        chat = waits_in_line(database)
        with database.writing() as session:
            session.execute(update(HandoverRow).where(HandoverRow.conversation_id == chat).values(opened_at=now() - timedelta(minutes=4)))
            assert handovers.place_in_line(session, chat).minutes is None
            handovers.claim(session, chat, staff)
    with database.reading() as session:
        assert handovers.place_in_line(session, waits_in_line(database)).minutes == 4


def test_who_was_joined_unasked_has_not_waited(database: Database) -> None:
    staff = somebody_of_the_staff(database)
    for _ in range(5):
        do(database, handovers.claim, a_chat(database), staff)
    with database.reading() as session:
        assert handovers.place_in_line(session, waits_in_line(database)).minutes is None


def test_two_want_the_same_conversation(database: Database) -> None:
    priya, tom, chat = somebody_of_the_staff(database), somebody_of_the_staff(database, "Tom Reed"), waits_in_line(database)
    do(database, handovers.claim, chat, priya)
    with pytest.raises(TakenError) as taken:
        do(database, handovers.claim, chat, tom)
    assert taken.value.by == "Priya Shah"
    assert owner(database, chat) == f"staff:{priya.id}"


def test_claiming_twice_is_claiming_once(database: Database) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    do(database, handovers.claim, chat, priya)
    do(database, handovers.claim, chat, priya)
    assert speakers(database, chat) == ["resident", "bot", "system"]


def test_a_bot_reply_that_comes_after_a_claim_is_dropped(database: Database) -> None:
    priya, chat = somebody_of_the_staff(database), a_chat(database)
    message = says(database, chat, "how do I join the wifi", "1")
    do(database, handovers.claim, chat, priya)
    assert not bot_answers(database, message, ANSWER)
    assert "bot" not in speakers(database, chat)


def test_what_a_resident_writes_to_a_person_is_not_answered_by_the_bot_later(database: Database) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    do(database, handovers.claim, chat, priya)
    message = says(database, chat, "how do I join the wifi", "2")
    do(database, handovers.hand_back, chat, priya)
    assert not message.waiting
    with database.reading() as session:
        assert conversations.waiting_messages(session, chat) == []


def test_a_reply_claims(database: Database) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    reply = do(database, handovers.reply, chat, priya, "r1", "Hello, Priya here.", 2)
    assert isinstance(reply, MessageRow)
    assert (reply.author, reply.details["name"]) == ("staff", "Priya")
    assert owner(database, chat) == f"staff:{priya.id}"
    assert the_handover(database, chat).replied_at == now()


def test_the_same_reply_sent_twice_is_said_once(database: Database) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    for _ in range(2):
        do(database, handovers.reply, chat, priya, "r1", "Hello.", 2)
    assert speakers(database, chat).count("staff") == 1


def test_a_reply_to_what_was_not_read_is_not_sent(database: Database) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    do(database, handovers.claim, chat, priya)
    says(database, chat, "never mind, I found it", "2")
    with pytest.raises(StaleReplyError) as stale:
        do(database, handovers.reply, chat, priya, "r1", "Here is how…", 2)
    assert [message.text for message in stale.value.missed] == ["never mind, I found it"]
    assert "staff" not in speakers(database, chat)


def test_one_s_own_messages_and_notices_do_not_make_a_reply_stale(database: Database) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    do(database, handovers.reply, chat, priya, "r1", "One moment.", 2)
    do(database, handovers.reply, chat, priya, "r2", "Here it is.", 2)
    assert speakers(database, chat)[-2:] == ["staff", "staff"]


def test_somebody_else_cannot_reply(database: Database) -> None:
    priya, tom, chat = somebody_of_the_staff(database), somebody_of_the_staff(database, "Tom Reed"), waits_in_line(database)
    do(database, handovers.claim, chat, priya)
    for verb in (handovers.release, handovers.hand_back):
        with pytest.raises(TakenError):
            do(database, verb, chat, tom)
    with pytest.raises(TakenError):
        do(database, handovers.reply, chat, tom, "r1", "Me too", 3)
    with pytest.raises(TakenError):
        do(database, handovers.resolve, chat, tom, "answered")


def test_released_it_is_in_line_again_and_transferred_it_is_another_s(database: Database) -> None:
    priya, tom, chat = somebody_of_the_staff(database), somebody_of_the_staff(database, "Tom Reed"), waits_in_line(database)
    do(database, handovers.claim, chat, priya)
    do(database, handovers.release, chat, priya)
    assert owner(database, chat) == "queue"
    do(database, handovers.claim, chat, tom)
    do(database, handovers.transfer, chat, tom, priya.id)
    assert owner(database, chat) == f"staff:{priya.id}"
    with database.reading() as session:
        notices = [message.text for message in log_of(session, chat) if message.author == "system"]
    assert [words.split(" has ")[0].split(" from ")[0] for words in notices] == ["Priya", "Priya", "Tom", "Priya"]


def test_a_conversation_is_passed_on_only_to_who_answers_residents(database: Database) -> None:
    priya, helper, chat = (
        somebody_of_the_staff(database),
        somebody_of_the_staff(database, "Sam Hope", role="volunteer-helper"),
        waits_in_line(database),
    )
    do(database, handovers.claim, chat, priya)
    for nobody in (helper.id, priya.id, 999):
        with pytest.raises(NoColleagueError):
            do(database, handovers.transfer, chat, priya, nobody)
    assert owner(database, chat) == f"staff:{priya.id}"


def test_handed_back_the_bot_says_so_and_answers_again(database: Database) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    do(database, handovers.claim, chat, priya)
    do(database, handovers.hand_back, chat, priya)
    assert owner(database, chat) == "bot"
    assert bot_answers(database, says(database, chat, "how do I join the wifi", "2"))
    assert the_handover(database, chat).outcome == "answered"


@pytest.mark.parametrize("outcome", handovers.OUTCOMES)
def test_closed_with_an_outcome(database: Database, outcome: str) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    do(database, handovers.resolve, chat, priya, outcome)
    handover = the_handover(database, chat)
    assert (handover.state, handover.outcome, handover.staff_id, owner(database, chat)) == ("closed", outcome, priya.id, "bot")


def test_an_outcome_that_nobody_knows_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        do(database, handovers.resolve, waits_in_line(database), somebody_of_the_staff(database), "nonsense")


def test_leaving_the_line(database: Database) -> None:
    chat = waits_in_line(database)
    assert do(database, handovers.leave_line, chat) is True
    assert do(database, handovers.leave_line, chat) is False
    assert (owner(database, chat), the_handover(database, chat).state) == ("bot", "left")


def test_nobody_can_leave_a_line_for_a_person_who_is_there(database: Database) -> None:
    chat = waits_in_line(database)
    do(database, handovers.claim, chat, somebody_of_the_staff(database))
    assert do(database, handovers.leave_line, chat) is False


def test_a_message_is_kept_with_the_promise_and_the_bot_goes_on(database: Database) -> None:
    chat = a_chat(database)
    do(database, handovers.take_message, chat, WEEK, reason="asked", way="phone", name="Ann", phone="+447700900123")
    handover = the_handover(database, chat)
    assert (handover.kind, handover.phone, owner(database, chat)) == ("message", "+447700900123", "bot")
    assert handover.promise_by is not None
    assert in_london(handover.promise_by).isoformat() == "2026-11-25T17:00:00+00:00"


def test_a_second_message_adds_to_the_first(database: Database) -> None:
    chat = a_chat(database)
    do(database, handovers.take_message, chat, WEEK, reason="asked", way="here")
    do(database, handovers.take_message, chat, WEEK, reason="asked", way="email", email="ann@example.org")
    with database.reading() as session:
        [handover] = session.scalars(select(HandoverRow)).all()
    assert (handover.way, handover.email) == ("email", "ann@example.org")


def test_who_left_a_message_may_later_wait_in_line(database: Database) -> None:
    chat = a_chat(database)
    do(database, handovers.take_message, chat, WEEK, reason="asked", way="here")
    do(database, handovers.hand_over, chat, reason="asked")
    assert (owner(database, chat), the_handover(database, chat).kind) == ("queue", "live")


def test_the_line_becomes_messages_when_the_staff_have_gone(database: Database, at: Callable[[str], object]) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    assert do(database, handovers.turn_into_messages, WEEK) == []
    at("2026-11-25T10:05")  # her laptop was shut: she is away though she never said so
    assert do(database, handovers.turn_into_messages, WEEK) == [chat]
    assert (owner(database, chat), the_handover(database, chat).kind, priya.on_duty) == ("bot", "message", True)


def test_an_answered_conversation_is_closed_for_staff_who_left_without_a_word(database: Database, at: Callable[[str], object]) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    do(database, handovers.reply, chat, priya, "r1", "Here it is.", 2)
    at("2026-11-25T10:14")
    assert do(database, handovers.free_from_absent) == 0
    at("2026-11-25T10:16")
    assert do(database, handovers.free_from_absent) == 1
    assert (owner(database, chat), the_handover(database, chat).outcome) == ("bot", "answered")


def test_nobody_writes_to_an_empty_chair(database: Database, at: Callable[[str], object]) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    do(database, handovers.reply, chat, priya, "r1", "One moment.", 2)
    says(database, chat, "are you still there?", "2")
    at("2026-11-25T10:16")
    assert do(database, handovers.free_from_absent) == 1
    assert (owner(database, chat), the_handover(database, chat).state) == ("queue", "waiting")
    assert do(database, handovers.turn_into_messages, WEEK) == [chat]


def test_the_desk_and_not_who_left_takes_it_back(database: Database, at: Callable[[str], object]) -> None:
    priya, answered, asked = somebody_of_the_staff(database), waits_in_line(database), waits_in_line(database)
    do(database, handovers.reply, answered, priya, "r1", "Here it is.", 2)
    do(database, handovers.claim, asked, priya)
    at("2026-11-25T10:16")
    assert do(database, handovers.free_from_absent) == 2
    with database.reading() as session:
        rows = session.execute(select(AuditRow.who, AuditRow.what).filter_by(subject="hand-over").order_by(AuditRow.id)).all()
    assert [tuple(row) for row in rows[2:]] == [("desk", "closed"), ("desk", "released")]


def test_who_waits_anew_has_not_been_answered_yet(database: Database, at: Callable[[str], object]) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    do(database, handovers.reply, chat, priya, "r1", "One moment.", 2)
    says(database, chat, "are you still there?", "2")
    at("2026-11-25T10:16")
    do(database, handovers.free_from_absent)
    do(database, handovers.turn_into_messages, WEEK)
    at("2026-11-25T11:00")
    do(database, handovers.hand_over, chat, reason="asked")
    at("2026-11-25T11:03")
    anew = the_handover(database, chat)
    assert (handovers.waited(anew), anew.replied_at) == (timedelta(minutes=3), None)


def test_notes_are_no_part_of_what_the_resident_sees(database: Database) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    do(database, handovers.note, chat, priya, "Seems confused; card 4111 1111 1111 1111")
    with database.reading() as session:
        assert [(row.text, name) for row, name in handovers.notes_on(session, chat)] == [("Seems confused; card [card number removed]", "Priya Shah")]
        assert all("confused" not in message.text for message in log_of(session, chat))


def test_what_staff_do_is_in_the_audit(database: Database) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    do(database, handovers.claim, chat, priya)
    do(database, handovers.resolve, chat, priya, "rang")
    with database.reading() as session:
        rows = session.scalars(select(AuditRow).filter_by(subject="hand-over").order_by(AuditRow.id)).all()
    assert [(row.who, row.what) for row in rows] == [(f"staff:{priya.id}", "claimed"), (f"staff:{priya.id}", "closed")]
    assert rows[1].new["outcome"] == "rang"


def test_erased_with_everything_that_hangs_on_it(database: Database) -> None:
    priya, chat = somebody_of_the_staff(database), waits_in_line(database)
    do(database, handovers.note, chat, priya, "a note")
    do(database, conversations.erase, chat)
    with database.reading() as session:
        assert session.scalars(select(HandoverRow)).all() == []
        assert session.scalars(select(NoteRow)).all() == []
        assert session.get(StaffRow, priya.id) is not None


def test_the_summary_tells_what_it_is_about(database: Database) -> None:
    chat = a_chat(database)
    bot_answers(database, says(database, chat, "how do I join the wifi, I am fed up", "1"))
    do(database, handovers.hand_over, chat, reason="asked")
    summary = the_handover(database, chat).summary
    assert (summary["topic"], summary["asked"], summary["mood"], summary["language"]) == (
        "wifi-connect",
        ["how do I join the wifi, I am fed up"],
        ["angry"],
        "en",
    )

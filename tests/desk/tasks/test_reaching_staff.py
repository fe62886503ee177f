"""A person, or a message for one, in the resident's own words."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from desk import duty
from desk.staff_tables import HandoverRow
from tests.desk.staff_room import somebody_of_the_staff
from tests.desk.tasks.chat import Chat

LABEL = "talk_to_staff"


def handover(chat: Chat) -> HandoverRow | None:
    with chat.database.reading() as session:
        return session.scalar(select(HandoverRow).filter_by(conversation_id=chat.id))


def test_somebody_is_on_duty(chat: Chat) -> None:
    somebody_of_the_staff(chat.database)
    reply = chat.say("can I talk to a real person please", LABEL)
    assert (reply.kind, reply.label) == ("handover", LABEL)
    assert "number 1 in line" in reply.lead
    assert "020 7641 6200" in reply.lead


def test_nobody_is_on_duty_and_a_call_is_promised(chat: Chat) -> None:
    reply = chat.say("this is useless, get me a human", LABEL)
    assert reply.asks == ("message",)
    assert "by 5pm on Wednesday 25 November" in reply.lead
    assert chat.say("my card was swallowed by the machine").asks == ("contact",)
    assert "number" in chat.press("Ring me").lead
    assert chat.say("07700 900123").asks == ("name",)
    reply = chat.say("Mrs O'Neill")
    assert reply.kind == "message_taken"
    row = handover(chat)
    assert row is not None
    assert (row.kind, row.way, row.phone, row.name) == ("message", "phone", "+447700900123", "Mrs O'Neill")
    assert row.summary["asked"] == ["my card was swallowed by the machine"]
    assert "07700 900123" in reply.lead
    assert "by 5pm on Wednesday 25 November" in reply.lead


def test_what_was_given_is_not_asked_again(chat: Chat) -> None:
    chat.say("I need a person", LABEL)
    reply = chat.say("ring me on 07700 900123, my name is Ann Blake, about my fine")
    assert reply.kind == "message_taken"
    row = handover(chat)
    assert row is not None
    assert (row.way, row.phone) == ("phone", "+447700900123")


def test_a_question_in_the_message_is_for_the_staff_and_not_answered_by_the_desk(chat: Chat) -> None:
    chat.say("I need a person", LABEL)
    assert chat.say("how do I join the wifi, nobody could tell me?", "wifi-connect").asks == ("contact",)


def test_looking_here_again_asks_for_nothing_personal(chat: Chat) -> None:
    chat.say("I need a person", LABEL)
    chat.press("It is all written above")
    reply = chat.press("look here again")
    assert reply.kind == "message_taken"
    row = handover(chat)
    assert row is not None
    assert (row.way, row.phone, row.email, row.name) == ("here", "", "", "")


def test_a_missing_digit_is_named(chat: Chat) -> None:
    chat.say("I need a person", LABEL)
    chat.say("my fine")
    chat.press("Ring me")
    reply = chat.say("07700 90012")
    assert reply.asks == ("contact",)
    assert chat.say("07700 900123").asks == ("name",)
    assert chat.press("rather not say").kind == "message_taken"


def test_an_email_instead_of_the_number(chat: Chat) -> None:
    chat.say("I need a person", LABEL)
    chat.say("my fine")
    chat.press("Ring me")
    chat.say("ann@example.org")
    chat.press("rather not say")
    row = handover(chat)
    assert row is not None
    assert (row.way, row.email) == ("email", "ann@example.org")


def test_stopping_keeps_nothing(chat: Chat) -> None:
    chat.say("I need a person", LABEL)
    assert chat.say("forget it").label == "stop"
    assert handover(chat) is None


def test_asked_again_the_message_is_there_already(chat: Chat) -> None:
    chat.say("I need a person", LABEL)
    chat.press("It is all written above")
    chat.press("look here again")
    reply = chat.say("I want to talk to somebody", LABEL)
    assert reply.kind == "message_taken"
    assert "already" in reply.lead


def test_in_the_middle_of_a_booking_what_was_filled_in_goes_along(chat: Chat) -> None:
    chat.book("can somebody at Pimlico sort my printer out next Wednesday afternoon, it's Mary O'Brien, 07700 900456")
    reply = chat.say("oh I'd rather talk to a person", LABEL)
    assert reply.asks == ("message",)
    chat.press("It is all written above")
    row = handover(chat)
    assert row is not None
    assert (row.way, row.summary["task"]["name"], row.summary["task"]["phone"]) == ("phone", "Mary O'Brien", "+447700900456")
    assert row.summary["task"]["label"] == "book_session"
    assert chat.holds == []


def test_with_somebody_there_a_booking_waits_for_the_resident_to_come_back(chat: Chat) -> None:
    somebody_of_the_staff(chat.database)
    chat.book("I'd like an it clinic at Pimlico")
    assert chat.say("can I speak to someone instead", LABEL).kind == "handover"
    assert chat.state is not None
    assert chat.state["label"] == "book_session"


@pytest.mark.parametrize("text", ["is anyone on duty", "I want a human"])
def test_whoever_went_away_is_not_promised(chat: Chat, at: Callable[[str], object], text: str) -> None:
    priya = somebody_of_the_staff(chat.database)
    with chat.database.writing() as session:
        duty.set_duty(session, priya.id, False)
    assert chat.say(text, LABEL).kind == "question"

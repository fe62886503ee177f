"""Each message once and in its order, on both databases, with no assistant to ask."""

import asyncio

import pytest
from sqlalchemy import select

from desk import at_hand, conversations
from desk.conversations import UnknownConversationError
from desk.safety import Alarm
from desk.tables import ConversationRow, MessageRow
from web.answering import Answering

QUESTION = "is it safe to bank on the wifi"


@pytest.fixture
def conversation(answering: Answering) -> str:
    """The id of a chat in which nothing was said yet."""
    with at_hand.database().writing() as session:
        return conversations.start(session, [], language="en", page="", keep_days=365).conversation.id


def taken_by_a_process_that_died(conversation: str, client_id: str, text: str, alarm: Alarm | None = None) -> None:
    with at_hand.database().writing() as session:
        conversations.accept(session, conversation, client_id, text, alarm=alarm)


def log(conversation: str) -> list[tuple[str, str]]:
    """Return the author and kind of each message."""
    with at_hand.database().reading() as session:
        return [(message.author, message.kind) for message in conversations.events_after(session, conversation, 0)]


async def test_a_message_posted_many_times_at_once_is_taken_once(answering: Answering, conversation: str) -> None:
    posted = await asyncio.gather(*(answering.post(conversation, "the same", QUESTION) for _ in range(8)))
    assert {result.accepted for result in posted} == {1}
    assert {tuple(reply.seq for reply in result.replies) for result in posted} == {(2,)}
    assert [author for author, _ in log(conversation)] == ["resident", "bot"]


async def test_what_a_stopped_process_left_waiting_is_answered_once_and_oldest_first(answering: Answering, conversation: str) -> None:
    for number in range(3):
        taken_by_a_process_that_died(conversation, str(number), QUESTION)
    await asyncio.gather(answering.answer_waiting(), answering.answer_waiting())
    with at_hand.database().reading() as session:
        answered = [message.in_reply_to for message in conversations.events_after(session, conversation, 3)]
    assert answered == [1, 2, 3]


async def test_a_new_message_waits_for_those_before_it(answering: Answering, conversation: str) -> None:
    taken_by_a_process_that_died(conversation, "1", QUESTION)
    posted = await answering.post(conversation, "2", "how do i join the library")
    assert [reply.in_reply_to for reply in posted.replies] == [2]
    with at_hand.database().reading() as session:
        assert [message.in_reply_to for message in conversations.events_after(session, conversation, 2)] == [1, 2]


async def test_a_cry_for_help_that_a_stopped_process_had_taken_is_answered_when_sent_again(answering: Answering, conversation: str) -> None:
    taken_by_a_process_that_died(conversation, "1", "I want to kill myself", Alarm.CRISIS)
    posted = await answering.post(conversation, "1", "I want to kill myself")
    assert [reply.kind for reply in posted.replies] == ["crisis"]
    assert log(conversation) == [("resident", "message"), ("bot", "crisis")]


async def test_a_cry_for_help_left_waiting_is_answered_with_the_numbers(answering: Answering, conversation: str) -> None:
    taken_by_a_process_that_died(conversation, "1", "I want to kill myself", Alarm.CRISIS)
    await answering.answer_waiting()
    assert log(conversation) == [("resident", "message"), ("bot", "crisis")]


async def test_personal_data_left_waiting_is_answered_as_such(answering: Answering, conversation: str) -> None:
    taken_by_a_process_that_died(conversation, "1", "my card number is 4111 1111 1111 1111")
    await answering.answer_waiting()
    assert log(conversation) == [("resident", "message"), ("bot", "personal_data")]


async def test_the_bot_is_silent_where_it_does_not_own_the_conversation(answering: Answering, conversation: str) -> None:
    with at_hand.database().writing() as session:
        session.get_one(ConversationRow, conversation).owner = "staff:ann"
    posted = await answering.post(conversation, "1", QUESTION)
    assert (posted.owner, posted.replies) == ("staff:ann", [])
    await answering.answer_waiting()
    assert log(conversation) == [("resident", "message")]
    with at_hand.database().reading() as session:
        assert session.scalars(select(MessageRow.waiting).filter_by(conversation_id=conversation)).all() == [True]


async def test_a_message_to_a_chat_that_was_just_erased_is_refused(answering: Answering, conversation: str) -> None:
    with at_hand.database().writing() as session:
        conversations.erase(session, conversation)
    with pytest.raises(UnknownConversationError):
        await answering.post(conversation, "1", QUESTION)

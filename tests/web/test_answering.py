"""Each message once and in its order, on both databases, with no assistant to ask."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import select

from desk import at_hand, conversations, handovers
from desk.conversations import Pressed, UnknownConversationError
from desk.replies import Reply
from desk.safety import Alarm
from desk.tables import ConversationRow, MessageRow
from tests.desk.staff_room import somebody_of_the_staff
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
        assert session.scalars(select(MessageRow.waiting).filter_by(conversation_id=conversation)).all() == [False]  # it is Ann's to answer


async def test_a_cry_for_help_to_a_person_gets_its_safety_reply_from_the_system_and_is_urgent(answering: Answering, conversation: str) -> None:
    with at_hand.database().writing() as session:
        handovers.hand_over(session, conversation, reason="asked")
    posted = await answering.post(conversation, "1", "I want to kill myself")
    await answering.post(conversation, "1", "I want to kill myself")
    assert [(reply.author, reply.kind) for reply in posted.replies] == [("system", "crisis")]
    assert log(conversation) == [("resident", "message"), ("system", "crisis")]
    with at_hand.database().reading() as session:
        handover = handovers.open_handover(session, conversation)
    assert handover is not None
    assert handover.is_urgent


async def test_a_cry_for_help_gets_its_reply_though_somebody_claims_at_that_moment(
    answering: Answering, conversation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    priya, stored = somebody_of_the_staff(at_hand.database()), answering._store

    async def claimed_just_before(message: MessageRow, replies: Sequence[Reply]) -> bool:
        with at_hand.database().writing() as session:
            handovers.claim(session, conversation, priya)
        return await stored(message, replies)

    monkeypatch.setattr(answering, "_store", claimed_just_before)
    await answering.post(conversation, "1", "I want to kill myself")
    assert log(conversation) == [("resident", "message"), ("system", "notice"), ("system", "crisis")]


@pytest.mark.parametrize("text", ["hello?", "is anyone there", "how much longer?", "¿hay alguien ahí?", "কেউ আছেন?"])
async def test_somebody_in_line_is_told_the_truth(answering: Answering, conversation: str, text: str) -> None:
    with at_hand.database().writing() as session:
        handovers.hand_over(session, conversation, reason="asked")
    posted = await answering.post(conversation, "1", text)
    [reply] = posted.replies
    assert (posted.owner, reply.author, reply.kind) == ("queue", "system", "notice")
    assert reply.details["choices"][0]["value"] == "leave_line"


async def test_anything_else_in_line_is_kept_for_the_person_who_joins(answering: Answering, conversation: str) -> None:
    with at_hand.database().writing() as session:
        handovers.hand_over(session, conversation, reason="asked")
    posted = await answering.post(conversation, "1", "it is about my library card, it was swallowed by the machine")
    assert (posted.owner, posted.replies) == ("queue", [])


async def test_leaving_the_line_by_its_button(answering: Answering, conversation: str) -> None:
    with at_hand.database().writing() as session:
        handovers.hand_over(session, conversation, reason="asked")
    posted = await answering.post(conversation, "1", "Leave the line", Pressed("Leave the line", "talk_to_staff", "leave_line"))
    assert (posted.owner, [reply.kind for reply in posted.replies]) == ("bot", ["smalltalk"])


async def test_a_person_is_asked_for_while_the_assistant_is_away(answering: Answering, conversation: str) -> None:
    posted = await answering.post(conversation, "1", "Talk to a person", Pressed("Talk to a person", "talk_to_staff"))
    assert (posted.owner, [reply.kind for reply in posted.replies]) == ("bot", ["question"])
    posted = await answering.post(conversation, "2", "my card was swallowed by the machine")
    assert posted.replies[-1].details["asks"] == ["contact"]
    posted = await answering.post(conversation, "3", "I will look here again", Pressed("I will look here again", "inform", "way:here"))
    assert [reply.kind for reply in posted.replies] == ["message_taken"]


async def test_a_person_is_asked_for_in_words_while_nothing_that_understands_is_there(answering: Answering, conversation: str) -> None:
    posted = await answering.post(conversation, "1", "I want a human please")
    assert [(reply.kind, reply.details["label"]) for reply in posted.replies] == [("question", "talk_to_staff")]


async def test_with_somebody_on_duty_the_words_and_the_line_come_together(answering: Answering, conversation: str) -> None:
    somebody_of_the_staff(at_hand.database())
    posted = await answering.post(conversation, "1", "Talk to a person", Pressed("Talk to a person", "talk_to_staff"))
    assert (posted.owner, [reply.kind for reply in posted.replies]) == ("queue", ["handover"])


async def test_two_failed_answers_in_a_row_bring_the_offer_of_a_person(answering: Answering, conversation: str) -> None:
    said = []
    for number in range(3):
        posted = await answering.post(conversation, str(number), "zzzz qqqq")
        said.append(posted.replies[-1])
    assert ["twice" in reply.text for reply in said] == [False, True, True]
    assert [choice["label"] for choice in said[1].details["choices"]] == ["talk_to_staff"]


async def test_a_message_to_a_chat_that_was_just_erased_is_refused(answering: Answering, conversation: str) -> None:
    with at_hand.database().writing() as session:
        conversations.erase(session, conversation)
    with pytest.raises(UnknownConversationError):
        await answering.post(conversation, "1", QUESTION)

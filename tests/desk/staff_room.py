"""Staff, residents and what goes on between them, for tests of hand-overs."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from desk import conversations, duty, handovers
from desk.clock import now
from desk.conversations import Started
from desk.database import Database
from desk.replies import Reply
from desk.staff_tables import StaffRow
from desk.tables import MessageRow

ANSWER = Reply("answer", "wifi-connect", "The Wi-Fi is free.", topic="wifi-connect")
IN_LINE = Reply("handover", "talk_to_staff", "You are number 1 in line.")


def somebody_of_the_staff(database: Database, name: str = "Priya Shah", *, on_duty: bool = True, role: str = "staff") -> StaffRow:
    with database.writing() as session:
        row = StaffRow(username=name.lower().replace(" ", "."), name=name, role=role, password_hash="-", created_at=now())
        session.add(row)
        session.flush()
        duty.set_duty(session, row.id, on_duty)
        session.refresh(row)
        return row


def a_chat(database: Database) -> str:
    with database.writing() as session:
        started: Started = conversations.start(session, [], language="en", page="/", keep_days=30)
        return started.conversation.id


def says(database: Database, conversation_id: str, text: str, client_id: str) -> MessageRow:
    with database.writing() as session:
        return conversations.accept(session, conversation_id, client_id, text).message


def bot_answers(database: Database, message: MessageRow, reply: Reply = ANSWER) -> bool:
    """Store the bot's reply as web does: one that hands the conversation over does so in the same transaction."""
    with database.writing() as session:
        stored = conversations.answer(session, message, [reply])
        if stored and reply.kind == "handover":
            handovers.hand_over(session, message.conversation_id, reason="asked")
        return stored


def waits_in_line(database: Database, text: str = "I want to talk to a person") -> str:
    conversation_id = a_chat(database)
    assert bot_answers(database, says(database, conversation_id, text, "asks"), IN_LINE)
    return conversation_id


def log_of(session: Session, conversation_id: str) -> list[MessageRow]:
    return conversations.events_after(session, conversation_id, 0, most=10_000)


def speakers(database: Database, conversation_id: str) -> list[str]:
    with database.reading() as session:
        return [message.author for message in log_of(session, conversation_id)]


def whose_turn_it_was(log: Iterable[MessageRow]) -> list[tuple[str, str]]:
    """Return for each message who owned the conversation when it was written, by what the log itself says, and its author."""
    owner, found = "bot", []
    for message in log:
        found.append((owner, message.author))
        if message.kind == "handover":
            owner = "queue"
        elif message.kind == "notice" and message.author == "system":
            owner = _owner_after(message.text, owner)
    return found


_AFTER = {"joined": "staff", "goes on with you": "staff", "left the chat": "queue", "handed you back": "bot", "has ended": "bot"}


def _owner_after(notice: str, owner: str) -> str:
    return next((after for words, after in _AFTER.items() if words in notice), owner)

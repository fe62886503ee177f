"""A chat with the tasks alone: what is said goes in as the classifier would label it, with neither Rasa nor web."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from desk import bookings
from desk.conversations import start
from desk.database import Database
from desk.front_desk import FrontDesk
from desk.people import Party
from desk.replies import Reply
from desk.tables import BookingRow, ConversationRow, SessionRow, TaskStateRow, WaitingRow
from desk.tasks.attending import attend
from desk.tasks.task import Heard

TIMETABLE = Path(__file__).with_name("timetable.csv")
NOW = "2026-11-25T10:00"  # a Wednesday


@dataclass
class Chat:
    """One resident's chat. `reply` is what was said last, `replies` all of the last turn."""

    database: Database
    desk: FrontDesk
    number: int = 1
    seq: int = 0
    replies: list[Reply] | None = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.database.writing() as session:
            conversation = start(session, [], language="en", page="", keep_days=365).conversation
            self.id, self.sender = conversation.id, conversation.rasa_sender

    def hear(self, heard: Heard, heard_as: str = "") -> Reply | None:
        self.seq += 2
        self.replies = attend(self.database, self.desk, self.sender, heard_as or str(self.seq), heard)
        return self.replies[-1] if self.replies else None

    def say(self, text: str, label: str = "inform", confidence: float = 0.9) -> Reply:
        reply = self.hear(Heard(text, label, confidence, intent=label))
        assert reply is not None, f"nothing hears {text!r}"
        return reply

    def book(self, text: str = "I want to book a session") -> Reply:
        return self.say(text, "book_session")

    def press(self, words: str) -> Reply:
        """Press the one button of the last reply whose words contain these."""
        [choice] = [choice for choice in self.reply.choices if words.casefold() in choice.title.casefold()]
        reply = self.hear(Heard("", choice.label, 1.0, choice.value, intent=choice.label))
        assert reply is not None
        return reply

    def several(self, *texts: str) -> Reply:
        for text in texts:
            reply = self.say(text)
        return reply

    @property
    def reply(self) -> Reply:
        assert self.replies
        return self.replies[-1]

    # What is in the database

    def bookings(self, **which: Any) -> list[BookingRow]:
        with self.database.reading() as session:
            return list(session.scalars(select(BookingRow).filter_by(**{"conversation_id": self.id} | which).order_by(BookingRow.id)))

    @property
    def booking(self) -> BookingRow:
        """The one booking of this chat that holds."""
        [row] = self.bookings(state="booked")
        return row

    @property
    def holds(self) -> list[BookingRow]:
        return self.bookings(state="held")

    def waiting(self) -> list[WaitingRow]:
        with self.database.reading() as session:
            return list(session.scalars(select(WaitingRow).filter_by(conversation_id=self.id)))

    @property
    def state(self) -> dict[str, Any] | None:
        """What is kept of the task under way."""
        with self.database.reading() as session:
            row = session.get(TaskStateRow, self.id)
            return row.state if row else None

    def erase(self) -> None:
        with self.database.writing() as session:
            session.delete(session.get_one(ConversationRow, self.id))


def session_of(database: Database, uid: str) -> SessionRow:
    with database.reading() as session:
        return session.scalars(select(SessionRow).filter_by(uid=uid)).one()


def fill(database: Database, uid: str, but: int = 0) -> list[BookingRow]:
    """Let strangers book a session full, but for some places."""
    row = session_of(database, uid)
    booked = []
    with database.writing() as session:
        for n in range((row.capacity or 0) - row.taken - but):
            party = Party(attendee_name=f"Stranger {n}", phone=f"+4477009001{n:02}")
            booked.append(bookings.book(session, row.id, party, request_id=f"{uid} {n}").row)
    return booked


def cancel(database: Database, booking_id: int) -> None:
    with database.writing() as session:
        bookings.cancel(session, booking_id)


def tidy(database: Database) -> None:
    """End what ran out, as `desk run` does every minute."""
    with database.reading() as session:
        due = bookings.sessions_to_tidy(session)
    for session_id in due:
        with database.writing() as session:
            bookings.expire(session, session_id)


def call_off(database: Database, uid: str, reason: str) -> None:
    row = session_of(database, uid)
    with database.writing() as session:
        bookings.cancel_session(session, row.id, reason, who="staff:1")

"""Residents for tests of the staff desk: a conversation in the database of the application, as if it had just been held."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from desk import at_hand, conversations, duty, handovers
from desk.safety import Alarm
from desk.staff_tables import HandoverRow
from desk.tables import AuditRow, ConversationRow, MessageRow
from tests.web.staff.conftest import person


@dataclass(frozen=True)
class Resident:
    """Somebody in a chat with the desk."""

    id: str
    token: str

    def say(self, text: str, alarm: Alarm | None = None) -> MessageRow:
        with at_hand.database().writing() as session:
            return conversations.accept(session, self.id, uuid.uuid4().hex, text, alarm=alarm).message

    def ask_for_a_person(self, *, is_urgent: bool = False) -> HandoverRow:
        with at_hand.database().writing() as session:
            return handovers.hand_over(session, self.id, reason="asked", is_urgent=is_urgent)

    def leave_a_message(self, **how: Any) -> HandoverRow:
        with at_hand.database().writing() as session:
            return handovers.take_message(session, self.id, at_hand.front_desk().service.phone_week, reason="asked", **{"way": "here"} | how)

    @property
    def owner(self) -> str:
        with at_hand.database().reading() as session:
            return session.get_one(ConversationRow, self.id).owner

    @property
    def rasa_sender(self) -> str:
        with at_hand.database().reading() as session:
            return session.get_one(ConversationRow, self.id).rasa_sender

    @property
    def log(self) -> list[tuple[str, str]]:
        """Return who spoke and what they said."""
        with at_hand.database().reading() as session:
            return [(message.author, message.text) for message in conversations.events_after(session, self.id, 0)]


def a_resident(*words: str, page: str = "/") -> Resident:
    with at_hand.database().writing() as session:
        started = conversations.start(session, [], language="en", page=page, keep_days=30)
    resident = Resident(started.conversation.id, started.token)
    for each in words:
        resident.say(each)
    return resident


def on_duty(role: str = "staff", *, is_there: bool = True) -> None:
    number = person(role).id
    with at_hand.database().writing() as session:
        duty.set_duty(session, number, is_there)


def audit_of(handover: HandoverRow) -> list[tuple[str, str]]:
    """Return who did what with a hand-over."""
    with at_hand.database().reading() as session:
        rows = session.scalars(select(AuditRow).filter_by(subject="hand-over", subject_id=handover.id).order_by(AuditRow.id))
        return [(row.who, row.what) for row in rows]

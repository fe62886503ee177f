"""A person is done with a conversation: the bot has it again, and goes on with what it had asked."""

from sqlalchemy.orm import Session

from desk import handovers
from desk.front_desk import FrontDesk
from desk.staff_tables import StaffRow
from desk.tables import ConversationRow
from desk.tasks.attending import ask_on


def hand_back(session: Session, desk: FrontDesk, conversation_id: str, staff: StaffRow) -> None:
    """Give a conversation back to the bot. Raises TakenError."""
    handovers.hand_back(session, conversation_id, staff)
    ask_on(session, desk, conversation_id)


def resolve(session: Session, desk: FrontDesk, conversation_id: str, staff: StaffRow, outcome: str) -> None:
    """Close what there was to do. Where a person, or the line, had the conversation, the bot goes on. Raises TakenError and ValueError."""
    owner = session.get_one(ConversationRow, conversation_id).owner
    handovers.resolve(session, conversation_id, staff, outcome)
    if owner != "bot":
        ask_on(session, desk, conversation_id)

"""Who of the staff looks at a conversation, and who types in it, so that two do not answer at once. Moments are UTC."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from desk.clock import now
from desk.conversations import UnknownConversationError
from desk.staff_tables import PresenceRow, StaffRow
from desk.tables import ConversationRow

# An open page of a conversation says so every few seconds. Whoever is not heard of for so long has left it.
FRESH = timedelta(seconds=15)


@dataclass(frozen=True)
class Present:
    """Somebody who has a conversation open now."""

    name: str
    typing: bool


def look(session: Session, conversation_id: str, staff_id: int, *, typing: bool = False) -> None:
    """Note that somebody has a conversation open, and whether they type. Raises UnknownConversationError."""
    seen = {"seen_at": now(), "typed_at": now() if typing else None}
    again = update(PresenceRow).where(PresenceRow.conversation_id == conversation_id, PresenceRow.staff_id == staff_id).values(**seen)
    noted: Any = session.execute(again)
    if noted.rowcount:
        return
    if session.get(ConversationRow, conversation_id) is None:
        raise UnknownConversationError
    try:
        with session.begin_nested():
            session.add(PresenceRow(conversation_id=conversation_id, staff_id=staff_id, **seen))
    except IntegrityError:  # another tab of the same person said so at this moment
        session.execute(again)


def others(session: Session, conversation_id: str, staff_id: int) -> list[Present]:
    """Return who else has a conversation open, by name."""
    query = select(StaffRow.name, PresenceRow.typed_at).join(StaffRow, StaffRow.id == PresenceRow.staff_id)
    query = query.where(PresenceRow.conversation_id == conversation_id, PresenceRow.staff_id != staff_id, PresenceRow.seen_at > now() - FRESH)
    return [Present(name, typed_at is not None and typed_at > now() - FRESH) for name, typed_at in session.execute(query.order_by(StaffRow.name))]

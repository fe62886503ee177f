"""What staff read first of a conversation that was handed over: what it is about, what was asked and answered, what is known of the resident."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.staff_tables import ReferralRow
from desk.tables import BookingRow, ConversationRow, MessageRow, TaskStateRow, WaitingRow

_QUESTIONS = 3  # the latest of them are shown; the transcript has the rest
_LONGEST = 300  # characters of each
_NOT_SHOWN: tuple[object, ...] = ("", None, [], False)


def summarise(session: Session, conversation_id: str) -> dict[str, Any]:
    """Return the summary as JSON can hold it; what is empty is left out.

    `topic` label of the last answer; `asked` the latest questions; `answered` labels; `task` what was filled in; `language`; `needs`; `mood` words of
    feeling that were used; `bookings` references made in this chat.
    """
    conversation = session.get_one(ConversationRow, conversation_id)
    log = list(session.scalars(select(MessageRow).filter_by(conversation_id=conversation_id).order_by(MessageRow.seq)))
    words = [message.text for message in log if message.author == "resident" and "choice" not in message.details]
    answers = [message.details["label"] for message in log if message.author == "bot" and message.kind == "answer"]
    task = _task(session, conversation_id)
    found = {
        "topic": answers[-1] if answers else None,
        "asked": [text[:_LONGEST] for text in words[-_QUESTIONS:]],
        "answered": list(dict.fromkeys(answers)),
        "failed": sum(message.kind == "fallback" for message in log),
        "task": task,
        "language": conversation.language,
        "page": conversation.page,
        "needs": task.get("needs") or _needs(session, conversation_id),
        "mood": mood_of(" ".join(words)),
        "bookings": _references(session, conversation_id),
    }
    return {key: value for key, value in found.items() if value not in _NOT_SHOWN and value != {}}


def _task(session: Session, conversation_id: str) -> dict[str, Any]:
    """Return what was filled in of a task under way, by its fields."""
    row = session.get(TaskStateRow, conversation_id)
    if row is None or row.state is None:
        return {}
    state = {**row.state.get("details", {}), **row.state.get("wish", {}), **row.state}
    kept = ("label", "name", "phone", "email", "contact_name", "relation", "age", "needs", "topic", "libraries", "session_id", "reference")
    return {key: state[key] for key in kept if state.get(key) not in _NOT_SHOWN}


def _needs(session: Session, conversation_id: str) -> str:
    rows = session.scalars(select(BookingRow.needs).filter_by(conversation_id=conversation_id).order_by(BookingRow.id))
    return "; ".join(dict.fromkeys(needs for needs in rows if needs))


def _references(session: Session, conversation_id: str) -> list[str]:
    return [
        reference
        for table in (BookingRow, WaitingRow, ReferralRow)
        for reference in session.scalars(select(table.reference).where(table.conversation_id == conversation_id, table.state != "held"))
    ]


@cache
def _moods() -> dict[str, re.Pattern[str]]:
    words: dict[str, str] = yaml.safe_load(Path(__file__).with_name("moods.yml").read_text("utf-8"))
    return {mood: re.compile(rf"\b(?:{found.replace(' |', '|')})\b", re.IGNORECASE) for mood, found in words.items()}


def mood_of(text: str) -> list[str]:
    """Return the moods (angry, worried, upset, in a hurry, confused) that words of a text speak of."""
    return [mood for mood, pattern in _moods().items() if pattern.search(text)]

"""Conversations: the log of what was said, who may read it, and who may speak next."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from desk.clock import now
from desk.privacy import mask
from desk.replies import Reply
from desk.safety import Alarm
from desk.tables import ConversationRow, FeedbackRow, MessageRow

LONGEST_MESSAGE = 2000  # characters, fixed by the chat API

# The session need not bring rows that it holds up to date: nobody reads what these statements change from there.
_UNSEEN = {"synchronize_session": False}


class UnknownConversationError(Exception):
    """No such conversation, or not with this token. The two are never told apart."""


class UnknownChoiceError(Exception):
    """The button pressed does not belong to this conversation."""


class NotAnAnswerError(Exception):
    """Feedback was given on something that the desk did not say."""


@dataclass(frozen=True)
class Started:
    """A new conversation; the token is shown here only, since only its hash is stored."""

    conversation: ConversationRow
    token: str


@dataclass(frozen=True)
class Accepted:
    """A resident's message in the log, and who owned the conversation then. `repeated` tells that the same client id was seen before."""

    message: MessageRow
    owner: str
    repeated: bool


@dataclass(frozen=True)
class Pressed:
    """A button that was pressed: its words, its label, and its value where it has one."""

    title: str
    label: str
    value: str = ""


@dataclass(frozen=True)
class Waiting:
    """A message that the bot has yet to answer, the name under which Rasa knows its conversation, and the language it is held in."""

    message: MessageRow
    rasa_sender: str
    language: str


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start(session: Session, welcome: Sequence[Reply], *, language: str, page: str, keep_days: int) -> Started:
    """Open a conversation that the desk begins with a welcome."""
    token = secrets.token_urlsafe(24)
    conversation = ConversationRow(
        id=secrets.token_hex(16),
        token_hash=_hash(token),
        rasa_sender=secrets.token_hex(16),
        language=language,
        page=page[:300],
        started_at=now(),
        expires_at=now() + timedelta(days=keep_days),
        owner="bot",
        last_seq=0,
    )
    session.add(conversation)
    session.flush()
    for reply in welcome:
        append(session, conversation.id, author="bot", kind=reply.kind, text=reply.text, details=reply.details())
    return Started(conversation, token)


def open_with(session: Session, conversation_id: str, token: str) -> ConversationRow:
    """Return the conversation that a token opens. Raises UnknownConversationError, without saying what was wrong."""
    conversation = session.get(ConversationRow, conversation_id)
    known = conversation.token_hash if conversation else _hash("")
    if not hmac.compare_digest(known, _hash(token)) or conversation is None or conversation.expires_at <= now():
        raise UnknownConversationError
    return conversation


def accept(
    session: Session,
    conversation_id: str,
    client_id: str,
    text: str,
    *,
    pressed: Pressed | None = None,
    alarm: Alarm | None = None,
    language: str | None = None,
) -> Accepted:
    """Store a resident's message under the next number, masked. The same client id again returns the first one unchanged.

    `pressed` is a button that was pressed, `alarm` what the safety screen made of the text, `language` the one to go on in.
    """
    owner = hold(session, conversation_id)
    if owner is None:
        raise UnknownConversationError
    earlier = session.scalar(select(MessageRow).filter_by(conversation_id=conversation_id, client_id=client_id))
    if earlier:
        return Accepted(earlier, owner, repeated=True)
    masked = mask(text)
    details: dict[str, Any] = {"masked": sorted(kind.name for kind in masked.found)} if masked.found else {}
    if pressed:
        details |= {"choice": pressed.label} | ({"value": pressed.value} if pressed.value else {})
    if alarm:
        details["alarm"] = alarm.value
    if language:
        session.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(language=language))
    waiting = owner == "bot"  # what comes while a person has the conversation, or in line for one, is theirs to answer
    message = append(
        session, conversation_id, author="resident", kind="message", text=masked.text, details=details, client_id=client_id, waiting=waiting
    )
    return Accepted(message, owner, repeated=False)


def answer(session: Session, message: MessageRow, replies: Sequence[Reply]) -> bool:
    """Store the bot's replies to a message, once, and only while the bot owns the conversation. Returns whether they were stored.

    The owner and the waiting mark are checked in the transaction that writes: a reply that comes after a person has taken over, or twice, is dropped.
    """
    hold(session, message.conversation_id)
    bot_owns = exists().where(ConversationRow.id == message.conversation_id, ConversationRow.owner == "bot")
    claim = update(MessageRow).where(MessageRow.id == message.id, MessageRow.waiting, bot_owns).values(waiting=False)
    claimed = session.execute(claim, execution_options=_UNSEEN)
    if _rows(claimed) == 0:
        return False
    for reply in replies:
        append(session, message.conversation_id, author="bot", kind=reply.kind, text=reply.text, details=reply.details(), in_reply_to=message.seq)
    return True


def say_unasked(session: Session, conversation_id: str, replies: Sequence[Reply]) -> bool:
    """Write what the bot says though nobody asked, only while it owns the conversation and the conversation is open. Returns whether it was written.

    The owner is read with the conversation's row held, so nothing is said over a person who has just taken over.
    """
    hold(session, conversation_id)
    the_bots = select(ConversationRow.id).filter_by(id=conversation_id, owner="bot").where(ConversationRow.expires_at > now())
    if session.scalar(the_bots) is None:
        return False
    for reply in replies:
        append(session, conversation_id, author="bot", kind=reply.kind, text=reply.text, details=reply.details())
    return True


def replies_to(session: Session, message: MessageRow) -> list[MessageRow]:
    """Return what was written in reply to a message, in order."""
    query = select(MessageRow).filter_by(conversation_id=message.conversation_id, in_reply_to=message.seq)
    return list(session.scalars(query.order_by(MessageRow.seq)))


def waiting_messages(session: Session, conversation_id: str | None = None, up_to: int | None = None) -> list[Waiting]:
    """Return the messages that the bot has yet to answer, oldest first: of one conversation up to a number, or of all."""
    query = (
        select(MessageRow, ConversationRow.rasa_sender, ConversationRow.language)
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(MessageRow.waiting, ConversationRow.owner == "bot")
    )
    if conversation_id is not None:
        query = query.where(MessageRow.conversation_id == conversation_id)
    if up_to is not None:
        query = query.where(MessageRow.seq <= up_to)
    return [Waiting(*found) for found in session.execute(query.order_by(MessageRow.id))]


def choice_pressed(session: Session, conversation_id: str, choice_id: str) -> Pressed:
    """Return the button that the desk offered in this conversation under an id. Raises UnknownChoiceError."""
    seq, _, number = choice_id.partition("-")
    if not (seq.isdecimal() and number.isdecimal() and len(choice_id) < 12):
        raise UnknownChoiceError
    message = session.scalar(
        select(MessageRow).filter_by(conversation_id=conversation_id, seq=int(seq)).where(MessageRow.author.in_(("bot", "system")))
    )
    offered = message.details.get("choices", ()) if message else ()
    if int(number) >= len(offered):
        raise UnknownChoiceError
    return Pressed(**offered[int(number)])


def choices_of(message: MessageRow) -> list[dict[str, str]]:
    """Return the buttons of a message, each with an id that is its own in the conversation. What one means exactly stays here."""
    offered = message.details.get("choices", ())
    return [{"id": f"{message.seq}-{n}", "title": choice["title"], "label": choice["label"]} for n, choice in enumerate(offered)]


def events_after(session: Session, conversation_id: str, after: int, most: int = 500) -> list[MessageRow]:
    """Return the log of a conversation after a sequence number, in order."""
    query = select(MessageRow).where(MessageRow.conversation_id == conversation_id, MessageRow.seq > after)
    return list(session.scalars(query.order_by(MessageRow.seq).limit(most)))


def last_said(session: Session, conversation_id: str) -> MessageRow | None:
    """Return the last thing that the desk told the resident and that was not itself a repetition."""
    query = select(MessageRow).filter_by(conversation_id=conversation_id, author="bot").where(MessageRow.in_reply_to.is_not(None))
    said = session.scalars(query.order_by(MessageRow.seq.desc()))
    return next((message for message in said if message.details.get("label") != "repeat"), None)


def failed_before(session: Session, message: MessageRow) -> bool:
    """Whether the last thing the bot said before a message was that it did not know either."""
    query = select(MessageRow.kind).where(
        MessageRow.conversation_id == message.conversation_id, MessageRow.author == "bot", MessageRow.seq < message.seq
    )
    return session.scalar(query.order_by(MessageRow.seq.desc()).limit(1)) == "fallback"


def note_feedback(session: Session, conversation_id: str, seq: int, helpful: bool) -> None:
    """Remember whether an answer helped; a later judgement replaces the earlier. Raises NotAnAnswerError."""
    message = session.scalar(select(MessageRow).filter_by(conversation_id=conversation_id, seq=seq))
    if message is None or message.author not in ("bot", "staff"):
        raise NotAnAnswerError
    session.merge(FeedbackRow(conversation_id=conversation_id, seq=seq, helpful=helpful, at=now()))


def erase(session: Session, conversation_id: str) -> None:
    """Remove a conversation and everything that hangs on it."""
    session.execute(delete(ConversationRow).where(ConversationRow.id == conversation_id))


def expired(session: Session, moment: datetime) -> list[ConversationRow]:
    """Return the conversations whose keeping time is over."""
    return list(session.scalars(select(ConversationRow).where(ConversationRow.expires_at <= moment)))


def append_notice(session: Session, conversation_id: str, words: str, **details: Any) -> MessageRow:
    """Write what the system has to say of the conversation itself: who has joined or left."""
    return append(session, conversation_id, author="system", kind="notice", text=words, details=details)


def answer_as_system(session: Session, message: MessageRow, replies: Sequence[Reply]) -> None:
    """Write replies that do not wait for the bot's turn: safety replies, and the truth about the line. Once for each message."""
    hold(session, message.conversation_id)
    if replies_to(session, message):
        return
    for reply in replies:
        append(session, message.conversation_id, author="system", kind=reply.kind, text=reply.text, details=reply.details(), in_reply_to=message.seq)


def append(session: Session, conversation_id: str, **values: Any) -> MessageRow:
    """Write one message under the next number. The UPDATE holds the conversation's row, so that two writers never take the same number."""
    bump = update(ConversationRow).where(ConversationRow.id == conversation_id).values(last_seq=ConversationRow.last_seq + 1)
    seq = session.scalar(bump.returning(ConversationRow.last_seq), execution_options=_UNSEEN)
    if seq is None:
        raise UnknownConversationError
    message = MessageRow(conversation_id=conversation_id, seq=seq, at=now(), **values)
    session.add(message)
    session.flush()
    return message


def hold(session: Session, conversation_id: str) -> str | None:
    """Hold the conversation's row until the transaction ends, and return its owner; None where it was erased.

    SQLite has no row locks: there the whole transaction holds the database.
    """
    return session.scalar(select(ConversationRow.owner).where(ConversationRow.id == conversation_id).with_for_update())


def _rows(result: Any) -> int:
    return int(result.rowcount)

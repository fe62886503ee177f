"""Handing a conversation to a person and back: who owns it, who waits in line, what staff say in it.

`owner` goes bot → queue → staff:ID → bot, by UPDATEs that name its old value: of two that want a conversation at once one gets it. Moments are UTC.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, update
from sqlalchemy.orm import Session

from desk import audit, conversations, duty
from desk.clock import now
from desk.conversations import UnknownConversationError
from desk.hours import Week
from desk.privacy import mask
from desk.promises import promised_by
from desk.staff_tables import HandoverRow, NoteRow, StaffRow
from desk.summaries import summarise
from desk.tables import ConversationRow, MessageRow
from kb.wording import say, speaking

OUTCOMES = ("answered", "booked", "referred", "rang", "no reply", "spam")
ABSENT_AFTER = timedelta(minutes=15)  # without a sign of somebody's staff desk
_OPEN = ("waiting", "claimed")
_OF_THEIR_OWN_ACCORD = "staff"  # the reason where somebody joined a conversation that the bot had
_ENOUGH_WAITS = 5  # of the latest live hand-overs, before anything is said of how long people wait
_LATEST_WAITS = 20


class TakenError(Exception):
    """Somebody else owns the conversation; `by` is their name, or empty where it is the bot's or in line."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


class NoColleagueError(Exception):
    """A conversation was to be passed on to nobody who answers residents, or to its owner."""


class StaleReplyError(Exception):
    """Something came in that the writer had not seen; `missed` are those messages. The reply was not sent."""

    def __init__(self, missed: Sequence[MessageRow]) -> None:
        super().__init__()
        self.missed = list(missed)


@dataclass(frozen=True)
class Place:
    """A place in line: its number from 1, and the minutes that people have lately waited, if enough is known."""

    number: int
    minutes: int | None


def owner_of(staff_id: int) -> str:
    return f"staff:{staff_id}"


def open_handover(session: Session, conversation_id: str) -> HandoverRow | None:
    """Return the hand-over of a conversation that is not closed, if there is one."""
    query = select(HandoverRow).filter_by(conversation_id=conversation_id).where(HandoverRow.state.in_(_OPEN))
    return session.scalar(query.execution_options(populate_existing=True))


# The resident's side


def hand_over(session: Session, conversation_id: str, *, reason: str, is_urgent: bool = False) -> HandoverRow:
    """Put a conversation in line for somebody on duty. In line already, it stays where it is."""
    summary = summarise(session, conversation_id)
    if not _pass(session, conversation_id, ("bot",), "queue"):
        found = open_handover(session, conversation_id)
        if found is None:
            raise TakenError("")
        return found
    handover = open_handover(session, conversation_id)
    if handover is not None:  # a message that was left earlier: now the resident waits for the answer
        handover.kind, handover.state, handover.staff_id, handover.opened_at = "live", "waiting", None, now()
        handover.claimed_at, handover.replied_at = None, None
        handover.summary, handover.is_urgent = summary, handover.is_urgent or is_urgent
        return handover
    return _open(session, conversation_id, kind="live", reason=reason, is_urgent=is_urgent, summary=summary)


def take_message(
    session: Session,
    conversation_id: str,
    week: Week,
    *,
    reason: str,
    way: str,
    name: str = "",
    phone: str = "",
    email: str = "",
    message: str = "",
    before: Any = None,
) -> HandoverRow:
    """Record a message for staff to answer later, and how. The bot keeps the conversation. `way` is phone, email, here or come.

    `message` is what they were asked, where it was said for them; `before` is what was filled in of another task, which goes along.
    """
    details = {"way": way, "name": name, "phone": phone, "email": email}
    summary = summarise(session, conversation_id) | ({"asked": [message]} if message else {}) | ({"task": before} if before else {})
    handover = open_handover(session, conversation_id)
    if handover is None:
        promise = promised_by(week, now())
        return _open(session, conversation_id, kind="message", reason=reason, summary=summary, promise_by=promise, **details)
    for key, value in details.items():
        setattr(handover, key, value or getattr(handover, key))
    handover.summary = summary
    return handover


def leave_line(session: Session, conversation_id: str) -> bool:
    """Take a conversation out of the line. Returns False where it was not in it."""
    if not _pass(session, conversation_id, ("queue",), "bot"):
        return False
    session.execute(
        update(HandoverRow)
        .where(HandoverRow.conversation_id == conversation_id, HandoverRow.state == "waiting", HandoverRow.kind == "live")
        .values(state="left", closed_at=now())
    )
    return True


def mark_urgent(session: Session, conversation_id: str) -> None:
    """Bring a conversation to the front: something in it alarms."""
    session.execute(update(HandoverRow).where(HandoverRow.conversation_id == conversation_id, HandoverRow.state.in_(_OPEN)).values(is_urgent=True))


def place_in_line(session: Session, conversation_id: str) -> Place:
    """Return the place of a conversation; for one that is not in line yet, the place that it would get."""
    mine = open_handover(session, conversation_id)
    ahead: list[ColumnElement[bool]] = [HandoverRow.state == "waiting", HandoverRow.kind == "live"]
    if mine is not None and mine.kind == "live":
        first = HandoverRow.is_urgent & (not mine.is_urgent)
        ahead.append(first | ((HandoverRow.is_urgent == mine.is_urgent) & (HandoverRow.id < mine.id)))
    count = session.scalar(select(func.count()).select_from(HandoverRow).where(*ahead)) or 0
    return Place(count + 1, _usual_wait(session))


def _usual_wait(session: Session) -> int | None:
    """Who was joined by staff of their own accord has not waited."""
    query = select(HandoverRow).where(HandoverRow.kind == "live", HandoverRow.claimed_at.is_not(None), HandoverRow.reason != _OF_THEIR_OWN_ACCORD)
    waits = [waited(each).total_seconds() for each in session.scalars(query.order_by(HandoverRow.id.desc()).limit(_LATEST_WAITS))]
    return max(1, round(median(waits) / 60)) if len(waits) >= _ENOUGH_WAITS else None


def turn_into_messages(session: Session, week: Week) -> list[str]:
    """Give back to the bot whoever waits in line while nobody is on duty any more, and keep what they wrote as a message.

    Returns the conversations; whoever asked tells each of them.
    """
    if duty.anyone_on_duty(session):
        return []
    waiting = session.scalars(select(HandoverRow).where(HandoverRow.state == "waiting", HandoverRow.kind == "live").order_by(HandoverRow.id)).all()
    told = []
    for handover in waiting:
        if not _pass(session, handover.conversation_id, ("queue",), "bot"):
            continue
        handover.kind, handover.way, handover.promise_by = "message", "here", promised_by(week, now())
        told.append(handover.conversation_id)
    return told


def free_from_absent(session: Session) -> int:
    """Take back what staff have who left without handing it back: nobody must write to an empty chair. Returns how many conversations.

    Answered, it is closed; with a word of the resident still unanswered, it is in line again.
    """
    gone = or_(StaffRow.seen_at.is_(None), StaffRow.seen_at < now() - ABSENT_AFTER, StaffRow.is_active.is_(False))
    query = select(HandoverRow, StaffRow).join(StaffRow, StaffRow.id == HandoverRow.staff_id).where(HandoverRow.state == "claimed", gone)
    freed = 0
    for handover, staff in session.execute(query.order_by(HandoverRow.id)).all():
        if handover.claimed_at is not None and handover.claimed_at > now() - ABSENT_AFTER:
            continue
        with suppress(TakenError):
            if _last_word(session, handover.conversation_id) == "staff":
                resolve(session, handover.conversation_id, staff, "answered", who=audit.DESK)
            else:
                release(session, handover.conversation_id, staff, who=audit.DESK)
            freed += 1
    return freed


def _last_word(session: Session, conversation_id: str) -> str | None:
    spoken = select(MessageRow.author).where(MessageRow.conversation_id == conversation_id, MessageRow.author.in_(("resident", "staff")))
    return session.scalar(spoken.order_by(MessageRow.seq.desc()).limit(1))


# The staff's side


def claim(session: Session, conversation_id: str, staff: StaffRow) -> HandoverRow:
    """Take a conversation that waits, or that the bot has. Raises TakenError where somebody else was first."""
    if not _pass(session, conversation_id, ("queue", "bot"), owner_of(staff.id)):
        handover = open_handover(session, conversation_id)
        if handover is not None and handover.staff_id == staff.id:
            return handover
        raise TakenError(_owner_name(session, conversation_id))
    handover = open_handover(session, conversation_id) or _open(
        session, conversation_id, kind="live", reason=_OF_THEIR_OWN_ACCORD, summary=summarise(session, conversation_id)
    )
    audit.note(session, owner_of(staff.id), "claimed", handover, {"state": handover.state}, {"state": "claimed", "staff": staff.id})
    handover.state, handover.staff_id, handover.claimed_at = "claimed", staff.id, handover.claimed_at or now()
    _tell(session, conversation_id, "handover.joined", staff)
    return handover


def reply(session: Session, conversation_id: str, staff: StaffRow, client_id: str, text: str, last_seen_seq: int) -> MessageRow:
    """Say something to the resident. It claims the conversation where nobody has it.

    The same client id again returns the first message unchanged. Raises TakenError, and StaleReplyError where `last_seen_seq` is behind.
    """
    conversations.hold(session, conversation_id)
    client_id = f"{owner_of(staff.id)} {client_id}"[:64]
    earlier = session.scalar(select(MessageRow).filter_by(conversation_id=conversation_id, client_id=client_id))
    if earlier:
        return earlier
    missed = _missed(session, conversation_id, staff, last_seen_seq)
    if missed:
        for message in missed:  # they are shown after the transaction, which ends with this error
            session.expunge(message)
        raise StaleReplyError(missed)
    handover = claim(session, conversation_id, staff)
    handover.replied_at = handover.replied_at or now()
    details = {"name": first_name(staff), "staff_id": staff.id}
    return conversations.append(session, conversation_id, author="staff", kind="message", text=mask(text).text, details=details, client_id=client_id)


def release(session: Session, conversation_id: str, staff: StaffRow, *, who: str = "") -> None:
    """Put one's own conversation back in line. `who` does it where they do not do it themselves. Raises TakenError."""
    _from_staff(session, conversation_id, staff, "queue")
    handover = open_handover(session, conversation_id)
    if handover is not None:
        audit.note(session, who or owner_of(staff.id), "released", handover, {"staff": staff.id}, {"staff": None})
        handover.state, handover.staff_id, handover.kind = "waiting", None, "live"
    _tell(session, conversation_id, "handover.left", staff)


def transfer(session: Session, conversation_id: str, staff: StaffRow, to: int) -> None:
    """Give one's own conversation to a colleague who answers residents too. Raises TakenError and NoColleagueError."""
    colleague = next((each for each in duty.colleagues(session, staff.id) if each.id == to), None)
    if colleague is None:
        raise NoColleagueError
    _from_staff(session, conversation_id, staff, owner_of(to))
    handover = open_handover(session, conversation_id)
    if handover is not None:
        audit.note(session, owner_of(staff.id), "transferred", handover, {"staff": staff.id}, {"staff": to})
        handover.staff_id = to
    _tell(session, conversation_id, "handover.passed_on", colleague)


def hand_back(session: Session, conversation_id: str, staff: StaffRow) -> None:
    """Give one's own conversation back to the bot, which says so. Raises TakenError."""
    _from_staff(session, conversation_id, staff, "bot")
    _close(session, conversation_id, staff, "answered", owner_of(staff.id))
    _tell(session, conversation_id, "handover.back", staff)


def resolve(session: Session, conversation_id: str, staff: StaffRow, outcome: str, *, who: str = "") -> None:
    """Close what staff had to do about a conversation. The bot has it again. `who` does it where they do not do it themselves.

    Raises TakenError where it is somebody else's, and ValueError.
    """
    if outcome not in OUTCOMES:
        raise ValueError(outcome)
    conversation = _conversation(session, conversation_id)
    if conversation.owner not in ("bot", "queue", owner_of(staff.id)):
        raise TakenError(_owner_name(session, conversation_id))
    was = conversation.owner
    if was != "bot" and not _pass(session, conversation_id, (was,), "bot"):
        raise TakenError(_owner_name(session, conversation_id))
    _close(session, conversation_id, staff, outcome, who or owner_of(staff.id))
    if was != "bot":
        _tell(session, conversation_id, "handover.closed", staff)


def note(session: Session, conversation_id: str, staff: StaffRow, text: str) -> NoteRow:
    """Keep what staff tell each other about a conversation. The resident never sees it."""
    conversations.hold(session, conversation_id)
    row = NoteRow(conversation_id=conversation_id, staff_id=staff.id, at=now(), text=mask(text).text)
    session.add(row)
    session.flush()
    return row


def notes_on(session: Session, conversation_id: str) -> list[tuple[NoteRow, str]]:
    """Return the notes on a conversation with their writers' names, oldest first."""
    query = select(NoteRow, StaffRow.name).join(StaffRow, StaffRow.id == NoteRow.staff_id).filter(NoteRow.conversation_id == conversation_id)
    return [(row, name) for row, name in session.execute(query.order_by(NoteRow.id))]


def first_name(staff: StaffRow) -> str:
    """Return the name by which residents know somebody of the staff."""
    return staff.name.split()[0] if staff.name.split() else staff.username


# How it is kept


def _open(session: Session, conversation_id: str, **values: Any) -> HandoverRow:
    handover = HandoverRow(conversation_id=conversation_id, state="waiting", opened_at=now(), **values)
    session.add(handover)
    session.flush()
    return handover


def _pass(session: Session, conversation_id: str, from_any: Sequence[str], to: str) -> bool:
    """Change the owner. What waited for the bot is the new owner's to answer."""
    query = update(ConversationRow).where(ConversationRow.id == conversation_id, ConversationRow.owner.in_(from_any)).values(owner=to)
    result: Any = session.execute(query, execution_options={"synchronize_session": "fetch"})
    if result.rowcount == 0:
        return False
    if to != "bot":
        session.execute(update(MessageRow).where(MessageRow.conversation_id == conversation_id, MessageRow.waiting).values(waiting=False))
    return True


def _from_staff(session: Session, conversation_id: str, staff: StaffRow, to: str) -> None:
    if not _pass(session, conversation_id, (owner_of(staff.id),), to):
        raise TakenError(_owner_name(session, conversation_id))


def _close(session: Session, conversation_id: str, staff: StaffRow, outcome: str, who: str) -> None:
    handover = open_handover(session, conversation_id)
    if handover is not None:
        audit.note(session, who, "closed", handover, {"state": handover.state}, {"state": "closed", "outcome": outcome})
        handover.state, handover.outcome, handover.closed_at = "closed", outcome, now()
        handover.staff_id = handover.staff_id or staff.id


def _tell(session: Session, conversation_id: str, key: str, staff: StaffRow) -> None:
    """Write a notice of the system for the resident, in their language."""
    with speaking(_conversation(session, conversation_id).language):
        words = say(key, name=first_name(staff))
        conversations.append_notice(session, conversation_id, words, name=first_name(staff))


def _missed(session: Session, conversation_id: str, staff: StaffRow, last_seen_seq: int) -> list[MessageRow]:
    query = select(MessageRow).where(MessageRow.conversation_id == conversation_id, MessageRow.seq > last_seen_seq, MessageRow.author != "system")
    return [row for row in session.scalars(query.order_by(MessageRow.seq)) if row.details.get("staff_id") != staff.id]


def _conversation(session: Session, conversation_id: str) -> ConversationRow:
    found = session.get(ConversationRow, conversation_id, populate_existing=True)
    if found is None:
        raise UnknownConversationError
    return found


def _owner_name(session: Session, conversation_id: str) -> str:
    kind, _, number = _conversation(session, conversation_id).owner.partition(":")
    found = session.get(StaffRow, int(number)) if kind == "staff" else None
    return found.name if found else ""


def waited(handover: HandoverRow, until: datetime | None = None) -> timedelta:
    """Return how long a hand-over has waited, or waited until it was claimed."""
    return (handover.claimed_at or until or now()) - handover.opened_at


def line_order() -> tuple[Any, ...]:
    """Return the order in which staff deal with hand-overs: urgent ones, then live ones, then the oldest promise."""
    return (case((HandoverRow.is_urgent, 0), else_=1), case((HandoverRow.kind == "live", 0), else_=1), HandoverRow.promise_by, HandoverRow.id)

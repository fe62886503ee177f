"""Notices: what residents are told of their bookings. Written to the outbox in the transaction that makes them true, sent later, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from desk.audit import RESIDENT
from desk.clock import LONDON, in_london, now
from desk.contacts import is_mobile
from desk.database import Database
from desk.tables import BookingRow, ConversationRow, NoticeRow, SessionRow, WaitingRow

_REMIND_AT = time(10)  # local time, the day before
_REST = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))  # before each further try
_CRASHED_AFTER = timedelta(minutes=15)  # a claim this old belongs to a runner that died; longer than any sender waits
# What staff ring about, where only a telephone line is known. A resident who changed something themselves knows it.
_WORTH_A_CALL = frozenset({"offer", "change", "cancellation"})

Told = BookingRow | WaitingRow


class Sender(Protocol):
    """Sends one notice. `send` raises SendError; `SendError.for_good` tells that trying again is no use."""

    def send(self, message: "Outgoing") -> None: ...


class SendError(Exception):
    """A notice could not be sent."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


@dataclass(frozen=True)
class Outgoing:
    """A notice ready to be sent. `id` is the same at every try, so that a mailbox can tell a repetition; `calendar` is an iCalendar file."""

    id: str
    to: str
    subject: str
    text: str
    calendar: bytes | None = None
    calendar_method: str = "PUBLISH"


@dataclass
class Sent:
    """What came of sending what was due."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0


def tell(session: Session, kind: str, row: Told, dates: tuple[SessionRow, ...], who: str, **details: Any) -> NoticeRow | None:
    """Put a notice into the outbox: by email, else by text, else as a call for staff to make. None where no call is due or nobody can be told.

    `kind` is confirmation, reminder, change, cancellation or offer. An offer is also told in the chat it came from (`due_in_chats`).
    """
    channel, details = channel_of(row), {"by_library": False, "version": _version(row)} | details
    if row.conversation_id and kind == "offer":
        _add(session, kind, "chat", row, dates[0], now(), details)
    if channel is None or (channel == "call" and (kind not in _WORTH_A_CALL or who == RESIDENT)):
        return None
    return _add(session, kind, channel, row, dates[0], now(), details)


def remind(session: Session, row: BookingRow, dates: tuple[SessionRow, ...]) -> None:
    """Put a reminder for each date into the outbox, due at 10am the day before; none for what begins sooner."""
    channel = channel_of(row)
    for date in dates:
        due = reminder_due(date.starts_at)
        if channel in ("email", "text") and date.state == "open" and due > now():
            _add(session, "reminder", channel, row, date, due, {})


def reminder_due(starts_at: datetime) -> datetime:
    """Return when the reminder of a session is due: 10am in London on the day before."""
    return datetime.combine(in_london(starts_at).date() - timedelta(days=1), _REMIND_AT, LONDON)


def withdraw(session: Session, row: Told, session_id: int | None = None) -> None:
    """Take back what was not yet sent about a booking or a place in the line: reminders and offers; what happened is still told."""
    query = update(NoticeRow).where(_about(row), NoticeRow.state == "due", NoticeRow.kind.in_(("reminder", "offer")))
    if session_id is not None:
        query = query.where(NoticeRow.session_id == session_id)
    session.execute(query.values(state="withdrawn"), execution_options={"synchronize_session": False})


def channel_of(row: Told) -> str | None:
    """Return how a person is reached: email, text, call, or None where they left neither telephone nor email."""
    if row.email:
        return "email"
    if row.phone:
        return "text" if is_mobile(row.phone) else "call"
    return None


def calls_to_make(session: Session) -> list[NoticeRow]:
    """Return what staff should ring people about, oldest first."""
    return list(session.scalars(select(NoticeRow).filter_by(channel="call", state="due").order_by(NoticeRow.due_at, NoticeRow.id)))


def due_in_chats(session: Session) -> list[tuple[int, str]]:
    """Return the offers to be said in chats, oldest first: the notice's id and the conversation's. `mark_done` each in the transaction that says it.

    Where a person owns the conversation, or it is no longer open, the offer stays in the outbox.
    """
    query = select(NoticeRow.id, ConversationRow.id).join(WaitingRow, WaitingRow.id == NoticeRow.waiting_id)
    query = query.join(ConversationRow, ConversationRow.id == WaitingRow.conversation_id)
    query = query.where(NoticeRow.channel == "chat", NoticeRow.state == "due", WaitingRow.state == "offered", WaitingRow.offer_until > now())
    query = query.where(ConversationRow.owner == "bot", ConversationRow.expires_at > now())
    return [(notice_id, conversation_id) for notice_id, conversation_id in session.execute(query.order_by(NoticeRow.id))]


def mark_done(session: Session, notice_id: int) -> bool:
    """Note that somebody was told (in the chat, by telephone). Returns False where it was done already."""
    query = update(NoticeRow).where(NoticeRow.id == notice_id, NoticeRow.state == "due").values(state="sent", sent_at=now())
    return _rows(session, query) == 1


def gave_up(session: Session) -> list[NoticeRow]:
    """Return the notices that could not be sent, for staff to see."""
    return list(session.scalars(select(NoticeRow).filter_by(state="failed").order_by(NoticeRow.id)))


def run_due(database: Database, senders: Mapping[str, Sender], most: int = 200) -> Sent:
    """Send what is due by the channels there are senders for; without a sender it stays in the outbox.

    Each notice is claimed by an UPDATE that names its old state, in a transaction of its own, so two runners never send one twice. A runner that dies
    between sending and noting it leaves a claim that is taken up again after 15 minutes: then, and only then, the same message id may go out twice.
    """
    done = Sent()
    for _ in range(most):
        claimed = _claim(database, tuple(senders))
        if claimed is None:
            break
        notice_id, channel, tries = claimed
        _send(database, senders[channel], notice_id, tries, done)
    return done


def _claim(database: Database, channels: tuple[str, ...]) -> tuple[int, str, int] | None:
    with database.reading() as session:
        query = select(NoticeRow.id, NoticeRow.channel, NoticeRow.state, NoticeRow.tries).where(NoticeRow.channel.in_(channels))
        due = (NoticeRow.state == "due") & (NoticeRow.due_at <= now())
        crashed = (NoticeRow.state == "sending") & (NoticeRow.claimed_at <= now() - _CRASHED_AFTER)
        candidates = session.execute(query.where(due | crashed).order_by(NoticeRow.due_at, NoticeRow.id).limit(20)).all()
    for notice_id, channel, state, tries in candidates:
        claim = update(NoticeRow).where(NoticeRow.id == notice_id, NoticeRow.state == state, NoticeRow.tries == tries)
        with database.writing() as session:
            if _rows(session, claim.values(state="sending", tries=tries + 1, claimed_at=now())):
                return notice_id, channel, tries + 1
    return None


def _send(database: Database, sender: Sender, notice_id: int, tries: int, done: Sent) -> None:
    from desk.notice_wording import compose  # it reads templates, which only the runner needs

    state, error, due = "sent", "", None
    try:
        with database.reading() as session:
            outgoing = compose(session, session.get_one(NoticeRow, notice_id))
        if outgoing is None:
            state = "withdrawn"
        else:
            sender.send(outgoing)
    except SendError as failure:
        error = str(failure)[:300]
        given_up = failure.for_good or tries > len(_REST)
        state, due = ("failed", None) if given_up else ("due", now() + _REST[tries - 1])
    done.sent += state == "sent"
    done.failed += state == "due"
    done.given_up += state == "failed"
    values: dict[str, Any] = {"state": state, "error": error, "sent_at": now() if state == "sent" else None}
    if due:
        values["due_at"] = due
    with database.writing() as session:
        _rows(session, update(NoticeRow).where(NoticeRow.id == notice_id, NoticeRow.state == "sending", NoticeRow.tries == tries).values(values))


def _add(session: Session, kind: str, channel: str, row: Told, about: SessionRow, due: datetime, details: dict[str, Any]) -> NoticeRow:
    subject = "booking" if isinstance(row, BookingRow) else "waiting"
    notice = NoticeRow(
        once=f"{kind} {channel} {subject} {row.id} {_version(row)} {about.id}",
        kind=kind,
        channel=channel,
        booking_id=row.id if isinstance(row, BookingRow) else None,
        waiting_id=row.id if isinstance(row, WaitingRow) else None,
        session_id=about.id,
        details=details,
        state="due",
        due_at=due,
        tries=0,
        error="",
    )
    session.add(notice)
    return notice


def _version(row: Told) -> int:
    """What rises with every change, so that a notice knows whether a later one has overtaken it."""
    return row.sequence if isinstance(row, BookingRow) else 0


def _about(row: Told) -> Any:
    return NoticeRow.booking_id == row.id if isinstance(row, BookingRow) else NoticeRow.waiting_id == row.id


def _rows(session: Session, statement: Any) -> int:
    result: Any = session.execute(statement, execution_options={"synchronize_session": False})
    return int(result.rowcount)

"""What the desk stores. Times are UTC."""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, Date, DateTime, Dialect, Float, ForeignKey, Index, String, Text, TypeDecorator, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite drops the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcTime, dict[str, Any]: JSON, list[str]: JSON}


class LibraryRow(Base):
    """A library that residents can visit."""

    __tablename__ = "libraries"

    slug: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    authority: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(200))
    postcode: Mapped[str] = mapped_column(String(8))
    phone: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(120))
    website: Mapped[str] = mapped_column(String(200))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    hours: Mapped[dict[str, Any]] = mapped_column(JSON)


class ConversationRow(Base):
    """One resident's chat. `owner` is bot, queue or staff:ID and changes by compare-and-swap only."""

    __tablename__ = "conversations"
    __table_args__ = (CheckConstraint("owner IN ('bot', 'queue') OR owner LIKE 'staff:%'", name="owner_is_known"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    rasa_sender: Mapped[str] = mapped_column(String(32), index=True)
    owner: Mapped[str] = mapped_column(String(40), default="bot")
    language: Mapped[str] = mapped_column(String(8), default="en")
    page: Mapped[str] = mapped_column(String(300), default="")
    last_seq: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(UtcTime, index=True)


class MessageRow(Base):
    """One line of a conversation's log. The log is the truth; everything shown is read from it."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "client_id"),
        Index("ix_messages_waiting", "conversation_id", "waiting"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    seq: Mapped[int]
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    client_id: Mapped[str | None] = mapped_column(String(64))
    in_reply_to: Mapped[int | None]
    waiting: Mapped[bool] = mapped_column(default=False)


class FeedbackRow(Base):
    """Whether an answer helped, in the resident's own judgement."""

    __tablename__ = "feedback"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    helpful: Mapped[bool]
    at: Mapped[datetime]


class Described:
    """What residents are told of a session; a series hands it on to its dates. The library is named by its slug and may leave the file."""

    kind: Mapped[str] = mapped_column(String(20))
    library: Mapped[str] = mapped_column(String(80))
    room: Mapped[str] = mapped_column(String(80), default="")
    title: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(Text, default="")
    audience: Mapped[str] = mapped_column(String(120), default="")
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    access: Mapped[list[str]] = mapped_column(JSON, default=list)
    cost: Mapped[str] = mapped_column(String(120), default="")
    capacity: Mapped[int | None]
    sample: Mapped[bool] = mapped_column(default=False)


class SeriesRow(Described, Base):
    """A session that comes again. Its dates are stored from `expanded_from` to `expanded_until` (London dates)."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(200), unique=True)
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    rule: Mapped[str] = mapped_column(Text, default="")
    exceptions: Mapped[list[str]] = mapped_column(JSON, default=list)
    dates_a_course: Mapped[int | None]
    expanded_from: Mapped[date | None]
    expanded_until: Mapped[date | None] = mapped_column(Date, index=True)


class SubjectRow(Base):
    """The words that sessions are found by (desk.session_words), once for all the dates that share them: so a search reads hundreds of these, not
    fifty thousand sessions."""

    __tablename__ = "subjects"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    words: Mapped[str] = mapped_column(Text)


class SessionRow(Described, Base):
    """One dated session. `taken` counts every booking, hold and offer that has a place in it; without a capacity nobody books it, people just come.

    The dates of a course share `course`: the id of the one that its bookings and its waiting list are kept under.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("kind IN ('one-to-one', 'drop-in', 'class', 'coding-club', 'course')", name="kind_is_known"),
        CheckConstraint("state IN ('open', 'cancelled')", name="session_state_is_known"),
        CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name="no_place_is_given_twice"),
        Index("ix_sessions_library", "library", "starts_at"),
        Index("ix_sessions_kind", "kind", "starts_at"),
        Index("ix_sessions_series", "series_id", "starts_at"),
        Index("ix_sessions_subject", "subject_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(240), unique=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    course: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    ends_at: Mapped[datetime]
    taken: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="open")
    reason: Mapped[str] = mapped_column(String(200), default="")
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    sequence: Mapped[int] = mapped_column(default=0)


class Person:
    """Who comes, exactly as typed, and whom to tell. `person_key` is the same for the same person (desk.people)."""

    person_key: Mapped[str] = mapped_column(String(64))
    attendee_name: Mapped[str] = mapped_column(String(200), default="")
    age: Mapped[int | None]
    contact_name: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    relation: Mapped[str] = mapped_column(String(60), default="")
    consent_at: Mapped[datetime | None]
    needs: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(8), default="en")
    erased_at: Mapped[datetime | None]


_HAS_A_PLACE = text("state IN ('held', 'booked')")
_IS_IN_LINE = text("state IN ('waiting', 'offered')")


class BookingRow(Person, Base):
    """A place in a session, or in every date of a course; `sequence` is that of its calendar file."""

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint("state IN ('held', 'booked', 'cancelled', 'attended', 'missed')", name="booking_state_is_known"),
        Index("one_place_each", "session_id", "person_key", unique=True, sqlite_where=_HAS_A_PLACE, postgresql_where=_HAS_A_PLACE),
        {"sqlite_autoincrement": True},  # holds are deleted, and the audit must not take a later booking for one of them
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    request_id: Mapped[str] = mapped_column(String(64), unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    state: Mapped[str] = mapped_column(String(10))
    held_until: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    sequence: Mapped[int] = mapped_column(default=0)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]


class WaitingRow(Person, Base):
    """Somebody on a session's waiting list, in the order of `id`. An offered place counts in the session's `taken` until it is answered."""

    __tablename__ = "waiting"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'offered', 'accepted', 'declined', 'expired', 'left', 'closed')", name="waiting_state_is_known"),
        Index("one_turn_each", "session_id", "person_key", unique=True, sqlite_where=_IS_IN_LINE, postgresql_where=_IS_IN_LINE),
        Index("ix_waiting_line", "session_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    request_id: Mapped[str] = mapped_column(String(64), unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    offer_until: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id", ondelete="SET NULL"))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]


class NoticeRow(Base):
    """The outbox: something to tell a person, written in the transaction that made it true. `once` keeps it from being written twice."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("state IN ('due', 'sending', 'sent', 'failed', 'withdrawn')", name="notice_state_is_known"),
        Index("ix_notices_due", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    once: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(10))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), index=True)
    waiting_id: Mapped[int | None] = mapped_column(ForeignKey("waiting.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(10), default="due")
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(300), default="")


class AuditRow(Base):
    """Who changed what, when, from what to what. It holds no names and no contacts."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(60))
    what: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    old: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    new: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class WrongLookUpRow(Base):
    """How often somebody gave a reference or name that fits no booking; `key` names the chat, the visitor or the reference."""

    __tablename__ = "wrong_look_ups"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    times: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime]


class TaskStateRow(Base):
    """The task under way in a conversation (desk.tasks). `state` is None where it has ended; `replies` were given to the message `heard_as`."""

    __tablename__ = "task_states"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    heard_as: Mapped[str] = mapped_column(String(20), default="")
    heard_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    replies: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

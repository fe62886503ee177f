"""What the desk stores. Times are UTC."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, DateTime, Dialect, Float, ForeignKey, Index, String, Text, TypeDecorator, UniqueConstraint
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
    rasa_sender: Mapped[str] = mapped_column(String(32))
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

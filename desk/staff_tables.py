"""What the staff desk stores beside the tables of residents: staff, hand-overs, referrals, volunteers, questions without an answer. Times are UTC."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.tables import Base, UtcTime


class StaffRow(Base):
    """Somebody who works at the desk. `username` is kept in lower case; a password is stored as its Argon2 hash only.

    A temporary password was chosen by a manager: it opens nothing but the page where its owner chooses another.
    `on_duty` is what they said; they are there while `seen_at` is fresh too (desk.duty).
    """

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("role IN ('volunteer-helper', 'staff', 'manager')", name="role_is_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    password_is_temporary: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[str] = mapped_column(String(64), default="")
    totp_last: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    on_duty: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)
    library: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime]


class SignInRow(Base):
    """A browser in which somebody is signed in; only the hash of its key is kept."""

    __tablename__ = "sign_ins"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class WrongSignInRow(Base):
    """How often a wrong password or code was given; `key` names the account or the address that it came from."""

    __tablename__ = "wrong_sign_ins"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    times: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime]


_IS_OPEN = text("state IN ('waiting', 'claimed')")


class HandoverRow(Base):
    """A resident's wish for a person.

    `kind` live: somebody was on duty and the resident waits in the chat. `kind` message: nobody was, and this is to be answered by `promise_by`, in
    the `way` that was chosen. `summary` is what staff read first (desk.summaries).
    """

    __tablename__ = "handovers"
    __table_args__ = (
        CheckConstraint("kind IN ('live', 'message')", name="handover_kind_is_known"),
        CheckConstraint("state IN ('waiting', 'claimed', 'left', 'closed')", name="handover_state_is_known"),
        Index("one_open_handover_each", "conversation_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index("ix_handovers_line", "state", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    reason: Mapped[str] = mapped_column(String(20))
    is_urgent: Mapped[bool] = mapped_column(default=False)
    library: Mapped[str] = mapped_column(String(80), default="")
    name: Mapped[str] = mapped_column(String(200), default="")
    way: Mapped[str] = mapped_column(String(10), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    opened_at: Mapped[datetime]
    promise_by: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    replied_at: Mapped[datetime | None] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    outcome: Mapped[str] = mapped_column(String(20), default="")


class NoteRow(Base):
    """What staff wrote to each other about a conversation. It is no line of the log, so that it can never reach the resident."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)


class PresenceRow(Base):
    """Who of the staff looks at a conversation, and who types in it."""

    __tablename__ = "presences"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    seen_at: Mapped[datetime]
    typed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class CannedReplyRow(Base):
    """Words that staff send often, called up by a short code."""

    __tablename__ = "canned_replies"

    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class DeskSettingRow(Base):
    """What managers may set in the staff desk; what is not here has its default (desk.desk_settings)."""

    __tablename__ = "desk_settings"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class Case:
    """Somebody whose wish takes days: who it is and how to reach them, exactly as typed, and how far it is."""

    reference: Mapped[str] = mapped_column(String(12), unique=True)
    request_id: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    language: Mapped[str] = mapped_column(String(8), default="en")
    state: Mapped[str] = mapped_column(String(12), default="new", index=True)
    source: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ReferralRow(Case, Base):
    """Help asked for oneself or for somebody else: a device, data, skills, or library visits at home.

    `name` is who is to be helped; `contact_name` who asks for them, with their `relation` and `organisation` where there is one.
    """

    __tablename__ = "referrals"
    __table_args__ = (
        CheckConstraint("kind IN ('device', 'data', 'skills', 'home-library-service')", name="referral_kind_is_known"),
        CheckConstraint("state IN ('new', 'accepted', 'passed on', 'done', 'declined')", name="referral_state_is_known"),
        CheckConstraint("source IN ('chat', 'page', 'staff')", name="referral_source_is_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    for_other: Mapped[bool] = mapped_column(default=False)
    contact_name: Mapped[str] = mapped_column(String(200), default="")
    relation: Mapped[str] = mapped_column(String(60), default="")
    organisation: Mapped[str] = mapped_column(String(120), default="")
    consent_at: Mapped[datetime | None] = mapped_column(UtcTime)
    eligibility: Mapped[str] = mapped_column(String(24), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    needs: Mapped[str] = mapped_column(Text, default="")
    library: Mapped[str] = mapped_column(String(80), default="")
    postcode: Mapped[str] = mapped_column(String(10), default="")
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"), index=True)


class VolunteerRow(Case, Base):
    """Somebody who offers to help, with what, when and where."""

    __tablename__ = "volunteers"
    __table_args__ = (
        CheckConstraint("state IN ('new', 'contacted', 'active', 'paused', 'declined', 'withdrawn')", name="volunteer_state_is_known"),
        CheckConstraint("source IN ('chat', 'page', 'staff')", name="volunteer_source_is_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    interests: Mapped[list[str]] = mapped_column(JSON, default=list)
    times: Mapped[str] = mapped_column(Text, default="")
    libraries: Mapped[list[str]] = mapped_column(JSON, default=list)
    about: Mapped[str] = mapped_column(Text, default="")
    consent_at: Mapped[datetime | None] = mapped_column(UtcTime)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"), index=True)


class StepRow(Base):
    """What happened to a referral or a volunteer: the state it came into, who brought it there, and a note."""

    __tablename__ = "steps"
    __table_args__ = (Index("ix_steps_subject", "subject", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int]
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text, default="")


class UnansweredRow(Base):
    """A question that the desk did not answer well, with names masked: why, what it was taken for, and what staff made of it."""

    __tablename__ = "unanswered"
    __table_args__ = (
        CheckConstraint("reason IN ('fell back', 'did not help', 'asked again')", name="unanswered_reason_is_known"),
        CheckConstraint("state IN ('new', 'topic', 'new topic', 'not for us', 'taught')", name="unanswered_state_is_known"),
        Index("one_question_once", "conversation_id", "seq", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    seq: Mapped[int]
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(12))
    taken_for: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[str] = mapped_column(String(12), default="new", index=True)
    topic: Mapped[str] = mapped_column(String(60), default="")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

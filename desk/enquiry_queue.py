"""Everything that waits for staff, in the order in which it is dealt with. Moments are UTC."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk import audit, handovers, notices
from desk.clock import now
from desk.notices import Told
from desk.staff_tables import HandoverRow, ReferralRow, StaffRow, UnansweredRow, VolunteerRow
from desk.tables import AuditRow, BookingRow, ConversationRow, MessageRow, NoticeRow, SessionRow, WaitingRow

KINDS = ("live", "message", "call-back", "call", "referral", "volunteer")
OF_CONVERSATIONS = ("live", "message", "call-back")
_A_VISIT = timedelta(minutes=30)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    """One thing to deal with. `kind` is of KINDS and `number` its own there; `who` and `about` are as the resident typed them.

    `topic` is a label; `library` a slug; `promise` is by when an answer was promised; `awaits_reply` tells that the resident spoke last.
    """

    kind: str
    number: int
    since: datetime
    who: str = ""
    about: str = ""
    topic: str = ""
    language: str = "en"
    library: str = ""
    promise: datetime | None = None
    is_urgent: bool = False
    staff_id: int | None = None
    staff: str = ""
    conversation_id: str = ""
    awaits_reply: bool = False

    @property
    def key(self) -> str:
        return f"{self.kind}.{self.number}"

    @property
    def is_overdue(self) -> bool:
        return self.promise is not None and self.promise < now()

    @property
    def order(self) -> tuple[bool, bool, datetime, datetime]:
        """Urgent ones first, then who waits in the chat, then the oldest promise, then what has waited longest."""
        return (not self.is_urgent, self.kind != "live", self.promise or _NEVER, self.since)


def queue(session: Session, *, kind: str = "", library: str = "", mine: int | None = None) -> list[Item]:
    """Return what waits for staff, of one kind, for one library (its slug), or in the hands of one person (their id), where these are given."""
    items = [*_handed_over(session), *_calls(session), *_referrals(session), *_volunteers(session)]
    wanted = [each for each in items if kind in ("", each.kind) and library in ("", each.library) and mine in (None, each.staff_id)]
    return sorted(wanted, key=lambda item: item.order)


def item(session: Session, key: str) -> Item | None:
    """Return what waits under a key; None where it waits no more."""
    return next((each for each in queue(session, kind=key.partition(".")[0]) if each.key == key), None) if key else None


def unanswered(session: Session) -> int:
    """Return how many questions that were not answered well nobody has looked at yet."""
    return session.scalar(select(func.count()).select_from(UnansweredRow).filter_by(state="new")) or 0


def _handed_over(session: Session) -> Iterable[Item]:
    query = select(HandoverRow, StaffRow.name).outerjoin(StaffRow, StaffRow.id == HandoverRow.staff_id)
    found = session.execute(query.where(HandoverRow.state.in_(("waiting", "claimed"))).order_by(*handovers.line_order())).all()
    spoke_last = _who_spoke_last(session, [row.conversation_id for row, _ in found])
    for row, name in found:
        summary: dict[str, Any] = row.summary
        task = summary.get("task", {})
        yield Item(
            kind="live" if row.kind == "live" else "call-back" if row.way == "phone" else "message",
            number=row.id,
            since=row.opened_at,
            who=row.name or task.get("name", ""),
            about=next(reversed(summary.get("asked", [])), ""),
            topic=summary.get("topic") or task.get("label", ""),
            language=summary.get("language", "en"),
            library=row.library or next(iter(task.get("libraries", [])), ""),
            promise=row.promise_by if row.kind == "message" else None,
            is_urgent=row.is_urgent,
            staff_id=row.staff_id if row.state == "claimed" else None,
            staff=(name or "") if row.state == "claimed" else "",
            conversation_id=row.conversation_id,
            awaits_reply=spoke_last.get(row.conversation_id) == "resident",
        )


def _who_spoke_last(session: Session, conversation_ids: Sequence[str]) -> dict[str, str]:
    last = select(func.max(MessageRow.id)).where(MessageRow.conversation_id.in_(conversation_ids), MessageRow.author != "system")
    query = select(MessageRow.conversation_id, MessageRow.author).where(MessageRow.id.in_(last.group_by(MessageRow.conversation_id)))
    return dict(iter(session.execute(query)))


def _calls(session: Session) -> Iterable[Item]:
    for notice in notices.calls_to_make(session):
        row, about = told(session, notice), session.get_one(SessionRow, notice.session_id)
        yield Item(
            kind="call",
            number=notice.id,
            since=notice.due_at,
            who=row.contact_name or row.attendee_name,
            about=about.title,
            topic=notice.kind,
            language=row.language,
            library=about.library,
        )


def _referrals(session: Session) -> Iterable[Item]:
    for row in session.scalars(select(ReferralRow).filter_by(state="new").order_by(ReferralRow.id)):
        yield Item("referral", row.id, row.created_at, row.name, row.about, row.kind, row.language, row.library)


def _volunteers(session: Session) -> Iterable[Item]:
    for row in session.scalars(select(VolunteerRow).filter_by(state="new").order_by(VolunteerRow.id)):
        yield Item("volunteer", row.id, row.created_at, row.name, row.about, "register_volunteer", row.language, next(iter(row.libraries), ""))


# Calls, and details of people that are looked at


def told(session: Session, notice: NoticeRow) -> Told:
    """Return whose booking or place in a waiting list a notice is about."""
    if notice.booking_id is not None:
        return session.get_one(BookingRow, notice.booking_id)
    return session.get_one(WaitingRow, notice.waiting_id)


def note_call(session: Session, notice_id: int, staff_id: int) -> bool:
    """Note that somebody was rung. Returns False where another person noted it before."""
    notice = session.get(NoticeRow, notice_id)
    if notice is None or not notices.mark_done(session, notice_id):
        return False
    audit.note(session, handovers.owner_of(staff_id), "rang", told(session, notice), {}, {"about": notice.kind})
    return True


def latest_handover(session: Session, conversation_id: str) -> HandoverRow | None:
    """Return the hand-over of a conversation that is open, else the last one that was."""
    query = select(HandoverRow).filter_by(conversation_id=conversation_id).order_by(HandoverRow.id.desc()).limit(1)
    return session.scalar(query.execution_options(populate_existing=True))


def note_visit(session: Session, staff_id: int, conversation_id: str) -> None:
    """Write into the audit, once a visit, that somebody opened a conversation in which a person may be named."""
    handover = latest_handover(session, conversation_id)
    if handover is not None:
        note_look(session, staff_id, handover)


def note_look(session: Session, staff_id: int, row: HandoverRow | Told) -> None:
    """Write that somebody looked at a person's details, unless they did so within the last half hour: a page is loaded again and again."""
    who, rows = handovers.owner_of(staff_id), select(AuditRow.id).where(AuditRow.what == "looked at", AuditRow.at > now() - _A_VISIT)
    if session.scalar(rows.filter_by(who=who, subject=audit.subject_of(type(row)), subject_id=row.id).limit(1)) is None:
        audit.note_look(session, who, row)


def holder(session: Session, conversation_id: str) -> tuple[str, str]:
    """Return who owns a conversation (bot, queue or staff:ID) and their name where it is a person; two empty strings where it was erased."""
    owner = session.scalar(select(ConversationRow.owner).filter_by(id=conversation_id)) or ""
    kind, _, number = owner.partition(":")
    name = session.scalar(select(StaffRow.name).filter_by(id=int(number))) if kind == "staff" else ""
    return owner, name or ""

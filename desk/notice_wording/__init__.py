"""The wording of notices: templates beside this file, a folder a language, English where a language has none. Rendered when a notice is sent."""

from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from desk.calendars import calendar_file
from desk.clock import in_london, now
from desk.notices import Outgoing, Told
from desk.places import dates_for
from desk.references import shown
from desk.service import service
from desk.speech import spoken_day, spoken_time
from desk.tables import BookingRow, LibraryRow, NoticeRow, SessionRow, WaitingRow

_HERE = Path(__file__).parent
KINDS = ("confirmation", "reminder", "change", "cancellation", "offer")


@dataclass(frozen=True)
class _When:
    """A moment, or a session, as a template speaks of it."""

    day: str
    time: str
    title: str = ""
    room: str = ""
    cost: str = ""
    library: str = ""
    cancelled: bool = False


def compose(session: Session, notice: NoticeRow) -> Outgoing | None:
    """Return a notice ready to be sent, or None where it is no longer true, or nobody is left to tell."""
    row = _told(session, notice)
    to = {"email": row.email, "text": row.phone}.get(notice.channel, "")
    about = session.get_one(SessionRow, notice.session_id)
    if not to or about.starts_at <= now() or not _is_still_true(notice, row):
        return None
    dates = dates_for(session, row.session_id)
    library = session.get(LibraryRow, about.library)
    facts = _facts(session, notice, row, about, library) | {"dates": [_of(session, date) for date in dates]}
    subject, text = render(notice.kind, notice.channel, row.language, facts)
    booked = row if isinstance(row, BookingRow) and notice.channel == "email" and notice.kind != "reminder" else None
    return Outgoing(
        id=f"notice-{notice.id}@{_domain()}",
        to=to,
        subject=subject,
        text=text,
        calendar=calendar_file(booked, dates, library, _domain()) if booked else None,
        calendar_method="CANCEL" if booked and booked.state == "cancelled" else "PUBLISH",
    )


def render(kind: str, channel: str, language: str, facts: dict[str, Any]) -> tuple[str, str]:
    """Return the subject and the text of a notice. A text message has no subject."""
    if channel == "text":
        return "", " ".join(_template(language, f"{kind}.text.txt").render(facts).split())
    subject, _, message = _template(language, f"{kind}.txt").render(facts).partition("\n")
    return subject.strip(), _template(language, "email.txt").render(facts | {"message": message.strip()}).strip() + "\n"


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_HERE), undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)


def _template(language: str, name: str) -> Any:
    return _environment().select_template([f"{language}/{name}", f"en/{name}"])


def _told(session: Session, notice: NoticeRow) -> Told:
    if notice.booking_id is not None:
        return session.get_one(BookingRow, notice.booking_id)
    return session.get_one(WaitingRow, notice.waiting_id)


def _is_still_true(notice: NoticeRow, row: Told) -> bool:
    """Whether it is still so: a place was not given up, an offer not answered, and no later notice says otherwise."""
    if isinstance(row, WaitingRow):
        return notice.kind != "offer" or row.state == "offered"
    if notice.kind in ("cancellation", "reminder"):  # reminders of what changed are withdrawn one by one
        return notice.kind == "cancellation" or row.state == "booked"
    return row.state == "booked" and notice.details.get("version", row.sequence) == row.sequence


def _facts(session: Session, notice: NoticeRow, row: Told, about: SessionRow, library: LibraryRow | None) -> dict[str, Any]:
    details = notice.details
    lost = session.get(SessionRow, details["lost"]) if "lost" in details else None
    return {
        "name": row.contact_name or row.attendee_name,
        "attendee": row.attendee_name,
        "reference": shown(row.reference),
        "needs": row.needs,
        "session": _of(session, about),
        "library": {"name": library.name, "address": f"{library.address}, {library.postcode}"} if library else {"name": about.library, "address": ""},
        "lost": _of(session, lost) if lost else None,
        "was": _was(session, details),
        "by_library": details.get("by_library", False),
        "reason": details.get("reason", ""),
        "until": _at(datetime.fromisoformat(details["until"])) if "until" in details else None,
        "service": service(),
    }


def _was(session: Session, details: dict[str, Any]) -> _When | None:
    if "was_at" in details:
        moment = _at(datetime.fromisoformat(details["was_at"]))
        return _When(moment.day, moment.time, library=_library_name(session, details["was_in"]))
    old = session.get(SessionRow, details["was"]) if "was" in details else None
    return _of(session, old) if old else None


def _of(session: Session, row: SessionRow) -> _When:
    moment = _at(row.starts_at)
    return _When(moment.day, moment.time, row.title, row.room, row.cost, _library_name(session, row.library), row.state == "cancelled")


def _at(moment: datetime) -> _When:
    local = in_london(moment)
    return _When(spoken_day(local.date()), spoken_time(time(local.hour, local.minute)))


def _library_name(session: Session, slug: str) -> str:
    library = session.get(LibraryRow, slug)
    return library.name if library else slug


def _domain() -> str:
    """Where our identifiers belong: the domain of the service's email address."""
    return service().email.rpartition("@")[2] or "library.example"

"""Series: sessions that come again. Their dates are worked out from the rule and stored, each with a state of its own.

A rule is an RRULE (RFC 5545) over London times, so that "Tuesdays at 2pm" stays 2pm when the clocks change. Dates on which the library is closed,
bank holidays and the series' exceptions are left out.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from dateutil.rrule import rrule, rrulestr
from sqlalchemy import Select, delete, exists, or_, select
from sqlalchemy.orm import Session

from desk import bookings, places, waiting_list
from desk.clock import LONDON, in_london, now, today
from desk.hours import Week
from desk.opening import on_day
from desk.session_words import words_of
from desk.tables import BookingRow, NoticeRow, SeriesRow, SessionRow, SubjectRow, WaitingRow

HORIZON = timedelta(weeks=12)  # how far ahead dates are stored
_TOP_UP = timedelta(weeks=10)  # with fewer weeks stored than this, more are added
_MOST_DATES = 5000  # that a rule is followed from its start
_FREQUENCIES = re.compile(r"(?:^|;)FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;|$)")
WHO = "timetable"  # in the audit

# What a series hands on to its dates.
DESCRIBED = tuple("kind library room title about audience age_from age_to languages access cost capacity sample".split())
# A change of these is told to people who have a place.
_TOLD = ("library", "room", "starts_at", "ends_at")


@dataclass
class Stored:
    """What became of the dates of a timetable."""

    added: int = 0
    changed: int = 0
    cancelled: int = 0
    removed: int = 0

    def __iadd__(self, other: "Stored") -> "Stored":
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self


def read_rule(text: str, starts: datetime) -> rrule:
    """Return a rule that begins at a London time without zone. Raises ValueError with the reason."""
    rule = text.strip().upper().removeprefix("RRULE:")
    if not _FREQUENCIES.search(rule):
        raise ValueError(f'"{text}" does not repeat daily, weekly, monthly or yearly')
    until = re.search(r"UNTIL=(\d{8})(T\d{6}Z?)?", rule)
    if until:
        rule = rule.replace(until[0], f"UNTIL={_local_until(until[1], until[2] or 'T235959')}")
    try:
        found = rrulestr(rule, dtstart=starts)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f'"{text}" is not a rule that can be read: {error}') from error
    if not isinstance(found, rrule):
        raise ValueError(f'"{text}" is more than one rule')
    return found


def _local_until(day: str, clock: str) -> str:
    try:
        moment = datetime.strptime(day + clock.rstrip("Z"), "%Y%m%dT%H%M%S")
    except ValueError:
        raise ValueError(f'"{day}" is not a date to repeat until') from None
    if clock.endswith("Z"):
        moment = moment.replace(tzinfo=UTC).astimezone(LONDON).replace(tzinfo=None)
    return f"{moment:%Y%m%dT%H%M%S}"


@dataclass(frozen=True)
class Occurrence:
    """One date of a series: its London start without zone, and the number of its course (0 where the series is no course)."""

    starts: datetime
    course: int


def occurrences(series: SeriesRow, week: Week | None, first: date, last: date) -> list[Occurrence]:
    """Return the dates of a series between two London dates, both included; of a course all, or none where it began before `first`."""
    starts = in_london(series.starts_at).replace(tzinfo=None)
    a_course = (series.dates_a_course or _MOST_DATES) if series.kind == "course" else 0
    courses: dict[int, list[Occurrence]] = {}
    found: list[Occurrence] = []
    for n, moment in enumerate(islice(read_rule(series.rule, starts), _MOST_DATES)):
        number = n // a_course if a_course else 0
        if moment.date() > last and not courses.get(number):
            break
        if a_course:
            courses.setdefault(number, []).append(Occurrence(moment, number))
        elif moment.date() >= first:
            found.append(Occurrence(moment, 0))
    for course in courses.values():
        if course[0].starts.date() >= first:
            found += course
    return [each for each in found if _takes_place(each.starts, series.minutes, week, series.exceptions)]


def _takes_place(starts: datetime, minutes: int, week: Week | None, exceptions: list[str]) -> bool:
    if starts.date().isoformat() in exceptions:
        return False
    ends = starts + timedelta(minutes=minutes)
    spans = on_day(week, starts.date()).spans if week else ()
    return week is None or any(opens <= starts.time() and ends.time() <= closes and ends.date() == starts.date() for opens, closes in spans)


def store_dates(session: Session, series: SeriesRow) -> Stored:
    """Store the dates of a series for the coming twelve weeks: new ones are added, changed ones changed, those that no longer occur go.

    No booking is lost: a date that somebody has booked is cancelled rather than removed, and they are told.
    """
    first, last = today(), today() + HORIZON
    week = places.week_of(session, series.library)
    stored, wanted = Stored(), {}
    for each in occurrences(series, week, first, last):
        wanted[_uid(series, each)] = each
    known = {row.uid: row for row in session.scalars(select(SessionRow).filter_by(series_id=series.id).where(SessionRow.starts_at > now()))}
    begun = set(session.scalars(select(SessionRow.uid).filter_by(series_id=series.id).where(SessionRow.starts_at <= now())))
    homes = {_number(row.uid): row for row in known.values() if row.course == row.id}
    for uid, each in wanted.items():
        if uid in known:
            stored.changed += _change(session, known[uid], series, each)
        elif uid not in begun:
            _add(session, series, uid, each, homes)
            stored.added += 1
    for uid, row in known.items():
        within = in_london(row.starts_at).date() <= last  # a clock that was set back has left dates beyond
        if uid not in wanted and within and not _is_of_begun_course(row, known):
            _take_out(session, row, stored)
    series.expanded_from, series.expanded_until = first, last
    return stored


def store_one(session: Session, described: SeriesRow) -> Stored:
    """Store a session that comes once, as `described`: an unsaved row of a series without a rule."""
    row = session.scalar(select(SessionRow).filter_by(uid=described.uid))
    each = Occurrence(in_london(described.starts_at).replace(tzinfo=None), 0)
    if row is None:
        _add(session, described, described.uid, each, {})
        return Stored(added=1)
    row.series_id = None  # a date of a series that has come to differ from it
    return Stored(changed=_change(session, row, described, each))


def needs_top_up(session: Session) -> bool:
    """Whether a series has fewer than ten weeks of dates stored, or the clock was set back to before they begin."""
    return session.scalar(_short_of_dates().limit(1)) is not None


def top_up(session: Session) -> Stored:
    """Add the dates that time has brought within twelve weeks."""
    stored = Stored()
    for series in list(session.scalars(_short_of_dates())):
        stored += store_dates(session, series)
    return stored


def _short_of_dates() -> Select[SeriesRow]:
    enough = (SeriesRow.expanded_until >= today() + _TOP_UP) & (SeriesRow.expanded_from <= today())
    return select(SeriesRow).where(or_(SeriesRow.expanded_until.is_(None), ~enough)).order_by(SeriesRow.id)


def _uid(series: SeriesRow, each: Occurrence) -> str:
    number = f"/{each.course}" if series.kind == "course" else ""
    return f"{series.uid}{number}/{each.starts:%Y-%m-%d}"


def _number(uid: str) -> str:
    return uid.rsplit("/", 1)[0]


def _is_of_begun_course(row: SessionRow, coming: dict[str, SessionRow]) -> bool:
    """Whether a course is under way: its later dates stay as they are."""
    return row.course is not None and row.course not in {each.id for each in coming.values()}


def _add(session: Session, series: SeriesRow, uid: str, each: Occurrence, homes: dict[str, SessionRow]) -> None:
    home = homes.get(_number(uid)) if series.kind == "course" else None
    row = SessionRow(
        uid=uid, series_id=series.id, taken=home.taken if home else 0, state="open", reason="", sequence=0, **_values(session, series, each)
    )
    row.capacity = None if row.capacity is None else max(row.capacity, row.taken)
    session.add(row)
    session.flush()
    if series.kind == "course":
        homes.setdefault(_number(uid), row)
        row.course = homes[_number(uid)].id


def _values(session: Session, series: SeriesRow, each: Occurrence) -> dict[str, Any]:
    starts_at = each.starts.replace(tzinfo=LONDON).astimezone(UTC)
    words = words_of(series.title, (series.about, series.audience), kind=series.kind, languages=series.languages, access=series.access)
    described = {name: getattr(series, name) for name in DESCRIBED}
    return described | {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=series.minutes),
        "subject_id": _subject(session, words),
    }


def _subject(session: Session, words: str) -> int:
    digest = hashlib.sha256(words.encode()).hexdigest()
    row = session.scalar(select(SubjectRow).filter_by(digest=digest))
    if row is None:
        row = SubjectRow(digest=digest, words=words)
        session.add(row)
        session.flush()
    return row.id


def _change(session: Session, row: SessionRow, series: SeriesRow, each: Occurrence) -> bool:
    """Bring a stored date up to date. Returns whether anything changed. Who has a place is told of another time or place."""
    (dates,) = places.hold_dates(session, row.id)
    new = _values(session, series, each)
    if new["capacity"] is not None:
        new["capacity"] = max(new["capacity"], row.taken)  # nobody loses a place because a room became smaller
    old = {name: getattr(row, name) for name in new}
    changed = {name for name in new if new[name] != old[name]}
    if row.state == "cancelled" and not row.reason:
        row.state = "open"  # it had dropped out of the timetable, and is back
        changed.add("state")
    if not changed:
        return False
    for name in changed & set(new):
        setattr(row, name, new[name])
    row.sequence += 1
    session.flush()
    if changed & set(_TOLD):
        bookings.tell_of_changed_date(session, row, dates, WHO, was=old["starts_at"], library=old["library"])
    if new["capacity"] is not None and "capacity" in changed:
        waiting_list.offer_place(session, row.id)
    return True


def _take_out(session: Session, row: SessionRow, stored: Stored) -> None:
    if row.course is None and not _is_referred_to(session, row.id):
        session.execute(delete(SessionRow).where(SessionRow.id == row.id))
        stored.removed += 1
    elif row.state == "open":
        bookings.cancel_session(session, row.id, "", who=WHO)
        stored.cancelled += 1


def _is_referred_to(session: Session, session_id: int) -> bool:
    tables = (BookingRow, WaitingRow, NoticeRow)
    return any(session.scalar(select(exists().where(table.session_id == session_id))) for table in tables)

"""Series: sessions that come again. Their dates are worked out from the rule and stored, each with a state of its own.

A rule is an RRULE (RFC 5545) over London times, so that "Tuesdays at 2pm" stays 2pm when the clocks change. Dates on which the library is closed,
bank holidays and the series' exceptions are left out.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from dateutil.rrule import rrule, rrulestr
from sqlalchemy import Select, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from desk import audit, bookings, places, waiting_list
from desk.clock import LONDON, in_london, now, today
from desk.hours import Week
from desk.opening import on_day
from desk.places import CancelledError, NoBookingNeededError, NoPlaceError, StartedError
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


def store_dates(session: Session, series: SeriesRow, *, reason: str = "", who: str = WHO) -> Stored:
    """Store the dates of a series for the coming twelve weeks: new ones are added, changed ones changed, those that no longer occur go.

    No booking is lost: a date that somebody has booked is cancelled rather than removed, and they are told, with the reason where there is one.
    A date that came to differ from the series is left alone, and its day is not filled again.
    """
    first, last = today(), today() + HORIZON
    week = places.week_of(session, series.library)
    stored, wanted = Stored(), {}
    for each in occurrences(series, week, first, last):
        wanted[_uid(series, each)] = each
    known = {row.uid: row for row in session.scalars(select(SessionRow).filter_by(series_id=series.id).where(SessionRow.starts_at > now()))}
    stands = set(session.scalars(select(SessionRow.uid).where(SessionRow.uid.in_(list(wanted)))))
    homes = {_number(row.uid): session.get_one(SessionRow, row.course) for row in known.values() if row.course}
    for uid, each in wanted.items():
        if uid in known:
            stored.changed += _change(session, known[uid], series, each, who)
        elif uid not in stands:
            _add(session, series, uid, each, homes)
            stored.added += 1
    for uid, row in known.items():
        within = in_london(row.starts_at).date() <= last  # a clock that was set back has left dates beyond
        if uid not in wanted and within and not _is_of_begun_course(row, known):
            _take_out(session, row, stored, reason, who)
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
    return Stored(changed=_change(session, row, described, each, WHO))


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


def _change(session: Session, row: SessionRow, series: SeriesRow, each: Occurrence, who: str) -> bool:
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
        bookings.tell_of_changed_date(session, row, dates, who, was=old["starts_at"], library=old["library"])
    if new["capacity"] is not None and "capacity" in changed:
        waiting_list.offer_place(session, row.id)
    return True


def _take_out(session: Session, row: SessionRow, stored: Stored, reason: str, who: str) -> None:
    if row.course is None and not _is_referred_to(session, row.id):
        session.execute(delete(SessionRow).where(SessionRow.id == row.id))
        stored.removed += 1
    elif row.state == "open":
        bookings.cancel_session(session, row.id, reason, who=who)
        stored.cancelled += 1


def _is_referred_to(session: Session, session_id: int) -> bool:
    tables = (BookingRow, WaitingRow, NoticeRow)
    return any(session.scalar(select(exists().where(table.session_id == session_id))) for table in tables)


# What staff change of the timetable


class NoDatesError(ValueError):
    """Nothing of it would ever take place: the library is closed then, or the series ends before it begins."""


class TooFewPlacesError(NoPlaceError):
    """More places are taken than the session would have."""


class UnknownSeriesError(Exception):
    """There is no such series."""


@dataclass(frozen=True)
class Repeats:
    """How a session comes again, in plain choices: `how` is weekly, fortnightly or monthly.

    `days` are weekdays, 0 for Monday; `nth` is which of them in a month, 1 to 4, or -1 for the last; `until` is a London date, itself included.
    """

    how: str
    days: tuple[int, ...]
    nth: int = 1
    until: date | None = None


_DAYS = tuple("MO TU WE TH FR SA SU".split())
_PLAIN_RULE = re.compile(
    r"FREQ=(?P<freq>WEEKLY|MONTHLY)(?:;INTERVAL=(?P<every>[12]))?;BYDAY=(?P<days>[-\dA-Z,]+)(?:;UNTIL=(?P<until>\d{8})(?:T\d{6})?)?"
)


def rule_of(repeats: Repeats) -> str:
    """Return the rule of plain choices."""
    nth = str(repeats.nth) if repeats.how == "monthly" else ""
    parts = [
        f"FREQ={'MONTHLY' if repeats.how == 'monthly' else 'WEEKLY'}",
        "INTERVAL=2" if repeats.how == "fortnightly" else "",
        f"BYDAY={','.join(nth + _DAYS[day] for day in repeats.days)}",
        f"UNTIL={repeats.until:%Y%m%d}" if repeats.until else "",
    ]
    return ";".join(filter(None, parts))


def repeats_of(rule: str) -> Repeats | None:
    """Return the plain choices that a rule stands for; None where it is not as plain as that."""
    match = _PLAIN_RULE.fullmatch(rule.strip().upper().removeprefix("RRULE:"))
    days = [re.fullmatch(r"(-1|[1-4])?([A-Z]{2})", each) for each in match["days"].split(",")] if match else []
    if match is None or not all(each and each[2] in _DAYS for each in days):
        return None
    numbers = {each[1] for each in days if each}
    how = "monthly" if match["freq"] == "MONTHLY" else "fortnightly" if match["every"] == "2" else "weekly"
    if len(numbers) > 1 or (how == "monthly") == (None in numbers) or (how == "monthly" and match["every"] == "2"):
        return None
    until = date.fromisoformat(match["until"]) if match["until"] else None
    return Repeats(how, tuple(_DAYS.index(each[2]) for each in days if each), int(numbers.pop() or 1), until)


def add_to_timetable(session: Session, given: SeriesRow, *, who: str) -> list[SessionRow]:
    """Put a session (`given` without a rule) or a series into the timetable, and return its coming dates. The same uid again adds nothing.

    Raises NoDatesError.
    """
    known = session.scalar(select(SeriesRow).filter_by(uid=given.uid)) if given.rule else None
    if known:
        return coming_dates(session, known.id)
    if not given.rule:
        if store_one(session, given).added:
            one = session.scalars(select(SessionRow).filter_by(uid=given.uid)).one()
            audit.note(session, who, "add_session", one, {}, {"title": one.title, "library": one.library, "starts_at": one.starts_at})
        return list(session.scalars(select(SessionRow).filter_by(uid=given.uid)))
    _check_dates(session, given)
    session.add(given)
    session.flush()
    audit.note(session, who, "add_series", given, {}, _noted(given))
    store_dates(session, given, who=who)
    return coming_dates(session, given.id)


def edit_series(session: Session, series_id: int, given: SeriesRow, *, reason: str = "", who: str) -> SeriesRow:
    """From the day on which `given` starts, put it in the place of a series, whose earlier dates stay. A course that has begun by then ends
    as it began.

    Whoever has a place keeps it on the new date of the same day, else of the same week, and is told; where there is none the date is cancelled, and
    they are told the reason. The same uid again changes nothing. Raises UnknownSeriesError, NoDatesError, and StartedError for a day before tomorrow:
    what today brings has perhaps begun.
    """
    old = _series(session, series_id)
    known = session.scalar(select(SeriesRow).filter_by(uid=given.uid))
    if known:
        return known
    first, had = in_london(given.starts_at).date(), _noted(old)
    if first <= today():
        raise StartedError
    given.exceptions = sorted({*given.exceptions, *_days_of_their_own(session, old)})
    _check_dates(session, given)
    session.add(given)
    old.rule = _ended_before(old, first)
    session.flush()
    wanted = occurrences(given, places.week_of(session, given.library), first, today() + HORIZON)
    for row, each in _pairs(_dates_from(session, old, first), wanted, courses=(old.kind == "course", given.kind == "course")):
        row.uid, row.series_id = _uid(given, each), given.id
    session.flush()
    audit.note(session, who, "edit_series", given, had | {"id": old.id}, _noted(given))
    store_dates(session, old, reason=reason, who=who)
    store_dates(session, given, reason=reason, who=who)
    return given


def end_series(session: Session, series_id: int, first_without: date, reason: str, *, who: str) -> Stored:
    """Let a series have no dates from a London date on. Whoever has a place in one is told, with the reason. Raises UnknownSeriesError."""
    row = _series(session, series_id)
    had, row.rule = row.rule, _ended_before(row, first_without)
    audit.note(session, who, "end_series", row, {"rule": had}, {"rule": row.rule, "reason": reason})
    session.flush()
    return store_dates(session, row, reason=reason, who=who)


def move_date(
    session: Session, session_id: int, starts: datetime, minutes: int, *, library: str | None = None, room: str | None = None, who: str
) -> bool:
    """Hold one date at another time (`starts`: London, without zone) or in another place; who has a place is told. Returns whether it changed.

    From then on it is a date of its own: changes of its series do not reach it. Raises UnknownSessionError, CancelledError, and StartedError where it
    has begun or would have.
    """
    (dates,) = places.hold_dates(session, session_id)
    row = next(each for each in dates if each.id == session_id)
    starts_at = starts.replace(tzinfo=LONDON).astimezone(UTC)
    if row.state != "open":
        raise CancelledError
    if min(row.starts_at, starts_at) <= now():
        raise StartedError
    ends_at = starts_at + timedelta(minutes=minutes)
    new = {"starts_at": starts_at, "ends_at": ends_at, "library": library or row.library, "room": row.room if room is None else room}
    old = {name: getattr(row, name) for name in new}
    if new == old:
        return False
    for name, value in new.items():
        setattr(row, name, value)
    row.series_id, row.sequence = None, row.sequence + 1
    session.flush()
    audit.note(session, who, "move_date", row, old, new)
    bookings.tell_of_changed_date(session, row, places.dates_for(session, row.id), who, was=old["starts_at"], library=old["library"])
    return True


def change_capacity(session: Session, session_id: int, capacity: int, *, who: str) -> None:
    """Give a session, or all dates of its course, another number of places; free ones are offered to those who wait.

    From then on they are dates of their own. Raises UnknownSessionError, NoBookingNeededError for a drop-in, TooFewPlacesError where more are taken.
    """
    (dates,) = places.hold_dates(session, session_id)
    had = dates[0].capacity
    if had is None:
        raise NoBookingNeededError
    if had == capacity:
        return
    change = update(SessionRow).where(SessionRow.id.in_([row.id for row in dates]), SessionRow.taken <= capacity)
    with session.begin_nested():  # all dates of a course or none
        changed = session.scalars(change.values(capacity=capacity, series_id=None).returning(SessionRow.id)).all()
        if len(changed) < len(dates):
            raise TooFewPlacesError
    audit.note(session, who, "change_capacity", dates[0], {"capacity": had}, {"capacity": capacity})
    waiting_list.offer_place(session, session_id)


def running_series(session: Session, library: str = "") -> list[SeriesRow]:
    """Return the series with dates to come, by library and title."""
    to_come = exists().where(SessionRow.series_id == SeriesRow.id, SessionRow.starts_at > now())
    query = select(SeriesRow).where(or_(to_come, SeriesRow.starts_at > now()))
    if library:
        query = query.where(SeriesRow.library == library)
    return list(session.scalars(query.order_by(SeriesRow.library, SeriesRow.title, SeriesRow.starts_at)))


def coming_dates(session: Session, series_id: int) -> list[SessionRow]:
    """Return the dates of a series that are stored and still to come, in order."""
    return list(session.scalars(select(SessionRow).filter_by(series_id=series_id).where(SessionRow.starts_at > now()).order_by(SessionRow.starts_at)))


def _series(session: Session, series_id: int) -> SeriesRow:
    row = session.scalar(select(SeriesRow).filter_by(id=series_id).with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise UnknownSeriesError(series_id)
    return row


def _check_dates(session: Session, given: SeriesRow) -> None:
    first = max(in_london(given.starts_at).date(), today())
    if not occurrences(given, places.week_of(session, given.library), first, first + HORIZON):
        raise NoDatesError


def _noted(series: SeriesRow) -> dict[str, Any]:
    names = ("title", "kind", "library", "room", "starts_at", "minutes", "capacity", "rule", "exceptions")
    return {name: getattr(series, name) for name in names}


def _ended_before(series: SeriesRow, first_without: date) -> str:
    """Return the rule of a series without its dates from a London date on; a course that has begun by then keeps all of its dates."""
    starts = in_london(series.starts_at).replace(tzinfo=None)
    together = (series.dates_a_course or _MOST_DATES) if series.kind == "course" else 1
    last = starts.date() - timedelta(days=1)
    for n, moment in enumerate(islice(read_rule(series.rule, starts), _MOST_DATES)):
        if moment.date() >= first_without and n % together == 0:
            break
        last = moment.date()
    parts = [part for part in series.rule.split(";") if not part.upper().startswith(("UNTIL=", "COUNT="))]
    return ";".join([*parts, f"UNTIL={last:%Y%m%d}"])


def _days_of_their_own(session: Session, series: SeriesRow) -> list[str]:
    """Return the days on which dates of a series would be that came to differ from it."""
    query = select(SessionRow.uid).where(SessionRow.series_id.is_(None), SessionRow.uid.startswith(f"{series.uid}/", autoescape=True))
    return [uid.rsplit("/", 1)[1] for uid in session.scalars(query)]


def _dates_from(session: Session, series: SeriesRow, first: date) -> list[SessionRow]:
    """Return the coming dates of a series from a London date on; of a course none where it began before."""
    coming = coming_dates(session, series.id)
    begins = {row.id: row.starts_at for row in coming}
    return [row for row in coming if row.course in (None, *begins) and in_london(begins[row.course or row.id]).date() >= first]


def _pairs(rows: list[SessionRow], wanted: list[Occurrence], courses: tuple[bool, bool]) -> Iterator[tuple[SessionRow, Occurrence]]:
    """Yield which date takes the place of which: of the same day, else of the same week; of courses the first for the first, and so on."""
    if any(courses):
        if all(courses):
            yield from _pairs_of_courses(rows, wanted)
        return
    ways: tuple[Callable[[date], Any], ...] = (lambda day: day, lambda day: day.isocalendar()[:2])
    for alike in ways:
        for row in tuple(rows):
            day = alike(in_london(row.starts_at).date())
            match = next((each for each in wanted if alike(each.starts.date()) == day), None)
            if match:
                rows.remove(row)
                wanted.remove(match)
                yield row, match


def _pairs_of_courses(rows: list[SessionRow], wanted: list[Occurrence]) -> Iterator[tuple[SessionRow, Occurrence]]:
    old: dict[int, list[SessionRow]] = {}
    new: dict[int, list[Occurrence]] = {}
    for row in rows:
        old.setdefault(row.course or row.id, []).append(row)
    for each in wanted:
        new.setdefault(each.course, []).append(each)
    for theirs, ours in zip(old.values(), new.values(), strict=False):
        yield from zip(theirs, ours, strict=False)

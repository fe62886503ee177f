"""Files of sessions: a CSV of our own columns, and iCalendar files (feeds saved to disk, LibCal's too). Read here, and written as CSV."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, cast

from icalendar import Calendar
from sqlalchemy import String, select
from sqlalchemy.orm import Session

from desk import bookings, series
from desk.clock import LONDON, in_london, now
from desk.libraries import BadRow, UnreadableFileError, slug_of
from desk.library_names import names_in
from desk.places import hold_dates
from desk.series import DESCRIBED, Stored, read_rule, store_dates, store_one
from desk.sessions import KINDS
from desk.tables import LibraryRow, SeriesRow, SessionRow

NEEDED = ("title", "kind", "library", "starts_at", "minutes", "capacity", "about", "ages", "languages", "access", "rrule")
OPTIONAL = ("uid", "room", "audience", "cost", "exceptions", "dates_a_course", "sample", "state", "reason")
_LONGEST = 12 * 60  # minutes
_MOST_PLACES = 1000


@dataclass(frozen=True)
class Listed:
    """A session or series as a file lists it. `cancelled` is the reason, perhaps empty, why it does not take place; None where it does."""

    row: SeriesRow
    cancelled: str | None = None


@dataclass
class SessionsReport:
    """What came of taking in a file of sessions."""

    loaded: int = 0
    stored: Stored = field(default_factory=Stored)
    bad: list[BadRow] = field(default_factory=list)


def import_sessions(session: Session, path: Path) -> SessionsReport:
    """Take in a file of sessions, CSV or iCalendar by its ending. Each good row loads whole, bad ones are named by line and reason.

    What was taken in before is brought up to date by its uid; what the file no longer holds is left as it is. Raises UnreadableFileError.
    """
    report = SessionsReport()
    names = dict(session.execute(select(LibraryRow.slug, LibraryRow.name)).all())
    read = _read_calendar if path.suffix.lower() in (".ics", ".ical", ".ifb") else _read_csv
    seen: set[str] = set()
    for line, listed in read(path, names):
        if isinstance(listed, Listed) and listed.row.uid in seen:
            listed = BadRow(line, f"{listed.row.title} stands in the file twice")
        if isinstance(listed, BadRow):
            report.bad.append(listed)
            continue
        seen.add(listed.row.uid)
        with session.begin_nested():
            report.stored += _store(session, listed)
        report.loaded += 1
    return report


def _store(session: Session, listed: Listed) -> Stored:
    given = listed.row
    if listed.cancelled is not None:
        return _cancel(session, given, listed.cancelled)
    if not given.rule:
        return store_one(session, given)
    known = session.scalar(select(SeriesRow).filter_by(uid=given.uid))
    if known is None:
        session.add(given)
        session.flush()
        return store_dates(session, given)
    for name in (*DESCRIBED, "starts_at", "minutes", "rule", "exceptions", "dates_a_course"):
        setattr(known, name, getattr(given, name))
    session.flush()
    return store_dates(session, known)


def _cancel(session: Session, given: SeriesRow, reason: str) -> Stored:
    """Cancel what a file marks as cancelled, where it is known and still to come: the one session, or every date of a series."""
    ours = (SessionRow.uid == given.uid) | SessionRow.series_id.in_(select(SeriesRow.id).filter_by(uid=given.uid))
    rows = list(session.scalars(select(SessionRow).where(ours, SessionRow.starts_at > now(), SessionRow.state == "open")))
    for row in rows:
        hold_dates(session, row.id)
        bookings.cancel_session(session, row.id, reason, who=series.WHO)
    return Stored(cancelled=len(rows))


# CSV


def _read_csv(path: Path, names: dict[str, str]) -> Iterator[tuple[int, Listed | BadRow]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = set(NEEDED) - set(reader.fieldnames or ())
            if missing:
                raise UnreadableFileError(f"{path} lacks the column {sorted(missing)[0]!r}: use the columns of data/sessions.csv.")
            for row in reader:
                line = reader.line_num
                try:
                    yield line, _from_csv({key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}, names)
                except ValueError as error:
                    yield line, BadRow(line, str(error))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFileError(f"{path} cannot be read: {error}") from error


def _from_csv(row: dict[str, str], names: dict[str, str]) -> Listed:
    """Raises ValueError with the reason where the row is no session."""
    library = _library(row["library"], names)
    starts = _local_time(row["starts_at"])
    kind = row["kind"].lower().replace(" ", "-")
    if kind not in KINDS:
        raise ValueError(f'"{row["kind"]}" is not a kind of session: use {", ".join(KINDS)}')
    if row["rrule"]:
        read_rule(row["rrule"], starts)
    age_from, age_to = _ages(row["ages"])
    state = row.get("state", "").lower()
    if state not in ("", "open", "cancelled"):
        raise ValueError(f'"{row["state"]}" is not a state: use open or cancelled')
    listed = SeriesRow(
        uid=row.get("uid") or f"{library}-{slug_of(row['title'])}-{starts:%Y%m%dT%H%M}",
        kind=kind,
        library=library,
        room=row.get("room", ""),
        title=row["title"],
        about=row["about"],
        audience=row.get("audience", ""),
        age_from=age_from,
        age_to=age_to,
        languages=[each[:1].upper() + each[1:] for each in _list(row["languages"])],
        access=["-".join(each.lower().split()) for each in _list(row["access"])],
        cost=row.get("cost", ""),
        capacity=_capacity(row["capacity"], kind),
        sample=_yes(row.get("sample", "")),
        starts_at=starts.replace(tzinfo=LONDON),
        minutes=_number(row["minutes"], "minutes", 1, _LONGEST),
        rule=row["rrule"],
        exceptions=[_day(each).isoformat() for each in _list(row.get("exceptions", ""))],
        dates_a_course=_dates_a_course(row.get("dates_a_course", ""), kind),
    )
    return Listed(_checked(listed), row.get("reason", "") if state == "cancelled" else None)


def _checked(row: SeriesRow) -> SeriesRow:
    if not row.title:
        raise ValueError("the session has no title")
    for column in ("title", "library", "room", "audience", "cost", "uid"):
        longest = cast(String, SeriesRow.__table__.c[column].type).length or 0
        if len(getattr(row, column)) > longest:
            raise ValueError(f"its {column} is longer than {longest} characters")
    return row


def _library(text: str, names: dict[str, str]) -> str:
    slugs = {name.casefold(): slug for slug, name in names.items()}
    slug = text if text in names else slugs.get(text.casefold()) or (slug_of(text) if slug_of(text) in names else None)
    if slug is None:
        raise ValueError(f'"{text}" is not one of our libraries')
    return slug


def _local_time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a local time like 2026-12-01T14:00') from None
    if moment.tzinfo:
        return moment.astimezone(LONDON).replace(tzinfo=None)
    if len(text) <= 10:
        raise ValueError(f'"{text}" has no time of day')
    return moment


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a date like 2026-12-25') from None


def _number(text: str, what: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ValueError(f'"{text}" is not a number of {what} from {least} to {most}')
    return int(text)


def _capacity(text: str, kind: str) -> int | None:
    if not text and kind != "drop-in":
        raise ValueError("it has no capacity: only a drop-in may be without")
    return _number(text, "places", 1, _MOST_PLACES) if text and kind != "drop-in" else None


def _dates_a_course(text: str, kind: str) -> int | None:
    if text and kind != "course":
        raise ValueError("only a course has a number of dates a course")
    return _number(text, "dates a course", 1, 60) if text else None


def _ages(text: str) -> tuple[int | None, int | None]:
    """Read "8-14", "16+", "under 5", "adults" or nothing (years, both included)."""
    plain = text.lower().replace("–", "-").replace(" to ", "-").replace("years", "").replace(" ", "")
    if plain in ("", "all", "any", "everyone", "allages"):
        return None, None
    if plain in ("adult", "adults"):
        return 16, None
    span, open_end, under = re.fullmatch(r"(\d{1,3})-(\d{1,3})", plain), re.fullmatch(r"(\d{1,3})\+", plain), re.fullmatch(r"under(\d{1,3})", plain)
    if span and int(span[1]) <= int(span[2]):
        return int(span[1]), int(span[2])
    if open_end:
        return int(open_end[1]), None
    if under:
        return None, int(under[1]) - 1
    raise ValueError(f'"{text}" are not ages like 8-14, 16+ or adults')


def _list(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;|]", text) if part.strip()]


def _yes(text: str) -> bool:
    if text.lower() not in ("", "yes", "no", "true", "false"):
        raise ValueError(f'"{text}" is not yes or no')
    return text.lower() in ("yes", "true")


# iCalendar


def _read_calendar(path: Path, names: dict[str, str]) -> Iterator[tuple[int, Listed | BadRow]]:
    """Yield each event with the line of the file that it begins on; dates that differ from their series come before it."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        events = [event for calendar in Calendar.from_ical(text, multiple=True) for event in calendar.walk("VEVENT")]
    except (OSError, ValueError, IndexError, KeyError) as error:
        raise UnreadableFileError(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip().upper() == "BEGIN:VEVENT"]
    if len(lines) != len(events):
        raise UnreadableFileError(f"{path} cannot be read: it holds the beginning of {len(lines)} events and the whole of {len(events)}")
    moved = _moved(events)
    for line, event in sorted(zip(lines, events, strict=True), key=lambda each: "RECURRENCE-ID" not in each[1]):
        try:
            yield line, _from_event(event, names, moved)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            yield line, BadRow(line, str(error))


def _moved(events: Iterable[Any]) -> dict[str, list[str]]:
    """Return, by uid, the dates of series that stand in the file as events of their own (RECURRENCE-ID)."""
    moved: dict[str, list[str]] = {}
    for event in events:
        if "RECURRENCE-ID" in event:
            moved.setdefault(str(event.get("UID")), []).append(_local(event["RECURRENCE-ID"].dt).date().isoformat())
    return moved


def _from_event(event: Any, names: dict[str, str], moved: dict[str, list[str]]) -> Listed:
    """Raises ValueError with the reason where the event is no session of ours."""
    title = str(event.get("SUMMARY", "")).strip()
    starts, minutes = _span(event)
    library, room = _place(event, names)
    words = f"{title} {_words(event, 'CATEGORIES')}"
    kind = _kind(event, words)
    uid = str(event.get("UID", "")).strip() or f"{library}-{slug_of(title)}-{starts:%Y%m%dT%H%M}"
    age_from, age_to = _ages(str(event.get("X-AGES", ""))) if event.get("X-AGES") else _ages_said(words)
    places = str(event.get("X-CAPACITY") or event.get("X-LIBCAL-SEATS") or "").strip()
    rule = event["RRULE"].to_ical().decode() if "RRULE" in event else ""
    if rule:
        read_rule(rule, starts)
    one_of_a_series = "RECURRENCE-ID" in event
    listed = SeriesRow(
        uid=f"{uid}/{_local(event['RECURRENCE-ID'].dt):%Y-%m-%d}" if one_of_a_series else uid,
        kind=kind,
        library=library,
        room=room,
        title=title,
        about=_plain(str(event.get("DESCRIPTION", ""))),
        audience=str(event.get("X-AUDIENCE", "")),
        age_from=age_from,
        age_to=age_to,
        languages=_list(str(event.get("X-LANGUAGES", ""))),
        access=_list(str(event.get("X-ACCESS", ""))),
        cost=str(event.get("X-COST", "")),
        # Most feeds do not say how many places there are: then nothing is booked here, as for a drop-in.
        capacity=_number(places, "places", 1, _MOST_PLACES) if places and kind != "drop-in" else None,
        sample=False,
        starts_at=starts.replace(tzinfo=LONDON),
        minutes=minutes,
        rule=rule,
        exceptions=sorted({*_exceptions(event), *(moved.get(uid, []) if rule else [])}),
        dates_a_course=None,
    )
    return Listed(_checked(listed), "" if str(event.get("STATUS", "")).upper() == "CANCELLED" else None)


def _span(event: Any) -> tuple[datetime, int]:
    """Return the London start and the minutes of an event. Raises ValueError where it has no time of day."""
    begins = event["DTSTART"].dt if "DTSTART" in event else None
    if not isinstance(begins, datetime):
        raise ValueError("it has no time of day")
    length = event["DURATION"].dt if "DURATION" in event else timedelta(hours=1)
    if "DTEND" in event:
        length = _local(event["DTEND"].dt) - _local(begins)
    minutes = int(length.total_seconds() // 60)
    if not 1 <= minutes <= _LONGEST:
        raise ValueError(f"it lasts {minutes} minutes")
    return _local(begins), minutes


def _local(moment: date | datetime) -> datetime:
    """Return a time in London without zone; a floating one is London's already."""
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day)
    return moment.astimezone(LONDON).replace(tzinfo=None) if moment.tzinfo else moment


def _place(event: Any, names: dict[str, str]) -> tuple[str, str]:
    """Return the library and the room. LibCal writes "Meeting Room 1, Pimlico Library" as the location and its campus as X-LIBCAL-CAMPUS."""
    said = [str(event.get(name, "")) for name in ("X-LIBRARY", "LOCATION", "X-LIBCAL-CAMPUS", "X-LIBCAL-LOCATION")]
    for text in filter(None, said):
        for part in (text, *(piece.strip() for piece in re.split(r"[,;\n-]", text))):
            if part in names or slug_of(part) in names:
                return slug_of(part), _room(said[1], part)
        found = names_in(text, names.values())
        if found:
            return next(slug for slug, name in names.items() if name == found[0]), _room(said[1], found[0])
    raise ValueError(f'"{said[1] or said[2]}" is not one of our libraries')


def _room(location: str, library: str) -> str:
    parts = [part.strip() for part in re.split(r"[,;\n]| - ", location)]
    return ", ".join(part for part in parts if part and slug_of(part) != slug_of(library))[:80]


def _kind(event: Any, words: str) -> str:
    given = str(event.get("X-KIND", "")).lower()
    if given:
        if given not in KINDS:
            raise ValueError(f'"{given}" is not a kind of session: use {", ".join(KINDS)}')
        return given
    guesses = (
        (r"\bcod(?:e|ing)\b.*\bclub\b|\bcoder ?dojo\b", "coding-club"),
        (r"\bone[- ]to[- ]one\b|\b1[- ]?(?:2|to)[- ]?1\b|\bclinic\b|\bappointments?\b", "one-to-one"),
        (r"\bcourse\b", "course"),
        (r"\bdrop[- ]?in\b|\btea (?:and|&) tech\b", "drop-in"),
    )
    return next((kind for pattern, kind in guesses if re.search(pattern, words, re.IGNORECASE)), "class")


def _ages_said(words: str) -> tuple[int | None, int | None]:
    match = re.search(r"\b(?:ages?|aged)\s*(\d{1,2}\s*(?:-|–|to)\s*\d{1,2}|\d{1,2}\s*\+)", words, re.IGNORECASE)
    return _ages(re.sub(r"\s+", " ", match[1])) if match else (None, None)


def _exceptions(event: Any) -> list[str]:
    given = event.get("EXDATE", [])
    lists = given if isinstance(given, list) else [given]
    return [_local(each.dt).date().isoformat() for exdates in lists for each in exdates.dts]


def _words(event: Any, name: str) -> str:
    found = event.get(name, "")
    lists = found if isinstance(found, list) else [found]
    return " ".join(" ".join(map(str, each.cats)) if hasattr(each, "cats") else str(each) for each in lists)


def _plain(text: str) -> str:
    return re.sub(r"[ \t]+", " ", re.sub(r"<[^>]+>", " ", text)).strip()


# Export


def export_sessions(session: Session) -> Iterator[str]:
    """Yield the coming dates as lines of a CSV that `import_sessions` reads, one dated session a row, soonest first."""
    columns = (*NEEDED, *(name for name in OPTIONAL if name not in ("exceptions", "dates_a_course")), "taken")
    yield _csv_line(columns)
    for row in session.scalars(select(SessionRow).where(SessionRow.starts_at > now()).order_by(SessionRow.starts_at, SessionRow.id)):
        yield _csv_line([_exported(row)[column] for column in columns])


def _exported(row: SessionRow) -> dict[str, str]:
    ages = "" if row.age_from is None and row.age_to is None else f"{row.age_from or 0}-{row.age_to}" if row.age_to else f"{row.age_from}+"
    return {
        name: str(getattr(row, name) or "") for name in ("title", "kind", "library", "about", "uid", "room", "audience", "cost", "state", "reason")
    } | {
        "starts_at": in_london(row.starts_at).strftime("%Y-%m-%dT%H:%M"),
        "minutes": str(int((row.ends_at.astimezone(UTC) - row.starts_at.astimezone(UTC)).total_seconds() // 60)),
        "capacity": "" if row.capacity is None else str(row.capacity),
        "ages": ages,
        "languages": "; ".join(row.languages),
        "access": "; ".join(row.access),
        "rrule": "",
        "sample": "yes" if row.sample else "",
        "taken": str(row.taken),
    }


def _csv_line(values: Iterable[str]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="").writerow(values)
    return out.getvalue()

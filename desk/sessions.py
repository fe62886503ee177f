"""Sessions: finding the ones that fit, best first, and what comes nearest where none does."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import ColumnElement, Select, case, literal, or_, select
from sqlalchemy.orm import Session

from desk.clock import now
from desk.places import Dates, UnknownSessionError, dates_for, places_left
from desk.session_words import access_mark, language_mark, title_mark, wanted_words
from desk.tables import SessionRow, SubjectRow

KINDS = ("one-to-one", "drop-in", "class", "coding-club", "course")
AHEAD = timedelta(weeks=8)  # how far ahead is looked where nobody says otherwise


class Window(Protocol):
    """When somebody can come. `moment` is when a session starts, in UTC or zoned."""

    def allows(self, moment: datetime, /) -> bool: ...


@runtime_checkable
class RankedWindow(Protocol):
    """A window that also tells how well a moment suits: the higher the better."""

    def fit(self, moment: datetime, /) -> float: ...


@dataclass(frozen=True)
class Search:
    """What somebody looks for; what is left empty does not matter. Libraries are slugs, `after` and `before` moments (UTC or zoned)."""

    libraries: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    topic: str = ""
    window: Window | None = None
    after: datetime | None = None
    before: datetime | None = None
    languages: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    age: int | None = None
    full_too: bool = False
    but_not: frozenset[int] = frozenset()


class Differs(StrEnum):
    """How a session is not what was asked for; each has its wording under this name."""

    TIME = "other_time"
    LIBRARY = "other_library"
    FULL = "full"
    TOPIC = "other_topic"
    LANGUAGE = "other_language"


@dataclass(frozen=True)
class Found:
    """A session that was found. `places_left` is None for a drop-in; `differs` is empty where it fits."""

    row: SessionRow
    places_left: int | None
    differs: tuple[Differs, ...] = ()


def find_sessions(session: Session, search: Search, most: int = 3) -> list[Found]:
    """Return the sessions that fit: those about most of what was asked first, then the soonest. Of a course its first date stands for all."""
    ids: list[int] = []
    for subjects in _subjects_by_fit(session, search):
        for each in _starts(session, _query(search, subjects), most if search.window is None else None):
            if search.window is None or search.window.allows(each.starts_at):
                ids.append(each.id)
            if len(ids) == most:
                return _load(session, ids)
    return _load(session, ids)


def nearest_sessions(session: Session, search: Search, most: int = 3, near: tuple[str, ...] = ()) -> list[Found]:
    """Return what comes nearest where nothing fits: at another time, at another library (`near` first, in that order), full, or in another language.

    Each says how it differs. The first way to give in that finds something is taken, two are combined only where one is not enough.
    """
    for differs in _WAYS:
        eased = _eased(search, differs)
        if eased is None:
            continue
        found = _ranked(session, search, eased, differs, near)
        if found:
            return found[:most]
    return []


def one_session(session: Session, session_id: int) -> Found:
    """Return a session by its id, cancelled and past ones too. Raises UnknownSessionError."""
    row = session.get(SessionRow, session_id)
    if row is None:
        raise UnknownSessionError(session_id)
    return _found(session, row)


def sessions_between(
    session: Session, after: datetime, before: datetime, libraries: tuple[str, ...] = (), kinds: tuple[str, ...] = ()
) -> list[Found]:
    """Return every dated session in a span of time (UTC or zoned), soonest first, with cancelled ones and every date of a course."""
    query = select(SessionRow).where(SessionRow.starts_at >= after, SessionRow.starts_at < before)
    if libraries:
        query = query.where(SessionRow.library.in_(libraries))
    if kinds:
        query = query.where(SessionRow.kind.in_(kinds))
    return [Found(row, places_left((row,))) for row in session.scalars(query.order_by(SessionRow.starts_at, SessionRow.id))]


def dates_of(session: Session, session_id: int) -> Dates:
    """Return the dates of a course in order, or the one session. Raises UnknownSessionError."""
    return dates_for(session, session_id)


_PAGES = (60, 600, 6000)  # rows read at a time: few suffice, unless hardly any fits the window
_CANDIDATES = 60  # that are ranked where nothing fits
_WAYS: tuple[tuple[Differs, ...], ...] = (
    (Differs.TIME,),
    (Differs.LIBRARY,),
    (Differs.FULL,),
    (Differs.LANGUAGE,),
    (Differs.TIME, Differs.LIBRARY),
    (Differs.TIME, Differs.LIBRARY, Differs.LANGUAGE),
    (Differs.TOPIC,),
    (Differs.TIME, Differs.TOPIC),
    (Differs.TIME, Differs.LIBRARY, Differs.LANGUAGE, Differs.TOPIC),
)


def _eased(search: Search, differs: tuple[Differs, ...]) -> Search | None:
    """Return the search without what may differ; None where one of these was not asked for anyway."""
    given: dict[Differs, bool] = {
        Differs.TIME: bool(search.window or search.after or search.before),
        Differs.LIBRARY: bool(search.libraries),
        Differs.FULL: not search.full_too,
        Differs.TOPIC: bool(search.topic or search.kinds),
        Differs.LANGUAGE: bool(search.languages),
    }
    without: dict[Differs, dict[str, Any]] = {
        Differs.TIME: {"window": None, "after": None, "before": None},
        Differs.LIBRARY: {"libraries": ()},
        Differs.FULL: {"full_too": True},
        Differs.TOPIC: {"topic": "", "kinds": ()},
        Differs.LANGUAGE: {"languages": ()},
    }
    if not all(given[each] for each in differs):
        return None
    for each in differs:
        search = replace(search, **without[each])
    return search


def _ranked(session: Session, asked: Search, eased: Search, differs: tuple[Differs, ...], near: tuple[str, ...]) -> list[Found]:
    found = find_sessions(session, eased, _CANDIDATES)
    places_of = {slug: n for n, slug in enumerate(near)}

    def rank(each: Found) -> tuple[float, float]:
        far = places_of.get(each.row.library, len(near)) if Differs.LIBRARY in differs else 0
        fits = asked.window.fit(each.row.starts_at) if isinstance(asked.window, RankedWindow) and Differs.TIME in differs else 0.0
        return far, -fits

    return [replace(each, differs=differs) for each in sorted(found, key=rank)]


@dataclass(frozen=True)
class _Start:
    id: int
    starts_at: datetime


def _starts(session: Session, query: Select[int, datetime], limit: int | None) -> Iterator[_Start]:
    ordered, read = query.order_by(SessionRow.starts_at, SessionRow.id), 0
    for page in (limit,) if limit else _PAGES:
        rows = session.execute(ordered.limit(page).offset(read)).all()
        yield from (_Start(*row) for row in rows)
        read += len(rows)
        if len(rows) < page:
            return


def _query(search: Search, subjects: tuple[int, ...] | None) -> Select[int, datetime]:
    after = max(search.after or now(), now())
    query = select(SessionRow.id, SessionRow.starts_at).where(
        SessionRow.state == "open",
        SessionRow.starts_at > after,
        SessionRow.starts_at < (search.before or after + AHEAD),
        or_(SessionRow.course.is_(None), SessionRow.course == SessionRow.id),
    )
    if subjects is not None:
        query = query.where(SessionRow.subject_id.in_(subjects))
    if search.libraries:
        query = query.where(SessionRow.library.in_(search.libraries))
    if search.kinds:
        query = query.where(SessionRow.kind.in_(search.kinds))
    if search.age is not None:
        query = query.where(or_(SessionRow.age_from.is_(None), SessionRow.age_from <= search.age))
        query = query.where(or_(SessionRow.age_to.is_(None), SessionRow.age_to >= search.age))
    if not search.full_too:
        query = query.where(or_(SessionRow.capacity.is_(None), SessionRow.taken < SessionRow.capacity))
    if search.but_not:
        query = query.where(SessionRow.id.not_in(search.but_not))
    return query


def _subjects_by_fit(session: Session, search: Search) -> Iterator[tuple[int, ...] | None]:
    """Yield the subjects that fit the topic, languages and access, those that fit best together first; None where any subject does."""
    words = wanted_words(search.topic)
    if not words and not search.languages and not search.access:
        yield None
        return
    hits = [_holds(word) for word in words]
    score: ColumnElement[int] = literal(0)
    for hit, title_hit in zip(hits, (_holds(title_mark(word)) for word in words), strict=True):
        score = score + case((title_hit, 3), (hit, 1), else_=0)  # what the title names, the session is about
    query = select(score, SubjectRow.id)
    if hits:
        query = query.where(or_(*hits))
    if search.languages:
        query = query.where(or_(*(_holds(language_mark(each)) for each in search.languages)))
    for each in search.access:
        query = query.where(_holds(access_mark(each)))
    found = session.execute(query.order_by(score.desc())).all()
    for _, level in groupby(found, key=lambda row: row[0]):
        yield tuple(row[1] for row in level)


def _holds(word: str) -> ColumnElement[bool]:
    return SubjectRow.words.contains(f" {word} ", autoescape=True)


def _load(session: Session, ids: list[int]) -> list[Found]:
    rows = {row.id: row for row in session.scalars(select(SessionRow).where(SessionRow.id.in_(ids)))}
    return [_found(session, rows[each]) for each in ids]


def _found(session: Session, row: SessionRow) -> Found:
    dates = (row,) if row.course is None else dates_for(session, row.id)
    return Found(row, places_left(dates))

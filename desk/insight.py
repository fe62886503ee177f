"""What a month at the desk was like, in figures: enquiries, hand-overs, sessions, referrals. Months are those of London.

Figures are counted by the database from what is stored; what residents or the desk have erased is not among them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, false, func, or_, select
from sqlalchemy.orm import Session

from desk import attendance, cases, unanswered
from desk.clock import LONDON, in_london, midnight, now, today
from desk.handovers import OUTCOMES
from desk.hours import DAYS, Week
from desk.opening import on_day
from desk.promises import open_time_between
from desk.referrals import KINDS as REFERRAL_KINDS
from desk.sessions import KINDS as SESSION_KINDS
from desk.small_numbers import FEWEST, WITHHELD, Cell, Sum, kept_back
from desk.staff_tables import HandoverRow, ReferralRow, UnansweredRow, VolunteerRow
from desk.tables import BookingRow, ConversationRow, FeedbackRow, MessageRow, SessionRow, WaitingRow
from kb.labels import load_labels

ALL = "all"
NUMBER = "number"
OTHER_THEME = "something else"
ACTIONS_THEME = "sessions, referrals and staff"
HANDOVER_KINDS = ("live", "message")
PROMISES = ("kept", "broken", "still to come", "none was made")
REASONS = (unanswered.FELL_BACK, unanswered.DID_NOT_HELP, unanswered.ASKED_AGAIN)
SORTED_AS = (unanswered.NEW, *unanswered.JUDGED, unanswered.TAUGHT)
AGE_GROUPS = ("children", "adults and all ages")
NO_TOPIC = "no topic yet"
BY_STAFF = "a reply of the staff"

# How an enquiry ended. The later one counts where a task went through several: who asked for a session and booked it was answered.
ENDINGS = ("choices offered", "fell back", "not finished", "answered", "passed to staff")
_ENDING_OF_KIND = {
    "choice": "choices offered",
    "fallback": "fell back",
    **dict.fromkeys(("answer", "booked", "changed", "cancelled", "waitlisted", "booking", "referred", "volunteered"), "answered"),
    **dict.fromkeys(("handover", "message_taken"), "passed to staff"),
}
_SAFETY = ("crisis", "medical", "personal_data")
SESSION_MEASURES = (
    "dates",
    "dates cancelled",
    "places",
    "booked",
    "came",
    "missed",
    "not marked",
    "walk-ins",
    "attended",
    "cancelled",
    "joined the line",
)
_CHILDREN_UNTIL = 17  # years: the oldest that a session is for, where it is for children
_MOST_ALIKE = 10

# Parts about people: their small numbers are kept back on the page too, not only in what is exported.
ABOUT_PEOPLE = frozenset({"conversations", "languages", "hand-overs", "promises", "outcomes", "hand-overs by topic", "referrals", "volunteers"})


class NotAMonthError(ValueError):
    """The text is no month such as 2026-11."""


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def read(cls, text: str) -> "Month":
        """Read "2026-11". Raises NotAMonthError."""
        found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text.strip(), re.ASCII)
        if found is None:
            raise NotAMonthError
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def before(self) -> "Month":
        return Month.of(self.first - timedelta(days=1))

    @property
    def after(self) -> "Month":
        return Month.of(self.first + timedelta(days=31))

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.after.first - self.first).days)]

    def has(self, column: Any) -> ColumnElement[bool]:
        """Return the condition that a column of moments falls into this month."""
        return and_(column >= midnight(self.first), column < midnight(self.after.first))


def this_month() -> Month:
    return Month.of(today())


@dataclass(frozen=True)
class Waits:
    """How long people waited for somebody of the staff, in minutes of opening hours; `ninetieth`: nine in ten waited no longer."""

    median: int
    ninetieth: int


@dataclass(frozen=True)
class Figures:
    """The counts of a month by cell (part, item, measure), those that are kept back, and what is no count.

    `waits` has no entry for a kind of hand-over that fewer than five were answered of; `demand` counts messages by weekday (Monday 0) and hour;
    `alike` are questions nobody could answer that came from five or more conversations in the same words: they are never exported.
    """

    month: Month
    counts: Mapping[Cell, int]
    kept_back: Mapping[Cell, str]
    waits: Mapping[str, Waits]
    demand: Mapping[tuple[int, int], int]
    alike: Sequence[tuple[str, int]]

    def count(self, part: str, item: str = ALL, measure: str = NUMBER) -> int:
        """Return a count as it is."""
        return self.counts.get((part, item, measure), 0)

    def exported(self, part: str, item: str = ALL, measure: str = NUMBER) -> str:
        """Return a count as anybody may read it."""
        return self.kept_back.get((part, item, measure)) or str(self.count(part, item, measure))

    def shown(self, part: str, item: str = ALL, measure: str = NUMBER) -> str:
        """Return a count as managers read it."""
        return self.exported(part, item, measure) if part in ABOUT_PEOPLE else str(self.count(part, item, measure))

    def items(self, part: str) -> list[str]:
        """Return what a part tells of, without its totals, in an order that tells nothing of the numbers."""
        return list(dict.fromkeys(item for of_part, item, _ in self.counts if of_part == part and item != ALL))

    def most_first(self, part: str, measure: str = NUMBER) -> list[str]:
        """Return the same as managers read it: the largest number first, what is kept back last."""
        readable = {item: number for item in self.items(part) if (number := self.shown(part, item, measure)).isdecimal()}
        return [*sorted(readable, key=lambda item: -int(readable[item])), *(item for item in self.items(part) if item not in readable)]

    def measures(self, part: str) -> list[str]:
        """Return by what the items of a part are counted, without their totals."""
        return list(dict.fromkeys(measure for of_part, _, measure in self.counts if of_part == part and measure != ALL))


def figures(session: Session, month: Month, week: Week) -> Figures:
    """Count a month. `week` are the hours in which staff answer."""
    counts: dict[Cell, int] = {}
    counts |= _use(session, month, week) | _topics(session, month) | _feedback(session, month)
    counts |= _handovers(session, month) | _unanswered(session, month) | _sessions(session, month) | _cases(session, month)
    demand = _demand(session, month)
    counts |= {("hours", f"{hour:02}:00", NUMBER): sum(demand.get((day, hour), 0) for day in range(7)) for hour in range(24)}
    counts |= {("weekdays", name, NUMBER): sum(demand.get((day, hour), 0) for hour in range(24)) for day, name in enumerate(DAYS)}
    return Figures(month, counts, kept_back(counts, _sums(counts)), _waits(session, month, week), demand, _alike(session, month))


def topics_by_theme() -> dict[str, tuple[str, ...]]:
    """Return the labels that count as enquiries, by theme. Small talk and safety replies are none."""
    labels = load_labels()
    return {**labels.articles_by_theme, ACTIONS_THEME: labels.actions, OTHER_THEME: labels.elsewhere}


def theme_of(label: str) -> str:
    """Return the theme of a label; one that is no longer in the list is something else."""
    return next((theme for theme, labels in topics_by_theme().items() if label in labels), OTHER_THEME)


# What was asked


def _use(session: Session, month: Month, week: Week) -> dict[Cell, int]:
    asked = select(MessageRow).where(MessageRow.author == "resident", month.has(MessageRow.at))
    within = _in_hours(MessageRow.at, month, week)
    of_them = asked.with_only_columns(func.count(distinct(MessageRow.conversation_id)), func.count(), func.count().filter(within))
    people, messages, in_hours = session.execute(of_them).one()
    by_staff = select(func.count(distinct(MessageRow.conversation_id))).where(MessageRow.author == "staff", month.has(MessageRow.at))
    safety = select(func.count()).where(MessageRow.in_reply_to.is_not(None), MessageRow.kind.in_(_SAFETY), month.has(MessageRow.at))
    with_staff = session.scalar(by_staff.where(MessageRow.conversation_id.in_(asked.with_only_columns(MessageRow.conversation_id)))) or 0
    languages = (
        select(ConversationRow.language, func.count())
        .where(ConversationRow.id.in_(asked.with_only_columns(MessageRow.conversation_id)))
        .group_by(ConversationRow.language)
    )
    return {
        ("conversations", ALL, NUMBER): people,
        ("conversations", "with the desk only", NUMBER): people - with_staff,
        ("conversations", "with a reply of the staff", NUMBER): with_staff,
        ("messages", ALL, NUMBER): messages,
        ("messages", "in opening hours", NUMBER): in_hours,
        ("messages", "out of opening hours", NUMBER): messages - in_hours,
        ("safety replies", ALL, NUMBER): session.scalar(safety) or 0,
        **_lines("languages", sorted(session.execute(languages).all())),
    }


def _in_hours(column: Any, month: Month, week: Week) -> ColumnElement[bool]:
    spans = [(day, *hours) for day in month.days for hours in on_day(week, day).spans]
    moments = ((datetime.combine(day, opens, LONDON), datetime.combine(day, closes, LONDON)) for day, opens, closes in spans)
    return or_(false(), *(and_(column >= opens, column < closes) for opens, closes in moments))


def _demand(session: Session, month: Month) -> dict[tuple[int, int], int]:
    """Count residents' messages by weekday and hour in London."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    at = MessageRow.at
    hour = func.strftime("%Y-%m-%d %H", at) if is_sqlite else func.to_char(func.timezone("UTC", at), "YYYY-MM-DD HH24")
    of_each = select(hour.label("hour")).where(MessageRow.author == "resident", month.has(at)).subquery()
    found: Counter[tuple[int, int]] = Counter()
    for text, count in session.execute(select(of_each.c.hour, func.count()).group_by(of_each.c.hour)):
        local = in_london(datetime.strptime(text, "%Y-%m-%d %H").replace(tzinfo=UTC))
        found[local.weekday(), local.hour] += count
    return dict(found)


def _topics(session: Session, month: Month) -> dict[Cell, int]:
    """Count enquiries by what the desk took them for and how they ended.

    A question on an article is counted each time it is asked, by the first reply to it; a booking or another task once a conversation, however
    many messages it took.
    """
    found: Counter[tuple[str, str]] = Counter()
    outcomes = load_labels()
    no_enquiries = {*outcomes.conversation, *outcomes.safety, *outcomes.actions}
    for label, kind, count in session.execute(_first_replies(month)):
        if label not in no_enquiries:
            found[label, _ENDING_OF_KIND.get(kind, "answered")] += count
    for label, rank, count in session.execute(_tasks(month)):
        found[label, ENDINGS[rank]] += count
    labels = [ALL, *sorted({label for label, _ in found})]
    return _grid("topics", labels, (ALL, *ENDINGS), found)


def _first_replies(month: Month) -> Select[Any]:
    replies = (MessageRow.author == "bot", MessageRow.in_reply_to.is_not(None), month.has(MessageRow.at))
    first = select(func.min(MessageRow.id)).where(*replies).group_by(MessageRow.conversation_id, MessageRow.in_reply_to)
    of_each = select(_label().label("label"), MessageRow.kind).where(MessageRow.id.in_(first), _label().is_not(None)).subquery()
    return select(of_each.c.label, of_each.c.kind, func.count()).group_by(of_each.c.label, of_each.c.kind)


def _tasks(month: Month) -> Select[Any]:
    """Count the conversations in which each task came up, by the rank in ENDINGS of how far it went."""
    ranks = [(MessageRow.kind == kind, ENDINGS.index(ending)) for kind, ending in _ENDING_OF_KIND.items()]
    shows_sessions = and_(MessageRow.kind == "sessions", _label() == "find_session")
    rank = case((shows_sessions, ENDINGS.index("answered")), *ranks, else_=ENDINGS.index("not finished"))
    of_each = (
        select(MessageRow.conversation_id, _label().label("label"), rank.label("rank"))
        .where(MessageRow.author == "bot", _label().in_(load_labels().actions), month.has(MessageRow.at))
        .subquery()
    )
    furthest = select(of_each.c.label, func.max(of_each.c.rank).label("rank")).group_by(of_each.c.conversation_id, of_each.c.label).subquery()
    return select(furthest.c.label, furthest.c.rank, func.count()).group_by(furthest.c.label, furthest.c.rank)


def _label() -> ColumnElement[str]:
    label: ColumnElement[str] = MessageRow.details["label"].as_string()
    return label


def _feedback(session: Session, month: Month) -> dict[Cell, int]:
    judged = (
        select(func.coalesce(_label(), BY_STAFF).label("label"), FeedbackRow.helpful)
        .join(MessageRow, and_(MessageRow.conversation_id == FeedbackRow.conversation_id, MessageRow.seq == FeedbackRow.seq))
        .where(month.has(FeedbackRow.at))
        .subquery()
    )
    rows = session.execute(select(judged.c.label, judged.c.helpful, func.count()).group_by(judged.c.label, judged.c.helpful)).all()
    found = {(label, "helpful" if helpful else "not helpful"): count for label, helpful, count in rows}
    return _grid("feedback", [ALL, *sorted({label for label, _, _ in rows})], (ALL, "helpful", "not helpful"), found)


# Hand-overs


def _handovers(session: Session, month: Month) -> dict[Cell, int]:
    ours = select(HandoverRow).where(month.has(HandoverRow.opened_at))
    dealt_with = _dealt_with()
    promise = case(
        (HandoverRow.promise_by.is_(None), "none was made"),
        (dealt_with <= HandoverRow.promise_by, "kept"),
        (HandoverRow.state == "left", "none was made"),
        (and_(dealt_with.is_(None), HandoverRow.promise_by > now()), "still to come"),
        else_="broken",
    )
    outcome = case((HandoverRow.state == "closed", HandoverRow.outcome), (HandoverRow.state == "left", "left the line"), else_="still open")
    topic = func.coalesce(HandoverRow.summary["topic"].as_string(), NO_TOPIC)
    found = {
        part: _by(session, ours.with_only_columns(of_each.label("item")))
        for part, of_each in {"hand-overs": HandoverRow.kind, "promises": promise, "outcomes": outcome, "hand-overs by topic": topic}.items()
    }
    return {
        ("hand-overs", ALL, NUMBER): sum(found["hand-overs"].values()),
        **_every("hand-overs", HANDOVER_KINDS, found["hand-overs"]),
        **_every("promises", PROMISES, found["promises"]),
        **_every("outcomes", (*OUTCOMES, "left the line", "still open"), found["outcomes"]),
        **_lines("hand-overs by topic", sorted(found["hand-overs by topic"].items())),
    }


def _dealt_with() -> ColumnElement[Any]:
    """When staff first wrote, or closed it after a call or a letter of which the chat knows nothing."""
    closed = case((HandoverRow.state == "closed", HandoverRow.closed_at))
    return func.coalesce(HandoverRow.replied_at, closed, type_=HandoverRow.opened_at.type)


def _waits(session: Session, month: Month, week: Week) -> dict[str, Waits]:
    query = select(HandoverRow.kind, HandoverRow.opened_at, _dealt_with()).where(
        month.has(HandoverRow.opened_at), HandoverRow.outcome != "spam", _dealt_with().is_not(None)
    )
    waited: dict[str, list[float]] = {}
    for kind, opened, answered in session.execute(query):
        waited.setdefault(kind, []).append(open_time_between(week, opened, answered).total_seconds() / 60)
    return {kind: _spread(sorted(minutes)) for kind, minutes in sorted(waited.items()) if len(minutes) >= FEWEST}


def _spread(minutes: Sequence[float]) -> Waits:
    """The percentile is the nearest rank (the smallest value that nine in ten are not above)."""
    return Waits(round(median(minutes)), round(minutes[ceil(0.9 * len(minutes)) - 1]))


# What nobody could answer


def _unanswered(session: Session, month: Month) -> dict[Cell, int]:
    query = select(UnansweredRow.reason, UnansweredRow.state, func.count()).where(month.has(UnansweredRow.at))
    rows = session.execute(query.group_by(UnansweredRow.reason, UnansweredRow.state))
    fell_back = select(func.count()).where(MessageRow.author == "bot", MessageRow.kind == "fallback", month.has(MessageRow.at))
    return {
        ("replies that did not know", ALL, NUMBER): session.scalar(fell_back) or 0,
        **_grid("unanswered", (ALL, *REASONS), (ALL, *SORTED_AS), {(reason, state): count for reason, state, count in rows}),
    }


def _alike(session: Session, month: Month) -> list[tuple[str, int]]:
    """Return the questions that came most often in the same words, from at least five conversations, so that they tell of nobody."""
    words = func.lower(func.trim(UnansweredRow.text))
    people = func.count(distinct(UnansweredRow.conversation_id))
    query = select(words, people).where(month.has(UnansweredRow.at)).group_by(words).having(people >= FEWEST)
    return [(text, count) for text, count in session.execute(query.order_by(people.desc(), words).limit(_MOST_ALIKE))]


# Sessions


def _sessions(session: Session, month: Month) -> dict[Cell, int]:
    """Count the sessions of a month by kind and by whom they are for. Of a course each date is counted, its people once, with its first date."""
    age = case((SessionRow.age_to <= _CHILDREN_UNTIL, "children"), else_="adults and all ages")
    found: dict[tuple[str, str, str], int] = {}
    for rows in (_offered(session, month, age), _came(session, month, age), _joined(session, month, age)):
        for kind, ages, measures in rows:
            found |= {(kind, ages, measure): count for measure, count in measures.items()}
    by_kind: Counter[tuple[str, str]] = Counter()
    by_age: Counter[tuple[str, str]] = Counter()
    for (kind, ages, measure), count in found.items():
        by_kind[kind, measure] += count
        by_age[ages, measure] += count
    in_all = {("sessions", ALL, measure): sum(by_kind[kind, measure] for kind in SESSION_KINDS) for measure in SESSION_MEASURES}
    return {**in_all, **_table("sessions", SESSION_KINDS, by_kind), **_table("sessions by age", AGE_GROUPS, by_age)}


_Measured = Iterator[tuple[str, str, dict[str, int]]]


def _offered(session: Session, month: Month, age: ColumnElement[str]) -> _Measured:
    is_open = SessionRow.state == "open"
    is_home = or_(SessionRow.course.is_(None), SessionRow.course == SessionRow.id)
    places = func.coalesce(func.sum(SessionRow.capacity).filter(is_open, is_home), 0)
    counted = (func.count().filter(is_open), func.count().filter(~is_open), places)
    for kind, ages, *counts in _by_session(session, select(SessionRow), month, age, counted):
        yield kind, ages, dict(zip(("dates", "dates cancelled", "places"), counts, strict=True))


def _came(session: Session, month: Month, age: ColumnElement[str]) -> _Measured:
    walked_in = BookingRow.request_id.startswith(attendance.WALK_IN)
    measures = {
        "booked": ~walked_in & BookingRow.state.in_(("booked", "attended", "missed")),
        "came": ~walked_in & (BookingRow.state == "attended"),
        "missed": ~walked_in & (BookingRow.state == "missed"),
        "not marked": ~walked_in & (BookingRow.state == "booked"),
        "walk-ins": walked_in & (BookingRow.state == "attended"),
        "attended": BookingRow.state == "attended",
        "cancelled": ~walked_in & (BookingRow.state == "cancelled"),
    }
    joined = select(SessionRow).join(BookingRow, BookingRow.session_id == SessionRow.id)
    for kind, ages, *counts in _by_session(session, joined, month, age, [func.count().filter(which) for which in measures.values()]):
        yield kind, ages, dict(zip(measures, counts, strict=True))


def _joined(session: Session, month: Month, age: ColumnElement[str]) -> _Measured:
    joined = select(SessionRow).join(WaitingRow, WaitingRow.session_id == SessionRow.id)
    for kind, ages, count in _by_session(session, joined, month, age, [func.count()]):
        yield kind, ages, {"joined the line": count}


def _by_session(session: Session, query: Select[Any], month: Month, age: ColumnElement[str], counted: Sequence[ColumnElement[Any]]) -> Iterable[Any]:
    # The age group is a column of a subquery, as PostgreSQL takes the same CASE with other parameters for another expression.
    groups = select(SessionRow.id, age.label("ages")).where(month.has(SessionRow.starts_at)).subquery()
    grouped = query.join(groups, groups.c.id == SessionRow.id).with_only_columns(SessionRow.kind, groups.c.ages, *counted)
    return session.execute(grouped.group_by(SessionRow.kind, groups.c.ages))


# Referrals and volunteers


def _cases(session: Session, month: Month) -> dict[Cell, int]:
    referred = select(ReferralRow.kind, ReferralRow.state, func.count()).where(month.has(ReferralRow.created_at))
    referrals = {(kind, state): count for kind, state, count in session.execute(referred.group_by(ReferralRow.kind, ReferralRow.state))}
    volunteers = _by(session, select(VolunteerRow.state.label("item")).where(month.has(VolunteerRow.created_at)))
    return {
        **_grid("referrals", (ALL, *REFERRAL_KINDS), (ALL, *cases.states(ReferralRow)), referrals),
        ("volunteers", ALL, NUMBER): sum(volunteers.values()),
        **_every("volunteers", cases.states(VolunteerRow), volunteers),
    }


# Counts in cells


def _by(session: Session, items: Select[Any]) -> dict[str, int]:
    of_each = items.subquery()
    return dict(session.execute(select(of_each.c.item, func.count()).group_by(of_each.c.item)).all())


def _every(part: str, items: Sequence[str], found: Mapping[str, int]) -> dict[Cell, int]:
    """One measure, with a cell for each item that there can be, in order."""
    return {(part, item, NUMBER): found.get(item, 0) for item in dict.fromkeys((*items, *found))}


def _lines(part: str, rows: Iterable[Any]) -> dict[Cell, int]:
    return {(part, item, NUMBER): count for item, count in rows}


def _grid(part: str, items: Sequence[str], measures: Sequence[str], found: Mapping[tuple[str, str], int]) -> dict[Cell, int]:
    """Items by measures with totals of both, which are called "all"."""
    counts = dict.fromkeys(((part, item, measure) for item in items for measure in measures), 0)
    for (item, measure), count in found.items():
        for cell in ((part, item, measure), (part, ALL, measure), (part, item, ALL), (part, ALL, ALL)):
            counts[cell] += count
    return counts


def _table(part: str, items: Sequence[str], found: Mapping[tuple[str, str], int]) -> dict[Cell, int]:
    return {(part, item, measure): found.get((item, measure), 0) for item in items for measure in SESSION_MEASURES}


# What adds up to what


def _sums(counts: Mapping[Cell, int]) -> list[Sum]:
    """Return what adds up to what: whoever reads the export may work backwards from it."""
    found = [Sum((of, ALL, NUMBER), _items(counts, part)) for part, of in _PARTS_OF.items()]
    for part in ("topics", "feedback", "unanswered", "referrals"):
        found += _sums_of_grid(part, counts)
    for part, items in (("sessions", (ALL, *SESSION_KINDS)), ("sessions by age", AGE_GROUPS)):
        found += [Sum(("sessions", ALL, measure), _items(counts, part, measure)) for measure in SESSION_MEASURES]
        for item in items:
            found.append(Sum((part, item, "booked"), tuple((part, item, measure) for measure in ("came", "missed", "not marked"))))
            found.append(Sum((part, item, "attended"), ((part, item, "came"), (part, item, "walk-ins"))))
    return found


# Parts whose items add up to the total of a part.
_PARTS_OF = {
    "conversations": "conversations",
    "languages": "conversations",
    "messages": "messages",
    "hours": "messages",
    "weekdays": "messages",
    "hand-overs": "hand-overs",
    "promises": "hand-overs",
    "outcomes": "hand-overs",
    "hand-overs by topic": "hand-overs",
    "volunteers": "volunteers",
}


def _items(counts: Mapping[Cell, int], part: str, measure: str = NUMBER) -> tuple[Cell, ...]:
    return tuple(cell for cell in counts if cell[0] == part and cell[1] != ALL and cell[2] == measure)


def _sums_of_grid(part: str, counts: Mapping[Cell, int]) -> Iterator[Sum]:
    cells = [cell for cell in counts if cell[0] == part]
    for measure in dict.fromkeys(measure for _, _, measure in cells):
        yield Sum((part, ALL, measure), _items(counts, part, measure))
    for item in dict.fromkeys(item for _, item, _ in cells):
        yield Sum((part, item, ALL), tuple(cell for cell in cells if cell[1] == item and cell[2] != ALL))


# Out of the desk

_COLUMNS = ("Month", "Part", "Item", "Measure", "Number")


def to_csv(found: Figures) -> str:
    """Return a month's figures as a spreadsheet reads them, with small numbers kept back and without a word that residents wrote."""
    counts = [(str(found.month), *cell, found.exported(*cell)) for cell in found.counts]
    return cases.spreadsheet(_COLUMNS, [*counts, *_wait_lines(found)])


def _wait_lines(found: Figures) -> Iterator[tuple[str, ...]]:
    for kind in HANDOVER_KINDS:
        waits = found.waits.get(kind)
        for measure, minutes in (("median minutes", waits and waits.median), ("minutes that nine in ten did not exceed", waits and waits.ninetieth)):
            yield str(found.month), "waits in opening hours", kind, measure, WITHHELD if minutes is None else str(minutes)

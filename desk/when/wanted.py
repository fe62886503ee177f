"""What a resident wants: days and times that would do, days and times that would not. All in London's local time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from desk.clock import in_london

LOOK_AHEAD = 400  # days in which a wish must come true


class Trouble(StrEnum):
    """Why a day that somebody named cannot be used."""

    PAST = "past"
    IMPOSSIBLE = "impossible"
    MISMATCH = "mismatch"


@dataclass(frozen=True)
class Problem:
    """A day that cannot be used: as it was named, the date where there is one, and a date that may have been meant."""

    trouble: Trouble
    said: str
    day: date | None = None
    perhaps: date | None = None


class Step(StrEnum):
    """A wish that only has a meaning beside an earlier one."""

    LATER = "later"
    EARLIER = "earlier"
    OTHER_DAY = "other_day"
    OTHER_TIME = "other_time"


@dataclass(frozen=True)
class Slot:
    """Days (first to last, both included, of these weekdays, Monday is 0) and starting times (`earliest` to before `latest`, or `at` give or take
    `give` minutes). What is None or empty does not limit."""

    first: date | None = None
    last: date | None = None
    weekdays: frozenset[int] = frozenset()
    earliest: time | None = None
    latest: time | None = None
    at: time | None = None
    give: int = 0

    @property
    def names_days(self) -> bool:
        return bool(self.first or self.last or self.weekdays)

    @property
    def names_times(self) -> bool:
        return bool(self.earliest is not None or self.latest or self.at)

    @property
    def day(self) -> date | None:
        """The one day, where it is one."""
        return self.first if self.first == self.last else None

    def holds_day(self, day: date) -> bool:
        in_range = (self.first or day) <= day <= (self.last or day)
        return in_range and (not self.weekdays or day.weekday() in self.weekdays)

    def holds_time(self, clock: time) -> bool:
        if self.at is not None:
            return _minutes_between(self.at, clock) <= self.give
        return (self.earliest or time.min) <= clock and (self.latest is None or clock < self.latest)

    def holds(self, local: datetime) -> bool:
        return self.holds_day(local.date()) and self.holds_time(local.time())

    def first_day(self, start: date) -> date | None:
        """Return the first day from `start` on, within LOOK_AHEAD, or None."""
        days = (max(start, self.first or start) + timedelta(days=n) for n in range(LOOK_AHEAD))
        return next((day for day in days if self.holds_day(day)), None)

    def only_days(self) -> Slot:
        return Slot(self.first, self.last, self.weekdays)

    def only_times(self) -> Slot:
        return Slot(earliest=self.earliest, latest=self.latest, at=self.at, give=self.give)

    def meets(self, other: Slot) -> Slot | None:
        """Return what both allow; None where that is nothing."""
        days, times = _days_in_both(self, other), _times_in_both(self, other)
        if days is None or times is None:
            return None
        return replace(times, first=days.first, last=days.last, weekdays=days.weekdays)

    def fit(self, local: datetime) -> float:
        """Return 1.0 for a start that is held, less with every day and every four hours (our choice) that it is away."""
        return 1 / (1 + self._days_away(local.date())) / (1 + self._minutes_away(local.time()) / 240)

    def _days_away(self, day: date) -> int:
        around = (n for n in range(LOOK_AHEAD) if self.holds_day(day + timedelta(days=n)) or self.holds_day(day - timedelta(days=n)))
        return next(around, LOOK_AHEAD)

    def _minutes_away(self, clock: time) -> int:
        if self.at is not None:
            return _minutes_between(self.at, clock)
        if self.holds_time(clock):
            return 0
        return min(_minutes_between(edge, clock) for edge in (self.earliest, self.latest) if edge is not None)


@dataclass(frozen=True)
class Wanted:
    """A start is wanted when one of `slots` holds it (any, where there are none) and none of `excluded` does.

    `other_reading` is another day that the words may mean ("next Friday"): the desk says the date it understood, and may offer the other.
    """

    slots: tuple[Slot, ...] = ()
    excluded: tuple[Slot, ...] = ()
    problems: tuple[Problem, ...] = ()
    step: Step | None = None
    other_reading: date | None = None

    @property
    def day(self) -> date | None:
        """The one day that is wanted, where it is one."""
        days = {slot.day for slot in self.slots}
        return days.pop() if len(days) == 1 else None

    def allows(self, moment: datetime) -> bool:
        """Whether a session that starts at a moment (UTC or zoned) would do. Where only a problem was said, none does."""
        local = in_london(moment)
        if any(slot.holds(local) for slot in self.excluded) or (self.problems and not self.slots):
            return False
        return not self.slots or any(slot.holds(local) for slot in self.slots)

    def fit(self, moment: datetime) -> float:
        """Return how well a start (UTC or zoned) suits, 0.0 (excluded) to 1.0, to rank also those that are merely near."""
        local = in_london(moment)
        if any(slot.holds(local) for slot in self.excluded):
            return 0.0
        return max((slot.fit(local) for slot in self.slots), default=1.0)

    def first_day(self, start: date) -> date | None:
        """Return the first day from `start` on that is wanted for some time of the day."""
        whole = [slot for slot in self.excluded if not slot.names_times]
        days = (start + timedelta(days=n) for n in range(LOOK_AHEAD))
        slots = self.slots or (Slot(),)
        return next((d for d in days if any(s.holds_day(d) for s in slots) and not any(s.holds_day(d) for s in whole)), None)

    def merged_with(self, later: Wanted) -> Wanted:
        """Return the wish after a further one: a new day replaces the day, a new time the time; what is excluded adds up until it is asked for."""
        before = _stepped(self.slots, later.step) if later.step else self.slots
        excluded = tuple(slot for slot in self.excluded if not _asked_for(slot, later.slots)) + later.excluded
        if later.step is Step.OTHER_DAY:
            excluded += tuple(slot.only_days() for slot in self.slots if slot.names_days)
        named_days = any(slot.names_days for slot in later.slots)
        return Wanted(
            slots=_replaced(before, later.slots),
            excluded=tuple(dict.fromkeys(excluded)),
            problems=later.problems,
            other_reading=later.other_reading if named_days else self.other_reading if not later.step else None,
        )


def _replaced(old: tuple[Slot, ...], new: tuple[Slot, ...]) -> tuple[Slot, ...]:
    if not old or not new:
        return new or old
    if not any(slot.names_times for slot in new):
        return _crossed(new, old)
    if not any(slot.names_days for slot in new):
        return _crossed(old, new)
    return new


def _crossed(days: tuple[Slot, ...], times: tuple[Slot, ...]) -> tuple[Slot, ...]:
    pairs = ((day.only_days(), clock.only_times()) for day in days for clock in times)
    return tuple(dict.fromkeys(slot for slot in (day.meets(clock) for day, clock in pairs) if slot))


def _asked_for(excluded: Slot, wanted: tuple[Slot, ...]) -> bool:
    """Whether a further wish names what was excluded before ("not Mondays", then "all right, Monday")."""
    if excluded.names_days and not excluded.names_times:
        return any((slot.day and excluded.holds_day(slot.day)) or (slot.weekdays and slot.weekdays <= excluded.weekdays) for slot in wanted)
    return any(slot.names_times and slot.only_times().meets(excluded.only_times()) == slot.only_times() for slot in wanted)


def _stepped(slots: tuple[Slot, ...], step: Step) -> tuple[Slot, ...]:
    if step is Step.OTHER_DAY:
        return tuple(dict.fromkeys(slot.only_times() for slot in slots if slot.names_times))
    if step is Step.OTHER_TIME:
        return tuple(dict.fromkeys(slot.only_days() for slot in slots if slot.names_days))
    if any(slot.names_times for slot in slots):
        return tuple(_another_time(slot, step) for slot in slots)
    return tuple(_another_day(slot, step) for slot in slots)


def _another_time(slot: Slot, step: Step) -> Slot:
    days = slot.only_days()
    if step is Step.LATER:
        return replace(days, earliest=_a_minute_on(slot.at) if slot.at else _middle(slot))
    return replace(days, latest=slot.at or (slot.earliest if slot.latest is None else _middle(slot)) or _middle(slot))


def _another_day(slot: Slot, step: Step) -> Slot:
    if step is Step.LATER:
        return Slot(first=slot.last + timedelta(days=1)) if slot.last else slot
    return Slot(last=slot.first - timedelta(days=1)) if slot.first else slot


def _middle(slot: Slot) -> time:
    start, end = _minute(slot.earliest or time(9)), _minute(slot.latest or time(20))
    return _time((start + end) // 2)


def _a_minute_on(clock: time) -> time:
    return _time(min(_minute(clock) + 1, 24 * 60 - 1))


def _days_in_both(one: Slot, two: Slot) -> Slot | None:
    first = max((day for day in (one.first, two.first) if day), default=None)
    last = min((day for day in (one.last, two.last) if day), default=None)
    if first and last and first > last:
        return None
    weekdays = one.weekdays & two.weekdays if one.weekdays and two.weekdays else one.weekdays | two.weekdays
    if one.weekdays and two.weekdays and not weekdays:
        return None
    return _narrowed(Slot(first, last, weekdays))


def _narrowed(days: Slot) -> Slot | None:
    """Return "a Friday between 30 November and 6 December" as 4 December; None where no such day exists."""
    if not (days.first and days.last and days.weekdays):
        return days
    within = [day for day in (days.first + timedelta(days=n) for n in range((days.last - days.first).days + 1)) if days.holds_day(day)]
    if not within:
        return None
    return Slot(within[0], within[0]) if len(within) == 1 else replace(days, first=within[0], last=within[-1])


def _times_in_both(one: Slot, two: Slot) -> Slot | None:
    if one.at is not None and two.at is not None:
        return (one if one.give <= two.give else two).only_times() if one.holds_time(two.at) or two.holds_time(one.at) else None
    if one.at is not None or two.at is not None:
        exact, window = (one, two) if one.at is not None else (two, one)
        return exact.only_times() if exact.at is not None and window.holds_time(exact.at) else None
    earliest = max((clock for clock in (one.earliest, two.earliest) if clock is not None), default=None)
    latest = min((clock for clock in (one.latest, two.latest) if clock is not None), default=None)
    if earliest is not None and latest is not None and earliest >= latest:
        return None
    return Slot(earliest=earliest, latest=latest)


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _minutes_between(one: time, two: time) -> int:
    return abs(_minute(one) - _minute(two))

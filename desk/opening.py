"""When a library or the telephone is open: a week of hours, less bank holidays. Times are local (Europe/London)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from desk.clock import in_london
from desk.hours import Hours, Week


@cache
def _bank_holidays(year: int) -> dict[date, str]:
    import holidays  # a fifth of a second that the start of web need not wait for

    return dict(holidays.country_holidays("GB", subdiv="ENG", years=year).items())


def bank_holiday(day: date) -> str | None:
    """Return the name of the bank holiday in England on a day, else None."""
    return _bank_holidays(day.year).get(day)


@dataclass(frozen=True)
class OpeningDay:
    """One day: its spans of opening, or why it is closed."""

    day: date
    spans: tuple[Hours, ...]
    holiday: str | None

    @property
    def is_open(self) -> bool:
        return bool(self.spans)


def on_day(week: Week, day: date) -> OpeningDay:
    """Return the opening on a day. A library is taken to be closed on bank holidays, as the returns give no hours for them."""
    holiday = bank_holiday(day)
    return OpeningDay(day, () if holiday else week[day.weekday()], holiday)


def is_open(week: Week, moment: datetime) -> bool:
    """Whether it is open at a moment (UTC or zoned)."""
    local = in_london(moment)
    return any(opens <= local.time() < closes for opens, closes in on_day(week, local.date()).spans)


def closing_time(opening: OpeningDay, local: time) -> time:
    """Return when the span that holds a local time ends. Raises StopIteration where it is closed then."""
    return next(closes for opens, closes in opening.spans if opens <= local < closes)


def next_open_day(week: Week, after: date) -> OpeningDay | None:
    """Return the first open day after a day, within four weeks; None where there is none."""
    days = (on_day(week, after + timedelta(days=n)) for n in range(1, 29))
    return next((opening for opening in days if opening.is_open), None)

"""Dates that people name by their place in the calendar."""

import calendar
from datetime import date, timedelta

from desk.opening import bank_holiday

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def month_number(name: str) -> int:
    """Return 1 to 12 for a month's name or its first three letters. Raises StopIteration where it is none."""
    return next(n for n, month in enumerate(MONTHS, 1) if month.startswith(name[:3]))


def coming(today: date, weekday: int) -> date:
    """Return the coming such weekday, today included."""
    return today + timedelta(days=(weekday - today.weekday()) % 7)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def months_on(day: date, months: int) -> date:
    """Return the same day some months on, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), month_end(year, month + 1))


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """Return the nth such weekday of a month, counted from 1, or from its end with -1; None where there is none."""
    days = [day for day in (date(year, month, n) for n in range(1, month_end(year, month).day + 1)) if day.weekday() == weekday]
    index = nth - 1 if nth > 0 else nth
    return days[index] if -len(days) <= index < len(days) else None


def date_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def coming_bank_holiday(today: date, name: str = "", weekday: int | None = None) -> date | None:
    """Return the coming bank holiday in England whose name holds `name`, on that weekday where one is given."""
    named = ((day, bank_holiday(day)) for day in (today + timedelta(days=n) for n in range(400)))
    return next((day for day, holiday in named if holiday and name in holiday.lower() and weekday in (None, day.weekday())), None)

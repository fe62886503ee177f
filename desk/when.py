"""The day that a resident speaks of, in the United Kingdom's way of speaking."""

import re
from datetime import date, timedelta

from rapidfuzz import fuzz, process

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6}
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
_DAY_OF_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({'|'.join(_MONTHS)}|{'|'.join(m[:3] for m in _MONTHS)})\b")
_FEASTS = {
    "christmas eve": (12, 24),
    "christmas day": (12, 25),
    "boxing day": (12, 26),
    "new years eve": (12, 31),
    "new years day": (1, 1),
}
_CLOSE_ENOUGH = 84  # of 100, rapidfuzz ratio: "wensday" and "thrusday" are read, "mondial" is not


def day_mentioned(text: str, today: date) -> date | None:
    """Return the day that a text speaks of, seen from `today` (both London dates), or None.

    A weekday is the coming one, today included; "next" takes the one in the following week (Monday to Sunday).
    """
    words = re.sub(r"[’']", "", text.lower())
    if "day after tomorrow" in words:
        return today + timedelta(days=2)
    for feast, (month, day) in _FEASTS.items():
        if feast in words:
            return _coming(today, month, day)
    if re.search(r"\b(?:good friday|easter|bank holiday)\b", words):
        return None
    match = _DAY_OF_MONTH.search(words)
    if match:
        return _coming(today, 1 + next(n for n, name in enumerate(_MONTHS) if name.startswith(match[2])), int(match[1]))
    return _relative_day(re.findall(r"[a-z0-9]+", words), today)


def _relative_day(words: list[str], today: date) -> date | None:
    for before, word in zip(["", *words], words, strict=False):
        if word in ("today", "tonight", "now"):
            return today
        if word in ("tomorrow", "tomorow", "tommorow", "tommorrow", "tmrw", "2moro"):
            return today + timedelta(days=1)
        weekday = _weekday(word)
        if weekday is not None:
            return _next_weekday(today, weekday) if before == "next" else today + timedelta(days=(weekday - today.weekday()) % 7)
    return None


def _weekday(word: str) -> int | None:
    if word in _SHORT:
        return _SHORT[word]
    close = process.extractOne(word.removesuffix("s") if len(word) > 6 else word, _WEEKDAYS, scorer=fuzz.ratio, score_cutoff=_CLOSE_ENOUGH)
    return close[2] if close else None


def _next_weekday(today: date, weekday: int) -> date:
    monday = today + timedelta(days=7 - today.weekday())
    return monday + timedelta(days=weekday)


def _coming(today: date, month: int, day: int) -> date | None:
    """Return the coming day of that month; None where the calendar has none (31 April)."""
    try:
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)
    except ValueError:
        return None

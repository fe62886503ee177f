"""Days and times as the desk says them: in English as GOV.UK does (9:30am, Thursday 26 November), else as the language has them."""

from collections.abc import Iterable
from datetime import date, time
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton

from desk.hours import Hours
from kb.wording import DEFAULT, language_spoken, say


@cache
def _locale(language: str) -> Locale | None:
    """Return what is known of a language other than English; None for English, and for one that nobody described."""
    try:
        return None if language == DEFAULT else Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return None


def spoken_day(day: date) -> str:
    locale = _locale(language_spoken())
    if locale is None:
        return f"{day:%A} {day.day} {day:%B}"
    return str(format_skeleton("MMMMEEEEd", day, locale=locale))


def spoken_date(day: date) -> str:
    """Return a day with its year, without its weekday."""
    locale = _locale(language_spoken())
    return f"{day.day} {day:%B %Y}" if locale is None else str(format_date(day, "long", locale=locale))


def spoken_time(moment: time) -> str:
    if _locale(language_spoken()) is not None:
        return f"{moment:%H:%M}"
    if moment == time(12):
        return "midday"
    hour = moment.hour % 12 or 12
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{hour}{minutes}{'am' if moment.hour < 12 else 'pm'}"


def spoken_spans(spans: Iterable[Hours]) -> str:
    """Return "9:30am to 1pm and 2pm to 5pm"."""
    return say("hours_between").join(say("hours_span", opens=spoken_time(opens), closes=spoken_time(closes)) for opens, closes in spans)

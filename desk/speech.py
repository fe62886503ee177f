"""Days and times as the desk says them (GOV.UK style: 9:30am, Thursday 26 November)."""

from collections.abc import Iterable
from datetime import date, time

from desk.hours import Hours
from kb.wording import say


def spoken_day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def spoken_time(moment: time) -> str:
    if moment == time(12):
        return "midday"
    hour = moment.hour % 12 or 12
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{hour}{minutes}{'am' if moment.hour < 12 else 'pm'}"


def spoken_spans(spans: Iterable[Hours]) -> str:
    """Return "9:30am to 1pm and 2pm to 5pm"."""
    return say("hours_between").join(say("hours_span", opens=spoken_time(opens), closes=spoken_time(closes)) for opens, closes in spans)

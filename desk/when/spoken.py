"""A wish as the desk says it back (GOV.UK style: Thursday 26 November, 9:30am). The words are in words.yml."""

import re
from datetime import date, time, timedelta

from desk.speech import spoken_day, spoken_time
from desk.when.wanted import Problem, Slot, Wanted
from desk.when.words import words


def spoken(wanted: Wanted, today: date | None = None) -> str:
    """Return a wish in plain words: "Wednesday 2 December, in the afternoon".

    Seen from `today` (London), where it is given, a date more than half a year away is said with its year.
    """
    by_time: dict[Slot, list[str]] = {}
    for slot in wanted.slots:
        by_time.setdefault(slot.only_times(), []).append(spoken_days(slot, today))
    choices = [_joined(_listed(days, "or"), spoken_times(times)) for times, days in by_time.items()]
    asked = _listed(choices, "or") or (_say("any_time") if wanted.excluded else "")
    refused = _listed([_joined(spoken_days(slot, today), spoken_times(slot), "") for slot in wanted.excluded], "or")
    return _say("but_not", asked=asked, refused=refused) if refused else asked


def spoken_problem(problem: Problem, today: date | None = None) -> str:
    """Return what is wrong with a day that was named."""
    said = _capitals(problem.said)
    day = spoken_date(problem.day, today) if problem.day else ""
    perhaps = spoken_date(problem.perhaps, today) if problem.perhaps else ""
    key = f"{problem.trouble}_perhaps" if perhaps else f"{problem.trouble}_day" if day else problem.trouble.value
    return _say(key, said=said, day=day or said, perhaps=perhaps)


def _capitals(said: str) -> str:
    """Return words that a resident used with the capitals of a sentence, of days and of months."""
    for name in (*words().weekday_names, *words().month_names):
        said = re.sub(rf"\b{name}", name, said, flags=re.IGNORECASE)
    return said[:1].upper() + said[1:]


def spoken_date(day: date, today: date | None = None) -> str:
    year = f" {day.year}" if today and abs(day - today) > timedelta(days=183) else ""
    return f"{spoken_day(day)}{year}"


def spoken_days(slot: Slot, today: date | None = None) -> str:
    """Return the days of a slot, "" where it names none."""
    if slot.day:
        return spoken_date(slot.day, today)
    weekdays = _weekdays(slot.weekdays)
    span = _span(slot, today)
    return _say("weekdays_in", weekdays=weekdays, span=span) if weekdays and span else weekdays or span


def _span(slot: Slot, today: date | None) -> str:
    if slot.first and slot.last:
        return _say("days_between", first=spoken_date(slot.first, today), last=spoken_date(slot.last, today))
    if slot.first:
        return _say("any_day") if slot.first == today else _say("days_from", first=spoken_date(slot.first, today))
    return _say("days_until", last=spoken_date(slot.last, today)) if slot.last else ""


def _weekdays(weekdays: frozenset[int]) -> str:
    if weekdays == frozenset(range(5)):
        return _say("monday_to_friday")
    return _listed([f"{words().weekday_names[weekday]}s" for weekday in sorted(weekdays)], "or")


def spoken_times(slot: Slot) -> str:
    """Return the times of a slot, "" where it names none."""
    if slot.at is not None:
        return _say("at_about" if slot.give > 30 else "at", time=spoken_time(slot.at))
    part = next((part for part in words().parts if part.spoken and part.slot == slot.only_times()), None)
    if part:
        return part.spoken
    if slot.earliest == time.min:
        return _say("any_time")
    if slot.earliest and slot.latest:
        return _say("times_between", earliest=spoken_time(slot.earliest), latest=spoken_time(slot.latest))
    if slot.earliest:
        return _say("times_from", earliest=spoken_time(slot.earliest))
    return _say("times_until", latest=spoken_time(slot.latest)) if slot.latest else ""


def _joined(days: str, times: str, comma: str = ",") -> str:
    return f"{days}{comma} {times}" if days and times else days or times


def _listed(parts: list[str], word: str) -> str:
    named = [part for part in dict.fromkeys(parts) if part]
    return _say(f"list_{word}").join(filter(None, [", ".join(named[:-1]), *named[-1:]]))


def _say(key: str, **values: str) -> str:
    return words().spoken[key].format(**values)

"""By when somebody of the staff answers: worked out from opening hours and bank holidays. Moments are UTC."""

from datetime import UTC, datetime, timedelta

from desk.clock import LONDON, in_london
from desk.hours import Week
from desk.opening import OpeningDay, next_open_day, on_day
from desk.speech import spoken_day, spoken_time
from kb.wording import say

# A message gets its answer before closing time of the day on which so many opening hours have gone by: nobody is promised what a short-handed desk
# could not keep, and nobody waits longer than the next working day.
OPEN_HOURS_TO_ANSWER = timedelta(hours=4)


def promised_by(week: Week, moment: datetime) -> datetime | None:
    """Return by when a message that comes at a moment is answered; None for a service that never opens."""
    left, local = OPEN_HOURS_TO_ANSWER, in_london(moment)
    opening: OpeningDay | None = on_day(week, local.date())
    while opening is not None:
        for opens, closes in opening.spans:
            begins = max(datetime.combine(opening.day, opens, LONDON), local)
            ends = datetime.combine(opening.day, closes, LONDON)
            if ends > begins:
                left -= ends - begins
            if left <= timedelta(0):
                return datetime.combine(opening.day, opening.spans[-1][1], LONDON).astimezone(UTC)
        opening = next_open_day(week, opening.day)
    return None


def open_time_between(week: Week, start: datetime, end: datetime) -> timedelta:
    """Return how much of the time between two moments falls into opening hours: the wait as staff could have shortened it."""
    total, day, last = timedelta(0), in_london(start).date(), in_london(end).date()
    while day <= last:
        for opens, closes in on_day(week, day).spans:
            begins = max(datetime.combine(day, opens, LONDON), in_london(start))
            ends = min(datetime.combine(day, closes, LONDON), in_london(end))
            total += max(ends - begins, timedelta(0))
        day += timedelta(days=1)
    return total


def spoken_promise(promise: datetime | None, phone: str) -> str:
    """Return a promise in words: "by 5pm on Tuesday 25 November"; the telephone where none can be made."""
    if promise is None:
        return say("handover.no_promise", phone=phone)
    local = in_london(promise)
    return say("handover.by", time=spoken_time(local.time()), day=spoken_day(local.date()))

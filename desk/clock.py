"""The one clock. DESK_NOW sets it for tests and demonstrations; it runs on from there."""

import time
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from desk.settings import settings

LONDON = ZoneInfo("Europe/London")


@cache
def _offset_seconds() -> float:
    start = settings().now
    if start is None:
        return 0.0
    if start.tzinfo is None:
        start = start.replace(tzinfo=LONDON)
    return start.timestamp() - time.time()


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.fromtimestamp(time.time() + _offset_seconds(), UTC)


def in_london(moment: datetime) -> datetime:
    """Return a UTC moment as residents speak of it, in Europe/London."""
    return moment.astimezone(LONDON)


def today() -> date:
    """Return today's date in London."""
    return in_london(now()).date()


def midnight(day: date) -> datetime:
    """Return when a day begins in London."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)

"""Opening hours of a week. Times are local (Europe/London)."""

import re
from collections.abc import Iterable
from datetime import time

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Hours = tuple[time, time]
# The hours of each weekday, Monday first; an empty day is closed.
Week = tuple[tuple[Hours, ...], ...]

_SPAN = re.compile(r"^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$")


def parse_hours(text: str) -> tuple[Hours, ...]:
    """Read "09:30-13:00" or "09:30-13:00, 14:00-17:00". Raises ValueError with the reason."""
    spans = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;&]", text))):
        match = _SPAN.match(part)
        if not match:
            raise ValueError(f'"{part}" is not an opening time like 09:30-17:00')
        opens, closes = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
        if opens >= closes:
            raise ValueError(f'"{part}" closes before it opens')
        spans.append((opens, closes))
    return tuple(spans)


def hours_text(spans: Iterable[Hours]) -> str:
    """Return hours as `parse_hours` reads them."""
    return ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in spans)

"""Calendar files of bookings (iCalendar): for the resident's own calendar, and for feeds of what is on. They hold no names and no contacts."""

from collections.abc import Iterable
from datetime import UTC

from icalendar import Calendar, Event

from desk.clock import now
from desk.places import Dates
from desk.tables import BookingRow, LibraryRow, SessionRow
from kb.wording import say

_MAKER = "-//The Enquiry Desk//Sessions//EN"


def calendar_file(row: BookingRow, dates: Dates, library: LibraryRow | None, domain: str) -> bytes:
    """Return the calendar file of a booking. Its events keep their UID when it is changed, their SEQUENCE rises, and a cancelled one is CANCEL.

    Times are in UTC, so they are right on both sides of a change of the clocks. `domain` makes the UIDs ours: "library.example".
    """
    calendar = _calendar("CANCEL" if row.state == "cancelled" else "PUBLISH")
    for n, date in enumerate(dates, 1):
        event = _event(date, library)
        event.add("uid", f"booking-{row.id}-{n}@{domain}")
        event.add("sequence", row.sequence + date.sequence)
        event.add("status", "CANCELLED" if "cancelled" in (row.state, date.state) else "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def calendar_feed(rows: Iterable[SessionRow], libraries: dict[str, LibraryRow], domain: str) -> bytes:
    """Return a feed of sessions; cancelled ones stay in it as such, and those of sample data say so."""
    calendar = _calendar("PUBLISH")
    for row in rows:
        event = _event(row, libraries.get(row.library))
        event.add("uid", f"{row.uid}@{domain}")
        event.add("sequence", row.sequence)
        event.add("status", "CANCELLED" if row.state == "cancelled" else "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", _MAKER)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(date: SessionRow, library: LibraryRow | None) -> Event:
    event = Event()
    event.add("summary", say("sessions_page.sample_title", title=date.title) if date.sample else date.title)
    event.add("dtstamp", now())
    event.add("dtstart", date.starts_at.astimezone(UTC))
    event.add("dtend", date.ends_at.astimezone(UTC))
    where = [date.room, library.name, library.address, library.postcode] if library else [date.room, date.library]
    event.add("location", ", ".join(filter(None, where)))
    about = " ".join(filter(None, [say("sessions_page.sample_short") if date.sample else "", date.about]))
    if about:
        event.add("description", about)
    return event

"""Sessions and bookings in words, and as the chat API shows them."""

from typing import Any

from desk.clock import in_london
from desk.contacts import Phone, read_phone
from desk.places import Dates, places_left, starts_at
from desk.sessions import Found
from desk.speech import spoken_day, spoken_time
from desk.tables import Person, SessionRow
from desk.tasks.task import Details
from desk.tasks.world import World
from kb.wording import say


def spoken_start(row: SessionRow) -> str:
    """Return "Wednesday 2 December, 2pm"."""
    local = in_london(row.starts_at)
    return f"{spoken_day(local.date())}, {spoken_time(local.time())}"


def spoken_span(row: SessionRow) -> str:
    """Return "Wednesday 2 December, 2pm to 2:45pm"."""
    return say("tasks.from_to", start=spoken_start(row), end=spoken_time(in_london(row.ends_at).time()))


def title_of(found: Found, world: World) -> str:
    """Return a session in one line: title, library, day, time, places left."""
    row = found.row
    return say("tasks.session_line", title=row.title, library=world.library_name(row.library), start=spoken_start(row), places=_places(found))


def _places(found: Found) -> str:
    if found.places_left is None:
        return say("tasks.no_booking_needed")
    if found.places_left == 0:
        return say("tasks.full")
    return say("tasks.one_place_left" if found.places_left == 1 else "tasks.places_left", count=found.places_left)


def session_json(found: Found, world: World) -> dict[str, Any]:
    """Return a session as the chat API shows it; web adds the button that picks it."""
    row = found.row
    return {
        "id": str(row.id),
        "title": row.title,
        "kind": row.kind,
        "library": world.library_name(row.library),
        "starts_at": f"{row.starts_at:%Y-%m-%dT%H:%M:%SZ}",
        "ends_at": f"{row.ends_at:%Y-%m-%dT%H:%M:%SZ}",
        "places_left": found.places_left,
    }


def where(row: SessionRow, world: World) -> str:
    library = world.library(row.library)
    place = f"{library.name}, {library.address}, {library.postcode}" if library else row.library
    return f"{row.room}, {place}" if row.room else place


def session_in_full(dates: Dates, world: World) -> str:
    """Return the lines that say what, when and where; of a course every date."""
    row = dates[0]
    when = "; ".join(spoken_span(each) for each in dates if each.state == "open")
    return say("tasks.session_in_full", title=row.title, when=when, where=where(row, world))


def in_brief(dates: Dates, world: World) -> str:
    """Return "IT clinic at Pimlico Library on Wednesday 2 December, 2pm"."""
    row = next((each for each in dates if each.state == "open"), dates[0])
    return say("tasks.in_brief", title=row.title, library=world.library_name(row.library), start=spoken_start(row))


def shown_phone(number: str) -> str:
    """Return a stored number as it is written in the United Kingdom."""
    phone = read_phone(number)
    return phone.shown if isinstance(phone, Phone) else number


def contact_in_words(phone: str, email: str) -> str:
    return f" {say('and')} ".join(filter(None, [phone and shown_phone(phone), email])) or say("tasks.no_contact")


def people_in_words(details: Details) -> str:
    """Return the lines of who comes, whom to tell and what is needed."""
    name = say("tasks.line_name", name=details.name)
    by = say("tasks.line_booked_by", name=details.contact_name) if details.contact_name else ""
    contact = say("tasks.line_contact", contact=contact_in_words(details.phone, details.email))
    needs = say("tasks.line_needs", needs=details.needs) if details.needs else say("tasks.line_no_needs") if details.needs is not None else ""
    return "\n".join(filter(None, [name, by, contact, needs]))


def details_of(row: Person) -> Details:
    """Return what a booking holds of its people."""
    return Details(
        name=row.attendee_name,
        phone=row.phone,
        email=row.email,
        no_contact=not (row.phone or row.email),
        for_other=bool(row.contact_name or row.relation),
        contact_name=row.contact_name,
        relation=row.relation,
        age=row.age,
        needs=row.needs,
    )


def is_over(dates: Dates) -> bool:
    return starts_at(dates) is None


def left_in(dates: Dates) -> int | None:
    return places_left(dates)

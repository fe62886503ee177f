"""A made-up town's libraries, for rules that need few of them."""

from datetime import date

from desk.hours import parse_hours
from desk.libraries import Library, slug_of

WEDNESDAY = date(2026, 11, 25)
SIX_DAYS = ("09:30-17:00",) * 6 + ("",)


def a_library(name: str, postcode: str = "W10 5PF", position: tuple[float, float] | None = None, hours: tuple[str, ...] = SIX_DAYS) -> Library:
    """Return a library; `hours` holds those of Monday to Sunday."""
    return Library(
        slug=slug_of(name),
        name=name,
        authority="Anytown",
        address="1 High Street",
        postcode=postcode,
        phone="020 7946 0000",
        email="",
        website="",
        position=position,
        week=tuple(map(parse_hours, hours)),
    )

"""What a question about libraries asks for: the hours of one, or the nearest to a postcode."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from desk.libraries import Library
from desk.library_names import names_in
from desk.postcodes import district_in, nearest
from desk.when import day_mentioned

_A_DAY_MATTERS = re.compile(r"\b(open|opens|opening|close|closes|closed|closing|shut|shuts|hours?|times?|till|until)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Hours:
    """The hours of a library: on a day, or in the coming week where no day is named."""

    library: Library
    day: date | None


@dataclass(frozen=True)
class Nearest:
    """The libraries nearest to a postcode district."""

    district: str
    libraries: Sequence[Library]


@dataclass(frozen=True)
class WhichLibrary:
    """Hours on a day, without a library."""

    day: date


def read_enquiry(
    question: str, libraries: Sequence[Library], today: date, library_in_hand: str | None = None
) -> Hours | Nearest | WhichLibrary | None:
    """Return what a question asks for, seen from `today` (London); None where it names no library, postcode or day.

    A question about hours that names no library is about the library in hand, by name, where there is one.
    """
    day = day_mentioned(question, today)
    names = names_in(question, [library.name for library in libraries])
    if names:
        return Hours(next(library for library in libraries if library.name == names[0]), day)
    district = district_in(question)
    if district:
        return Nearest(district, nearest(district, libraries))
    in_hand = names_in(library_in_hand or "", [library.name for library in libraries])
    if day and in_hand:
        return Hours(next(library for library in libraries if library.name == in_hand[0]), day)
    if day and _A_DAY_MATTERS.search(question):
        return WhichLibrary(day)
    return None

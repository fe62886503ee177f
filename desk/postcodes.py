"""UK postcodes as people write them, and how near one is to a library, worked out offline from the libraries' own postcodes and positions."""

import math
import re
from collections.abc import Sequence

from desk.libraries import Library

# Area letters, district number (with a letter in central London) and, perhaps, the inward part. https://en.wikipedia.org/wiki/Postcodes_in_the_United_Kingdom
_POSTCODE = re.compile(r"\b([A-Z]{1,2})(\d[A-Z\d]?)\s*(\d[A-Z]{2})?\b", re.IGNORECASE)
_EARTH_RADIUS_MILES = 3958.8

# The letters that begin a postcode in Great Britain and Northern Ireland, so that "G7" or "A4" in a sentence is not one by chance of shape alone.
_AREAS = frozenset(
    (
        "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU HA HD "
        "HG HP HR HS HU HX IG IP IV KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM "
        "S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
    ).split()
)


def district_in(text: str) -> str | None:
    """Return the postcode district ("W10", "SW1V") that a text mentions, else None."""
    for area, number, _ in _POSTCODE.findall(text):
        if area.upper() in _AREAS:
            return str(area + number).upper()
    return None


def postcode_in(text: str) -> str | None:
    """Return the postcode ("SW1V 3AT") that a text mentions, or its district where no more is said, else None."""
    for area, number, inward in _POSTCODE.findall(text):
        if area.upper() in _AREAS:
            return f"{area}{number} {inward}".strip().upper()
    return None


def _district_of(library: Library) -> str:
    return library.postcode.split()[0]


def _area_of(district: str) -> str:
    return re.split(r"\d", district)[0]


def _number_of(district: str) -> str:
    """W1K and W1G are parts of W1: people say either."""
    return district.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _miles(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Great-circle distance by the haversine formula."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, point)) for point in (here, there))
    a = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_RADIUS_MILES * math.asin(math.sqrt(a))


def nearest(district: str, libraries: Sequence[Library], most: int = 3) -> list[Library]:
    """Return the libraries nearest to a postcode district, nearest first.

    The middle of the district is taken from the libraries in it. Where there is none, we cannot tell how far the others are:
    the libraries of the same postcode area are returned in the order of their names, or none at all.
    """
    inside = [lib for lib in libraries if _district_of(lib) == district] or [
        lib for lib in libraries if _number_of(_district_of(lib)) == _number_of(district)
    ]
    placed = [lib.position for lib in inside if lib.position]
    if not placed:
        area = _area_of(district)
        others = [lib for lib in libraries if lib not in inside and _area_of(_district_of(lib)) == area]
        return [*inside, *sorted(others, key=lambda lib: lib.name)][:most]
    middle = (sum(lat for lat, _ in placed) / len(placed), sum(lon for _, lon in placed) / len(placed))
    others = [lib for lib in libraries if lib not in inside and lib.position]
    by_distance = sorted(others, key=lambda lib: _miles(middle, lib.position or middle))
    return [*inside, *by_distance][:most]


def has_library_in(district: str, libraries: Sequence[Library]) -> bool:
    """Whether a library stands in the district, or in a part of it (W1K for W1)."""
    return any(_number_of(_district_of(lib)) == _number_of(district) for lib in libraries)

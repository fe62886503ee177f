"""The libraries of the service: their places, telephones and opening hours, and how a file of them is taken in."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Session

from desk.hours import DAYS, Week, hours_text, parse_hours
from desk.tables import LibraryRow

_WHOLE_POSTCODE = re.compile(r"^[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}$")


@dataclass(frozen=True)
class Library:
    """A library that residents can visit."""

    slug: str
    name: str
    authority: str
    address: str
    postcode: str
    phone: str
    email: str
    website: str
    position: tuple[float, float] | None
    week: Week


@dataclass(frozen=True)
class BadRow:
    """A row of a file that was not taken in."""

    line: int
    reason: str


@dataclass
class ImportReport:
    """What came of taking in a file."""

    loaded: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


class UnreadableFileError(ValueError):
    """The file as a whole cannot be taken in; nothing was changed."""


def slug_of(name: str) -> str:
    """Return the name as it stands in addresses: "St. John's Wood Library" is st-johns-wood-library."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


def _read_row(row: dict[str, str]) -> Library:
    """Raises ValueError with the reason where the row is not a library."""
    name = row["Library name"].strip()
    if not name:
        raise ValueError("the library has no name")
    postcode = re.sub(r"\s+", " ", row["Postcode"].strip().upper())
    if not _WHOLE_POSTCODE.match(postcode):
        raise ValueError(f'"{row["Postcode"]}" is not a whole postcode')
    week = []
    for day in DAYS:
        try:
            week.append(parse_hours(row[f"{day} staffed hours"]))
        except ValueError as error:
            raise ValueError(f"{day}: {error}") from error
    if not any(week):
        raise ValueError("it has no opening hours on any day")
    library = Library(
        slug=slug_of(name),
        name=name,
        authority=row["Local authority"].strip(),
        address=", ".join(filter(None, (row[f"Address {n}"].strip() for n in (1, 2)))),
        postcode=postcode,
        phone=row.get("x_service_phone", "").strip(),
        email=row.get("Email address", "").strip(),
        website=row.get("x_service_url", "").strip(),
        position=_position(row),
        week=tuple(week),
    )
    for column in ("slug", "name", "authority", "address", "postcode", "phone", "email", "website"):
        longest = cast(String, LibraryRow.__table__.c[column].type).length or 0
        if len(getattr(library, column)) > longest:
            raise ValueError(f"its {column} is longer than {longest} characters")
    return library


def _position(row: dict[str, str]) -> tuple[float, float] | None:
    latitude, longitude = row.get("x_latitude", "").strip(), row.get("x_longitude", "").strip()
    if not latitude or not longitude:
        return None
    try:
        return float(latitude), float(longitude)
    except ValueError:
        raise ValueError(f'"{latitude}, {longitude}" is not a latitude and longitude') from None


def read_libraries(path: Path) -> Iterator[tuple[int, Library | str | BadRow]]:
    """Yield, for each row of a CSV file in the public-libraries data schema, its line number and a Library, the name of a closed one, or a BadRow.

    Raises UnreadableFileError where it is not such a file at all.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            needed = {
                "Local authority",
                "Library name",
                "Address 1",
                "Address 2",
                "Postcode",
                "Year closed",
                *(f"{day} staffed hours" for day in DAYS),
            }
            missing = needed - set(reader.fieldnames or ())
            if missing:
                raise UnreadableFileError(f"{path} lacks the column {sorted(missing)[0]!r}: use the columns of data/libraries.csv.")
            for row in reader:
                if row["Year closed"].strip():
                    yield reader.line_num, row["Library name"].strip()
                    continue
                try:
                    yield reader.line_num, _read_row(row)
                except ValueError as error:
                    yield reader.line_num, BadRow(reader.line_num, str(error))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFileError(f"{path} cannot be read: {error}") from error


def import_libraries(session: Session, path: Path) -> ImportReport:
    """Take in a file of libraries. Good rows load, bad ones are named; libraries the file no longer holds go, unless a row was bad."""
    report = ImportReport()
    for line, row in read_libraries(path):
        if isinstance(row, BadRow):
            report.bad.append(row)
        elif isinstance(row, str):
            report.closed.append(row)
        elif row.slug in report.loaded:
            report.bad.append(BadRow(line, f"{row.name} stands in the file twice"))
        else:
            session.merge(_to_row(row))
            report.loaded.append(row.slug)
    if report.loaded and not report.bad:
        gone = select(LibraryRow.slug).where(LibraryRow.slug.not_in(report.loaded))
        report.removed = sorted(session.scalars(gone))
        session.execute(delete(LibraryRow).where(LibraryRow.slug.in_(report.removed)))
    return report


def all_libraries(session: Session) -> list[Library]:
    """Return every library, by name."""
    return [_from_row(row) for row in session.scalars(select(LibraryRow).order_by(LibraryRow.name))]


def _to_row(library: Library) -> LibraryRow:
    latitude, longitude = library.position or (None, None)
    return LibraryRow(
        slug=library.slug,
        name=library.name,
        authority=library.authority,
        address=library.address,
        postcode=library.postcode,
        phone=library.phone,
        email=library.email,
        website=library.website,
        latitude=latitude,
        longitude=longitude,
        hours={day: hours_text(spans) for day, spans in zip(DAYS, library.week, strict=True)},
    )


def _from_row(row: LibraryRow) -> Library:
    return Library(
        slug=row.slug,
        name=row.name,
        authority=row.authority,
        address=row.address,
        postcode=row.postcode,
        phone=row.phone,
        email=row.email,
        website=row.website,
        position=None if row.latitude is None or row.longitude is None else (row.latitude, row.longitude),
        week=tuple(parse_hours(row.hours[day]) for day in DAYS),
    )

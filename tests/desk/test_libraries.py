import contextlib
import csv
from datetime import time
from pathlib import Path

import pytest

from desk.database import Database
from desk.libraries import BadRow, ImportReport, Library, UnreadableFileError, all_libraries, import_libraries, read_libraries, slug_of
from desk.settings import ROOT

SAMPLE = ROOT / "data" / "libraries.csv"
with SAMPLE.open(encoding="utf-8", newline="") as _file:
    COLUMNS = next(csv.reader(_file))

KENSAL = {
    "Local authority": "Anytown",
    "Library name": "Kensal Library",
    "Address 1": "20 Golborne Road",
    "Address 2": "London",
    "Postcode": "W10 5PF",
    "Monday staffed hours": "13:00-18:00",
    "x_service_phone": "020 7946 0000",
    "x_latitude": "51.52",
    "x_longitude": "-0.21",
}
BROMPTON = KENSAL | {"Library name": "Brompton Library", "Postcode": "SW5 0BS"}


def write(path: Path, *rows: dict[str, str], without: str = "") -> Path:
    """Write a file of libraries in the sample's columns, less one."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column for column in COLUMNS if column != without], restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def take_in(database: Database, path: Path) -> ImportReport:
    with database.writing() as session:
        return import_libraries(session, path)


def stored(database: Database) -> dict[str, Library]:
    with database.reading() as session:
        return {library.name: library for library in all_libraries(session)}


def test_the_sample_file_holds_26_libraries_and_a_closed_one(database: Database):
    report = take_in(database, SAMPLE)
    assert len(report.loaded) == 26
    assert report.closed == ["St. James's Library"]
    assert report.bad == []
    assert len(stored(database)) == 26


def test_a_library_keeps_its_place_telephone_and_hours(database: Database):
    take_in(database, SAMPLE)
    kensal = stored(database)["Kensal Library"]
    assert (kensal.address, kensal.postcode, kensal.phone) == ("20 Golborne Road, London", "W10 5PF", "020 7361 3610")
    assert kensal.authority == "Royal Borough of Kensington and Chelsea"
    assert kensal.position == pytest.approx((51.5236, -0.2091), abs=0.01)
    assert kensal.week[0] == ((time(13), time(18)),)
    assert kensal.week[2] == ()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"Library name": " "}, "the library has no name"),
        ({"Postcode": "W10"}, '"W10" is not a whole postcode'),
        ({"Postcode": ""}, '"" is not a whole postcode'),
        ({"Monday staffed hours": "9 to 5"}, 'Monday: "9 to 5" is not an opening time like 09:30-17:00'),
        ({"Sunday staffed hours": "17:00-09:00"}, 'Sunday: "17:00-09:00" closes before it opens'),
        ({"Monday staffed hours": ""}, "it has no opening hours on any day"),
        ({"x_latitude": "north"}, '"north, -0.21" is not a latitude and longitude'),
        ({"Library name": "Kensal Library"}, "Kensal Library stands in the file twice"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_row_is_named_by_line_and_reason_and_the_good_ones_load(database: Database, tmp_path: Path, wrong: dict[str, str], reason: str):
    report = take_in(database, write(tmp_path / "libraries.csv", KENSAL, BROMPTON | wrong, BROMPTON | {"Library name": "Chelsea Library"}))
    assert report.bad == [BadRow(3, reason)]
    assert list(stored(database)) == ["Chelsea Library", "Kensal Library"]


def test_a_value_too_long_for_the_database_is_a_bad_row(database: Database, tmp_path: Path):
    report = take_in(database, write(tmp_path / "libraries.csv", BROMPTON | {"x_service_phone": "020 7946 0000, " * 20}, KENSAL))
    assert [bad.line for bad in report.bad] == [2]
    assert list(stored(database)) == ["Kensal Library"]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_file_lacking_a_column_is_either_read_or_refused(tmp_path: Path, column: str):
    path = write(tmp_path / "libraries.csv", KENSAL, without=column)
    with contextlib.suppress(UnreadableFileError):
        assert [line for line, _ in read_libraries(path)] == [2]


@pytest.mark.parametrize("column", ["Library name", "Postcode", "Monday staffed hours", "Year closed"])
def test_a_file_without_a_column_that_every_library_needs_is_refused(tmp_path: Path, column: str):
    path = write(tmp_path / "libraries.csv", KENSAL, without=column)
    with pytest.raises(UnreadableFileError, match=f"{path} lacks the column '{column}': use the columns of data/libraries.csv."):
        list(read_libraries(path))


def test_a_file_that_is_not_text_changes_nothing(database: Database, tmp_path: Path):
    take_in(database, write(tmp_path / "libraries.csv", KENSAL))
    other = write(tmp_path / "other.csv", BROMPTON)
    other.write_bytes(other.read_bytes() + b"\xff\xfe")
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        take_in(database, other)
    assert list(stored(database)) == ["Kensal Library"]


def test_a_file_that_is_not_there_is_refused(database: Database, tmp_path: Path):
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        take_in(database, tmp_path / "none.csv")


def test_a_file_saved_by_excel_is_read(database: Database, tmp_path: Path):
    path = write(tmp_path / "libraries.csv", KENSAL)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert take_in(database, path).loaded == ["kensal-library"]


def test_a_second_file_updates_adds_and_removes(database: Database, tmp_path: Path):
    take_in(database, write(tmp_path / "one.csv", KENSAL, BROMPTON))
    report = take_in(database, write(tmp_path / "two.csv", KENSAL | {"Address 1": "1 New Road"}, KENSAL | {"Library name": "Chelsea Library"}))
    assert report.removed == ["brompton-library"]
    libraries = stored(database)
    assert list(libraries) == ["Chelsea Library", "Kensal Library"]
    assert libraries["Kensal Library"].address == "1 New Road, London"


def test_the_same_file_again_changes_nothing(database: Database):
    take_in(database, SAMPLE)
    before = stored(database)
    assert take_in(database, SAMPLE).removed == []
    assert stored(database) == before


def test_a_library_that_has_closed_since_is_removed(database: Database, tmp_path: Path):
    take_in(database, write(tmp_path / "one.csv", KENSAL, BROMPTON))
    report = take_in(database, write(tmp_path / "two.csv", KENSAL, BROMPTON | {"Year closed": "2026"}))
    assert (report.closed, report.removed) == (["Brompton Library"], ["brompton-library"])


def test_nothing_is_removed_while_a_row_is_bad(database: Database, tmp_path: Path):
    """The bad row may be the library that seems to be gone."""
    take_in(database, write(tmp_path / "one.csv", KENSAL, BROMPTON))
    report = take_in(database, write(tmp_path / "two.csv", KENSAL, BROMPTON | {"Postcode": "?"}))
    assert report.removed == []
    assert set(stored(database)) == {"Kensal Library", "Brompton Library"}


def test_an_empty_file_removes_nothing(database: Database, tmp_path: Path):
    take_in(database, write(tmp_path / "one.csv", KENSAL))
    assert take_in(database, write(tmp_path / "two.csv")).removed == []
    assert set(stored(database)) == {"Kensal Library"}


def test_a_library_without_position_or_telephone_loads(database: Database, tmp_path: Path):
    take_in(database, write(tmp_path / "libraries.csv", KENSAL | {"x_latitude": "", "x_service_phone": ""}))
    kensal = stored(database)["Kensal Library"]
    assert kensal.position is None
    assert kensal.phone == ""


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("St. John's Wood Library", "st-johns-wood-library"),
        ("St. John’s Wood Library", "st-johns-wood-library"),
        ("Idea Store  Bow", "idea-store-bow"),
        ("Llyfrgell Tŷ Dŵr", "llyfrgell-ty-dwr"),
    ],
)
def test_a_name_stands_in_addresses_in_plain_letters(name: str, slug: str):
    assert slug_of(name) == slug

import csv
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import select

from desk.clock import in_london
from desk.database import Database
from desk.libraries import BadRow, UnreadableFileError
from desk.session_files import NEEDED, SessionsReport, export_sessions, import_sessions
from desk.tables import BookingRow, SessionRow
from tests.desk.timetable import NOW, book, open_library, states, taken

GOOD = {
    "title": "Email for beginners",
    "kind": "class",
    "library": "Pimlico Library",
    "starts_at": "2026-12-02T14:00",
    "minutes": "60",
    "capacity": "8",
    "about": "Write, reply, send a photo.",
    "ages": "16+",
    "languages": "English; Bengali",
    "access": "step-free; Hearing loop",
    "rrule": "",
}


@pytest.fixture(autouse=True)
def _the_clock_and_the_libraries(database: Database, at: Callable[[str], object]) -> None:
    at(NOW)
    open_library(database)
    open_library(database, "st-johns-wood-library", "St. John's Wood Library")


def a_csv(path: Path, *changes: dict[str, str]) -> Path:
    columns = list(dict.fromkeys([*NEEDED, *(key for change in changes for key in change)]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(GOOD | change for change in changes)
    return path


def take_in(db: Database, path: Path) -> SessionsReport:
    with db.writing() as session:
        return import_sessions(session, path)


def rows(db: Database) -> list[SessionRow]:
    with db.reading() as session:
        return list(session.scalars(select(SessionRow).order_by(SessionRow.starts_at, SessionRow.id)))


# CSV


def test_a_row_is_a_session(database: Database, tmp_path: Path):
    assert take_in(database, a_csv(tmp_path / "s.csv", {})).loaded == 1
    (row,) = rows(database)
    assert (row.title, row.kind, row.library) == ("Email for beginners", "class", "pimlico-library")
    assert (row.capacity, row.age_from, row.age_to) == (8, 16, None)
    assert (row.languages, row.access) == (["English", "Bengali"], ["step-free", "hearing-loop"])
    assert (in_london(row.starts_at).isoformat()[:16], (row.ends_at - row.starts_at).seconds) == ("2026-12-02T14:00", 3600)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"library": "Atlantis"}, '"Atlantis" is not one of our libraries'),
        ({"kind": "party"}, '"party" is not a kind of session: use one-to-one, drop-in, class, coding-club, course'),
        ({"starts_at": "2 December"}, '"2 December" is not a local time like 2026-12-01T14:00'),
        ({"starts_at": "2026-12-02"}, '"2026-12-02" has no time of day'),
        ({"minutes": "an hour"}, '"an hour" is not a number of minutes from 1 to 720'),
        ({"minutes": "0"}, '"0" is not a number of minutes from 1 to 720'),
        ({"capacity": ""}, "it has no capacity: only a drop-in may be without"),
        ({"capacity": "-1"}, '"-1" is not a number of places from 1 to 1000'),
        ({"ages": "kids"}, '"kids" are not ages like 8-14, 16+ or adults'),
        ({"ages": "14-8"}, '"14-8" are not ages like 8-14, 16+ or adults'),
        ({"rrule": "every week"}, '"every week" does not repeat daily, weekly, monthly or yearly'),
        ({"title": ""}, "the session has no title"),
        ({"title": "x" * 201}, "its title is longer than 200 characters"),
        ({"sample": "maybe"}, '"maybe" is not yes or no'),
        ({"exceptions": "Christmas"}, '"Christmas" is not a date like 2026-12-25'),
        ({"dates_a_course": "4"}, "only a course has a number of dates a course"),
    ],
)
def test_a_bad_row_is_named_and_the_good_ones_load(database: Database, tmp_path: Path, change: dict[str, str], reason: str):
    report = take_in(database, a_csv(tmp_path / "s.csv", {"title": "First"}, change, {"title": "Last"}))
    assert report.bad == [BadRow(3, reason)]
    assert [row.title for row in rows(database)] == ["First", "Last"]


def test_a_row_that_stands_there_twice_is_named(database: Database, tmp_path: Path):
    assert take_in(database, a_csv(tmp_path / "s.csv", {}, {})).bad == [BadRow(3, "Email for beginners stands in the file twice")]


def test_a_file_that_is_none_is_told(database: Database, tmp_path: Path):
    (tmp_path / "names.csv").write_text("name,town\nKensal,London\n")
    (tmp_path / "odd.ics").write_text("this is a shopping list")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    for name in ("none.csv", "names.csv", "odd.ics", "bytes.csv", "none.ics"):
        with pytest.raises(UnreadableFileError):
            take_in(database, tmp_path / name)


@pytest.mark.parametrize(
    ("said", "ages"),
    [("8-14", (8, 14)), ("8 to 14", (8, 14)), ("16+", (16, None)), ("adults", (16, None)), ("under 5", (None, 4)), ("all ages", (None, None))],
)
def test_ages_as_libraries_write_them(database: Database, tmp_path: Path, said: str, ages: tuple[int | None, int | None]):
    take_in(database, a_csv(tmp_path / "s.csv", {"ages": said}))
    assert [(row.age_from, row.age_to) for row in rows(database)] == [ages]


def test_taking_a_file_in_again_changes_nothing(database: Database, tmp_path: Path):
    path = a_csv(tmp_path / "s.csv", {}, {"rrule": "FREQ=WEEKLY", "starts_at": "2026-11-26T10:00"})
    first, second = take_in(database, path).stored, take_in(database, path).stored
    assert (first.added, second.added, second.changed) == (13, 0, 0)


def test_taking_a_changed_file_in_updates_by_uid_and_keeps_bookings(database: Database, tmp_path: Path):
    take_in(database, a_csv(tmp_path / "s.csv", {"uid": "1"}, {"uid": "2", "title": "Other", "rrule": "FREQ=WEEKLY"}))
    for row in rows(database)[:2]:
        book(database, row.id, f"Ann {row.id}")
    report = take_in(database, a_csv(tmp_path / "s.csv", {"uid": "1", "title": "Email", "starts_at": "2026-12-03T14:00"}))
    assert report.stored.changed == 1
    changed = next(row for row in rows(database) if row.uid == "1")
    assert (changed.title, changed.taken, in_london(changed.starts_at).day) == ("Email", 1, 3)
    assert {state for _, state in states(database)} == {"booked"}


def test_a_row_marked_cancelled_cancels_with_its_reason(database: Database, tmp_path: Path):
    take_in(database, a_csv(tmp_path / "s.csv", {"uid": "1"}))
    one = rows(database)[0].id
    book(database, one, "Ann")
    take_in(database, a_csv(tmp_path / "s.csv", {"uid": "1", "state": "cancelled", "reason": "No heating."}))
    assert [(row.state, row.reason) for row in rows(database)] == [("cancelled", "No heating.")]
    assert (states(database), taken(database, one)) == ([("Ann", "cancelled")], [0])


def test_a_course_shares_one_home(database: Database, tmp_path: Path):
    course = {"kind": "course", "rrule": "FREQ=WEEKLY;COUNT=3", "uid": "c"}
    take_in(database, a_csv(tmp_path / "s.csv", course))
    made = book(database, rows(database)[2].id)
    assert [in_london(row.starts_at).day for row in made.dates] == [2, 9, 16]
    take_in(database, a_csv(tmp_path / "s.csv", course | {"rrule": "FREQ=WEEKLY;COUNT=4"}))
    assert [row.taken for row in rows(database)] == [1, 1, 1, 1]  # a date that is added is for who is booked, too


def test_what_is_exported_can_be_taken_in(database: Database, tmp_path: Path):
    take_in(database, a_csv(tmp_path / "s.csv", {"about": 'A "quoted", text'}, {"kind": "drop-in", "capacity": "", "title": "Tea", "ages": "8-14"}))
    with database.reading() as session:
        lines = list(export_sessions(session))
    (tmp_path / "out.csv").write_text("\n".join(lines))
    report = take_in(database, tmp_path / "out.csv")
    assert (report.loaded, report.bad, report.stored.added, report.stored.changed) == (2, [], 0, 0)
    assert [row["taken"] for row in csv.DictReader(StringIO("\n".join(lines)))] == ["0", "0"]


# iCalendar


def an_event(**lines: str) -> str:
    given = {"UID": "1", "SUMMARY": "Excel basics", "DTSTART": "20261202T140000Z", "DTEND": "20261202T150000Z", "LOCATION": "Pimlico Library"} | lines
    return "\n".join(["BEGIN:VEVENT", *(f"{key.replace('_', '-')}:{value}" for key, value in given.items() if value), "END:VEVENT"])


def a_feed(path: Path, *events: str) -> Path:
    text = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Somebody//EN", *events, "END:VCALENDAR"])
    path.write_bytes(text.replace("\n", "\r\n").encode())
    return path


LIBCAL = """BEGIN:VEVENT
DTSTART:20260715T170000Z
DTEND:20260715T183000Z
DTSTAMP:20260601T090000Z
SUMMARY:IT clinic: one-to-one help (ages 16+)
DESCRIPTION:<p>Bring your <b>phone</b>\\, tablet or laptop.</p>
ORGANIZER;CN="Digital team":MAILTO:digital@library.example
CATEGORIES:Digital,Help
LOCATION:Meeting Room 1\\, St. John's Wood Library
CLASS:PUBLIC
STATUS:CONFIRMED
UID:LibCal-12345-678901
URL:https://libcal.example/event/678901
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
END:VEVENT"""


def test_a_libcal_feed_is_taken_in(database: Database, tmp_path: Path, at: Callable[[str], object]):
    at("2026-07-01T10:00")
    assert take_in(database, a_feed(tmp_path / "libcal.ics", LIBCAL)).bad == []
    (row,) = rows(database)
    assert (row.uid, row.kind, row.library, row.room) == ("LibCal-12345-678901", "one-to-one", "st-johns-wood-library", "Meeting Room 1")
    assert (row.age_from, row.about, row.capacity) == (16, "Bring your phone , tablet or laptop.", None)
    assert in_london(row.starts_at).isoformat()[:16] == "2026-07-15T18:00"  # 17:00 UTC is six in summer


@pytest.mark.parametrize(
    "times",
    [
        {"DTSTART": "20261202T140000", "DTEND": "20261202T150000"},  # floating: London
        {"DTSTART;TZID=Europe/London": "20261202T140000", "DTSTART": "", "DTEND": "", "DURATION": "PT1H"},
    ],
)
def test_times_as_feeds_write_them(database: Database, tmp_path: Path, times: dict[str, str]):
    event = an_event(**{key.replace("-", "_"): value for key, value in times.items()})
    assert take_in(database, a_feed(tmp_path / "f.ics", event)).bad == []
    (row,) = rows(database)
    assert (in_london(row.starts_at).hour, (row.ends_at - row.starts_at).seconds) == (14, 3600)


def test_a_series_of_a_feed_with_an_exception_and_a_moved_date_keeps_its_bookings(database: Database, tmp_path: Path):
    series = an_event(RRULE="FREQ=WEEKLY;COUNT=4", EXDATE="20261216T140000Z", X_CAPACITY="3")
    take_in(database, a_feed(tmp_path / "f.ics", series))
    assert [in_london(row.starts_at).day for row in rows(database)] == [2, 9, 23]
    second = rows(database)[1].id
    book(database, second, "Ann")
    moved = an_event(RECURRENCE_ID="20261209T140000Z", DTSTART="20261210T160000Z", DTEND="20261210T170000Z", X_CAPACITY="3")
    assert take_in(database, a_feed(tmp_path / "f.ics", series, moved)).bad == []
    assert [(in_london(row.starts_at).day, row.state) for row in rows(database)] == [(2, "open"), (10, "open"), (23, "open")]
    assert (states(database), taken(database, second)) == ([("Ann", "booked")], [1])


def test_an_event_that_is_cancelled_in_the_feed_is_cancelled(database: Database, tmp_path: Path):
    take_in(database, a_feed(tmp_path / "f.ics", an_event(X_CAPACITY="3")))
    book(database, rows(database)[0].id, "Ann")
    take_in(database, a_feed(tmp_path / "f.ics", an_event(X_CAPACITY="3", STATUS="CANCELLED")))
    assert ([row.state for row in rows(database)], states(database)) == (["cancelled"], [("Ann", "cancelled")])


def test_bad_events_are_named_by_their_line(database: Database, tmp_path: Path):
    feed = a_feed(
        tmp_path / "f.ics", an_event(), an_event(UID="2", LOCATION="Online"), an_event(UID="3", DTSTART="", DTEND=""), an_event(UID="4", SUMMARY="")
    )
    report = take_in(database, feed)
    assert report.loaded == 1
    assert [bad.reason for bad in report.bad] == ['"Online" is not one of our libraries', "it has no time of day", "the session has no title"]
    lines = feed.read_text().splitlines()
    assert {lines[bad.line - 1] for bad in report.bad} == {"BEGIN:VEVENT"}


def test_nothing_of_a_bad_file_is_half_loaded(database: Database, tmp_path: Path):
    (tmp_path / "half.ics").write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n")
    with pytest.raises(UnreadableFileError):
        take_in(database, tmp_path / "half.ics")
    with database.reading() as session:
        assert session.scalars(select(SessionRow)).all() == session.scalars(select(BookingRow)).all() == []

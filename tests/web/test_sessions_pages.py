"""What's on, one session, and the calendar feeds."""

import json
import re
from typing import Any

import pytest
from icalendar import Calendar
from starlette.testclient import TestClient

from desk import bookings
from tests.desk.timetable import a_course, a_session, book
from tests.web.booking_forms import database, empty_the_timetable, words

MARKUP = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _empty(visitor: TestClient) -> None:
    empty_the_timetable()


def markup(page: str) -> list[dict[str, Any]]:
    """Return the events that a page tells to programs."""
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, flags=re.DOTALL)
    return list(json.loads(block)["@graph"])


def titles(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/sessions/\d+">(.*?)</a></h3>', page)


def test_sessions_are_listed_day_by_day_with_time_library_and_places(visitor: TestClient) -> None:
    a_session(database(), "2026-12-02T14:00", 2, title="Second")
    a_session(database(), "2026-12-01T12:00", None, kind="drop-in", title="First")
    page = visitor.get("/sessions").text
    assert titles(page) == ["First", "Second"]
    assert re.findall(r"<h2>(\w+ \d+ \w+)</h2>", page) == ["Tuesday 1 December", "Wednesday 2 December"]
    assert "midday to 1pm , Pimlico Library Drop-in. No booking needed." in words(page)
    assert "2pm to 3pm , Pimlico Library Class. 2 places left." in words(page)


def test_past_sessions_are_not_listed_and_cancelled_ones_say_why(visitor: TestClient) -> None:
    a_session(database(), "2026-11-25T09:00", title="Over")
    off = a_session(database(), title="Off")
    with database().writing() as session:
        bookings.cancel_session(session, off, "The tutor is ill.", who="staff:1")
    page = visitor.get("/sessions").text
    assert titles(page) == ["Off"]
    assert "This is not taking place. The tutor is ill." in words(page)
    assert markup(page)[0]["eventStatus"] == "https://schema.org/EventCancelled"


@pytest.mark.parametrize(
    ("choice", "shown"),
    [
        ({"library": "paddington-library"}, ["There"]),
        ({"kind": "class"}, ["Here", "There"]),
        ({"day": "2026-12-02"}, ["Here"]),
        ({"day": "saturdays"}, ["There"]),
        ({"day": "saturdays", "kind": "class", "library": "paddington-library"}, ["There"]),
        ({"library": "no-such-library", "kind": "dance", "day": "2026-02-31"}, ["Here", "There", "Chess"]),
        ({"day": "1999-01-01", "from": "nonsense"}, ["Here", "There", "Chess"]),
        ({"from": "2026-12-04"}, ["There", "Chess"]),
    ],
)
def test_a_visitor_chooses_library_day_and_kind(visitor: TestClient, choice: dict[str, str], shown: list[str]) -> None:
    a_session(database(), "2026-12-02T14:00", title="Here")
    a_session(database(), "2026-12-05T14:00", title="There", library="paddington-library")
    a_session(database(), "2026-12-07T14:00", None, title="Chess", kind="drop-in")
    assert titles(visitor.get("/sessions", params=choice).text) == shown


def test_what_was_chosen_stays_chosen(visitor: TestClient) -> None:
    page = visitor.get("/sessions", params={"library": "paddington-library", "kind": "class", "day": "saturdays"}).text
    assert re.findall(r'<option value="([^"]*)" selected>', page) == ["paddington-library", "saturdays", "class"]


def test_where_nothing_fits_the_nearest_is_shown(visitor: TestClient) -> None:
    a_session(database(), "2026-12-02T14:00", title="A Wednesday")
    page = visitor.get("/sessions", params={"day": "saturdays"}).text
    assert "There is nothing like that" in page
    assert titles(page) == ["A Wednesday"]
    assert "Wednesday 2 December, 2pm to 3pm" in page


def test_an_empty_timetable_names_a_person(visitor: TestClient) -> None:
    page = visitor.get("/sessions").text
    assert titles(page) == []
    assert "ring 020 7641 6200" in page


def test_a_long_list_goes_on_where_it_stopped_and_no_day_is_parted(visitor: TestClient) -> None:
    wanted = [f"{day} at {minute}" for day in range(1, 8) for minute in range(10, 20)]
    for each in wanted:
        day, _, minute = each.partition(" at ")
        a_session(database(), f"2026-12-0{day}T14:{minute}", title=each)
    seen, address, pages = [], "/sessions?kind=class", 0
    while address:
        page = visitor.get(address).text
        seen += titles(page)
        later = re.search(r'class="button" href="(/sessions\?[^"]*from=[^"]*)"', page)
        address, pages = later[1].replace("&amp;", "&") if later else "", pages + 1
    assert seen == wanted
    assert pages == 3


def test_a_session_late_in_the_evening_belongs_to_its_london_day(visitor: TestClient) -> None:
    a_session(database(), "2026-12-31T23:30", title="Late")
    page = visitor.get("/sessions", params={"day": "2026-12-31"}).text
    assert titles(page) == ["Late"]
    assert "Thursday 31 December" in page


def test_a_sample_session_says_so_to_people_and_to_programs(visitor: TestClient) -> None:
    one = a_session(database(), sample=True, about="Bring your phone.")
    for address in ("/sessions", f"/sessions/{one}"):
        page = visitor.get(address).text
        assert "These sessions are sample data" in page
        assert markup(page)[0]["description"] == "This is sample data. Bring your phone."


def test_a_real_session_does_not_say_so(visitor: TestClient) -> None:
    one = a_session(database())
    for address in ("/sessions", f"/sessions/{one}"):
        assert "These sessions are sample data" not in visitor.get(address).text


# One session


def test_the_page_of_a_session_tells_everything_there_is(visitor: TestClient) -> None:
    one = a_session(
        database(),
        room="Room 2",
        about="Bring your phone.",
        audience="Adults",
        age_from=16,
        languages=["English", "Arabic"],
        access=["step-free", "hearing-loop"],
        cost="Free",
    )
    page = words(visitor.get(f"/sessions/{one}").text)
    for fact in (
        "First steps with your smartphone",
        "When Wednesday 2 December, 2pm to 3pm",
        "Where Room 2, Pimlico Library, Lupus Street, London, SW1V 3EY",
        "Adults, age 16 and over",
        "English, Arabic",
        "step-free, hearing loop",
        "Cost Free",
        "2 places left",
        "Bring your phone.",
    ):
        assert fact in page


def test_schema_org_events_have_what_a_search_engine_needs(visitor: TestClient) -> None:
    one = a_session(database(), "2027-03-30T14:00", age_from=8, age_to=14, cost="Free", languages=["English"])
    [event] = markup(visitor.get(f"/sessions/{one}").text)
    assert event["@type"] == "Event"
    assert (event["startDate"], event["endDate"]) == ("2027-03-30T14:00:00+01:00", "2027-03-30T15:00:00+01:00")
    assert event["location"] == {
        "@type": "Place",
        "name": "Pimlico Library",
        "address": {"@type": "PostalAddress", "streetAddress": "Lupus Street, London", "postalCode": "SW1V 3EY", "addressCountry": "GB"},
    }
    assert event["url"] == f"http://testserver/sessions/{one}"
    assert (event["typicalAgeRange"], event["isAccessibleForFree"], event["remainingAttendeeCapacity"]) == ("8-14", True, 2)


def test_the_page_of_a_course_lists_its_dates_and_books_them_together(visitor: TestClient) -> None:
    ids = a_course(database(), "2026-12-02T14:00", "2026-12-09T14:00")
    page = visitor.get(f"/sessions/{ids[1]}").text
    assert "Wednesday 2 December, 2pm to 3pm" in page
    assert "Wednesday 9 December, 2pm to 3pm" in page
    assert "One booking is for every date" in page
    assert len(markup(page)) == 2


def test_a_session_that_cannot_be_booked_has_no_form_and_says_why(visitor: TestClient) -> None:
    drop_in = a_session(database(), capacity=None, kind="drop-in")
    over = a_session(database(), "2026-11-25T09:00")
    off = a_session(database(), "2026-12-03T14:00")
    with database().writing() as session:
        bookings.cancel_session(session, off, "The heating broke.", who="staff:1")
    reasons = {drop_in: "Just come along", over: "has begun", off: "The heating broke."}
    for one, reason in reasons.items():
        page = visitor.get(f"/sessions/{one}").text
        assert reason in page
        assert 'method="post"' not in page


def test_a_full_session_offers_its_waiting_list(visitor: TestClient) -> None:
    one = a_session(database(), capacity=1)
    book(database(), one, "Ann")
    page = visitor.get(f"/sessions/{one}").text
    assert "Put me on the waiting list" in page
    assert "Book this place" not in page


@pytest.mark.parametrize("address", ["/sessions/0", "/sessions/99999", "/sessions/99999999999999999999", "/sessions/abc", "/sessions/-1"])
def test_where_there_is_no_session_the_page_says_so(visitor: TestClient, address: str) -> None:
    response = visitor.get(address)
    assert response.status_code == 404
    assert "There is nothing at this address" in response.text


def test_markup_in_a_session_is_shown_as_text_and_ends_no_script(visitor: TestClient) -> None:
    one = a_session(database(), title=MARKUP, about=MARKUP, room=MARKUP, languages=[MARKUP], access=[MARKUP], audience=MARKUP, cost=MARKUP)
    for address in ("/sessions", f"/sessions/{one}"):
        page = visitor.get(address).text
        assert "<img" not in page
        assert page.count("<script") == page.count("</script>") == 1
        assert markup(page)[0]["name"] == MARKUP


# Calendar feeds


def feed(visitor: TestClient, address: str) -> list[Any]:
    response = visitor.get(address)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert response.headers["cache-control"] == "public, max-age=900"
    return list(Calendar.from_ical(response.text).walk("VEVENT"))


def test_a_feed_holds_the_sessions_of_a_library_or_of_all(visitor: TestClient) -> None:
    a_session(database(), "2026-12-02T14:00", title="Here")
    a_session(database(), "2026-12-05T14:00", title="There", library="paddington-library")
    assert [event["summary"] for event in feed(visitor, "/sessions.ics")] == ["Here", "There"]
    assert [event["summary"] for event in feed(visitor, "/sessions/paddington-library.ics")] == ["There"]


def test_a_feed_is_in_utc_and_names_nobody(visitor: TestClient) -> None:
    one = a_session(database(), "2026-12-02T14:00")
    book(database(), one, "Mary O'Brien-Khan")
    [event] = feed(visitor, "/sessions.ics")
    assert event["dtstart"].dt.isoformat() == "2026-12-02T14:00:00+00:00"
    assert event["uid"].endswith("@library.example")
    assert "O'Brien" not in visitor.get("/sessions.ics").text


def test_a_cancelled_session_stays_in_the_feed_as_such(visitor: TestClient) -> None:
    one = a_session(database())
    with database().writing() as session:
        bookings.cancel_session(session, one, "", who="staff:1")
    assert [event["status"] for event in feed(visitor, "/sessions.ics")] == ["CANCELLED"]


@pytest.mark.parametrize("address", ["/sessions/no-such-library.ics", "/sessions/..%2f.ics"])
def test_an_unknown_library_has_no_feed(visitor: TestClient, address: str) -> None:
    assert visitor.get(address).status_code == 404


def test_the_pages_are_linked_from_the_navigation_and_the_first_page(visitor: TestClient) -> None:
    page = visitor.get("/").text
    assert page.count('href="/sessions"') == 2
    assert page.count('href="/booking"') == 2

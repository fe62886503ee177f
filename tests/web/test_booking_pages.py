"""Booking without the chat: by forms, under the same rules."""

import re
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response
from icalendar import Calendar
from markupsafe import escape
from sqlalchemy import select
from starlette.testclient import TestClient

from desk import bookings, waiting_list
from desk.database import DatabaseBusyError
from desk.references import new_reference
from desk.retention import erase_people
from desk.settings import settings
from desk.tables import BookingRow, WaitingRow
from tests.desk.timetable import a_course, a_session, notices, somebody, states, taken
from tests.desk.timetable import book as book_elsewhere
from tests.web.booking_forms import MARY, book, database, empty_the_timetable, hidden, look_up, press, reference_on, send, words
from web import visitors

MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
NAMES = ["Mary O'Brien-Khan", "José Núñez", "محمد", "李小龍", "Ng", "April May", "Robert'); DROP TABLE bookings;--", "{{ 7 * 7 }} {name} %s", MARKUP]


@pytest.fixture(autouse=True)
def _empty(visitor: TestClient) -> None:
    empty_the_timetable()


def problems(response: Response) -> dict[str, str]:
    """Return the problems in the summary of a page, by the field that each leads to."""
    found = re.search(r'<div class="problem" role="alert".*?</div>', response.text, flags=re.DOTALL)
    items = re.findall(r"<li>(?:<a href=\"#(\w+)\">)?(.*?)(?:</a>)?</li>", found[0]) if found else []
    return {field or "page": words(problem) for field, problem in items}


def the_booking() -> BookingRow:
    with database().reading() as session:
        return session.scalars(select(BookingRow)).one()


# A place in a session


def test_a_place_is_booked_with_a_name_and_a_telephone_number(visitor: TestClient) -> None:
    one = a_session(database())
    response = book(visitor, one)
    assert (response.status_code, response.headers["location"]) == (303, "/booking?done=booked")
    page = words(visitor.get("/booking?done=booked").text)
    assert "It is booked." in page
    assert "First steps with your smartphone" in page
    assert "Wednesday 2 December, 2pm to 3pm" in page
    assert "Mary O'Brien-Khan" in page
    assert "07700 900123" in page
    row = the_booking()
    assert (row.attendee_name, row.phone, row.email, row.state) == ("Mary O'Brien-Khan", "+447700900123", "", "booked")
    assert taken(database(), one) == [1]
    assert [notice.kind for notice in notices(database())] == ["confirmation", "reminder"]


def test_somebody_with_neither_telephone_nor_email_can_book(visitor: TestClient) -> None:
    book(visitor, a_session(database()), name="Ann")
    page = visitor.get("/booking").text
    assert "Contact none" in words(page)
    assert "Please write your reference down" in visitor.get("/booking?done=booked").text
    assert "A confirmation goes" not in page


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_kept_exactly_and_shown_as_text(visitor: TestClient, name: str) -> None:
    book(visitor, a_session(database()), name=name, needs=name)
    row = the_booking()
    assert (row.attendee_name, row.needs) == (name, name)
    for address in ("/booking", "/booking/slip", "/booking/details", "/booking/cancel", "/booking/change"):
        page = visitor.get(address)
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert name in words(page.text) or address in ("/booking/change", "/booking/details")
    response = send(visitor, "/booking/details", "/booking/details", name=name, phone="12")
    assert "<script" not in response.text
    assert f'value="{escape(name)}"' in response.text


def test_the_consent_line_and_how_long_details_are_kept_stand_before_the_button(visitor: TestClient) -> None:
    page = visitor.get(f"/sessions/{a_session(database())}").text
    assert page.index("wipe them 90 days after the session") < page.index("Book this place")


def test_every_problem_stands_beside_its_field_and_on_top_and_nothing_typed_is_lost(visitor: TestClient) -> None:
    typed = {"name": " ", "phone": "07700 90012", "email": "mary.example.org", "age": "ten", "relation": "son", "needs": "my password is Tulip9!"}
    one = a_session(database())
    response = book(visitor, one, **typed)
    assert response.status_code == 422
    found = problems(response)
    assert list(found) == ["name", "age", "phone", "email", "agreed", "needs"]
    assert "one figure short" in found["phone"]
    for field, problem in found.items():
        assert words(re.findall(rf'<p class="error" id="{field}-problem">(.*?)</p>', response.text)[0]) == problem
        assert re.search(rf'id="{field}"[^>]*aria-describedby="[^"]*{field}-problem"[^>]*aria-invalid="true"', response.text)
    for field in ("phone", "email", "age", "relation"):
        assert f'name="{field}"' in response.text
        assert f'value="{typed[field]}"' in response.text
    assert "my password is Tulip9!</textarea>" in response.text
    assert "<title>There is a problem: " in response.text
    assert states(database()) == []
    assert taken(database(), one) == [0]


def test_a_form_that_is_sent_twice_books_once(visitor: TestClient) -> None:
    one = a_session(database())
    data = hidden(visitor.get(f"/sessions/{one}").text) | MARY
    for _ in range(2):
        assert visitor.post(f"/sessions/{one}/book", data=data, follow_redirects=False).headers["location"] == "/booking?done=booked"
    assert states(database()) == [("Mary O'Brien-Khan", "booked")]


def test_the_same_person_is_not_booked_twice_and_the_reference_is_not_told(visitor: TestClient) -> None:
    one = a_session(database())
    made = book_elsewhere(database(), one)
    response = book(visitor, one)
    assert response.status_code == 409
    assert "has a place in that session already" in problems(response)["page"]
    assert made.reference not in response.text
    assert visitor.get("/booking").text.count(made.reference) == 0


@pytest.mark.parametrize("form_id", ["offer 1", "1 Mary", ""])
def test_the_number_of_a_request_made_elsewhere_opens_nothing(visitor: TestClient, form_id: str) -> None:
    one = a_session(database())
    book_elsewhere(database(), one, "Ann Secret", request_id=form_id or "offer 1")
    book(visitor, one, name="Ben", form_id=form_id)
    assert "Ann Secret" not in visitor.get("/booking").text
    assert states(database()) == [("Ann Secret", "booked"), ("Ben", "booked")]


def test_a_slip_in_the_email_is_asked_about_and_either_answer_is_taken(visitor: TestClient) -> None:
    for title, answer, kept in (("One", "suggested", "mary@gmail.com"), ("Two", "typed", "mary@gmial.com")):
        empty_the_timetable()
        one = a_session(database(), title=title)
        asked = book(visitor, one, name="Mary", email="mary@gmial.com")
        assert asked.status_code == 422
        assert "Did you mean mary@gmail.com?" in problems(asked)["email"]
        data = hidden(asked.text) | {"name": "Mary", "email": "mary@gmial.com", "email_meant": answer}
        assert visitor.post(f"/sessions/{one}/book", data=data, follow_redirects=False).status_code == 303
        assert the_booking().email == kept


def test_an_answer_about_one_email_is_no_answer_about_another(visitor: TestClient) -> None:
    response = book(visitor, a_session(database()), name="Mary", email="mary@gmial.com", email_asked="ann@gmial.com", email_meant="typed")
    assert "Did you mean" in problems(response)["email"]


def test_a_child_needs_an_adult_with_a_contact_who_agrees(visitor: TestClient) -> None:
    club = a_session(database(), kind="coding-club", title="Coding club", age_from=8, age_to=14)
    assert list(problems(book(visitor, club, name="Zoë"))) == ["phone", "contact_name", "agreed"]
    assert list(problems(book(visitor, club, name="Zoë", age="15", phone="07700 900123"))) == ["age", "contact_name", "agreed"]
    book(visitor, club, name="Zoë", age="9", phone="07700 900123", contact_name="Ann Day", agreed="yes")
    row = the_booking()
    assert (row.attendee_name, row.age, row.contact_name) == ("Zoë", 9, "Ann Day")
    assert row.consent_at is not None


def test_a_daughter_books_for_her_mother_once_she_says_that_her_mother_agrees(visitor: TestClient) -> None:
    one = a_session(database())
    typed = {"name": "Rose", "phone": "020 7946 0123", "contact_name": "Ann", "relation": "daughter"}
    assert list(problems(book(visitor, one, **typed))) == ["agreed"]
    book(visitor, one, **typed, agreed="yes")
    assert (the_booking().relation, the_booking().contact_name) == ("daughter", "Ann")
    assert "Booked by Ann" in words(visitor.get("/booking").text)


@pytest.mark.parametrize("field", ["name", "contact_name", "relation", "needs"])
def test_what_is_too_long_to_keep_is_named(visitor: TestClient, field: str) -> None:
    response = book(visitor, a_session(database()), **{"name": "Ann", "agreed": "yes", field: "a" * 5000})
    assert "at most" in problems(response)[field]
    assert "a" * 5000 in response.text


def test_a_course_is_booked_as_a_whole(visitor: TestClient) -> None:
    ids = a_course(database(), "2026-12-02T14:00", "2026-12-09T14:00")
    book(visitor, ids[1])
    assert taken(database(), *ids) == [1, 1]
    assert "Wednesday 9 December, 2pm to 3pm" in visitor.get("/booking").text


def test_when_the_last_place_goes_meanwhile_the_waiting_list_is_offered_with_what_was_typed(visitor: TestClient) -> None:
    one = a_session(database(), capacity=1)
    form = hidden(visitor.get(f"/sessions/{one}").text)
    book_elsewhere(database(), one, "Ann")
    response = visitor.post(f"/sessions/{one}/book", data=form | MARY)
    assert response.status_code == 409
    assert "The last place has just gone." in problems(response)["page"]
    assert "Put me on the waiting list" in response.text
    assert 'value="Mary O&#39;Brien-Khan"' in response.text
    response = visitor.post(f"/sessions/{one}/book", data=hidden(response.text) | MARY | {"join": "waiting"}, follow_redirects=False)
    assert response.headers["location"] == "/booking?done=waiting"
    assert states(database(), WaitingRow) == [("Mary O'Brien-Khan", "waiting")]


def test_nobody_waits_for_what_can_be_had(visitor: TestClient) -> None:
    response = book(visitor, a_session(database()), **MARY, join="waiting")
    assert "A place is free" in problems(response)["page"]
    assert "Book this place" in response.text


@pytest.mark.parametrize(
    ("starts", "kind", "capacity", "reason"),
    [("2026-11-25T09:00", "class", 2, "has begun"), ("2026-12-02T14:00", "drop-in", None, "needs no booking")],
)
def test_what_cannot_be_booked_is_refused_with_the_reason(visitor: TestClient, starts: str, kind: str, capacity: int | None, reason: str) -> None:
    one, other = a_session(database(), starts, capacity, kind=kind), a_session(database(), "2026-12-20T14:00")
    response = send(visitor, f"/sessions/{other}", f"/sessions/{one}/book", **MARY)
    assert response.status_code == 409
    assert reason in problems(response)["page"]
    assert states(database()) == []


def test_there_is_no_booking_a_session_that_does_not_exist(visitor: TestClient) -> None:
    other = a_session(database())
    assert send(visitor, f"/sessions/{other}", "/sessions/99999/book", **MARY).status_code == 404


def _busy(*_: Any, **__: Any) -> None:
    raise DatabaseBusyError


def test_when_the_database_is_busy_nothing_typed_is_lost(visitor: TestClient) -> None:
    one = a_session(database())
    data = hidden(visitor.get(f"/sessions/{one}").text) | MARY
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bookings, "book", _busy)
        response = visitor.post(f"/sessions/{one}/book", data=data)
    assert response.status_code == 503
    assert "very busy" in problems(response)["page"]
    assert 'value="Mary O&#39;Brien-Khan"' in response.text
    assert visitor.post(f"/sessions/{one}/book", data=hidden(response.text) | MARY, follow_redirects=False).status_code == 303


# Who may do what


def test_a_form_that_another_site_made_does_nothing(visitor: TestClient) -> None:
    one = a_session(database())
    visitor.get(f"/sessions/{one}")
    for token in ("", "x" * 64, "ключ"):
        response = visitor.post(f"/sessions/{one}/book", data={**MARY, "token": token, "form_id": "1"})
        assert response.status_code == 403
        assert "Nothing was lost" in problems(response)["page"]
    assert states(database()) == []


def test_a_form_without_its_cookie_does_nothing(visitor: TestClient) -> None:
    one = a_session(database())
    data = hidden(visitor.get(f"/sessions/{one}").text) | MARY
    visitor.cookies.clear()
    assert visitor.post(f"/sessions/{one}/book", data=data).status_code == 403
    assert states(database()) == []


@pytest.mark.parametrize("address", ["/booking/cancel", "/booking/accept", "/booking/decline", "/booking/change", "/booking/details"])
def test_nothing_is_done_to_a_booking_by_a_form_of_another_site(visitor: TestClient, address: str) -> None:
    one, other = a_session(database()), a_session(database(), "2026-12-09T14:00")
    book(visitor, one)
    response = visitor.post(address, data={"name": "Mallory", "to": str(other), "token": "x"}, follow_redirects=False)
    assert response.status_code == 403
    assert states(database()) == [("Mary O'Brien-Khan", "booked")]
    assert taken(database(), one, other) == [1, 0]


@pytest.mark.parametrize("address", ["/booking/cancel", "/booking/change", "/booking/details", "/booking/slip", "/booking/calendar.ics"])
def test_without_a_look_up_no_page_of_a_booking_is_reached(visitor: TestClient, address: str) -> None:
    book_elsewhere(database(), a_session(database()))
    response = visitor.get(address, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/booking?closed=1")
    page = visitor.get(response.headers["location"]).text
    assert "Please look it up again" in page
    assert "O&#39;Brien" not in page


@pytest.mark.parametrize("cookie", ["booking 1 9999999999", "booking 1 9999999999 ", f"booking 1 9999999999 {'0' * 64}", "", " ", "é", "waiting 1"])
def test_a_key_that_was_made_up_opens_nothing(visitor: TestClient, cookie: str) -> None:
    book_elsewhere(database(), a_session(database()))
    page = visitor.get("/booking", headers={"cookie": f'desk_booking="{cookie}"'.encode()}).text
    assert "O&#39;Brien" not in page
    assert "Find my booking" in page


def test_a_key_to_one_booking_is_none_to_another(visitor: TestClient) -> None:
    one = a_session(database())
    book_elsewhere(database(), one, "Ann Secret")
    book(visitor, one)
    key = visitor.cookies["desk_booking"].strip('"')
    table, number, rest = key.split(" ", 2)
    other = f"{table} {int(number) - 1} {rest}"
    assert "Ann Secret" not in visitor.get("/booking", headers={"cookie": f'desk_booking="{other}"'}).text


def test_a_key_ends_after_half_an_hour(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    book(visitor, a_session(database()))
    later = visitors.now() + timedelta(minutes=31)
    monkeypatch.setattr(visitors, "now", lambda: later)
    assert "Find my booking" in visitor.get("/booking").text


def test_the_cookies_are_for_the_browser_alone_and_hold_nothing_personal(visitor: TestClient) -> None:
    one = a_session(database())
    first = visitor.get(f"/sessions/{one}").headers["set-cookie"]
    second = book(visitor, one).headers["set-cookie"]
    for cookie in (first, second):
        assert {"HttpOnly", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}
    assert "Path=/booking" in second
    assert re.search(r"Max-Age=1800", second)
    assert not re.search("Mary|Brien|7700|900123", second)


def test_no_address_holds_anything_personal(visitor: TestClient) -> None:
    one = a_session(database())
    sent = [book(visitor, one), press(visitor, "/booking", reference=the_booking().reference, who="Mary O'Brien-Khan")]
    assert [response.headers["location"] for response in sent] == ["/booking?done=booked", "/booking"]
    links = re.findall(r'(?:href|action)="([^"]*)"', visitor.get("/booking").text)
    assert not any(the_booking().reference[:4] in link or "Mary" in link or "7700" in link for link in links)


def test_the_page_of_a_booking_is_kept_by_no_cache(visitor: TestClient) -> None:
    book(visitor, a_session(database()))
    for address in ("/booking", "/booking/slip", "/booking/calendar.ics"):
        assert visitor.get(address).headers["cache-control"] == "no-store"


def test_a_booking_is_closed_for_the_next_person_at_the_computer(visitor: TestClient) -> None:
    book(visitor, a_session(database()))
    visitor.post("/booking/close")
    page = visitor.get("/booking").text
    assert "Find my booking" in page
    assert "O&#39;Brien" not in page


def test_once_details_are_erased_the_booking_cannot_be_seen(visitor: TestClient) -> None:
    book(visitor, a_session(database()))
    with database().writing() as session:
        erase_people(session, visitors.now() + timedelta(days=365))
    assert "Find my booking" in visitor.get("/booking").text


# Looking a booking up


@pytest.mark.parametrize("who", ["Mary O'Brien-Khan", "MARY O’BRIEN-KHAN", "07700 900123", "+44 7700 900123"])
def test_a_booking_is_found_by_reference_and_name_or_contact(visitor: TestClient, who: str) -> None:
    made = book_elsewhere(database(), a_session(database()))
    response = look_up(visitor, made.reference.lower().replace("-", " "), who)
    assert response.headers["location"] == "/booking"
    assert made.reference == reference_on(visitor.get("/booking").text)


def test_what_is_missing_is_said_and_no_try_is_lost(visitor: TestClient) -> None:
    made = book_elsewhere(database(), a_session(database()))
    for _ in range(4):
        assert list(problems(look_up(visitor, "", " "))) == ["reference", "who"]
    assert look_up(visitor, made.reference, "Mary O'Brien-Khan").status_code == 303


def test_after_three_wrong_look_ups_a_person_helps_even_where_the_fourth_is_right(visitor: TestClient) -> None:
    made = book_elsewhere(database(), a_session(database()))
    said = [problems(look_up(visitor, made.reference, "Somebody Else"))["page"] for _ in range(3)]
    assert ["2 more times" in said[0], "once more" in said[1], "a person had better look. Ring 020 7641 6200" in said[2]] == [True] * 3
    response = look_up(visitor, made.reference, "Mary O'Brien-Khan")
    assert response.status_code == 422
    assert "O&#39;Brien" not in response.text.split("<main")[1]
    assert "Staff can answer the telephone" in response.text


def test_a_slip_in_the_reference_is_pointed_out_and_what_was_typed_is_kept(visitor: TestClient) -> None:
    response = look_up(visitor, "7K4M-XC9", MARKUP)
    assert list(problems(response)) == ["page", "reference"]
    assert 'value="7K4M-XC9"' in response.text
    assert "<img" not in response.text


def test_a_wrong_name_and_an_unknown_reference_are_not_told_apart(visitor: TestClient) -> None:
    made = book_elsewhere(database(), a_session(database()))
    wrong_name = problems(look_up(visitor, made.reference, "Ann"))
    visitor.cookies.clear()
    assert problems(look_up(visitor, new_reference(), "Ann")) == wrong_name


# Cancelling and changing


def test_a_booking_is_cancelled_after_a_question(visitor: TestClient) -> None:
    one = a_session(database())
    book(visitor, one)
    assert "Do you want to cancel this booking?" in visitor.get("/booking/cancel").text
    assert states(database()) == [("Mary O'Brien-Khan", "booked")]
    for _ in range(2):
        press(visitor, "/booking/cancel")
    assert states(database()) == [("Mary O'Brien-Khan", "cancelled")]
    assert taken(database(), one) == [0]
    page = visitor.get("/booking").text
    assert "This booking is cancelled." in page
    assert "/booking/change" not in page
    assert visitor.get("/booking/slip", follow_redirects=False).headers["location"] == "/booking"


def test_a_form_of_a_cancelled_booking_does_not_say_that_it_is_booked(visitor: TestClient) -> None:
    one = a_session(database())
    form = hidden(visitor.get(f"/sessions/{one}").text) | MARY
    visitor.post(f"/sessions/{one}/book", data=form)
    press(visitor, "/booking/cancel")
    page = visitor.post(f"/sessions/{one}/book", data=form).text
    assert "It is booked" not in page
    assert "This booking is cancelled." in page


def test_a_booking_is_moved_to_another_session(visitor: TestClient) -> None:
    one, other = a_session(database()), a_session(database(), "2026-12-09T14:00")
    full = a_session(database(), "2026-12-10T14:00", 1)
    book_elsewhere(database(), full, "Ann")
    a_session(database(), "2026-12-11T14:00", None, kind="drop-in")
    a_course(database(), "2026-12-12T14:00", "2026-12-13T14:00")
    book(visitor, one)
    reference = reference_on(visitor.get("/booking").text)
    page = visitor.get("/booking/change").text
    assert re.findall(r'name="to" value="(\d+)"', page) == [str(other)]
    response = send(visitor, "/booking/change", "/booking/change", to=str(other))
    assert response.headers["location"] == "/booking?done=changed"
    page = words(visitor.get("/booking?done=changed").text)
    assert "Your booking is changed." in page
    assert "Wednesday 9 December" in page
    assert reference in page
    assert taken(database(), one, other) == [0, 1]


def test_other_sessions_are_chosen_by_library_and_day(visitor: TestClient) -> None:
    book(visitor, a_session(database()))
    there = a_session(database(), "2026-12-09T14:00", library="paddington-library")
    saturday = a_session(database(), "2026-12-12T14:00")
    for choice, shown in (({"library": "paddington-library"}, there), ({"day": "saturdays"}, saturday)):
        page = visitor.get("/booking/change", params=choice).text
        assert re.findall(r'name="to" value="(\d+)"', page) == [str(shown)]
    assert "found no other session" in visitor.get("/booking/change", params={"day": "sundays"}).text


@pytest.mark.parametrize(
    ("what", "status", "reason"),
    [
        ("full", 409, "The last place has just gone"),
        ("course", 409, "cannot be changed for a course"),
        ("none", 422, "Choose the session"),
        ("x", 422, "Choose"),
    ],
)
def test_where_a_booking_cannot_move_the_old_place_is_kept(visitor: TestClient, what: str, status: int, reason: str) -> None:
    one, full = a_session(database()), a_session(database(), "2026-12-10T14:00", 1)
    book_elsewhere(database(), full, "Ann")
    course = a_course(database(), "2026-12-12T14:00", "2026-12-13T14:00")[0]
    book(visitor, one)
    to = {"full": str(full), "course": str(course), "none": ""}.get(what, what)
    response = press(visitor, "/booking/change", to=to)
    assert response.status_code == status
    assert reason in " ".join(problems(response).values())
    assert taken(database(), one) == [1]


def test_name_contact_and_needs_are_put_right(visitor: TestClient) -> None:
    book(visitor, a_session(database()))
    page = visitor.get("/booking/details").text
    assert 'value="07700 900123"' in page
    response = send(visitor, "/booking/details", "/booking/details", name="Mary Khan", email="mary@example.org", needs="Large print")
    assert response.headers["location"] == "/booking?done=amended"
    row = the_booking()
    assert (row.attendee_name, row.phone, row.email, row.needs) == ("Mary Khan", "", "mary@example.org", "Large print")


def test_a_language_that_was_spoken_in_the_chat_is_kept(visitor: TestClient) -> None:
    one = a_session(database())
    with database().writing() as session:
        made = bookings.book(session, one, somebody(language="so"), request_id="1")
    look_up(visitor, made.reference, "Mary O'Brien-Khan")
    send(visitor, "/booking/details", "/booking/details", **MARY, needs="Large print")
    assert (the_booking().language, the_booking().needs) == ("so", "Large print")


def test_a_mistake_in_the_new_details_changes_nothing_and_loses_nothing(visitor: TestClient) -> None:
    book(visitor, a_session(database()))
    response = send(visitor, "/booking/details", "/booking/details", name="", phone="12", needs="Large print")
    assert (response.status_code, list(problems(response))) == (422, ["name", "phone"])
    assert "Large print</textarea>" in response.text
    assert the_booking().attendee_name == "Mary O'Brien-Khan"


# The waiting list


def _wait(visitor: TestClient) -> tuple[int, Any]:
    """A session with one place, which Ann has; Mary waits. Return the session and Ann's booking."""
    one = a_session(database(), capacity=1)
    ann = book_elsewhere(database(), one, "Ann")
    book(visitor, one, **MARY, join="waiting")
    return one, ann


def test_a_place_on_the_waiting_list_is_seen_and_given_up(visitor: TestClient) -> None:
    _wait(visitor)
    page = visitor.get("/booking?done=waiting").text
    assert "You are on the waiting list, and you are next." in page
    assert "You are on the waiting list" in visitor.get("/booking/slip").text
    assert "Do you want to leave the waiting list?" in visitor.get("/booking/cancel").text
    press(visitor, "/booking/cancel")
    assert states(database(), WaitingRow) == [("Mary O'Brien-Khan", "left")]
    assert "You are no longer on the waiting list." in visitor.get("/booking").text


def test_how_many_are_before_is_told(visitor: TestClient) -> None:
    one = a_session(database(), capacity=1)
    book_elsewhere(database(), one, "Ann")
    with database().writing() as session:
        waiting_list.join_waiting_list(session, one, somebody("Ben"), request_id="1")
    book(visitor, one, **MARY, join="waiting")
    assert "People before you: 1." in visitor.get("/booking").text


def test_an_offered_place_is_taken(visitor: TestClient) -> None:
    one, ann = _wait(visitor)
    with database().writing() as session:
        bookings.cancel(session, ann.row.id)
    page = visitor.get("/booking").text
    assert re.search(r"Please answer before (Wednesday 25|Thursday 26) November, ", page)
    for _ in range(2):
        assert press(visitor, "/booking/accept").status_code == 303
    page = visitor.get("/booking").text
    assert "You have a place." in page
    assert states(database()) == [("Ann", "cancelled"), ("Mary O'Brien-Khan", "booked")]
    assert taken(database(), one) == [1]


def test_the_reference_of_the_waiting_list_opens_the_booking_that_came_of_it(visitor: TestClient) -> None:
    _, ann = _wait(visitor)
    waiting_reference = reference_on(visitor.get("/booking").text)
    with database().writing() as session:
        bookings.cancel(session, ann.row.id)
    press(visitor, "/booking/accept")
    visitor.cookies.clear()
    look_up(visitor, waiting_reference, "07700 900123")
    assert "You have a place." in visitor.get("/booking").text


def test_an_offered_place_is_left_to_the_next(visitor: TestClient) -> None:
    _, ann = _wait(visitor)
    with database().writing() as session:
        bookings.cancel(session, ann.row.id)
    press(visitor, "/booking/decline")
    assert states(database(), WaitingRow) == [("Mary O'Brien-Khan", "declined")]
    response = press(visitor, "/booking/accept")
    assert "offer is over" in problems(response)["page"]


# To take away


def test_the_slip_says_what_where_when_who_and_the_reference_and_no_contact(visitor: TestClient) -> None:
    book(visitor, a_session(database(), room="Room 2", cost="Free"))
    page = words(visitor.get("/booking/slip").text)
    for fact in (
        "First steps with your smartphone",
        "Wednesday 2 December, 2pm to 3pm",
        "Room 2, Pimlico Library",
        "Mary O'Brien-Khan",
        "020 7641 6200",
    ):
        assert fact in page
    assert "7700" not in page
    assert reference_on(visitor.get("/booking").text) in page


def test_the_calendar_file_keeps_its_uid_and_ends_with_a_cancellation(visitor: TestClient) -> None:
    book(visitor, a_session(database()))
    response = visitor.get("/booking/calendar.ics")
    assert response.headers["content-disposition"] == 'attachment; filename="library-session.ics"'
    assert "Brien" not in response.text
    first = Calendar.from_ical(response.text)
    press(visitor, "/booking/cancel")
    last = Calendar.from_ical(visitor.get("/booking/calendar.ics").text)
    assert (first["method"], last["method"]) == ("PUBLISH", "CANCEL")
    assert first.walk("VEVENT")[0]["uid"] == last.walk("VEVENT")[0]["uid"]
    assert last.walk("VEVENT")[0]["sequence"] > first.walk("VEVENT")[0]["sequence"]


@pytest.mark.parametrize("address", ["/booking", "/sessions"])
def test_every_page_has_a_language_one_heading_and_a_person_to_ring(visitor: TestClient, address: str) -> None:
    page = visitor.get(address).text
    assert '<html lang="en-GB">' in page
    assert len(re.findall(r"<h1\b", page)) == 1
    assert "ing 020 7641 6200" in page
    assert not re.search(r"<style\b|\bstyle=|\bon\w+=", page)


def test_only_what_is_really_sent_is_promised(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    _wait(visitor)
    assert "to hear whether a place has become free" in visitor.get("/booking").text
    monkeypatch.setattr(settings(), "text_sender", "notify")
    assert "If a place becomes free, we tell you" in visitor.get("/booking").text
    book(visitor, a_session(database(), "2026-12-09T14:00"))
    assert "A confirmation goes to 07700 900123." in visitor.get("/booking").text

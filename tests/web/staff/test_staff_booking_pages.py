"""Staff book, change and cancel for somebody who is on the telephone, at the desk or in a chat."""

from collections.abc import Callable

import pytest
from httpx import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from desk import bookings, waiting_list
from desk.clock import now
from desk.references import shown
from desk.staff_tables import HandoverRow
from desk.tables import AuditRow, Base, BookingRow, ConversationRow, WaitingRow
from tests.desk.timetable import a_session, book, notices, somebody, states, taken
from tests.web.booking_forms import database, hidden, words
from tests.web.staff.conftest import SignedInAs, token_of

At = Callable[[str], object]
MARKUP = '"><img src=x onerror=alert(1)>'
MARY = {"name": "Mary O'Brien-Khan", "phone": "07700 900123", "told": "yes", "form_id": "f1"}
_KEPT = ("libraries", "staff", "sign_ins", "desk_settings")


@pytest.fixture(autouse=True)
def _empty(desk_client: TestClient, at: At) -> None:
    at("2026-11-25T10:00")
    with database().writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in _KEPT:
                session.execute(table.delete())


@pytest.fixture
def staff(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as("staff")


def press(client: TestClient, address: str, /, **typed: object) -> Response:
    return client.post(address, data={"token": token_of(client), **typed}, follow_redirects=False)


def audited() -> list[tuple[str, str, str]]:
    """Return what staff did, in order: what, to what, by whom (a resident, the desk, or staff)."""
    with database().reading() as session:
        return [(row.what, row.subject, row.who.split(":")[0]) for row in session.scalars(select(AuditRow).order_by(AuditRow.id))]


def a_chat(conversation_id: str = "c1", language: str = "pl") -> str:
    """Store a chat in which somebody left their name for a person to ring."""
    with database().writing() as session:
        for_ever = now().replace(year=2030)
        chat = ConversationRow(
            id=conversation_id, token_hash="", rasa_sender=conversation_id, owner="bot", language=language, started_at=now(), expires_at=for_ever
        )
        session.add(chat)
        session.flush()
        left = {"name": "Jan Nowak", "phone": "+447700900555", "way": "phone"}
        session.add(HandoverRow(conversation_id=chat.id, kind="message", reason="asked", summary={}, opened_at=now(), **left))
    return conversation_id


def waits(session_id: int, name: str = "Ben") -> int:
    with database().writing() as session:
        return waiting_list.join_waiting_list(session, session_id, somebody(name, "+447700900222"), request_id=f"w {name}").row.id


def test_a_place_is_booked_for_somebody_who_rings(staff: TestClient) -> None:
    one = a_session(database())
    answer = press(staff, f"/staff/sessions/{one}/book", **MARY)
    assert answer.status_code == 303
    page = words(staff.get(answer.headers["location"]).text)
    assert "It is booked. Tell the person their reference." in page
    assert "07700 900123" in page
    assert press(staff, f"/staff/sessions/{one}/book", **MARY).headers["location"] == answer.headers["location"]  # sent twice
    assert taken(database(), one) == [1]
    assert ("book", "booking", "staff") in audited()
    assert ("looked at", "booking", "staff") in audited()
    assert "Booked through staff" in words(staff.get(f"/staff/sessions/{one}").text)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"phone": "0770"}, "phone"),
        ({"email": "mary"}, "email"),
        ({"told": ""}, "told"),
        ({"contact_name": "Tom"}, "agreed"),
        ({"age": "9"}, "contact_name"),
        ({"needs": "My card is 4111 1111 1111 1111"}, "needs"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_no_word_is_lost(staff: TestClient, typed: dict[str, str], wrong: str) -> None:
    one = a_session(database())
    answer = press(staff, f"/staff/sessions/{one}/book", **MARY | {"relation": "neighbour"} | typed)
    assert answer.status_code == 422
    assert f'<a href="#{wrong}">' in answer.text
    assert f'id="{wrong}-problem"' in answer.text
    assert 'value="neighbour"' in answer.text
    assert states(database()) == []


def test_a_booking_for_a_chat_belongs_to_it_and_speaks_its_language(staff: TestClient) -> None:
    one, chat = a_session(database()), a_chat()
    page = staff.get(f"/staff/sessions/{one}/book?conversation={chat}").text
    assert 'value="Jan Nowak"' in page
    assert 'value="07700 900555"' in page
    press(staff, f"/staff/sessions/{one}/book", **hidden(page) | {"name": "Jan Nowak", "phone": "07700 900555", "told": "yes"})
    with database().reading() as session:
        row = session.scalars(select(BookingRow)).one()
    assert (row.conversation_id, row.language) == (chat, "pl")


def test_from_a_chat_a_session_is_chosen_and_what_was_booked_is_found(staff: TestClient) -> None:
    one, chat = a_session(database()), a_chat()
    page = staff.get("/staff/sessions", params={"week": "2026-12-02", "conversation": chat}).text
    assert f'href="/staff/sessions/{one}/book?conversation={chat}"' in page
    assert "Book</a>" not in staff.get("/staff/sessions?week=2026-12-02").text
    made = book(database(), one, "Jan", conversation_id=chat)
    assert made.reference in staff.get(f"/staff/bookings?conversation={chat}").text
    assert "Nothing that is still to come." in staff.get("/staff/bookings", params={"conversation": MARKUP}).text
    assert ("looked at", "booking", "staff") in audited()


def test_a_chat_that_is_not_there_is_passed_over(staff: TestClient) -> None:
    one = a_session(database())
    assert staff.get(f"/staff/sessions/{one}/book", params={"conversation": MARKUP}).status_code == 200
    assert press(staff, f"/staff/sessions/{one}/book", **MARY, conversation="x" * 500).status_code == 303


def test_a_full_session_has_a_waiting_list(staff: TestClient) -> None:
    one = a_session(database(), capacity=1)
    book(database(), one, "Ann")
    refused = press(staff, f"/staff/sessions/{one}/book", **MARY)
    assert refused.status_code == 409
    assert "Put them on the waiting list" in refused.text
    answer = press(staff, f"/staff/sessions/{one}/book", **MARY, join="waiting")
    assert "They are next." in words(staff.get(answer.headers["location"]).text)
    assert states(database(), WaitingRow) == [("Mary O'Brien-Khan", "waiting")]


def test_a_booking_is_found_by_its_reference_as_it_is_said(staff: TestClient) -> None:
    made = book(database(), a_session(database(), capacity=1))
    waiting = waits(made.row.session_id)
    for typed in (made.reference, made.reference.lower().replace("-", " "), f"it is {made.reference} I think"):
        answer = staff.get("/staff/bookings", params={"reference": typed}, follow_redirects=False)
        assert answer.headers["location"] == f"/staff/bookings/{made.row.id}"
    with database().reading() as session:
        reference = shown(session.get_one(WaitingRow, waiting).reference)
    assert staff.get("/staff/bookings", params={"reference": reference}, follow_redirects=False).headers["location"] == f"/staff/waiting/{waiting}"
    assert staff.get("/staff/bookings", params={"reference": "3333-3333"}).status_code == 422
    assert "slip in this reference" in staff.get("/staff/bookings?reference=hello").text


def test_a_booking_is_cancelled_with_a_reason(staff: TestClient) -> None:
    made = book(database(), a_session(database()))
    assert "Cancel this booking?" in staff.get(f"/staff/bookings/{made.row.id}/cancel").text
    answer = press(staff, f"/staff/bookings/{made.row.id}/cancel", reason="They asked us to.")
    assert "The booking is cancelled." in words(staff.get(answer.headers["location"]).text)
    assert states(database()) == [("Mary O'Brien-Khan", "cancelled")]
    assert notices(database(), kind="cancellation")[0].details["reason"] == "They asked us to."
    assert ("cancel", "booking", "staff") in audited()


def test_a_booking_is_moved_to_a_session_with_a_place(staff: TestClient) -> None:
    made, other, full = (
        book(database(), a_session(database())),
        a_session(database(), "2026-12-03T14:00"),
        a_session(database(), "2026-12-04T14:00", 1),
    )
    book(database(), full, "Ann")
    page = staff.get(f"/staff/bookings/{made.row.id}/change").text
    assert f'value="{other}"' in page
    assert f'value="{full}"' not in page
    address = f"/staff/bookings/{made.row.id}/change"
    assert press(staff, address, to="").status_code == 422
    refused = press(staff, address, to=str(full))
    assert refused.status_code == 409
    assert "Every place is taken." in words(refused.text)
    assert press(staff, address, to=str(other)).status_code == 303
    assert taken(database(), made.row.session_id, other) == [0, 1]


def test_details_are_put_right_and_the_audit_keeps_none_of_them(staff: TestClient) -> None:
    made = book(database(), a_session(database()), "Mary Kahn")
    address = f"/staff/bookings/{made.row.id}/details"
    assert 'value="Mary Kahn"' in staff.get(address).text
    assert press(staff, address, name="", phone="07700 900123").status_code == 422
    assert press(staff, address, name="Mary Khan", phone="07700 900123", needs="Large print").status_code == 303
    with database().reading() as session:
        assert session.get_one(BookingRow, made.row.id).needs == "Large print"
        noted = session.scalars(select(AuditRow).filter_by(what="amend")).one()
    assert noted.new == {"attendee_name": "(not kept)", "needs": "(not kept)"}


def test_an_offer_is_answered_for_somebody_on_the_telephone(staff: TestClient) -> None:
    one = a_session(database(), capacity=2)
    first, second = book(database(), one, "Ann"), book(database(), one, "Eve")
    ben, cat = waits(one, "Ben"), waits(one, "Cat")
    with database().writing() as session:
        bookings.cancel(session, first.row.id)
        bookings.cancel(session, second.row.id)
    assert "A place is offered to them until" in words(staff.get(f"/staff/waiting/{ben}").text)
    taken_up = press(staff, f"/staff/waiting/{ben}/accept")
    assert "The place they were offered is booked." in words(staff.get(taken_up.headers["location"]).text)
    press(staff, f"/staff/waiting/{cat}/decline")
    assert states(database(), WaitingRow) == [("Ben", "accepted"), ("Cat", "declined")]
    again = press(staff, f"/staff/waiting/{cat}/decline")
    assert "That offer is over" in words(staff.get(again.headers["location"]).text)
    dan = waits_in_full(one)
    press(staff, f"/staff/waiting/{dan}/leave")
    assert states(database(), WaitingRow)[-1] == ("Dan", "left")


def waits_in_full(session_id: int) -> int:
    book(database(), session_id, "Fay")
    return waits(session_id, "Dan")


def test_what_is_over_can_be_seen_and_not_changed(staff: TestClient, at: At) -> None:
    made = book(database(), a_session(database(), "2026-11-25T10:30"))
    at("2026-11-25T10:31")
    assert "can no longer be changed" in words(staff.get(f"/staff/bookings/{made.row.id}").text)
    for verb, typed in (("cancel", {}), ("change", {"to": str(a_session(database()))}), ("details", {"name": "Mary"})):
        answer = press(staff, f"/staff/bookings/{made.row.id}/{verb}", **typed)
        assert answer.status_code == 409 or "refused=not_booked" in answer.headers["location"]
    assert states(database()) == [("Mary O'Brien-Khan", "booked")]


def test_what_people_typed_is_shown_as_text(staff: TestClient) -> None:
    one = a_session(database(), capacity=1, title=MARKUP)
    party = somebody(MARKUP, contact_name=MARKUP, relation=MARKUP, consent=True, needs=MARKUP)
    with database().writing() as session:
        made = bookings.book(session, one, party, request_id="r").row.id
        waiting = waiting_list.join_waiting_list(session, one, somebody(f"{MARKUP}2", needs=MARKUP), request_id="w").row.id
    for page in (f"bookings/{made}", f"bookings/{made}/cancel", f"bookings/{made}/change", f"bookings/{made}/details", f"waiting/{waiting}"):
        assert "<img" not in staff.get(f"/staff/{page}").text, page
    assert "<img" not in press(staff, f"/staff/sessions/{one}/book", name=MARKUP, needs=MARKUP, phone=MARKUP, conversation=MARKUP).text


GUARDED = (
    "/staff/sessions/{one}/book",
    "/staff/bookings/{made}/cancel",
    "/staff/bookings/{made}/change",
    "/staff/bookings/{made}/details",
    "/staff/waiting/{waiting}/accept",
    "/staff/waiting/{waiting}/decline",
    "/staff/waiting/{waiting}/leave",
)


def test_nobody_but_staff_changes_a_booking(signed_in_as: SignedInAs, desk_client: TestClient) -> None:
    one = a_session(database(), capacity=1)
    made = book(database(), one).row.id
    addresses = [each.format(one=one, made=made, waiting=waits(one)) for each in GUARDED]
    helper, staff = signed_in_as("volunteer-helper"), signed_in_as("staff")
    for address in addresses:
        assert press(helper, address, **MARY).status_code == 403, address
        assert staff.post(address, data=MARY).status_code == 403, address
        assert desk_client.post(address, data=MARY, follow_redirects=False).status_code == 401, address
    for address in ("/staff/bookings", f"/staff/bookings/{made}", f"/staff/bookings/{made}/details", f"/staff/sessions/{one}/book"):
        assert helper.get(address).status_code == 403, address
        assert desk_client.get(address, follow_redirects=False).status_code == 303, address
    assert states(database()) == [("Mary O'Brien-Khan", "booked")]
    assert states(database(), WaitingRow) == [("Ben", "waiting")]


@pytest.mark.parametrize("address", ["/staff/bookings/999", "/staff/bookings/99999999999/cancel", "/staff/waiting/999", "/staff/sessions/999/book"])
def test_what_is_not_there_is_a_page_that_says_so(signed_in_as: SignedInAs, address: str) -> None:
    assert signed_in_as("staff").get(address).status_code == 404

"""The timetable and the roster of a session, as staff and helpers see them."""

import re
from collections.abc import Callable

import pytest
from httpx import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from desk import bookings, waiting_list
from desk.tables import AuditRow, Base, BookingRow, SeriesRow, SessionRow
from tests.desk.timetable import a_course, a_session, book, notices, somebody, states, taken
from tests.web.booking_forms import database, words
from tests.web.staff.conftest import SignedInAs, token_of

At = Callable[[str], object]
NOW = "2026-11-25T10:00"
MARKUP = '<img src=x onerror="alert(1)">'
_KEPT = ("libraries", "staff", "sign_ins", "desk_settings")


@pytest.fixture(autouse=True)
def _empty(desk_client: TestClient, at: At) -> None:
    at(NOW)
    with database().writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in _KEPT:
                session.execute(table.delete())


@pytest.fixture
def staff(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as("staff")


@pytest.fixture
def helper(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as("volunteer-helper")


def press(client: TestClient, address: str, /, headers: dict[str, str] | None = None, **typed: object) -> Response:
    """Send a form, as a browser without JavaScript does; where it leads is not followed."""
    return client.post(address, data={"token": token_of(client), **typed}, headers=headers or {}, follow_redirects=False)


def audited(what: str) -> list[AuditRow]:
    with database().reading() as session:
        return list(session.scalars(select(AuditRow).filter_by(what=what).order_by(AuditRow.id)))


def rows() -> list[SessionRow]:
    with database().reading() as session:
        return list(session.scalars(select(SessionRow).order_by(SessionRow.starts_at)))


# The timetable


def titles(page: str) -> list[str]:
    return re.findall(r'<a href="/staff/sessions/\d+">(.*?)</a>', page)


def test_the_week_is_listed_day_by_day_with_places_and_state(helper: TestClient) -> None:
    full = a_session(database(), "2026-11-26T14:00", 1, title="Second")
    a_session(database(), "2026-11-25T12:00", None, kind="drop-in", title="First")
    a_session(database(), "2026-12-02T12:00", title="Next week")
    book(database(), full, "Ann")
    with database().writing() as session:
        waiting_list.join_waiting_list(session, full, somebody("Ben"), request_id="w")
    page = helper.get("/staff/sessions").text
    assert titles(page) == ["First", "Second"]
    assert "1 of 1 taken full 1 waiting" in words(page)
    assert titles(helper.get("/staff/sessions?week=2026-12-03").text) == ["Next week"]
    assert "New session" not in page
    assert "Ann" not in page


def test_the_timetable_is_narrowed_to_a_library_and_a_kind(staff: TestClient) -> None:
    a_session(database(), "2026-11-26T14:00", title="Here")
    a_session(database(), "2026-11-26T14:00", title="There", library="paddington-library")
    a_session(database(), "2026-11-26T14:00", None, title="Drop-in there", kind="drop-in", library="paddington-library")
    assert titles(staff.get("/staff/sessions?library=paddington-library").text) == ["There", "Drop-in there"]
    assert titles(staff.get("/staff/sessions?library=paddington-library&kind=drop-in").text) == ["Drop-in there"]
    assert titles(staff.get("/staff/sessions?library=nowhere&week=never").text) == ["Here", "There", "Drop-in there"]


# The roster


def test_helpers_see_names_and_needs_and_nothing_else_of_people(helper: TestClient, staff: TestClient) -> None:
    one = a_session(database())
    with database().writing() as session:
        party = somebody(
            "Mary Khan", email="mary@example.org", needs="Hearing loop", contact_name="Tom Carer", relation="carer", consent=True, age=44
        )
        reference = bookings.book(session, one, party, request_id="r").reference
    for address in (f"/staff/sessions/{one}", f"/staff/sessions/{one}/sheet"):
        page = words(helper.get(address).text)
        assert "Mary Khan" in page
        assert "Hearing loop" in page
        for kept_back in ("07700", "900123", "mary@example.org", "Tom Carer", "carer", "44", reference):
            assert kept_back not in page, kept_back
    page = words(staff.get(f"/staff/sessions/{one}").text)
    for shown in ("07700 900123", "mary@example.org", "Tom Carer", "Age 44", reference, "through the chat"):
        assert shown in page
    assert [row.subject_id for row in audited("looked at")] == [one] * 3


def test_what_people_typed_is_shown_as_text(staff: TestClient, helper: TestClient) -> None:
    one = a_session(database(), "2026-11-25T10:15", title=MARKUP, capacity=3, room=MARKUP)
    book(database(), one, MARKUP)
    press(helper, f"/staff/sessions/{one}/walk-ins", name=MARKUP, form_id="1")
    pages = ["", "/sheet", "/cancel", "/move", "?done=" + MARKUP]
    for page in [f"/staff/sessions/{one}{each}" for each in pages] + ["/staff/sessions", "/staff/bookings?reference=" + MARKUP]:
        text = staff.get(page).text
        assert "<img src=x" not in text, page


def test_who_came_is_one_press_and_taken_back_by_another(helper: TestClient, at: At) -> None:
    one = a_session(database(), "2026-11-25T10:30")
    made = book(database(), one)
    answer = press(helper, f"/staff/bookings/{made.row.id}/attendance", state="attended", at=one)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/staff/sessions/{one}#booking-{made.row.id}")
    assert states(database()) == [("Mary O'Brien-Khan", "attended")]
    press(helper, f"/staff/bookings/{made.row.id}/attendance", state="missed", at=one)
    assert states(database()) == [("Mary O'Brien-Khan", "missed")]
    assert "Did not come" in words(helper.get(f"/staff/sessions/{one}").text)
    press(helper, f"/staff/bookings/{made.row.id}/attendance", state="booked", at=one)
    assert states(database()) == [("Mary O'Brien-Khan", "booked")]
    assert [(row.old["state"], row.new["state"]) for row in audited("mark_attendance")] == [
        ("booked", "attended"),
        ("attended", "missed"),
        ("missed", "booked"),
    ]
    assert {row.who for row in audited("mark_attendance")} != {"resident"}


def test_with_javascript_one_entry_is_swapped_in_place(helper: TestClient) -> None:
    one = a_session(database(), "2026-11-25T10:30")
    made = book(database(), one)
    answer = press(helper, f"/staff/bookings/{made.row.id}/attendance", {"HX-Request": "true"}, state="attended", at=one)
    assert answer.text.strip().startswith(f'<li class="roster-entry" id="booking-{made.row.id}">')
    assert "<html" not in answer.text
    assert "1 of 1 came" in words(answer.text)


def test_nobody_has_come_an_hour_before(helper: TestClient) -> None:
    one = a_session(database(), "2026-11-25T11:00")
    made = book(database(), one)
    page = helper.get(f"/staff/sessions/{one}").text
    assert "/attendance" not in page
    assert "/walk-ins" not in page
    answer = press(helper, f"/staff/bookings/{made.row.id}/attendance", state="attended", at=one)
    assert answer.headers["location"].endswith("refused=not_booked")
    assert "This was not done" in words(helper.get(answer.headers["location"]).text)
    in_place = press(helper, f"/staff/bookings/{made.row.id}/attendance", {"HX-Request": "true"}, state="attended", at=one)
    assert in_place.headers["HX-Redirect"] == answer.headers["location"]
    assert press(helper, f"/staff/sessions/{one}/walk-ins").status_code == 409
    assert states(database()) == [("Mary O'Brien-Khan", "booked")]


def test_a_walk_in_takes_a_place_and_can_be_taken_back(helper: TestClient) -> None:
    one = a_session(database(), "2026-11-25T10:15", 1)
    assert press(helper, f"/staff/sessions/{one}/walk-ins", name="", form_id="f").status_code == 303
    assert press(helper, f"/staff/sessions/{one}/walk-ins", name="", form_id="f").status_code == 303  # sent twice
    assert taken(database(), one) == [1]
    assert "Walk-in without a name" in words(helper.get(f"/staff/sessions/{one}").text)
    with database().reading() as session:
        walked_in = session.scalars(select(BookingRow.id)).one()
    answer = press(helper, f"/staff/bookings/{walked_in}/not-here", {"HX-Request": "true"}, at=one)
    assert "<li" not in answer.text
    assert taken(database(), one) == [0]


def test_a_full_room_takes_one_more_only_where_staff_add_a_place(helper: TestClient, staff: TestClient) -> None:
    one = a_session(database(), "2026-11-25T10:15", 1)
    book(database(), one)
    answer = press(helper, f"/staff/sessions/{one}/walk-ins", name="Ben", form_id="f")
    assert answer.status_code == 409
    assert "Every place is taken" in words(answer.text)
    assert "Add one place" not in answer.text
    assert "Add one place" in staff.get(f"/staff/sessions/{one}").text
    press(staff, f"/staff/sessions/{one}/capacity", capacity="2")
    press(helper, f"/staff/sessions/{one}/walk-ins", name="Ben", form_id="f")
    assert taken(database(), one) == [2]


def test_the_sheet_has_boxes_and_no_contacts(staff: TestClient) -> None:
    one = a_session(database())
    book(database(), one)
    page = staff.get(f"/staff/sessions/{one}/sheet").text
    assert page.count('class="sheet-box"') == 5
    assert "900123" not in page


def test_the_spreadsheet_is_for_staff_and_holds_no_formula(staff: TestClient, helper: TestClient) -> None:
    one = a_session(database())
    book(database(), one, "=HYPERLINK()")
    answer = staff.get(f"/staff/sessions/{one}/roster.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "'=HYPERLINK()" in answer.text
    assert "07700 900123" in answer.text
    assert helper.get(f"/staff/sessions/{one}/roster.csv").status_code == 403
    assert [(row.subject, row.subject_id) for row in audited("exported")] == [("session", one)]


# Dates that change


def test_a_cancelled_date_tells_everybody_and_says_who_needs_a_call(staff: TestClient) -> None:
    one = a_session(database(), capacity=2)
    book(database(), one, "Ann")
    with database().writing() as session:
        bookings.book(session, one, somebody("Ben", phone="+442079460000"), request_id="b")
        waiting_list.join_waiting_list(session, one, somebody("Cat", phone="", email="cat@example.org"), request_id="c")
    assert "needs a call" in words(staff.get(f"/staff/sessions/{one}/cancel").text)
    assert press(staff, f"/staff/sessions/{one}/cancel", reason=" ").status_code == 422
    assert press(staff, f"/staff/sessions/{one}/cancel", reason="The tutor is ill.").status_code == 303
    assert states(database()) == [("Ann", "cancelled"), ("Ben", "cancelled")]
    assert {(each.channel, each.details["reason"]) for each in notices(database(), kind="cancellation")} == {
        ("text", "The tutor is ill."),
        ("call", "The tutor is ill."),
        ("email", "The tutor is ill."),
    }
    page = words(staff.get(f"/staff/sessions/{one}").text)
    assert "Cancelled. The tutor is ill." in page
    assert "Ben , 020 7946 0000: needs a call" in page
    assert [row.who.split(":")[0] for row in audited("cancel_session")] == ["staff"]


def test_what_is_over_is_not_cancelled(staff: TestClient) -> None:
    one = a_session(database(), "2026-11-25T08:00")
    assert "Cancel this date" not in staff.get(f"/staff/sessions/{one}").text
    assert press(staff, f"/staff/sessions/{one}/cancel", reason="Nobody came").status_code == 409
    assert [row.state for row in rows()] == ["open"]


def test_a_moved_date_keeps_its_bookings_and_tells_them(staff: TestClient) -> None:
    one = a_session(database())
    book(database(), one)
    form = {"day": "2026-12-03", "time": "15:30", "minutes": "90", "library": "paddington-library", "room": "Hall"}
    assert press(staff, f"/staff/sessions/{one}/move", **form | {"time": "soon", "library": "x"}).status_code == 422
    assert press(staff, f"/staff/sessions/{one}/move", **form | {"day": "2026-11-24"}).status_code == 409
    assert press(staff, f"/staff/sessions/{one}/move", **form).status_code == 303
    [row] = rows()
    assert (f"{row.starts_at:%m-%d %H:%M}", f"{row.ends_at:%H:%M}", row.library, row.room) == ("12-03 15:30", "17:00", "paddington-library", "Hall")
    assert [each.kind for each in notices(database(), kind="change")] == ["change"]
    assert states(database()) == [("Mary O'Brien-Khan", "booked")]


def test_places_are_never_fewer_than_are_taken(staff: TestClient) -> None:
    ids = a_course(database(), "2026-12-02T14:00", "2026-12-09T14:00", capacity=2)
    for name in ("Ann", "Ben"):
        book(database(), ids[0], name)
    answer = press(staff, f"/staff/sessions/{ids[1]}/capacity", capacity="1")
    assert answer.status_code == 409
    assert "More places are taken" in words(answer.text)
    assert press(staff, f"/staff/sessions/{ids[1]}/capacity", capacity="none").status_code == 422
    assert press(staff, f"/staff/sessions/{ids[1]}/capacity", capacity="3").status_code == 303
    assert [row.capacity for row in rows()] == [3, 3]


# Series


SERIES = {
    "form_id": "f1",
    "title": "Email for beginners",
    "kind": "class",
    "library": "pimlico-library",
    "day": "2026-12-01",
    "time": "14:00",
    "minutes": "60",
    "capacity": "8",
    "how": "weekly",
    "days": ["1"],
}


def test_a_series_is_made_of_plain_choices(staff: TestClient) -> None:
    answer = press(staff, "/staff/sessions/new", **SERIES, exceptions="2026-12-08")
    assert answer.status_code == 303
    assert [f"{row.starts_at:%m-%d}" for row in rows()][:3] == ["12-01", "12-15", "12-22"]
    page = words(staff.get(answer.headers["location"]).text)
    assert "Every week on Tuesday, 14:00, 60 minutes" in page
    assert press(staff, "/staff/sessions/new", **SERIES).headers["location"] == answer.headers["location"]  # sent twice
    with database().reading() as session:
        assert session.scalars(select(SeriesRow.rule)).all() == ["FREQ=WEEKLY;BYDAY=TU"]
    assert "Email for beginners" in staff.get("/staff/series").text


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"title": " "}, "title"),
        ({"kind": "party"}, "kind"),
        ({"capacity": ""}, "capacity"),
        ({"day": "soon"}, "day"),
        ({"time": "25:00"}, "time"),
        ({"minutes": "0"}, "minutes"),
        ({"library": "nowhere"}, "library"),
        ({"until": "2026-11-01"}, "until"),
        ({"exceptions": "Christmas"}, "exceptions"),
        ({"how": "often"}, "how"),
        ({"kind": "course", "how": "once"}, "how"),
        ({"time": "03:00"}, "day"),
        ({"age_from": "9", "age_to": "8"}, "age_to"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(staff: TestClient, changed: dict[str, object], wrong: str) -> None:
    answer = press(staff, "/staff/sessions/new", **SERIES | {"room": "The Hall"} | changed)
    assert answer.status_code == 422
    assert f'<a href="#{wrong}">' in answer.text
    assert f'id="{wrong}-problem"' in answer.text
    assert 'value="The Hall"' in answer.text
    assert rows() == []


def test_a_single_session_is_put_into_the_timetable(staff: TestClient) -> None:
    answer = press(staff, "/staff/sessions/new", **SERIES | {"how": "once"})
    [row] = rows()
    assert answer.headers["location"] == f"/staff/sessions/{row.id}?done=added"
    assert row.series_id is None
    assert [each.subject_id for each in audited("add_session")] == [row.id]


def test_a_series_changed_from_a_date_on_takes_its_people_along(staff: TestClient) -> None:
    address = press(staff, "/staff/sessions/new", **SERIES).headers["location"].partition("?")[0]
    second = rows()[1].id
    book(database(), second)
    form = SERIES | {"form_id": "f2", "day": "2026-12-07", "days": ["2"], "time": "11:00"}
    answer = press(staff, address, **form)
    assert answer.status_code == 303
    assert [f"{row.starts_at:%m-%d %H:%M}" for row in rows()][:3] == ["12-01 14:00", "12-09 11:00", "12-16 11:00"]
    with database().reading() as session:
        assert session.get_one(SessionRow, second).starts_at.day == 9
    assert states(database()) == [("Mary O'Brien-Khan", "booked")]
    assert len(notices(database(), kind="change")) == 1
    assert press(staff, answer.headers["location"].partition("?")[0], **form | {"form_id": "f3", "day": "2026-11-01"}).status_code == 422


def test_a_series_that_ends_tells_who_is_booked(staff: TestClient) -> None:
    address = press(staff, "/staff/sessions/new", **SERIES).headers["location"].partition("?")[0]
    book(database(), rows()[1].id)
    assert press(staff, f"{address}/end", first_without="2026-12-02").status_code == 422
    assert press(staff, f"{address}/end", first_without="2026-12-02", end_reason="The room is closed.").status_code == 303
    assert [(f"{row.starts_at:%m-%d}", row.state, row.reason) for row in rows()] == [
        ("12-01", "open", ""),
        ("12-08", "cancelled", "The room is closed."),
    ]
    assert [each.details["reason"] for each in notices(database(), kind="cancellation")] == ["The room is closed."]


# Who may


EDITING = ("/cancel", "/move", "/capacity", "/book")


def test_helpers_edit_nothing(helper: TestClient) -> None:
    one = a_session(database(), "2026-11-25T10:15")
    for address in (f"/staff/sessions/{one}{each}" for each in EDITING):
        assert press(helper, address, reason="x", capacity="9").status_code == 403, address
    for address in (f"/staff/sessions/{one}/cancel", f"/staff/sessions/{one}/move", "/staff/sessions/new", "/staff/series", "/staff/series/1"):
        assert helper.get(address).status_code == 403, address
    assert [row.state for row in rows()] == ["open"]


def test_a_character_that_no_database_holds_is_dropped(staff: TestClient) -> None:
    one = a_session(database())
    press(staff, f"/staff/sessions/{one}/cancel", reason="Ill\0ness")
    press(staff, "/staff/sessions/new", **SERIES | {"how": "once", "title": "Ema\0il"})
    assert [(row.title, row.reason) for row in rows()] == [("Email", ""), ("First steps with your smartphone", "Illness")]


def test_a_form_without_its_token_changes_nothing(staff: TestClient, desk_client: TestClient) -> None:
    one = a_session(database(), "2026-11-25T10:15")
    assert staff.post(f"/staff/sessions/{one}/cancel", data={"reason": "x"}).status_code == 403
    assert staff.post(f"/staff/sessions/{one}/walk-ins", data={"name": "x"}).status_code == 403
    assert desk_client.get(f"/staff/sessions/{one}", follow_redirects=False).status_code == 303
    assert [row.state for row in rows()] == ["open"]


@pytest.mark.parametrize("address", ["/staff/sessions/999", "/staff/sessions/99999999999", "/staff/series/999", "/staff/sessions/999/sheet"])
def test_what_is_not_there_is_a_page_that_says_so(staff: TestClient, address: str) -> None:
    page = staff.get(address)
    assert page.status_code == 404
    assert "There is nothing at this address" in words(page.text)
    assert 'action="/staff/sign-out"' in page.text, "it is a page of the staff desk"

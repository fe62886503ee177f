"""The queue, quiet hours, the calls and the search, as pages."""

import re
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from desk import at_hand, bookings, enquiry_queue, handovers, notices
from desk.staff_tables import StaffRow
from desk.tables import AuditRow
from tests.desk.timetable import a_session, somebody
from tests.web.staff.conftest import SignedInAs, person, token_of, words
from tests.web.staff.residents import Resident, a_resident, on_duty

HOSTILE = ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "\u202egnp.exe", "{{ 7*7 }}", "&lt;b&gt;", "javascript:alert(1)"]


@pytest.fixture
def sam(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as("staff")


@pytest.fixture(autouse=True)
def _empty_queue(desk_client: TestClient) -> None:
    """What earlier tests left waiting is closed."""
    with at_hand.database().writing() as session:
        staff = session.get_one(StaffRow, person("manager").id)
        for item in enquiry_queue.queue(session):
            if item.conversation_id and (item.staff_id in (None, staff.id)):
                handovers.resolve(session, item.conversation_id, staff, "spam")
            elif item.conversation_id:
                handovers.resolve(session, item.conversation_id, session.get_one(StaffRow, item.staff_id), "spam")
            elif item.kind == "call":
                enquiry_queue.note_call(session, item.number, staff.id)


@pytest.fixture
def call(desk_client: TestClient) -> int:
    """The notice of a cancelled session, for somebody with a land line only."""
    session_id = a_session(at_hand.database(), title="Scams <b>class</b>", room=uuid.uuid4().hex)
    with at_hand.database().writing() as session:
        bookings.book(session, session_id, somebody(phone="+442079460000", needs="Ramp"), request_id=uuid.uuid4().hex)
        bookings.cancel_session(session, session_id, "No heating.", who="staff:1")
        return notices.calls_to_make(session)[0].id


def waiting(text: str = "Where is the printer?", **how: bool) -> Resident:
    resident = a_resident(text)
    resident.ask_for_a_person(**how)
    return resident


def post(client: TestClient, path: str, **form: str) -> str:
    answer = client.post(path, data={"token": token_of(client), **form})
    assert answer.status_code in (200, 409, 422), answer.status_code
    return answer.text


# The queue


def test_the_queue_shows_what_waits_and_counts_it_in_the_title(sam: TestClient) -> None:
    waiting("Where is the printer?")
    a_resident("Please ring me").leave_a_message(way="phone", phone="+442079460000", name="Mary")
    page = sam.get("/staff").text
    assert "<title>(2) Queue" in page
    assert "2 things wait." in words(page)
    assert "Where is the printer?" in words(page)
    assert re.search(r"Call-backs \(1\) Mary .*Promised by Wednesday 25 November, 5pm", words(page))


def test_an_empty_queue_says_so(sam: TestClient) -> None:
    assert "Nothing waits." in words(sam.get("/staff").text)


def test_safety_is_marked_in_words(sam: TestClient) -> None:
    waiting("help", is_urgent=True)
    assert "Urgent: safety" in words(sam.get("/staff").text)


def test_filters_show_a_part_and_stay_chosen(sam: TestClient) -> None:
    waiting()
    page = sam.get("/staff?kind=message&mine=1&library=kensal-library").text
    assert "Nothing waits." in words(page)
    assert re.search(r'<option value="message" selected>', page)
    assert 'hx-get="/staff/queue/part?kind=message&amp;library=kensal-library&amp;mine=1&amp;have=' in page
    assert sam.get("/staff?kind=<script>&library=nowhere").status_code == 200


def test_the_list_comes_anew_only_when_something_has_changed(sam: TestClient) -> None:
    waiting()
    again = _next_part(sam.get("/staff").text)
    assert sam.get(again).status_code == 204
    waiting("another")
    part = sam.get(again)
    assert part.status_code == 200
    assert "<title>(2) Queue" in part.text
    assert _next_part(part.text) != again


def _next_part(page: str) -> str:
    return re.search(r'hx-get="([^"]+)"', page).group(1).replace("&amp;", "&")  # type: ignore[union-attr]


def test_who_else_is_on_duty(sam: TestClient) -> None:
    on_duty("manager")
    on_duty("staff", is_there=False)
    assert "Also on duty: Manager Example. You are away" in words(sam.get("/staff").text)
    on_duty("manager", is_there=False)
    assert "Nobody else is on duty." in words(sam.get("/staff").text)


def test_the_switch_works_without_a_script_and_goes_back_to_the_page(sam: TestClient) -> None:
    form = {"token": token_of(sam), "on_duty": "1"}
    answer = sam.post("/staff/availability", data=form, headers={"Referer": "http://testserver/staff?kind=live"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff?kind=live")
    assert "You are on duty." in words(sam.get("/staff").text)
    away = sam.post("/staff/availability", data=form | {"on_duty": "0"}, headers={"Referer": "https://evil.example/x"}, follow_redirects=False)
    assert away.headers["Location"] == "/staff"
    assert "You are away" in words(sam.get("/staff").text)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_residents_type_is_shown_as_text(sam: TestClient, hostile: str) -> None:
    resident = a_resident(hostile, page=hostile)
    resident.leave_a_message(name=hostile)
    for page in ("/staff", "/staff/quiet"):
        html = sam.get(page).text
        assert hostile in words(html)
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "49" not in re.findall(r">(49)<", html)


# Calls


def test_a_call_shows_the_number_on_its_own_page_which_the_audit_notes(sam: TestClient, call: int) -> None:
    queue = words(sam.get("/staff").text)
    assert "Tell them of a cancellation" in queue
    assert "7946" not in queue
    page = words(sam.get(f"/staff/calls/{call}").text)
    assert "Ring Mary O'Brien-Khan" in page
    assert "020 7946 0000" in page
    assert "Scams <b>class</b>" in page
    assert "Ramp" in page
    with at_hand.database().reading() as session:
        looked = session.scalars(select(AuditRow.who).filter_by(what="looked at", subject="booking")).all()
    assert looked[-1] == f"staff:{person('staff').id}"


def test_a_call_is_done_once(sam: TestClient, call: int) -> None:
    assert "Nothing waits." in words(post(sam, f"/staff/calls/{call}/done"))
    assert "This call is done." in words(sam.get(f"/staff/calls/{call}").text)
    post(sam, f"/staff/calls/{call}/done")
    for number in (99999, 2**70, -(2**70)):
        assert sam.get(f"/staff/calls/{number}").status_code in (404, 422)


# Quiet hours


def test_one_item_after_the_other(sam: TestClient) -> None:
    waiting("first question")
    waiting("second question")
    first = sam.get("/staff/quiet").text
    assert "1 of 2: Live now" in words(first)
    assert "first question" in words(first)
    after = re.search(r'data-key="n" href="([^"]+)"', first).group(1)  # type: ignore[union-attr]
    second = sam.get(after).text
    assert "second question" in words(second)
    assert 'data-key="n"' not in second
    assert 'data-key="p"' in second


def test_an_item_is_done_and_the_next_one_comes(sam: TestClient) -> None:
    first, second = waiting("first question"), waiting("second question")
    page = sam.get("/staff/quiet").text
    item, following = (re.search(rf'name="{name}" value="([^"]+)"', page).group(1) for name in ("item", "next"))  # type: ignore[union-attr]
    done = words(post(sam, "/staff/quiet/done", item=item, next=following, outcome="answered"))
    assert "Done. Here is the next one." in done
    assert "second question" in done
    assert (first.owner, second.owner) == ("bot", "queue")
    assert "That one is done already." in words(post(sam, "/staff/quiet/done", item=item, next=following, outcome="answered"))


def test_an_item_is_not_done_without_an_outcome(sam: TestClient) -> None:
    waiting()
    item = re.search(r'name="item" value="([^"]+)"', sam.get("/staff/quiet").text).group(1)  # type: ignore[union-attr]
    assert "Choose what came of it." in words(post(sam, "/staff/quiet/done", item=item))


def test_an_item_that_somebody_else_has_is_left_to_them(sam: TestClient) -> None:
    resident = waiting()
    with at_hand.database().writing() as session:
        handovers.claim(session, resident.id, session.get_one(StaffRow, person("manager").id))
    item = re.search(r'name="item" value="([^"]+)"', sam.get("/staff/quiet").text).group(1)  # type: ignore[union-attr]
    assert "Manager Example has this conversation." in words(post(sam, "/staff/quiet/done", item=item, outcome="answered"))
    assert resident.owner.startswith("staff:")


def test_a_call_is_done_in_quiet_hours(sam: TestClient, call: int) -> None:
    assert "Call to make" in words(sam.get("/staff/quiet").text)
    assert "Nothing waits." in words(post(sam, "/staff/quiet/done", item=f"call.{call}"))


def test_the_shortcuts_are_listed_and_can_be_turned_off(sam: TestClient) -> None:
    page = sam.get("/staff/quiet").text
    assert "Keyboard shortcuts (?)" in words(page)
    assert 'id="keys-on"' in page


@pytest.mark.parametrize("item", ["", "live", "live.999999", "call.x", "<script>", "referral.1"])
def test_no_item_breaks_quiet_hours(sam: TestClient, item: str) -> None:
    assert "done already" in words(post(sam, "/staff/quiet/done", item=item, outcome="answered"))
    assert sam.get("/staff/quiet", params={"at": item}).status_code == 200


# Search


def test_a_search_shows_where_something_was_said(sam: TestClient) -> None:
    resident = a_resident("My <b>zebra</b> is lost")
    page = sam.get("/staff/search?q=zebra").text
    assert f'href="/staff/conversations/{resident.id}#m1"' in page
    assert "<mark>zebra</mark>" in page
    assert "My <b>zebra</b> is lost" in words(page).replace("> zebra <", ">zebra<")


def test_a_search_that_finds_nothing_says_so_and_is_in_the_audit_without_its_words(sam: TestClient) -> None:
    assert "Nothing was found" in words(sam.get("/staff/search?q=quokka").text)
    with at_hand.database().reading() as session:
        row = session.scalars(select(AuditRow).filter_by(what="searched").order_by(AuditRow.id.desc())).first()
    assert row is not None
    assert (row.who, row.new) == (f"staff:{person('staff').id}", {"found": 0})


@pytest.mark.parametrize("query", [*HOSTILE, '"', "' OR 1=1", "a AND", "*", "\x00", "%", "x" * 3000])
def test_no_search_breaks_the_page(sam: TestClient, query: str) -> None:
    answer = sam.get("/staff/search", params={"q": query})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


# Who may


@pytest.mark.parametrize("page", ["/staff", "/staff/queue/part", "/staff/quiet", "/staff/search", "/staff/calls/1"])
def test_who_is_not_signed_in_is_asked_to_and_helpers_are_refused(browser: Callable[[], TestClient], signed_in_as: SignedInAs, page: str) -> None:
    answer = browser().get(page, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/staff/sign-in?next=")
    assert signed_in_as("volunteer-helper").get(page).status_code == 403

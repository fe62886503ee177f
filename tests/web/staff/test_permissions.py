"""Every door of the staff desk, and who may go through it. A new route needs a line here."""

import re
import secrets
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from httpx import Response
from sqlalchemy import delete
from starlette.testclient import TestClient

from desk import at_hand, sign_ins
from desk.clock import now
from desk.staff import ROLES
from desk.staff_tables import SignInRow
from tests.web.staff.conftest import person
from web.staff.guard import COOKIE, form_token_of

HELPER, STAFF, MANAGER = ROLES

# The least role that each needs; with None anybody may knock.
DOORS: dict[str, str | None] = {
    # Signing in
    "GET /staff/sign-in": None,
    "POST /staff/sign-in": None,
    "POST /staff/sign-out": HELPER,
    "POST /staff/api/sign-in": None,
    "POST /staff/api/sign-out": HELPER,
    # One's own account
    "GET /staff/account": HELPER,
    "GET /staff/account/codes.svg": HELPER,
    "POST /staff/account/password": HELPER,
    "POST /staff/account/codes": HELPER,
    "POST /staff/account/codes/remove": HELPER,
    # What managers look after
    "GET /staff/settings": MANAGER,
    "POST /staff/settings": MANAGER,
    "GET /staff/people": MANAGER,
    "POST /staff/people": MANAGER,
    "GET /staff/people/{staff_id:int}": MANAGER,
    "POST /staff/people/{staff_id:int}/role": MANAGER,
    "POST /staff/people/{staff_id:int}/password": MANAGER,
    "POST /staff/people/{staff_id:int}/codes/remove": MANAGER,
    "POST /staff/people/{staff_id:int}/deactivate": MANAGER,
    "POST /staff/people/{staff_id:int}/reactivate": MANAGER,
    "GET /staff/audit": MANAGER,
    "GET /staff/insight": MANAGER,
    "GET /staff/insight.csv": MANAGER,
    # Canned replies
    "GET /staff/canned-replies": STAFF,
    "POST /staff/canned-replies": STAFF,
    "POST /staff/canned-replies/samples/add": STAFF,
    "GET /staff/canned-replies/{code}": STAFF,
    "POST /staff/canned-replies/{code}": STAFF,
    "POST /staff/canned-replies/{code}/remove": STAFF,
    # The queue
    "GET /staff": STAFF,
    "GET /staff/queue/part": STAFF,
    "GET /staff/search": STAFF,
    "POST /staff/availability": STAFF,
    "GET /staff/calls/{notice_id}": STAFF,
    "POST /staff/calls/{notice_id}/done": STAFF,
    "GET /staff/quiet": STAFF,
    "POST /staff/quiet/done": STAFF,
    "GET /staff/api/queue": STAFF,
    "GET /staff/api/availability": STAFF,
    "POST /staff/api/availability": STAFF,
    "POST /staff/api/availability/heartbeat": STAFF,
    "GET /staff/api/canned-replies": STAFF,
    "GET /staff/api/suggestions": STAFF,
    # A conversation
    "GET /staff/conversations/{conversation_id}": STAFF,
    "GET /staff/conversations/{conversation_id}/parts/{part}": STAFF,
    "POST /staff/conversations/{conversation_id}/claim": STAFF,
    "POST /staff/conversations/{conversation_id}/release": STAFF,
    "POST /staff/conversations/{conversation_id}/transfer": STAFF,
    "POST /staff/conversations/{conversation_id}/hand-back": STAFF,
    "POST /staff/conversations/{conversation_id}/resolve": STAFF,
    "POST /staff/conversations/{conversation_id}/note": STAFF,
    "POST /staff/conversations/{conversation_id}/reply": STAFF,
    "GET /staff/api/conversations/{conversation_id}": STAFF,
    "GET /staff/api/conversations/{conversation_id}/events": STAFF,
    "POST /staff/api/conversations/{conversation_id}/claim": STAFF,
    "POST /staff/api/conversations/{conversation_id}/release": STAFF,
    "POST /staff/api/conversations/{conversation_id}/transfer": STAFF,
    "POST /staff/api/conversations/{conversation_id}/hand-back": STAFF,
    "POST /staff/api/conversations/{conversation_id}/resolve": STAFF,
    "POST /staff/api/conversations/{conversation_id}/reply": STAFF,
    "POST /staff/api/conversations/{conversation_id}/note": STAFF,
    "POST /staff/api/conversations/{conversation_id}/presence": STAFF,
    # Sessions: helpers see them and mark who came; the rest is for staff
    "GET /staff/sessions": HELPER,
    "GET /staff/sessions/{session_id:int}": HELPER,
    "GET /staff/sessions/{session_id:int}/sheet": HELPER,
    "POST /staff/sessions/{session_id:int}/walk-ins": HELPER,
    "POST /staff/bookings/{booking_id:int}/attendance": HELPER,
    "POST /staff/bookings/{booking_id:int}/not-here": HELPER,
    "GET /staff/sessions/{session_id:int}/roster.csv": STAFF,
    "GET /staff/sessions/{session_id:int}/cancel": STAFF,
    "POST /staff/sessions/{session_id:int}/cancel": STAFF,
    "GET /staff/sessions/{session_id:int}/move": STAFF,
    "POST /staff/sessions/{session_id:int}/move": STAFF,
    "POST /staff/sessions/{session_id:int}/capacity": STAFF,
    "GET /staff/sessions/new": STAFF,
    "POST /staff/sessions/new": STAFF,
    "GET /staff/series": STAFF,
    "GET /staff/series/{series_id:int}": STAFF,
    "POST /staff/series/{series_id:int}": STAFF,
    "POST /staff/series/{series_id:int}/end": STAFF,
    # Bookings for somebody
    "GET /staff/sessions/{session_id:int}/book": STAFF,
    "POST /staff/sessions/{session_id:int}/book": STAFF,
    "GET /staff/bookings": STAFF,
    "GET /staff/bookings/{booking_id:int}": STAFF,
    "GET /staff/bookings/{booking_id:int}/cancel": STAFF,
    "POST /staff/bookings/{booking_id:int}/cancel": STAFF,
    "GET /staff/bookings/{booking_id:int}/change": STAFF,
    "POST /staff/bookings/{booking_id:int}/change": STAFF,
    "GET /staff/bookings/{booking_id:int}/details": STAFF,
    "POST /staff/bookings/{booking_id:int}/details": STAFF,
    "GET /staff/waiting/{waiting_id:int}": STAFF,
    "POST /staff/waiting/{waiting_id:int}/accept": STAFF,
    "POST /staff/waiting/{waiting_id:int}/decline": STAFF,
    "POST /staff/waiting/{waiting_id:int}/leave": STAFF,
    # Referrals and volunteers
    "GET /staff/referrals": STAFF,
    "GET /staff/referrals.csv": STAFF,
    "GET /staff/referrals/new": STAFF,
    "POST /staff/referrals/new": STAFF,
    "GET /staff/referrals/{case_id:int}": STAFF,
    "POST /staff/referrals/{case_id:int}/state": STAFF,
    "GET /staff/volunteers": STAFF,
    "GET /staff/volunteers.csv": STAFF,
    "GET /staff/volunteers/new": STAFF,
    "POST /staff/volunteers/new": STAFF,
    "GET /staff/volunteers/{case_id:int}": STAFF,
    "POST /staff/volunteers/{case_id:int}/state": STAFF,
    # Questions without an answer
    "GET /staff/unanswered": STAFF,
    "POST /staff/unanswered": STAFF,
    "POST /staff/unanswered/back": STAFF,
}
GUARDED = [door for door, role in DOORS.items() if role is not None]
CHANGING = [door for door in GUARDED if not door.startswith("GET ")]
# Nothing has these numbers and names: who is let in finds nothing there, and nothing is changed.
_FILLED_IN = {"conversation_id": "0" * 32, "code": "no-such-code", "part": "standing"}
Browser = Callable[[], TestClient]


@pytest.fixture(autouse=True)
def _nobody(desk_client: TestClient) -> None:
    with at_hand.database().writing() as session:
        session.execute(delete(SignInRow))


def doors_of(app: FastAPI) -> set[str]:
    found = set()
    for route in iter_route_contexts(app.routes):
        if (route.path or "").startswith("/staff"):
            found |= {f"{method} {route.path}" for method in (route.methods or {"ANY"}) if method != "HEAD"}
    return found


def key_of(role: str) -> str:
    """Return the key of a browser in which somebody of a role is signed in."""
    key = secrets.token_urlsafe(32)
    with at_hand.database().writing() as session:
        session.add(SignInRow(key_hash=sign_ins.hash_of(key), staff_id=person(role).id, started_at=now(), seen_at=now()))
    return key


def knock(browser: Browser, door: str, key: str = "", token: str = "", *, in_form: bool = False) -> Response:
    """Go to a door, with what a browser would hold: its key in a cookie, the token of its forms in a header or in the form."""
    method, path = door.split(" ")
    address = re.sub(r"{(\w+)(:int)?}", lambda found: _FILLED_IN.get(found[1], "999999"), path)
    client = browser()
    if key:
        client.cookies.set(COOKIE, key, path="/staff")
    if in_form:
        return client.request(method, address, data={"token": token}, follow_redirects=False)
    return client.request(method, address, headers={"X-CSRF-Token": token}, follow_redirects=False)


def is_sent_to_sign_in(answer: Response, door: str) -> bool:
    """Whether somebody is told that nobody is signed in, as it is told at this door."""
    method, path = door.split(" ")
    if path.startswith("/staff/api/"):
        return answer.status_code == 401 and answer.json()["error"]["code"] == "not_signed_in"
    if method == "GET" or path == "/staff/sign-out":
        return answer.status_code == 303 and answer.headers["location"].startswith("/staff/sign-in")
    return answer.status_code == 401 and "not signed in any more" in answer.text


def is_let_in(answer: Response) -> bool:
    return answer.status_code not in (401, 403, 405, 500) and not answer.headers.get("location", "").startswith("/staff/sign-in?")


def is_refused(answer: Response, door: str) -> bool:
    if " /staff/api/" in door:
        return answer.status_code == 403 and bool(answer.json()["error"]["message"])
    return answer.status_code == 403 and "This did not work" in answer.text


def test_every_door_is_in_the_table(desk_app: FastAPI) -> None:
    assert doors_of(desk_app) == set(DOORS)


def test_the_staff_desk_is_not_in_the_public_description(desk_client: TestClient) -> None:
    assert "/staff" not in desk_client.get("/openapi.json").text


@pytest.mark.parametrize("door", GUARDED)
def test_nobody_goes_in_without_signing_in(browser: Browser, door: str) -> None:
    assert is_sent_to_sign_in(knock(browser, door), door)


@pytest.mark.parametrize("door", GUARDED)
def test_nobody_goes_in_with_a_forged_cookie(browser: Browser, door: str) -> None:
    person(MANAGER)
    stored = sign_ins.hash_of(key_of(MANAGER))
    for forged in (secrets.token_urlsafe(32), stored, "staff:1", "1", '"', "x" * 4000):
        assert is_sent_to_sign_in(knock(browser, door, forged, form_token_of(forged)), door), forged


@pytest.mark.parametrize("door", GUARDED)
def test_each_role_goes_where_it_may(browser: Browser, door: str) -> None:
    needed = DOORS[door]
    assert needed is not None
    for role in ROLES:
        person(role)
        key = key_of(role)
        answer = knock(browser, door, key, form_token_of(key))
        if ROLES.index(role) >= ROLES.index(needed):
            assert is_let_in(answer), f"{role} is kept out: {answer.status_code} {answer.text[:300]}"
        else:
            assert is_refused(answer, door), f"{role} is let in: {answer.status_code}"


@pytest.mark.parametrize("door", CHANGING)
def test_nothing_changes_without_the_token_of_this_browser(browser: Browser, door: str) -> None:
    for role in ROLES:
        person(role)
    own, others = key_of(MANAGER), {role: key_of(role) for role in ROLES}
    for token in ("", "x", own, sign_ins.hash_of(own), "é", *map(form_token_of, others.values())):
        for in_form in (False, True):
            if in_form or token.isascii():
                assert is_refused(knock(browser, door, own, token, in_form=in_form), door), f"{token} in a {'form' if in_form else 'header'}"


@pytest.mark.parametrize("door", [door for door in CHANGING if " /staff/api/" not in door])
def test_the_token_may_come_in_the_form(browser: Browser, door: str) -> None:
    person(MANAGER)
    key = key_of(MANAGER)
    assert is_let_in(knock(browser, door, key, form_token_of(key), in_form=True))


@pytest.mark.parametrize("door", [door for door, role in DOORS.items() if role is None])
def test_anybody_may_knock_at_the_front(browser: Browser, door: str) -> None:
    assert knock(browser, door).status_code in (200, 422)

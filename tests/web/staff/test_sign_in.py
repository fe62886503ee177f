"""Signing in and out, one's own account, and what managers look after, as a browser meets them."""

import re
from collections.abc import Callable
from urllib.parse import quote

import pyotp
import pytest
from httpx import Response
from sqlalchemy import delete, select
from starlette.testclient import TestClient

from desk import at_hand, clock, desk_settings, sign_ins, staff
from desk.desk_settings import MANAGERS_NEED_CODE
from desk.staff_tables import SignInRow, StaffRow, WrongSignInRow
from desk.tables import AuditRow
from tests.web.staff.conftest import PASSWORD, SignedInAs, person, token_of, words
from web.staff.guard import COOKIE, form_token_of, local

Browser = Callable[[], TestClient]
NEW = "nine patient otters"
HOSTILE = '<script>alert("x")</script>{{ 7*7 }}'


@pytest.fixture(autouse=True)
def _as_new(desk_client: TestClient) -> None:
    """Nobody tried wrongly, and everybody has the password and the account they begin with."""
    with at_hand.database().writing() as session:
        session.execute(delete(WrongSignInRow))
        desk_settings.set_value(session, "desk", MANAGERS_NEED_CODE, False)
        session.execute(delete(AuditRow))
        session.execute(delete(SignInRow))
        session.execute(delete(StaffRow))


def sign_in(client: TestClient, username: str = "staff", password: str = PASSWORD, code: str = "", next: str = "", **headers: str) -> Response:
    typed = {"username": username, "password": password, "code": code, "next": next}
    return client.post("/staff/sign-in", data=typed, headers=headers, follow_redirects=False)


def send(client: TestClient, address: str, **typed: str) -> Response:
    return client.post(address, data={"token": token_of(client), **typed}, follow_redirects=False)


def row_of(username: str) -> StaffRow:
    with at_hand.database().reading() as session:
        return staff.account_named(session, username)


# Signing in


def test_somebody_signs_in_and_out(browser: Browser) -> None:
    person("staff")
    client = browser()
    page = client.get("/staff/sign-in")
    assert page.status_code == 200
    assert sign_in(client).headers["location"] == "/staff"
    account = client.get("/staff/account")
    assert "Staff Example" in words(account.text)
    assert account.headers["cache-control"] == "no-store"
    assert client.get("/staff/sign-in", follow_redirects=False).headers["location"] == "/staff"
    key = client.cookies[COOKIE]
    assert send(client, "/staff/sign-out").headers["location"] == "/staff/sign-in"
    assert COOKIE not in client.cookies
    client.cookies.set(COOKIE, key, path="/staff")
    assert client.get("/staff/account", follow_redirects=False).status_code == 303, "the key is worth nothing any more"


def test_the_cookie_is_for_this_site_and_no_script(browser: Browser) -> None:
    person("staff")
    cookie = sign_in(browser()).headers["set-cookie"]
    assert re.fullmatch(r"desk_staff=[\w-]{43}; HttpOnly; Path=/staff; SameSite=strict", cookie)


def test_the_cookie_goes_over_https_only_where_the_desk_is_served_so(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    from web.staff import guard

    person("staff")
    secure = guard.settings().model_copy(update={"secure_cookies": True})
    monkeypatch.setattr(guard, "settings", lambda: secure)
    assert sign_in(browser()).headers["set-cookie"].endswith("; Secure")


def test_fields_can_be_filled_in_by_a_password_manager_and_pasted_into(browser: Browser) -> None:
    page = browser().get("/staff/sign-in").text
    for autocomplete in ("username", "current-password", "one-time-code"):
        assert f'autocomplete="{autocomplete}"' in page
    assert "onpaste" not in page


def test_a_wrong_password_and_a_name_that_nobody_has_look_the_same(browser: Browser) -> None:
    person("staff")
    pages = [sign_in(browser(), username, "wrong password!") for username in ("staff", "nosuch")]
    assert [page.status_code for page in pages] == [422, 422]
    assert pages[0].text == pages[1].text.replace("nosuch", "staff")
    assert COOKIE not in pages[0].headers.get("set-cookie", "")


def test_what_is_missing_is_said_at_its_field(browser: Browser) -> None:
    page = sign_in(browser(), "", "")
    assert page.status_code == 422
    assert '<a href="#username">' in page.text
    assert '<a href="#password">' in page.text
    assert 'aria-describedby="username-problem" aria-invalid="true"' in page.text


def test_after_five_wrong_tries_the_page_says_when_to_try_again(browser: Browser) -> None:
    person("staff")
    for _ in range(5):
        sign_in(browser(), password="wrong password!")
    page = sign_in(browser())
    assert page.status_code == 429
    assert "too many wrong tries. Try again a minute after" in words(page.text)


def test_what_was_typed_is_shown_as_text_and_the_password_never(browser: Browser) -> None:
    page = sign_in(browser(), HOSTILE, "wrong <password>")
    assert HOSTILE not in page.text
    assert "&lt;script&gt;" in page.text
    assert "wrong &lt;password" not in page.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Origin": "http://testserver"}, 303),
        ({}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_another_site_cannot_sign_a_browser_in(browser: Browser, headers: dict[str, str], status: int) -> None:
    person("staff")
    client = browser()
    assert sign_in(client, **headers).status_code == status
    assert (COOKIE in client.cookies) == (status == 303)
    call = browser().post("/staff/api/sign-in", json={"username": "staff", "password": PASSWORD}, headers=headers)
    assert call.status_code == (200 if status == 303 else 403)


def test_signing_in_again_ends_the_sign_in_before(browser: Browser) -> None:
    person("staff")
    client = browser()
    sign_in(client)
    first = client.cookies[COOKIE]
    sign_in(client)
    with at_hand.database().reading() as session:
        assert sign_ins.signed_in(session, first) is None
        assert sign_ins.signed_in(session, client.cookies[COOKIE]) is not None


def test_an_open_page_that_nobody_uses_keeps_nobody_signed_in(signed_in_as: SignedInAs, at: Callable[[str], object]) -> None:
    at("2026-11-25T09:00")
    left, used = signed_in_as("staff"), signed_in_as("staff")
    for minute in range(5, 60, 5):
        at(f"2026-11-25T09:{minute:02}")
        assert left.get("/staff/queue/part").status_code == 200
        assert used.get("/staff/canned-replies").status_code == 200
    at("2026-11-25T10:00")
    assert left.post("/staff/api/availability/heartbeat", headers={"X-CSRF-Token": token_of(left)}).status_code == 401
    assert used.get("/staff/canned-replies", follow_redirects=False).status_code == 200


# Where it leads


def test_a_page_that_was_wanted_is_opened_after(browser: Browser) -> None:
    person("staff")
    client = browser()
    sent = client.get("/staff/canned-replies?done=added", follow_redirects=False)
    assert sent.status_code == 303
    assert sent.headers["location"] == "/staff/sign-in?next=" + quote("/staff/canned-replies?done=added", safe="/")
    page = client.get(sent.headers["location"]).text
    assert 'name="next" value="/staff/canned-replies?done=added"' in page
    assert sign_in(client, next="/staff/canned-replies?done=added").headers["location"] == "/staff/canned-replies?done=added"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/staff\\..\\x",
        "/staffx",
        "/",
        "/chat",
        "javascript:alert(1)",
        "/staff/../chat",
        "https:/staff",
        "/staff/api/x",
        "/staff/sign-out",
        "/staff/sign-in",
        "\n/staff",
        "/staff/\r\nSet-Cookie: x=1",
        "http://[",
        "staff",
        "",
    ],
)
def test_signing_in_never_leads_out_of_the_staff_desk(browser: Browser, address: str) -> None:
    person("staff")
    assert local(address) == "/staff"
    assert sign_in(browser(), next=address).headers["location"] == "/staff"


def test_a_volunteer_helper_begins_with_the_sessions(browser: Browser) -> None:
    person("volunteer-helper")
    assert sign_in(browser(), "volunteer-helper", next="/staff").headers["location"] == "/staff/sessions"


def test_a_form_without_a_sign_in_says_so_and_a_call_of_htmx_goes_to_sign_in(browser: Browser) -> None:
    client = browser()
    sent = client.post("/staff/canned-replies", data={"code": "x", "text": "long words"}, follow_redirects=False)
    assert sent.status_code == 401
    assert "not signed in any more. Nothing was changed." in words(sent.text)
    part = client.get("/staff/settings", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/staff/settings?a=1"})
    assert part.status_code == 401
    assert part.headers["hx-redirect"] == "/staff/sign-in?next=" + quote("/staff/settings?a=1", safe="/")


# For programs


@pytest.mark.parametrize(("role", "way_on"), [("staff", 'href="/staff">Go on'), ("volunteer-helper", 'href="/staff/sessions">Go on')])
def test_an_address_where_nothing_is_leads_back_into_the_staff_desk(browser: Browser, signed_in_as: SignedInAs, role: str, way_on: str) -> None:
    page = signed_in_as(role).get("/staff/nowhere")
    assert page.status_code == 404
    assert "There is nothing at this address" in words(page.text)
    assert way_on in page.text
    stranger = browser().get("/staff/nowhere")
    assert stranger.status_code == 404
    assert 'href="/staff/sign-in">Sign in' in stranger.text
    residents = browser().get("/staffroom")
    assert residents.status_code == 404
    assert 'href="/chat"' in residents.text


def test_a_program_signs_in_and_out(browser: Browser) -> None:
    person("manager")
    client = browser()
    answer = client.post("/staff/api/sign-in", json={"username": "manager", "password": PASSWORD})
    assert answer.json() == {"name": "Manager Example", "role": "manager", "csrf": form_token_of(client.cookies[COOKIE])}
    assert client.post("/staff/api/sign-out").status_code == 403
    assert client.post("/staff/api/sign-out", headers={"X-CSRF-Token": answer.json()["csrf"]}).json() == {"signed_out": True}
    assert client.post("/staff/api/sign-out").status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"username": "manager", "password": "wrong"}, 401, "wrong_sign_in"),
        ({"username": "manager"}, 422, "invalid"),
        ({"username": "manager", "password": PASSWORD, "role": "manager"}, 422, "invalid"),
        ([], 422, None),
        ({"username": ["x"], "password": {"a": 1}}, 422, "invalid"),
    ],
)
def test_errors_for_programs_are_json(browser: Browser, body: object, status: int, code: str | None) -> None:
    person("manager")
    answer = browser().post("/staff/api/sign-in", json=body)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["message"]
    assert code is None or error["code"] == code
    assert browser().get("/staff/api/no-such-thing").json()["error"]["code"] == "not_found"


# One's own account


def test_somebody_changes_their_password(browser: Browser, signed_in_as: SignedInAs) -> None:
    here, elsewhere = signed_in_as("staff"), signed_in_as("staff")
    typed = {"current": PASSWORD, "new": NEW, "again": NEW}
    assert send(here, "/staff/account/password", **typed).headers["location"] == "/staff/account?done=password"
    assert "Your password is changed." in words(here.get("/staff/account?done=password").text)
    assert elsewhere.get("/staff/account", follow_redirects=False).status_code == 303
    assert sign_in(browser()).status_code == 422
    assert sign_in(browser(), password=NEW).status_code == 303


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"current": "wrong", "new": NEW, "again": NEW}, "current"),
        ({"current": PASSWORD, "new": NEW, "again": NEW + "x"}, "again"),
        ({"current": PASSWORD, "new": "short", "again": "short"}, "new"),
        ({"current": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "new"),
        ({}, "new"),
    ],
)
def test_a_password_that_is_not_changed(signed_in_as: SignedInAs, typed: dict[str, str], field: str) -> None:
    client = signed_in_as("staff")
    page = send(client, "/staff/account/password", **typed)
    assert page.status_code == 422
    assert f'<a href="#{field}">' in page.text
    assert f'id="{field}-problem"' in page.text
    assert client.get("/staff/account").status_code == 200


def secret_on(client: TestClient) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', client.get("/staff/account").text)
    assert found
    return found[1].replace(" ", "")


def set_up_codes(client: TestClient) -> pyotp.TOTP:
    app = pyotp.TOTP(secret_on(client))
    sent = send(client, "/staff/account/codes", code=app.at(clock.now(), counter_offset=-1))
    assert sent.headers["location"] == "/staff/account?done=codes"
    return app


def test_codes_are_set_up_used_and_removed(browser: Browser, signed_in_as: SignedInAs) -> None:
    client = signed_in_as("staff")
    app = set_up_codes(client)
    assert app.secret not in client.get("/staff/account").text, "once it is set up, the secret is not shown again"
    asked = sign_in(browser())
    assert asked.status_code == 422
    assert '<a href="#code">' in asked.text
    call = browser().post("/staff/api/sign-in", json={"username": "staff", "password": PASSWORD})
    assert (call.status_code, call.json()["error"]["code"]) == (401, "code_needed")
    code = app.at(clock.now())
    assert sign_in(browser(), code=code).status_code == 303
    assert sign_in(browser(), code=code).status_code == 422, "a code is good once"
    assert send(client, "/staff/account/codes/remove", password="wrong").status_code == 422
    assert sign_in(browser()).status_code == 422
    assert send(client, "/staff/account/codes/remove", password=PASSWORD).status_code == 303
    assert sign_in(browser()).status_code == 303


def test_a_wrong_first_code_sets_nothing_up(browser: Browser, signed_in_as: SignedInAs) -> None:
    client = signed_in_as("staff")
    secret = secret_on(client)
    page = send(client, "/staff/account/codes", code="12345")
    assert page.status_code == 422
    assert '<a href="#code">' in page.text
    assert secret_on(client) == secret, "the same one may be tried again"
    assert secret_on(signed_in_as("staff")) != secret, "no other sign-in has it"
    assert sign_in(browser()).status_code == 303


def test_the_qr_code_is_a_picture_of_ones_own(signed_in_as: SignedInAs) -> None:
    image = signed_in_as("staff").get("/staff/account/codes.svg")
    assert image.headers["content-type"] == "image/svg+xml"
    assert image.headers["cache-control"] == "no-store"
    assert image.text.lstrip().startswith("<?xml")
    assert "<script" not in image.text
    assert image.text != signed_in_as("staff").get("/staff/account/codes.svg").text


def test_a_manager_without_codes_must_set_them_up_where_the_setting_says_so(browser: Browser, signed_in_as: SignedInAs) -> None:
    manager, helper = signed_in_as("manager"), signed_in_as("staff")
    assert send(manager, "/staff/settings", managers_need_code="1").headers["location"] == "/staff/settings?done=saved"
    for address in ("/staff/settings", "/staff/people", "/staff/audit", "/staff/canned-replies"):
        sent = manager.get(address, follow_redirects=False)
        assert (sent.status_code, sent.headers["location"]) == (303, "/staff/account"), address
    assert send(manager, "/staff/settings").headers["location"] == "/staff/account", "it cannot be switched off so"
    assert row_of("manager").totp_secret == ""
    assert "Managers here need a code" in words(manager.get("/staff/account").text)
    assert helper.get("/staff/canned-replies").status_code == 200, "others go on as before"
    set_up_codes(manager)
    assert manager.get("/staff/settings").status_code == 200
    other = browser()
    other.cookies.set(COOKIE, manager.cookies[COOKIE], path="/staff")
    assert send(other, "/staff/sign-out").status_code == 303


# What managers look after


def test_a_manager_adds_somebody_who_then_chooses_their_own_password(browser: Browser, signed_in_as: SignedInAs) -> None:
    manager = signed_in_as("manager")
    typed = {"name": "Ali Smith", "username": "Ali", "role": "staff", "password": PASSWORD}
    assert send(manager, "/staff/people", **typed).headers["location"] == "/staff/people?done=added"
    assert "Ali Smith" in words(manager.get("/staff/people").text)
    ali = browser()
    assert sign_in(ali, "ali").status_code == 303
    assert ali.get("/staff/canned-replies", follow_redirects=False).headers["location"] == "/staff/account"
    assert "A manager chose your password" in words(ali.get("/staff/account").text)
    assert send(ali, "/staff/account/password", current=PASSWORD, new=NEW, again=NEW).status_code == 303
    assert ali.get("/staff/canned-replies").status_code == 200


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"username": "manager"}, "username"),
        ({"username": "a b"}, "username"),
        ({"name": " "}, "name"),
        ({"role": "king"}, "page"),
        ({"password": "short"}, "password"),
    ],
)
def test_somebody_who_cannot_be_added(signed_in_as: SignedInAs, typed: dict[str, str], field: str) -> None:
    page = send(signed_in_as("manager"), "/staff/people", **({"name": HOSTILE, "username": "ali", "role": "staff", "password": PASSWORD} | typed))
    assert page.status_code == 422
    assert HOSTILE not in page.text
    if field != "page":
        assert f'<a href="#{field}">' in page.text


def test_a_manager_changes_a_role_a_password_and_closes_an_account(browser: Browser, signed_in_as: SignedInAs) -> None:
    manager, other = signed_in_as("manager"), signed_in_as("staff")
    at = f"/staff/people/{row_of('staff').id}"
    assert "Staff Example" in words(manager.get(at).text)
    assert send(manager, f"{at}/role", role="volunteer-helper").status_code == 303
    assert other.get("/staff/account", follow_redirects=False).status_code == 303, "signed out"
    assert send(manager, f"{at}/password", password="short").status_code == 422
    assert send(manager, f"{at}/password", password=NEW).status_code == 303
    assert sign_in(browser(), password=NEW).headers["location"] == "/staff/sessions"
    assert row_of("staff").password_is_temporary
    assert send(manager, f"{at}/deactivate").status_code == 303
    assert sign_in(browser(), password=NEW).status_code == 422
    assert send(manager, f"{at}/reactivate").status_code == 303
    assert sign_in(browser(), password=NEW).status_code == 303
    assert manager.get("/staff/people/99999").status_code == 404
    assert send(manager, "/staff/people/99999/role", role="staff").status_code == 404


def test_a_manager_helps_somebody_who_lost_their_telephone(browser: Browser, signed_in_as: SignedInAs) -> None:
    manager, other = signed_in_as("manager"), signed_in_as("staff")
    set_up_codes(other)
    assert sign_in(browser()).status_code == 422
    assert send(manager, f"/staff/people/{row_of('staff').id}/codes/remove").status_code == 303
    assert sign_in(browser()).status_code == 303


def test_the_only_manager_cannot_close_their_own_account(signed_in_as: SignedInAs) -> None:
    manager = signed_in_as("manager")
    page = send(manager, f"/staff/people/{row_of('manager').id}/deactivate")
    assert page.status_code == 409
    assert "is the only manager" in words(page.text)


def test_the_audit_shows_who_did_what_with_old_and_new_values(signed_in_as: SignedInAs) -> None:
    manager = signed_in_as("manager")
    at = f"/staff/people/{row_of('manager').id}"
    send(manager, "/staff/canned-replies", code="wifi", text=HOSTILE)
    send(manager, "/staff/canned-replies/wifi", text="The Wi-Fi is back.")
    page = manager.get("/staff/audit").text
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    row = words(page[page.index("changed: canned reply") :])
    assert row.index("alert") < row.index("The Wi-Fi is back.")
    only = words(manager.get("/staff/audit", params={"what": "signed in"}).text)
    assert "signed in: staff" in only
    assert "wifi" not in only
    assert manager.get(at).status_code == 200


def test_the_audit_is_filtered_by_day_and_who_and_shown_fifty_at_a_time(signed_in_as: SignedInAs) -> None:
    manager = signed_in_as("manager")
    today = clock.today().isoformat()
    with at_hand.database().writing() as session:
        session.add_all(
            AuditRow(at=clock.now(), who="resident", what=f"step {number:03}", subject="booking", subject_id=number, old={}, new={})
            for number in range(120)
        )
    steps = re.compile(r"<td>step (\d+): booking")
    first = manager.get("/staff/audit", params={"who": "resident", "first": today, "last": today}).text
    seen = steps.findall(first)
    assert seen == [f"{number:03}" for number in range(119, 69, -1)]
    while older := re.search(r'href="([^"]*before=\d+)">Older', first):
        first = manager.get(older[1].replace("&amp;", "&")).text
        seen += steps.findall(first)
    assert seen == [f"{number:03}" for number in range(119, -1, -1)]
    assert steps.findall(manager.get("/staff/audit", params={"number": "7", "subject": "booking"}).text) == ["007"]
    assert "There is nothing like that." in words(manager.get("/staff/audit", params={"last": "2020-01-01"}).text)


@pytest.mark.parametrize(
    "typed", [{"first": "soon"}, {"number": "x"}, {"who": "\x00"}, {"before": "-1"}, {"last": "9999-12-31"}, {"first": "0001-01-01"}]
)
def test_the_audit_stands_odd_filters(signed_in_as: SignedInAs, typed: dict[str, str]) -> None:
    page = signed_in_as("manager").get("/staff/audit", params=typed)
    assert page.status_code == 200


def test_settings_are_in_the_audit(signed_in_as: SignedInAs) -> None:
    manager = signed_in_as("manager")
    assert send(manager, "/staff/settings", managers_need_code="1").status_code == 303
    with at_hand.database().reading() as session:
        row = session.scalar(select(AuditRow).filter_by(subject="setting", who=f"staff:{row_of('manager').id}"))
    assert row is not None
    assert (row.old, row.new) == ({"managers_need_code": False}, {"managers_need_code": True})


# Canned replies


def test_canned_replies_are_added_edited_and_removed(signed_in_as: SignedInAs) -> None:
    client = signed_in_as("staff")
    assert send(client, "/staff/canned-replies", code="samples", text=HOSTILE).status_code == 303
    page = client.get("/staff/canned-replies").text
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert send(client, "/staff/canned-replies/samples", text="\n  Come in.\n").status_code == 303
    assert "Come in." in client.get("/staff/canned-replies/samples").text
    wrong = send(client, "/staff/canned-replies/samples", text=" ")
    assert wrong.status_code == 422
    assert '<a href="#text">' in wrong.text
    twice = send(client, "/staff/canned-replies", code="samples", text="again")
    assert twice.status_code == 422
    assert '<a href="#code">' in twice.text
    assert send(client, "/staff/canned-replies/samples/remove").status_code == 303
    assert client.get("/staff/canned-replies/samples").status_code == 404
    assert send(client, "/staff/canned-replies/samples", text="late").status_code == 404


def test_the_samples_are_added_with_a_button(signed_in_as: SignedInAs) -> None:
    client = signed_in_as("staff")
    assert send(client, "/staff/canned-replies/samples/add").status_code == 303
    assert "Hello, I work at the library." in words(client.get("/staff/canned-replies").text)


# The menu


def test_the_menu_holds_what_a_role_may_open(signed_in_as: SignedInAs) -> None:
    def menu(role: str) -> list[str]:
        page = signed_in_as(role).get("/staff/account").text
        return re.findall(r'<li><a href="(/staff[^"]*)"', page)

    staff_sees = ["/staff", "/staff/search", "/staff/sessions", "/staff/referrals", "/staff/volunteers", "/staff/unanswered", "/staff/canned-replies"]
    assert menu("volunteer-helper") == ["/staff/sessions"]
    assert menu("staff") == staff_sees
    assert menu("manager") == [*staff_sees, "/staff/insight", "/staff/people", "/staff/settings", "/staff/audit"]

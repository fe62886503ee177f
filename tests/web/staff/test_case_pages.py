"""Referrals and volunteers at the staff desk: found, looked at (which is noted), brought on, made for somebody, taken out as a spreadsheet."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from desk import at_hand, cases, referrals, volunteers
from desk.clock import now
from desk.conversations import start
from desk.references import shown
from desk.referrals import Referral
from desk.retention import erase_people
from desk.staff_tables import ReferralRow, StepRow, VolunteerRow
from desk.tables import AuditRow
from desk.volunteers import Volunteer
from tests.web.staff.conftest import SignedInAs, token_of, words

MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
TABLES = {"referrals": ReferralRow, "volunteers": VolunteerRow}


@pytest.fixture(autouse=True)
def _empty(desk_client: TestClient) -> None:
    with at_hand.database().writing() as session:
        for table in (StepRow, ReferralRow, VolunteerRow, AuditRow):
            session.execute(table.__table__.delete())


@pytest.fixture
def staff(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as("staff")


def referral(request_id: str = "a", **changes: Any) -> ReferralRow:
    wanted: dict[str, Any] = {"kind": "device", "name": "Rose Bell", "consent": True, "phone": "+447700900123", "library": "pimlico-library"}
    with at_hand.database().writing() as session:
        return referrals.refer(session, Referral(**(wanted | changes)), request_id=request_id, source="chat")


def volunteer(request_id: str = "a", **changes: Any) -> VolunteerRow:
    offer: dict[str, Any] = {"name": "Joan Lusby", "interests": ("coding-club",), "consent": True, "times": "Tuesdays", "phone": "+447700900124"}
    with at_hand.database().writing() as session:
        return volunteers.register(session, Volunteer(**(offer | changes)), request_id=request_id, source="page")


MADE = {"referrals": referral, "volunteers": volunteer}


def send(client: TestClient, address: str, **typed: Any) -> Response:
    return client.post(address, data={"token": token_of(client), **typed}, follow_redirects=False)


def audit() -> list[tuple[str, str, str, int]]:
    with at_hand.database().reading() as session:
        found = session.scalars(select(AuditRow).where(AuditRow.subject.in_(("referral", "volunteer"))).order_by(AuditRow.id))
        return [(row.who, row.what, row.subject, row.subject_id) for row in found]


def rows(table: type[Any]) -> list[Any]:
    with at_hand.database().reading() as session:
        return list(session.scalars(select(table).order_by(table.id)))


# Who may


@pytest.mark.parametrize("page", ["", "/new", ".csv", "/1"])
@pytest.mark.parametrize("which", ["referrals", "volunteers"])
def test_helpers_and_strangers_see_nothing_of_them(signed_in_as: SignedInAs, browser: Any, which: str, page: str) -> None:
    MADE[which]()
    assert signed_in_as("volunteer-helper").get(f"/staff/{which}{page}", follow_redirects=False).status_code == 403
    stranger = browser().get(f"/staff/{which}{page}", follow_redirects=False)
    assert (stranger.status_code, stranger.headers["location"][:14]) == (303, "/staff/sign-in")


@pytest.mark.parametrize("which", ["referrals", "volunteers"])
def test_a_form_without_its_token_changes_nothing(staff: TestClient, which: str) -> None:
    row = MADE[which]()
    address = f"/staff/{which}/{row.id}/state"
    state = cases.next_states(row)[0]
    assert staff.post(address, data={"state": state, "seen": "new"}, follow_redirects=False).status_code == 403
    assert staff.post(address, data={"state": state, "seen": "new", "token": "forged"}, follow_redirects=False).status_code == 403
    assert rows(TABLES[which])[0].state == "new"


# The list


def test_the_list_is_filtered_and_holds_no_names(staff: TestClient) -> None:
    mine, other = (
        referral(),
        referral("b", kind="data", library="chelsea-library", name="Ann Hill", organisation="Riverside Surgery", for_other=True, contact_name="Bo"),
    )
    page = staff.get("/staff/referrals").text
    assert page.index(shown(mine.reference)) < page.index(shown(other.reference))
    assert "Riverside Surgery" in page
    assert not re.search("Rose Bell|Ann Hill|7700", page)
    assert audit()[2:] == []
    for query in ("kind=data", "library=chelsea-library", "state=new&kind=data"):
        shown_page = staff.get(f"/staff/referrals?{query}").text
        assert shown(other.reference) in shown_page
        assert shown(mine.reference) not in shown_page
    assert "There is none like that" in staff.get("/staff/referrals?state=done").text


def test_what_is_over_is_out_of_the_list_at_first(staff: TestClient) -> None:
    row = referral()
    send(staff, f"/staff/referrals/{row.id}/state", state="done", seen="new")
    assert shown(row.reference) not in staff.get("/staff/referrals").text
    assert shown(row.reference) in staff.get("/staff/referrals?state=").text


def test_volunteers_are_filtered_by_interest_and_library(staff: TestClient) -> None:
    mine, other = volunteer(), volunteer("b", interests=("home-visits",), libraries=("chelsea-library",))
    page = staff.get("/staff/volunteers?interest=home-visits&library=chelsea-library").text
    assert shown(other.reference) in page
    assert shown(mine.reference) not in page


# One of them


def test_looking_at_one_is_noted_and_shows_all(staff: TestClient) -> None:
    row = referral(
        kind="home-library-service", eligibility="carer", for_other=True, contact_name="Dan Hill", relation="mum", about="Likes crime\nRing at noon"
    )
    page = words(staff.get(f"/staff/referrals/{row.id}").text)
    for part in ("Rose Bell", "07700 900123", "Dan Hill", "their mum", "A carer who cannot leave", "Ring at noon", "Pimlico Library", "by resident"):
        assert part in page
    assert audit()[-1][1:] == ("looked at", "referral", row.id)
    offer = volunteer()
    assert "Tuesdays" in words(staff.get(f"/staff/volunteers/{offer.id}").text)
    assert audit()[-1][1:] == ("looked at", "volunteer", offer.id)


@pytest.mark.parametrize(("which", "to"), [("referrals", "accepted"), ("volunteers", "contacted")])
def test_one_is_brought_into_another_state_with_a_note(staff: TestClient, which: str, to: str) -> None:
    row = MADE[which]()
    response = send(staff, f"/staff/{which}/{row.id}/state", state=to, seen="new", note="rang, no reply")
    assert response.headers["location"] == f"/staff/{which}/{row.id}?done=moved"
    page = words(staff.get(response.headers["location"]).text)
    assert "It is moved." in page
    assert "by Staff Example : rang, no reply" in page
    assert rows(TABLES[which])[0].state == to
    assert [entry[1] for entry in audit()][1] == "move"


def test_who_was_late_is_told_and_sees_how_it_is_now(staff: TestClient, signed_in_as: SignedInAs) -> None:
    row = referral()
    send(signed_in_as("manager"), f"/staff/referrals/{row.id}/state", state="accepted", seen="new")
    response = send(staff, f"/staff/referrals/{row.id}/state", state="declined", seen="new", note="not for us")
    assert response.status_code == 409
    assert "Somebody else has moved it" in words(response.text)
    assert 'name="seen" value="accepted"' in response.text
    assert "not for us</textarea>" in response.text
    assert rows(ReferralRow)[0].state == "accepted"


@pytest.mark.parametrize("state", ["", "new", "flying"])
def test_a_state_that_cannot_follow_is_refused(staff: TestClient, state: str) -> None:
    row = referral()
    response = send(staff, f"/staff/referrals/{row.id}/state", state=state, seen="new")
    assert response.status_code == 422
    assert '<a href="#state">' in response.text


@pytest.mark.parametrize("which", ["referrals", "volunteers"])
@pytest.mark.parametrize("number", ["7", "99999999999999999999"])
def test_one_that_is_not_there(staff: TestClient, which: str, number: str) -> None:
    assert staff.get(f"/staff/{which}/{number}").status_code == 404
    assert send(staff, f"/staff/{which}/{number}/state", state="done", seen="new").status_code == 404


def test_an_erased_one_says_so_and_offers_no_step(staff: TestClient) -> None:
    row = referral()
    send(staff, f"/staff/referrals/{row.id}/state", state="done", seen="new")
    with at_hand.database().writing() as session:
        assert erase_people(session, now() + timedelta(days=1)) == 1
    page = staff.get(f"/staff/referrals/{row.id}").text
    assert "has been wiped" in page
    assert "Rose Bell" not in page
    assert 'name="state"' not in page


@pytest.mark.parametrize("which", ["referrals", "volunteers"])
def test_every_hostile_word_is_shown_as_text(staff: TestClient, which: str) -> None:
    if which == "referrals":
        row: Any = referral(name=MARKUP, contact_name=MARKUP, for_other=True, relation=MARKUP[:60], organisation=MARKUP, about=MARKUP, needs=MARKUP)
    else:
        row = volunteer(name=MARKUP, about=MARKUP, times=MARKUP)
    send(staff, f"/staff/{which}/{row.id}/state", state=cases.next_states(row)[0], seen="new", note=MARKUP)
    for address in (f"/staff/{which}", f"/staff/{which}/{row.id}"):
        page = staff.get(address).text
        assert "<script>alert" not in page
        assert "<img" not in page
    assert MARKUP in words(page)


# Made for somebody


TYPED = {"whom": "me", "kind": "skills", "name": "Ade Bello", "phone": "07700 900200", "agreed": "yes", "form_id": "f1"}


def test_staff_make_a_referral_for_somebody_once(staff: TestClient) -> None:
    for _ in range(2):
        response = send(staff, "/staff/referrals/new", **TYPED)
        assert response.status_code == 303
    [row] = rows(ReferralRow)
    assert (row.name, row.kind, row.source, row.conversation_id) == ("Ade Bello", "skills", "staff", None)
    assert audit()[0][0].startswith("staff:")
    assert shown(row.reference) in words(staff.get(response.headers["location"]).text)


def test_a_referral_out_of_a_chat_belongs_to_it(staff: TestClient) -> None:
    with at_hand.database().writing() as session:
        chat = start(session, [], language="pl", page="", keep_days=30).conversation
    page = staff.get(f"/staff/referrals/new?conversation={chat.id}").text
    assert f'name="conversation" value="{chat.id}"' in page
    send(staff, "/staff/referrals/new", **TYPED, conversation=chat.id)
    [row] = rows(ReferralRow)
    assert (row.conversation_id, row.language) == (chat.id, "pl")
    assert 'value="nobody"' not in staff.get("/staff/referrals/new?conversation=nobody").text


def test_what_a_form_lacks_is_said(staff: TestClient) -> None:
    response = send(staff, "/staff/referrals/new", whom="other", name="Rose Bell", form_id="f2")
    assert response.status_code == 422
    for field in ("kind", "contact_name", "relation", "phone", "agreed"):
        assert f'<a href="#{field}">' in response.text
    assert 'value="Rose Bell"' in response.text
    assert rows(ReferralRow) == []


def test_staff_take_a_volunteer_in(staff: TestClient) -> None:
    typed = {"interests": ["home-visits"], "times": "Fridays", "name": "Kez", "phone": "07700 900201", "old_enough": "yes", "agreed": "yes"}
    assert send(staff, "/staff/volunteers/new", **typed, form_id="v1").status_code == 303
    [row] = rows(VolunteerRow)
    assert (row.name, row.source, row.interests) == ("Kez", "staff", ["home-visits"])
    assert send(staff, "/staff/volunteers/new", **(typed | {"name": ""}), form_id="v2").status_code == 422


# Spreadsheets


def test_a_spreadsheet_is_given_defused_and_noted(staff: TestClient) -> None:
    row, offer = referral(name="=1+1", about="+2"), volunteer(name="@SUM(A1)")
    response = staff.get("/staff/referrals.csv?state=new")
    assert response.headers["content-type"].startswith("text/csv")
    assert "attachment" in response.headers["content-disposition"]
    [line] = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
    assert (line["Name"], line["About"], line["Phone"]) == ("'=1+1", "'+2", "07700 900123")
    assert audit()[-1][1:] == ("exported", "referral", row.id)
    [line] = csv.DictReader(io.StringIO(staff.get("/staff/volunteers.csv").content.decode("utf-8-sig")))
    assert line["Name"] == "'@SUM(A1)"
    assert audit()[-1][1:] == ("exported", "volunteer", offer.id)

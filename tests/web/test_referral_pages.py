"""Putting somebody forward and offering to volunteer by forms, without a script, under the same rules as in the chat."""

import re
from typing import Any

import pytest
from httpx import Response
from markupsafe import escape
from sqlalchemy import select
from starlette.testclient import TestClient

from desk.database import DatabaseBusyError
from desk.references import new_reference, shown
from desk.staff_tables import ReferralRow, StepRow, VolunteerRow
from tests.web.booking_forms import database, hidden, send, words

MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
PEGGY = {
    "whom": "other",
    "kind": "home-library-service",
    "eligibility": "housebound",
    "name": "Peggy Larkin",
    "contact_name": "Dan Hill",
    "relation": "neighbour",
    "phone": "020 7946 0310",
    "library": "pimlico-library",
    "postcode": "sw1v3at",
    "about": "She likes novels in Polish",
    "agreed": "yes",
}
JOAN: dict[str, Any] = {
    "interests": ["coding-club", "phone-help"],
    "times": "Tuesday mornings",
    "libraries": ["pimlico-library", "chelsea-library"],
    "name": "Joan Lusby",
    "email": "joan@example.org",
    "old_enough": "yes",
    "agreed": "yes",
}


@pytest.fixture(autouse=True)
def _empty(visitor: TestClient) -> None:
    with database().writing() as session:
        for table in (StepRow, ReferralRow, VolunteerRow):
            session.execute(table.__table__.delete())


def refer(visitor: TestClient, **changes: str) -> Response:
    return send(visitor, "/refer", "/refer", **(PEGGY | changes))


def offer(visitor: TestClient, **changes: Any) -> Response:
    return send(visitor, "/volunteer", "/volunteer", **(JOAN | changes))


def rows(table: type[Any]) -> list[Any]:
    with database().reading() as session:
        return list(session.scalars(select(table)))


def problems(response: Response) -> dict[str, str]:
    found = re.search(r'<div class="problem" role="alert".*?</div>', response.text, flags=re.DOTALL)
    items = re.findall(r"<li>(?:<a href=\"#(\w+)\">)?(.*?)(?:</a>)?</li>", found[0]) if found else []
    return {field or "page": words(problem) for field, problem in items}


# Putting somebody forward


def test_a_neighbour_is_put_forward_and_the_reference_is_said(visitor: TestClient) -> None:
    response = refer(visitor)
    assert response.status_code == 303
    [row] = rows(ReferralRow)
    assert response.headers["location"] == f"/refer/thanks?reference={shown(row.reference)}"
    page = words(visitor.get(response.headers["location"]).text)
    assert shown(row.reference) in page
    assert "cannot promise" in page
    assert (row.kind, row.eligibility, row.name, row.contact_name, row.relation) == (
        "home-library-service",
        "housebound",
        "Peggy Larkin",
        "Dan Hill",
        "neighbour",
    )
    assert (row.phone, row.library, row.postcode, row.source, row.state) == ("+442079460310", "pimlico-library", "SW1V 3AT", "page", "new")
    assert row.for_other
    assert row.consent_at is not None


def test_for_oneself_no_contact_is_needed(visitor: TestClient) -> None:
    assert send(visitor, "/refer", "/refer", whom="me", kind="data", name="Ade", agreed="yes").status_code == 303
    [row] = rows(ReferralRow)
    assert (row.for_other, row.contact_name, row.kind, row.phone) == (False, "", "data", "")


def test_an_organisation_names_itself(visitor: TestClient) -> None:
    assert list(problems(refer(visitor, whom="professional", relation="client"))) == ["organisation"]
    assert refer(visitor, whom="professional", organisation="Riverside Surgery", relation="patient").status_code == 303
    assert rows(ReferralRow)[0].organisation == "Riverside Surgery"


def test_without_the_tick_nothing_is_stored(visitor: TestClient) -> None:
    response = refer(visitor, agreed="")
    assert response.status_code == 422
    assert "we keep nothing" in problems(response)["agreed"]
    assert rows(ReferralRow) == []


def test_every_problem_stands_beside_its_field_and_on_top_and_nothing_typed_is_lost(visitor: TestClient) -> None:
    typed = {"whom": "other", "kind": "", "name": " ", "contact_name": "", "relation": "", "phone": "07700 90012", "email": "peggy.example.org"}
    response = refer(visitor, **typed, postcode="nowhere", needs="my password is Tulip9!", agreed="")
    assert response.status_code == 422
    found = problems(response)
    assert list(found) == ["kind", "name", "contact_name", "relation", "phone", "email", "postcode", "needs", "agreed"]
    assert "one figure short" in found["phone"]
    for field, problem in found.items():
        assert words(re.findall(rf'<p class="error" id="{field}-problem">(.*?)</p>', response.text)[0]) == problem
        assert f'id="{field}"' in response.text
        assert f'{field}-problem"' in response.text.replace(f'id="{field}-problem"', "")
    assert 'value="peggy.example.org"' in response.text
    assert "my password is Tulip9!</textarea>" in response.text
    assert "<title>There is a problem: " in response.text
    assert rows(ReferralRow) == []


def test_somebody_else_needs_a_contact_of_one_of_them(visitor: TestClient) -> None:
    assert "theirs or yours" in problems(refer(visitor, phone="", email=""))["phone"]


def test_a_slip_in_the_email_address_is_asked_about(visitor: TestClient) -> None:
    response = refer(visitor, email="peggy@gmial.com")
    assert "peggy@gmail.com" in problems(response)["email"]
    data = hidden(response.text) | PEGGY | {"email": "peggy@gmial.com", "email_meant": "suggested"}
    assert visitor.post("/refer", data=data, follow_redirects=False).status_code == 303
    assert rows(ReferralRow)[0].email == "peggy@gmail.com"


def test_a_form_that_is_sent_twice_is_one_referral(visitor: TestClient) -> None:
    data = hidden(visitor.get("/refer").text) | PEGGY
    first, second = (visitor.post("/refer", data=data, follow_redirects=False).headers["location"] for _ in range(2))
    assert first == second
    assert len(rows(ReferralRow)) == 1


@pytest.mark.parametrize("address", ["/refer", "/volunteer"])
def test_a_form_of_another_site_is_refused(visitor: TestClient, address: str) -> None:
    filled: dict[str, Any] = PEGGY if address == "/refer" else JOAN
    assert visitor.post(address, data=filled | {"token": "forged"}, follow_redirects=False).status_code == 403
    visitor.get(address)
    assert visitor.post(address, data=filled | {"token": "forged"}, follow_redirects=False).status_code == 403
    assert rows(ReferralRow) == rows(VolunteerRow) == []


@pytest.mark.parametrize("typed", [MARKUP, "{{ 7 * 7 }} {name} %s", "李小龍", "Robert'); DROP TABLE referrals;--"])
def test_what_is_typed_is_kept_exactly_and_shown_as_text(visitor: TestClient, typed: str) -> None:
    response = refer(visitor, name=typed, relation=typed[:60], about=typed, agreed="")
    assert "<script" not in response.text
    assert "<img" not in response.text
    assert f'value="{escape(typed)}"' in response.text
    assert refer(visitor, name=typed, about=typed).status_code == 303
    assert (rows(ReferralRow)[0].name, rows(ReferralRow)[0].about) == (typed, typed)


def test_what_is_too_long_is_named(visitor: TestClient) -> None:
    assert "at most 2000" in problems(refer(visitor, about="x" * 2001))["about"]


def test_nobody_is_told_by_a_link_that_something_was_taken(visitor: TestClient) -> None:
    for address in (f"/refer/thanks?reference={new_reference()}", "/refer/thanks", "/volunteer/thanks?reference=%3Cscript%3E"):
        assert visitor.get(address, follow_redirects=False).status_code == 303


def test_a_busy_database_loses_nothing_that_was_typed(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise DatabaseBusyError

    data = hidden(visitor.get("/refer").text) | PEGGY
    monkeypatch.setattr("web.referral_pages.in_a_transaction", busy)
    response = visitor.post("/refer", data=data, follow_redirects=False)
    assert response.status_code == 503
    assert 'value="Peggy Larkin"' in response.text


@pytest.mark.parametrize("address", ["/refer", "/volunteer"])
def test_what_is_kept_and_how_long_stands_before_the_button(visitor: TestClient, address: str) -> None:
    page = visitor.get(address).text
    assert page.index("wipe them 90 days after it is finished") < page.index("Pass it to the staff")
    assert "libraries@library.example" in page


def test_the_pages_are_linked_from_every_page(visitor: TestClient) -> None:
    page = visitor.get("/").text
    assert 'href="/refer"' in page
    assert 'href="/volunteer"' in page


# Volunteering


def test_an_offer_is_taken_and_what_follows_is_said(visitor: TestClient) -> None:
    response = offer(visitor)
    assert response.status_code == 303
    [row] = rows(VolunteerRow)
    page = words(visitor.get(response.headers["location"]).text)
    assert shown(row.reference) in page
    assert "some weeks to start" in page
    assert (row.name, row.email, row.times, row.interests) == ("Joan Lusby", "joan@example.org", "Tuesday mornings", ["coding-club", "phone-help"])
    assert sorted(row.libraries) == ["chelsea-library", "pimlico-library"]


def test_what_an_offer_lacks_is_said_at_once(visitor: TestClient) -> None:
    response = send(visitor, "/volunteer", "/volunteer", about="x")
    assert list(problems(response)) == ["interests", "times", "name", "phone", "old_enough", "agreed"]
    assert rows(VolunteerRow) == []


def test_whoever_is_under_16_is_sent_to_staff(visitor: TestClient) -> None:
    response = offer(visitor, old_enough="")
    assert "ring 020" in problems(response)["old_enough"]
    assert rows(VolunteerRow) == []


def test_what_was_ticked_stays_ticked(visitor: TestClient) -> None:
    page = offer(visitor, name="").text
    assert re.search(r'name="interests" value="coding-club" checked', page)
    assert re.search(r'name="libraries" value="chelsea-library" checked', page)
    assert not re.search(r'value="tea-and-tech" checked', page)


def test_only_what_is_offered_can_be_chosen(visitor: TestClient) -> None:
    assert "interests" in problems(offer(visitor, interests=["flying"]))
    assert offer(visitor, libraries=["atlantis"]).status_code == 303
    assert rows(VolunteerRow)[0].libraries == []

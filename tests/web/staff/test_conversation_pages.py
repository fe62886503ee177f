"""A conversation as staff meet it in a browser without JavaScript."""

import re

import pytest
from starlette.testclient import TestClient

from desk import at_hand, canned_replies, handovers
from desk.safety import Alarm
from desk.staff_tables import CannedReplyRow, StaffRow
from tests.web.staff.conftest import SignedInAs, person, token_of, words
from tests.web.staff.residents import Resident, a_resident, audit_of

HOSTILE = ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "\u202egnp.exe", "{{ 7*7 }}", "</li></ol><h1>x</h1>"]


@pytest.fixture
def sam(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as("staff")


@pytest.fixture
def boss(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as("manager")


@pytest.fixture
def resident() -> Resident:
    resident = a_resident("Where is the printer?", page="/help/printing")
    resident.ask_for_a_person()
    return resident


def look(client: TestClient, resident: Resident) -> str:
    answer = client.get(f"/staff/conversations/{resident.id}")
    assert answer.status_code == 200
    return answer.text


def do(client: TestClient, resident: Resident, what: str, status: int = 200, **form: str) -> str:
    answer = client.post(f"/staff/conversations/{resident.id}/{what}", data={"token": token_of(client), **form})
    assert answer.status_code == status, words(answer.text)
    return answer.text


def field(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page).group(1)  # type: ignore[union-attr]


def test_a_look_claims_nothing_and_the_summary_comes_first(sam: TestClient, resident: Resident) -> None:
    page = look(sam, resident)
    said = words(page)
    assert "The resident waits in line, since Wednesday 25 November" in said
    assert said.index("Summary") < said.index("What was said") < said.index("Suggested answers")
    assert "Asked from the page /help/printing" in said
    assert 'role="log"' in page
    assert resident.owner == "queue"


def test_the_ways_to_book_and_to_refer(sam: TestClient, resident: Resident) -> None:
    page = look(sam, resident)
    assert f'href="/staff/sessions?conversation={resident.id}"' in page
    assert f'href="/staff/referrals/new?conversation={resident.id}"' in page


def test_claim_reply_hand_back(sam: TestClient, resident: Resident) -> None:
    page = do(sam, resident, "claim")
    assert "You have this conversation." in words(page)
    page = do(sam, resident, "reply", text="Upstairs.", client_id=field(page, "client_id"), last_seen_seq=field(page, "last_seen_seq"))
    assert "Upstairs." in words(page)
    assert "The assistant has this conversation." in words(do(sam, resident, "hand-back"))
    assert ("staff", "Upstairs.") in resident.log


def test_a_form_sent_twice_says_it_once(sam: TestClient, resident: Resident) -> None:
    page = look(sam, resident)
    for _ in range(2):
        do(sam, resident, "reply", text="Upstairs.", client_id=field(page, "client_id"), last_seen_seq="1")
    assert [author for author, _ in resident.log].count("staff") == 1


def test_a_stale_reply_is_kept_and_what_came_in_is_shown(sam: TestClient, resident: Resident) -> None:
    page = look(sam, resident)
    resident.say("Never mind, I found it")
    stale = do(sam, resident, "reply", 409, text="It is upstairs.", client_id=field(page, "client_id"), last_seen_seq=field(page, "last_seen_seq"))
    assert "This came in Never mind, I found it" in words(stale)
    assert ">It is upstairs.</textarea>" in stale
    assert all(author != "staff" for author, _ in resident.log)
    do(sam, resident, "reply", text="Good!", client_id=field(stale, "client_id"), last_seen_seq=field(stale, "last_seen_seq"))
    assert resident.log[-1] == ("staff", "Good!")


def test_a_reply_to_what_somebody_else_has_is_kept(sam: TestClient, boss: TestClient, resident: Resident) -> None:
    page = look(sam, resident)
    do(boss, resident, "claim")
    refused = do(sam, resident, "reply", 409, text="It is upstairs.", client_id=field(page, "client_id"), last_seen_seq="99")
    assert "Manager Example has this conversation." in words(refused)
    assert ">It is upstairs.</textarea>" in refused


def test_a_claim_that_came_too_late_says_who_was_first(sam: TestClient, boss: TestClient, resident: Resident) -> None:
    do(boss, resident, "claim")
    assert "Manager Example has this conversation." in words(do(sam, resident, "claim", 409))


@pytest.mark.parametrize(("text", "why"), [("", "The reply is empty."), ("a" * 2001, "The reply is too long: 2,000 characters at most.")])
def test_a_reply_that_cannot_be_sent_says_why_and_is_kept(sam: TestClient, resident: Resident, text: str, why: str) -> None:
    page = do(sam, resident, "reply", 422, text=text)
    assert why in words(page)
    assert f">{text}</textarea>" in page
    assert 'aria-invalid="true"' in page


@pytest.mark.parametrize("made_up", [{"last_seen_seq": str(2**70)}, {"last_seen_seq": "-1"}, {"client_id": "a\nb"}, {"client_id": "a" * 49}])
def test_a_form_that_no_page_has_made_says_nothing(sam: TestClient, resident: Resident, made_up: dict[str, str]) -> None:
    do(sam, resident, "reply", 422, text="Upstairs.", **made_up)
    assert all(author != "staff" for author, _ in resident.log)


def test_put_back_and_passed_on(sam: TestClient, boss: TestClient, resident: Resident) -> None:
    do(sam, resident, "claim")
    assert "The resident waits in line" in words(do(sam, resident, "release"))
    do(sam, resident, "claim")
    assert "Manager Example has this conversation." in words(do(sam, resident, "transfer", to=str(person("manager").id)))
    assert "You have this conversation." in words(look(boss, resident))


def test_closing_needs_an_outcome(sam: TestClient, resident: Resident) -> None:
    page = do(sam, resident, "resolve", 422)
    assert 'href="#outcome-0">Choose what came of it.' in page
    assert "Closed." in words(do(sam, resident, "resolve", outcome="answered"))
    assert resident.owner == "bot"


def test_a_note_is_kept(sam: TestClient, boss: TestClient, resident: Resident) -> None:
    do(sam, resident, "note", text="Rang twice <b>")
    assert "Staff Example Wednesday 25 November, 10am Rang twice <b>" in words(look(boss, resident))
    assert "The note is empty." in words(do(sam, resident, "note", 422, text=" "))


def test_a_canned_reply_is_put_behind_what_is_typed(sam: TestClient, resident: Resident) -> None:
    with at_hand.database().writing() as session:
        if session.get(CannedReplyRow, "hours") is None:
            canned_replies.add_canned_reply(session, "desk", "hours", "We open at <nine>.")
    page = do(sam, resident, "reply", text="Hello Mary.", insert="canned:hours")
    assert ">Hello Mary.\n\nWe open at &lt;nine&gt;.</textarea>" in page
    assert all(author != "staff" for author, _ in resident.log)


def test_a_suggested_answer_is_put_in_and_can_be_changed_before_it_goes(sam: TestClient) -> None:
    resident = a_resident("Is the library Wi-Fi safe?")
    page = look(sam, resident)
    assert "Alt+1" in words(page)
    assert 'value="topic:wifi-safety"' in page
    filled = do(sam, resident, "reply", insert="topic:wifi-safety")
    assert re.search(r"<textarea[^>]*>[^<]*Wi-Fi is shared", filled)
    assert re.search(r"<textarea[^>]*></textarea>", do(sam, resident, "reply", insert="topic:<nothing>"))


def test_who_else_looks_is_shown(sam: TestClient, boss: TestClient, resident: Resident) -> None:
    look(boss, resident)
    assert "Also here: Manager Example." in words(look(sam, resident))


def test_a_look_at_contacts_is_in_the_audit_once(sam: TestClient) -> None:
    handover = a_resident("Please ring").leave_a_message(way="phone", phone="+442079460000", name="Mary")
    resident = Resident(handover.conversation_id, "")
    assert "Ring them Mary" in words(look(sam, resident))
    look(sam, resident)
    assert audit_of(handover) == [(f"staff:{person('staff').id}", "looked at")]


def test_what_alarms_is_marked_in_words(sam: TestClient) -> None:
    resident = a_resident()
    resident.say("I want to end it all", Alarm.CRISIS)
    resident.say("my chest hurts", Alarm.MEDICAL)
    resident.ask_for_a_person(is_urgent=True)
    page = words(look(sam, resident))
    for mark in ("Crisis: this person may be in danger", "Medical: this may need 999 or 111", "Urgent: safety"):
        assert mark in page


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_residents_and_staff_type_is_shown_as_text(sam: TestClient, hostile: str) -> None:
    resident = a_resident(hostile, page=hostile)
    resident.leave_a_message(name=hostile)
    with at_hand.database().writing() as session:
        staff = session.get_one(StaffRow, person("staff").id)
        handovers.note(session, resident.id, staff, hostile)
        handovers.reply(session, resident.id, staff, "1", hostile, 99)
    html = look(sam, resident)
    assert words(html).count(hostile) >= 6  # title, heading, summary twice, message, reply, note
    assert "<script>alert" not in html
    assert "<img" not in html
    assert html.count("<h1>") == 1


@pytest.mark.parametrize("part", ["standing", "actions", "notes"])
def test_the_parts_that_change_come_by_themselves(sam: TestClient, resident: Resident, part: str) -> None:
    answer = sam.get(f"/staff/conversations/{resident.id}/parts/{part}")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert sam.get(f"/staff/conversations/{resident.id}/parts/../../etc").status_code == 404
    assert sam.get(f"/staff/conversations/{resident.id}/parts/message").status_code == 404


@pytest.mark.parametrize("conversation", ["0" * 32, "x", "' OR 1=1"])
def test_a_conversation_that_is_not_there(sam: TestClient, conversation: str) -> None:
    assert sam.get(f"/staff/conversations/{conversation}").status_code == 404
    answer = sam.post(f"/staff/conversations/{conversation}/claim", data={"token": token_of(sam)})
    assert answer.status_code == 404
    assert "There is no such conversation." in words(answer.text)


@pytest.mark.parametrize("what", ["claim", "release", "transfer", "hand-back", "resolve", "note", "reply"])
def test_nothing_is_done_without_the_token_or_by_a_helper(sam: TestClient, signed_in_as: SignedInAs, resident: Resident, what: str) -> None:
    path = f"/staff/conversations/{resident.id}/{what}"
    assert sam.post(path, data={"text": "x", "outcome": "spam", "to": "1"}).status_code == 403
    helper = signed_in_as("volunteer-helper")
    assert helper.post(path, data={"token": token_of(helper), "text": "x", "outcome": "spam", "to": "1"}).status_code == 403
    assert resident.owner == "queue"

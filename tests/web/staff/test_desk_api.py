"""The staff desk as JSON."""

import threading
from typing import Any

import pytest
from starlette.testclient import TestClient

from desk import at_hand, canned_replies, conversations, enquiry_queue, staff
from desk.conversations import Pressed
from desk.safety import Alarm
from desk.staff_tables import StaffRow
from desk.tasks.attending import attend
from desk.tasks.task import Heard
from tests.web.staff.conftest import SignedInAs, person, token_of
from tests.web.staff.residents import Resident, a_resident, audit_of, on_duty


@pytest.fixture
def sam(signed_in_as: SignedInAs) -> TestClient:
    """A browser of "Staff Example", whose requests carry the token of its pages."""
    return _with_token(signed_in_as("staff"))


@pytest.fixture
def boss(signed_in_as: SignedInAs) -> TestClient:
    """A browser of "Manager Example"."""
    return _with_token(signed_in_as("manager"))


def _with_token(client: TestClient) -> TestClient:
    client.headers["X-CSRF-Token"] = token_of(client)
    return client


@pytest.fixture
def resident() -> Resident:
    """Somebody who asked about the printer and then for a person."""
    resident = a_resident("Where is the printer?")
    resident.ask_for_a_person()
    return resident


def do(client: TestClient, resident: Resident, what: str, **body: Any) -> Any:
    return client.post(f"/staff/api/conversations/{resident.id}/{what}", json=body)


def reply(client: TestClient, resident: Resident, text: str, last_seen_seq: int = 1, client_id: str = "first") -> Any:
    return do(client, resident, "reply", client_id=client_id, text=text, last_seen_seq=last_seen_seq)


# Who may


@pytest.mark.parametrize("path", ["queue", "availability", "canned-replies", f"conversations/{'0' * 32}", f"suggestions?conversation={'0' * 32}"])
def test_nobody_reads_without_a_sign_in_and_helpers_do_not_either(desk_client: TestClient, signed_in_as: SignedInAs, path: str) -> None:
    assert desk_client.get(f"/staff/api/{path}").status_code == 401
    assert signed_in_as("volunteer-helper").get(f"/staff/api/{path}").status_code == 403


def test_nothing_is_done_without_the_token_of_a_page(signed_in_as: SignedInAs, resident: Resident) -> None:
    assert do(signed_in_as("staff"), resident, "claim").status_code == 403
    assert resident.owner == "queue"


@pytest.mark.parametrize("conversation", ["0" * 32, "1", "' OR 1=1", "%00"])
def test_a_conversation_that_is_not_there(sam: TestClient, conversation: str) -> None:
    for what, body in {"claim": {}, "note": {"text": "x"}, "hand-back": {}, "presence": {}, "resolve": {"outcome": "spam"}}.items():
        assert sam.post(f"/staff/api/conversations/{conversation}/{what}", json=body).status_code == 404
    assert sam.get(f"/staff/api/conversations/{conversation}").status_code == 404
    assert sam.get(f"/staff/api/conversations/{conversation}/events").status_code == 404


# The queue


def test_the_queue_tells_what_waits(sam: TestClient, resident: Resident) -> None:
    items = sam.get("/staff/api/queue?kind=live").json()["items"]
    [mine] = [item for item in items if item["conversation"] == resident.id]
    assert (mine["about"], mine["kind"], mine["staff"], mine["awaits_reply"]) == ("Where is the printer?", "live", "", True)


def test_the_queue_of_what_one_has(sam: TestClient, resident: Resident) -> None:
    do(sam, resident, "claim")
    assert resident.id in [item["conversation"] for item in sam.get("/staff/api/queue?mine=1").json()["items"]]
    assert sam.get("/staff/api/queue?kind=nothing").status_code == 422


# Looking


def test_looking_claims_nothing_and_shows_everything(sam: TestClient, resident: Resident) -> None:
    seen = sam.get(f"/staff/api/conversations/{resident.id}").json()
    assert seen["owner"] == "queue"
    assert [message["text"] for message in seen["messages"]] == ["Where is the printer?"]
    assert seen["summary"]["asked"] == ["Where is the printer?"]
    assert resident.owner == "queue"


def test_a_look_is_in_the_audit_once_a_visit(sam: TestClient) -> None:
    handover = a_resident("Please ring me").leave_a_message(way="phone", phone="+442079460000", name="Mary")
    for _ in range(3):
        seen = sam.get(f"/staff/api/conversations/{handover.conversation_id}").json()
    assert seen["contact"] == {"way": "phone", "name": "Mary", "phone": "+442079460000", "email": ""}
    assert audit_of(handover) == [(f"staff:{person('staff').id}", "looked at")]


def test_reading_the_log_is_a_look_too(sam: TestClient) -> None:
    handover = a_resident("I am Mary, please ring me").leave_a_message(way="phone", phone="+442079460000", name="Mary")
    for after in (0, 1):
        assert sam.get(f"/staff/api/conversations/{handover.conversation_id}/events?after={after}").status_code == 200
    assert audit_of(handover) == [(f"staff:{person('staff').id}", "looked at")]


def test_staff_see_what_alarms(sam: TestClient) -> None:
    resident = a_resident()
    resident.say("I want to end it all", Alarm.CRISIS)
    [message] = sam.get(f"/staff/api/conversations/{resident.id}").json()["messages"]
    assert message["alarm"] == "crisis"


def test_who_else_looks_and_types(sam: TestClient, boss: TestClient, resident: Resident) -> None:
    do(sam, resident, "presence", typing=True)
    assert do(boss, resident, "presence").json()["present"] == [{"name": "Staff Example", "typing": True}]
    assert do(sam, resident, "presence").json()["present"] == [{"name": "Manager Example", "typing": False}]


def test_the_log_after_a_number(sam: TestClient, resident: Resident) -> None:
    resident.say("and the scanner?")
    log = sam.get(f"/staff/api/conversations/{resident.id}/events?after=1").json()
    assert ([event["text"] for event in log["events"]], log["last"]) == (["and the scanner?"], 2)


# Doing


def test_of_two_who_claim_one_gets_it_and_the_other_hears_who(sam: TestClient, boss: TestClient, resident: Resident) -> None:
    assert do(sam, resident, "claim").json()["mine"]
    late = do(boss, resident, "claim")
    assert late.status_code == 409
    assert late.json()["error"] == {"code": "taken", "message": "Staff Example has this conversation.", "by": "Staff Example"}
    assert do(sam, resident, "claim").status_code == 200


def test_a_reply_reaches_the_resident_once(sam: TestClient, resident: Resident) -> None:
    first, again = reply(sam, resident, "Upstairs."), reply(sam, resident, "Upstairs.")
    assert first.status_code == again.status_code == 200
    assert first.json()["accepted"] == again.json()["accepted"]
    assert [each for each in resident.log if each[0] == "staff"] == [("staff", "Upstairs.")]
    headers = {"Authorization": f"Bearer {resident.token}"}
    assert sam.get(f"/api/conversations/{resident.id}/events", headers=headers).json()["events"][-1]["text"] == "Upstairs."


def test_a_stale_reply_is_not_sent_and_shows_what_came_in(sam: TestClient, resident: Resident) -> None:
    resident.say("Oh, I found it.")
    stale = reply(sam, resident, "Upstairs.")
    assert stale.status_code == 409
    assert stale.json()["error"]["code"] == "stale"
    assert [message["text"] for message in stale.json()["missed"]] == ["Oh, I found it."]
    assert resident.owner == "queue"
    assert reply(sam, resident, "Good!", last_seen_seq=2).status_code == 200


def test_a_reply_in_somebody_elses_conversation_is_refused(sam: TestClient, boss: TestClient, resident: Resident) -> None:
    do(sam, resident, "claim")
    refused = reply(boss, resident, "Upstairs.")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "taken")
    assert all(author != "staff" for author, _ in resident.log)


@pytest.mark.parametrize("text", ["", "  \n ", "a" * 2001])
def test_a_reply_that_is_blank_or_too_long_is_refused(sam: TestClient, resident: Resident, text: str) -> None:
    assert reply(sam, resident, text).status_code == 422
    assert resident.owner == "queue"


def test_a_conversation_is_put_back_in_line(sam: TestClient, resident: Resident) -> None:
    do(sam, resident, "claim")
    assert do(sam, resident, "release").json()["owner"] == "queue"
    assert do(sam, resident, "release").status_code == 409


def test_a_conversation_is_passed_on_to_those_who_answer_only(sam: TestClient, boss: TestClient, resident: Resident) -> None:
    do(sam, resident, "claim")
    for nobody in (person("volunteer-helper").id, person("staff").id, 9999):
        assert do(sam, resident, "transfer", to=nobody).status_code == 422
    assert do(sam, resident, "transfer", to=person("manager").id).json()["owner_name"] == "Manager Example"
    assert do(boss, resident, "hand-back").json()["owner"] == "bot"


@pytest.mark.parametrize("outcome", enquiry_queue.handovers.OUTCOMES)
def test_a_conversation_is_closed_with_what_came_of_it(sam: TestClient, outcome: str) -> None:
    handover = a_resident("hello").leave_a_message()
    resident = Resident(handover.conversation_id, "")
    assert do(sam, resident, "resolve", outcome=outcome).status_code == 200
    with at_hand.database().reading() as session:
        closed = enquiry_queue.latest_handover(session, resident.id)
    assert closed is not None
    assert (closed.state, closed.outcome) == ("closed", outcome)
    assert do(sam, resident, "resolve", outcome="forgotten").status_code == 422


def test_a_note_is_for_staff_only(sam: TestClient, resident: Resident) -> None:
    assert do(sam, resident, "note", text="Card 4111 1111 1111 1111 given").status_code == 201
    [note] = sam.get(f"/staff/api/conversations/{resident.id}").json()["notes"]
    assert (note["name"], note["text"]) == ("Staff Example", "Card [card number removed] given")
    headers = {"Authorization": f"Bearer {resident.token}"}
    assert "Card" not in sam.get(f"/api/conversations/{resident.id}/events", headers=headers).text


def test_the_bot_goes_on_with_what_it_had_asked(sam: TestClient) -> None:
    resident = a_resident("I want to book a session")
    heard = Heard("I want to book a session", "book_session", 0.9, intent="book_session")
    replies = attend(at_hand.database(), at_hand.front_desk(), resident.rasa_sender, "1", heard)
    assert replies
    do(sam, resident, "claim")
    do(sam, resident, "hand-back")
    (notice_by, _), (asked_by, words) = resident.log[-2:]
    assert (notice_by, asked_by) == ("system", "bot")
    assert words.startswith("Now, back to what we were doing.")
    assert words.endswith(replies[-1].text.splitlines()[-1])


def test_the_bot_asks_nothing_where_nothing_was_pending(sam: TestClient, resident: Resident) -> None:
    do(sam, resident, "claim")
    do(sam, resident, "hand-back")
    assert resident.log[-1][0] == "system"


# The stream


def test_the_stream_catches_up_and_tells_who_has_the_conversation(sam: TestClient, resident: Resident) -> None:
    resident.say("<b>one</b>")
    app: Any = sam.app
    lines = _stream(sam, resident, {"Last-Event-ID": "1"}, app)
    assert "id: 2" in lines
    assert any('"text": "<b>one</b>"' in line and "&lt;b&gt;one&lt;/b&gt;" in line for line in lines)
    assert "event: standing" in lines
    assert not any("Where is the printer" in line for line in lines)


def _stream(client: TestClient, resident: Resident, headers: dict[str, str], app: Any) -> list[str]:
    """Read the stream until it has told who has the conversation, then end it as a restart does."""
    ending = threading.Timer(1.5, lambda: setattr(app.state.streams, "closed", True))
    ending.start()
    try:
        path = f"/staff/api/conversations/{resident.id}/events"
        return client.get(path, headers={"Accept": "text/event-stream", **headers}).text.splitlines()
    finally:
        ending.join()
        app.state.streams.closed = False


def test_a_stream_ends_when_its_sign_in_has(sam: TestClient, resident: Resident) -> None:
    path = f"/staff/api/conversations/{resident.id}/events"

    def end() -> None:
        with at_hand.database().writing() as session:
            staff.end_sign_ins(session, person("staff").id)

    ending = threading.Timer(0.5, end)
    ending.start()
    assert "event: standing" in sam.get(path, headers={"Accept": "text/event-stream"}).text
    ending.join()


# Who is there, and what helps


def test_the_switch_of_who_is_on_duty(sam: TestClient, boss: TestClient) -> None:
    on_duty("manager", is_there=False)
    assert sam.post("/staff/api/availability", json={"on_duty": True}).json() == {"on_duty": True, "others": []}
    assert boss.get("/staff/api/availability").json() == {"on_duty": False, "others": ["Staff Example"]}
    assert sam.get("/api/status").json()["staff"] == "on_duty"
    assert sam.post("/staff/api/availability", json={"on_duty": False}).json()["on_duty"] is False
    assert sam.get("/api/status").json()["staff"] == "off_duty"


def test_an_open_page_keeps_one_on_duty(sam: TestClient) -> None:
    with at_hand.database().writing() as session:
        row = session.get_one(StaffRow, person("staff").id)
        row.on_duty, row.seen_at = True, None
    assert sam.get("/staff/api/availability").json()["on_duty"] is False
    assert sam.post("/staff/api/availability/heartbeat").status_code == 204
    assert sam.get("/staff/api/availability").json()["on_duty"] is True


def test_canned_replies_by_their_codes(sam: TestClient) -> None:
    with at_hand.database().writing() as session:
        canned_replies.add_canned_reply(session, "desk", "hello", "Hello, how can I help?")
    assert {"code": "hello", "text": "Hello, how can I help?"} in sam.get("/staff/api/canned-replies").json()["replies"]


def test_the_knowledge_base_suggests_answers_to_the_last_question(sam: TestClient) -> None:
    resident = a_resident("hello", "Is the library Wi-Fi safe?")
    [first, *_] = sam.get(f"/staff/api/suggestions?conversation={resident.id}").json()["suggestions"]
    assert first["topic"] == "wifi-safety"
    assert "Wi-Fi" in first["text"]


def test_a_button_that_asks_for_a_person_is_no_question(sam: TestClient) -> None:
    resident = a_resident("Is the library Wi-Fi safe?")
    with at_hand.database().writing() as session:
        conversations.accept(session, resident.id, "button", "Talk to a person", pressed=Pressed("Talk to a person", "talk_to_staff"))
    assert sam.get(f"/staff/api/suggestions?conversation={resident.id}").json()["suggestions"][0]["topic"] == "wifi-safety"


def test_no_article_is_suggested_to_somebody_in_danger(sam: TestClient) -> None:
    resident = a_resident("Is the library Wi-Fi safe?")
    resident.say("I want to end it all", Alarm.CRISIS)
    assert sam.get(f"/staff/api/suggestions?conversation={resident.id}").json() == {"suggestions": []}


def test_nothing_is_suggested_where_nothing_was_asked(sam: TestClient) -> None:
    assert sam.get(f"/staff/api/suggestions?conversation={a_resident().id}").json() == {"suggestions": []}

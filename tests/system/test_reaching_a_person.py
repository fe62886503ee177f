"""A resident wants a person: both sides of it, through the running desk, with real Rasa, real actions and a real restart of web."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from desk.settings import ROOT
from tests.running_desk import Conversation, RunningDesk

PASSWORD = "four patient otters"


@dataclass
class StaffDesk:
    """Somebody of the staff, signed in with a program as their browser."""

    http: httpx.Client

    def _post(self, path: str, **body: Any) -> httpx.Response:
        return self.http.post(f"/staff/api{path}", json=body)

    def duty(self, on_duty: bool) -> None:
        self._post("/availability", on_duty=on_duty).raise_for_status()

    def queue(self) -> list[dict[str, Any]]:
        return list(self.http.get("/staff/api/queue").raise_for_status().json()["items"])

    def item(self, resident: Conversation) -> dict[str, Any]:
        [found] = [item for item in self.queue() if item["conversation"] == resident.id]
        return found

    def opens(self, resident: Conversation) -> dict[str, Any]:
        return dict(self.http.get(f"/staff/api/conversations/{resident.id}").raise_for_status().json())

    def does(self, what: str, resident: Conversation, **body: Any) -> httpx.Response:
        return self._post(f"/conversations/{resident.id}/{what}", **body)

    def replies(self, resident: Conversation, text: str, last_seen: int | None = None) -> httpx.Response:
        seen = self.opens(resident)["last"] if last_seen is None else last_seen
        return self.does("reply", resident, client_id=uuid.uuid4().hex, text=text, last_seen_seq=seen)


def _signed_in(desk: RunningDesk, username: str, name: str) -> StaffDesk:
    add = [sys.executable, "-m", "commands.main", "staff", "add", username, "--role", "staff", "--name", name, "--password-stdin"]
    subprocess.run(add, cwd=ROOT, env=desk.environment, input=PASSWORD, text=True, check=True, capture_output=True)
    http = httpx.Client(base_url=desk.url, timeout=30)
    answer = http.post("/staff/api/sign-in", json={"username": username, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    http.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return StaffDesk(http)


@pytest.fixture(scope="module")
def priya(running_desk: RunningDesk) -> Iterator[StaffDesk]:
    desk = _signed_in(running_desk, "priya", "Priya Shah")
    yield desk
    desk.duty(False)
    desk.http.close()


@pytest.fixture(scope="module")
def tom(running_desk: RunningDesk) -> Iterator[StaffDesk]:
    desk = _signed_in(running_desk, "tom", "Tom Reed")
    yield desk
    desk.http.close()


def kinds(resident: Conversation) -> list[tuple[str, str]]:
    return [(message["from"], message["kind"]) for message in resident.log()]


def test_somebody_is_on_duty_and_the_bot_is_silent_until_it_is_handed_back(resident: Conversation, priya: StaffDesk) -> None:
    priya.duty(True)
    resident.say("how do I connect to the wifi")
    handed = resident.say("I want to talk to a real person please")
    assert (handed["kind"], handed["label"]) == ("handover", "talk_to_staff")
    assert priya.item(resident)["kind"] == "live"
    seen = priya.opens(resident)
    assert (seen["owner"], seen["summary"]["topic"]) == ("queue", "wifi-connect")
    assert priya.does("claim", resident).status_code == 200
    posted = resident.post(text="how do I print from my phone").json()
    assert (posted["owner"][:6], posted["messages"]) == ("staff:", [])
    assert priya.replies(resident, "I will come over and show you.").status_code == 200
    assert priya.does("hand-back", resident).status_code == 200
    assert resident.log()[-1]["kind"] == "notice"
    assert resident.say("how do I connect to the wifi")["kind"] == "answer"
    said = resident.log()
    assert [message["text"] for message in said if message["from"] == "staff"] == ["I will come over and show you."]
    assert next(message["name"] for message in said if message["from"] == "staff") == "Priya"
    priya.duty(False)


def test_angry_nobody_on_duty_and_a_call_is_promised(resident: Conversation, priya: StaffDesk) -> None:
    priya.duty(False)
    asked = resident.say("this is useless, I am fed up, get me a human being")
    if asked["kind"] != "question":  # the words alone were not enough for the classifier: the button always is
        asked = resident.post(choice="talk_to_staff").json()["messages"][-1]
    assert asked["asks"] == ["message"]
    assert "Nobody is on duty" in asked["text"]
    way = resident.say("your machine ate my card and I have a form to print by Friday")
    assert way["asks"] == ["contact"]
    resident.choose(way, "Ring me")
    assert resident.say("07700 900321")["asks"] == ["name"]
    taken = resident.say("Mrs O'Neill")
    assert taken["kind"] == "message_taken"
    assert "by 5pm on Wednesday 25 November" in taken["text"]
    item = priya.item(resident)
    assert (item["kind"], item["promise"]) == ("call-back", "2026-11-25T17:00:00Z")
    seen = priya.opens(resident)
    assert seen["contact"] == {"way": "phone", "name": "Mrs O'Neill", "phone": "+447700900321", "email": ""}
    assert "angry" in seen["summary"]["mood"]
    assert priya.does("resolve", resident, outcome="rang").status_code == 200
    assert resident.id not in {each["conversation"] for each in priya.queue()}


def test_a_reply_crosses_with_what_the_resident_writes(resident: Conversation, priya: StaffDesk, tom: StaffDesk) -> None:
    priya.duty(True)
    resident.post(choice="talk_to_staff")
    before = priya.opens(resident)["last"]
    assert priya.does("claim", resident).status_code == 200
    resident.post(text="never mind, my grandson fixed it")
    stale = priya.replies(resident, "Have you tried turning it off?", before)
    assert stale.status_code == 409
    assert [message["text"] for message in stale.json()["missed"]] == ["never mind, my grandson fixed it"]
    taken = tom.replies(resident, "Hello, Tom here.")
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "taken")
    assert ("staff", "message") not in kinds(resident)
    priya.does("resolve", resident, outcome="answered").raise_for_status()
    priya.duty(False)


def test_a_crisis_while_a_person_has_the_conversation(resident: Conversation, priya: StaffDesk) -> None:
    priya.duty(True)
    resident.post(choice="talk_to_staff")
    priya.does("claim", resident).raise_for_status()
    [reply] = resident.post(text="I do not want to live any more").json()["messages"]
    assert (reply["from"], reply["kind"]) == ("system", "crisis")
    assert priya.item(resident)["urgent"] is True
    assert ("bot", "crisis") not in kinds(resident)
    priya.does("resolve", resident, outcome="answered").raise_for_status()
    priya.duty(False)


def test_a_line_is_left_by_its_button(resident: Conversation, priya: StaffDesk) -> None:
    priya.duty(True)
    handed = resident.post(choice="talk_to_staff").json()["messages"][-1]
    told = resident.say("hello? is anyone there?")
    assert (told["from"], told["kind"]) == ("system", "notice")
    assert resident.choose(handed, "Leave the line")["kind"] == "smalltalk"
    assert resident.say("how do I connect to the wifi")["label"] == "wifi-connect"
    priya.duty(False)


def test_in_the_middle_of_a_booking_and_back(resident: Conversation, priya: StaffDesk) -> None:
    priya.duty(True)
    asked = resident.say("I would like to book an IT clinic at Pimlico, my name is Ann Blake")
    assert asked["kind"] in ("question", "sessions")
    resident.post(choice="talk_to_staff")
    task = priya.opens(resident)["summary"]["task"]
    assert (task["label"], task["name"]) == ("book_session", "Ann Blake")
    priya.does("claim", resident).raise_for_status()
    priya.does("hand-back", resident).raise_for_status()
    assert kinds(resident)[-2:] == [("system", "notice"), ("bot", asked["kind"])]
    priya.duty(False)


def test_notes_never_reach_the_resident(resident: Conversation, priya: StaffDesk) -> None:
    priya.duty(True)
    resident.post(choice="talk_to_staff")
    assert priya.does("note", resident, text="Ask Sam about her card.").status_code == 201
    assert "Ask Sam" not in str(resident.log())
    assert "Ask Sam" not in resident.http.get(f"/api/conversations/{resident.id}/transcript", headers=resident.headers).text
    priya.does("resolve", resident, outcome="spam").raise_for_status()
    priya.duty(False)


def test_what_was_said_outlives_a_restart_of_web(running_desk: RunningDesk, resident: Conversation, priya: StaffDesk) -> None:
    priya.duty(True)
    resident.post(choice="talk_to_staff")
    priya.does("claim", resident).raise_for_status()
    priya.replies(resident, "I am looking it up.").raise_for_status()
    number = running_desk.kill("web")
    running_desk.wait_until(lambda: running_desk.part("web") != number and running_desk.http.get("/healthz").is_success, 60, "web did not come back")
    running_desk.wait_until_ready()  # for the tests that come after this one, too
    resident.post(text="thank you").raise_for_status()
    priya.replies(resident, "Here it is: page four.").raise_for_status()
    texts = [message["text"] for message in resident.log() if message["from"] in ("staff", "resident")]
    assert texts == ["Talk to a person", "I am looking it up.", "thank you", "Here it is: page four."]
    priya.does("resolve", resident, outcome="answered").raise_for_status()

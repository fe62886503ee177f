"""A chat from its opening to its erasure: who may read it, what it shows, what is left of it."""

from typing import Any

import httpx
import pytest

from tests.running_desk import Conversation, RunningDesk
from tests.system.sentences import PHONE
from tests.system.stored import remembered, rows, sender

pytestmark = pytest.mark.system

QUESTION = "is it ok to do my banking on your wifi"


def call(conversation: Conversation, method: str, path: str = "", **more: Any) -> httpx.Response:
    headers = conversation.headers | more.pop("headers", {})
    return conversation.http.request(method, f"/api/conversations/{conversation.id}{path}", headers=headers, **more)


# Opening


def test_a_chat_opens_with_a_welcome_and_a_secret(running_desk: RunningDesk) -> None:
    response = running_desk.http.post("/api/conversations", json={"language": "en", "page": "/help"})
    opened = response.json()
    assert response.status_code == 201
    assert opened["owner"] == "bot"
    assert [(message["seq"], message["kind"]) for message in opened["messages"]] == [(1, "smalltalk")]
    assert opened["expires_at"].startswith("2027-11-25T10:")
    assert len(opened["token"]) >= 128 / 6, "fewer than 128 random bits"


def test_no_two_chats_share_an_id_or_a_token(running_desk: RunningDesk) -> None:
    chats = [running_desk.converse() for _ in range(5)]
    assert len({chat.id for chat in chats} | {chat.token for chat in chats}) == 10


def test_only_a_hash_of_the_token_is_stored(running_desk: RunningDesk, resident: Conversation) -> None:
    [stored] = rows(running_desk.folder / "desk.db", "SELECT * FROM conversations WHERE id = ?", resident.id)
    assert resident.token not in [str(value) for value in stored]


def test_what_rasa_calls_a_chat_is_not_what_the_resident_holds(running_desk: RunningDesk, resident: Conversation) -> None:
    assert sender(running_desk, resident) not in (resident.id, resident.token)


# Who may read it

CALLS = [
    ("POST", "/messages", {"client_id": "1", "text": QUESTION}),
    ("GET", "/events", None),
    ("POST", "/feedback", {"seq": 1, "helpful": True}),
    ("GET", "/transcript", None),
    ("DELETE", "", None),
]
SENTENCE = "This chat cannot be opened. It may have been cleared. Please start a new one."


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_without_its_token_a_chat_stays_shut(running_desk: RunningDesk, resident: Conversation, method: str, path: str, body: Any) -> None:
    foreign = running_desk.converse()
    refused = {
        "none": {},
        "empty": {"Authorization": ""},
        "no token": {"Authorization": "Bearer"},
        "another scheme": {"Authorization": f"Basic {resident.token}"},
        "wrong": {"Authorization": "Bearer wrong"},
        "half": {"Authorization": f"Bearer {resident.token[:-1]}"},
        "foreign": foreign.headers,
    }
    before = resident.log()
    for why, headers in refused.items():
        response = running_desk.http.request(method, f"/api/conversations/{resident.id}{path}", json=body, headers=headers)
        assert response.status_code in (401, 404), why
        assert response.json()["error"]["message"] == SENTENCE, why
    assert resident.log() == before


def test_a_wrong_token_and_an_unknown_chat_cannot_be_told_apart(running_desk: RunningDesk, resident: Conversation) -> None:
    headers = {"Authorization": "Bearer wrong"}
    wrong = running_desk.http.get(f"/api/conversations/{resident.id}/events", headers=headers)
    unknown = running_desk.http.get(f"/api/conversations/{'0' * 32}/events", headers=headers)
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)


# What it shows


def test_the_log_holds_every_message_under_its_number(resident: Conversation) -> None:
    reply = resident.say(QUESTION)
    log = resident.log()
    assert [(event["seq"], event["from"]) for event in log] == [(1, "bot"), (2, "resident"), (3, "bot")]
    assert log[1]["text"] == QUESTION
    assert log[2] == reply
    assert reply["in_reply_to"] == 2


def test_the_log_can_be_read_from_a_number_on(resident: Conversation) -> None:
    resident.say(QUESTION)
    body = call(resident, "GET", "/events", params={"after": 2}).json()
    assert [event["seq"] for event in body["events"]] == [3]
    assert body["last"] == 3
    assert call(resident, "GET", "/events", params={"after": 3}).json() == {"events": [], "last": 3}


def test_the_time_of_a_message_is_the_desks_own_clock_in_utc(resident: Conversation) -> None:
    assert resident.log()[0]["at"].startswith("2026-11-25T10:")
    assert resident.log()[0]["at"].endswith("Z")


def test_what_stands_behind_a_message_is_not_shown(resident: Conversation) -> None:
    resident.say("my card number is 4111 1111 1111 1111")
    assert {key for event in resident.log() for key in event} <= {
        *("seq", "at", "from", "kind", "text", "html", "label", "topic", "choices", "sources", "more", "steps", "checked", "in_reply_to")
    }


def test_the_transcript_holds_what_was_said_as_text_and_as_a_page(resident: Conversation) -> None:
    reply = resident.say(QUESTION)
    text = call(resident, "GET", "/transcript", headers={"Accept": "text/plain"})
    page = call(resident, "GET", "/transcript", headers={"Accept": "text/html"})
    assert text.headers["content-type"].startswith("text/plain")
    assert page.headers["content-type"].startswith("text/html")
    assert QUESTION in text.text
    assert reply["text"] in text.text
    assert QUESTION in page.text
    assert all(source["title"] in page.text for source in reply["sources"])
    assert PHONE in text.text
    assert PHONE in page.text


# Whether it helped


def judgements(desk: RunningDesk, conversation: Conversation) -> list[tuple[Any, ...]]:
    return rows(desk.folder / "desk.db", "SELECT seq, helpful FROM feedback WHERE conversation_id = ?", conversation.id)


def test_feedback_is_remembered_and_a_later_judgement_replaces_it(running_desk: RunningDesk, resident: Conversation) -> None:
    seq = resident.say(QUESTION)["seq"]
    for helpful in (True, False):
        response = call(resident, "POST", "/feedback", json={"seq": seq, "helpful": helpful})
        assert (response.status_code, response.content) == (204, b"")
        assert judgements(running_desk, resident) == [(seq, helpful)]


@pytest.mark.parametrize("judgement", [{"seq": 2, "helpful": True}, {"seq": 99, "helpful": True}, {"seq": 3, "helpful": "yes"}, {"seq": 3}, {}])
def test_only_an_answer_can_be_judged_and_only_as_helpful_or_not(running_desk: RunningDesk, resident: Conversation, judgement: Any) -> None:
    resident.say(QUESTION)
    response = call(resident, "POST", "/feedback", json=judgement)
    assert response.status_code == 422
    assert response.json()["error"]["message"]
    assert judgements(running_desk, resident) == []


# What is left of it


def test_an_erased_chat_is_gone_everywhere(running_desk: RunningDesk, resident: Conversation) -> None:
    seq = resident.say(QUESTION)["seq"]
    call(resident, "POST", "/feedback", json={"seq": seq, "helpful": True})
    name = sender(running_desk, resident)
    assert remembered(running_desk, name)

    response = call(resident, "DELETE")

    assert (response.status_code, response.content) == (204, b"")
    assert call(resident, "GET", "/events").status_code == 404
    assert call(resident, "GET", "/transcript").status_code == 404
    assert resident.post(text="hello").status_code == 404
    desk = running_desk.folder / "desk.db"
    assert rows(desk, "SELECT * FROM conversations WHERE id = ?", resident.id) == []
    assert rows(desk, "SELECT * FROM messages WHERE conversation_id = ?", resident.id) == []
    assert rows(desk, "SELECT * FROM feedback WHERE conversation_id = ?", resident.id) == []
    assert remembered(running_desk, name) == []


def test_erasing_one_chat_leaves_the_others(running_desk: RunningDesk, resident: Conversation) -> None:
    other = running_desk.converse()
    answer = other.say(QUESTION)
    call(resident, "DELETE")
    assert other.log()[-1] == answer
    assert other.say("say that again")["label"] == "repeat"


def test_a_chat_can_be_erased_before_anything_was_said(resident: Conversation) -> None:
    assert call(resident, "DELETE").status_code == 204
    assert call(resident, "DELETE").status_code == 404

"""Taking messages in: each once, in their order, whatever they hold."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.running_desk import Conversation, RunningDesk
from tests.system.sentences import says_what_next

pytestmark = pytest.mark.system

QUESTION = "how do i connect to the wifi"


def said_by_resident(conversation: Conversation) -> list[str]:
    return [event["text"] for event in conversation.log() if event["from"] == "resident"]


def test_a_message_posted_twice_is_taken_once_and_gets_the_same_result(resident: Conversation) -> None:
    first = resident.post(client_id="the same", text=QUESTION)
    second = resident.post(client_id="the same", text=QUESTION)
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert said_by_resident(resident) == [QUESTION]
    assert len(resident.log()) == 3


def test_the_same_client_id_with_other_words_gives_the_first_result(resident: Conversation) -> None:
    first = resident.post(client_id="the same", text=QUESTION).json()
    assert resident.post(client_id="the same", text="hello").json() == first
    assert said_by_resident(resident) == [QUESTION]


def test_the_same_client_id_in_two_chats_is_two_messages(running_desk: RunningDesk, resident: Conversation) -> None:
    other = running_desk.converse()
    for conversation in (resident, other):
        assert conversation.post(client_id="1", text=QUESTION).status_code == 200
    assert said_by_resident(resident) == said_by_resident(other) == [QUESTION]


def test_a_message_posted_four_times_at_once_is_taken_once(resident: Conversation) -> None:
    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(lambda _: resident.post(client_id="the same", text=QUESTION), range(4)))
    assert [response.status_code for response in responses] == [200] * 4
    assert all(response.json() == responses[0].json() for response in responses)
    assert len(resident.log()) == 3


def test_messages_posted_at_once_are_all_answered_in_their_order(resident: Conversation) -> None:
    texts = [QUESTION, "thanks so much", "can i borrow a laptop", "are you a robot"]
    with ThreadPoolExecutor(4) as pool:
        posted = [response.json() for response in pool.map(lambda text: resident.post(text=text), texts)]
    assert sorted(result["accepted"] for result in posted) == [2, 3, 4, 5]
    log = resident.log()
    assert [event["seq"] for event in log] == list(range(1, 10))
    answered = [event["in_reply_to"] for event in log if "in_reply_to" in event]
    assert answered == [2, 3, 4, 5]
    for text, result in zip(texts, posted, strict=True):
        assert log[result["accepted"] - 1]["text"] == text
        assert [reply["in_reply_to"] for reply in result["messages"]] == [result["accepted"]]


# What a message may hold


def test_a_message_of_exactly_2000_characters_is_answered(resident: Conversation) -> None:
    text = (QUESTION + " ").ljust(1999, "x") + "?"
    assert len(text) == 2000
    assert resident.post(text=text).status_code == 200
    assert said_by_resident(resident) == [text]


def test_a_message_of_2001_characters_is_refused_kindly(resident: Conversation) -> None:
    response = resident.post(text="x" * 2001)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "too_long"
    message = response.json()["error"]["message"]
    assert "2,001 characters" in message
    assert "send it in shorter parts" in message
    assert said_by_resident(resident) == []


@pytest.mark.parametrize("text", ["", "   ", "\n\t\n", "\u200b\u200e", "\x00\x07", "\u00a0\u3000"])
def test_a_blank_message_is_refused_kindly(resident: Conversation, text: str) -> None:
    response = resident.post(text=text)
    assert response.status_code == 422
    assert response.json()["error"] == {"code": "blank", "message": "That message was empty. Please type your question and send it again."}
    assert said_by_resident(resident) == []


@pytest.mark.parametrize("text", ["🙂", "👩🏽‍🦽📚🙏", "مرحبا كيف يمكنني الاتصال بالواي فاي", "你好", "🏴󠁧󠁢󠁷󠁬󠁳󠁿"])
def test_any_script_is_answered_and_kept_as_it_was_typed(resident: Conversation, text: str) -> None:
    reply = resident.say(text)
    assert reply["from"] == "bot"
    assert says_what_next(reply["text"]) or reply.get("choices") or reply["kind"] == "answer"
    assert said_by_resident(resident) == [text]


def test_right_to_left_text_is_shown_in_its_own_direction(resident: Conversation) -> None:
    assert 'dir="auto"' in resident.say("مرحبا")["html"]


def test_null_bytes_are_dropped_and_the_words_answered(resident: Conversation) -> None:
    reply = resident.say("how do i connect\x00 to the wifi\x00")
    assert reply["topic"] == "wifi-connect"
    assert said_by_resident(resident) == [QUESTION]


def test_half_of_a_surrogate_pair_is_dropped_and_the_words_answered(resident: Conversation) -> None:
    body = b'{"client_id": "1", "text": "how do i connect to the wifi \\ud83d"}'
    response = send(resident, body)
    assert response.status_code == 200
    assert response.json()["messages"][0]["topic"] == "wifi-connect"


MARKUP = '<script>alert("wifi")</script> & <img src=x onerror=alert(1)> how do i connect to the wifi'


def test_markup_is_kept_as_words_and_escaped_wherever_it_is_shown_as_html(resident: Conversation) -> None:
    reply = resident.say(MARKUP)
    assert said_by_resident(resident) == [MARKUP]
    assert "<script" not in reply["html"]
    html = transcript(resident, "text/html").text
    assert "&lt;script&gt;alert(" in html
    assert "<script" not in html
    assert "<img" not in html
    assert MARKUP in transcript(resident, "text/plain").text


def transcript(conversation: Conversation, accept: str) -> httpx.Response:
    return conversation.http.get(f"/api/conversations/{conversation.id}/transcript", headers={**conversation.headers, "Accept": accept})


# Requests that are not messages


def send(conversation: Conversation, body: bytes, content_type: str = "application/json") -> httpx.Response:
    headers = {**conversation.headers, "Content-Type": content_type}
    return conversation.http.post(f"/api/conversations/{conversation.id}/messages", content=body, headers=headers)


BROKEN = {
    "half a JSON text": (b'{"client_id": "1", "text": "hel', "application/json"),
    "no JSON": (b"hello", "application/json"),
    "nothing": (b"", "application/json"),
    "a list": (b"[]", "application/json"),
    "null": (b"null", "application/json"),
    "too deep": (b"[" * 100_000, "application/json"),
    "not UTF-8": (b'{"client_id": "1", "text": "\xff\xfe"}', "application/json"),
    "plain text": (b'{"client_id": "1", "text": "hello"}', "text/plain"),
    "a form": (b"client_id=1&text=hello", "application/x-www-form-urlencoded"),
    "no client_id": (b'{"text": "hello"}', "application/json"),
    "empty client_id": (b'{"client_id": "", "text": "hello"}', "application/json"),
    "long client_id": (b'{"client_id": "%s", "text": "hello"}' % (b"x" * 65), "application/json"),
    "numbers": (b'{"client_id": 1, "text": 2}', "application/json"),
    "neither text nor choice": (b'{"client_id": "1"}', "application/json"),
    "both text and choice": (b'{"client_id": "1", "text": "hello", "choice": "1-0"}', "application/json"),
}


@pytest.mark.parametrize(("body", "content_type"), BROKEN.values(), ids=BROKEN)
def test_a_broken_request_is_refused_with_a_plain_sentence(resident: Conversation, body: bytes, content_type: str) -> None:
    response = send(resident, body, content_type)
    assert response.status_code in (400, 422)
    assert set(response.json()) == {"error"}
    assert set(response.json()["error"]) == {"code", "message"}
    assert says_what_next(response.json()["error"]["message"])
    assert len(resident.log()) == 1


def test_after_every_broken_request_the_chat_goes_on(resident: Conversation) -> None:
    for body, content_type in BROKEN.values():
        send(resident, body, content_type)
    assert resident.say(QUESTION)["topic"] == "wifi-connect"

"""The log as a stream of server-sent events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.running_desk import Conversation

pytestmark = pytest.mark.system

STILL_HERE = ": still here"


@contextmanager
def following(conversation: Conversation, **headers: str) -> Iterator[Iterator[str]]:
    """Open the stream of a chat and give its lines as they arrive."""
    headers |= conversation.headers | {"Accept": "text/event-stream"}
    with conversation.http.stream("GET", f"/api/conversations/{conversation.id}/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield response.iter_lines()


def next_event(lines: Iterator[str]) -> tuple[int, dict[str, Any]]:
    """Return (id, data) of the next event. It must come before the stream has been silent for so long that it says so."""
    number = 0
    for line in lines:
        assert line != STILL_HERE, "the stream fell silent"
        if line.startswith("id: "):
            number = int(line.removeprefix("id: "))
        if line.startswith("data: "):
            return number, json.loads(line.removeprefix("data: "))
    raise AssertionError("the stream ended")


def test_the_stream_gives_the_log_with_its_numbers_as_ids(resident: Conversation) -> None:
    resident.say("hello")
    with following(resident) as lines:
        events = [next_event(lines) for _ in range(3)]
    assert [number for number, _ in events] == [1, 2, 3]
    assert [event for _, event in events] == resident.log()


def test_a_message_arrives_while_the_stream_is_open(resident: Conversation) -> None:
    with following(resident) as lines:
        assert next_event(lines)[0] == 1
        reply = resident.say("hello")
        assert next_event(lines)[1]["text"] == "hello"
        assert next_event(lines) == (3, reply)


def test_two_pages_that_follow_one_chat_both_see_what_is_said(resident: Conversation) -> None:
    with following(resident) as first, following(resident) as second:
        resident.say("hello")
        assert [next_event(first) for _ in range(3)] == [next_event(second) for _ in range(3)]


def test_a_stream_that_broke_off_goes_on_after_the_last_event_seen(resident: Conversation) -> None:
    resident.say("hello")
    with following(resident, **{"Last-Event-ID": "2"}) as lines:
        assert next_event(lines)[0] == 3


@pytest.mark.parametrize("last", ["", "abc", "-1", "1.5", "9" * 30])
def test_a_last_event_id_that_is_no_number_does_no_harm(resident: Conversation, last: str) -> None:
    with following(resident, **{"Last-Event-ID": last}) as lines:
        assert next(lines).startswith(":")


def test_a_silent_stream_says_that_it_is_still_there(resident: Conversation) -> None:
    with following(resident, **{"Last-Event-ID": "1"}) as lines:
        assert STILL_HERE in lines


def test_the_stream_of_an_erased_chat_ends(resident: Conversation) -> None:
    with following(resident) as lines:
        next_event(lines)
        resident.http.delete(f"/api/conversations/{resident.id}", headers=resident.headers)
        with pytest.raises(AssertionError, match="the stream ended"):
            next_event(lines)


def test_a_stream_needs_the_token_too(resident: Conversation) -> None:
    headers = {"Accept": "text/event-stream", "Authorization": "Bearer wrong"}
    assert resident.http.get(f"/api/conversations/{resident.id}/events", headers=headers).status_code == 404

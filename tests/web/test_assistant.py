"""What the desk makes of an assistant that answers wrongly, late or not at all."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.running_desk import free_port
from web.rasa import Assistant, AssistantState, AssistantUnavailableError

Answer = Callable[[BaseHTTPRequestHandler], None]


def saying(body: str, status: int = 200) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body.encode())))
        request.end_headers()
        request.wfile.write(body.encode())

    return answer


def hanging_up(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True


@asynccontextmanager
async def assistant_that(answers: Answer, reply_within: float = 4.0) -> AsyncIterator[Assistant]:
    """An assistant whose server is alive, and answers every message in one way."""

    class Server(BaseHTTPRequestHandler):
        do_GET = saying("Hello from Rasa: 3.6.21")  # noqa: N815

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            (saying("[]") if b"warm-up" in self.rfile.read(length) else answers)(self)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    assistant = Assistant(f"http://127.0.0.1:{server.server_port}", reply_within)
    watching = asyncio.create_task(assistant.watch())
    try:
        async with asyncio.timeout(30):
            while assistant.state is not AssistantState.READY:
                await asyncio.sleep(0)
        yield assistant
    finally:
        watching.cancel()
        await assistant.close()
        server.shutdown()
        server.server_close()


async def test_replies_come_in_their_order() -> None:
    first = '{"custom": {"kind": "answer", "label": "scams", "lead": "Stop."}}'
    second = '{"custom": {"kind": "smalltalk", "label": "thanks", "lead": "You are welcome."}}'
    async with assistant_that(saying(f"[{first}, {second}]")) as assistant:
        replies = await assistant.ask("sender", "is this a scam")
    assert [(reply.kind, reply.label, reply.text) for reply in replies] == [("answer", "scams", "Stop."), ("smalltalk", "thanks", "You are welcome.")]


UNUSABLE = [
    pytest.param(saying("[]"), id="nothing"),
    pytest.param(saying("no JSON"), id="no JSON"),
    pytest.param(saying("null"), id="null"),
    pytest.param(saying("[1, 2]"), id="numbers"),
    pytest.param(saying('[{"text": "words without parts"}]'), id="text only"),
    pytest.param(saying('[{"custom": {"unknown": 1}}]'), id="unknown parts"),
    pytest.param(saying('[{"custom": null}]'), id="no parts"),
    pytest.param(saying("{}", 500), id="an error"),
    pytest.param(hanging_up, id="hanging up"),
]


@pytest.mark.parametrize("answers", UNUSABLE)
async def test_a_reply_that_cannot_be_used_is_as_good_as_none(answers: Answer) -> None:
    async with assistant_that(answers) as assistant:
        with pytest.raises(AssistantUnavailableError) as raised:
            await assistant.ask("sender", "hello")
    assert raised.value.state == "down"


async def test_a_reply_that_takes_too_long_is_not_waited_for() -> None:
    released = threading.Event()

    def keep_waiting(_: BaseHTTPRequestHandler) -> None:
        released.wait(30)

    async with assistant_that(keep_waiting, reply_within=0.1) as assistant:
        with pytest.raises(AssistantUnavailableError) as raised:
            await assistant.ask("sender", "hello")
        released.set()
    assert raised.value.state == "slow"


async def test_who_asks_while_it_warms_up_is_answered() -> None:
    """Web was restarted beside an assistant that runs: residents need not wait until web has greeted it."""
    greeted, release = threading.Event(), threading.Event()

    class Server(BaseHTTPRequestHandler):
        do_GET = saying("Hello from Rasa: 3.6.21")  # noqa: N815

        def do_POST(self) -> None:
            is_greeting = b"warm-up" in self.rfile.read(int(self.headers["Content-Length"]))
            if is_greeting:
                greeted.set()
                release.wait(20)
            saying('[{"custom": {"kind": "answer", "label": "wifi-safety", "lead": "Yes."}}]')(self)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    assistant = Assistant(f"http://127.0.0.1:{server.server_port}", 10.0, send_vectors=False)
    watching = asyncio.create_task(assistant.watch())
    try:
        assert await asyncio.to_thread(greeted.wait, 20)
        assert assistant.state is AssistantState.STARTING
        [reply] = await assistant.ask("somebody", "is it safe")
        assert reply.label == "wifi-safety"
    finally:
        release.set()
        watching.cancel()
        await assistant.close()
        server.shutdown()
        server.server_close()


async def test_where_nobody_ever_listened_the_assistant_is_starting() -> None:
    assistant = Assistant(f"http://127.0.0.1:{free_port()}", 4.0)
    assert assistant.state is AssistantState.STARTING
    with pytest.raises(AssistantUnavailableError) as raised:
        await assistant.ask("sender", "hello")
    assert raised.value.state == "starting"

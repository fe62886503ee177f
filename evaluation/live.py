"""How soon a resident and the staff read each other: conversations that are all live at once, each with a page open on either side."""

import asyncio
import json
import secrets
import statistics
import string
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx

CONVERSATIONS = 50
_ROUNDS = 4
_PAUSE = 3.0  # seconds between the messages of one conversation, so that the conversations do not speak in step
_STREAM = {"Accept": "text/event-stream"}


@dataclass
class Delays:
    """Milliseconds from sending until the other side's open page had it."""

    to_staff: list[float] = field(default_factory=list)
    to_resident: list[float] = field(default_factory=list)


class _Page:
    """An open page: remembers when each text first arrived."""

    def __init__(self) -> None:
        self._came: dict[str, asyncio.Event] = {}

    def expects(self, text: str) -> asyncio.Event:
        return self._came.setdefault(text, asyncio.Event())

    async def follow(self, http: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
        async with http.stream("GET", path, headers=headers | _STREAM, timeout=None) as answer:
            async for text in _texts(answer):
                if text in self._came:
                    self._came[text].set()


async def _texts(answer: httpx.Response) -> AsyncIterator[str]:
    async for line in answer.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: ")).get("text", "")


async def measure(url: str, username: str, password: str, conversations: int = CONVERSATIONS) -> Delays:
    """Play the conversations with one member of staff, who must have an account. Raises httpx.HTTPError where the desk refuses anything."""
    limits = httpx.Limits(max_connections=3 * conversations)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as http, httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as desk:
        signed_in = (await desk.post("/staff/api/sign-in", json={"username": username, "password": password})).raise_for_status().json()
        desk.headers["X-CSRF-Token"] = signed_in["csrf"]
        (await desk.post("/staff/api/availability", json={"on_duty": True})).raise_for_status()
        delays = Delays()
        await asyncio.gather(*(_converse(http, desk, delays, n / conversations * _PAUSE) for n in range(conversations)))
        return delays


async def _converse(http: httpx.AsyncClient, desk: httpx.AsyncClient, delays: Delays, begin_after: float) -> None:
    await asyncio.sleep(begin_after)
    opened = (await http.post("/api/conversations", json={})).raise_for_status().json()
    log, theirs = f"/api/conversations/{opened['conversation']}", {"Authorization": f"Bearer {opened['token']}"}
    staff_log = f"/staff/api/conversations/{opened['conversation']}"
    await _post(http, f"{log}/messages", theirs, choice="talk_to_staff")
    (await desk.post(f"{staff_log}/claim")).raise_for_status()
    resident, staff = _Page(), _Page()
    following = [
        asyncio.create_task(resident.follow(http, f"{log}/events", theirs)),
        asyncio.create_task(staff.follow(desk, f"{staff_log}/events", {})),
    ]
    await asyncio.sleep(_PAUSE)
    try:
        for _ in range(_ROUNDS):
            words = _words()
            came, sent = staff.expects(words), time.perf_counter()
            accepted = (await asyncio.gather(_post(http, f"{log}/messages", theirs, text=words), _note_delay(came, sent, delays.to_staff)))[0]
            words = _words()
            came, sent = resident.expects(words), time.perf_counter()
            reply = {"client_id": words, "text": words, "last_seen_seq": accepted["accepted"]}
            await asyncio.gather(_post(desk, f"{staff_log}/reply", {}, **reply), _note_delay(came, sent, delays.to_resident))
            await asyncio.sleep(_PAUSE)
    finally:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)


def _words() -> str:
    """Return words that were never said before and hold no figures, which might be masked as a number of somebody's."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(20))


async def _post(http: httpx.AsyncClient, path: str, headers: dict[str, str], **body: object) -> dict[str, int]:
    answer: dict[str, int] = (await http.post(path, json={"client_id": uuid.uuid4().hex, **body}, headers=headers)).raise_for_status().json()
    return answer


async def _note_delay(came: asyncio.Event, sent: float, delays: list[float]) -> None:
    await asyncio.wait_for(came.wait(), 30)
    delays.append(1000 * (time.perf_counter() - sent))


def in_words(delays: Delays) -> str:
    """Return the figures as the benchmark prints them."""
    sides = {"resident to staff": delays.to_staff, "staff to resident": delays.to_resident}
    figures = (f"{side} median {statistics.median(found):.0f} ms, slowest {max(found):.0f} ms" for side, found in sides.items())
    return f"{CONVERSATIONS} conversations with staff at once, on open pages: " + "; ".join(figures)

"""Two hundred residents want twenty places in the chat, while web is killed with SIGKILL twenty times. What they are told is so, once.

The web that is killed is one beside the desk's own, on the same database, with the same Rasa and actions: the desk gives a part that keeps dying
longer and longer rests, and the test would last half an hour. It goes without the models that web loads in its first seconds (safety, search): they
decide nothing here.
"""

import random
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from commands.running import ONE_THREAD
from desk.database import Database
from desk.session_files import import_sessions
from desk.settings import ROOT
from tests.running_desk import RunningDesk, free_port
from tests.system.stored import rows

pytestmark = pytest.mark.system

PEOPLE, PLACES, KILLS, AT_ONCE = 200, 20, 20, 16
SESSIONS = f"""title,kind,library,starts_at,minutes,capacity,about,ages,languages,access,rrule,uid
Email for beginners,class,north-kensington-library,2026-12-02T10:30,120,{PLACES},"Open an email account, write and answer.",16+,English,,,storm
"""
WANTED = "I want to book help with email at North Kensington on 2 December, it's {name}, {phone}"
FIRST = "Ann Ben Cat Dan Eve Fay Gus Hal Ida Jim Kit Lou Meg Ned Pat Ray Sue Tom Una Zoe".split()
LAST = "Archer Baker Carter Draper Fisher Gardner Mason Potter Turner Weaver".split()


class MortalWeb:
    """A web process that is killed and started again."""

    def __init__(self, desk: RunningDesk) -> None:
        self.desk, self.answered, self.cut_off = desk, 0, 0
        port = free_port()
        without_models = {"DESK_VAR": str(desk.folder / "no models"), "DESK_SEND_VECTORS": "false"}
        self._environment = desk.environment | ONE_THREAD | without_models | {"DESK_PORT": str(port)}
        self._log = (desk.folder / "web.log").open("ab")
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, limits=httpx.Limits(max_connections=AT_ONCE))
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "commands.serving"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log)

    def wait_until_ready(self) -> None:
        self.desk.wait_until(lambda: self.http.get("/api/status").json()["assistant"] == "ready", 60, "web did not find the assistant")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.http.close()
        self._log.close()

    def ask(self, path: str, body: dict[str, str], **headers: str) -> Any:
        """Send a request until it is answered, as the widget does: the same one each time."""
        answers: list[httpx.Response] = []

        def is_answered() -> bool:
            try:
                response = self.http.post(path, json=body, headers=headers)
            except (httpx.ReadError, httpx.RemoteProtocolError):  # web had the request and died over it
                self.cut_off += 1
                raise
            assert response.status_code in (200, 201, 503), response.text  # 503: the database was busy; send it again
            answers.append(response)
            return response.status_code != 503

        self.desk.wait_until(is_answered, 60, f"{path} was not answered")
        self.answered += 1
        return answers[-1].json()


class Resident:
    """Somebody who wants a place. `told` are the kind and the reference that they were shown in the end."""

    def __init__(self, web: MortalWeb, number: int) -> None:
        self.name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST)]}"
        self.phone = f"07700 900{number:03}"
        self._web = web
        self.sent: list[str] = []

    def book(self) -> tuple[str, str]:
        opened = self._web.ask("/api/conversations", {})
        self.id, self._token = opened["conversation"], opened["token"]
        reply = self._say({"text": WANTED.format(name=self.name, phone=self.phone)})
        for _ in range(12):
            if reply["kind"] in ("booked", "waitlisted", "booking"):
                return ("waitlisted" if "waiting list" in reply["text"] else "booked"), reply["reference"].replace("-", "")
            reply = self._say(self._next(reply))
        raise AssertionError(f"{self.name} got nowhere in {self.id}: {reply}")

    def _next(self, reply: dict[str, Any]) -> dict[str, str]:
        wait = [choice for choice in reply.get("choices", ()) if choice["title"] == "Join the waiting list"]
        if wait:
            return {"choice": wait[0]["id"]}
        if reply["kind"] == "sessions":
            return {"text": "1"}
        if reply["kind"] == "question":
            answers = {"date_time": "2 December", "name": self.name, "contact": self.phone, "access_needs": "no"}
            return {"text": answers.get(reply["asks"][0], "yes")}
        if "The assistant is" in reply["text"]:  # web was started again just now, and has not found Rasa yet: in a moment, then
            self._web.wait_until_ready()
            return self._last
        return {"text": "check my booking"}

    def _say(self, what: dict[str, str]) -> dict[str, Any]:
        self._last = what
        self.sent.append(uuid.uuid4().hex)
        path = f"/api/conversations/{self.id}/messages"
        answer = self._web.ask(path, {"client_id": self.sent[-1], **what}, Authorization=f"Bearer {self._token}")
        return dict(answer["messages"][-1])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A running desk with one session."""
    folder = tmp_path_factory.mktemp("storm")
    service, timetable = folder / "service.yml", folder / "sessions.csv"
    service.write_text((ROOT / "service.yml").read_text("utf-8").replace("sample: true", "sample: false"), "utf-8")
    timetable.write_text(SESSIONS, "utf-8")
    with RunningDesk(folder, {"DESK_SERVICE_FILE": str(service)}) as running:
        running.wait_until_ready()
        with Database(running.database_url).writing() as session:
            report = import_sessions(session, timetable)
            assert not report.bad, report.bad
        yield running


@pytest.fixture
def web(desk: RunningDesk) -> Iterator[MortalWeb]:
    mortal = MortalWeb(desk)
    mortal.wait_until_ready()
    yield mortal
    mortal.stop()


def storm(web: MortalWeb, residents: list[Resident]) -> list[tuple[str, str]]:
    """Let everybody book, and kill web each time that a few more requests were answered. Returns what each was told."""
    chance = random.Random(4)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = [pool.submit(resident.book) for resident in residents]
        for _ in range(KILLS):
            web.wait_until_ready()
            wanted = web.answered + chance.randint(10, 40)
            web.desk.wait_until(lambda wanted=wanted: web.answered >= wanted, 60, "nobody was answered")
            assert not all(outcome.done() for outcome in outcomes), "the storm came too late"
            web.kill()
            web.start()
        return [outcome.result() for outcome in outcomes]


def test_web_is_killed_twenty_times_while_two_hundred_book(desk: RunningDesk, web: MortalWeb) -> None:
    residents = [Resident(web, number) for number in range(PEOPLE)]
    told = storm(web, residents)
    assert web.cut_off >= KILLS, "the kills met nobody"
    database = desk.folder / "desk.db"
    assert Counter(kind for kind, _ in told) == {"booked": PLACES, "waitlisted": PEOPLE - PLACES}
    shown = {(resident.name, kind, reference) for resident, (kind, reference) in zip(residents, told, strict=True)}
    assert has(database, "bookings", "booked") + has(database, "waiting", "waitlisted") == Counter(shown)
    assert rows(database, "SELECT taken, capacity FROM sessions") == [(PLACES, PLACES)]
    assert {state for (state,) in rows(database, "SELECT state FROM bookings")} == {"booked"}
    assert {state for (state,) in rows(database, "SELECT state FROM waiting")} == {"waiting"}
    each_once(database, residents)


def has(database: Path, table: str, kind: str) -> Counter[tuple[str, str, str]]:
    found = rows(database, f"SELECT attendee_name, reference FROM {table}")
    return Counter((name, kind, reference) for name, reference in found)


def each_once(database: Path, residents: list[Resident]) -> None:
    """What was sent is in the log once and answered once; what was booked was noted and will be confirmed once."""
    sent = {(resident.id, client_id) for resident in residents for client_id in resident.sent}
    taken_in = rows(database, "SELECT conversation_id, client_id FROM messages WHERE author = 'resident'")
    assert Counter(taken_in) == Counter(sent)
    assert rows(database, "SELECT 1 FROM messages WHERE waiting") == []
    done = "SELECT conversation_id FROM messages WHERE author = 'bot' AND kind IN ('booked', 'waitlisted')"
    assert max(Counter(rows(database, done)).values()) == 1
    for query in ("SELECT subject_id FROM audit WHERE what = 'book'", "SELECT booking_id FROM notices WHERE kind = 'confirmation'"):
        assert Counter(rows(database, query)) == Counter(rows(database, "SELECT id FROM bookings"))

"""The desk on PostgreSQL, in a schema of its own: Rasa's store too."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from desk.database import Database
from desk.session_files import import_sessions
from desk.settings import ROOT
from tests.conftest import _postgresql_url
from tests.running_desk import Conversation, RunningDesk
from tests.system.sentences import names_phone

pytestmark = pytest.mark.system

TIMETABLE = ROOT / "tests" / "desk" / "tasks" / "timetable.csv"
QUESTION = "is it ok to do my banking on your wifi"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with contextmanager(_postgresql_url)() as address:
        yield address


def migrate(desk: RunningDesk) -> str:
    command = [sys.executable, "-m", "commands.main", "migrate"]
    return subprocess.run(command, cwd=ROOT, env=desk.environment, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def new_desk(tmp_path_factory: pytest.TempPathFactory, url: str) -> RunningDesk:
    settings = {"DESK_DATABASE_URL": url, "DESK_RASA_DATABASE_URL": url}
    return RunningDesk(tmp_path_factory.mktemp("postgresql"), settings)


@pytest.fixture(scope="module")
def migrations(new_desk: RunningDesk) -> list[str]:
    """What `desk migrate` says the first and the second time."""
    return [migrate(new_desk), migrate(new_desk)]


@pytest.fixture(scope="module")
def desk(new_desk: RunningDesk, migrations: list[str]) -> Iterator[RunningDesk]:
    with new_desk:
        yield new_desk.wait_until_ready()


@pytest.fixture
def resident(desk: RunningDesk) -> Conversation:
    return desk.converse()


def rows(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, values).fetchall()


def test_migrate_makes_the_tables_and_a_second_time_finds_them(migrations: list[str]) -> None:
    assert migrations[0].startswith("the database was brought to ")
    assert migrations[1].startswith("the database is in shape ")


def test_the_tables_stand_in_the_schema_that_the_address_names(url: str, desk: RunningDesk, resident: Conversation) -> None:
    resident.say(QUESTION)
    found = {name for (name,) in rows(url, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")}
    assert {"conversations", "messages", "feedback", "libraries", "alembic_version", "trackers"} <= found


def test_a_conversation(resident: Conversation) -> None:
    answer = resident.say(QUESTION)
    assert (answer["kind"], answer["label"]) == ("answer", "wifi-safety")
    assert answer["sources"]
    assert "9:30am to 8pm" in resident.say("what time is Chelsea library open till on Thursday")["text"]
    assert resident.say("say that again")["label"] == "repeat"
    assert resident.choose(resident.say("hello"), "How do I get on the library Wi-Fi?")["topic"] == "wifi-connect"
    assert resident.say("I want to kill myself")["kind"] == "crisis"
    assert "can answer the telephone until 5pm today" in resident.say("can i talk to a person")["text"]
    assert [event["seq"] for event in resident.log()] == list(range(1, 16))


@pytest.fixture(scope="module")
def timetable(url: str, desk: RunningDesk) -> None:
    """The small timetable of the tasks' tests, beside the sample timetable."""
    db = Database(url)
    with db.writing() as session:
        report = import_sessions(session, TIMETABLE)
        assert not report.bad, report.bad
    db.engine.dispose()


def taken(url: str, uid: str) -> int:
    [(count,)] = rows(url, "SELECT taken FROM sessions WHERE uid = %s", uid)
    return int(count)


def pick(url: str, resident: Conversation, offer: dict[str, Any], uid: str) -> dict[str, Any]:
    """Press the button of a session that is on offer."""
    [(session_id,)] = rows(url, "SELECT id FROM sessions WHERE uid = %s", uid)
    [choice] = [session["choice"] for session in offer["sessions"] if session["id"] == str(session_id)]
    return dict(resident.post(choice=choice).json()["messages"][-1])


def test_a_place_is_booked_changed_and_cancelled_in_the_chat(url: str, timetable: None, resident: Conversation) -> None:
    offer = resident.say("I want to book help with email at North Kensington on 2 December, it's Jo O'Neill, 07700 900555")
    assert pick(url, resident, offer, "t-12")["asks"][0] == "confirm"
    booked = resident.say("yes")
    assert booked["kind"] == "booked"
    booking = "SELECT uid, b.state, reference, attendee_name, phone FROM bookings b JOIN sessions s ON s.id = session_id WHERE conversation_id = %s"
    reference = booked["reference"].replace("-", "")
    person = (reference, "Jo O'Neill", "+447700900555")
    assert rows(url, booking, resident.id) == [("t-12", "booked", *person)]
    assert taken(url, "t-12") == 1
    pick(url, resident, resident.say("change my booking to 16 December"), "t-13")
    assert resident.say("yes")["kind"] == "changed"
    assert rows(url, booking, resident.id) == [("t-13", "booked", *person)]
    assert (taken(url, "t-12"), taken(url, "t-13")) == (0, 1)
    resident.say("cancel my booking please")
    assert resident.say("yes")["kind"] == "cancelled"
    assert rows(url, booking, resident.id) == [("t-13", "cancelled", *person)]
    assert (taken(url, "t-12"), taken(url, "t-13")) == (0, 0)
    noted = rows(url, "SELECT what FROM audit WHERE subject = 'booking' AND what NOT LIKE '%%hold%%' ORDER BY id")
    assert noted == [("book",), ("change",), ("cancel",)]


def test_a_null_byte_that_postgresql_cannot_hold_is_dropped_from_a_message(resident: Conversation) -> None:
    assert resident.say("hello\x00")["label"] == "greet"
    assert resident.log()[1]["text"] == "hello"


@pytest.mark.parametrize("place", ["client_id", "language", "page", "address"])
def test_a_null_byte_elsewhere_is_no_failure_of_the_desk(resident: Conversation, place: str) -> None:
    sent = {
        "client_id": lambda: resident.post(client_id="a\x00b", text="hello"),
        "language": lambda: resident.http.post("/api/conversations", json={"language": "\x00"}),
        "page": lambda: resident.http.post("/api/conversations", json={"page": "/\x00"}),
        "address": lambda: resident.http.get("/api/conversations/%00/events", headers=resident.headers),
    }
    assert sent[place]().status_code < 500


def test_a_message_posted_eight_times_at_once_is_taken_once(resident: Conversation) -> None:
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: resident.post(client_id="the same", text=QUESTION), range(8)))
    assert [response.status_code for response in responses] == [200] * 8
    assert all(response.json() == responses[0].json() for response in responses)
    assert len(resident.log()) == 3


def test_messages_posted_at_once_are_all_answered_in_their_order(resident: Conversation) -> None:
    with ThreadPoolExecutor(4) as pool:
        posted = list(pool.map(lambda text: resident.post(text=text).json(), [QUESTION, "hello", "thanks so much", "are you a robot"]))
    assert sorted(result["accepted"] for result in posted) == [2, 3, 4, 5]
    assert [event["in_reply_to"] for event in resident.log() if "in_reply_to" in event] == [2, 3, 4, 5]


def test_a_locked_table_is_said_plainly_and_nothing_is_lost(url: str, resident: Conversation) -> None:
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE conversations IN EXCLUSIVE MODE")
        response = resident.post(client_id="once", text=QUESTION)
    assert response.status_code == 503
    assert names_phone(response.json()["error"]["message"])
    assert resident.post(client_id="once", text=QUESTION).json()["messages"][0]["topic"] == "wifi-safety"
    assert len(resident.log()) == 3


def test_an_erased_chat_is_gone_everywhere(url: str, resident: Conversation) -> None:
    resident.say(QUESTION)
    [(sender,)] = rows(url, "SELECT rasa_sender FROM conversations WHERE id = %s", resident.id)
    assert rows(url, "SELECT 1 FROM trackers WHERE sender_id = %s", sender)
    assert resident.http.delete(f"/api/conversations/{resident.id}", headers=resident.headers).status_code == 204
    assert rows(url, "SELECT 1 FROM conversations WHERE id = %s", resident.id) == []
    assert rows(url, "SELECT 1 FROM messages WHERE conversation_id = %s", resident.id) == []
    assert rows(url, "SELECT 1 FROM trackers WHERE sender_id = %s", sender) == []

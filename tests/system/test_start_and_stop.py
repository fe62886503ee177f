"""The desk from `desk run` to Ctrl-C."""

import os
from dataclasses import dataclass
from typing import Any

import pytest

from tests.running_desk import RunningDesk
from tests.system.ports import addresses_listening_on
from tests.system.sentences import names_phone

pytestmark = pytest.mark.system

QUESTION = "where can i get a free sim card"
PARTS = ("web", "actions", "assistant")


@dataclass(frozen=True)
class Life:
    """What was seen of a desk between its start and its end."""

    early_status: dict[str, Any]
    early_reply: dict[str, Any]
    early_cry_for_help: dict[str, Any]
    early_page: str
    later_reply: dict[str, Any]
    log: list[dict[str, Any]]
    exit_code: int
    left_running: list[str]
    left_listening: list[int]
    log_file: str


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Ask at once, ask again when the assistant is ready, then press Ctrl-C."""
    with RunningDesk(tmp_path_factory.mktemp("life")) as desk:
        early_status = desk.http.get("/api/status").json()
        resident = desk.converse()
        early_reply = resident.say(QUESTION)
        early_cry_for_help = resident.say("I want to kill myself")
        early_page = desk.http.get("/chat").text
        desk.wait_until_ready()
        later_reply, log = resident.say(QUESTION), resident.log()
        numbers = {part: desk.part(part) for part in PARTS}
        exit_code = desk.stop()
        left = [part for part, number in numbers.items() if is_running(number)]
        ports = [port for port in (desk.port, desk.rasa_port, desk.actions_port) if addresses_listening_on(port)]
        return Life(early_status, early_reply, early_cry_for_help, early_page, later_reply, log, exit_code, left, ports, desk.log_file.read_text())


def is_running(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_question_asked_before_the_assistant_is_ready_is_answered_from_the_articles(life: Life) -> None:
    assert life.early_status["assistant"] == "starting"
    assert "The assistant is still starting" in life.early_reply["text"]
    assert names_phone(life.early_reply["text"])
    offered = [choice["label"] for choice in life.early_reply.get("choices", ())]
    assert "databank" in [life.early_reply.get("topic"), *offered]


def test_a_cry_for_help_before_the_assistant_is_ready_is_answered(life: Life) -> None:
    assert life.early_cry_for_help["kind"] == "crisis"


def test_the_page_says_that_the_assistant_is_still_starting(life: Life) -> None:
    assert "The assistant is still starting. You can ask now" in life.early_page


def test_the_same_chat_goes_on_with_the_assistant(life: Life) -> None:
    assert (life.later_reply["kind"], life.later_reply["topic"]) == ("answer", "databank")
    assert "The assistant is" not in life.later_reply["text"]
    assert [event["from"] for event in life.log] == ["bot", "resident", "bot", "resident", "bot", "resident", "bot"]


def test_ctrl_c_stops_all_three_processes(life: Life) -> None:
    assert life.left_running == []
    assert life.left_listening == []
    assert [part for part in PARTS if f"{part} stopped" not in life.log_file] == []


def test_ctrl_c_is_no_failure(life: Life) -> None:
    assert life.exit_code == 0
    assert "Traceback" not in life.log_file

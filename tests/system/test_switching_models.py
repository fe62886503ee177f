"""A new model comes under a running desk while residents go on writing: each message is answered once, by the assistant."""

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from commands.training import model_folder
from tests.running_desk import Conversation, RunningDesk

pytestmark = pytest.mark.system

QUESTION = "where can i get a free sim card"
RESIDENTS = 3


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RunningDesk]:
    """A desk with a folder of models of its own: those that are trained, and a copy of the assistant's under another name."""
    models = tmp_path / "var" / "model"
    models.mkdir(parents=True)
    trained = [file for file in model_folder().iterdir() if file.name != "lock"]
    for file in trained:
        (models / file.name).symlink_to(file)
    newest = max((file for file in trained if file.name.startswith("desk-")), key=lambda file: file.stat().st_mtime)
    (models / "desk-taught.tar.gz").symlink_to(newest)
    with RunningDesk(tmp_path, {"DESK_VAR": str(tmp_path / "var")}) as desk:
        yield desk.wait_until_ready()


def wish_for(desk: RunningDesk, model: str) -> None:
    folder = desk.folder / "var" / "model"
    (folder / "draft").write_text(model)
    (folder / "draft").replace(folder / "switch")


def ask_on(desk: RunningDesk, enough: threading.Event) -> tuple[Conversation, list[str], list[dict[str, Any]]]:
    """Ask until it is enough. Returns the conversation, the ids of what was sent, and what was replied."""
    conversation, sent, replies = desk.converse(), [], []
    while not enough.wait(0.3):
        sent.append(uuid.uuid4().hex)
        response = conversation.post(client_id=sent[-1], text=QUESTION)
        assert response.status_code == 200, response.text
        replies += response.json()["messages"]
    return conversation, sent, replies


def test_no_message_is_lost_while_the_desk_goes_over_to_a_new_model(desk: RunningDesk) -> None:
    before, enough = desk.part("assistant"), threading.Event()
    with ThreadPoolExecutor(RESIDENTS) as pool:
        residents = [pool.submit(ask_on, desk, enough) for _ in range(RESIDENTS)]
        try:
            wish_for(desk, "desk-taught.tar.gz")
            desk.wait_until(lambda: "the assistant has moved to" in desk.log_file.read_text(), 120, "web did not go over")
            desk.wait_until(lambda: "assistant stopped" in desk.log_file.read_text(), 90, "the old assistant did not leave")
        finally:
            enough.set()
    assert desk.part("assistant") != before
    for conversation, sent, replies in (resident.result() for resident in residents):
        assert len(sent) == len(replies) > 20
        assert {(reply["kind"], reply["topic"]) for reply in replies} == {("answer", "databank")}
        assert not [reply for reply in replies if "The assistant is" in reply["text"]]
        log = conversation.log()
        assert [event["from"] for event in log[1:]] == ["resident", "bot"] * (len(log) // 2)
    assert "started again" not in desk.log_file.read_text()
    # The new one is looked after as the old one was.
    desk.kill("assistant")
    desk.wait_until(lambda: desk.http.get("/api/status").json()["assistant"] != "ready", 30, "its death was not seen")
    desk.wait_until_ready()
    assert desk.converse().say(QUESTION)["topic"] == "databank"


def test_a_model_that_cannot_be_loaded_changes_nothing(desk: RunningDesk) -> None:
    (desk.folder / "var" / "model" / "desk-broken.tar.gz").write_text("no model")
    before = desk.part("assistant")
    wish_for(desk, "desk-broken.tar.gz")
    desk.wait_until(lambda: "goes on with the model it has" in desk.log_file.read_text(), 120, "it was not refused")
    assert desk.converse().say(QUESTION)["topic"] == "databank"
    assert f"assistant started (process {before})" in desk.log_file.read_text()

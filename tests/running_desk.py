"""A whole desk for tests: web, real Rasa and real actions as `make run` starts them, on ports and databases of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from desk.settings import ROOT

NOW = "2026-11-25T10:00"  # a Wednesday


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@dataclass
class Conversation:
    """One resident's chat, spoken to as a browser does."""

    http: httpx.Client
    id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, *, client_id: str | None = None, **what: str) -> httpx.Response:
        body = {"client_id": client_id or uuid.uuid4().hex, **what}
        return self.http.post(f"/api/conversations/{self.id}/messages", json=body, headers=self.headers)

    def say(self, text: str) -> dict[str, Any]:
        """Send a message and return the first reply."""
        response = self.post(text=text)
        assert response.status_code == 200, response.text
        return dict(response.json()["messages"][0])

    def choose(self, message: dict[str, Any], title: str) -> dict[str, Any]:
        """Press the button with these words."""
        choice = next(c for c in message["choices"] if c["title"] == title)
        response = self.post(choice=choice["id"])
        assert response.status_code == 200, response.text
        return dict(response.json()["messages"][0])

    def log(self, after: int = 0) -> list[dict[str, Any]]:
        response = self.http.get(f"/api/conversations/{self.id}/events", params={"after": after}, headers=self.headers)
        return list(response.json()["events"])


@dataclass
class RunningDesk:
    """A started desk. Use as a context manager."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.port, self.rasa_port, self.actions_port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = self.settings.get("DESK_DATABASE_URL", f"sqlite:///{self.folder / 'desk.db'}")
        self.rasa_database = self.folder / "rasa.db"
        self.log_file = self.folder / "desk.log"
        self.http = httpx.Client(base_url=self.url, timeout=30)

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DESK_DATABASE_URL": self.database_url,
            "DESK_RASA_DATABASE_URL": f"sqlite:///{self.rasa_database}",
            "DESK_PORT": str(self.port),
            "DESK_RASA_PORT": str(self.rasa_port),
            "DESK_ACTIONS_PORT": str(self.actions_port),
            "DESK_NOW": NOW,
            **self.settings,
        }

    def start(self) -> "RunningDesk":
        log = self.log_file.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "commands.main", "run"], cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            self.wait_until(lambda: self.http.get("/healthz").status_code == 200, 60, "web did not start")
        except AssertionError:
            self.stop()
            raise
        return self

    def wait_until_ready(self, seconds: float = 300) -> "RunningDesk":
        self.wait_until(lambda: self.http.get("/api/status").json().get("assistant") == "ready", seconds, "the assistant did not get ready")
        return self

    def wait_until(self, is_so: Any, seconds: float, or_else: str) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if is_so():
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{or_else}\n{self.log_file.read_text()[-4000:]}")

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)

    def __enter__(self) -> "RunningDesk":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            self.stop()
        self.http.close()

    def part(self, name: str) -> int:
        """Return the process number of web, assistant or actions, from the desk's own log."""
        lines = [line for line in self.log_file.read_text().splitlines() if f"{name} started (process" in line]
        return int(lines[-1].rsplit(" ", 1)[1].rstrip(")"))

    def kill(self, name: str) -> int:
        """Kill a part as a crash would, and return the number it had."""
        number = self.part(name)
        os.kill(number, signal.SIGKILL)
        return number

    def converse(self) -> Conversation:
        opened = self.http.post("/api/conversations", json={}).json()
        return Conversation(self.http, opened["conversation"], opened["token"])

"""Running web, the assistant and the actions as one: started in order, restarted when one dies, stopped together."""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from commands import CannotError
from commands.preparing import ROOT, prepare

log = logging.getLogger("desk")

_STOP_WITHIN = 10.0  # seconds, then it is killed
_RESTART_AFTER = (1.0, 2.0, 5.0, 15.0, 60.0)  # seconds of rest before each restart in a row
_WELL_AFTER = 60.0  # seconds of running after which a death no longer counts as in a row
_WEB_FIRST = 4.0  # seconds that web gets the machine to itself, unless it answers sooner


@dataclass
class Part:
    """One of the desk's processes."""

    name: str
    command: Callable[[], list[str]]
    environment: Callable[[], dict[str, str]]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    rest_until: float = 0.0
    wanted: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        # A group of its own: Ctrl-C reaches us alone, and we stop the parts in order.
        self.process = subprocess.Popen(self.command(), cwd=ROOT, env=self.environment(), start_new_session=True)
        self.started_at = time.monotonic()
        log.info("%s started (process %d)", self.name, self.process.pid)

    def look_after(self) -> None:
        """Start the part if it should run and does not."""
        if not self.wanted.is_set() or (self.process and self.process.poll() is None):
            return
        now = time.monotonic()
        if self.process:
            if now - self.started_at > _WELL_AFTER:
                self.deaths = 0
            rest = _RESTART_AFTER[min(self.deaths, len(_RESTART_AFTER) - 1)]
            log.warning("%s ended with code %s; it is started again in %.0f s", self.name, self.process.returncode, rest)
            self.deaths += 1
            self.rest_until, self.process = now + rest, None
        if now >= self.rest_until:
            self.start()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)

    def wait(self, until: float) -> None:
        if not self.process:
            return
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop in time and is killed", self.name)
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        log.info("%s stopped", self.name)


# Many requests share the cores: threads inside a matrix product only wait for each other (a third more messages a second at 20 at once).
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _own_environment() -> dict[str, str]:
    return os.environ | ONE_THREAD | {"PYTHONPATH": str(ROOT), "MALLOC_ARENA_MAX": "2"}


def _assistant_command() -> list[str]:
    from commands.training import model_file
    from desk.settings import settings

    return rasa_command(model_file(), settings().rasa_port)


def rasa_command(model: Path, port: int) -> list[str]:
    from commands.training import RASA

    where = ("--interface", "127.0.0.1", "--port", str(port))
    told = ("--endpoints", "endpoints.yml", "--credentials", "credentials.yml", "--enable-api", "--logging-config-file", "bot/logging.yml")
    return [*RASA, "run", "--model", str(model), *where, *told]


def assistant_environment() -> dict[str, str]:
    from commands.training import rasa_environment

    return rasa_environment() | ONE_THREAD


def _parts() -> dict[str, Part]:
    return {
        "web": Part("web", lambda: [sys.executable, "-m", "commands.serving"], _own_environment),
        "actions": Part("actions", lambda: [sys.executable, "-m", "commands.acting"], _own_environment),
        "assistant": Part("assistant", _assistant_command, assistant_environment),
    }


def run_desk(port: int | None) -> int:
    """Run the desk until it is told to stop. Returns the exit code. Raises CannotError where the database cannot be made ready."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s desk %(levelname)s %(message)s", stream=sys.stderr)
    if port:
        os.environ["DESK_PORT"] = str(port)
    try:
        prepare()
    except subprocess.CalledProcessError as error:
        raise CannotError("the desk was not started: what to mend is said above.") from error
    with tempfile.TemporaryDirectory(prefix="desk-") as folder:
        os.environ["DESK_ASSISTANT_FILE"] = str(Path(folder) / "assistant")
        return _run(_parts())


def _run(parts: dict[str, Part]) -> int:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    parts["web"].wanted.set()
    parts["web"].start()
    threading.Thread(target=_start_the_others, args=(parts, stopping), daemon=True).start()
    threading.Thread(target=_do_what_is_due, args=(stopping,), daemon=True).start()
    switching = threading.Thread(target=_switch_models, args=(parts, stopping), daemon=True)
    switching.start()
    while not stopping.wait(0.3):
        for part in parts.values():
            part.look_after()
    print("\nstopping", flush=True)
    until = time.monotonic() + _STOP_WITHIN
    for part in parts.values():
        part.stop()
    for part in parts.values():
        part.wait(until)
    switching.join(_STOP_WITHIN)
    return 0


def _start_the_others(parts: dict[str, Part], stopping: threading.Event) -> None:
    """Web answers already while the assistant starts, and while it is trained if it must be."""
    from desk.settings import settings

    _wait_for_web(settings().port)
    print(f"\nThe enquiry desk: http://{settings().host}:{settings().port}/   (Ctrl-C stops it)\n", flush=True)
    _say_how_to_sign_in()
    parts["actions"].wanted.set()
    try:
        from commands.training import is_trained, train_all

        if not is_trained():
            train_all()
            parts["web"].stop()  # it is started again at once, and loads the stand-in that was trained just now
    except Exception:
        log.exception("training failed: the desk answers from the knowledge base search only. Mend what is said above and start it again")
        return
    if not stopping.is_set():
        parts["assistant"].wanted.set()


def _say_how_to_sign_in() -> None:
    """There is no account to begin with, and no default password."""
    from desk.at_hand import database
    from desk.database import DatabaseBusyError
    from desk.staff import has_staff

    with contextlib.suppress(DatabaseBusyError), database().reading() as session:
        if not has_staff(session):
            how = '.venv/bin/desk staff add NAME --role manager --name "Full Name"'
            print(f"Nobody can sign in to the staff desk yet. Add the first manager: {how}\n", flush=True)


def _do_what_is_due(stopping: threading.Event) -> None:
    """Nothing is due in the first minute, which belongs to the start."""
    if not stopping.wait(60.0):
        from commands.due import run_every_minute

        run_every_minute(stopping)


def _switch_models(parts: dict[str, Part], stopping: threading.Event) -> None:
    """Nothing is switched before the assistant has been started."""
    while not parts["assistant"].wanted.is_set():
        if stopping.wait(1.0):
            return
    from commands.switching import watch

    watch(parts, stopping)


def _wait_for_web(port: int) -> None:
    until = time.monotonic() + _WEB_FIRST
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.1)

"""How fast the desk answers: `make bench`; beside Rasa's stock pipeline in the same run: `make bench-stock`.

Starts the whole system, plays residents against its API, and prints messages a second, reply times, memory and starting times.
The machines are shared, so compare what was measured in one run.
"""

import argparse
import asyncio
import os
import re
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import httpx

from commands.running import ONE_THREAD
from commands.training import RASA, RASA_PYTHON, model_file, rasa_environment, train_all
from desk.settings import ROOT
from evaluation import live
from evaluation.questions import REPORT, questions

_RESIDENTS = (1, 10, 20, 50)
_MESSAGES = {1: 150, 10: 300, 20: 400, 50: 500}
_PER_CONVERSATION = 10
_BOOKINGS = 20
# From the first words to the read-back, and no further: nothing is booked.
_BOOKING = ("I want to book help with my phone", "any library", "1", "May Friday", "07700 900123", "no")
STOCK_RASA = (str(RASA_PYTHON), "-m", "rasa")


@dataclass(frozen=True)
class Load:
    """What so many residents at once saw; times in milliseconds."""

    residents: int
    messages_a_second: float
    median: float
    p95: float


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class System:
    """Web, Rasa with a given model, and actions, on ports and a database of their own."""

    def __init__(self, model: Path, folder: Path, *, ours: bool) -> None:
        self._ports = {"web": _free_port(), "rasa": _free_port(), "actions": _free_port()}
        self.url = f"http://127.0.0.1:{self._ports['web']}"
        self._folder, self._model, self._ours = folder, model, ours
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.seconds_to: dict[str, float] = {}

    def start(self) -> None:
        os.environ.update(
            **ONE_THREAD,
            DESK_DATABASE_URL=f"sqlite:///{self._folder / 'desk.db'}",
            DESK_RASA_DATABASE_URL=f"sqlite:///{self._folder / 'rasa.db'}",
            DESK_PORT=str(self._ports["web"]),
            DESK_RASA_PORT=str(self._ports["rasa"]),
            DESK_ACTIONS_PORT=str(self._ports["actions"]),
            DESK_SEND_VECTORS=str(self._ours),
        )
        _clear_settings()
        for command in (["migrate"], ["libraries", "load"], ["sessions", "load"]):
            subprocess.run([sys.executable, "-m", "commands.main", *command], cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
        began = time.monotonic()
        self._start("web", [sys.executable, "-m", "commands.serving"], dict(os.environ))
        self._wait("/healthz", lambda answer: answer.status_code == 200)
        self.seconds_to["web answers"] = time.monotonic() - began
        self._start("actions", [sys.executable, "-m", "commands.acting"], dict(os.environ))
        rasa_began = time.monotonic()
        options = ["--model", str(self._model), "--interface", "127.0.0.1", "--port", str(self._ports["rasa"]), "--enable-api"]
        files = ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
        rasa = RASA if self._ours else STOCK_RASA
        self._start("rasa", [*rasa, "run", *options, *files], rasa_environment())
        self._wait("/api/status", lambda answer: answer.json()["assistant"] == "ready")
        self.seconds_to["Rasa ready (from its start)"] = time.monotonic() - rasa_began
        self.seconds_to["first answer of the assistant (from the start)"] = time.monotonic() - began
        time.sleep(5)  # web loads its own models meanwhile; they are part of its memory and of each reply

    def _start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        log = (self._folder / f"{name}.log").open("wb")
        self._processes[name] = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)

    def _wait(self, path: str, is_so: object, seconds: float = 180) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if is_so(httpx.get(self.url + path)):  # type: ignore[operator]
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise SystemExit(f"the system did not start; see {self._folder}")

    def memory(self) -> dict[str, float]:
        """Return the resident memory of each process in megabytes."""
        return {name: _resident_megabytes(process.pid) for name, process in self._processes.items()}

    def parse_milliseconds(self, texts: list[str]) -> float:
        """Return the median of /model/parse."""
        times = []
        with httpx.Client(base_url=f"http://127.0.0.1:{self._ports['rasa']}") as http:
            for text in texts:
                started = time.perf_counter()
                http.post("/model/parse", json={"text": text}).raise_for_status()
                times.append(1000 * (time.perf_counter() - started))
        return statistics.median(times)

    def live_in_words(self) -> str:
        """Return how soon residents and staff read each other."""
        password = secrets.token_urlsafe()
        command = [sys.executable, "-m", "commands.main", "staff", "add", "bench", "--role", "staff", "--password-stdin"]
        subprocess.run(command, cwd=ROOT, input=password, text=True, check=True, stdout=subprocess.DEVNULL)
        return live.in_words(asyncio.run(live.measure(self.url, "bench", password)))

    def booking_turn_milliseconds(self) -> float:
        """Return the median of a turn of booking, one resident at a time. Raises SystemExit where the conversation goes another way."""
        times = []
        with httpx.Client(base_url=self.url, timeout=60) as http:
            for _ in range(_BOOKINGS):
                opened = http.post("/api/conversations", json={}).json()
                path, headers = f"/api/conversations/{opened['conversation']}/messages", {"Authorization": f"Bearer {opened['token']}"}
                asked: list[str] = []
                for text in (*_BOOKING, "stop"):
                    before, started = asked, time.perf_counter()
                    answer = http.post(path, json={"client_id": uuid.uuid4().hex, "text": text}, headers=headers).raise_for_status()
                    times.append(1000 * (time.perf_counter() - started))
                    asked = answer.json()["messages"][-1].get("asks", [])
                if "confirm" not in before:
                    raise SystemExit("the booking conversation did not come to its read-back")
        return statistics.median(times)

    def stop(self) -> None:
        for process in self._processes.values():
            os.killpg(process.pid, signal.SIGTERM)
        for process in self._processes.values():
            process.wait(20)


def _clear_settings() -> None:
    from desk.settings import settings

    settings.cache_clear()


def _resident_megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


async def _load(url: str, residents: int, texts: list[str]) -> Load:
    times: list[float] = []
    left = iter(texts)

    async def resident(http: httpx.AsyncClient) -> None:
        for said, text in enumerate(left):
            if said % _PER_CONVERSATION == 0:
                opened = (await http.post("/api/conversations", json={})).json()
            path, headers = f"/api/conversations/{opened['conversation']}/messages", {"Authorization": f"Bearer {opened['token']}"}
            started = time.perf_counter()
            answer = await http.post(path, json={"client_id": uuid.uuid4().hex, "text": text}, headers=headers)
            times.append(1000 * (time.perf_counter() - started))
            answer.raise_for_status()

    async with httpx.AsyncClient(base_url=url, timeout=60, limits=httpx.Limits(max_connections=residents)) as http:
        began = time.perf_counter()
        await asyncio.gather(*(resident(http) for _ in range(residents)))
        seconds = time.perf_counter() - began
    times.sort()
    return Load(residents, len(times) / seconds, statistics.median(times), times[int(0.95 * (len(times) - 1))])


def _texts(count: int) -> list[str]:
    """Return so many questions of the test set's report half, over and over, in their order."""
    pool = [question.text for question in questions(REPORT)]
    return [pool[n % len(pool)] for n in range(count)]


def measure(name: str, model: Path, training_seconds: float | None, *, ours: bool) -> dict[int, Load]:
    """Start the system with a model, measure it and print the figures."""
    folder = Path(tempfile.mkdtemp(prefix="desk-bench-"))
    system = System(model, folder, ours=ours)
    print(f"\n{name}")
    try:
        system.start()
        loads = {}
        for residents in _RESIDENTS:
            loads[residents] = load = asyncio.run(_load(system.url, residents, _texts(_MESSAGES[residents])))
            rate, middle, slow = load.messages_a_second, load.median, load.p95
            print(f"  {residents:3d} at once: {rate:6.1f} messages/s   reply median {middle:6.1f} ms   95th percentile {slow:6.1f} ms")
        memory = system.memory()
        print("  memory: " + ", ".join(f"{part} {megabytes:.0f} MB" for part, megabytes in memory.items()) + f", all {sum(memory.values()):.0f} MB")
        if ours:  # the stock pipeline, trained for speed figures, does not understand enough to book
            print("  " + system.live_in_words())
            print(f"  booking turn, median: {system.booking_turn_milliseconds():.1f} ms")
        # Without web, Rasa encodes each message itself, and holds the encoders from the first one on.
        print(f"  /model/parse median: {system.parse_milliseconds(_texts(100)):.1f} ms")
        for what, seconds in system.seconds_to.items():
            print(f"  {what}: {seconds:.1f} s")
        if training_seconds is not None:
            print(f"  training: {training_seconds:.0f} s")
        return loads
    finally:
        system.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _train_ours() -> float:
    """Train from nothing, without Rasa's cache, and return the seconds."""
    shutil.rmtree(ROOT / ".rasa" / "cache", ignore_errors=True)
    started = time.monotonic()
    train_all(force=True)
    return time.monotonic() - started


def _train_stock(epochs: int) -> tuple[Path, float]:
    """Train Rasa's stock pipeline, by its own 100 rounds or by fewer: they decide how well it understands, not how fast it answers."""
    model = ROOT / "var" / "stock" / "stock.tar.gz"
    model.parent.mkdir(parents=True, exist_ok=True)
    config = model.with_name("config.yml")
    config.write_text(re.sub(r"epochs: \d+", f"epochs: {epochs}", (ROOT / "evaluation" / "stock" / "config.yml").read_text("utf-8")), "utf-8")
    started = time.monotonic()
    command = ["train", "--config", str(config), "--domain", "bot/domain.yml", "--data", "bot/data", "--out", str(model.parent)]
    subprocess.run([*STOCK_RASA, *command, "--fixed-model-name", "stock"], cwd=ROOT, env=rasa_environment(), check=True)
    return model, time.monotonic() - started


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--stock", action="store_true", help="also measure Rasa's stock pipeline (trains for hours on our examples; see --epochs)")
    arguments.add_argument("--train", action="store_true", help="train anew to measure the training time")
    arguments.add_argument("--epochs", type=int, default=100, help="rounds of the stock pipeline's training; 1 is enough to compare speed")
    chosen = arguments.parse_args()
    seconds = _train_ours() if chosen.train or chosen.stock else None
    if seconds is None:
        train_all()
    stock = _train_stock(chosen.epochs) if chosen.stock else None
    ours = measure("the desk", model_file(), seconds, ours=True)
    if stock:
        theirs = measure("Rasa's stock pipeline (DIET and TED), same data, same web and actions", *stock, ours=False)
        print(
            "\nmessages a second, ours to stock: "
            + ", ".join(f"{n} at once {ours[n].messages_a_second / theirs[n].messages_a_second:.1f}" for n in ours)
        )


if __name__ == "__main__":
    main()

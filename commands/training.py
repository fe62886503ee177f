"""Training the assistant and its stand-in, only when something they are made of has changed."""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import make_url

from commands import CannotError
from desk.at_hand import database
from desk.libraries import all_libraries
from desk.settings import ROOT, settings

RASA_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
# Rasa's command line as all our processes run it (docs/decisions/0010).
RASA = (str(RASA_PYTHON), "-m", "bot.rasa_without_tensorflow")
_SOURCES = (
    "config.yml",
    "bot/domain.yml",
    "bot/requirements.lock",
    "bot/data/*.yml",
    "bot/safety/*.yml",
    "bot/components/[!t]*.py",
    "bot/components/topics.py",
    "understanding/*.py",
    "desk/library_names.py",
    "commands/entities.py",
)
_MODELS_KEPT = 2


def fingerprint() -> str:
    """Return a digest of everything that a model is made of."""
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    with database().reading() as session:
        digest.update("\n".join(library.name for library in all_libraries(session)).encode())
    return digest.hexdigest()[:16]


def model_folder() -> Path:
    return settings().var / "model"


def model_file() -> Path:
    """Return where the assistant's model of the present data is, or will be."""
    return model_folder() / f"desk-{fingerprint()}.tar.gz"


def is_trained() -> bool:
    """Whether the models of web and the assistant are those of the present data."""
    return model_file().exists() and (model_folder() / f"web-{fingerprint()}").exists()


def train_all(*, force: bool = False) -> None:
    """Train what is missing, and say what is done. Raises CannotError."""
    model_folder().mkdir(parents=True, exist_ok=True)
    with (model_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second one waits, then finds it done
        if is_trained() and not force:
            print("the assistant is trained: nothing has changed", flush=True)
            return
        _train_all()


def _train_all() -> None:
    started = time.monotonic()
    print("training the assistant: two to five minutes, once, until the training examples change", flush=True)
    model, mark = model_file(), model_folder() / f"web-{fingerprint()}"  # taken now: a source that changes meanwhile asks for another training
    # On one thread: the other core is Rasa's, and with two they only wait for each other.
    encoding = subprocess.Popen([sys.executable, "-m", "commands.encoding"], cwd=ROOT, env=_own_environment() | {"OMP_NUM_THREADS": "1"})
    _build_entities()
    _train_rasa(model)
    encoding.wait()
    for_web = subprocess.run([sys.executable, "-m", "commands.web_training", str(model)], cwd=ROOT, env=_own_environment(), check=False)
    if for_web.returncode:
        raise CannotError("the safety screen of web could not be trained: what went wrong is said above")
    _drop_old_models()
    mark.touch()
    print(f"trained in {time.monotonic() - started:.0f} s", flush=True)


def _build_entities() -> None:
    """Build the entities with the spaCy that will load them: Rasa's is older than ours."""
    with database().reading() as session:
        names = json.dumps([library.name for library in all_libraries(session)])
    command = [str(RASA_PYTHON), "-m", "commands.entities", str(settings().var / "spacy")]
    subprocess.run(command, cwd=ROOT, env=rasa_environment(), input=names, text=True, check=True)


def _train_rasa(model: Path) -> None:
    command = ["train", "--config", "config.yml", "--domain", "bot/domain.yml", "--data", "bot/data", "--out", str(model.parent)]
    shown = ("INFO     rasa.engine", "Your Rasa model", "Error", "error", "Exception")
    run_rasa([*command, "--fixed-model-name", model.name.removesuffix(".tar.gz")], shown)
    if not model.exists():
        raise CannotError("Rasa trained no model; run `bot/.venv/bin/python -m rasa train` as `desk train` does to see why")


def _own_environment() -> dict[str, str]:
    return os.environ | {"DESK_VAR": str(settings().var)}


def rasa_environment() -> dict[str, str]:
    """Return the environment that every Rasa process of ours runs in: no telemetry, quiet TensorFlow, our own settings."""
    return _own_environment() | {
        "PYTHONPATH": str(ROOT),
        "MALLOC_ARENA_MAX": "2",
        "RASA_MAX_CACHE_SIZE": "0",  # vectors of examples have a store of their own; Rasa's cache costs more than it saves
        "PYTHONWARNINGS": "ignore",
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "LOG_LEVEL_LIBRARIES": "ERROR",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "CUDA_VISIBLE_DEVICES": "",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "DESK_ACTIONS_URL": settings().actions_url,
        "DESK_RASA_DATABASE_URL": _for_rasa(settings().rasa_database_url),
    }


def _for_rasa(url: str) -> str:
    """Return a database address as Rasa's SQLAlchemy 1.4 and its psycopg2 read it."""
    address = make_url(url)
    return str(address.set(drivername="postgresql").render_as_string(hide_password=False)) if address.get_backend_name() == "postgresql" else url


def run_rasa(arguments: Iterable[str], shown: tuple[str, ...]) -> None:
    """Run a command of Rasa, showing the lines that tell how far it is. Raises CannotError."""
    process = subprocess.Popen([*RASA, *arguments], cwd=ROOT, env=rasa_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        if any(part in line for part in shown):
            print("  " + line.rstrip()[:160], flush=True)
    if process.wait() != 0:
        print("".join(lines[-40:]), file=sys.stderr)
        raise CannotError(f"Rasa ended with code {process.returncode}")


def _drop_old_models() -> None:
    models = sorted(model_folder().glob("desk-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for model in models[_MODELS_KEPT:]:
        model.unlink()
    for mark in model_folder().glob("web-*"):
        mark.unlink()

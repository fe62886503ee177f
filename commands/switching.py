"""A new model under a running desk: a second assistant gets ready with it, web goes over to that one, and the first one leaves. No message waits."""

import contextlib
import logging
import socket
import threading
import time
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

from commands.running import Part, assistant_environment, rasa_command
from commands.training import model_folder
from desk.settings import settings

log = logging.getLogger("desk")

_LOOK_EVERY = 1.0  # seconds
_READY_WITHIN = 180.0  # seconds; a model loads in 15, beside much other work in 60
# Web looks for a new address every 5 s, greets it first, and gives a turn 4 s at most: after this long nobody speaks to the old one any more.
_WEB_MOVES_WITHIN = 30.0
_STOP_WITHIN = 10.0


def ask_to_switch(model: Path) -> None:
    """Have the running desk go over to a model in the folder of models. One that starts later takes the model of the present data anyway."""
    _replace(_wish(), model.name)


def _wish() -> Path:
    return model_folder() / "switch"


def _replace(file: Path, words: str) -> None:
    draft = file.with_name(f"draft-{file.name}")
    draft.write_text(words)
    draft.replace(file)


def watch(parts: dict[str, Part], stopping: threading.Event) -> None:
    """Go over to each model that is wished for from now on, until told to stop."""
    done = _wished()
    while not stopping.wait(_LOOK_EVERY):
        wished = _wished()
        if wished == done:
            continue
        done = wished
        try:
            _switch(parts, model_folder() / _wish().read_text(), stopping)
        except Exception:
            log.exception("the desk could not go over to the new model; it goes on with the old one")


def _wished() -> int:
    """Return when a model was last wished for, as a number that changes with every wish."""
    with contextlib.suppress(FileNotFoundError):
        return _wish().stat().st_mtime_ns
    return 0


def _switch(parts: dict[str, Part], model: Path, stopping: threading.Event) -> None:
    address_file, port = settings().assistant_file, _free_port()
    assert address_file is not None  # set by `desk run`
    new = Part("assistant", lambda: rasa_command(model, port), assistant_environment)
    new.start()
    if not _is_ready(new, port, stopping):
        log.error("the assistant did not get ready with %s; the desk goes on with the model it has", model.name)
        _end(new)
        return
    old, parts["assistant"] = parts["assistant"], new
    new.wanted.set()
    old.wanted.clear()
    _replace(address_file, f"http://127.0.0.1:{port}")
    log.info("web goes over to the assistant with %s", model.name)
    stopping.wait(_WEB_MOVES_WITHIN)
    _end(old)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _is_ready(part: Part, port: int, stopping: threading.Event) -> bool:
    """Wait until Rasa opens its port, which it does when its model is loaded, or could not be: then its status is a conflict."""
    until = time.monotonic() + _READY_WITHIN
    while time.monotonic() < until and part.process is not None and part.process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=2.0):
                return True
        except HTTPError:
            return False
        except OSError:
            if stopping.wait(_LOOK_EVERY):
                break
    return False


def _end(part: Part) -> None:
    part.stop()
    part.wait(time.monotonic() + _STOP_WITHIN)

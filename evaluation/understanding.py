"""What the desk makes of a message: the safety screens as web has them, then the assistant."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from commands.training import RASA_PYTHON, model_file, rasa_environment
from desk.privacy import mask
from desk.settings import ROOT, settings
from understanding.languages import ENGLISH
from web.screening import Screen


@dataclass(frozen=True)
class Understood:
    """The outcome for one message: answered with a label (others may be offered beside it), or labels offered, or neither (declined)."""

    answered: str | None
    offered: tuple[str, ...]
    ranking: tuple[tuple[str, float], ...]
    milliseconds: float

    @property
    def declined(self) -> bool:
        return self.answered in (None, "out_of_scope") and not (self.answered is None and self.offered)


def _label(name: str) -> str:
    return name.removeprefix("faq/")


def parse_all(texts: Sequence[str], model: Path | None = None, languages: Sequence[str] = ()) -> list[Understood]:
    """Return what the assistant alone makes of texts, in English where no languages are given."""
    asked = list(zip(texts, languages or [ENGLISH] * len(texts), strict=True))
    command = [str(RASA_PYTHON), "-m", "evaluation.parse", str(model or model_file())]
    result = subprocess.run(command, cwd=ROOT, env=rasa_environment(), input=json.dumps(asked), capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"the model could not be asked: {result.stderr[-2000:]}")
    return [_understood(parse) for parse in json.loads(result.stdout.splitlines()[-1])]


def _understood(parse: dict) -> Understood:  # type: ignore[type-arg]
    name = parse["intent"].get("full_retrieval_intent_name") or parse["intent"]["name"]
    answered = None if name in (None, "nlu_fallback") else _label(name)
    ranking = tuple((_label(guess["name"]), guess["confidence"]) for guess in parse["ranking"])
    offered = tuple(map(_label, parse["offers"] or parse["alternatives"]))
    return Understood(answered, offered, ranking, parse["milliseconds"])


def understand_all(texts: Sequence[str]) -> list[Understood]:
    """Return what the whole desk makes of texts, each the first of a conversation: the screens of web first, as they cannot be out-voted."""
    screen = Screen(settings().var / "model" / "safety.npz")
    screen.load()
    languages = [screen.language(text, ENGLISH) for text in texts]
    parsed = parse_all([mask(text).text for text in texts], languages=languages)
    return [_screened(screen, *asked) or understood for *asked, understood in zip(texts, languages, parsed, strict=True)]


def _screened(screen: Screen, text: str, language: str) -> Understood | None:
    alarm = screen.alarm(text, language)
    label = alarm.value if alarm else "personal_data" if mask(text).found else None
    return Understood(label, (), ((label, 1.0),), 0.0) if label else None

"""The safety screen: messages that must get a fixed reply at once, before anything else is asked or understood."""

import re
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

_FOLDER = Path(__file__).with_name("alarms")


class Alarm(StrEnum):
    """Why a message cannot wait. The values are labels of the chat API."""

    CRISIS = "crisis"
    MEDICAL = "medical_advice"


@cache
def _patterns() -> dict[Alarm, re.Pattern[str]]:
    """Return the phrases of every language: which one a short cry for help is in cannot always be told."""
    phrases: dict[Alarm, list[str]] = {alarm: [] for alarm in Alarm}
    for path in sorted(_FOLDER.glob("*.yml")):
        for alarm, found in yaml.safe_load(path.read_text("utf-8")).items():
            phrases[Alarm(alarm)] += found
    return {alarm: re.compile("|".join(f"(?:{phrase})" for phrase in found), re.IGNORECASE) for alarm, found in phrases.items()}


def _plain(text: str) -> str:
    """Apostrophes of every kind taken out, white space single: people type "I'm", "I’m" and "im"."""
    return re.sub(r"\s+", " ", re.sub(r"[’'`´]", "", text))


def screen_phrases(text: str) -> Alarm | None:
    """Return the alarm that a phrase of alarms/ raises, crisis before medical, or None."""
    text = _plain(text)
    return next((alarm for alarm, phrases in _patterns().items() if phrases.search(text)), None)

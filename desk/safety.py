"""The safety screen: messages that must get a fixed reply at once, before anything else is asked or understood."""

import re
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("alarms.yml")


class Alarm(StrEnum):
    """Why a message cannot wait. The values are labels of the chat API."""

    CRISIS = "crisis"
    MEDICAL = "medical_advice"


@cache
def _patterns() -> dict[Alarm, tuple[re.Pattern[str], re.Pattern[str]]]:
    data = yaml.safe_load(_FILE.read_text("utf-8"))
    return {alarm: (_any_of(data[alarm]["phrases"]), _any_of(data[alarm]["harmless"])) for alarm in Alarm}


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)


def _plain(text: str) -> str:
    """Curly apostrophes straight, none at all in "im" and "cant", white space single: people type it all ways."""
    return re.sub(r"\s+", " ", re.sub(r"[’'`´]", "", text))


def screen(text: str) -> Alarm | None:
    """Return the alarm that a message raises, crisis before medical, or None.

    Phrases that only sound alarming ("this computer is killing me") are taken out first, so that what is left is judged.
    """
    text = _plain(text)
    for alarm, (phrases, harmless) in _patterns().items():
        if phrases.search(harmless.sub(" ", text)):
            return alarm
    return None

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
def _patterns() -> dict[Alarm, re.Pattern[str]]:
    data = yaml.safe_load(_FILE.read_text("utf-8"))
    return {alarm: re.compile("|".join(f"(?:{phrase})" for phrase in data[alarm]), re.IGNORECASE) for alarm in Alarm}


def _plain(text: str) -> str:
    """Apostrophes of every kind taken out, white space single: people type "I'm", "I’m" and "im"."""
    return re.sub(r"\s+", " ", re.sub(r"[’'`´]", "", text))


def screen_phrases(text: str) -> Alarm | None:
    """Return the alarm that a phrase of alarms.yml raises, crisis before medical, or None."""
    text = _plain(text)
    return next((alarm for alarm, phrases in _patterns().items() if phrases.search(text)), None)

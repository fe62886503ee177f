"""Whether somebody in line asks if anyone is there, in any of the desk's languages."""

import re
from functools import cache
from pathlib import Path

import yaml

_LONGEST = 120  # characters; a longer message says more than that, and is for the person who joins


@cache
def _patterns() -> list[re.Pattern[str]]:
    phrases: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return [re.compile(phrase, re.IGNORECASE) for found in phrases.values() for phrase in found]


def asks_for_somebody(text: str) -> bool:
    """Whether a message asks for a sign of life, not for anything else."""
    return len(text) <= _LONGEST and any(pattern.search(text) for pattern in _patterns())

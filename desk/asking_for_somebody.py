"""Whether a message asks for a person, or somebody in line asks if anyone is there: by phrases, in any of the desk's languages."""

import re
from functools import cache
from pathlib import Path

import yaml

_LONGEST = 120  # characters; a longer message says more than that


@cache
def _patterns(asked: str) -> list[re.Pattern[str]]:
    phrases: dict[str, dict[str, list[str]]] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return [re.compile(phrase, re.IGNORECASE) for found in phrases[asked].values() for phrase in found]


def _asks(asked: str, text: str) -> bool:
    return len(text) <= _LONGEST and any(pattern.search(text) for pattern in _patterns(asked))


def asks_for_a_person(text: str) -> bool:
    """Whether a message asks for a person. For while nothing that understands is there: the assistant knows many more ways to say it."""
    return _asks("a_person", text)


def asks_for_somebody(text: str) -> bool:
    """Whether a message of somebody in line asks for a sign of life, and nothing else."""
    return _asks("anyone_there", text)

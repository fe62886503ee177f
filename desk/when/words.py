"""The words of days and times, from words.yml: parts of the day, spellings, what is no time, and how the desk says a wish back."""

import re
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path

import yaml

from desk.when.wanted import Slot

_FILE = Path(__file__).with_name("words.yml")


@dataclass(frozen=True)
class Part:
    """A part of the day: how people say it (a regular expression), its starting times, and how the desk says it."""

    said: str
    slot: Slot
    spoken: str


@dataclass(frozen=True)
class Words:
    parts: tuple[Part, ...]
    feasts: dict[str, tuple[int, int]]
    spellings: dict[str, str]
    not_misspelt: frozenset[str]
    instead: tuple[tuple[re.Pattern[str], str], ...]
    traps_before: tuple[re.Pattern[str], ...]
    traps: tuple[re.Pattern[str], ...]
    too_early: time
    too_late: time
    spoken: dict[str, str]
    weekday_names: tuple[str, ...]
    month_names: tuple[str, ...]


@cache
def words() -> Words:
    """Return what words.yml holds, its patterns compiled."""
    data = yaml.safe_load(_FILE.read_text("utf-8"))
    return Words(
        parts=tuple(Part(part["said"], _slot(part), part.get("spoken", "")) for part in data["parts"]),
        feasts={name: (month, day) for name, (month, day) in data["feasts"].items()},
        spellings={wrong: right for right, wrongs in data["spellings"].items() for wrong in str(wrongs).split()},
        not_misspelt=frozenset(data["not_misspelt"].split()),
        instead=tuple((re.compile(pattern), instead) for pattern, instead in data["instead"]),
        traps_before=tuple(map(re.compile, data["traps_before"])),
        traps=tuple(map(re.compile, data["traps"])),
        too_early=time.fromisoformat(data["too_early"]),
        too_late=time.fromisoformat(data["too_late"]),
        spoken=data["spoken"],
        weekday_names=tuple(data["weekday_names"]),
        month_names=tuple(data["month_names"]),
    )


def _slot(part: dict[str, str]) -> Slot:
    return Slot(earliest=_clock(part.get("from")), latest=_clock(part.get("to")))


def _clock(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None

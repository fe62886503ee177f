"""What the desk says, in the words of wording/<language>.yml and wording/<language>/. Python holds none of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).with_name("wording")
DEFAULT = "en"

_spoken: ContextVar[str] = ContextVar("language the desk speaks", default=DEFAULT)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language (ISO 639-1) within the block; what nobody wrote in it is said in English."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def language_spoken() -> str:
    return _spoken.get()


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that the desk has words in, English first."""
    return tuple(sorted((path.stem for path in FOLDER.glob("*.yml")), key=lambda code: (code != DEFAULT, code)))


@cache
def words(language: str) -> dict[str, str]:
    """Return every sentence of a language by its key; one inside a group has the key group.name. Large groups have files of their own in a folder."""
    found: dict[str, str] = {}
    for path in (FOLDER / f"{language}.yml", *sorted((FOLDER / language).glob("*.yml"))):
        if path.exists():
            found |= _words_in(path)
    return found


def _words_in(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in yaml.safe_load(path.read_text("utf-8")).items():
        if isinstance(value, dict):
            found |= {f"{key}.{name}": text for name, text in value.items()}
        else:
            found[key] = value
    return found


def say(key: str, language: str | None = None, **values: Any) -> str:
    """Return a sentence in a language (the one spoken, if none is named), else in English, with its {fields} filled.

    Raises KeyError for one that nobody wrote.
    """
    template = words(language or language_spoken()).get(key) or words(DEFAULT)[key]
    return template.format(**values)


def keys(language: str = DEFAULT) -> set[str]:
    return set(words(language))

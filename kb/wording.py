"""What the desk says, in the words of wording/<language>.yml. Python holds none of it."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).with_name("wording")
DEFAULT = "en"


@cache
def _words(language: str) -> dict[str, str]:
    """Return every sentence of a language by its key; one inside a group has the key group.name."""
    path = FOLDER / f"{language}.yml"
    if not path.exists():
        return {}
    words: dict[str, str] = {}
    for key, value in yaml.safe_load(path.read_text("utf-8")).items():
        if isinstance(value, dict):
            words |= {f"{key}.{name}": text for name, text in value.items()}
        else:
            words[key] = value
    return words


def say(key: str, language: str = DEFAULT, **values: Any) -> str:
    """Return a sentence in a language, else in English, with its {fields} filled. Raises KeyError for one that nobody wrote."""
    template = _words(language).get(key) or _words(DEFAULT)[key]
    return template.format(**values)


def keys(language: str = DEFAULT) -> set[str]:
    return set(_words(language))

"""Sentences that only a library service can supply, and what is said until it does."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("local-facts.yml")


@cache
def known_facts() -> dict[str, dict[str, str]]:
    """Return every placeholder an article may use: what it is about, and the sentence that stands in until the service gives its own."""
    return dict(yaml.safe_load(_FILE.read_text("utf-8")))


def sentences(given: Mapping[str, str | None]) -> dict[str, str]:
    """Return the sentence for every placeholder: the service's own where it gave one, else "ask at your library" in fitting words."""
    return {key: (given.get(key) or fact["otherwise"]).strip() for key, fact in known_facts().items()}

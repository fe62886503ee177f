"""Which facet of the topic in hand a short question asks for: "how much is it?" is the cost."""

import re
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("facets.yml")
_LONGEST = 14  # words; a longer message says what it is about


@cache
def _grammar() -> tuple[re.Pattern[str], re.Pattern[str], dict[str, re.Pattern[str]]]:
    data = yaml.safe_load(_FILE.read_text("utf-8"))
    beginnings = re.compile(rf"^(?:{'|'.join(map(re.escape, data['beginnings']))})\s+")
    endings = re.compile(rf"\s+(?:{'|'.join(map(re.escape, data['endings']))})$")
    facets = {
        name: re.compile("|".join(f"(?:{pattern.replace('(it|', '(?:it|').replace('(it)', data['pronoun'])})" for pattern in patterns))
        for name, patterns in data["facets"].items()
    }
    return beginnings, endings, facets


def facet_asked(message: str) -> str | None:
    """Return the facet that a message asks for where it leans on the topic in hand, else None."""
    beginnings, endings, facets = _grammar()
    words = re.sub(r"[^a-z ]+", " ", message.lower().replace("'", "").replace("’", ""))
    words = re.sub(r"\s+", " ", words).strip()
    if len(words.split()) > _LONGEST:
        return None
    for edge in (beginnings, endings):
        shorter = edge.sub("", words)
        while shorter != words:
            words, shorter = shorter, edge.sub("", shorter)
    return next((name for name, pattern in facets.items() if pattern.fullmatch(words)), None)

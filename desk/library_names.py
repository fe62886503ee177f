"""The names that people call a library by. Plain Python: Rasa's environment reads this too."""

import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process

# Words that are part of a library's title but not of what people call it.
_TITLE_WORDS = re.compile(r"\b(?:satellite library|sports centre library|central library|library|idea store)\b", re.IGNORECASE)
_SPOKEN_TITLES = ("library", "idea store", "libary", "librery")

# What is left of these names is an everyday word, so it names the library only together with its title.
_EVERYDAY = frozenset({"express", "local history", "victoria", "bow"})
_CLOSE_ENOUGH = 86  # of 100, rapidfuzz ratio: "whitechaple" is Whitechapel, "Kensington" is not Kensal


def _plain(text: str) -> str:
    text = text.lower().replace("’", "'").replace("'", "")
    text = re.sub(r"\bst\.?(?=\s)", "st", text)
    return re.sub(r"[^a-z0-9]+", " ", text).strip()


def short_name(name: str) -> str:
    """Return what people call it: "Idea Store Whitechapel" is whitechapel."""
    return _plain(_TITLE_WORDS.sub(" ", name)) or _plain(name)


def aliases(name: str) -> list[str]:
    """Return the spellings under which a library is recognised, longest first."""
    short = short_name(name)
    found = {_plain(name), *(f"{short} {title}" for title in _SPOKEN_TITLES), *(f"{title} {short}" for title in _SPOKEN_TITLES)}
    if short not in _EVERYDAY:
        found.add(short)
    return sorted(found, key=len, reverse=True)


def names_in(text: str, names: Iterable[str]) -> list[str]:
    """Return the library names that a text mentions, in the order of the text, small typing mistakes forgiven."""
    spoken = {alias: name for name in names for alias in aliases(name)}
    words = _plain(text).split()
    longest = max((alias.count(" ") + 1 for alias in spoken), default=0)
    found: list[str] = []
    start = 0
    while start < len(words):
        size, name = _match_at(words, start, longest, spoken)
        if name and name not in found:
            found.append(name)
        start += size
    return found


def _match_at(words: list[str], start: int, longest: int, spoken: dict[str, str]) -> tuple[int, str | None]:
    """Return how many words from `start` are a library's name, and which; (1, None) where none is."""
    for size in range(min(longest, len(words) - start), 0, -1):
        phrase = " ".join(words[start : start + size])
        if phrase in spoken:
            return size, spoken[phrase]
    for size in range(min(longest, len(words) - start), 0, -1):
        phrase = " ".join(words[start : start + size])
        if len(phrase) < 6:  # a short word is too easily another short word misspelt
            continue
        close = process.extractOne(phrase, spoken.keys(), scorer=fuzz.ratio, score_cutoff=_CLOSE_ENOUGH)
        if close and close[0].count(" ") + 1 == size:
            return size, spoken[close[0]]
    return 1, None

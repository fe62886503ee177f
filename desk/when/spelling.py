"""A message made ready for the grammar: one spelling for each word, and what only looks like a day or a time taken out."""

import re
from functools import lru_cache

from rapidfuzz import fuzz, process

from desk.when.calendar import MONTHS, WEEKDAYS
from desk.when.words import words

GAP = "¦"  # stands where something was taken out; no rule reads across it
_CLOSE_ENOUGH = 84  # of 100, rapidfuzz ratio: "wensday" and "thrusday" are read, "mondial" is not
_LONG_WORDS = (*WEEKDAYS, *(month for month in MONTHS if len(month) > 6), "tomorrow", "morning", "afternoon", "evening", "weekend", "fortnight")


def plain(text: str) -> str:
    """Return a text in small letters and known spellings, numbers as digits, with a GAP for each telephone number, price, name and the like."""
    text = re.sub(r"[–—−]", "-", text.lower()).replace("&", " and ")
    text = re.sub(r"\b(\w+)['’`´](d|ll|ve|re|m)\b", lambda m: f"{m[1]} {_LONG_FORMS[m[2]]}", text)
    text = re.sub(r"['’`´]", "", text)
    text = re.sub(r"(?<=[\d ])([ap])\.\s?m\b\.?", r"\1m", text)
    text = _apply(text, words().traps_before, GAP)
    text = re.sub(r"[a-z0-9]+", lambda m: _word(m[0]), text)
    for pattern, instead in words().instead:
        text = pattern.sub(instead, text)
    text = _apply(text, words().traps, GAP)
    return re.sub(r"\s+", " ", text).strip()


_LONG_FORMS = {"d": "would", "ll": "will", "ve": "have", "re": "are", "m": "am"}


def _apply(text: str, patterns: tuple[re.Pattern[str], ...], instead: str) -> str:
    for pattern in patterns:
        text = pattern.sub(f" {instead} ", text)
    return text


@lru_cache(4096)
def _word(word: str) -> str:
    stem = word.removesuffix("ish")  # "threeish"
    if stem in words().spellings:
        return words().spellings[stem] + word[len(stem) :]
    if len(word) < 6 or word in words().not_misspelt:
        return word
    singular = word.removesuffix("s") if len(word) > 6 else word
    close = process.extractOne(singular, _LONG_WORDS, scorer=fuzz.ratio, score_cutoff=_CLOSE_ENOUGH)
    return close[0] + word[len(singular) :] if close else word

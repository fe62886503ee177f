"""The language of a message, found offline: by its script, by the words that give it away, and by lingua.

Codes are ISO 639-1. Short messages, names and words that English has too leave the language of the conversation as it is.
"""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import stopwordsiso
import yaml
from lingua import Language, LanguageDetector, LanguageDetectorBuilder

ENGLISH = "en"

_FILE = Path(__file__).with_name("languages.yml")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NOT_WORDS = re.compile(r"https?://\S+|\S+@\S+|\b[A-Z]{1,2}\d[\dA-Z]?\s*\d[A-Z]{2}\b")
_ARABIC_SCRIPT = re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
# Scripts that one language of our residents writes.
_SCRIPTS = {
    "bn": re.compile(r"[\u0980-\u09ff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "gu": re.compile(r"[\u0a80-\u0aff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "pa": re.compile(r"[\u0a00-\u0a7f]"),
    "ta": re.compile(r"[\u0b80-\u0bff]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "ti": re.compile(r"[\u1200-\u137f]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
}
# Letters of the Arabic script that only one of the three writes.
_URDU_ONLY = re.compile(r"[ٹڈڑںےہھ]")
_PERSIAN_OR_URDU = re.compile(r"[پچگژکی]")
_ARABIC_ONLY = re.compile(r"[ةيكىأإؤ]")

_LATIN = {
    "en": Language.ENGLISH,
    "es": Language.SPANISH,
    "pt": Language.PORTUGUESE,
    "fr": Language.FRENCH,
    "so": Language.SOMALI,
    "pl": Language.POLISH,
    "tr": Language.TURKISH,
    "it": Language.ITALIAN,
    "de": Language.GERMAN,
    "ro": Language.ROMANIAN,
    "sq": Language.ALBANIAN,
    "vi": Language.VIETNAMESE,
    "lt": Language.LITHUANIAN,
    "cy": Language.WELSH,
}
_CYRILLIC = {"ru": Language.RUSSIAN, "uk": Language.UKRAINIAN, "bg": Language.BULGARIAN}
# Chats write the letters ع and ح as 3 and 7: "3andi", "sama7t".
_ARABIC_IN_FIGURES = re.compile(r"\b(?:[a-z]+[37](?!rd)[a-z]+\w*|3(?!rd)[a-z]{2,}\w*|7[a-z]{3,}\w*)\b")
_CYRILLIC_SCRIPT = re.compile(r"[\u0400-\u04ff]")

_FOREIGN_SHARE = 0.3  # of the letters: "আমার SIM card" is Bengali
_NOT_ENGLISH = 0.15  # lingua's confidence in English
_EXPECTED = 0.3  # points ahead of others for the languages that our residents write most


@cache
def _detector(languages: tuple[Language, ...]) -> LanguageDetector:
    # The small models: 40 MB instead of 700, and on short messages our own lists decide anyway.
    return LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().with_preloaded_language_models().build()


@cache
def _words_in(part: str) -> dict[str, frozenset[str]]:
    return {code: frozenset(words) for code, words in yaml.safe_load(_FILE.read_text("utf-8"))[part].items()}


def _romanised() -> dict[str, frozenset[str]]:
    return _words_in("romanised")


def _alone() -> dict[str, frozenset[str]]:
    """Return, by language, the words that tell it even where they stand alone."""
    return _words_in("alone")


@cache
def _given_away() -> dict[str, frozenset[str]]:
    """Return, by language, the words in Latin letters that give it away."""
    function_words = {code: frozenset(stopwordsiso.stopwords(code)) for code in _LATIN if stopwordsiso.has_lang(code) and code != ENGLISH}
    return _romanised() | {code: words | _words_in("more").get(code, frozenset()) for code, words in function_words.items()}


@cache
def _english() -> frozenset[str]:
    """Return the words of English that residents use, as the training examples have them."""
    from kb.examples import load_examples

    counts = Counter(word for example in load_examples() for word in set(_WORD.findall(example.text.lower())))
    foreign = frozenset[str]().union(*_romanised().values(), *_alone().values())
    return frozenset(word for word, count in counts.items() if count >= (_VERY_OFTEN if word in foreign else _OFTEN))


_OFTEN, _VERY_OFTEN = 8, 60  # examples: a word of fewer may be a name, or stand in a learner's "mujhe wifi chahiye"


def language_of(text: str, current: str = ENGLISH) -> str:
    """Return the language of a message; `current`, that of the conversation so far, where the message does not tell."""
    text = _NOT_WORDS.sub(" ", text)
    letters = sum(c.isalpha() for c in text)
    if letters < 2:
        return current
    by_script = _by_script(text, letters, current)
    return by_script or _by_words([word.lower() for word in _WORD.findall(text) if not word.isdecimal()], text, current)


def is_plainly_english(text: str) -> bool:
    """Whether nearly all words of a message are words of English that residents use."""
    words = [word.lower() for word in _WORD.findall(text)]
    return len(words) >= 3 and text.isascii() and sum(word in _english() for word in words) >= 0.8 * len(words)


def _by_script(text: str, letters: int, current: str) -> str | None:
    if len(_ARABIC_SCRIPT.findall(text)) > _FOREIGN_SHARE * letters:
        return _of_arabic_script(text, current)
    if len(_CYRILLIC_SCRIPT.findall(text)) > _FOREIGN_SHARE * letters:
        return _best(_by_lingua(text, _CYRILLIC))
    shares = {code: len(script.findall(text)) for code, script in _SCRIPTS.items()}
    likeliest = max(shares, key=lambda code: shares[code])
    return likeliest if shares[likeliest] > _FOREIGN_SHARE * letters else None


def _of_arabic_script(text: str, current: str) -> str:
    if _URDU_ONLY.search(text):
        return "ur"
    likeliest = _best(_by_lingua(text, {"ar": Language.ARABIC, "fa": Language.PERSIAN, "ur": Language.URDU}))
    if _PERSIAN_OR_URDU.search(text) and not _ARABIC_ONLY.search(text):
        return likeliest if likeliest != "ar" else current if current in ("fa", "ur") else "fa"
    return likeliest


def _best(chances: dict[str, float]) -> str:
    return max(chances, key=lambda code: chances[code])


def _by_words(words: list[str], text: str, current: str) -> str:
    """Judge a message in Latin letters."""
    if not words:
        return current
    if len(_ARABIC_IN_FIGURES.findall(text.lower())) * 4 >= len(words):
        return "ar"
    if len(words) == 1:
        alone = [code for code, given in _alone().items() if words[0] in given]
        return alone[0] if len(alone) == 1 else current
    chances = _by_lingua(text, _LATIN)
    code = _likeliest(words, chances)
    given = _given_away()[code]
    english = sum(word in _english() and word not in given for word in words)
    foreign = sum((word in given or not word.isascii()) and word not in _english() for word in words)
    told = sum(word in given for word in words)
    if _looks_like_a_name(text) and told < 2:
        return current
    if foreign > english or (english == 0 and len(words) >= 3 and told and chances[ENGLISH] < _NOT_ENGLISH):
        return code
    if foreign == english and foreign and chances[ENGLISH] < _NOT_ENGLISH:
        return code
    if english == 0 and len(words) >= 3 and chances[ENGLISH] < 0.02 and chances.get(code, 0) > 0.9:
        return code
    return ENGLISH if english > foreign and english >= 2 else current


def _likeliest(words: list[str], chances: dict[str, float]) -> str:
    """Return the language, English apart, that the words and lingua speak for most."""

    def points(code: str) -> float:
        told = sum(word in _given_away().get(code, ()) for word in words) / len(words)
        return 3 * told + chances.get(code, 0.0) + (_EXPECTED if code in _romanised() or code in _words_in("more") else 0.0)

    return max((code for code in {*_given_away(), *_LATIN} if code != ENGLISH and code in _given_away()), key=points)


def _looks_like_a_name(text: str) -> bool:
    """Two or three words with capitals: "Jose Garcia". A message may begin with a capital, not go on with them."""
    words = re.findall(r"[^\s.,!?]+", text)
    return len(words) <= 3 and all(word[:1].isupper() and not word.isupper() for word in words)


def _by_lingua(text: str, languages: dict[str, Language]) -> dict[str, float]:
    """Return lingua's confidence in each language."""
    values = _detector(tuple(languages.values())).compute_language_confidence_values(text)
    codes = {language: code for code, language in languages.items()}
    return {codes[value.language]: value.value for value in values}

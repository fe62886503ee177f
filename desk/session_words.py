"""The words by which a session is found: stems, with words of the same meaning brought together (session_topics.yml)."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import Stemmer
import yaml

_STEMMER = Stemmer.Stemmer("english")
# Words of asking, of time and of place that say nothing about a subject.
_EMPTY = frozenset(
    (
        "a about all am an and any anybody anyone are as at be book booking by can class classes come could course courses day days do does drop for "
        "free from get give go have he help her him his how i if im in into is it just know learn learning let lesson lessons library like look "
        "looking me my need next of on one or our out over place please put session sessions she show so some somebody someone something sort "
        "take teach that the their them there they this to up us use using want we what when where who will with would you your "
        "i've i'm never problem question touched trouble"
    ).split()
)
# A session that says so takes any question.
_ANYTHING = "anyth"


def subject_words(text: str) -> list[str]:
    """Return the words of a text that say what it is about, each as the stem under which sessions hold it."""
    words = re.findall(r"[a-z][a-z'-]*[a-z]|[a-z]", text.lower().replace("’", "'"))
    return list(dict.fromkeys(_stem(word) for word in words if word not in _EMPTY))


def words_of(title: str, texts: Iterable[str], *, kind: str, languages: Iterable[str], access: Iterable[str]) -> str:
    """Return what a session is found by, as its row holds it: stems between spaces; those of the title, languages and access are marked as such."""
    words = subject_words(" ".join((title, *texts)))
    words += [title_mark(word) for word in subject_words(title)]
    if kind == "one-to-one":
        words.append(_ANYTHING)
    marks = [language_mark(each) for each in languages] + [access_mark(each) for each in access]
    return f" {' '.join([*words, *marks])} "


def title_mark(word: str) -> str:
    return f"title:{word}"


def language_mark(language: str) -> str:
    return f"speaks:{language.strip().casefold()}"


def access_mark(access: str) -> str:
    return f"has:{'-'.join(access.casefold().split())}"


def wanted_words(topic: str) -> list[str]:
    """Return the stems that a resident's words ask for; a session that takes any question answers them too, less well."""
    words = subject_words(topic)
    return [*words, _ANYTHING] if words else []


def _stem(word: str) -> str:
    plain = _short(word)
    return _same_meaning().get(plain, plain)


def _short(word: str) -> str:
    stem: str = _STEMMER.stemWord(word.removesuffix("'s"))
    return stem[:-2] if len(stem) > 5 and stem.endswith("er") else stem


@cache
def _same_meaning() -> dict[str, str]:
    groups: list[list[str]] = yaml.safe_load(Path(__file__).with_name("session_topics.yml").read_text("utf-8"))
    return {_short(word): _short(group[0]) for group in groups for word in group}

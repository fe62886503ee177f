"""Personal data typed by mistake, masked before anything is stored, logged or passed on."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class PersonalData(StrEnum):
    """What was found; the value is the words that stand in its place."""

    CARD = "[card number removed]"
    NHS = "[NHS number removed]"
    NATIONAL_INSURANCE = "[National Insurance number removed]"
    PASSWORD = "[password removed]"


@dataclass(frozen=True)
class Masked:
    """A text that is safe to keep, and what was taken out of it."""

    text: str
    found: frozenset[PersonalData]


def mask(text: str) -> Masked:
    """Take card, NHS and National Insurance numbers and passwords out of a text. Library cards, ISBNs, telephone numbers and references stay."""
    found = set()
    for kind, pattern, is_one in _SCREENS:

        def stand_in(match: re.Match[str], kind: PersonalData = kind, is_one: Callable[[re.Match[str]], bool] = is_one) -> str:
            if not is_one(match):
                return match[0]
            found.add(kind)
            start, end = match.span("secret")
            return match[0][: start - match.start()] + kind.value + match[0][end - match.start() :]

        text = _replace(pattern, stand_in, text)
    return Masked(text, frozenset(found))


def _replace(pattern: re.Pattern[str], stand_in: Callable[[re.Match[str]], str], text: str) -> str:
    """As `pattern.sub`, but looks again one character on where a match is left as it was: figures before a number must not hide it."""
    parts, done, at = [], 0, 0
    while match := pattern.search(text, at):
        words = stand_in(match)
        at = match.start() + 1 if words == match[0] else match.end()
        if words != match[0]:
            parts += [text[done : match.start()], words]
            done = match.end()
    return "".join([*parts, text[done:]])


def _digits(text: str) -> str:
    return "".join(str(int(c)) for c in text if c.isdecimal())


def _follows_isbn(match: re.Match[str]) -> bool:
    return bool(re.search(r"isbn\W*(?:1[03])?\W*$", match.string[: match.start()], re.IGNORECASE))


def passes_luhn(digits: str) -> bool:
    """The check that payment cards use (ISO/IEC 7812-1)."""
    doubled = (sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _is_card(match: re.Match[str]) -> bool:
    """A payment card by length, first digits (ISO/IEC 7812) and Luhn. 14 digits are a library card: its barcode passes Luhn too."""
    digits = _digits(match["secret"])
    by_issuer = {15: ("34", "37"), 16: ("2", "3", "4", "5", "6"), 18: ("50", "56", "57", "58", "6"), 19: ("4", "50", "56", "57", "58", "6")}
    return digits.startswith(by_issuer.get(len(digits), ())) and passes_luhn(digits) and not _follows_isbn(match)


def passes_modulus_11(digits: str) -> bool:
    """The check of an NHS number. https://www.datadictionary.nhs.uk/attributes/nhs_number.html"""
    check = 11 - sum(int(d) * weight for d, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(digits[-1]) and check != 10


def _is_nhs_number(match: re.Match[str]) -> bool:
    """Issued numbers begin with 3, 4, 6 or 7 (9 for tests). ISBN-10 has the same check, but English books begin with 0 or 1."""
    text, digits = match["secret"], _digits(match["secret"])
    if not passes_modulus_11(digits) or _follows_isbn(match):
        return False
    if re.search(r"(?:\+|00)\s?44\W*(?:0\W*)?$", match.string[: match.start()]):
        return False
    if re.search(r"(?<!\[)\bnhs\b", match.string, re.IGNORECASE):
        return True
    looks_like_mobile = digits[0] == "7" and not re.fullmatch(r"\d{3}([ -])\d{3}\1\d{4}", text)
    return digits[0] in "34679" and not looks_like_mobile


# Prefixes that are never issued (HMRC manual NIM39110); Q is never issued either, but people copy the "QQ 12 34 56 C" of the forms.
_NEVER_ISSUED = ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")


def _is_national_insurance(match: re.Match[str]) -> bool:
    return not match["secret"].upper().startswith(_NEVER_ISSUED)


# Words that say how a password fares, not what it is.
_STATES = frozenset(
    (
        "a again all an another any always asked asking bad being blocked broken case changed complicated compromised confusing correct "
        "dead different disabled easy expired fine forgotten gone good hard having hidden here in incorrect invalid it just locked long "
        "lost missing my needed new no none not nothing now ok old on out okay private protected refused rejected required reset right safe "
        "same saved secret secure short so still strong stuck stolen that the there this too true unknown unsafe used useless valid very "
        "weak what working wrong written"
    ).split()
)


def _is_password(match: re.Match[str]) -> bool:
    word, rest = match["secret"], match.string[match.end() :]
    if word.lower().strip(".,!?'\"") in _STATES or "removed]" in word:
        return False
    if _is_numeric(match["what"]):
        return bool(re.fullmatch(r"\d{3,8}[.,!?]?", word))
    is_mixed = bool(re.search(r"[\d@#$%^&*_!+=]", word[:-1])) or bool(re.search(r"[a-z][A-Z]", word))
    ends_the_clause = not re.match(r"\s+(?!(?:and|but|so|what|why|how|can)\b)\w", rest) or word.endswith((".", ",", "!"))
    return is_mixed or ends_the_clause or match.string[match.start("secret") - 1] in '"“'


def _is_numeric(what: str) -> bool:
    return bool(re.search(r"pin|code|cv", what, re.IGNORECASE))


def _is_bare_password(match: re.Match[str]) -> bool:
    """Without "is" or a colon only what looks like nothing else is a secret: a PIN's figures, or letters and figures mixed."""
    word = match["secret"]
    if _is_numeric(match["what"]):
        return bool(re.fullmatch(r"\d{3,8}[.,!?]?", word))
    return bool(re.fullmatch(r"(?=\S*\d)(?=\S*[A-Za-z])\S{4,}", word)) and "removed]" not in word


_WHAT = (
    r"\b(?P<what>pass ?words?|pass ?code|pass ?phrase|pin(?: number| code)?|security code|(?:cvv|cvc)(?: number| code)?|log ?in code)\b"
    r"(?: (?:for|to|on|of|at) (?:[\w']+ ){0,4}?[\w']+)?\s*"
)
_SCREENS: tuple[tuple[PersonalData, re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    # One length after the other, the longest first: a date or a sum beside the number must not hide it.
    *((PersonalData.CARD, re.compile(rf"(?<![\d-])(?P<secret>\d(?:[ \xa0.–-]{{0,2}}\d){{{n - 1}}})(?!\d)"), _is_card) for n in (19, 18, 16, 15)),
    (PersonalData.NHS, re.compile(r"(?<![\d+-])(?P<secret>\d{3}[ \xa0-]?\d{3}[ \xa0-]?\d{4}|\d(?:[ \xa0-]?\d){9})(?![\d:]|-\d)"), _is_nhs_number),
    (
        PersonalData.NATIONAL_INSURANCE,
        re.compile(r"\b(?P<secret>[A-CEGHJ-TW-Z][A-CEGHJ-NP-TW-Z][ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[A-D])\b", re.IGNORECASE),
        _is_national_insurance,
    ),
    (
        PersonalData.PASSWORD,
        re.compile(
            _WHAT + r"(?:\b(?:is|was|are)\b|'s\b|:|=)[\s:=]*(?:called |just |now )?[\"'“‘]?"
            r"(?P<secret>(?<=[\"“])[^\"”]{3,}(?=[\"”])|[^\s\"”]{3,})",
            re.IGNORECASE,
        ),
        _is_password,
    ),
    (PersonalData.PASSWORD, re.compile(_WHAT + r"(?P<secret>\S{3,})", re.IGNORECASE), _is_bare_password),
)

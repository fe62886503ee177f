"""Personal data typed by mistake, masked before anything is stored, logged or passed on.

The words by which people name a secret, in each language of the desk, are in privacy_words.yml.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from desk.references import ALPHABET


class PersonalData(StrEnum):
    """What was found; the value is the words that stand in its place."""

    CARD = "[card number removed]"
    NHS = "[NHS number removed]"
    NATIONAL_INSURANCE = "[National Insurance number removed]"
    PASSWORD = "[password removed]"
    CODE = "[code removed]"
    BANK_ACCOUNT = "[bank account removed]"
    PASSPORT = "[passport number removed]"
    DRIVING_LICENCE = "[driving licence number removed]"


@dataclass(frozen=True)
class Masked:
    """A text that is safe to keep, and what was taken out of it."""

    text: str
    found: frozenset[PersonalData]


@dataclass(frozen=True)
class Screen:
    """What one kind of secret looks like. `is_one` judges what the pattern found; its group "secret" is what is taken out.

    A text with fewer than `figures` figures is passed over. Where there are `names`, the pattern begins with one of them (they are in small letters).
    """

    kind: PersonalData
    pattern: re.Pattern[str]
    is_one: Callable[[re.Match[str]], bool]
    figures: int = 0
    names: frozenset[str] = frozenset()


def mask(text: str) -> Masked:
    """Take card, NHS, National Insurance, passport, driving licence and bank account numbers, passwords, PINs and one-time codes out of a text.

    Library cards, ISBNs, telephone numbers, addresses and references stay. A text that was masked comes back as it is.
    """
    found: set[PersonalData] = set()
    while secrets := _secrets(_plain(text)):  # again, for what is taken out may uncover a secret that stood before it
        for start, end, kind in sorted(secrets, reverse=True):
            text = text[:start] + kind + text[end:]
            found.add(kind)
    return Masked(text, frozenset(found))


def _secrets(plain: str) -> list[tuple[int, int, PersonalData]]:
    """Return where secrets stand, and of what kind."""
    figures, places, secrets = sum(map(plain.count, "0123456789")), _places(plain.lower()), []
    for screen in _SCREENS:
        starts = sorted(start for name in places.keys() & screen.names for start in places[name])
        if figures >= screen.figures and (starts or not screen.names):
            for start, end in _found(screen, plain, starts):
                secrets.append((start, end, screen.kind))
                plain = _hide(plain, start, end)
    return secrets


def _places(lowered: str) -> dict[str, list[int]]:
    """Return the first words of names that are in a text, and where they stand."""
    return {name: [match.start() for match in re.finditer(re.escape(name), lowered)] for name in _NAMES if name in lowered}


def _found(screen: Screen, plain: str, starts: list[int]) -> Iterator[tuple[int, int]]:
    """Yield where one screen finds secrets, from left to right."""
    at = 0
    while match := _next(screen, plain, starts, at):
        start, end = match.span("secret")
        at = match.start() + 1  # where it is none: figures before a number must not hide it
        if _GONE not in match["secret"] and not _REST_OF_EMAIL.match(plain, end) and screen.is_one(match):
            yield start, end
            plain, at = _hide(plain, start, end), end


def _next(screen: Screen, plain: str, starts: list[int], at: int) -> re.Match[str] | None:
    """Search from a place on; for a screen with names, only where a name stands, which is faster than to try its pattern everywhere."""
    if not screen.names:
        return screen.pattern.search(plain, at)
    return next((match for start in starts if start >= at and (match := screen.pattern.match(plain, start))), None)


def _hide(plain: str, start: int, end: int) -> str:
    return plain[:start] + _GONE * (end - start) + plain[end:]


_TAKEN = re.compile("|".join(re.escape(kind) for kind in PersonalData))
_REST_OF_EMAIL = re.compile(r"[\w.+-]{0,30}+@[\w-]{1,63}+\.")
# Stands in a plain text where something was taken out.
_GONE = "\0"


def _plain(text: str) -> str:
    """Return the text with every figure, whatever its script, as one of 0 to 9, and wide letters as usual ones; as long as it was."""
    if "removed]" in text:
        text = _TAKEN.sub(lambda taken: _GONE * len(taken[0]), text)
    return text if text.isascii() else "".join(map(_plain_character, text))


@lru_cache(4096)
def _plain_character(character: str) -> str:
    code = ord(character)
    if character.isdecimal():
        return str(int(character))
    if 0xFF01 <= code <= 0xFF5E:
        return chr(code - 0xFEE0)
    return _SAME.get(character, character)


# Marks of writing direction and of joined letters stand unseen between figures; the Arabic and the Persian keyboard differ in two letters.
_SAME = dict.fromkeys("\xad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u3000", " ")
_SAME |= {"İ": "I", "’": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "٫": ".", "٬": ",", "：": ":", "ك": "ک", "ي": "ی", "ى": "ی"}


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _before(match: re.Match[str], characters: int = 40) -> str:
    start = match.start("secret")
    return match.string[max(0, start - characters) : start]


def _follows_isbn(match: re.Match[str]) -> bool:
    return bool(re.search(r"isbn\W{0,3}(?:1[03])?\W{0,3}$", _before(match), re.IGNORECASE))


# Cards


def passes_luhn(digits: str) -> bool:
    """The check that payment cards use (ISO/IEC 7812-1)."""
    doubled = (sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


# First digits by length (ISO/IEC 7812). 14 digits are a library card: its barcode passes Luhn too.
_ISSUERS = {
    15: re.compile("3[47]"),
    16: re.compile("2(?:2(?:0[0-4]|2[1-9]|[3-9])|[3-6]|7[01]|720)|3[5-9]|4|5|6"),
    18: re.compile("5[0678]|6"),
    19: re.compile("4|5[0678]|6"),
}


def _is_card(match: re.Match[str]) -> bool:
    """A payment card by length, first digits, Luhn, and how its figures stand together."""
    secret = match["secret"]
    digits = _digits(secret)
    issued = _ISSUERS[len(digits)].match(digits) and passes_luhn(digits)
    return bool(issued) and _is_laid_out_as_card(match, re.findall(r"\d+", secret)) and not _follows_isbn(match)


def _is_laid_out_as_card(match: re.Match[str], groups: list[str]) -> bool:
    """As on the card, or a slip of it that stands alone. Dates, prices, times and telephone numbers in a row have short or mixed groups."""
    lengths = [len(group) for group in groups]
    is_telephone = bool(re.match(r"447\d{9}$", groups[0])) or _before(match, 1) == "+"
    if lengths in ([4, 6, 5], [len(match["secret"])]) or ([*lengths[:-1]] == [4] * (len(lengths) - 1) and 1 <= lengths[-1] <= 4):
        return not is_telephone and (sum(lengths) != 15 or lengths[1:] != [4, 4, 3] or _stands_alone(match))
    by_one = set(lengths) == {1}
    is_slip = min(lengths) >= 3 and not any(_is_date(group) for group in groups) and "\n" not in match["secret"]
    return (by_one or is_slip) and not is_telephone and _stands_alone(match)


def _stands_alone(match: re.Match[str]) -> bool:
    after = match.string[match.end("secret") : match.end("secret") + 4]
    return not re.search(r"[\d\0][^\d\0]{1,3}$|\+$", _before(match, 4)) and not re.match(r"[^\d\0]{1,3}[\d\0]", after)


def _is_date(text: str) -> bool:
    return bool(_DATE.fullmatch(text))


_DAY, _MONTH, _YEAR = r"(?:0[1-9]|[12]\d|3[01])", r"(?:0[1-9]|1[0-2])", r"(?:19|20)\d\d"
_DATE = re.compile(rf"{_DAY}([ ./-]?){_MONTH}\1{_YEAR}|{_YEAR}([ ./-]?){_MONTH}\2{_DAY}|(?:{_DAY}|[1-9])([ ./-])(?:{_MONTH}|[1-9])\3(?:{_YEAR}|\d\d)")


# NHS and National Insurance numbers


def passes_modulus_11(digits: str) -> bool:
    """The check of an NHS number. https://www.datadictionary.nhs.uk/attributes/nhs_number.html"""
    check = 11 - sum(int(d) * weight for d, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(digits[-1]) and check != 10


def _is_nhs_number(match: re.Match[str]) -> bool:
    """Issued numbers begin with 3, 4, 6 or 7 (9 for tests). ISBN-10 has the same check, but English books begin with 0 or 1."""
    text, digits, before = match["secret"], _digits(match["secret"]), _before(match)
    lengths = [len(group) for group in re.findall(r"\d+", text)]
    if not passes_modulus_11(digits) or digits[0] == "0" or _follows_isbn(match) or not (min(lengths) >= 3 or set(lengths) == {1}):
        return False
    if re.search(r"(?:\+|00)\s?44\W{0,3}(?:0\W{0,3})?$", before):
        return False
    if re.search(r"\bnhs\b", before, re.IGNORECASE):
        return True
    in_threes = lengths == [3, 3, 4]
    is_part_of_more = re.search(r"(?<!\d)0\d{1,4}[ -]$|\+$" if in_threes else r"[\d\0][ -]$|\+$", before)
    looks_like_mobile = digits[0] == "7" and not in_threes
    return digits[0] in "34679" and not is_part_of_more and not looks_like_mobile and not _is_book(match)


def _is_book(match: re.Match[str]) -> bool:
    """An ISBN-10 from abroad, by its word or by the book named before it."""
    return bool(re.search(r"\bisbn|\b(?:the|a|an|this|that|any) (?:book|novel|copy)\b|\bbooks\b", _before(match, 60), re.IGNORECASE))


# Prefixes that are never issued (HMRC manual NIM39110); Q is never issued either, but people copy the "QQ 12 34 56 C" of the forms.
_NEVER_ISSUED = ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")


def _is_national_insurance(match: re.Match[str]) -> bool:
    return not match["secret"].upper().startswith(_NEVER_ISSUED)


# Bank accounts, passports and driving licences

# Lengths of IBANs by country (ISO 13616, the SWIFT registry).
_IBAN_COUNTRIES = {
    15: "NO", 16: "BE", 18: "DK FI FO GL NL SD FK", 19: "MK SI", 20: "AT BA EE KZ LT LU XK MN", 21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
}  # fmt: skip
_IBAN = "|".join(rf"(?:{countries.replace(' ', '|')})\d\d(?:[ -]?+[A-Z\d]){{{length - 4}}}" for length, countries in _IBAN_COUNTRIES.items())


def _is_iban(match: re.Match[str]) -> bool:
    """By its check (ISO 7064 modulus 97), at least ten figures, and in one piece or in fours."""
    groups = re.split("[ -]", match["secret"].upper())
    whole = "".join(groups)
    remainder = int("".join(str(int(c, 36)) for c in whole[4:] + whole[:4])) % 97
    return remainder == 1 and len(_digits(whole)) >= 12 and all(len(group) == 4 for group in groups[:-1])


def _is_account(match: re.Match[str]) -> bool:
    """Sort code and account number. Unless they are named, a date or a library card (14 figures) must not be taken for them."""
    named = re.search(r"sort|bank|\b(?:acc|account|a/c)\b", _before(match) + match["gap"], re.IGNORECASE)
    if named:
        return True
    is_bare = re.fullmatch(r"[\s,;:/]{1,3}", match["gap"]) and not re.search(r"\d\W{1,2}$|\+$", _before(match, 3))
    return bool(is_bare and match["dash"]) and not _is_date(match["code"]) and not _is_date(match["account"])


def _is_named_account(match: re.Match[str]) -> bool:
    """Eight figures by the name of an account: of any bank, but not of the council. Without the word "number" only beside a sort code."""
    is_bank = match["number"] or "sort" in match.string.lower()
    is_other = re.search(r"\b(?:library|tax|rent|council)\b", _before(match), re.IGNORECASE)
    return bool(is_bank) and not is_other and not _is_date(match["secret"])


def _is_passport(match: re.Match[str]) -> bool:
    secret = match["secret"]
    return len(_digits(secret)) >= 6 and not _is_date(secret)


def _is_driving_licence(match: re.Match[str]) -> bool:
    """DVLA's sixteen characters: surname, date of birth, initials, check. The month has 5 in front of it for women."""
    figures = re.sub(r"[ -]", "", match["secret"])[5:11]
    return 1 <= int(figures[1:3]) % 50 <= 12 and int(figures[1:3]) < 63 and 1 <= int(figures[3:5]) <= 31


def _is_one(_: re.Match[str]) -> bool:
    return True


# Passwords, PINs and codes


@dataclass(frozen=True)
class _Words:
    """The words of one language, as in privacy_words.yml."""

    password: list[str]
    pin: list[str]
    code: list[str]
    passport: list[str]
    links: list[str]
    of: list[str]
    then: frozenset[str]
    states: frozenset[str]
    figures: list[str]


def _load() -> tuple[dict[str, _Words], frozenset[str], frozenset[str]]:
    data: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "privacy_words.yml").read_text("utf-8"))
    other_codes, one_time = (frozenset(_plain(data.pop(key)).split()) for key in ("other_codes", "one_time"))
    return {language: _words(of_language) for language, of_language in data.items()}, other_codes, one_time


def _words(data: dict[str, Any]) -> _Words:
    names = {key: [_plain(name) for name in data.get(key, ())] for key in ("password", "pin", "code", "passport", "of")}
    split = {key: _plain(data[key]).split() for key in ("then", "states", "figures")}
    return _Words(
        links=[_plain(link) for link in data["is"]],
        then=frozenset(split["then"]),
        states=frozenset(split["states"]),
        figures=split["figures"],
        **names,
    )


_LANGUAGES, _OTHER_CODES, _ONE_TIME = _load()


def _one_of(names: Iterable[str]) -> str:
    """Return a pattern of the longest name that stands there, tried once: no name is given up for a shorter one."""
    return f"(?>{'|'.join(_name(name) for name in sorted(names, key=len, reverse=True))})"


def _name(name: str) -> str:
    start = r"(?<!\w)" if "A" < name[0] < "\u0590" else ""  # Arabic joins "and", "the" and "with" to the word
    end = r"[\w'-]{0,10}+" if name.endswith("*") else r"(?!\w)"
    return start + re.escape(name.rstrip("*")).replace(r"\ ", "[ -]?") + end


def _starts(names: Iterable[str]) -> frozenset[str]:
    """The first word of each name: where none of them stands, no name does."""
    return frozenset(re.split("[ -]", name.rstrip("*").lower())[0] for name in names)


_WORD = r"[^\W\d][\w'-]{0,24}+"
# A secret in quotation marks may hold spaces.
_TOLD = r"[\"'“‘«„]?+(?P<secret>(?<=[\"“«„])[^\"”»]{3,60}+(?=[\"”»])|[^\s\"”»]{3,}+)"
_PIN = r"\d(?:[ -]?+\d){2,7}+(?!\w|[ -]\d|-\w|[.,:/]\d)"
# What stands beside a password and looks like one: addresses, postcodes, times, prices, dates, telephone numbers, references, products.
_ORDINARY = re.compile(
    r"""
    [\w.+'-]{1,64}+@(?:[a-z\d-]{1,63}+\.){1,4}[a-z]{2,10} | (?:https?://|www\.)\S++
    | [A-Z]{1,2}\d[A-Z\d]?(?:\d[A-Z]{2})? | [£$€]\d[\d.,]{0,12}+\w{0,2} | \d{1,6}(?:[.:]\d\d)?(?:[ap]m?|h|st|nd|rd|th|gb|mb|pp|x|%|€|£|s)?
    | \d{1,2}[:.h]\d\d(?:-\d{1,2}[:.h]\d\d)?(?:[ap]m)? | \d{1,2}(?:[ap]m)?-\d{1,2}[ap]m | \+?\d[\d()./-]{5,20}+ | [\d-]{9,17}X
    | (?:windows|office|microsoft|iphone|ipad|ipados|ios|android|galaxy|samsung|kindle|xbox|playstation|ps|covid|wi-?fi|mp|usb)\W?\d{1,4}[a-z]{0,3}
    | [A-Z]{2,4}-[\dA-Z]{3,8}(?:-[\dA-Z]{3,8})?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_REFERENCE = re.compile(rf"[{ALPHABET}]{{4}}[ -]?[{ALPHABET}]{{4}}", re.IGNORECASE)
_ENDS = ".,!?;'\")”»…؟،۔।"


def _is_ordinary(word: str) -> bool:
    return bool(_ORDINARY.fullmatch(word) or (_REFERENCE.fullmatch(word) and not word.isalpha() and word == word.upper()))


def _is_told_password(words: _Words) -> Callable[[re.Match[str]], bool]:
    def is_one(match: re.Match[str]) -> bool:
        """After "is" or a colon: a word of mixed characters, or one that ends the sentence and says nothing about the password."""
        word = match["secret"]
        if word.lower().strip(_ENDS) in words.states or ("@" in word[1:-4] and _is_ordinary(word.strip(_ENDS))):
            return False
        following = re.match(rf"\s{{1,3}}[\"“]?({_WORD})", match.string[match.end() : match.end() + 30])
        is_mixed = bool(re.search(r"[\d@#$%^&*_!+=]", word[:-1])) or bool(re.search(r"[a-z][A-Z]", word))
        ends = following is None or following[1].lower() in words.then or word.endswith((".", ",", "!"))
        return is_mixed or ends or _before(match, 1) in {'"', "“", "«", "„"}

    return is_one


def _is_bare_password(match: re.Match[str]) -> bool:
    """Without "is" or a colon only what looks like nothing else is a secret: letters mixed with figures or signs."""
    word = match["secret"].strip(_ENDS)
    return bool(re.fullmatch(r"(?=\S*?[\d_#$%^&*+=@])(?=\S*?[^\W\d_])\S{4,}+", word)) and not _is_ordinary(word)


def _is_pin(match: re.Match[str]) -> bool:
    return not _is_date(match["secret"]) and not _REFERENCE.fullmatch(match["secret"])


def _is_code(words: _Words) -> Callable[[re.Match[str]], bool]:
    def is_one(match: re.Match[str]) -> bool:
        """A code that came by message or is for signing in, or one that is simply "my code". Area codes, postcodes and codes on books are none."""
        between = set(_parts(match["between"]))
        before = match.string[max(0, match.start() - 25) : match.start()]
        around = between | set(_parts(before)[-2:] if before.endswith((" ", "-")) else ()) | set(_parts(match["what"]))
        if around & _OTHER_CODES or between & words.then or not _is_pin(match):
            return False
        is_mine = match["link"] and "for" not in between
        return bool(around & _ONE_TIME or is_mine) or (not between and len(_digits(match["secret"])) == 6)

    return is_one


def _parts(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _is_told_after(match: re.Match[str]) -> bool:
    """A PIN or code that comes before its name: "448210 is the code"."""
    return not _OTHER_CODES.intersection(_parts(match["between"])) and _is_pin(match)


# The screens


def _screens_of(words: _Words) -> Iterator[Screen]:
    """Yield the screens for what has no shape of its own and is known by its name only, in one language."""
    is_ = rf"\s{{0,3}}+(?>{_one_of(words.links)}|[:=])[\s:=]{{0,9}}+(?>(?:called|just|now) |)"
    of = rf"(?: {_one_of(words.of)}(?: {_WORD}){{1,5}}?)?" if words.of else rf"(?: {_WORD}){{0,2}}?"
    figure = _one_of(words.figures)
    password, pin, code, passport = (_one_of(names) for names in (words.password, words.pin + words.password, words.code, words.passport))

    def screen(kind: PersonalData, pattern: str, is_one: Callable[[re.Match[str]], bool], names: list[str], figures: int = 0) -> Screen:
        return Screen(kind, re.compile(pattern, re.IGNORECASE), is_one, figures, _starts(names))

    yield screen(PersonalData.PASSPORT, rf"{passport}(?: {_WORD}\.?+|#){{0,2}}?(?:{is_}|[\s,#-]{{1,4}}+){_PASSPORT}", _is_passport, words.passport, 6)
    yield screen(PersonalData.PASSWORD, rf"{password}{of}{is_}{_TOLD}", _is_told_password(words), words.password)
    yield screen(PersonalData.PASSWORD, rf"{password}{of}{_GAP}(?P<secret>\S{{3,}}+)", _is_bare_password, words.password, 1)
    yield screen(PersonalData.PASSWORD, rf"{pin}{of}(?:{is_}|{_GAP})[\"'“‘«„]?+(?P<secret>{_PIN})", _is_pin, words.pin + words.password, 3)
    spelled = rf"(?P<secret>{figure}(?:[\s,-]{{1,3}}+{figure}){{2,11}})"
    yield screen(PersonalData.PASSWORD, rf"{pin}{of}(?:{is_}|{_GAP}){spelled}", _is_one, words.pin + words.password)
    between = rf"(?P<what>{code})(?P<between>(?:,?+ {_WORD}){{0,8}}?)"
    yield screen(
        PersonalData.CODE, rf"{between}(?:(?P<link>{is_})|[\s,-]{{1,4}}+)[\"'“‘]?+(?:G-)?(?P<secret>{_CODE})", _is_code(words), words.code, 4
    )


_GAP = r"(?: [^\W\d][\w']{0,3}+(?= ))?[\s,-]{1,4}+"
_CARD = r"(?<!\d)(?<!\d[.-])(?P<secret>\d(?:[\s.,/|·•_-]{0,3}+\d){%d})(?!\d)"
_NHS = r"(?<![\d+-])(?P<secret>\d{3}[ \xa0-]?\d{3}[ \xa0-]?\d{4}|\d(?:[ \xa0-]?+\d){9})(?![\d:]|-\d)"
_CODE = r"\d(?:[ -]?+\d){3,7}+(?!\w|[ -]\d|-\w|[.,:/]\d)"
_PASSPORT = r"(?P<secret>[A-Z]{0,3}\d[A-Z\d]{5,8}|\d{3} \d{3} \d{3})(?!\w)(?![ -]\d)"
_ACCOUNT = r"(?<![\d-])(?P<secret>(?P<code>\d\d(?P<dash>[ ./-]?)\d\d(?P=dash)\d\d)(?P<gap>\D{1,25}+)(?P<account>\d{8}|\d{4} \d{4}))(?!\d)(?![ -]\d)"
_LICENCE = r"(?<!\w)(?P<secret>[A-Z9]{5}[ -]?\d[0156]\d[0-3]\d\d[ -]?[A-Z9]{2}\d?[A-Z\d]{2,3})(?!\w)"
_TOLD_AFTER = r"(?<![\w£$€.,:/-])(?P<secret>\d{4,8}|\d{3}[ -]\d{3}) (?:is|was) (?:my|the|your)(?P<between>(?: [a-z-]{1,15}+){0,2}?) "

_SCREENS: tuple[Screen, ...] = (
    # One length after the other, the longest first: a date or a sum beside the number must not hide it.
    *(Screen(PersonalData.CARD, re.compile(_CARD % (figures - 1)), _is_card, figures) for figures in (19, 18, 16, 15)),
    Screen(PersonalData.BANK_ACCOUNT, re.compile(rf"(?<!\w)(?=[A-Z]{{2}}\d\d)(?P<secret>{_IBAN})(?!\w)", re.IGNORECASE), _is_iban, 12),
    Screen(PersonalData.BANK_ACCOUNT, re.compile(_ACCOUNT), _is_account, 14),
    Screen(
        PersonalData.BANK_ACCOUNT,
        re.compile(r"\bsort ?code(?: number)?(?: is|:)?[\s:=-]{1,3}+(?P<secret>\d\d([ ./-]?)\d\d\2\d\d)(?!\d)", re.IGNORECASE),
        _is_one, 6, frozenset({"sort"}),
    ),
    Screen(
        PersonalData.BANK_ACCOUNT,
        re.compile(r"\baccount(?P<number> (?:number|no\.?))?(?: is|:)?[\s:=-]{1,3}+(?P<secret>\d{8}|\d{4} \d{4})(?![\w-])(?! \d)", re.IGNORECASE),
        _is_named_account, 8, frozenset({"account"}),
    ),
    Screen(PersonalData.NHS, re.compile(_NHS), _is_nhs_number, 10),
    Screen(
        PersonalData.NATIONAL_INSURANCE,
        re.compile(r"\b(?P<secret>[A-CEGHJ-TW-Z][A-CEGHJ-NP-TW-Z][ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[A-D])\b", re.IGNORECASE),
        _is_national_insurance,
        6,
    ),
    Screen(PersonalData.DRIVING_LICENCE, re.compile(_LICENCE, re.IGNORECASE), _is_driving_licence, 6),
    Screen(
        PersonalData.DRIVING_LICENCE,
        re.compile(r"\bdriv(?:ing|ers?|er's) licen[cs]e(?: number| no\.?)?(?: is|:)?[\s:=-]{1,3}+(?P<secret>\d{8})(?![\w-])", re.IGNORECASE),
        lambda match: not _is_date(match["secret"]), 8, frozenset({"driv"}),
    ),
    Screen(PersonalData.CODE, re.compile(rf"{_TOLD_AFTER}code\b", re.IGNORECASE), _is_told_after, 4),
    Screen(PersonalData.PASSWORD, re.compile(rf"{_TOLD_AFTER}(?:pin|password|pass ?code)\b", re.IGNORECASE), _is_told_after, 4),
    *(screen for words in _LANGUAGES.values() for screen in _screens_of(words)),
)  # fmt: skip
_NAMES = frozenset(name for screen in _SCREENS for name in screen.names)

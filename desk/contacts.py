"""Telephone numbers and email addresses as residents give them. What is wrong with one is a value; its wording is data."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from rapidfuzz.distance import DamerauLevenshtein

_UK = "GB"
_UK_LENGTH = 11  # digits with the leading 0; a few old areas have ten (Ofcom, National Telephone Numbering Plan)
# Where most residents have their mailbox. A domain close to one of these, and not itself known, is asked about.
_USUAL_DOMAINS = (
    "gmail.com googlemail.com hotmail.com hotmail.co.uk outlook.com live.com live.co.uk msn.com icloud.com me.com yahoo.com yahoo.co.uk "
    "ymail.com btinternet.com sky.com virginmedia.com ntlworld.com talktalk.net aol.com protonmail.com proton.me mail.com gmx.com gmx.co.uk"
).split()
_CLOSE = 2  # slips: a letter too many, too few, another, or two swapped


@dataclass(frozen=True)
class Phone:
    """A telephone number: as stored (E.164), as written in the United Kingdom, and whether a text can reach it."""

    number: str
    shown: str
    is_mobile: bool


@dataclass(frozen=True)
class Email:
    """An email address. `suggestion` is what was perhaps meant ("gmail.com" for "gmial.com"): ask, and take either."""

    address: str
    suggestion: str | None = None


class Wrong(StrEnum):
    """What is wrong with a contact; each has its wording under this name."""

    DIGITS_MISSING = "digits_missing"
    DIGITS_TOO_MANY = "digits_too_many"
    NO_SUCH_NUMBER = "no_such_number"
    NO_SUCH_EMAIL = "no_such_email"
    EMAIL_WITHOUT_AT = "email_without_at"
    EMAIL_WITHOUT_ENDING = "email_without_ending"
    NOT_A_CONTACT = "not_a_contact"


@dataclass(frozen=True)
class ContactProblem:
    """Why a contact cannot be used. `digits` is how many are missing or too many, `given` what was read."""

    wrong: Wrong
    given: str
    digits: int = 0


Contact = Phone | Email

_NUMBER = re.compile(r"(?:\+|00)?\(?\d[\d\s().\-/]{4,}\d")
_SPOKEN_EMAIL = re.compile(r"\s+(at|dot|underscore|dash|hyphen)\s+", re.IGNORECASE)
_SIGNS = {"at": "@", "dot": ".", "underscore": "_", "dash": "-", "hyphen": "-"}
_EMAIL = re.compile(r"[^\s,;:<>()\"]+@[^\s,;<>()\"]*")


def read_contact(text: str) -> Contact | ContactProblem:
    """Read what a resident gave when asked for a telephone number or an email address; words around it are passed over."""
    contact = contact_in(text)
    if contact is not None:
        return contact
    if re.search(r"\b(?:gmail|hotmail|outlook|yahoo|icloud|btinternet)\b", text, re.IGNORECASE):
        return ContactProblem(Wrong.EMAIL_WITHOUT_AT, text.strip())
    if sum(c.isdecimal() for c in text) >= 4:
        return read_phone(text)
    return ContactProblem(Wrong.NOT_A_CONTACT, text.strip())


def contact_in(text: str) -> Contact | ContactProblem | None:
    """Return the contact that a longer message holds, or what is wrong with it; None where it holds nothing like one."""
    text = re.sub(r",(?=(?:com|co|net|org)\b)", ".", re.sub(r"\s*@\s*", "@", text))
    email = _EMAIL.search(text) or _EMAIL.search(_as_written(text))
    if email:
        return read_email(email[0])
    number = _NUMBER.search(text)
    return read_phone(number[0]) if number else None


def _as_written(text: str) -> str:
    """Return "mary dot khan at gmail dot com" as it is written. Only where all of it is spoken: "me at the library" is left."""
    if not re.search(r"\bat\b.*\bdot\b", text, re.IGNORECASE):
        return text
    return _SPOKEN_EMAIL.sub(lambda match: _SIGNS[match[1].lower()], text)


def read_phone(text: str) -> Phone | ContactProblem:
    """Read a telephone number, British unless it begins with + or 00. Ofcom's numbers for fiction (07700 900000…) are taken like any other."""
    given = text.strip()
    plain = re.sub(r"[^\d+]", "", given.replace("(0)", ""))
    try:
        number = phonenumbers.parse(re.sub(r"^00", "+", plain), _UK)
    except phonenumbers.NumberParseException:
        return ContactProblem(Wrong.NO_SUCH_NUMBER, given)
    if number.country_code == 44:
        return _british(number, given)
    if not phonenumbers.is_possible_number(number):
        return ContactProblem(Wrong.NO_SUCH_NUMBER, given)
    mobile = phonenumbers.number_type(number) in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
    return _phone(number, PhoneNumberFormat.INTERNATIONAL, mobile)


def _british(number: phonenumbers.PhoneNumber, given: str) -> Phone | ContactProblem:
    national = "0" + phonenumbers.national_significant_number(number).lstrip("0")
    if len(national) < _UK_LENGTH and not (len(national) == _UK_LENGTH - 1 and phonenumbers.is_valid_number(number)):
        return ContactProblem(Wrong.DIGITS_MISSING, given, _UK_LENGTH - len(national))
    if len(national) > _UK_LENGTH:
        return ContactProblem(Wrong.DIGITS_TOO_MANY, given, len(national) - _UK_LENGTH)
    if not re.match(r"0[12357]|08", national):
        return ContactProblem(Wrong.NO_SUCH_NUMBER, given)
    # 070 is a forwarding number and 076 a pager (Ofcom), 07624 a mobile of the Isle of Man.
    return _phone(number, PhoneNumberFormat.NATIONAL, bool(re.match(r"07(?:[1-57-9]|624)", national)))


def _phone(number: phonenumbers.PhoneNumber, style: int, mobile: bool) -> Phone:
    stored = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return Phone(stored, phonenumbers.format_number(number, style), mobile)


def is_mobile(number: str) -> bool:
    """Whether a stored number (E.164) can be reached by text."""
    phone = read_phone(number)
    return isinstance(phone, Phone) and phone.is_mobile


def read_email(text: str) -> Email | ContactProblem:
    """Read an email address. No name server is asked: nothing leaves the machine."""
    given = text.strip().strip(".,;:<>()'\"")
    name, at, domain = given.rpartition("@")
    if not at or not name:
        return ContactProblem(Wrong.EMAIL_WITHOUT_AT, given)
    if "." not in domain:
        whole = f"{domain}.com".lower()
        wanted = whole if whole in _USUAL_DOMAINS else _meant(whole)
        return Email(given, f"{name}@{wanted}") if wanted else ContactProblem(Wrong.EMAIL_WITHOUT_ENDING, given)
    try:
        address = validate_email(given, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return ContactProblem(Wrong.NO_SUCH_EMAIL, given)
    name, _, domain = address.rpartition("@")
    wanted = _meant(domain.lower())
    return Email(address, f"{name}@{wanted}" if wanted else None)


@cache
def _meant(domain: str) -> str | None:
    """Return the usual domain that one is a slip of; None where it is itself usual, or close to none."""
    if domain in _USUAL_DOMAINS:
        return None
    distances = [(DamerauLevenshtein.distance(domain, usual, score_cutoff=_CLOSE), usual) for usual in _USUAL_DOMAINS]
    nearest, usual = min(distances)
    return usual if nearest <= (1 if len(usual) < 8 else _CLOSE) else None

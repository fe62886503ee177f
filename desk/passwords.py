"""Passwords of staff: which are good enough, and their hashes."""

import re
import unicodedata
from collections.abc import Set
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 256  # characters
_FEWEST_DIFFERENT = 5
_ADVICE = "Three or four words that do not belong together are good."

# Argon2id with the parameters of RFC 9106, section 4, for machines with little memory: three passes over 64 MiB.
_HASHER = PasswordHasher()
# What people put for letters so that a common word passes.
_SIGNS = str.maketrans("013457@$!", "oieastasi")


class WeakPasswordError(Exception):
    """A password would be guessed; the message is a sentence that says why."""


def check_password(password: str, *known: str) -> None:
    """Raise WeakPasswordError where a password is short, common, or made of what is `known` of its owner.

    Any characters will do, and none must be there, but it has to be long (NIST SP 800-63B).
    """
    if len(password) < SHORTEST:
        raise WeakPasswordError(f"The password needs at least {SHORTEST} characters. {_ADVICE}")
    if len(password) > LONGEST:
        raise WeakPasswordError(f"The password can have at most {LONGEST} characters.")
    if len(set(password.casefold())) < _FEWEST_DIFFERENT:
        raise WeakPasswordError(f"The password has too few different characters. {_ADVICE}")
    if _is_made_of(password, {part for name in known for part in (_letters(name), *map(_letters, re.split(r"[\W_]+", name))) if len(part) > 2}):
        raise WeakPasswordError("The password must not be the user name or the name.")
    if (re.fullmatch(r"[\d\W_]+", password, re.ASCII) and password.isascii()) or _is_made_of(password, _common()):
        raise WeakPasswordError(f"The password is too common: it would be guessed soon. {_ADVICE}")


def hashed(password: str) -> str:
    return _HASHER.hash(_typed(password))


def is_right(password: str, password_hash: str | None) -> bool:
    """Whether a password is the one that was hashed. With None it takes as long, and is wrong: nobody learns from it which accounts there are."""
    try:
        _HASHER.verify(password_hash or _nobodys(), _typed(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than are used now."""
    return _HASHER.check_needs_rehash(password_hash)


def _typed(password: str) -> bytes:
    """The same for the same letters, however a keyboard puts them together."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


@cache
def _nobodys() -> str:
    return _HASHER.hash("the password of nobody")


@cache
def _common() -> frozenset[str]:
    return frozenset(Path(__file__).with_name("common_passwords.txt").read_text().split())


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]", "", text.casefold())


def _is_made_of(password: str, words: Set[str]) -> bool:
    """Whether nothing but these words is left of a password without its digits and signs, whether or not those stand for letters."""
    lower = password.casefold()
    spellings = (lower, lower.translate(_SIGNS), lower.rstrip("0123456789!?.").translate(_SIGNS))
    return any(_is_chain(_letters(spelling), words) for spelling in spellings)


def _is_chain(letters: str, words: Set[str]) -> bool:
    """Whether a text is one word after the other. Each place is reached once, however many ways lead there."""
    reached = {0}
    for start in range(len(letters)):
        if start in reached:
            reached |= {start + len(word) for word in words if letters.startswith(word, start)}
    return bool(letters) and len(letters) in reached

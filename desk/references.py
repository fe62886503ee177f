"""References of bookings: short, spoken over the telephone, and never mistaken for another."""

import re
import secrets

# No letter or figure that looks like another one (0 O Q, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V, M N), and no vowel, so no word.
# Nineteen of them: a prime, so that the check below finds every single mistype and every two characters that changed places.
ALPHABET = "34679CDFHJKMPRTVWXY"
_LENGTH = 8
_SPOKEN_FIGURES = {"three": "3", "four": "4", "six": "6", "seven": "7", "nine": "9"}


def new_reference() -> str:
    """Return a fresh reference as it is stored: seven random characters (0.9 thousand million of them) and a check character."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH - 1))
    return body + _check(body)


def shown(reference: str) -> str:
    """Return a reference as it is written and read out: "7K4M-XC9R"."""
    return f"{reference[:4]}-{reference[4:]}"


def read_reference(text: str) -> str | None:
    """Return the reference that a text is, as it is stored, or None. Case, spaces and hyphens do not count."""
    plain = re.sub(r"[^0-9A-Z]", "", text.upper())
    return plain if _is_one(plain) else None


def reference_in(text: str) -> str | None:
    """Return the first reference that stands anywhere in a message, else None: "it's 7 K 4 M, XC9R I think", "seven k four m x c nine r"."""
    words = [_SPOKEN_FIGURES.get(word.lower(), word.upper()) for word in re.findall(r"[0-9A-Za-z]+", text)]
    for start in range(len(words)):
        joined = ""
        for word in words[start:]:
            joined += word
            if len(joined) >= _LENGTH:
                break
        if _is_one(joined):
            return joined
    return None


def _is_one(plain: str) -> bool:
    return len(plain) == _LENGTH and all(c in ALPHABET for c in plain) and _check(plain[:-1]) == plain[-1]


def _check(body: str) -> str:
    """The sum of each character's place in the alphabet times its place in the reference, modulo 19."""
    return ALPHABET[sum(n * ALPHABET.index(c) for n, c in enumerate(body, 1)) % len(ALPHABET)]

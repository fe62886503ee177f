"""Who comes to a session and whom to tell."""

import hashlib
import re
import unicodedata
from dataclasses import asdict, dataclass

from desk.tables import Person

ADULT = 16  # years; for anybody younger an adult is named whom we can reach


# Characters; the columns of desk.tables have these lengths.
_LONGEST = {"attendee_name": 200, "contact_name": 200, "phone": 20, "email": 254, "relation": 60, "needs": 1000, "language": 8}


class PartyError(Exception):
    """Something about the people is missing; the kinds of it say what. Nothing was stored."""


class NameNeededError(PartyError):
    """Nobody is named who comes."""


class ConsentNeededError(PartyError):
    """Somebody books for another person, who has not been said to agree."""


class AdultNeededError(PartyError):
    """The person is, or may be, under 16: the name of an adult and their telephone or email are needed."""


class TooLongError(PartyError):
    """Something is longer than it can be kept: `field` says what, `longest` how many characters it may have."""

    def __init__(self, field: str, longest: int) -> None:
        super().__init__(field)
        self.field, self.longest = field, longest


class WrongAgeError(PartyError):
    """The session is for another age; its row says which."""


@dataclass(frozen=True)
class Party:
    """Who attends, exactly as typed, and the contact. `contact_name` and `relation` are given where somebody else books for them.

    `phone` is E.164 and `email` an address as `desk.contacts` reads them; both may be empty. `consent` is the contact's word that the person agrees.
    """

    attendee_name: str
    phone: str = ""
    email: str = ""
    age: int | None = None
    contact_name: str = ""
    relation: str = ""
    consent: bool = False
    needs: str = ""
    language: str = "en"

    @property
    def is_for_someone_else(self) -> bool:
        return bool(self.contact_name or self.relation)

    def columns(self) -> dict[str, str | int | None]:
        """Return what the tables hold of it as given."""
        return {key: _storable(value) for key, value in asdict(self).items() if key != "consent"}


def check_party(party: Party, age_from: int | None, age_to: int | None) -> None:
    """Raise the PartyError that keeps these people from a session for these ages (years, both included, None where open)."""
    if not party.attendee_name.strip():
        raise NameNeededError
    for field, longest in _LONGEST.items():
        if len(getattr(party, field)) > longest:
            raise TooLongError(field, longest)
    if party.age is not None and not (age_from or 0) <= party.age <= (age_to or 200):
        raise WrongAgeError
    if _may_be_a_child(party.age, age_to) and not (party.contact_name.strip() and (party.phone or party.email)):
        raise AdultNeededError
    if party.is_for_someone_else and not party.consent:
        raise ConsentNeededError


def _may_be_a_child(age: int | None, age_to: int | None) -> bool:
    return age < ADULT if age is not None else age_to is not None and age_to < 18


def _storable(value: str | int | None) -> str | int | None:
    """PostgreSQL holds every character but the null one, which nobody types."""
    return value.replace("\x00", "") if isinstance(value, str) else value


def party_of(row: Person) -> Party:
    """Return the party that a booking or a place in the line was made for."""
    return Party(
        attendee_name=row.attendee_name,
        phone=row.phone,
        email=row.email,
        age=row.age,
        contact_name=row.contact_name,
        relation=row.relation,
        consent=row.consent_at is not None,
        needs=row.needs,
        language=row.language,
    )


# What a name is as often written without: the apostrophes of all kinds, and what shows only how letters are read (the accents of Latin, Greek and
# Cyrillic, the points of Hebrew, the vowel marks of Arabic). The marks of other scripts are letters: "कि" is not "का".
_APOSTROPHES = str.maketrans("", "", "'’‘‛`´ʼʻʹʽ′＇\u200b\u200c\u200d\u2060\ufeff\u00ad")
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670]")


def plain_name(name: str) -> str:
    """Return the words of a name without case, accents and signs, in any script: for comparing only, never for showing.

    A hyphen, a dot or any other sign parts two words, an apostrophe does not: "Mary O'Brien-Khan" is "mary obrien khan".
    """
    letters = _ACCENTS.sub("", unicodedata.normalize("NFKD", name.translate(_APOSTROPHES).casefold())).translate(_APOSTROPHES)
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in letters)
    return " ".join("".join(kept).split()) or name.strip()


def name_without_spaces(name: str) -> str:
    """Return a plain name as one word: "O Brien", "O'Brien" and "OBrien" are the same, and so are "Ann-Marie" and "Annmarie"."""
    return plain_name(name).replace(" ", "")


def person_key(party: Party, conversation_id: str | None) -> str:
    """Return what is the same for the same person: the name with the telephone or email, or with the chat where there is neither."""
    contact = party.phone or party.email.casefold() or f"chat {conversation_id}"
    return _digest(f"{name_without_spaces(party.attendee_name)}\n{contact}")


def holder_key(conversation_id: str | None, request_id: str) -> str:
    """Return the key of somebody who has not given a name yet: one hold a chat, or a request where there is no chat."""
    return _digest(f"hold\n{conversation_id or request_id}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

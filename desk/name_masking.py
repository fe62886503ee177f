"""Names taken out of questions that are kept to learn from. What stands in a conversation's log stays as it was typed."""

import re
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.front_desk import FrontDesk
from desk.privacy import mask
from desk.staff_tables import HandoverRow, ReferralRow, VolunteerRow
from desk.tables import BookingRow, WaitingRow
from desk.tasks.names import contacts_in, said_name, without_contacts

NAME = "[name removed]"
CONTACT = "[contact removed]"

# Given texts, returns the names of people that each holds: spaCy, where it is at hand.
PeopleIn = Callable[[Sequence[str]], list[list[str]]]

_SHORTEST_PART = 3  # letters
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_INSIDE_A_SENTENCE = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*")
_MOST_SAID = 5  # names said in one message

# What spaCy takes for a person and residents write every day.
_NO_PEOPLE = frozenset(
    "alexa amazon android apple argos christmas chrome chromebook cortana diwali easter ebay eid excel facebook giffgaff gmail google hotmail huawei "
    "instagram ipad iphone kindle lebara lenovo lidl messenger netflix nokia outlook paypal powerpoint ramadan samsung siri skype teams tesco tiktok "
    "vodafone whatsapp windows word yahoo zoom".split()
)


class NameMask:
    """Masks names. Libraries, topics and the things that articles speak of by name stay."""

    def __init__(self, desk: FrontDesk, people_in: PeopleIn) -> None:
        self._people_in = people_in
        titles = [article.title for article in desk.articles.values()]
        named = [name for article in desk.articles.values() for name in _INSIDE_A_SENTENCE.findall(f"{article.summary} {article.body}")]
        places = [words for library in desk.libraries for words in (library.name, library.address)]
        self._kept = _NO_PEOPLE.union(word.lower() for text in (*titles, *named, *places) for word in _WORD.findall(text))
        self._everyday = {word for article in desk.articles.values() for word in _WORD.findall(f"{article.summary} {article.body}") if word.islower()}

    def masked(self, texts: Sequence[str], known: Sequence[Iterable[str]]) -> list[str]:
        """Return the texts with names taken out: those that are known of each conversation, those said to be one, and those that spaCy finds.

        Telephone numbers, addresses and what the privacy rules name are taken out as well.
        """
        people = self._people_in(texts)
        return [self._masked(*each) for each in zip(texts, known, people, strict=True)]

    def _masked(self, text: str, known: Iterable[str], people: Iterable[str]) -> str:
        text = mask(text).text
        # Before the contacts are taken out: a name is told by the number beside it.
        said = [*self._said(text), *(name for name in people if not self.is_kept(name))]
        for name in sorted({*known, *said}, key=len, reverse=True):
            text = self._without(text, name)
        if contacts_in(text):
            text = f"{without_contacts(text).strip()} {CONTACT}"
        return " ".join(re.sub(rf"{re.escape(NAME)}(?:[ ,]+{re.escape(NAME)})+", NAME, text).split())

    def _said(self, text: str) -> list[str]:
        """Return the names that "my name is", "for my mum" or a contact beside them tell, one after the other."""
        names: list[str] = []
        for _ in range(_MOST_SAID):
            found = said_name(text, self.is_kept)
            if found is None or not found[0] or found[0] in names:
                break
            names.append(found[0])
            text = text.partition(found[0])[2]
        return names

    def is_kept(self, name: str) -> bool:
        """Whether a name is that of a library or a thing, not of a person."""
        return all(word.lower() in self._kept for word in _WORD.findall(name.removesuffix("'s").removesuffix("’s")))

    def _without(self, text: str, name: str) -> str:
        """Take a name out, whole or by one of its parts. A part that is an everyday word ("may") is a name only with a capital."""
        if not name.strip():
            return text
        text = re.sub(rf"(?<!\w){re.escape(name.strip())}(?!\w)", NAME, text, flags=re.IGNORECASE)
        for part in _WORD.findall(name):
            if len(part) < _SHORTEST_PART:
                continue
            spelling = part.capitalize() if part.lower() in self._kept | self._everyday else f"(?i:{re.escape(part)})"
            text = re.sub(rf"(?<![\w\[]){spelling}(?!\w| removed\])", NAME, text)
        return text


def known_names(session: Session, conversation_id: str) -> list[str]:
    """Return the names that were given in a conversation's bookings, waiting places, referrals, offers to help and hand-overs."""
    names: list[str] = []
    for table, columns in (
        (BookingRow, (BookingRow.attendee_name, BookingRow.contact_name)),
        (WaitingRow, (WaitingRow.attendee_name, WaitingRow.contact_name)),
        (ReferralRow, (ReferralRow.name, ReferralRow.contact_name)),
        (VolunteerRow, (VolunteerRow.name,)),
        (HandoverRow, (HandoverRow.name,)),
    ):
        for row in session.execute(select(*columns).where(table.conversation_id == conversation_id)):
            names += [name for name in row if name]
    return list(dict.fromkeys(names))

"""Looking a booking up: its reference and the matching name or contact, or the chat in which it was made. Wrong three times, and a person helps."""

from dataclasses import dataclass
from datetime import timedelta

from rapidfuzz import fuzz
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from desk import bookings, waiting_list
from desk.bookings import Booking
from desk.clock import now
from desk.contacts import Email, Phone, contact_in
from desk.people import name_without_spaces, plain_name
from desk.references import read_reference, reference_in
from desk.tables import BookingRow, Person, WaitingRow, WrongLookUpRow
from desk.waiting_list import Waiting

TRIES = 3  # of one chat or visitor
_TRIES_A_REFERENCE = 10  # of everybody together, so that names are not tried out on a reference from many chats
_FORGOTTEN_AFTER = timedelta(hours=12)
_LONGEST_NAME = 80  # characters: a list of names is no name
_CLOSE_ENOUGH = 88  # of 100, rapidfuzz ratio: "Jon Smith" is "John Smith", "Jane Smith" is not


@dataclass(frozen=True)
class WrongLookUp:
    """Nothing fits what was given; what was wrong with it is not told. With no tries left a person helps."""

    tries_left: int


def look_up(
    session: Session, reference: str, name_or_contact: str, *, asked_by: str, conversation_id: str | None = None
) -> Booking | Waiting | WrongLookUp:
    """Return the booking, or the place in a waiting list, that a reference opens together with the name, telephone or email given.

    In the chat in which it was made the reference alone opens it. `asked_by` names the chat or the visitor whose wrong tries are counted: commit
    after a wrong one too. Right tries are not told from wrong ones once three were wrong.
    """
    plain = read_reference(reference) or reference_in(reference)
    counted = [(f"by {asked_by}"[:80], TRIES), *([(f"reference {plain}", _TRIES_A_REFERENCE)] if plain else [])]
    left = min(most - _wrong_tries(session, key) for key, most in counted)
    if left <= 0:
        return WrongLookUp(0)
    row = _row_of(session, plain) if plain else None
    if row is not None and (_is_of_chat(row, conversation_id) or _fits(row, name_or_contact)):
        session.execute(delete(WrongLookUpRow).where(WrongLookUpRow.key == counted[0][0]))
        return bookings.booking(session, row.id) if isinstance(row, BookingRow) else waiting_list.waiting(session, row)
    for key, _ in counted:
        _count(session, key)
    return WrongLookUp(left - 1)


def forget_wrong_tries(session: Session) -> None:
    """Forget wrong tries of more than twelve hours ago."""
    session.execute(delete(WrongLookUpRow).where(WrongLookUpRow.first_at <= now() - _FORGOTTEN_AFTER))


def _row_of(session: Session, reference: str) -> BookingRow | WaitingRow | None:
    booked = session.scalar(select(BookingRow).filter_by(reference=reference).where(BookingRow.state != "held"))
    return booked or session.scalar(select(WaitingRow).filter_by(reference=reference))


def _is_of_chat(row: BookingRow | WaitingRow, conversation_id: str | None) -> bool:
    return conversation_id is not None and row.conversation_id == conversation_id


def _fits(row: Person, given: str) -> bool:
    contact = contact_in(given)
    if isinstance(contact, Phone) and contact.number == row.phone:
        return True
    if isinstance(contact, Email) and contact.address.casefold() == row.email.casefold():
        return True
    return len(given) <= _LONGEST_NAME and any(_is_name(name, given) for name in (row.attendee_name, row.contact_name) if name.strip())


def _is_name(name: str, given: str) -> bool:
    """Whether the whole name was given, in any order, with words around it, however punctuated, or with a small slip."""
    wanted, said = plain_name(name), plain_name(given)
    in_any_order = set(wanted.split()) <= set(said.split()) or {name_without_spaces(part) for part in name.split()} <= set(said.split())
    return in_any_order or name_without_spaces(name) in _runs_of(said.split()) or fuzz.token_sort_ratio(wanted, said) >= _CLOSE_ENOUGH


def _runs_of(words: list[str]) -> set[str]:
    """Return the words that stand side by side, run together: "o brien" is "obrien"."""
    return {"".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)}


def _wrong_tries(session: Session, key: str) -> int:
    row = session.get(WrongLookUpRow, key, populate_existing=True)
    return row.times if row and row.first_at > now() - _FORGOTTEN_AFTER else 0


def _count(session: Session, key: str) -> None:
    old = delete(WrongLookUpRow).where(WrongLookUpRow.key == key, WrongLookUpRow.first_at <= now() - _FORGOTTEN_AFTER)
    once_more = update(WrongLookUpRow).where(WrongLookUpRow.key == key).values(times=WrongLookUpRow.times + 1).returning(WrongLookUpRow.times)
    session.execute(old)
    if session.scalar(once_more) is None:
        try:
            with session.begin_nested():
                session.execute(insert(WrongLookUpRow).values(key=key, times=1, first_at=now()))
        except IntegrityError:  # somebody else was the first just now
            session.execute(once_more)

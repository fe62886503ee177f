"""What a task may look at and act upon: the libraries, the sessions and the bookings, as they are in this transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from desk import bookings, places, sessions, waiting_list
from desk.bookings import Booking
from desk.front_desk import FrontDesk
from desk.libraries import Library
from desk.session_words import subject_words
from desk.sessions import Found
from desk.tables import SubjectRow, WaitingRow
from desk.waiting_list import Waiting

T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """The desk as one chat meets it."""

    session: Session
    conversation_id: str
    desk: FrontDesk

    def attempt(self, verb: Callable[[], T]) -> T:
        """Do a verb of the desk; where it raises, nothing of it is stored and the rest of the transaction goes on."""
        with self.session.begin_nested():
            return verb()

    def library(self, slug: str) -> Library | None:
        return next((library for library in self.desk.libraries if library.slug == slug), None)

    def library_name(self, slug: str) -> str:
        library = self.library(slug)
        return library.name if library else slug

    def found(self, session_id: int) -> Found:
        """Raises UnknownSessionError."""
        return sessions.one_session(self.session, session_id)

    def dates(self, session_id: int) -> places.Dates:
        return places.dates_for(self.session, session_id)

    def subjects_in(self, text: str) -> str:
        """Return the words of a text that some session is about."""
        words = [word.strip(".,;:!?()\"'") for word in text.split()]
        return " ".join(dict.fromkeys(word for word in words if word and self._is_subject(word)))

    def _is_subject(self, word: str) -> bool:
        held = [SubjectRow.words.contains(f" {stem} ", autoescape=True) for stem in subject_words(word) if not word.casefold().startswith("any")]
        return bool(held) and bool(self.session.scalar(select(exists().where(*held))))

    def hold(self, session_id: int, request_id: str) -> Booking:
        """Hold a place for this chat, and give back any other that it holds. Raises a NoPlaceError; then the others are kept."""
        held = self.attempt(lambda: bookings.hold_place(self.session, session_id, request_id=request_id, conversation_id=self.conversation_id))
        for other in bookings.renew_hold(self.session, self.conversation_id):
            if other.row.id != held.row.id:
                bookings.cancel(self.session, other.row.id)
        return held

    def renew_hold(self) -> None:
        bookings.renew_hold(self.session, self.conversation_id)

    def release_hold(self) -> None:
        bookings.release_hold(self.session, self.conversation_id)

    def booked_here(self) -> list[Booking]:
        return bookings.bookings_of(self.session, self.conversation_id)

    def waiting_here(self) -> list[Waiting]:
        """Return the places in waiting lists that were taken in this chat."""
        rows = self.session.scalars(
            select(WaitingRow).filter_by(conversation_id=self.conversation_id).where(WaitingRow.state.in_(("waiting", "offered")))
        )
        return [waiting_list.waiting(self.session, row) for row in rows]

    def references_here(self) -> set[str]:
        """Return the references, as stored, that this chat itself was given."""
        return {each.row.reference for each in self.booked_here()} | {each.row.reference for each in self.waiting_here()}

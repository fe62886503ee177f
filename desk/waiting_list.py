"""The waiting list of a session: who is next is offered a freed place, with time to answer while the library is open."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk import audit, conversations, notices, places
from desk.clock import LONDON, in_london, now
from desk.database import Database
from desk.hours import Week
from desk.opening import on_day
from desk.people import Party, check_party, person_key
from desk.places import Dates
from desk.references import new_reference, shown
from desk.replies import Choice, Reply
from desk.speech import spoken_day, spoken_time
from desk.tables import BookingRow, ConversationRow, LibraryRow, NoticeRow, SessionRow, WaitingRow
from desk.transactions import in_a_transaction
from kb.wording import say, speaking

# A day of the library's opening to answer in: long enough for somebody who hears of it by a telephone call.
TIME_TO_ANSWER = timedelta(hours=8)
LEAST_TIME = timedelta(hours=1)  # of opening; with less left before the session the place is free for anybody
_LAST_ANSWER = timedelta(hours=1)  # before the session begins


class PlacesLeftError(Exception):
    """There are places: book one instead."""


class AlreadyBookedError(Exception):
    """This person has a place in the session already: by the booking of this id and reference (as stored)."""

    def __init__(self, row: BookingRow) -> None:
        super().__init__(row.reference)
        self.booking_id, self.reference = row.id, row.reference


class NoOfferError(Exception):
    """Nothing is offered: the offer ran out, was answered, or never was."""


@dataclass(frozen=True)
class Waiting:
    """A place in the line. `ahead` is how many are asked before this person."""

    row: WaitingRow
    dates: Dates
    ahead: int


def join_waiting_list(
    session: Session,
    session_id: int,
    party: Party,
    *,
    request_id: str,
    conversation_id: str | None = None,
    who: str = audit.RESIDENT,
) -> Waiting:
    """Put somebody at the end of the line, once: the same request or person again returns the place they have.

    Raises a NoPlaceError where there is nothing to wait for, a PartyError, PlacesLeftError, AlreadyBookedError.
    """
    (dates,) = places.hold_dates(session, session_id)
    earlier = session.scalar(select(WaitingRow).filter_by(request_id=request_id))
    if earlier:
        return waiting(session, earlier)
    places.check_open(dates)
    check_party(party, dates[0].age_from, dates[0].age_to)
    key, home = person_key(party, conversation_id), places.home(dates)
    booked = booking_of(session, home, key)
    if booked:
        raise AlreadyBookedError(booked)
    row = in_line(session, home, key)
    if row is None:
        if places.places_left(dates) and not _next_in_line(session, home):
            raise PlacesLeftError
        row = WaitingRow(
            session_id=home,
            reference=new_reference(),
            request_id=request_id,
            state="waiting",
            person_key=key,
            conversation_id=conversation_id,
            created_at=now(),
            consent_at=now() if party.consent else None,
            **party.columns(),
        )
        session.add(row)
        session.flush()
        audit.note(session, who, "join_waiting_list", row, {}, {"state": "waiting", "session_id": home})
    return waiting(session, row)


def leave_waiting_list(session: Session, waiting_id: int, *, who: str = audit.RESIDENT) -> WaitingRow:
    """Take somebody out of the line; an offered place goes to the next. Leaving twice changes nothing."""
    return _answer(session, waiting_id, "left", "leave_waiting_list", who)


def decline_offer(session: Session, waiting_id: int, *, who: str = audit.RESIDENT) -> WaitingRow:
    """Give an offered place to the next. Raises NoOfferError where nothing is offered."""
    row, dates = hold_waiting(session, waiting_id)
    if row.state != "offered":
        raise NoOfferError
    _end(session, row, dates, "declined", "decline_offer", who)
    return row


def offer_place(session: Session, session_id: int) -> list[WaitingRow]:
    """Offer the free places of a session to those in the line, in order. Returns whom; nobody where none is free or nobody waits."""
    (dates,) = places.hold_dates(session, session_id)
    return offer_free_places(session, dates)


def offer_free_places(session: Session, dates: Dates) -> list[WaitingRow]:
    """As `offer_place`, for dates whose rows are held."""
    offered: list[WaitingRow] = []
    while _next_in_line(session, places.home(dates)) and _deadline_for(session, dates):
        try:
            places.take(session, dates)
        except places.FullError:
            break
        offered += _offer_next(session, dates)
    return offered


def pass_on(session: Session, dates: Dates) -> None:
    """A place in these dates, whose rows are held, became free: the next in the line is offered it, or it is free for anybody."""
    if not _offer_next(session, dates):
        places.give_back(session, dates)


def say_offers(database: Database) -> int:
    """Say the offers that stand in the chats they are for, each once. Returns how many were said.

    The words and the notice's "sent" are one transaction, so two runners, or one that dies, never say an offer twice. Where a person owns the
    conversation nothing is said, and the notice stays in the outbox.
    """
    with database.reading() as session:
        due = notices.due_in_chats(session)
    return sum(in_a_transaction(database, partial(_say_offer, notice_id=notice, conversation_id=chat)) for notice, chat in due)


def _say_offer(session: Session, notice_id: int, conversation_id: str) -> bool:
    chat = session.get(ConversationRow, conversation_id)
    if chat is None:
        return False
    # The conversation is held before the notice, as where the resident answers the offer: so neither waits for the other.
    with session.begin_nested() as attempt, speaking(chat.language):
        offer = _offer_in_words(session, session.get_one(NoticeRow, notice_id))
        said = conversations.say_unasked(session, conversation_id, [offer]) and notices.mark_done(session, notice_id)
        if not said:
            attempt.rollback()
    return said


def _offer_in_words(session: Session, notice: NoticeRow) -> Reply:
    row, date = session.get_one(WaitingRow, notice.waiting_id), session.get_one(SessionRow, notice.session_id)
    library = session.get(LibraryRow, date.library)
    begins, until = in_london(date.starts_at), in_london(datetime.fromisoformat(notice.details["until"]))
    start = f"{spoken_day(begins.date())}, {spoken_time(begins.time())}"
    about = say("tasks.in_brief", title=date.title, library=library.name if library else date.library, start=start)
    words = say("tasks.place_became_free", session=about, day=spoken_day(until.date()), time=spoken_time(until.time()))
    take = Choice(say("tasks.button_take_place"), "book_session", f"accept:{row.id}")
    decline = Choice(say("tasks.button_decline_place"), "cancel_booking", f"decline:{row.id}")
    return Reply("booking", "book_session", words, choices=(take, decline), reference=shown(row.reference))


def lapse_offers(session: Session, dates: Dates) -> int:
    """End the offers for these dates, whose rows are held, that were not answered in time. Returns how many."""
    unanswered = select(WaitingRow).filter_by(session_id=places.home(dates), state="offered").where(WaitingRow.offer_until <= now())
    rows = list(session.scalars(unanswered.order_by(WaitingRow.id)))
    for row in rows:
        _end(session, row, dates, "expired", "expire_offer", audit.DESK)
    return len(rows)


def close_line(session: Session, dates: Dates, who: str = audit.DESK) -> None:
    """End the waiting list of dates that have begun or do not take place; their rows are held."""
    query = select(WaitingRow).filter_by(session_id=places.home(dates)).where(WaitingRow.state.in_(("waiting", "offered")))
    for row in list(session.scalars(query)):
        had = row.state
        row.state, row.offer_until = "closed", None
        audit.note(session, who, "close_waiting_list", row, {"state": had}, {"state": "closed"})
        notices.withdraw(session, row)
        if had == "offered":
            places.give_back(session, dates)
        if places.starts_at(dates) is None:
            notices.tell(session, "cancellation", row, dates, who, by_library=True, reason=dates[0].reason)


def in_line(session: Session, home: int, key: str) -> WaitingRow | None:
    """Return the place of a person in the line, waiting or offered."""
    query = select(WaitingRow).filter_by(session_id=home, person_key=key).where(WaitingRow.state.in_(("waiting", "offered")))
    return session.scalar(query.execution_options(populate_existing=True))


def booking_of(session: Session, home: int, key: str) -> BookingRow | None:
    """Return the hold or booking that a person has in a session."""
    query = select(BookingRow).filter_by(session_id=home, person_key=key).where(BookingRow.state.in_(("held", "booked")))
    return session.scalar(query.execution_options(populate_existing=True))


def waiting(session: Session, row: WaitingRow) -> Waiting:
    """Return a place in the line with the dates it is for and how many are ahead."""
    before = select(func.count()).select_from(WaitingRow).filter_by(session_id=row.session_id, state="waiting").where(WaitingRow.id < row.id)
    ahead = session.scalar(before) or 0
    return Waiting(row, places.dates_for(session, row.session_id), ahead if row.state == "waiting" else 0)


def hold_waiting(session: Session, waiting_id: int) -> tuple[WaitingRow, Dates]:
    """Return a place in the line and its dates, with their rows locked. Raises NoOfferError where there is no such place."""
    row = session.get(WaitingRow, waiting_id)
    if row is None:
        raise NoOfferError
    (dates,) = places.hold_dates(session, row.session_id)
    session.refresh(row)
    return row, dates


def offer_deadline(week: Week | None, begins: datetime) -> datetime | None:
    """Return until when (UTC) an offer made now may be answered: after eight hours of opening, to the next quarter of an hour,
    and an hour before the session at the latest.

    None where too little opening is left for an offer to be fair. Where the library's hours are not known every hour counts.
    """
    end = begins - _LAST_ANSWER
    spans = [(now(), end)] if week is None else _open_spans(week, end)
    needed, so_far = TIME_TO_ANSWER, timedelta()
    for opens, closes in spans:
        if so_far + (closes - opens) >= needed:
            return min(_next_quarter(opens + (needed - so_far)), end)
        so_far += max(closes - opens, timedelta())
    return end if so_far >= LEAST_TIME else None


def _next_quarter(moment: datetime) -> datetime:
    """A time that is easy to say."""
    return moment + timedelta(seconds=-moment.timestamp() % 900)


def _open_spans(week: Week, end: datetime) -> list[tuple[datetime, datetime]]:
    """Return the spans of opening between now and `end` (UTC)."""
    spans, start = [], now()
    day = in_london(start).date()
    while day <= in_london(end).date():
        for opens, closes in on_day(week, day).spans:
            span = (datetime.combine(day, opens, LONDON), datetime.combine(day, closes, LONDON))
            first, last = max(span[0].astimezone(start.tzinfo), start), min(span[1].astimezone(start.tzinfo), end)
            if first < last:
                spans.append((first, last))
        day += timedelta(days=1)
    return spans


def _deadline_for(session: Session, dates: Dates) -> datetime | None:
    begins = places.starts_at(dates)
    return offer_deadline(places.week_of(session, dates[0].library), begins) if begins and begins > now() else None


def _next_in_line(session: Session, home: int) -> WaitingRow | None:
    return session.scalar(select(WaitingRow).filter_by(session_id=home, state="waiting").order_by(WaitingRow.id).limit(1))


def _offer_next(session: Session, dates: Dates) -> list[WaitingRow]:
    """Offer a place that is taken for it to the next in the line. Returns whom, or nobody."""
    row, until = _next_in_line(session, places.home(dates)), _deadline_for(session, dates)
    if row is None or until is None:
        return []
    row.state, row.offer_until = "offered", until
    session.flush()
    audit.note(session, audit.DESK, "offer_place", row, {"state": "waiting"}, {"state": "offered", "offer_until": until})
    notices.tell(session, "offer", row, dates, audit.DESK, until=until.isoformat())
    return [row]


def _answer(session: Session, waiting_id: int, state: str, what: str, who: str) -> WaitingRow:
    row, dates = hold_waiting(session, waiting_id)
    if row.state in ("waiting", "offered"):
        _end(session, row, dates, state, what, who)
    return row


def _end(session: Session, row: WaitingRow, dates: Dates, state: str, what: str, who: str) -> None:
    had: dict[str, Any] = {"state": row.state}
    row.state, row.offer_until = state, None
    session.flush()
    audit.note(session, who, what, row, had, {"state": state})
    notices.withdraw(session, row)
    if had["state"] == "offered":
        pass_on(session, dates)

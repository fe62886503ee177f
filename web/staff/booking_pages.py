"""Booking for a resident who is on the telephone, at the desk or in a chat: a place booked, changed, cancelled, or waited for."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from desk import bookings, handovers, waiting_list
from desk.at_hand import database
from desk.attendance import staff_request
from desk.audit import note_look
from desk.bookings import Booking, UnknownBookingError
from desk.cases import phone_as_written, storable
from desk.clock import now
from desk.people import Party
from desk.places import FullError, home, starts_at
from desk.references import read_reference, reference_in
from desk.sessions import KINDS, Found, Search, find_sessions
from desk.tables import BookingRow, ConversationRow, SessionRow, WaitingRow
from desk.waiting_list import Waiting
from web.errors import RefusedError
from web.party_form import PartyForm, form_of, read_party
from web.sessions_pages import Wanted, days_to_choose, places_in_words, session_and_dates, wanted, weekdays_to_choose
from web.staff.guard import CurrentStaff, SignedIn
from web.staff.session_pages import REFUSALS, TypedForm, do, go_to, known, shown_page, why_not

router = APIRouter(prefix="/staff", include_in_schema=False, default_response_class=HTMLResponse)

_MOST_OTHERS = 12  # sessions to move a booking to
_LONGEST_REASON = 200


class BookForm(PartyForm, TypedForm):
    """`told`: the person has been told what is kept of them. `conversation` is the chat in which they asked, if there was one."""

    told: str = ""
    conversation: str = ""


# A place for somebody


@router.get("/sessions/{session_id:int}/book")
async def ask_who(signed_in: CurrentStaff, session_id: int, conversation: str = "") -> Response:
    form = await do(lambda s: _form_for(s, conversation, signed_in.who))
    return await _book_page(signed_in, session_id, form)


def _form_for(session: Session, conversation_id: str, who: str) -> BookForm:
    """Return an empty form, or one with what the hand-over of a chat says of the person."""
    form = BookForm(form_id=secrets.token_urlsafe(12))
    if session.get(ConversationRow, storable(conversation_id)[:32]) is None:
        return form
    form.conversation = conversation_id
    handover = handovers.open_handover(session, conversation_id)
    if handover is not None:
        form.name, form.phone, form.email = handover.name, phone_as_written(handover.phone), handover.email
        note_look(session, who, handover)
    return form


async def _book_page(signed_in: SignedIn, session_id: int, form: BookForm, status: int = 200, **values: Any) -> Response:
    found, dates = await run_in_threadpool(session_and_dates, session_id)
    given = {"full": found.places_left == 0, "suggestion": ""} | values
    return shown_page("booking_new.html", signed_in, status, row=found.row, dates=dates, form=form, places=places_in_words(found), **given)


@router.post("/sessions/{session_id:int}/book")
async def book(signed_in: CurrentStaff, session_id: int, form: Annotated[BookForm, Form()]) -> Response:
    """Book a place for somebody, or put them on the waiting list."""
    _, dates = await run_in_threadpool(session_and_dates, session_id)
    party, problems, suggestion = _read(form, dates[0])
    if problems:
        return await _book_page(signed_in, session_id, form, 422, problems=problems, suggestion=suggestion)
    request_id = staff_request(form.form_id or secrets.token_urlsafe(12))
    waits = form.join == "waiting"

    def verb(session: Session) -> tuple[str, int]:
        chat = session.get(ConversationRow, form.conversation[:32])
        whose: dict[str, Any] = {"request_id": request_id, "conversation_id": chat.id if chat else None, "who": signed_in.who}
        theirs = replace(party, language=chat.language) if chat else party
        if waits:
            return "waiting", waiting_list.join_waiting_list(session, session_id, theirs, **whose).row.id
        return "bookings", bookings.book(session, session_id, theirs, **whose).row.id

    try:
        where, made = await do(verb)
    except REFUSALS as error:
        return await _book_page(signed_in, session_id, form, 409, refused=why_not(error), **({"full": True} if isinstance(error, FullError) else {}))
    return go_to(f"/staff/{where}/{made}", done="waiting" if waits else "booked")


def _read(form: BookForm, row: SessionRow) -> tuple[Party, dict[str, str], str]:
    """Return the party of a form, by field what is wrong, and the email address that was perhaps meant."""
    read = read_party(form, row)
    problems = dict(read.problems)
    if not form.told:
        problems["told"] = "Tell the person what is kept of them, then tick the box."
    return read.party, problems, read.email_suggestion


# A booking, or a place in a waiting list


@router.get("/bookings")
async def look_up(signed_in: CurrentStaff, reference: str = "", conversation: str = "") -> Response:
    """Find a booking, or a place in a waiting list, by its reference alone: staff need no name. Or list what a chat has booked."""
    if not reference.strip():
        theirs = await do(lambda s: _booked_in(s, conversation, signed_in.who))
        return shown_page("booking_find.html", signed_in, reference="", theirs=theirs, conversation=conversation)
    plain = read_reference(reference) or reference_in(reference)
    address = await run_in_threadpool(_address_of, plain) if plain else None
    if address:
        return go_to(address)
    problem = (
        "No booking has this reference." if plain else "There seems to be a slip in this reference: it has eight letters and figures, like 7K4M-XC9R."
    )
    return shown_page("booking_find.html", signed_in, 422, reference=reference, theirs=[], conversation="", problems={"reference": problem})


def _booked_in(session: Session, conversation_id: str, who: str) -> list[Booking]:
    """Return what was booked in a chat and is still to come; that somebody looked is written down."""
    theirs = bookings.bookings_of(session, storable(conversation_id)[:32]) if conversation_id else []
    for booking in theirs:
        note_look(session, who, booking.row)
    return theirs


def _address_of(plain: str) -> str | None:
    tables: tuple[tuple[type[BookingRow] | type[WaitingRow], str], ...] = ((BookingRow, "bookings"), (WaitingRow, "waiting"))
    with database().reading() as session:
        for table, where in tables:
            found = session.scalar(select(table.id).filter_by(reference=plain))
            if found is not None:
                return f"/staff/{where}/{found}"
    return None


@router.get("/bookings/{booking_id:int}")
async def one_booking(signed_in: CurrentStaff, booking_id: int, done: str = "", refused: str = "") -> Response:
    booking = await _looked_at(signed_in, booking_id)
    return shown_page("booking.html", signed_in, said=done, refused=refused, **_values(booking))


async def _looked_at(signed_in: SignedIn, booking_id: int) -> Booking:
    """Return a booking; that somebody looked is written down."""

    def look(session: Session) -> Booking:
        try:
            booking = bookings.booking(session, known(booking_id))
        except UnknownBookingError:
            raise RefusedError(404, "not_found", "error_not_found") from None
        note_look(session, signed_in.who, booking.row)
        return booking

    return await do(look)


def _values(booking: Booking) -> dict[str, Any]:
    begins = starts_at(booking.dates)
    can_change = booking.row.state == "booked" and begins is not None and begins > now()
    return {"row": booking.row, "dates": booking.dates, "session": booking.dates[0], "can_change": can_change}


async def _act(booking_id: int, verb: Callable[[Session], object], done: str) -> Response:
    """Do something with a booking, and show what became of it."""
    try:
        await do(verb)
    except REFUSALS as error:
        return go_to(f"/staff/bookings/{booking_id}", refused=why_not(error))
    return go_to(f"/staff/bookings/{booking_id}", done=done)


class CancelForm(TypedForm):
    reason: str = ""


@router.get("/bookings/{booking_id:int}/cancel")
async def ask_to_cancel(signed_in: CurrentStaff, booking_id: int) -> Response:
    return shown_page("booking_cancel.html", signed_in, **_values(await _looked_at(signed_in, booking_id)))


@router.post("/bookings/{booking_id:int}/cancel")
async def cancel(signed_in: CurrentStaff, booking_id: int, form: Annotated[CancelForm, Form()]) -> Response:
    reason = form.reason.strip()[:_LONGEST_REASON]
    return await _act(booking_id, lambda s: bookings.cancel(s, known(booking_id), who=signed_in.who, reason=reason), "booking_cancelled")


# Another session


class ChangeForm(TypedForm):
    to: str = ""
    library: str = ""
    day: str = ""


@router.get("/bookings/{booking_id:int}/change")
async def choose_another(signed_in: CurrentStaff, booking_id: int, library: str = "", day: str = "") -> Response:
    return await _change_page(signed_in, booking_id, wanted(library, "", day))


@router.post("/bookings/{booking_id:int}/change")
async def change(signed_in: CurrentStaff, booking_id: int, form: Annotated[ChangeForm, Form()]) -> Response:
    to = int(form.to) if form.to.isascii() and form.to.isdecimal() and len(form.to) < 10 else 0
    if not to:
        chosen = wanted(form.library, "", form.day)
        return await _change_page(signed_in, booking_id, chosen, 422, problems={"to": "Choose a session."})
    try:
        await do(lambda s: bookings.change(s, known(booking_id), to, who=signed_in.who))
    except REFUSALS as error:
        return await _change_page(signed_in, booking_id, wanted(form.library, "", form.day), 409, refused=why_not(error))
    return go_to(f"/staff/bookings/{booking_id}", done="changed")


async def _change_page(signed_in: SignedIn, booking_id: int, chosen: Wanted, status: int = 200, **values: Any) -> Response:
    booking = await _looked_at(signed_in, booking_id)
    others = await run_in_threadpool(_others, booking, chosen)
    choices = {"chosen": chosen, "others": others, "days": days_to_choose(), "weekdays": weekdays_to_choose(), "places_in_words": places_in_words}
    return shown_page("booking_change.html", signed_in, status, **_values(booking), **choices, **values)


def _others(booking: Booking, chosen: Wanted) -> list[Found]:
    """Return sessions with a place to which a booking can be moved: of the same subject first."""
    row = booking.dates[0]
    kinds = ("course",) if row.course else tuple(kind for kind in KINDS if kind not in ("course", "drop-in"))
    but_not = frozenset({home(booking.dates)})
    window = chosen if chosen.day else None
    search = Search(chosen.libraries, kinds, topic=row.title, window=window, age=booking.row.age, but_not=but_not)
    with database().reading() as session:
        same = find_sessions(session, search, _MOST_OTHERS // 2)
        rest = replace(search, topic="", but_not=but_not | {each.row.id for each in same})
        return same + find_sessions(session, rest, _MOST_OTHERS - len(same))


# Names, contacts, needs


@router.get("/bookings/{booking_id:int}/details")
async def details(signed_in: CurrentStaff, booking_id: int) -> Response:
    booking = await _looked_at(signed_in, booking_id)
    return _details_page(signed_in, booking, form_of(booking.row))


@router.post("/bookings/{booking_id:int}/details")
async def amend(signed_in: CurrentStaff, booking_id: int, form: Annotated[PartyForm, Form()]) -> Response:
    """Put right who comes, how to reach them or what they need."""
    booking = await _looked_at(signed_in, booking_id)
    read = read_party(form, booking.dates[0])
    if read.problems:
        return _details_page(signed_in, booking, form, 422, problems=read.problems, suggestion=read.email_suggestion)
    party = replace(read.party, language=booking.row.language)
    try:
        await do(lambda s: bookings.amend(s, booking_id, party, who=signed_in.who))
    except REFUSALS as error:
        return _details_page(signed_in, booking, form, 409, refused=why_not(error))
    return go_to(f"/staff/bookings/{booking_id}", done="amended")


def _details_page(signed_in: SignedIn, booking: Booking, form: PartyForm, status: int = 200, **values: Any) -> Response:
    return shown_page("booking_details.html", signed_in, status, form=form, **_values(booking), **({"suggestion": ""} | values))


# The waiting list


@router.get("/waiting/{waiting_id:int}")
async def one_waiting(signed_in: CurrentStaff, waiting_id: int, done: str = "", refused: str = "") -> Response:
    def look(session: Session) -> Waiting:
        row = session.get(WaitingRow, known(waiting_id))
        if row is None:
            raise RefusedError(404, "not_found", "error_not_found")
        note_look(session, signed_in.who, row)
        return waiting_list.waiting(session, row)

    waiting = await do(look)
    values: dict[str, Any] = {"row": waiting.row, "dates": waiting.dates, "session": waiting.dates[0], "ahead": waiting.ahead}
    return shown_page("booking_waiting.html", signed_in, said=done, refused=refused, **values)


@router.post("/waiting/{waiting_id:int}/accept")
async def accept(signed_in: CurrentStaff, waiting_id: int) -> Response:
    """Book the place that somebody was offered: they said so on the telephone."""
    try:
        booking = await do(lambda s: bookings.accept_offer(s, known(waiting_id), who=signed_in.who))
    except REFUSALS as error:
        return go_to(f"/staff/waiting/{waiting_id}", refused=why_not(error))
    return go_to(f"/staff/bookings/{booking.row.id}", done="accepted")


@router.post("/waiting/{waiting_id:int}/decline")
async def decline(signed_in: CurrentStaff, waiting_id: int) -> Response:
    return await _answer(waiting_id, lambda s: waiting_list.decline_offer(s, known(waiting_id), who=signed_in.who), "declined")


@router.post("/waiting/{waiting_id:int}/leave")
async def leave(signed_in: CurrentStaff, waiting_id: int) -> Response:
    return await _answer(waiting_id, lambda s: waiting_list.leave_waiting_list(s, known(waiting_id), who=signed_in.who), "left")


async def _answer(waiting_id: int, verb: Callable[[Session], object], done: str) -> Response:
    try:
        await do(verb)
    except REFUSALS as error:
        return go_to(f"/staff/waiting/{waiting_id}", refused=why_not(error))
    return go_to(f"/staff/waiting/{waiting_id}", done=done)

"""Booking without the chat: a place in a session, and the booking that somebody looks up with its reference."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from desk import bookings, look_ups, notices, waiting_list
from desk.at_hand import database, front_desk
from desk.bookings import Booking, NotAlikeError, NotBookedError, UnknownBookingError
from desk.calendars import calendar_file
from desk.clock import now
from desk.database import DatabaseBusyError
from desk.look_ups import WrongLookUp
from desk.people import PartyError, WrongAgeError
from desk.places import CancelledError, FullError, NoBookingNeededError, NoPlaceError, StartedError, home, starts_at
from desk.references import read_reference, reference_in, shown
from desk.service import service
from desk.sessions import KINDS, Found, Search, find_sessions
from desk.settings import settings
from desk.tables import BookingRow, LibraryRow, WaitingRow
from desk.tasks.descriptions import contact_in_words, spoken_span
from desk.transactions import in_a_transaction
from desk.waiting_list import AlreadyBookedError, NoOfferError, PlacesLeftError, Waiting
from kb.wording import say
from web.party_form import PartyForm, form_of, read_party
from web.sessions_pages import (
    Wanted,
    days_to_choose,
    form_values,
    library_name,
    library_of,
    places_in_words,
    session_and_dates,
    session_page,
    uid_domain,
    wanted,
    weekdays_to_choose,
)
from web.templating import render
from web.visitors import OPEN_FOR, CurrentlyOpened, CurrentVisitor, GuardedForm, Opened, Visitor, close, go_to, page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
T = TypeVar("T")
Theirs = Booking | Waiting

_MOST_OTHERS = 12  # sessions to move a booking to
# What was done, as the next page says it; only while it is so.
_DONE = {
    "booked": ("booked", "booking_page.done_booked"),
    "changed": ("booked", "booking_page.done_changed"),
    "amended": ("booked", "booking_page.done_amended"),
    "waiting": ("waiting", "booking_page.done_waiting"),
}
_WHY_NOT: tuple[tuple[type[Exception], str], ...] = (
    (AlreadyBookedError, "booking_page.cannot_twice"),
    (FullError, "booking_page.cannot_full"),
    (PlacesLeftError, "booking_page.cannot_wait"),
    (CancelledError, "booking_page.cannot_cancelled"),
    (StartedError, "booking_page.cannot_started"),
    (NoBookingNeededError, "booking_page.cannot_drop_in"),
    (NoPlaceError, "booking_page.cannot_place"),
    (NotAlikeError, "booking_page.cannot_alike"),
    (WrongAgeError, "booking_page.cannot_age"),
    (PartyError, "booking_page.cannot_people"),
    (NoOfferError, "booking_page.cannot_offer"),
    (NotBookedError, "booking_page.cannot_over"),
    (UnknownBookingError, "booking_page.cannot_over"),
    (DatabaseBusyError, "booking_page.cannot_busy"),
)
_REFUSALS = tuple(kind for kind, _ in _WHY_NOT)


def _why_not(error: Exception) -> tuple[int, dict[str, str]]:
    """Return the status and the problem of a page that says why something cannot be done."""
    key = next(key for kind, key in _WHY_NOT if isinstance(error, kind))
    return 503 if isinstance(error, DatabaseBusyError) else 409, {"page": say(key, phone=service().phone)}


async def _do(verb: Callable[[Session], T]) -> T:
    return await run_in_threadpool(in_a_transaction, database(), verb)


# A place in a session


@router.post("/sessions/{session_id:int}/book")
async def book(request: Request, session_id: int, visitor: CurrentVisitor, form: Annotated[PartyForm, Form()]) -> Response:
    """Book a place, or join the waiting list. What cannot be taken is shown again with the reasons, so that no word is lost."""

    async def again(status: int, problems: dict[str, str], full: bool | None = None, suggestion: str = "") -> Response:
        return page(visitor, await session_page(request, session_id, visitor, form, problems, full, suggestion), status)

    if not visitor.owns(form):
        return await again(403, {"page": say("booking_page.form_old")})
    _, dates = await run_in_threadpool(session_and_dates, session_id)
    read, waits = read_party(form, dates[0]), form.join == "waiting"
    if read.problems:
        return await again(422, read.problems, suggestion=read.email_suggestion)
    request_id = visitor.request_id(f"{session_id} {waits} {form.form_id}")
    try:
        if waits:
            waiting = await _do(lambda s: waiting_list.join_waiting_list(s, session_id, read.party, request_id=request_id))
            return go_to("/booking?done=waiting", visitor, _key_of(waiting))
        booking = await _do(lambda s: bookings.book(s, session_id, read.party, request_id=request_id))
        return go_to("/booking?done=booked", visitor, _key_of(booking))
    except _REFUSALS as error:
        return await again(*_why_not(error), {FullError: True, PlacesLeftError: False}.get(type(error)))


# Looking a booking up


class LookUpForm(GuardedForm):
    reference: str = ""
    who: str = ""


@router.get("/booking")
async def booking(visitor: CurrentVisitor, opened: CurrentlyOpened, done: str = "", closed: bool = False) -> Response:
    theirs = await _theirs(opened)
    if theirs is None:
        return page(visitor, _look_up_page(visitor, LookUpForm(), closed=closed))
    return _booking_page(visitor, theirs, done=done)


@router.post("/booking")
async def look_up(visitor: CurrentVisitor, form: Annotated[LookUpForm, Form()]) -> Response:
    if not visitor.owns(form):
        return page(visitor, _look_up_page(visitor, form, {"page": say("booking_page.form_old")}), 403)
    missing = _missing(form)
    if missing:
        return page(visitor, _look_up_page(visitor, form, missing), 422)
    try:
        result = await _do(lambda s: look_ups.look_up(s, form.reference, form.who, asked_by=visitor.asked_by))
    except DatabaseBusyError as error:
        status, problems = _why_not(error)
        return page(visitor, _look_up_page(visitor, form, problems), status)
    if isinstance(result, WrongLookUp):
        return page(visitor, _look_up_page(visitor, form, _not_found(form, result), person=result.tries_left == 0), 422)
    return go_to("/booking", visitor, _key_of(result))


def _missing(form: LookUpForm) -> dict[str, str]:
    blank = {"reference": say("booking_page.reference_needed"), "who": say("booking_page.who_needed")}
    return {field: problem for field, problem in blank.items() if not getattr(form, field).strip()}


def _not_found(form: LookUpForm, wrong: WrongLookUp) -> dict[str, str]:
    if wrong.tries_left == 0:
        return {"page": say("booking_page.not_found_last", phone=service().phone)}
    problems = {"page": say("booking_page.not_found_one" if wrong.tries_left == 1 else "booking_page.not_found", left=wrong.tries_left)}
    if not (read_reference(form.reference) or reference_in(form.reference)):
        problems["reference"] = say("booking_page.reference_mistyped")
    return problems


def _look_up_page(visitor: Visitor, form: LookUpForm, problems: dict[str, str] | None = None, *, closed: bool = False, person: bool = False) -> str:
    return render(
        "look_up.html",
        form=form,
        problems=problems or {},
        closed=closed,
        person=person,
        token=visitor.form_token,
        promise=front_desk().promise(),
        minutes=int(OPEN_FOR.total_seconds() // 60),
    )


@router.post("/booking/close")
async def close_booking(visitor: CurrentVisitor) -> Response:
    """Somebody else may sit down at this computer next."""
    return close(go_to("/booking", visitor))


# The booking that is open


async def _theirs(opened: Opened | None) -> Theirs | None:
    """Return the booking that the browser may see, or the one that a place in a waiting list became; None once its people were erased."""

    def read() -> Theirs | None:
        with database().reading() as session:
            return _read_theirs(session, opened) if opened else None

    return await run_in_threadpool(read)


def _read_theirs(session: Session, opened: Opened) -> Theirs | None:
    row: BookingRow | WaitingRow | None = session.get(WaitingRow, opened.id) if opened.table == "waiting" else session.get(BookingRow, opened.id)
    if isinstance(row, WaitingRow) and row.state == "accepted" and row.booking_id:
        row = session.get(BookingRow, row.booking_id)
    if row is None or row.erased_at is not None:
        return None
    return bookings.booking(session, row.id) if isinstance(row, BookingRow) else waiting_list.waiting(session, row)


def _key_of(theirs: Theirs) -> Opened:
    return Opened("booking" if isinstance(theirs, Booking) else "waiting", theirs.row.id)


def _state(theirs: Theirs) -> str:
    """Return booked, over (it has begun, or none of its dates takes place) or, as the table has it, how it ended; waiting or offered."""
    begins = starts_at(theirs.dates)
    if theirs.row.state in ("booked", "waiting", "offered") and (begins is None or begins <= now()):
        return "over"
    return theirs.row.state


def _booking_page(visitor: Visitor, theirs: Theirs, status: int = 200, problems: dict[str, str] | None = None, done: str = "") -> Response:
    state, row = _state(theirs), theirs.row
    while_state, key = _DONE.get(done, ("", ""))
    html = render(
        "booking.html",
        theirs=theirs,
        row=row,
        state=state,
        done=say(key) if state == while_state else "",
        problems=problems or {},
        told=_how_told(row, state),
        contact=contact_in_words(row.phone, row.email),
        token=visitor.form_token,
        minutes=int(OPEN_FOR.total_seconds() // 60),
        reference=shown(row.reference),
        **_session_values(theirs),
    )
    return page(visitor, html, status, _key_of(theirs))


def _how_told(row: BookingRow | WaitingRow, state: str) -> str:
    """Return how the person hears of it. What nobody sends is not promised."""
    config, channel = settings(), notices.channel_of(row)
    is_sent = (channel == "email" and config.email_sender != "none") or (channel == "text" and config.text_sender != "none")
    if state == "waiting":
        return say("booking_page.told_when_free") if is_sent or channel == "call" else say("booking_page.look_when_free", phone=service().phone)
    if state == "booked" and is_sent:
        return say("booking_page.confirmation", contact=row.email or contact_in_words(row.phone, ""))
    return ""


def _session_values(theirs: Theirs) -> dict[str, Any]:
    return {"dates": theirs.dates, "session": theirs.dates[0], "library": library_of(theirs.dates[0].library), "spoken_span": spoken_span}


async def _act(
    visitor: Visitor, opened: Opened | None, form: GuardedForm, verb: Callable[[Session, Theirs], Theirs | WaitingRow], done: str = ""
) -> Response:
    """Do something with the booking that is open, and show what has become of it."""
    theirs = await _theirs(opened)
    if theirs is None:
        return go_to("/booking?closed=1", visitor)
    if not visitor.owns(form):
        return _booking_page(visitor, theirs, 403, {"page": say("booking_page.form_old")})
    try:
        became = await _do(lambda s: verb(s, theirs))
    except _REFUSALS as error:
        return _booking_page(visitor, theirs, *_why_not(error))
    return go_to(f"/booking?done={done}" if done else "/booking", visitor, _key_of(theirs) if isinstance(became, WaitingRow) else _key_of(became))


@router.get("/booking/cancel")
async def ask_to_cancel(visitor: CurrentVisitor, opened: CurrentlyOpened) -> Response:
    theirs = await _theirs(opened)
    if theirs is None:
        return go_to("/booking?closed=1", visitor)
    if _state(theirs) not in ("booked", "waiting", "offered"):
        return go_to("/booking", visitor)
    html = render("booking_cancel.html", row=theirs.row, token=visitor.form_token, waits=isinstance(theirs, Waiting), **_session_values(theirs))
    return page(visitor, html, opened=_key_of(theirs))


@router.post("/booking/cancel")
async def cancel(visitor: CurrentVisitor, opened: CurrentlyOpened, form: Annotated[GuardedForm, Form()]) -> Response:
    """Cancel a booking, or leave a waiting list."""

    def verb(session: Session, theirs: Theirs) -> Theirs | WaitingRow:
        if isinstance(theirs, Booking):
            return bookings.cancel(session, theirs.row.id)
        return waiting_list.leave_waiting_list(session, theirs.row.id)

    return await _act(visitor, opened, form, verb)


@router.post("/booking/accept")
async def accept(visitor: CurrentVisitor, opened: CurrentlyOpened, form: Annotated[GuardedForm, Form()]) -> Response:
    return await _act(visitor, opened, form, lambda s, theirs: bookings.accept_offer(s, theirs.row.id) if _waits(theirs) else theirs, "booked")


@router.post("/booking/decline")
async def decline(visitor: CurrentVisitor, opened: CurrentlyOpened, form: Annotated[GuardedForm, Form()]) -> Response:
    return await _act(visitor, opened, form, lambda s, theirs: waiting_list.decline_offer(s, theirs.row.id) if _waits(theirs) else theirs)


def _waits(theirs: Theirs) -> bool:
    return isinstance(theirs, Waiting)


# Another session


class ChangeForm(GuardedForm):
    to: str = ""
    library: str = ""
    day: str = ""


@router.get("/booking/change")
async def choose_another(visitor: CurrentVisitor, opened: CurrentlyOpened, library: str = "", day: str = "") -> Response:
    theirs = await _theirs(opened)
    if not isinstance(theirs, Booking) or _state(theirs) != "booked":
        return go_to("/booking" if theirs else "/booking?closed=1", visitor)
    return await _change_page(visitor, theirs, wanted(library, "", day))


@router.post("/booking/change")
async def change(visitor: CurrentVisitor, opened: CurrentlyOpened, form: Annotated[ChangeForm, Form()]) -> Response:
    theirs = await _theirs(opened)
    if not isinstance(theirs, Booking):
        return go_to("/booking" if theirs else "/booking?closed=1", visitor)
    chosen = wanted(form.library, "", form.day)
    if not visitor.owns(form):
        return await _change_page(visitor, theirs, chosen, 403, {"page": say("booking_page.form_old")}, form.to)
    to = int(form.to) if form.to.isascii() and form.to.isdecimal() and len(form.to) < 10 else 0
    if not to:
        return await _change_page(visitor, theirs, chosen, 422, {"to": say("booking_page.session_needed")})
    try:
        changed = await _do(lambda s: bookings.change(s, theirs.row.id, to))
    except _REFUSALS as error:
        return await _change_page(visitor, theirs, chosen, *_why_not(error), form.to)
    return go_to("/booking?done=changed", visitor, _key_of(changed))


async def _change_page(
    visitor: Visitor, theirs: Booking, chosen: Wanted, status: int = 200, problems: dict[str, str] | None = None, to: str = ""
) -> Response:
    html = render(
        "booking_change.html",
        wanted=chosen,
        others=await run_in_threadpool(_others, theirs, chosen),
        problems=problems or {},
        to=to,
        token=visitor.form_token,
        libraries=front_desk().libraries,
        days=days_to_choose(),
        weekdays=weekdays_to_choose(),
        places_in_words=places_in_words,
        library_name=library_name,
        **_session_values(theirs),
    )
    return page(visitor, html, status, _key_of(theirs))


def _others(theirs: Booking, chosen: Wanted) -> list[Found]:
    """Return sessions with a place to which a booking can be moved: of the same subject first."""
    row = theirs.dates[0]
    kinds = ("course",) if row.course else tuple(kind for kind in KINDS if kind not in ("course", "drop-in"))
    search = Search(
        chosen.libraries,
        kinds,
        topic=row.title,
        window=chosen if chosen.day else None,
        age=theirs.row.age,
        but_not=frozenset({home(theirs.dates)}),
    )
    with database().reading() as session:
        same = find_sessions(session, search, _MOST_OTHERS // 2)
        rest = replace(search, topic="", but_not=search.but_not | {each.row.id for each in same})
        return same + find_sessions(session, rest, _MOST_OTHERS - len(same))


# Names, contacts, needs


@router.get("/booking/details")
async def details(visitor: CurrentVisitor, opened: CurrentlyOpened) -> Response:
    theirs = await _theirs(opened)
    if not isinstance(theirs, Booking) or _state(theirs) != "booked":
        return go_to("/booking" if theirs else "/booking?closed=1", visitor)
    return _details_page(visitor, theirs, form_of(theirs.row))


@router.post("/booking/details")
async def amend(visitor: CurrentVisitor, opened: CurrentlyOpened, form: Annotated[PartyForm, Form()]) -> Response:
    theirs = await _theirs(opened)
    if not isinstance(theirs, Booking):
        return go_to("/booking" if theirs else "/booking?closed=1", visitor)
    if not visitor.owns(form):
        return _details_page(visitor, theirs, form, 403, {"page": say("booking_page.form_old")})
    read = read_party(form, theirs.dates[0])
    if read.problems:
        return _details_page(visitor, theirs, form, 422, read.problems, read.email_suggestion)
    party = replace(read.party, language=theirs.row.language)
    try:
        amended = await _do(lambda s: bookings.amend(s, theirs.row.id, party))
    except _REFUSALS as error:
        return _details_page(visitor, theirs, form, *_why_not(error))
    return go_to("/booking?done=amended", visitor, _key_of(amended))


def _details_page(
    visitor: Visitor, theirs: Booking, form: PartyForm, status: int = 200, problems: dict[str, str] | None = None, suggestion: str = ""
) -> Response:
    values = form_values(form, visitor, theirs.dates[0], problems, suggestion) | _session_values(theirs)
    return page(visitor, render("booking_details.html", **values), status, _key_of(theirs))


# To take away


@router.get("/booking/slip")
async def slip(visitor: CurrentVisitor, opened: CurrentlyOpened) -> Response:
    """Return a page in large type, for printing."""
    theirs = await _theirs(opened)
    if theirs is None or _state(theirs) not in ("booked", "waiting", "offered"):
        return go_to("/booking" if theirs else "/booking?closed=1", visitor)
    values = {"row": theirs.row, "waits": isinstance(theirs, Waiting), "reference": shown(theirs.row.reference)}
    return page(visitor, render("slip.html", **values, **_session_values(theirs)), opened=_key_of(theirs))


@router.get("/booking/calendar.ics")
async def calendar(visitor: CurrentVisitor, opened: CurrentlyOpened) -> Response:
    theirs = await _theirs(opened)
    if not isinstance(theirs, Booking):
        return go_to("/booking" if theirs else "/booking?closed=1", visitor)

    def read() -> bytes:
        with database().reading() as session:
            library = session.get(LibraryRow, theirs.dates[0].library)
        return calendar_file(theirs.row, theirs.dates, library, uid_domain())

    headers = {"Content-Disposition": 'attachment; filename="library-session.ics"'}
    return Response(await run_in_threadpool(read), media_type="text/calendar; charset=utf-8", headers=headers)

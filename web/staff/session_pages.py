"""The timetable as staff see it, and the roster of a session: who is booked, who came, who walked in; a date cancelled or moved."""

import secrets
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import groupby
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, model_validator
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from desk import attendance, audit, bookings, notices, places, series, sessions
from desk.at_hand import database, front_desk
from desk.attendance import Roster, TooEarlyError
from desk.bookings import NotAlikeError, NotBookedError, UnknownBookingError
from desk.cases import phone_as_written, storable
from desk.clock import LONDON, in_london, now, today
from desk.database import DatabaseBusyError
from desk.people import AdultNeededError, PartyError, TooLongError, WrongAgeError
from desk.places import CancelledError, FullError, NoBookingNeededError, NoPlaceError, StartedError, UnknownSessionError
from desk.references import shown
from desk.series import TooFewPlacesError, UnknownSeriesError
from desk.sessions import KINDS, Found
from desk.tables import BookingRow
from desk.tasks.descriptions import spoken_span
from desk.transactions import in_a_transaction
from desk.waiting_list import AlreadyBookedError, NoOfferError, PlacesLeftError
from web.errors import RefusedError
from web.party_form import ages_in_words
from web.sessions_pages import Wanted, kind_in_words, library_name, library_of, wanted
from web.staff.guard import CurrentHelper, CurrentStaff, SignedIn
from web.templating import render

router = APIRouter(prefix="/staff", include_in_schema=False, default_response_class=HTMLResponse)
T = TypeVar("T")

MOST_MINUTES = 12 * 60
MOST_PLACES = 1000
_LONGEST_REASON = 200
_LATEST_DATE = date(2100, 1, 1)
_LARGEST_ID = 2**31
_STATES: dict[str, bool | None] = {"attended": True, "missed": False, "booked": None}

# Why something was not done: the name under which staff/session_said.html has the words.
_WHY_NOT: tuple[tuple[type[Exception], str], ...] = (
    (AlreadyBookedError, "twice"),
    (TooFewPlacesError, "too_few"),
    (TooEarlyError, "too_early"),
    (FullError, "full"),
    (PlacesLeftError, "places_left"),
    (CancelledError, "not_taking_place"),
    (StartedError, "started"),
    (NoBookingNeededError, "drop_in"),
    (NoPlaceError, "no_session"),
    (NotAlikeError, "not_alike"),
    (WrongAgeError, "wrong_age"),
    (AdultNeededError, "adult"),
    (TooLongError, "too_long"),
    (PartyError, "people"),
    (NoOfferError, "no_offer"),
    (NotBookedError, "not_booked"),
    (UnknownBookingError, "not_booked"),
    (DatabaseBusyError, "busy"),
)
REFUSALS = tuple(kind for kind, _ in _WHY_NOT)


def why_not(error: Exception) -> str:
    return next(name for kind, name in _WHY_NOT if isinstance(error, kind))


async def do(verb: Callable[[Session], T]) -> T:
    """Do something in a writing transaction. What is not there is said as a page."""
    try:
        return await run_in_threadpool(in_a_transaction, database(), verb)
    except (UnknownSessionError, UnknownSeriesError):
        raise RefusedError(404, "not_found", "error_not_found") from None


def known(number: int) -> int:
    """Return an id that a table can hold; RefusedError for one that none can."""
    if number >= _LARGEST_ID:
        raise RefusedError(404, "not_found", "error_not_found")
    return number


def go_to(address: str, **said: str) -> Response:
    return RedirectResponse(f"{address}?{urlencode(said)}" if said else address, 303)


def shown_page(template: str, signed_in: SignedIn, status: int = 200, **values: Any) -> Response:
    """Return a page of the sessions part of the desk, with the words that its templates share."""
    words: dict[str, Any] = {
        "kind_in_words": kind_in_words,
        "library_name": library_name,
        "library_of": library_of,
        "libraries": front_desk().libraries,
        "kinds": KINDS,
        "spoken_span": spoken_span,
        "ages_in_words": ages_in_words,
        "reference_of": shown,
        "phone_as_written": phone_as_written,
        "how_booked": attendance.how_booked,
        "is_walk_in": attendance.is_walk_in,
        "channel_of": notices.channel_of,
        "local": in_london,
        "new_form_id": partial(secrets.token_urlsafe, 12),
    }
    given = {"said": "", "refused": "", "problems": {}} | words | values
    return HTMLResponse(render(f"staff/{template}", signed_in=signed_in, **given), status)


# The timetable


@router.get("/sessions")
async def timetable(signed_in: CurrentHelper, week: str = "", library: str = "", kind: str = "", conversation: str = "") -> Response:
    """Show the week that a date is in: this week where none is given. With a chat, each session can be booked for whoever is in it."""
    chosen, monday = wanted(library, kind, ""), _monday(week)
    days, waiting = await run_in_threadpool(_week, chosen, monday)
    return shown_page(
        "timetable.html",
        signed_in,
        chosen=chosen,
        filters={"library": library if chosen.library else "", "kind": chosen.kind, "conversation": conversation},
        monday=monday,
        sunday=monday + timedelta(days=6),
        before=monday - timedelta(weeks=1),
        after=monday + timedelta(weeks=1),
        is_this_week=monday == _monday(""),
        today=today(),
        days=days,
        waiting=waiting,
        now=now(),
    )


def _monday(text: str) -> date:
    day = read_day(text) or today()
    return day - timedelta(days=day.weekday())


def read_day(text: str) -> date | None:
    """Return the date that a field holds ("2026-12-02"), else None."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if date(2000, 1, 1) < day < _LATEST_DATE else None


def read_time(text: str) -> time | None:
    """Return the time of day that a field holds ("14:00"), else None."""
    try:
        return time.fromisoformat(text.strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None


def _week(chosen: Wanted, monday: date) -> tuple[list[tuple[date, list[Found]]], dict[int, int]]:
    begins, ends = (datetime.combine(day, time(), LONDON) for day in (monday, monday + timedelta(weeks=1)))
    with database().reading() as session:
        found = sessions.sessions_between(session, begins, ends, chosen.libraries, chosen.kinds)
        waiting = attendance.line_lengths(session, {each.row.course or each.row.id for each in found})
    return [(day, list(of_day)) for day, of_day in groupby(found, key=lambda each: in_london(each.row.starts_at).date())], waiting


# The roster


@router.get("/sessions/{session_id:int}")
async def roster(signed_in: CurrentHelper, session_id: int, done: str = "", refused: str = "") -> Response:
    return await roster_page(signed_in, session_id, said=done, refused=refused)


async def roster_page(signed_in: SignedIn, session_id: int, status: int = 200, template: str = "roster.html", **values: Any) -> Response:
    """Show who comes to a session; that somebody looked is written down."""
    found = await _looked_at(signed_in, session_id)
    return shown_page(template, signed_in, status, roster=found, places_left=_places_left(found), form_id=secrets.token_urlsafe(12), **values)


async def _looked_at(signed_in: SignedIn, session_id: int, what: str = "looked at") -> Roster:
    def look(session: Session) -> Roster:
        found = attendance.roster(session, known(session_id))
        audit.note(session, signed_in.who, what, found.row, {}, {})
        return found

    return await do(look)


def _places_left(found: Roster) -> int | None:
    return places.places_left(found.dates)


@router.get("/sessions/{session_id:int}/sheet")
async def sheet(signed_in: CurrentHelper, session_id: int) -> Response:
    """Show a roster in large type, for printing: boxes to tick, nothing to sign, no contacts."""
    return await roster_page(signed_in, session_id, template="roster_sheet.html")


@router.get("/sessions/{session_id:int}/roster.csv")
async def spreadsheet(signed_in: CurrentStaff, session_id: int) -> Response:
    found = await _looked_at(signed_in, session_id, "exported")
    headers = {"Content-Disposition": f'attachment; filename="session-{session_id}.csv"'}
    return Response(attendance.roster_spreadsheet([*found.booked, *found.cancelled]), media_type="text/csv; charset=utf-8", headers=headers)


class TypedForm(BaseModel):
    """What was typed, less the one character that no database holds."""

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, typed: Any) -> Any:
        return {key: storable(value) if isinstance(value, str) else value for key, value in dict(typed).items()}


class AttendanceForm(TypedForm):
    """`at` is the session whose roster is open: of a course any of its dates."""

    state: str = ""
    at: int = 0


@router.post("/bookings/{booking_id:int}/attendance")
async def mark(request: Request, signed_in: CurrentHelper, booking_id: int, form: Annotated[AttendanceForm, Form()]) -> Response:
    """Note that somebody came or did not, or take that back."""
    if form.state not in _STATES:
        raise RefusedError(422, "invalid", "error_fields")

    def verb(session: Session) -> BookingRow:
        return bookings.mark_attendance(session, known(booking_id), _STATES[form.state], who=signed_in.who).row

    return await _swap(request, signed_in, form.at, verb)


@router.post("/bookings/{booking_id:int}/not-here")
async def take_back(request: Request, signed_in: CurrentHelper, booking_id: int, form: Annotated[AttendanceForm, Form()]) -> Response:
    """Undo a walk-in."""

    def verb(session: Session) -> BookingRow:
        return attendance.take_back_walk_in(session, known(booking_id), who=signed_in.who).row

    return await _swap(request, signed_in, form.at, verb)


async def _swap(request: Request, signed_in: SignedIn, session_id: int, verb: Callable[[Session], BookingRow]) -> Response:
    """Do something with one booking of a roster, and show what became of it: in its place where the browser can, else on the page."""

    def act(session: Session) -> tuple[BookingRow, Roster]:
        row = verb(session)
        return row, attendance.roster(session, known(session_id) or row.session_id)

    in_place = "HX-Request" in request.headers
    try:
        row, found = await do(act)
    except REFUSALS as error:
        address = f"/staff/sessions/{known(session_id)}"
        if in_place:
            return Response(status_code=409, headers={"HX-Redirect": f"{address}?{urlencode({'refused': why_not(error)})}"})
        return go_to(address, refused=why_not(error))
    if in_place:
        return shown_page("roster_swap.html", signed_in, row=row, roster=found, places_left=_places_left(found))
    return RedirectResponse(f"/staff/sessions/{found.row.id}#booking-{row.id}", 303)


class WalkInForm(TypedForm):
    name: str = ""
    form_id: str = ""


@router.post("/sessions/{session_id:int}/walk-ins")
async def walk_in(signed_in: CurrentHelper, session_id: int, form: Annotated[WalkInForm, Form()]) -> Response:
    request_id = form.form_id or secrets.token_urlsafe(12)
    try:
        await do(lambda s: attendance.walk_in(s, known(session_id), form.name, request_id=request_id, who=signed_in.who))
    except REFUSALS as error:
        return await roster_page(signed_in, session_id, 409, refused=why_not(error), typed_name=form.name)
    return go_to(f"/staff/sessions/{session_id}", done="walk_in")


# A date that is cancelled, moved, or has another number of places


class ReasonForm(TypedForm):
    reason: str = ""


@router.get("/sessions/{session_id:int}/cancel")
async def ask_to_cancel(signed_in: CurrentStaff, session_id: int) -> Response:
    return await roster_page(signed_in, session_id, template="session_cancel.html", form=ReasonForm())


@router.post("/sessions/{session_id:int}/cancel")
async def cancel(signed_in: CurrentStaff, session_id: int, form: Annotated[ReasonForm, Form()]) -> Response:
    """Cancel a date; everybody who is booked, or waits, is told why."""
    reason = form.reason.strip()
    problems = reason_problems(reason)
    if problems:
        return await roster_page(signed_in, session_id, 422, "session_cancel.html", form=form, problems=problems)
    try:
        await do(lambda s: bookings.cancel_session(s, known(session_id), reason, who=signed_in.who))
    except REFUSALS as error:
        return await roster_page(signed_in, session_id, 409, refused=why_not(error))
    return go_to(f"/staff/sessions/{session_id}", done="cancelled")


def reason_problems(reason: str) -> dict[str, str]:
    if not reason:
        return {"reason": "Say why: it is what people are told."}
    return {"reason": f"Use at most {_LONGEST_REASON} letters."} if len(reason) > _LONGEST_REASON else {}


class MoveForm(TypedForm):
    day: str = ""
    time: str = ""
    minutes: str = ""
    library: str = ""
    room: str = ""


@router.get("/sessions/{session_id:int}/move")
async def ask_to_move(signed_in: CurrentStaff, session_id: int) -> Response:
    found = await run_in_threadpool(_one, session_id)
    row, starts = found.row, in_london(found.row.starts_at)
    minutes = int((row.ends_at - row.starts_at).total_seconds() // 60)
    form = MoveForm(day=f"{starts:%Y-%m-%d}", time=f"{starts:%H:%M}", minutes=str(minutes), library=row.library, room=row.room)
    return await roster_page(signed_in, session_id, template="session_move.html", form=form)


def _one(session_id: int) -> Found:
    with database().reading() as session:
        try:
            return sessions.one_session(session, known(session_id))
        except UnknownSessionError:
            raise RefusedError(404, "not_found", "error_not_found") from None


@router.post("/sessions/{session_id:int}/move")
async def move(signed_in: CurrentStaff, session_id: int, form: Annotated[MoveForm, Form()]) -> Response:
    day, clock, problems = read_day(form.day), read_time(form.time), place_problems(form.day, form.time, form.minutes, form.library, form.room)
    if problems or day is None or clock is None:
        return await roster_page(signed_in, session_id, 422, "session_move.html", form=form, problems=problems)
    starts, minutes, room = datetime.combine(day, clock), int(form.minutes), form.room.strip()
    try:
        moved = await do(lambda s: series.move_date(s, known(session_id), starts, minutes, library=form.library, room=room, who=signed_in.who))
    except REFUSALS as error:
        return await roster_page(signed_in, session_id, 409, "session_move.html", form=form, refused=why_not(error))
    return go_to(f"/staff/sessions/{session_id}", done="moved" if moved else "unchanged")


def place_problems(day: str, clock: str, minutes: str, library: str, room: str) -> dict[str, str]:
    """Return by field what is wrong with when and where a session is to be."""
    wrong = {
        "day": "" if read_day(day) else "Give the date, for example 2026-12-02.",
        "time": "" if read_time(clock) else "Give the time of day, for example 14:00.",
        "minutes": "" if read_number(minutes, MOST_MINUTES) else f"Give the length in minutes, from 1 to {MOST_MINUTES}.",
        "library": "" if library_of(library) else "Choose a library.",
        "room": "Use at most 80 letters." if len(room.strip()) > 80 else "",
    }
    return {field: problem for field, problem in wrong.items() if problem}


def read_number(text: str, most: int) -> int | None:
    """Return a whole number from 1 to `most`, else None."""
    plain = text.strip()
    number = int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 7 else 0
    return number if 1 <= number <= most else None


class CapacityForm(TypedForm):
    capacity: str = ""


@router.post("/sessions/{session_id:int}/capacity")
async def change_capacity(signed_in: CurrentStaff, session_id: int, form: Annotated[CapacityForm, Form()]) -> Response:
    capacity = read_number(form.capacity, MOST_PLACES)
    if capacity is None:
        problem = {"capacity": f"Give the number of places, from 1 to {MOST_PLACES}."}
        return await roster_page(signed_in, session_id, 422, problems=problem, typed_capacity=form.capacity)
    try:
        await do(lambda s: series.change_capacity(s, known(session_id), capacity, who=signed_in.who))
    except REFUSALS as error:
        return await roster_page(signed_in, session_id, 409, refused=why_not(error), typed_capacity=form.capacity)
    return go_to(f"/staff/sessions/{session_id}", done="capacity")

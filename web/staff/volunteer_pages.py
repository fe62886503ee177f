"""Volunteers as staff see them: the list, one with its steps, one taken in for somebody, and all as a spreadsheet."""

import secrets
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from desk import cases, volunteers
from desk.at_hand import database
from desk.attendance import staff_request
from desk.people import PartyError
from desk.staff_tables import VolunteerRow
from desk.tasks.case_questions import interests_in_words
from desk.volunteers import INTERESTS, STATES, VolunteerError
from web.referral_pages import store
from web.staff.case_views import (
    MoveForm,
    conversation_of,
    csv_file,
    fill_in,
    look_at,
    move,
    note_export,
    shown_page,
    states_to_choose,
)
from web.staff.guard import CurrentStaff, SignedIn
from web.volunteer_pages import VolunteerForm, interests_to_choose, read_volunteer

router = APIRouter(prefix="/staff/volunteers", include_in_schema=False, default_response_class=HTMLResponse)

_DONE = {"made": "The offer is stored. Tell the person the reference.", "moved": "It is moved."}
_BUSY = "The desk is very busy, so nothing was stored. Please try again in a moment."


class TakeForm(VolunteerForm):
    """`conversation` is the chat in which somebody offered to help, if there was one."""

    conversation: str = ""


@router.get("")
def all_volunteers(signed_in: CurrentStaff, state: str = cases.OPEN, interest: str = "", library: str = "") -> Response:
    """List volunteers, the oldest first. No name is in the list, so that looking at it is no look-up of a person."""
    chosen = {
        "state": state if state in (*STATES, cases.OPEN) else "",
        "interest": interest if interest in INTERESTS else "",
        "library": library[:80],
    }
    with database().reading() as session:
        rows = volunteers.find(session, **chosen)
        counts = cases.count_by_state(session, VolunteerRow)
    return shown_page(
        "volunteers.html",
        signed_in,
        rows=rows,
        chosen=chosen,
        states=states_to_choose(VolunteerRow, counts),
        interests=interests_to_choose(),
        in_words=interests_in_words,
    )


@router.get(".csv")
def spreadsheet(signed_in: CurrentStaff, state: str = "", interest: str = "", library: str = "") -> Response:
    """Give the volunteers as a spreadsheet; whose details go out is noted."""
    with database().writing() as session:
        rows = volunteers.find(session, state=state, interest=interest, library=library)
        note_export(session, signed_in, rows)
    return csv_file("volunteers.csv", volunteers.to_csv(rows))


@router.get("/new")
def ask_who(signed_in: CurrentStaff, conversation: str = "") -> Response:
    form = TakeForm(form_id=secrets.token_urlsafe(12))
    form.conversation = fill_in(form, conversation)
    return _take_page(signed_in, form)


def _take_page(signed_in: SignedIn, form: TakeForm, status: int = 200, problems: dict[str, str] | None = None, suggestion: str = "") -> Response:
    return shown_page(
        "volunteer_new.html", signed_in, status, form=form, problems=problems or {}, suggestion=suggestion, interests=interests_to_choose()
    )


@router.post("/new")
def take(signed_in: CurrentStaff, form: Annotated[TakeForm, Form()]) -> Response:
    """Take in somebody who offers to help on the telephone, at the desk or in a chat."""
    read = read_volunteer(form)
    if read.problems:
        return _take_page(signed_in, form, 422, read.problems, read.email_suggestion)
    request_id = staff_request(form.form_id or secrets.token_urlsafe(12))

    def verb(session: Session) -> VolunteerRow:
        chat = conversation_of(session, form.conversation)
        theirs = replace(read.offer, language=chat.language) if chat else read.offer
        return volunteers.register(
            session, theirs, request_id=request_id, source="staff", conversation_id=chat.id if chat else None, who=signed_in.who
        )

    try:
        row = store(verb)
    except (PartyError, VolunteerError):
        return _take_page(signed_in, form, 422, {"page": "Something about the person is missing or too long. Nothing was stored."})
    if row is None:
        return _take_page(signed_in, form, 503, {"page": _BUSY})
    return RedirectResponse(f"/staff/volunteers/{row.id}?done=made", 303)


@router.get("/{case_id:int}")
def one_volunteer(signed_in: CurrentStaff, case_id: int, done: str = "") -> Response:
    return _volunteer_page(signed_in, case_id, done=_DONE.get(done, ""))


def _volunteer_page(
    signed_in: SignedIn, case_id: int, status: int = 200, problems: dict[str, str] | None = None, done: str = "", note: str = ""
) -> Response:
    row, steps = look_at(VolunteerRow, case_id, signed_in)
    return shown_page(
        "volunteer.html",
        signed_in,
        status,
        row=row,
        steps=steps,
        next_states=cases.next_states(row),
        interests=interests_in_words(row.interests),
        problems=problems or {},
        done=done,
        note=note,
    )


@router.post("/{case_id:int}/state")
def change_state(signed_in: CurrentStaff, case_id: int, form: Annotated[MoveForm, Form()]) -> Response:
    status, problems = move(VolunteerRow, case_id, form, signed_in)
    if problems:
        return _volunteer_page(signed_in, case_id, status, problems, note=form.note)
    return RedirectResponse(f"/staff/volunteers/{case_id}?done=moved", 303)

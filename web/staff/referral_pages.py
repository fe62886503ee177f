"""Referrals as staff see them: the list, one with its steps, one made for a resident, and all as a spreadsheet."""

import secrets
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from desk import cases, referrals
from desk.at_hand import database
from desk.attendance import staff_request
from desk.people import PartyError
from desk.referrals import KINDS, STATES, ReferralError
from desk.staff_tables import ReferralRow
from desk.tasks.case_questions import KIND_WORDS, WHY_WORDS
from kb.wording import say
from web.referral_pages import ME, OTHER, PROFESSIONAL, ReferForm, read_referral, store
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

router = APIRouter(prefix="/staff/referrals", include_in_schema=False, default_response_class=HTMLResponse)

_DONE = {"made": "The referral is made. Tell the person the reference.", "moved": "It is moved."}
_BUSY = "The desk is very busy, so nothing was stored. Please try again in a moment."


class MakeForm(ReferForm):
    """`conversation` is the chat in which somebody asked for it, if there was one."""

    conversation: str = ""


@router.get("")
def all_referrals(signed_in: CurrentStaff, state: str = cases.OPEN, kind: str = "", library: str = "") -> Response:
    """List referrals, the oldest first. No name is in the list, so that looking at it is no look-up of a person."""
    chosen = {"state": state if state in (*STATES, cases.OPEN) else "", "kind": kind if kind in KINDS else "", "library": library[:80]}
    with database().reading() as session:
        rows = referrals.find(session, **chosen)
        counts = cases.count_by_state(session, ReferralRow)
    return shown_page(
        "referrals.html", signed_in, rows=rows, chosen=chosen, states=states_to_choose(ReferralRow, counts), kinds=_kinds(), kind_words=dict(_kinds())
    )


def _kinds() -> list[tuple[str, str]]:
    return [(kind, say(key)) for kind, key in KIND_WORDS.items()]


@router.get(".csv")
def spreadsheet(signed_in: CurrentStaff, state: str = "", kind: str = "", library: str = "") -> Response:
    """Give the referrals as a spreadsheet; whose details go out is noted."""
    with database().writing() as session:
        rows = referrals.find(session, state=state, kind=kind, library=library)
        note_export(session, signed_in, rows)
    return csv_file("referrals.csv", referrals.to_csv(rows))


# For a resident


@router.get("/new")
def ask_for_whom(signed_in: CurrentStaff, conversation: str = "") -> Response:
    form = MakeForm(form_id=secrets.token_urlsafe(12), whom=ME)
    form.conversation = fill_in(form, conversation)
    return _make_page(signed_in, form)


def _make_page(signed_in: SignedIn, form: MakeForm, status: int = 200, problems: dict[str, str] | None = None, suggestion: str = "") -> Response:
    whom = [(ME, "For the person themselves"), (OTHER, "Somebody they know asks"), (PROFESSIONAL, "An organisation asks")]
    reasons = [(why, say(key)) for why, key in WHY_WORDS.items()]
    return shown_page(
        "referral_new.html",
        signed_in,
        status,
        form=form,
        problems=problems or {},
        suggestion=suggestion,
        whom=whom,
        kinds=_kinds(),
        reasons=reasons,
    )


@router.post("/new")
def make(signed_in: CurrentStaff, form: Annotated[MakeForm, Form()]) -> Response:
    """Make a referral for somebody who is on the telephone, at the desk or in a chat."""
    read = read_referral(form)
    if read.problems:
        return _make_page(signed_in, form, 422, read.problems, read.email_suggestion)
    request_id = staff_request(form.form_id or secrets.token_urlsafe(12))

    def verb(session: Session) -> ReferralRow:
        chat = conversation_of(session, form.conversation)
        theirs = replace(read.referral, language=chat.language) if chat else read.referral
        return referrals.refer(session, theirs, request_id=request_id, source="staff", conversation_id=chat.id if chat else None, who=signed_in.who)

    try:
        row = store(verb)
    except (PartyError, ReferralError):
        return _make_page(signed_in, form, 422, {"page": "Something about the person is missing or too long. Nothing was stored."})
    if row is None:
        return _make_page(signed_in, form, 503, {"page": _BUSY})
    return RedirectResponse(f"/staff/referrals/{row.id}?done=made", 303)


# One of them


@router.get("/{case_id:int}")
def one_referral(signed_in: CurrentStaff, case_id: int, done: str = "") -> Response:
    return _referral_page(signed_in, case_id, done=_DONE.get(done, ""))


def _referral_page(
    signed_in: SignedIn, case_id: int, status: int = 200, problems: dict[str, str] | None = None, done: str = "", note: str = ""
) -> Response:
    row, steps = look_at(ReferralRow, case_id, signed_in)
    return shown_page(
        "referral.html",
        signed_in,
        status,
        row=row,
        steps=steps,
        next_states=cases.next_states(row),
        kind=say(KIND_WORDS[row.kind]),
        why=say(WHY_WORDS[row.eligibility]) if row.eligibility in WHY_WORDS else row.eligibility,
        problems=problems or {},
        done=done,
        note=note,
    )


@router.post("/{case_id:int}/state")
def change_state(signed_in: CurrentStaff, case_id: int, form: Annotated[MoveForm, Form()]) -> Response:
    status, problems = move(ReferralRow, case_id, form, signed_in)
    if problems:
        return _referral_page(signed_in, case_id, status, problems, note=form.note)
    return RedirectResponse(f"/staff/referrals/{case_id}?done=moved", 303)

"""Referrals as staff see them: the list, one with its steps, one made for a resident, and all as a spreadsheet."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from desk import cases, referrals
from desk.referrals import KINDS, Referral
from desk.staff_tables import ReferralRow
from desk.tasks.case_questions import KIND_WORDS, WHY_WORDS
from kb.wording import say
from web.referral_pages import ME, OTHER, PROFESSIONAL, ReferForm, choices, read_referral
from web.staff.case_pages import CasePages, StaffCaseForm
from web.staff.case_views import MoveForm
from web.staff.guard import CurrentStaff

router = APIRouter(prefix="/staff/referrals", include_in_schema=False, default_response_class=HTMLResponse)


class MakeForm(ReferForm, StaffCaseForm):
    pass


def _choices() -> dict[str, list[tuple[str, str]]]:
    """Return what residents choose from, with staff's own words for whom it is."""
    whom = [(ME, "For the person themselves"), (OTHER, "Somebody they know asks"), (PROFESSIONAL, "An organisation asks")]
    return choices() | {"whom": whom}


def _facts(row: ReferralRow) -> dict[str, object]:
    why = say(WHY_WORDS[row.eligibility]) if row.eligibility in WHY_WORDS else row.eligibility
    return {"kind": say(KIND_WORDS[row.kind]), "why": why}


_PAGES: CasePages[ReferralRow, Referral] = CasePages(
    table=ReferralRow,
    states=referrals.STATES,
    one="referral",
    all="referrals",
    made="The referral is made. Tell the person the reference.",
    find=referrals.find,
    to_csv=referrals.to_csv,
    take=referrals.refer,
    choices=_choices,
    facts=_facts,
)


@router.get("")
def all_referrals(signed_in: CurrentStaff, state: str = cases.OPEN, kind: str = "", library: str = "") -> Response:
    words = {each: say(key) for each, key in KIND_WORDS.items()}
    return _PAGES.list_page(signed_in, state, library, {"kind": kind if kind in KINDS else ""}, kind_words=words)


@router.get(".csv")
def spreadsheet(signed_in: CurrentStaff, state: str = "", kind: str = "", library: str = "") -> Response:
    return _PAGES.spreadsheet(signed_in, state=state, kind=kind, library=library)


@router.get("/new")
def ask_for_whom(signed_in: CurrentStaff, conversation: str = "") -> Response:
    return _PAGES.empty_form(signed_in, MakeForm(whom=ME), conversation)


@router.post("/new")
def make(signed_in: CurrentStaff, form: Annotated[MakeForm, Form()]) -> Response:
    return _PAGES.make(signed_in, form, read_referral(form))


@router.get("/{case_id:int}")
def one_referral(signed_in: CurrentStaff, case_id: int, done: str = "") -> Response:
    return _PAGES.case_page(signed_in, case_id, done)


@router.post("/{case_id:int}/state")
def change_state(signed_in: CurrentStaff, case_id: int, form: Annotated[MoveForm, Form()]) -> Response:
    return _PAGES.move(signed_in, case_id, form)

"""Volunteers as staff see them: the list, one with its steps, one taken in for somebody, and all as a spreadsheet."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from desk import cases, volunteers
from desk.staff_tables import VolunteerRow
from desk.tasks.case_questions import interests_in_words
from desk.volunteers import INTERESTS, Volunteer
from web.staff.case_pages import CasePages, StaffCaseForm
from web.staff.case_views import MoveForm
from web.staff.guard import CurrentStaff
from web.volunteer_pages import VolunteerForm, choices, read_volunteer

router = APIRouter(prefix="/staff/volunteers", include_in_schema=False, default_response_class=HTMLResponse)


class TakeForm(VolunteerForm, StaffCaseForm):
    pass


def _facts(row: VolunteerRow) -> dict[str, object]:
    return {"interests": interests_in_words(row.interests)}


_PAGES: CasePages[VolunteerRow, Volunteer] = CasePages(
    table=VolunteerRow,
    states=volunteers.STATES,
    one="volunteer",
    all="volunteers",
    made="The offer is stored. Tell the person the reference.",
    find=volunteers.find,
    to_csv=volunteers.to_csv,
    take=volunteers.register,
    choices=choices,
    facts=_facts,
)


@router.get("")
def all_volunteers(signed_in: CurrentStaff, state: str = cases.OPEN, interest: str = "", library: str = "") -> Response:
    return _PAGES.list_page(signed_in, state, library, {"interest": interest if interest in INTERESTS else ""}, in_words=interests_in_words)


@router.get(".csv")
def spreadsheet(signed_in: CurrentStaff, state: str = "", interest: str = "", library: str = "") -> Response:
    return _PAGES.spreadsheet(signed_in, state=state, interest=interest, library=library)


@router.get("/new")
def ask_who(signed_in: CurrentStaff, conversation: str = "") -> Response:
    return _PAGES.empty_form(signed_in, TakeForm(), conversation)


@router.post("/new")
def take(signed_in: CurrentStaff, form: Annotated[TakeForm, Form()]) -> Response:
    return _PAGES.make(signed_in, form, read_volunteer(form))


@router.get("/{case_id:int}")
def one_volunteer(signed_in: CurrentStaff, case_id: int, done: str = "") -> Response:
    return _PAGES.case_page(signed_in, case_id, done)


@router.post("/{case_id:int}/state")
def change_state(signed_in: CurrentStaff, case_id: int, form: Annotated[MoveForm, Form()]) -> Response:
    return _PAGES.move(signed_in, case_id, form)

"""What managers look after: settings, the people with accounts, and the audit."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from desk import audit_log, codes, desk_settings, staff
from desk.at_hand import database
from desk.clock import in_london
from desk.desk_settings import SETTINGS, Setting
from desk.passwords import WeakPasswordError
from desk.staff import ROLES, StaffError, UnknownStaffError
from web.staff.desk_api import Number
from web.staff.guard import CurrentManager, SignedIn
from web.templating import render

router = APIRouter(prefix="/staff", include_in_schema=False, default_response_class=HTMLResponse)

_ROLES = [(role, role) for role in ROLES]
_DONE = {
    "saved": "The settings are saved.",
    "added": "The account is there. Tell its owner the password in person or by telephone.",
    "changed": "The account is changed.",
}


# Settings


@router.get("/settings")
def settings(signed_in: CurrentManager, done: str = "") -> Response:
    with database().reading() as session:
        values = [(setting, desk_settings.value_of(session, setting)) for setting in SETTINGS]
    return HTMLResponse(_settings_page(signed_in, values, {}, _DONE.get(done, "")))


@router.post("/settings")
async def save_settings(request: Request, signed_in: CurrentManager) -> Response:
    typed = await request.form()
    return await run_in_threadpool(_save, signed_in, [(setting, _read(setting, str(typed.get(setting.key, "")))) for setting in SETTINGS])


def _save(signed_in: SignedIn, values: list[tuple[Setting[Any], Any]]) -> Response:
    problems = {setting.key: problem for setting, value in values if (problem := setting.problem_with(value))}
    if problems:
        return HTMLResponse(_settings_page(signed_in, values, problems), 422)
    with database().writing() as session:
        for setting, value in values:
            desk_settings.set_value(session, signed_in.who, setting, value)
    return RedirectResponse("/staff/settings?done=saved", 303)


def _read(setting: Setting[Any], typed: str) -> bool | int | str:
    if setting.kind is bool:
        return typed == "1"
    plain = typed.strip()
    return int(plain) if setting.kind is int and plain.isascii() and plain.isdecimal() and len(plain) < 10 else plain


def _settings_page(signed_in: SignedIn, values: list[tuple[Setting[Any], Any]], problems: dict[str, str], done: str = "") -> str:
    return render("staff/settings.html", signed_in=signed_in, values=values, problems=problems, done=done)


# People


class PersonForm(BaseModel):
    name: str = ""
    username: str = ""
    role: str = ""
    password: str = ""


@router.get("/people")
def people(signed_in: CurrentManager, done: str = "") -> Response:
    return _people_page(signed_in, PersonForm(), done=_DONE.get(done, ""))


def _people_page(signed_in: SignedIn, form: PersonForm, status: int = 200, *, problems: dict[str, str] | None = None, done: str = "") -> Response:
    with database().reading() as session:
        everybody = staff.all_staff(session)
    html = render("staff/people.html", signed_in=signed_in, people=everybody, roles=_ROLES, form=form, problems=problems or {}, done=done)
    return HTMLResponse(html, status)


@router.post("/people")
def add(signed_in: CurrentManager, form: Annotated[PersonForm, Form()]) -> Response:
    try:
        with database().writing() as session:
            staff.add_staff(session, form.username, form.name, form.role, form.password, signed_in.who, temporary=True)
    except WeakPasswordError as error:
        return _people_page(signed_in, form, 422, problems={"password": str(error)})
    except StaffError as error:
        return _people_page(signed_in, form, 422, problems={error.field: str(error)})
    return RedirectResponse("/staff/people?done=added", 303)


@router.get("/people/{staff_id:int}")
def one(signed_in: CurrentManager, staff_id: Number) -> Response:
    return _one_page(signed_in, staff_id)


def _one_page(signed_in: SignedIn, staff_id: int, status: int = 200, problems: dict[str, str] | None = None) -> Response:
    try:
        with database().reading() as session:
            row = staff.account(session, staff_id)
    except UnknownStaffError as error:
        return _people_page(signed_in, PersonForm(), 404, problems={"page": str(error)})
    return HTMLResponse(render("staff/one_of_people.html", signed_in=signed_in, row=row, roles=_ROLES, problems=problems or {}), status)


def _act(signed_in: SignedIn, staff_id: int, verb: Callable[[Session], object]) -> Response:
    """Change an account, and show the list again."""
    try:
        with database().writing() as session:
            verb(session)
    except WeakPasswordError as error:
        return _one_page(signed_in, staff_id, 422, {"password": str(error)})
    except StaffError as error:
        return _one_page(signed_in, staff_id, 409, {"page": str(error)})
    return RedirectResponse("/staff/people?done=changed", 303)


@router.post("/people/{staff_id:int}/role")
def change_role(signed_in: CurrentManager, staff_id: Number, form: Annotated[PersonForm, Form()]) -> Response:
    return _act(signed_in, staff_id, lambda s: staff.set_role(s, staff_id, form.role, signed_in.who))


@router.post("/people/{staff_id:int}/password")
def reset_password(signed_in: CurrentManager, staff_id: Number, form: Annotated[PersonForm, Form()]) -> Response:
    return _act(signed_in, staff_id, lambda s: staff.set_password(s, staff_id, form.password, signed_in.who, temporary=True))


@router.post("/people/{staff_id:int}/codes/remove")
def remove_codes(signed_in: CurrentManager, staff_id: Number) -> Response:
    return _act(signed_in, staff_id, lambda s: codes.remove_codes(s, staff.account(s, staff_id), signed_in.who))


@router.post("/people/{staff_id:int}/deactivate")
def deactivate(signed_in: CurrentManager, staff_id: Number) -> Response:
    return _act(signed_in, staff_id, lambda s: staff.deactivate(s, staff_id, signed_in.who))


@router.post("/people/{staff_id:int}/reactivate")
def reactivate(signed_in: CurrentManager, staff_id: Number) -> Response:
    return _act(signed_in, staff_id, lambda s: staff.reactivate(s, staff_id, signed_in.who))


# Audit


class AuditForm(BaseModel):
    who: str = ""
    what: str = ""
    subject: str = ""
    number: str = ""
    first: str = ""
    last: str = ""
    before: str = ""


@router.get("/audit")
def audit(signed_in: CurrentManager, form: Annotated[AuditForm, Query()]) -> Response:
    problems: dict[str, str] = {}
    days = (_day("first", form, problems), _day("last", form, problems))
    wanted = audit_log.Wanted(_plain(form.who), _plain(form.what), _plain(form.subject), _number(form.number, problems), *days)
    with database().reading() as session:
        page = audit_log.rows_of_audit(session, wanted, _number(form.before, {}))
        whats, subjects = audit_log.whats_and_subjects(session)
        names = audit_log.names_of_staff(session)
    html = render(
        "staff/audit.html",
        signed_in=signed_in,
        form=form,
        problems=problems,
        page=page,
        to_the_second=_to_the_second,
        names=names,
        whos=[("resident", "residents"), ("desk", "the desk by itself"), *names.items()],
        whats=[(what, what) for what in whats],
        subjects=[(subject, subject) for subject in subjects],
        older=_address(form, page.older) if page.older else "",
        newest=_address(form) if form.before else "",
    )
    return HTMLResponse(html)


def _to_the_second(moment: datetime) -> str:
    return f"{in_london(moment):%-d %B %Y, %H:%M:%S}"


def _plain(typed: str) -> str:
    return typed.replace("\x00", "")


def _number(typed: str, problems: dict[str, str]) -> int | None:
    plain = typed.strip()
    if plain.isascii() and plain.isdecimal() and len(plain) < 10:
        return int(plain)
    if plain:
        problems["number"] = "Type the number in digits."
    return None


def _day(field: str, form: AuditForm, problems: dict[str, str]) -> date | None:
    typed = getattr(form, field).strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        problems[field] = "Type the day as year-month-day, such as 2026-11-25."
        return None


def _address(form: AuditForm, before: int | None = None) -> str:
    kept = {name: value for name, value in form.model_dump(exclude={"before"}).items() if value}
    return f"/staff/audit?{urlencode(kept | ({'before': before} if before else {}))}"

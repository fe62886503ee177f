"""Signing in and out, and one's own account: its password, and codes from an authenticator app."""

import io
from typing import Annotated, Any
from urllib.parse import urlsplit

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict

from desk import codes, sign_ins, staff
from desk.at_hand import database
from desk.clock import in_london
from desk.codes import WrongCodeError
from desk.desk_settings import MANAGERS_NEED_CODE, value_of
from desk.passwords import WeakPasswordError
from desk.service import service
from desk.sign_ins import CodeNeededError, TooManyTriesError, WrongSignInError
from desk.speech import spoken_time
from desk.staff_tables import StaffRow
from web.staff.guard import ACCOUNT, SIGN_IN, CurrentHelper, KeyOfBrowser, SignedIn, forget, form_token_of, home_of, local, refuse, remember
from web.templating import render

router = APIRouter(prefix="/staff", include_in_schema=False, default_response_class=HTMLResponse)
api = APIRouter(prefix="/staff/api", include_in_schema=False)

_DONE = {
    "password": "Your password is changed.",
    "codes": "From now on signing in asks for a code.",
    "removed": "Signing in asks for no code any more.",
}
_LONG = 1000  # characters; more is no name and no password


class SignInForm(BaseModel):
    username: str = ""
    password: str = ""
    code: str = ""
    next: str = ""


class SignInCall(BaseModel):
    model_config = ConfigDict(extra="forbid")

    username: str
    password: str
    code: str = ""


# Signing in. Plain functions: hashing takes its time, so they run beside the loop.


@router.get("/sign-in")
def ask_to_sign_in(next: str = "", key: KeyOfBrowser = "") -> Response:
    with database().reading() as session:
        row = sign_ins.signed_in(session, key) if key else None
    if row is not None:
        return RedirectResponse(_after(row, next), 303)
    return HTMLResponse(_sign_in_page(SignInForm(next=next), {}))


@router.post("/sign-in")
def sign_in(request: Request, form: Annotated[SignInForm, Form()], key: KeyOfBrowser = "") -> Response:
    if not _is_from_here(request):
        return HTMLResponse(_sign_in_page(form, {"page": "Sign in on this page, please: what came was sent by another site."}), 403)
    blank = {"username": "Type your user name.", "password": "Type your password."}
    missing = {field: problem for field, problem in blank.items() if not getattr(form, field)}
    if missing:
        return HTMLResponse(_sign_in_page(form, missing), 422)
    try:
        new_key, row = _sign_in(request, form, key)
    except CodeNeededError:
        return HTMLResponse(_sign_in_page(form, {"code": "Type your password once more, and the code that your authenticator app shows."}), 422)
    except WrongSignInError:
        return HTMLResponse(_sign_in_page(form, {"username": _WRONG}), 422)
    except TooManyTriesError as error:
        return HTMLResponse(_sign_in_page(form, {"page": _too_many(error)}), 429)
    response = RedirectResponse(_after(row, form.next), 303)
    remember(response, new_key)
    return response


@api.post("/sign-in")
def sign_in_by_call(request: Request, call: SignInCall, key: KeyOfBrowser = "") -> Response:
    if not _is_from_here(request):
        return refuse(403, "wrong_site", "A page of another site cannot sign anybody in.")
    try:
        new_key, row = _sign_in(request, call, key)
    except CodeNeededError:
        return refuse(401, "code_needed", "This account needs the code from its authenticator app too.")
    except WrongSignInError:
        return refuse(401, "wrong_sign_in", _WRONG)
    except TooManyTriesError as error:
        return refuse(429, "too_many_tries", _too_many(error))
    response = JSONResponse({"name": row.name, "role": row.role, "csrf": form_token_of(new_key)})
    remember(response, new_key)
    return response


_WRONG = "The user name, the password or the code is wrong. A code can be used once only: wait for the next one."


def _too_many(error: TooManyTriesError) -> str:
    until = in_london(error.until).time().replace(second=0, microsecond=0)
    return f"There were too many wrong tries. Try again a minute after {spoken_time(until)}, or ask a manager."


def _sign_in(request: Request, form: SignInForm | SignInCall, old_key: str) -> tuple[str, StaffRow]:
    """Sign somebody in, in place of whoever was signed in in this browser."""
    address = request.client.host if request.client else ""
    key = sign_ins.sign_in(database(), form.username[:_LONG], form.password[:_LONG], form.code[:_LONG], address)
    with database().writing() as session:
        if old_key:
            sign_ins.sign_out(session, old_key)
        row = sign_ins.signed_in(session, key)
    if row is None:  # deactivated in this very moment
        raise WrongSignInError
    return key, row


def _is_from_here(request: Request) -> bool:
    """Whether a page of ours asks, or a program: another site could otherwise sign a browser in to an account of its own."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host")


def _after(row: StaffRow, wanted: str) -> str:
    address = local(wanted, "")
    return address if address not in ("", "/staff") else home_of(row.role)


def _sign_in_page(form: SignInForm, problems: dict[str, str]) -> str:
    return render("staff/sign_in.html", signed_in=None, username=form.username[:_LONG], next=local(form.next, ""), problems=problems)


@router.post("/sign-out")
def sign_out(signed_in: CurrentHelper, key: KeyOfBrowser = "") -> Response:
    response = RedirectResponse(SIGN_IN, 303)
    _sign_out(key, response)
    return response


@api.post("/sign-out")
def sign_out_by_call(signed_in: CurrentHelper, key: KeyOfBrowser = "") -> Response:
    response = JSONResponse({"signed_out": True})
    _sign_out(key, response)
    return response


def _sign_out(key: str, response: Response) -> None:
    with database().writing() as session:
        sign_ins.sign_out(session, key)
    forget(response)


# One's own account


class PasswordForm(BaseModel):
    current: str = ""
    new: str = ""
    again: str = ""


class CodeForm(BaseModel):
    code: str = ""


class RemoveCodesForm(BaseModel):
    password: str = ""


@router.get("/account")
def account(signed_in: CurrentHelper, key: KeyOfBrowser = "", done: str = "") -> Response:
    return _account_page(signed_in, key, done=_DONE.get(done, ""))


def _account_page(signed_in: SignedIn, key: str, status: int = 200, **values: Any) -> Response:
    with database().reading() as session:
        row = staff.account(session, signed_in.id)
        code_needed = row.role == staff.MANAGER and not row.totp_secret and value_of(session, MANAGERS_NEED_CODE)
    given = {"problems": {}, "done": ""} | values
    secret = " ".join(_in_fours(codes.new_secret(row, key)))
    return HTMLResponse(render("staff/account.html", signed_in=signed_in, row=row, code_needed=code_needed, secret=secret, **given), status)


def _in_fours(secret: str) -> list[str]:
    return [secret[start : start + 4] for start in range(0, len(secret), 4)]


@router.post("/account/password")
def change_password(request: Request, signed_in: CurrentHelper, form: Annotated[PasswordForm, Form()], key: KeyOfBrowser = "") -> Response:
    problem = _wrong_new(form) or _wrong_password(request, signed_in, form.current, "current")
    if problem:
        return _account_page(signed_in, key, 422, problems=problem)
    try:
        with database().writing() as session:
            staff.set_password(session, signed_in.id, form.new, signed_in.who, keep=sign_ins.hash_of(key))
    except WeakPasswordError as error:
        return _account_page(signed_in, key, 422, problems={"new": str(error)})
    return RedirectResponse(f"{ACCOUNT}?done=password", 303)


def _wrong_new(form: PasswordForm) -> dict[str, str]:
    if form.new != form.again:
        return {"again": "The two new passwords are not the same."}
    return {"new": "This is the password that you have now. Choose another."} if form.new == form.current else {}


@router.get("/account/codes.svg")
def codes_to_scan(signed_in: CurrentHelper, key: KeyOfBrowser = "") -> Response:
    with database().reading() as session:
        row = staff.account(session, signed_in.id)
    image = io.BytesIO()
    address = codes.app_address(row, codes.new_secret(row, key), service().name)
    segno.make(address, micro=False).save(image, kind="svg", scale=5, border=4, light="white")
    return Response(image.getvalue(), media_type="image/svg+xml")


@router.post("/account/codes")
def set_up_codes(signed_in: CurrentHelper, form: Annotated[CodeForm, Form()], key: KeyOfBrowser = "") -> Response:
    try:
        with database().writing() as session:
            row = staff.account(session, signed_in.id)
            codes.enrol(session, row, codes.new_secret(row, key), form.code)
            staff.end_sign_ins(session, signed_in.id, keep=sign_ins.hash_of(key))
    except WrongCodeError:
        problem = "This is not the code that the app shows now. Wait for the next one, and check that the telephone's clock is right."
        return _account_page(signed_in, key, 422, problems={"code": problem})
    return RedirectResponse(f"{ACCOUNT}?done=codes", 303)


@router.post("/account/codes/remove")
def remove_codes(request: Request, signed_in: CurrentHelper, form: Annotated[RemoveCodesForm, Form()], key: KeyOfBrowser = "") -> Response:
    problem = _wrong_password(request, signed_in, form.password, "password")
    if problem:
        return _account_page(signed_in, key, 422, problems=problem)
    with database().writing() as session:
        codes.remove_codes(session, staff.account(session, signed_in.id), signed_in.who)
    return RedirectResponse(f"{ACCOUNT}?done=removed", 303)


def _wrong_password(request: Request, signed_in: SignedIn, password: str, field: str) -> dict[str, str]:
    try:
        sign_ins.confirm_password(database(), signed_in.id, password[:_LONG], request.client.host if request.client else "")
    except WrongSignInError:
        return {field: "This is not your password."}
    except TooManyTriesError as error:
        return {field: _too_many(error)}
    return {}

"""Who is signed in to the staff desk, what they may reach, and whether a form is really theirs."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Cookie, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from desk import sign_ins
from desk.at_hand import database
from desk.database import DatabaseBusyError
from desk.desk_settings import MANAGERS_NEED_CODE, value_of
from desk.settings import settings
from desk.staff import HELPER, MANAGER, ROLES, STAFF
from web.templating import render

COOKIE = "desk_staff"
SIGN_IN = "/staff/sign-in"
SIGN_OUT = "/staff/sign-out"
ACCOUNT = "/staff/account"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PAGE = re.compile(r"/staff(?:/[\w./-]*)?", re.ASCII)
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_OLD_FORM = "This page was too old, or opened before you signed in. Nothing was changed. Open it again and send it once more."

# What an open page asks for without anybody there: it keeps nobody signed in.
_BY_ITSELF = re.compile(
    r"/staff/(?:queue/part|conversations/\w+/parts/\w+|api/(?:availability/heartbeat|suggestions|conversations/\w+/(?:events|presence)))", re.ASCII
)

KeyOfBrowser = Annotated[str, Cookie(alias=COOKIE)]


@dataclass(frozen=True)
class SignedIn:
    """Somebody who is signed in. `form_token` is what their forms hold, and a form that another site made for them cannot."""

    id: int
    username: str
    name: str
    role: str
    form_token: str
    on_duty: bool = False

    @property
    def who(self) -> str:
        """As the audit and the owner of a conversation name them."""
        return f"staff:{self.id}"

    def may(self, role: str) -> bool:
        """Whether they may do what this role may: each role may do what those before it may."""
        return ROLES.index(self.role) >= ROLES.index(role)


class NotSignedInError(Exception):
    """Nobody is signed in, or no more."""


class NotAllowedError(Exception):
    """Somebody is signed in but may not do this; `sentence` says why to them, `code` to a program."""

    def __init__(self, signed_in: SignedIn, code: str, sentence: str) -> None:
        super().__init__(code)
        self.signed_in, self.code, self.sentence = signed_in, code, sentence


class AccountUnfinishedError(Exception):
    """Somebody has to choose a password of their own, or to set up codes, before anything else."""


def form_token_of(key: str) -> str:
    return hmac.new(key.encode("utf-8", "replace"), b"form", hashlib.sha256).hexdigest()


def local(address: str, otherwise: str = "/staff") -> str:
    """Return an address to go on to, only where it is a page of the staff desk."""
    path = address.partition("?")[0]
    is_ours = _PAGE.fullmatch(path) and address.isprintable() and "\\" not in address and ".." not in path
    return address if is_ours and not path.startswith(("/staff/api", SIGN_IN, SIGN_OUT)) else otherwise


@dataclass(frozen=True)
class _Found:
    signed_in: SignedIn
    is_unfinished: bool
    is_untouched: bool


def _look_up(key: str) -> _Found | None:
    with database().reading() as session:
        row = sign_ins.signed_in(session, key)
        if row is None:
            return None
        lacks_code = row.role == MANAGER and not row.totp_secret and value_of(session, MANAGERS_NEED_CODE)
        signed_in = SignedIn(row.id, row.username, row.name, row.role, form_token_of(key), row.on_duty)
        return _Found(signed_in, row.password_is_temporary or lacks_code, sign_ins.is_untouched(session, key))


def _who_is(key: str, path: str) -> _Found | None:
    found = _look_up(key)
    if found is not None and found.is_untouched and not _BY_ITSELF.fullmatch(path):
        try:
            with database().writing() as session:
                sign_ins.touch(session, key)
        except DatabaseBusyError:
            pass  # the next page writes it down
    return found


async def current_helper(request: Request, key: KeyOfBrowser = "") -> SignedIn:
    """Return who is signed in, of any role."""
    found = await run_in_threadpool(_who_is, key, request.url.path) if key else None
    if found is None:
        raise NotSignedInError
    request.state.signed_in = found.signed_in
    await _check_token(request, found.signed_in)
    if found.is_unfinished and request.url.path not in (ACCOUNT, SIGN_OUT) and not request.url.path.startswith(f"{ACCOUNT}/"):
        raise AccountUnfinishedError
    return found.signed_in


async def recognise(request: Request, key: str) -> None:
    """Find out who asks for a page that is not there; pages that are there know already."""
    found = await run_in_threadpool(_look_up, key) if key else None
    if found is not None:
        request.state.signed_in = found.signed_in


def recognised(request: Request) -> SignedIn | None:
    """Return who asks, where that was found out."""
    found: SignedIn | None = getattr(request.state, "signed_in", None)
    return found


async def _check_token(request: Request, signed_in: SignedIn) -> None:
    if request.method in _SAFE:
        return
    token = request.headers.get("X-CSRF-Token", "")
    if not token and request.headers.get("Content-Type", "").startswith(_FORMS):
        typed = (await request.form()).get("token", "")
        token = typed if isinstance(typed, str) else ""
    if not hmac.compare_digest(signed_in.form_token.encode(), token.encode("utf-8", "replace")):
        raise NotAllowedError(signed_in, "wrong_token", _OLD_FORM)


CurrentHelper = Annotated[SignedIn, Depends(current_helper)]


def _at_least(signed_in: SignedIn, role: str) -> SignedIn:
    if not signed_in.may(role):
        raise NotAllowedError(signed_in, "not_allowed", f"Your account ({signed_in.role}) cannot open this. A manager can change that.")
    return signed_in


def current_staff(signed_in: CurrentHelper) -> SignedIn:
    return _at_least(signed_in, STAFF)


def current_manager(signed_in: CurrentHelper) -> SignedIn:
    return _at_least(signed_in, MANAGER)


CurrentStaff = Annotated[SignedIn, Depends(current_staff)]
CurrentManager = Annotated[SignedIn, Depends(current_manager)]


def home_of(role: str) -> str:
    """Return the page that somebody begins with."""
    return "/staff/sessions" if role == HELPER else "/staff"


def remember(response: Response, key: str) -> None:
    """Let the browser keep the key: for this site's own requests only, and where no script can read it. It ends with the browser."""
    response.set_cookie(COOKIE, key, httponly=True, samesite="strict", secure=settings().secure_cookies, path="/staff")


def forget(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=settings().secure_cookies, path="/staff")


async def not_signed_in(request: Request, _: Exception) -> Response:
    """Ask to sign in, and come back after. A form that was sent without a sign-in is not, so that Back brings back what was typed in it."""
    if _is_for_programs(request):
        return refuse(401, "not_signed_in", "You are not signed in, or no more. Sign in and try again.")
    if request.headers.get("HX-Request"):
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        return Response(status_code=401, headers={"HX-Redirect": _sign_in_and_then(page.path, page.query)})
    if request.url.path == SIGN_OUT:
        return RedirectResponse(SIGN_IN, 303)
    if request.method in _SAFE:
        return RedirectResponse(_sign_in_and_then(request.url.path, request.url.query), 303)
    return HTMLResponse(render("staff/refused.html", signed_in=None, sentence="You are not signed in any more. Nothing was changed."), 401)


async def not_allowed(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotAllowedError)
    if _is_for_programs(request):
        return refuse(403, error.code, error.sentence)
    return HTMLResponse(render("staff/refused.html", signed_in=error.signed_in, sentence=error.sentence), 403)


async def account_unfinished(request: Request, _: Exception) -> Response:
    if _is_for_programs(request):
        return refuse(403, "account_unfinished", "Open your account page first: it says what is still to do.")
    if request.headers.get("HX-Request"):
        return Response(status_code=403, headers={"HX-Redirect": ACCOUNT})
    return RedirectResponse(ACCOUNT, 303)


def _is_for_programs(request: Request) -> bool:
    return request.url.path.startswith("/staff/api/")


def refuse(status: int, code: str, sentence: str) -> Response:
    """Return an error as programs read it."""
    return JSONResponse({"error": {"code": code, "message": sentence}}, status)


def _sign_in_and_then(path: str, query: str) -> str:
    address = local(f"{path}?{query}" if query else path)
    return f"{SIGN_IN}?next={quote(address, safe='/')}"

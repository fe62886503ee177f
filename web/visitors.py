"""Who a browser is, without an account: a random key that guards its forms, and the one booking that it has opened, for a while."""

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import Cookie, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from desk.clock import now
from desk.settings import settings

# Neither cookie goes along when another site sends the browser here (SameSite=Strict), and no script can read one.
VISITOR = "desk_visitor"
OPENED = "desk_booking"
OPEN_FOR = timedelta(minutes=30)  # since the last page of the booking; the computer may be a public one
_KEY = re.compile(r"[\w-]{43}", re.ASCII)


@dataclass(frozen=True)
class Visitor:
    """A browser. The key is kept by the browser alone; what is stored of it is a digest."""

    key: str
    is_new: bool

    @property
    def form_token(self) -> str:
        """What a form of this browser holds, and a form that another site made for it cannot."""
        return self._digest("form")

    @property
    def asked_by(self) -> str:
        return f"visitor {self._digest('asks')[:32]}"

    def request_id(self, form_id: str) -> str:
        """Return the same for the same form sent twice, and never what another browser has: with it a booking is shown again."""
        return f"page {self._digest(f'request {form_id}')[:48]}"

    def owns(self, form: "GuardedForm") -> bool:
        return not self.is_new and hmac.compare_digest(self.form_token.encode(), form.token.encode("utf-8", "replace"))

    def _digest(self, what: str) -> str:
        return hmac.new(self.key.encode(), what.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


class GuardedForm(BaseModel):
    """What every form holds that changes something: whose it is, and which it is."""

    token: str = ""
    form_id: str = ""


def _visitor(desk_visitor: Annotated[str, Cookie(alias=VISITOR)] = "") -> Visitor:
    return Visitor(desk_visitor, False) if _KEY.fullmatch(desk_visitor) else Visitor(secrets.token_urlsafe(32), True)


CurrentVisitor = Annotated[Visitor, Depends(_visitor)]


@dataclass(frozen=True)
class Opened:
    """The booking, or the place in a waiting list, that a browser may see: by its table and number."""

    table: str
    id: int


def _opened(desk_booking: Annotated[str, Cookie(alias=OPENED)] = "") -> Opened | None:
    words, _, seal = desk_booking.rpartition(" ")
    if not hmac.compare_digest(_seal(words).encode(), seal.encode("utf-8", "replace")):
        return None
    table, number, until = words.split(" ")
    return Opened(table, int(number)) if int(until) > now().timestamp() else None


CurrentlyOpened = Annotated[Opened | None, Depends(_opened)]


def page(visitor: Visitor, html: str, status: int = 200, opened: Opened | None = None) -> Response:
    """Return a page that holds forms; what is open stays open."""
    return _remember(HTMLResponse(html, status), visitor, opened)


def go_to(address: str, visitor: Visitor, opened: Opened | None = None) -> Response:
    """Send the browser on after a form, so that reloading sends nothing again."""
    return _remember(RedirectResponse(address, 303), visitor, opened)


def close(response: Response) -> Response:
    response.delete_cookie(OPENED, path="/booking")
    return response


def _remember(response: Response, visitor: Visitor, opened: Opened | None) -> Response:
    secure = settings().secure_cookies
    if visitor.is_new:
        response.set_cookie(VISITOR, visitor.key, httponly=True, samesite="strict", secure=secure)
    if opened:
        words = f"{opened.table} {opened.id} {int((now() + OPEN_FOR).timestamp())}"
        seconds = int(OPEN_FOR.total_seconds())
        response.set_cookie(OPENED, f"{words} {_seal(words)}", httponly=True, samesite="strict", secure=secure, path="/booking", max_age=seconds)
    return response


def _seal(words: str) -> str:
    return hmac.new(_key(settings().var), words.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


@cache
def _key(folder: Path) -> bytes:
    """Return this installation's own key, made at first use; every process of it has the same."""
    path = folder / "page-key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)  # readable by its owner alone
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            path.hardlink_to(name)  # at once and whole, or not at all where another process was first
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()
    return path.read_bytes()

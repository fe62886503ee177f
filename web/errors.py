"""Errors as the chat API and the pages say them: what happened, what to do next, and a person to ring."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from desk.conversations import NotAnAnswerError, UnknownChoiceError, UnknownConversationError
from desk.database import DatabaseBusyError
from desk.handovers import NoColleagueError
from desk.service import service
from kb.wording import say
from web.staff.guard import (
    COOKIE,
    AccountUnfinishedError,
    NotAllowedError,
    NotSignedInError,
    account_unfinished,
    not_allowed,
    not_signed_in,
    recognise,
    recognised,
)
from web.templating import render

log = logging.getLogger(__name__)

# Where residents are told to ring, or to start a new chat, staff read something else.
_FOR_STAFF = {
    "error_not_found": "There is nothing at this address. It may have been removed, or the address is wrong.",
    "error_unknown": "There is no such conversation. The resident may have cleared it, or it was erased.",
    "error_busy": "The desk is very busy, so nothing was changed. Please try again in a moment.",
    "error_unexpected": "Something went wrong on our side. Please try again in a moment.",
}


class RefusedError(Exception):
    """A request that cannot be served; `code` is for programs, `key` names the sentence for people."""

    def __init__(self, status: int, code: str, key: str, **values: Any) -> None:
        super().__init__(code)
        self.status, self.code, self.key, self.values = status, code, key, values


def _is_for_staff(request: Request) -> bool:
    return request.url.path == "/staff" or request.url.path.startswith("/staff/")


def _words(request: Request, key: str, **values: Any) -> str:
    """Return a sentence of the wording, as it is fit for who asks."""
    if _is_for_staff(request) and key in _FOR_STAFF:
        return _FOR_STAFF[key]
    return say(key, phone=service().phone, **values)


def _respond(request: Request, status: int, code: str, sentence: str, headers: dict[str, str] | None = None) -> Response:
    if request.url.path.startswith(("/api", "/staff/api", "/openapi", "/healthz", "/readyz", "/metrics")):
        return JSONResponse({"error": {"code": code, "message": sentence}}, status, headers)
    if _is_for_staff(request):
        return HTMLResponse(render("staff/refused.html", signed_in=recognised(request), sentence=sentence), status, headers)
    return HTMLResponse(render("error.html", sentence=sentence, status=status), status, headers)


def handle_errors(app: FastAPI) -> None:
    """Give every error that a route can raise its sentence."""

    def known(error: type[Exception], status: int, code: str, key: str, headers: dict[str, str] | None = None) -> None:
        async def handler(request: Request, _: Exception) -> Response:
            return _respond(request, status, code, _words(request, key), headers)

        app.add_exception_handler(error, handler)

    known(UnknownConversationError, 404, "unknown_conversation", "error_unknown")
    known(UnknownChoiceError, 422, "unknown_choice", "error_choice")
    known(NotAnAnswerError, 422, "not_an_answer", "error_helpful")
    known(NoColleagueError, 422, "unknown_staff", "error_fields")
    known(DatabaseBusyError, 503, "busy", "error_busy", {"Retry-After": "2"})

    app.add_exception_handler(NotSignedInError, not_signed_in)
    app.add_exception_handler(NotAllowedError, not_allowed)
    app.add_exception_handler(AccountUnfinishedError, account_unfinished)

    @app.exception_handler(RefusedError)
    async def refused(request: Request, error: RefusedError) -> Response:
        return _respond(request, error.status, error.code, _words(request, error.key, **error.values))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        not_json = any(part["type"] in ("json_invalid", "model_attributes_type", "dict_type") for part in error.errors())
        code, key = ("not_json", "error_not_json") if not_json else ("invalid", "error_fields")
        return _respond(request, 422, code, say(key))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        key = "error_not_found" if error.status_code == HTTPStatus.NOT_FOUND else "error_unexpected"
        code = HTTPStatus(error.status_code).name.lower()
        if _is_for_staff(request) and recognised(request) is None:
            await recognise(request, request.cookies.get(COOKIE, ""))
        return _respond(request, error.status_code, code, _words(request, key), dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("%s %s failed with %s", request.method, request.url.path, type(error).__name__, exc_info=error)
        return _respond(request, 500, "unexpected", _words(request, "error_unexpected"))

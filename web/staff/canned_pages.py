"""Canned replies: the list, and adding, editing and removing them."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from desk import canned_replies
from desk.at_hand import database
from desk.canned_replies import CannedReplyError
from web.staff.guard import CurrentStaff, SignedIn
from web.templating import render

router = APIRouter(prefix="/staff/canned-replies", include_in_schema=False, default_response_class=HTMLResponse)

_LIST = "/staff/canned-replies"
_DONE = {"added": "The reply is added.", "saved": "The reply is saved.", "removed": "The reply is removed.", "samples": "The samples are added."}


class ReplyForm(BaseModel):
    code: str = ""
    text: str = ""


def _list(signed_in: SignedIn, form: ReplyForm, status: int = 200, *, problems: dict[str, str] | None = None, done: str = "") -> Response:
    with database().reading() as session:
        replies = canned_replies.canned_replies(session)
    html = render("staff/canned_replies.html", signed_in=signed_in, replies=replies, form=form, problems=problems or {}, done=done)
    return HTMLResponse(html, status)


@router.get("")
def all_replies(signed_in: CurrentStaff, done: str = "") -> Response:
    return _list(signed_in, ReplyForm(), done=_DONE.get(done, ""))


@router.post("")
def add(signed_in: CurrentStaff, form: Annotated[ReplyForm, Form()]) -> Response:
    try:
        with database().writing() as session:
            canned_replies.add_canned_reply(session, signed_in.who, form.code, form.text)
    except CannedReplyError as error:
        return _list(signed_in, form, 422, problems={error.field: str(error)})
    return RedirectResponse(f"{_LIST}?done=added", 303)


@router.post("/samples/add")
def add_samples(signed_in: CurrentStaff) -> Response:
    with database().writing() as session:
        canned_replies.add_samples(session, signed_in.who)
    return RedirectResponse(f"{_LIST}?done=samples", 303)


@router.get("/{code}")
def one_reply(signed_in: CurrentStaff, code: str) -> Response:
    try:
        with database().reading() as session:
            row = canned_replies.canned_reply(session, code)
    except CannedReplyError as error:
        return _list(signed_in, ReplyForm(), 404, problems={"page": str(error)})
    return HTMLResponse(render("staff/canned_reply.html", signed_in=signed_in, code=row.code, text=row.text, problems={}))


@router.post("/{code}")
def change(signed_in: CurrentStaff, code: str, form: Annotated[ReplyForm, Form()]) -> Response:
    try:
        with database().writing() as session:
            canned_replies.change_canned_reply(session, signed_in.who, code, form.text)
    except CannedReplyError as error:
        if error.field == "code":
            return _list(signed_in, form, 404, problems={"page": str(error)})
        html = render("staff/canned_reply.html", signed_in=signed_in, code=code, text=form.text, problems={"text": str(error)})
        return HTMLResponse(html, 422)
    return RedirectResponse(f"{_LIST}?done=saved", 303)


@router.post("/{code}/remove")
def remove(signed_in: CurrentStaff, code: str) -> Response:
    try:
        with database().writing() as session:
            canned_replies.remove_canned_reply(session, signed_in.who, code)
    except CannedReplyError as error:
        return _list(signed_in, ReplyForm(), 404, problems={"page": str(error)})
    return RedirectResponse(f"{_LIST}?done=removed", 303)

"""One conversation as staff meet it: what it is about, what was said, and everything that can be done in it. It works without JavaScript."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from desk import canned_replies, conversations, duty, enquiry_queue, handovers, presence
from desk.at_hand import database
from desk.handovers import OUTCOMES, TakenError
from desk.staff_tables import StaffRow
from desk.tables import MessageRow
from web.api import readable
from web.errors import RefusedError
from web.staff.desk_api import (
    LONGEST_LOG,
    ConversationId,
    NewReply,
    Number,
    act,
    closing,
    giving_back,
    known,
    say_to_resident,
    standing,
    suggestions_for,
    taken_in_words,
)
from web.staff.guard import CurrentStaff, SignedIn
from web.staff.queue_pages import WORDS
from web.templating import render

router = APIRouter(prefix="/staff/conversations/{conversation_id}", include_in_schema=False, default_response_class=HTMLResponse)

_DONE = {
    "claimed": "You have this conversation now.",
    "released": "The conversation is back in line.",
    "transferred": "The conversation is passed on.",
    "handed-back": "The assistant has the conversation again.",
    "resolved": "Closed.",
    "noted": "The note is kept.",
    "sent": "Sent.",
}


class ReplyForm(BaseModel):
    """What is written to the resident. `insert` is the button of a ready-made text, to be put behind what is typed."""

    text: str = ""
    client_id: str = Field("", max_length=48, pattern=r"^[^\x00-\x1f]*$")
    last_seen_seq: Number = 0
    insert: str = ""


@dataclass(frozen=True)
class Problem:
    """Why something was not done; `field` is the id of what to look at, `missed` what came in meanwhile."""

    sentence: str
    field: str = "text"
    missed: tuple[MessageRow, ...] = ()


@router.get("")
async def conversation(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId, done: str = "") -> Response:
    """Show a conversation. Looking claims nothing."""
    return await _page(request, signed_in, conversation_id, news=_DONE.get(done, ""))


async def _page(
    request: Request,
    signed_in: SignedIn,
    conversation_id: str,
    *,
    status: int = 200,
    problem: Problem | None = None,
    form: ReplyForm | None = None,
    note: str = "",
    news: str = "",
) -> Response:
    def page() -> str:
        found = suggestions_for(request, conversation_id)
        with database().writing() as session:
            presence.look(session, conversation_id, signed_in.id)
            enquiry_queue.note_visit(session, signed_in.id, conversation_id)
            values = _values(session, signed_in, conversation_id)
        written = form or ReplyForm()
        values |= {"client_id": written.client_id or secrets.token_hex(12), "written": written.text, "note": note, "suggestions": found}
        return render("staff/conversation.html", signed_in=signed_in, problem=problem, news=news, outcomes=OUTCOMES, **values, **WORDS)

    return HTMLResponse(await run_in_threadpool(page), status)


def _values(session: Session, signed_in: SignedIn, conversation_id: str) -> dict[str, Any]:
    log = conversations.events_after(session, conversation_id, 0, most=LONGEST_LOG)
    return {
        "conversation": known(session, conversation_id),
        "handover": enquiry_queue.latest_handover(session, conversation_id),
        "log": log,
        "last": log[-1].seq if log else 0,
        "notes": handovers.notes_on(session, conversation_id),
        "canned": canned_replies.canned_replies(session),
        **_standing_values(session, signed_in, conversation_id),
    }


def _standing_values(session: Session, signed_in: SignedIn, conversation_id: str) -> dict[str, Any]:
    """Return who has a conversation, and to whom it can be passed on."""
    on_duty = {each.id for each in duty.on_duty(session)}
    return {
        "standing": standing(session, signed_in, conversation_id),
        "colleagues": [(each, each.id in on_duty) for each in duty.colleagues(session, signed_in.id)],
        "handover": enquiry_queue.latest_handover(session, conversation_id),
    }


@router.get("/parts/{part}")
def one_part(signed_in: CurrentStaff, conversation_id: ConversationId, part: str) -> Response:
    """Return a part of the page that has changed: standing, actions or notes."""
    if part not in ("standing", "actions", "notes"):
        raise RefusedError(404, "not_found", "error_not_found")
    with database().reading() as session:
        values = _standing_values(session, signed_in, conversation_id)
        notes, row = handovers.notes_on(session, conversation_id), known(session, conversation_id)
    return HTMLResponse(render(f"staff/parts/{part}.html", signed_in=signed_in, conversation=row, notes=notes, outcomes=OUTCOMES, **values))


# What is done in it


@router.post("/claim")
async def claim(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId) -> Response:
    return await _do(request, signed_in, conversation_id, "claimed", lambda session, staff: handovers.claim(session, conversation_id, staff))


@router.post("/release")
async def release(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId) -> Response:
    return await _do(request, signed_in, conversation_id, "released", lambda session, staff: handovers.release(session, conversation_id, staff))


@router.post("/transfer")
async def transfer_to(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId, to: Annotated[Number, Form()]) -> Response:
    return await _do(
        request, signed_in, conversation_id, "transferred", lambda session, staff: handovers.transfer(session, conversation_id, staff, to)
    )


@router.post("/hand-back")
async def give_back(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId) -> Response:
    return await _do(request, signed_in, conversation_id, "handed-back", giving_back(conversation_id))


@router.post("/resolve")
async def close(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId, outcome: Annotated[str, Form()] = "") -> Response:
    if outcome not in OUTCOMES:
        return await _page(request, signed_in, conversation_id, status=422, problem=Problem("Choose what came of it.", "outcome-0"))
    return await _do(request, signed_in, conversation_id, "resolved", closing(conversation_id, outcome))


async def _do(request: Request, signed_in: SignedIn, conversation_id: str, done: str, verb: Callable[[Session, StaffRow], object]) -> Response:
    try:
        await act(request, signed_in, conversation_id, verb)
    except TakenError as error:
        return await _page(request, signed_in, conversation_id, status=409, problem=Problem(taken_in_words(error.by), "standing"))
    return RedirectResponse(f"/staff/conversations/{conversation_id}?done={done}", 303)


@router.post("/note")
async def note(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId, text: Annotated[str, Form()] = "") -> Response:
    try:
        words = readable(text)
    except RefusedError as refused:
        return await _page(request, signed_in, conversation_id, status=422, problem=Problem(_why(refused, "note"), "note"), note=text)
    return await _do(request, signed_in, conversation_id, "noted", lambda session, staff: handovers.note(session, conversation_id, staff, words))


@router.post("/reply")
async def reply(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId, form: Annotated[ReplyForm, Form()]) -> Response:
    """Send a reply, or put a ready-made text behind what is typed. What was typed is never lost."""
    if form.insert:
        typed = "\n\n".join(filter(None, [form.text.strip(), await run_in_threadpool(_ready_made, request, conversation_id, form.insert)]))
        return await _page(request, signed_in, conversation_id, form=form.model_copy(update={"text": typed}))
    try:
        new = NewReply(client_id=form.client_id or secrets.token_hex(12), text=readable(form.text), last_seen_seq=form.last_seen_seq)
        said, missed = await act(request, signed_in, conversation_id, lambda s, staff: say_to_resident(s, staff, conversation_id, new))
    except RefusedError as refused:
        return await _page(request, signed_in, conversation_id, status=422, problem=Problem(_why(refused, "reply")), form=form)
    except TakenError as error:
        return await _page(request, signed_in, conversation_id, status=409, problem=Problem(taken_in_words(error.by)), form=form)
    if said is None:
        words = "Something came in that you had not seen. Your reply was not sent: it is still below. Read what came in, then send it or change it."
        return await _page(request, signed_in, conversation_id, status=409, problem=Problem(words, "text", tuple(missed)), form=form)
    return RedirectResponse(f"/staff/conversations/{conversation_id}?done=sent#reply", 303)


def _why(refused: RefusedError, what: str) -> str:
    return f"The {what} is empty. Type something first." if refused.code == "blank" else f"The {what} is too long: 2,000 characters at most."


def _ready_made(request: Request, conversation_id: str, insert: str) -> str:
    """Return the text that a button stands for: "canned:CODE" or "topic:SLUG"."""
    kind, _, name = insert.partition(":")
    if kind == "topic":
        return next((each.text for each in suggestions_for(request, conversation_id) if each.topic == name), "")
    with database().reading() as session:
        return next((each.text for each in canned_replies.canned_replies(session) if each.code == name), "")

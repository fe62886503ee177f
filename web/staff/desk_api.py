"""The staff desk as JSON, under /staff/api: the queue, a conversation and what is done in it, who is on duty."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, Field, StrictBool
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from desk import canned_replies, conversations, duty, enquiry_queue, handovers, presence, sign_ins
from desk.at_hand import database, front_desk
from desk.conversations import UnknownConversationError
from desk.enquiry_queue import Item
from desk.handovers import StaleReplyError, TakenError
from desk.staff_tables import StaffRow
from desk.suggestions import Suggestion, suggestions
from desk.tables import ConversationRow, MessageRow
from desk.tasks import going_on
from web.api import readable
from web.staff.guard import COOKIE, CurrentStaff, SignedIn
from web.streams import Streams
from web.templating import render
from web.views import iso, message_json

router = APIRouter(prefix="/staff/api", include_in_schema=False)
T = TypeVar("T")
Verb = Callable[[Session, StaffRow], None]

LONGEST_LOG = 10_000  # messages of one conversation
_COMMENT_EVERY = 10.0  # seconds; proxies close a stream that is silent for long
_LOOK_EVERY = 1.0  # seconds; what another process wrote, and who looks or types, shows within this time
_CONVERSATION_ID = re.compile(r"[0-9a-f]{32}")

Outcome = Literal["answered", "booked", "referred", "rang", "no reply", "spam"]
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]


class NewReply(BaseModel):
    client_id: str = Field(min_length=1, max_length=48, pattern=r"^[^\x00-\x1f]+$")
    text: str
    last_seen_seq: Number


class NewNote(BaseModel):
    text: str


class Transfer(BaseModel):
    to: Number


class Resolution(BaseModel):
    outcome: Outcome


class Typing(BaseModel):
    typing: StrictBool = False


class Availability(BaseModel):
    on_duty: StrictBool


def _conversation_id(conversation_id: str) -> str:
    if not _CONVERSATION_ID.fullmatch(conversation_id):
        raise UnknownConversationError
    return conversation_id


ConversationId = Annotated[str, Depends(_conversation_id)]


# The queue


@router.get("/queue")
def queue(
    signed_in: CurrentStaff,
    kind: Literal["", "live", "message", "call-back", "call", "referral", "volunteer"] = "",
    library: Annotated[str, Query(max_length=80)] = "",
    mine: bool = False,
) -> dict[str, Any]:
    """Return what waits for staff, in the order in which it is dealt with."""
    with database().reading() as session:
        items = enquiry_queue.queue(session, kind=kind, library=library, mine=signed_in.id if mine else None)
        return {"items": [_item_json(item) for item in items], "unanswered": enquiry_queue.unanswered(session)}


def _item_json(item: Item) -> dict[str, Any]:
    plain = ("key", "kind", "who", "about", "topic", "language", "library", "staff", "awaits_reply")
    return {key: getattr(item, key) for key in plain} | {
        "since": iso(item.since),
        "promise": iso(item.promise) if item.promise else None,
        "overdue": item.is_overdue,
        "urgent": item.is_urgent,
        "conversation": item.conversation_id or None,
    }


# A conversation


def staff_json(message: MessageRow) -> dict[str, Any]:
    """Return a message as staff see it: as residents do, and with what the safety screen made of it."""
    return message_json(message) | {key: message.details[key] for key in ("alarm", "masked") if key in message.details}


def known(session: Session, conversation_id: str) -> ConversationRow:
    """Raises UnknownConversationError."""
    found = session.get(ConversationRow, conversation_id)
    if found is None:
        raise UnknownConversationError
    return found


@router.get("/conversations/{conversation_id}")
def conversation(signed_in: CurrentStaff, conversation_id: ConversationId) -> dict[str, Any]:
    """Return a conversation: who has it, its summary, what was said, and the notes of staff. Nobody claims it by looking."""
    with database().writing() as session:
        row = known(session, conversation_id)
        enquiry_queue.note_visit(session, signed_in.id, conversation_id)
        handover = enquiry_queue.latest_handover(session, conversation_id)
        log = conversations.events_after(session, conversation_id, 0, most=LONGEST_LOG)
        return standing(session, signed_in, conversation_id) | {
            "conversation": row.id,
            "language": row.language,
            "page": row.page,
            "started_at": iso(row.started_at),
            "summary": handover.summary if handover else {},
            "contact": {key: getattr(handover, key) for key in ("way", "name", "phone", "email")} if handover else {},
            "messages": [staff_json(message) for message in log],
            "last": log[-1].seq if log else 0,
            "notes": [{"at": iso(note.at), "name": name, "text": note.text} for note, name in handovers.notes_on(session, conversation_id)],
        }


def standing(session: Session, signed_in: SignedIn, conversation_id: str) -> dict[str, Any]:
    """Return who has a conversation and who else looks at it. Raises UnknownConversationError."""
    owner, name = enquiry_queue.holder(session, conversation_id)
    if not owner:
        raise UnknownConversationError
    present = presence.others(session, conversation_id, signed_in.id)
    return {
        "owner": owner,
        "owner_name": name,
        "mine": owner == signed_in.who,
        "present": [{"name": each.name, "typing": each.typing} for each in present],
    }


@router.get("/conversations/{conversation_id}/events")
async def events(
    request: Request,
    signed_in: CurrentStaff,
    conversation_id: ConversationId,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    accept: Annotated[str, Header()] = "",
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """Return the log after a number, at once or as a stream. The stream also tells, as events named "standing", who has the conversation now."""
    log = await run_in_threadpool(_first_news, signed_in, conversation_id, after)
    if "text/event-stream" not in accept:
        return JSONResponse({"events": [staff_json(message) for message in log], "last": log[-1].seq if log else after})
    if last_event_id.isascii() and last_event_id.isdecimal():
        after = int(last_event_id[:9])
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(request, signed_in, conversation_id, after), media_type="text/event-stream", headers=headers)


def _first_news(signed_in: SignedIn, conversation_id: str, after: int) -> list[MessageRow]:
    """Return the log after a number; that somebody reads it is written down, as where they open the conversation."""
    with database().writing() as session:
        known(session, conversation_id)
        enquiry_queue.note_visit(session, signed_in.id, conversation_id)
        return conversations.events_after(session, conversation_id, after)


def _news(signed_in: SignedIn, conversation_id: str, after: int) -> tuple[list[MessageRow], dict[str, Any]]:
    with database().reading() as session:
        stands = standing(session, signed_in, conversation_id) | {"notes": len(handovers.notes_on(session, conversation_id))}
        return conversations.events_after(session, conversation_id, after), stands


async def _stream(request: Request, signed_in: SignedIn, conversation_id: str, after: int) -> AsyncIterator[str]:
    streams: Streams = request.app.state.streams
    grown = streams.follow(conversation_id)
    told: dict[str, Any] = {}
    said_at = time.monotonic()
    try:
        yield ": the log follows\n\n"
        while not streams.closed and await run_in_threadpool(_still_signed_in, request.cookies.get(COOKIE, "")):
            grown.clear()
            try:
                log, stands = await run_in_threadpool(_news, signed_in, conversation_id, after)
            except UnknownConversationError:
                return
            for message in log:
                after, said_at = message.seq, time.monotonic()
                yield _event(staff_json(message) | {"item": render("staff/parts/message.html", message=message)}, id=str(after))
            if stands != told:
                told, said_at = stands, time.monotonic()
                yield _event(stands, event="standing")
            if time.monotonic() - said_at > _COMMENT_EVERY:
                said_at = time.monotonic()
                yield ": still here\n\n"
            try:
                await asyncio.wait_for(grown.wait(), _LOOK_EVERY)
            except TimeoutError:
                continue
    finally:
        streams.leave(conversation_id, grown)


def _event(data: dict[str, Any], **fields: str) -> str:
    lines = [f"{name}: {value}" for name, value in fields.items()]
    return "\n".join([*lines, f"data: {json.dumps(data, ensure_ascii=False)}"]) + "\n\n"


def _still_signed_in(key: str) -> bool:
    with database().reading() as session:
        return sign_ins.signed_in(session, key) is not None


# What staff do in a conversation


async def act(request: Request, signed_in: SignedIn, conversation_id: str, verb: Callable[[Session, StaffRow], T]) -> T:
    """Do something in a conversation in one transaction, and show it on every open page. Raises TakenError and UnknownConversationError."""

    def write() -> T:
        with database().writing() as session:
            known(session, conversation_id)
            return verb(session, session.get_one(StaffRow, signed_in.id))

    done = await run_in_threadpool(write)
    request.app.state.streams.wake(conversation_id)
    return done


def say_to_resident(session: Session, staff: StaffRow, conversation_id: str, reply: NewReply) -> tuple[MessageRow | None, list[MessageRow]]:
    """Reply; where something came in that the writer has not seen, return that instead. Raises TakenError."""
    try:
        return handovers.reply(session, conversation_id, staff, reply.client_id, reply.text, reply.last_seen_seq), []
    except StaleReplyError as stale:
        return None, stale.missed


def giving_back(conversation_id: str) -> Verb:
    """Return the verb that gives a conversation back to the bot."""
    return lambda session, staff: going_on.hand_back(session, front_desk(), conversation_id, staff)


def closing(conversation_id: str, outcome: str) -> Verb:
    """Return the verb that closes what there was to do about a conversation."""
    return lambda session, staff: going_on.resolve(session, front_desk(), conversation_id, staff, outcome)


def taken_in_words(by: str) -> str:
    """Return why something was not done that only the one who has a conversation may do."""
    return f"{by} has this conversation." if by else "You do not have this conversation: claim it first."


async def _change(request: Request, signed_in: SignedIn, conversation_id: str, verb: Callable[[Session, StaffRow], object]) -> Response:
    """Do something, and return who has the conversation then, or by whom it is taken."""

    def work(session: Session, staff: StaffRow) -> dict[str, Any]:
        verb(session, staff)
        return standing(session, signed_in, conversation_id)

    try:
        return JSONResponse(await act(request, signed_in, conversation_id, work))
    except TakenError as error:
        return _taken(error)


def _taken(error: TakenError) -> Response:
    return JSONResponse({"error": {"code": "taken", "message": taken_in_words(error.by), "by": error.by}}, 409)


@router.post("/conversations/{conversation_id}/claim")
async def claim(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId) -> Response:
    return await _change(request, signed_in, conversation_id, lambda session, staff: handovers.claim(session, conversation_id, staff))


@router.post("/conversations/{conversation_id}/release")
async def release(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId) -> Response:
    return await _change(request, signed_in, conversation_id, lambda session, staff: handovers.release(session, conversation_id, staff))


@router.post("/conversations/{conversation_id}/transfer")
async def transfer_to(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId, body: Transfer) -> Response:
    return await _change(request, signed_in, conversation_id, lambda session, staff: handovers.transfer(session, conversation_id, staff, body.to))


@router.post("/conversations/{conversation_id}/hand-back")
async def give_back(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId) -> Response:
    return await _change(request, signed_in, conversation_id, giving_back(conversation_id))


@router.post("/conversations/{conversation_id}/resolve")
async def close(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId, body: Resolution) -> Response:
    return await _change(request, signed_in, conversation_id, closing(conversation_id, body.outcome))


@router.post("/conversations/{conversation_id}/reply")
async def reply(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId, body: NewReply) -> Response:
    """Say something to the resident: once for each client id, and only by one who has seen all that came in."""
    body = body.model_copy(update={"text": readable(body.text)})
    try:
        said, missed = await act(request, signed_in, conversation_id, lambda s, staff: say_to_resident(s, staff, conversation_id, body))
    except TakenError as error:
        return _taken(error)
    if said is None:
        words = "Something came in that you had not seen. Your reply was not sent."
        return JSONResponse({"error": {"code": "stale", "message": words}, "missed": [staff_json(message) for message in missed]}, 409)
    return JSONResponse({"accepted": said.seq, "message": staff_json(said)})


@router.post("/conversations/{conversation_id}/note", status_code=201)
async def note(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId, body: NewNote) -> dict[str, Any]:
    """Keep a note that only staff see."""
    words = readable(body.text)
    row = await act(request, signed_in, conversation_id, lambda session, staff: handovers.note(session, conversation_id, staff, words))
    return {"at": iso(row.at), "name": signed_in.name, "text": row.text}


@router.post("/conversations/{conversation_id}/presence")
async def look(request: Request, signed_in: CurrentStaff, conversation_id: ConversationId, body: Typing | None = None) -> dict[str, Any]:
    """Tell that one looks at a conversation, and whether one types; returns who else does."""
    typing = body is not None and body.typing

    def work(session: Session, staff: StaffRow) -> dict[str, Any]:
        presence.look(session, conversation_id, staff.id, typing=typing)
        return standing(session, signed_in, conversation_id)

    return await act(request, signed_in, conversation_id, work)


# Who is on duty, and what helps to answer


@router.get("/availability")
def availability(signed_in: CurrentStaff) -> dict[str, Any]:
    """Return whether one is on duty, and who else is."""
    with database().reading() as session:
        there = duty.on_duty(session)
    return {"on_duty": any(each.id == signed_in.id for each in there), "others": [each.name for each in there if each.id != signed_in.id]}


@router.post("/availability")
def set_availability(signed_in: CurrentStaff, body: Availability) -> dict[str, Any]:
    with database().writing() as session:
        duty.set_duty(session, signed_in.id, body.on_duty)
    return availability(signed_in)


@router.post("/availability/heartbeat", status_code=204)
def heartbeat(signed_in: CurrentStaff) -> None:
    """Tell that a page of the staff desk is open."""
    with database().writing() as session:
        duty.seen(session, signed_in.id)


@router.get("/canned-replies")
def all_canned_replies(signed_in: CurrentStaff) -> dict[str, Any]:
    with database().reading() as session:
        return {"replies": [{"code": each.code, "text": each.text} for each in canned_replies.canned_replies(session)]}


@router.get("/suggestions")
def suggested(request: Request, signed_in: CurrentStaff, conversation: str) -> dict[str, Any]:
    """Return what the knowledge base says to the last question of a conversation."""
    found = suggestions_for(request, _conversation_id(conversation))
    return {"suggestions": [{"topic": each.topic, "title": each.title, "text": each.text} for each in found]}


def suggestions_for(request: Request, conversation_id: str) -> list[Suggestion]:
    with database().reading() as session:
        return suggestions(session, request.app.state.searcher, front_desk(), conversation_id)

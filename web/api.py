"""The chat API; /openapi.json describes it."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from pydantic import BaseModel, Field, StrictBool
from starlette.concurrency import run_in_threadpool

from desk import conversations, duty
from desk.at_hand import database, front_desk
from desk.conversations import LONGEST_MESSAGE, Pressed, UnknownConversationError
from desk.settings import settings
from desk.tables import ConversationRow
from kb.wording import DEFAULT, languages, speaking
from web.answering import Answering
from web.errors import RefusedError
from web.metrics import MESSAGES, REPLY_SECONDS
from web.rasa import Assistant, RasaStore
from web.search import Searcher
from web.streams import Streams
from web.templating import render
from web.views import iso, message_json

router = APIRouter(prefix="/api", tags=["chat"])

ALWAYS_THERE = "talk_to_staff"  # the label whose button every chat has
_COMMENT_EVERY = 10.0  # seconds; proxies close a stream that is silent for long
_LOOK_EVERY = 1.0  # seconds; another process may have written to the log
# Characters that no keyboard types and that databases refuse or terminals obey; tab and new line stay.
_CONVERSATION_ID = re.compile(r"[0-9a-f]{32}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class NewConversation(BaseModel):
    language: str = Field("en", max_length=8, pattern=r"^[A-Za-z-]*$")
    page: str = Field("", max_length=2000)


class NewMessage(BaseModel):
    client_id: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")
    text: str | None = None
    choice: str | None = Field(None, max_length=20)


class Feedback(BaseModel):
    seq: int = Field(ge=1, le=2**31 - 1)
    helpful: StrictBool


async def conversation_of(conversation_id: str, authorization: Annotated[str, Header()] = "") -> ConversationRow:
    """Return the conversation that the bearer's token opens."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise RefusedError(401, "no_token", "error_unknown")
    return await open_conversation(conversation_id, token.strip())


async def open_conversation(conversation_id: str, token: str) -> ConversationRow:
    if not _CONVERSATION_ID.fullmatch(conversation_id):
        raise UnknownConversationError

    def read() -> ConversationRow:
        with database().reading() as session:
            return conversations.open_with(session, conversation_id, token)

    return await run_in_threadpool(read)


Conversation = Annotated[ConversationRow, Depends(conversation_of)]


@router.post("/conversations", status_code=201)
async def start(request: Request, body: NewConversation | None = None) -> dict[str, Any]:
    """Open a conversation. The token is shown this once."""
    body = body or NewConversation()
    language = known_language(body.language)

    def write() -> dict[str, Any]:
        with speaking(language), database().writing() as session:
            welcome, page = [front_desk().welcome()], _CONTROL.sub("", body.page)
            started = conversations.start(session, welcome, language=language, page=page, keep_days=settings().keep_days)
            conversation = started.conversation
            return {
                "conversation": conversation.id,
                "token": started.token,
                "owner": conversation.owner,
                "messages": [message_json(m) for m in conversations.events_after(session, conversation.id, 0)],
                "expires_at": iso(conversation.expires_at),
            }

    return await run_in_threadpool(write)


def known_language(code: str) -> str:
    """Return the language that a page or browser asks for ("es-MX" is "es"), English where the desk has no words in it."""
    language = code.partition("-")[0].lower()
    return language if language in languages() else DEFAULT


def readable(text: str) -> str:
    """Return what a resident typed, fit to be stored. Raises RefusedError for blank or overlong text."""
    text = _CONTROL.sub("", text).strip()
    if len(text) > LONGEST_MESSAGE:
        raise RefusedError(422, "too_long", "error_too_long", length=f"{len(text):,}", most=f"{LONGEST_MESSAGE:,}")
    if not text.encode("utf-8", "ignore").strip() or not any(not c.isspace() and c.isprintable() for c in text):
        raise RefusedError(422, "blank", "error_blank")
    return text.encode("utf-8", "ignore").decode("utf-8")  # half of a surrogate pair cannot be stored


@router.post("/conversations/{conversation_id}/messages")
async def post(request: Request, conversation: Conversation, body: NewMessage) -> dict[str, Any]:
    """Take a message or a choice, and answer it."""
    if (body.text is None) == (body.choice is None):
        raise RefusedError(422, "invalid", "error_fields")
    started = time.perf_counter()
    pressed = await run_in_threadpool(choice_pressed, conversation.id, body.choice) if body.choice is not None else None
    text = pressed.title if pressed else readable(body.text or "")
    posted = await answering(request).post(conversation.id, body.client_id, text, pressed, conversation.language)
    MESSAGES.inc()
    REPLY_SECONDS.observe(time.perf_counter() - started)
    return {"accepted": posted.accepted, "owner": posted.owner, "messages": [message_json(m) for m in posted.replies]}


def choice_pressed(conversation_id: str, choice_id: str) -> Pressed:
    """Return the button behind an id: one that was offered in the conversation, or the one to a person, which is always there."""
    if choice_id == ALWAYS_THERE:
        return Pressed(front_desk().title(ALWAYS_THERE), ALWAYS_THERE)
    with database().reading() as session:
        return conversations.choice_pressed(session, conversation_id, choice_id)


def answering(request: Request) -> Answering:
    found: Answering = request.app.state.answering
    return found


@router.get("/conversations/{conversation_id}/events")
async def events(
    request: Request,
    conversation: Conversation,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    accept: Annotated[str, Header()] = "",
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """Return the log after a number, at once or as a stream."""
    if "text/event-stream" not in accept:
        log = await run_in_threadpool(_log_after, conversation.id, after)
        return JSONResponse({"events": log, "last": log[-1]["seq"] if log else after})
    if last_event_id.isascii() and last_event_id.isdecimal():
        after = int(last_event_id[:9])
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(request, conversation, after), media_type="text/event-stream", headers=headers)


def _log_after(conversation_id: str, after: int) -> list[dict[str, Any]]:
    with database().reading() as session:
        return [message_json(m) for m in conversations.events_after(session, conversation_id, after)]


async def _stream(request: Request, conversation: ConversationRow, after: int) -> AsyncIterator[str]:
    streams: Streams = request.app.state.streams
    grown = streams.follow(conversation.id)
    said_at = time.monotonic()
    try:
        yield ": the log follows\n\n"
        while not streams.closed:
            grown.clear()
            for event in await run_in_threadpool(_log_after, conversation.id, after):
                after = event["seq"]
                yield f"id: {after}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"
                said_at = time.monotonic()
            try:
                await asyncio.wait_for(grown.wait(), _LOOK_EVERY)
            except TimeoutError:
                if not await run_in_threadpool(_still_there, conversation.id):
                    return
            if time.monotonic() - said_at > _COMMENT_EVERY:
                yield ": still here\n\n"
                said_at = time.monotonic()
    finally:
        streams.leave(conversation.id, grown)


def _still_there(conversation_id: str) -> bool:
    with database().reading() as session:
        return session.get(ConversationRow, conversation_id) is not None


@router.post("/conversations/{conversation_id}/feedback", status_code=204)
async def feedback(conversation: Conversation, body: Feedback) -> None:
    """Remember whether an answer helped."""

    def write() -> None:
        with database().writing() as session:
            conversations.note_feedback(session, conversation.id, body.seq, body.helpful)

    await run_in_threadpool(write)


@router.get("/conversations/{conversation_id}/transcript")
async def transcript(conversation: Conversation, accept: Annotated[str, Header()] = "") -> Response:
    """Return what was said, for printing (text/html) or saving (text/plain)."""

    def read() -> str:
        with database().reading() as session:
            log = conversations.events_after(session, conversation.id, 0, most=10_000)
            return render("transcript.html" if html else "transcript.txt", conversation=conversation, log=log)

    html = "text/html" in accept
    words = await run_in_threadpool(read)
    return HTMLResponse(words) if html else PlainTextResponse(words)


@router.delete("/conversations/{conversation_id}", status_code=204)
async def erase(request: Request, conversation: Conversation) -> None:
    """Remove a conversation everywhere."""
    await run_in_threadpool(forget, request.app.state.rasa_store, conversation)
    request.app.state.streams.wake(conversation.id)


def forget(store: RasaStore, conversation: ConversationRow) -> None:
    """Remove a conversation from Rasa's store first: if that fails, the resident can ask again."""
    store.forget(conversation.rasa_sender)
    with database().writing() as session:
        conversations.erase(session, conversation.id)


@router.get("/status")
async def status(request: Request) -> dict[str, str]:
    """Return whether the assistant is there, and when a person is."""
    desk = await run_in_threadpool(front_desk)
    assistant: Assistant = request.app.state.assistant

    def someone() -> bool:
        with database().reading() as session:
            return duty.anyone_on_duty(session)

    return {
        "assistant": assistant.state,
        "staff": "on_duty" if await run_in_threadpool(someone) else "off_duty",
        "promise": desk.promise(),
        "phone": desk.service.phone,
        "hours": desk.hours_today(),
    }


@router.get("/search")
async def search(request: Request, q: Annotated[str, Query(max_length=LONGEST_MESSAGE)] = "") -> dict[str, Any]:
    """Return the articles that fit a few words."""
    searcher: Searcher = request.app.state.searcher
    hits = await run_in_threadpool(searcher.search, q) if q.strip() else []
    articles = front_desk().articles
    return {
        "results": [
            {"topic": hit.slug, "title": articles[hit.slug].title, "summary": articles[hit.slug].summary, "score": round(hit.score, 4)}
            for hit in hits
        ]
    }

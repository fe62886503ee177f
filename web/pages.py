"""Pages for residents: the library's page, the chat without JavaScript, the articles, the libraries."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Cookie, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from desk import conversations
from desk.at_hand import database, front_desk
from desk.clock import today
from desk.conversations import LONGEST_MESSAGE, NotAnAnswerError, Started, UnknownChoiceError, UnknownConversationError
from desk.database import DatabaseBusyError
from desk.opening import on_day
from desk.service import service
from desk.settings import settings
from desk.speech import spoken_spans
from desk.tables import ConversationRow, MessageRow
from kb.labels import load_labels
from kb.wording import say
from web.api import answering, choice_pressed, forget, open_conversation, readable
from web.errors import RefusedError
from web.templating import render

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

# One HttpOnly cookie holds "<conversation>.<token>": pages without JavaScript have no other place for it, and no script can read it.
COOKIE = "desk_chat"
ChatCookie = Annotated[str, Cookie(alias=COOKIE)]


@router.get("/")
async def home(request: Request) -> str:
    return render("home.html", desk=front_desk(), assistant=request.app.state.assistant.state)


@router.get("/help")
async def all_help() -> str:
    return render("help_index.html", themes=load_labels().articles_by_theme, articles=front_desk().articles)


@router.get("/help/{slug}")
async def article(slug: str) -> str:
    found = front_desk().articles.get(slug)
    if found is None:
        raise RefusedError(404, "not_found", "error_not_found")
    return render("help.html", article=found, articles=front_desk().articles, desk=front_desk())


@router.get("/libraries")
async def libraries() -> str:
    desk = front_desk()
    hours_today = {lib.slug: spoken_spans(on_day(lib.week, today()).spans) or say("hours_week_closed") for lib in desk.libraries}
    return render("libraries.html", desk=desk, hours_today=hours_today, today=today())


# The chat as forms


@router.get("/chat")
async def chat(request: Request, thanks: bool = False, desk_chat: ChatCookie = "") -> str:
    conversation = await _from_cookie(desk_chat)
    return await _chat_page(request, conversation, thanks=thanks)


@router.post("/chat")
async def ask(
    request: Request,
    client_id: Annotated[str, Form(max_length=64)] = "",
    text: Annotated[str, Form()] = "",
    choice: Annotated[str, Form(max_length=20)] = "",
    desk_chat: ChatCookie = "",
) -> Response:
    """Take a message or a choice from the form; what cannot be taken is shown again with the reason, so that no word is lost."""
    conversation, cookie = None, None
    client_id = client_id or secrets.token_hex(8)
    try:
        conversation = await _from_cookie(desk_chat)
        words = text if choice else readable(text)
        if conversation is None:
            started = await run_in_threadpool(_start)
            conversation, cookie = started.conversation, f"{started.conversation.id}.{started.token}"
        await _post(request, conversation, client_id, words, choice)
    except RefusedError as error:
        return HTMLResponse(await _chat_page(request, conversation, say(error.key, **error.values), text), error.status)
    except UnknownChoiceError:
        return HTMLResponse(await _chat_page(request, conversation, say("error_choice"), text), 422)
    except DatabaseBusyError:
        return HTMLResponse(_busy_page(text, client_id), 503)
    return _back_to_chat(cookie)


async def _post(request: Request, conversation: ConversationRow, client_id: str, words: str, choice: str) -> None:
    pressed = await run_in_threadpool(choice_pressed, conversation.id, choice) if choice else None
    await answering(request).post(conversation.id, client_id, pressed.title if pressed else words, pressed, conversation.language)


@router.post("/chat/feedback")
async def helped(seq: Annotated[int, Form(ge=1, le=2**31 - 1)], helpful: Annotated[bool, Form()], desk_chat: ChatCookie = "") -> Response:
    conversation = await _from_cookie(desk_chat)
    if conversation is None:
        raise UnknownConversationError

    def write() -> None:
        with database().writing() as session:
            conversations.note_feedback(session, conversation.id, seq, helpful)

    try:
        await run_in_threadpool(write)
    except NotAnAnswerError:
        raise RefusedError(422, "not_an_answer", "error_helpful") from None
    return RedirectResponse("/chat?thanks=1#latest", 303)


@router.post("/chat/erase")
async def erase(request: Request, desk_chat: ChatCookie = "") -> Response:
    conversation = await _from_cookie(desk_chat)
    if conversation is not None:
        await run_in_threadpool(forget, request.app.state.rasa_store, conversation)
    response = _back_to_chat()
    response.delete_cookie(COOKIE, path="/chat")
    return response


@router.get("/chat/transcript")
async def transcript(desk_chat: ChatCookie = "") -> str:
    conversation = await _from_cookie(desk_chat)
    if conversation is None:
        raise UnknownConversationError
    log = await run_in_threadpool(_log, conversation)
    return render("transcript.html", conversation=conversation, log=log)


async def _from_cookie(cookie: str) -> ConversationRow | None:
    conversation_id, _, token = cookie.partition(".")
    try:
        return await open_conversation(conversation_id, token)
    except UnknownConversationError:
        return None


def _start() -> Started:
    with database().writing() as session:
        return conversations.start(session, [front_desk().welcome()], language="en", page="/chat", keep_days=settings().keep_days)


def _log(conversation: ConversationRow) -> list[MessageRow]:
    with database().reading() as session:
        return conversations.events_after(session, conversation.id, 0, most=10_000)


async def _chat_page(request: Request, conversation: ConversationRow | None, problem: str = "", text: str = "", thanks: bool = False) -> str:
    log = await run_in_threadpool(_log, conversation) if conversation else []
    return render(
        "chat.html",
        log=log,
        welcome=front_desk().welcome(),
        problem=problem,
        text=text,
        thanks=thanks,
        client_id=secrets.token_hex(8),
        longest=LONGEST_MESSAGE,
        desk=front_desk(),
        assistant=request.app.state.assistant.state,
        choices_of=conversations.choices_of,
    )


def _busy_page(text: str, client_id: str) -> str:
    """Return the message with the number it had: sent again, one that was taken after all is not taken twice."""
    return render("busy.html", sentence=say("error_busy", phone=service().phone), text=text, client_id=client_id)


def _back_to_chat(cookie: str | None = None) -> Response:
    response = RedirectResponse("/chat#latest", 303)
    if cookie:
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=settings().secure_cookies, path="/chat")
    return response

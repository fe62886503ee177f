"""The queue, one item of it after the other (quiet hours), the calls to make, and the switch of who is on duty."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Form, Header, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from desk import conversations, duty, enquiry_queue
from desk.at_hand import database, front_desk
from desk.enquiry_queue import KINDS, OF_CONVERSATIONS, Item
from desk.handovers import OUTCOMES, TakenError
from desk.notices import Told
from desk.tables import LibraryRow, NoticeRow, SessionRow
from desk.tasks.descriptions import contact_in_words
from kb.wording import say
from web.errors import RefusedError
from web.staff.desk_api import LONGEST_LOG, Number, act, closing, taken_in_words
from web.staff.guard import CurrentStaff, SignedIn, local
from web.templating import render

router = APIRouter(prefix="/staff", include_in_schema=False, default_response_class=HTMLResponse)

_SHOWN = 8  # messages of an item in quiet hours; the conversation has them all


@dataclass(frozen=True)
class Filters:
    """What of the queue is shown; what is empty does not matter."""

    kind: str = ""
    library: str = ""
    mine: bool = False

    def query(self, **more: str) -> str:
        """Return the filters as the end of an address, with `more` where it says something."""
        chosen = {"kind": self.kind, "library": self.library, "mine": "1" if self.mine else "", **more}
        given = urlencode({key: value for key, value in chosen.items() if value})
        return f"?{given}" if given else ""

    def items(self, session: Session, signed_in: SignedIn) -> list[Item]:
        return enquiry_queue.queue(session, kind=self.kind, library=self.library, mine=signed_in.id if self.mine else None)


def _filters(kind: str, library: str, mine: str) -> Filters:
    known = {each.slug for each in front_desk().libraries}
    return Filters(kind if kind in KINDS else "", library if library in known else "", bool(mine))


def language_name(code: str) -> str:
    try:
        return say("language_name", code)
    except KeyError:
        return code


def library_name(slug: str) -> str:
    return next((library.name for library in front_desk().libraries if library.slug == slug), slug)


WORDS: dict[str, Any] = {"topic_title": lambda label: front_desk().title_of_any(label), "language_name": language_name, "library_name": library_name}


# The queue


@router.get("")
def queue(signed_in: CurrentStaff, kind: str = "", library: str = "", mine: str = "") -> str:
    filters = _filters(kind, library, mine)
    with database().reading() as session:
        items, unanswered = filters.items(session, signed_in), enquiry_queue.unanswered(session)
        there = duty.on_duty(session)
    return render(
        "staff/queue.html",
        signed_in=signed_in,
        part=_queue_part(items, unanswered, filters, signed_in),
        count=len(items),
        by_itself=False,
        filters=filters,
        libraries=front_desk().libraries,
        others=[each.name for each in there if each.id != signed_in.id],
    )


@router.get("/queue/part")
def queue_part(
    signed_in: CurrentStaff, kind: str = "", library: str = "", mine: str = "", have: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    """Return the list anew, or nothing where it is as the page has it, so that what is read or selected stays as it is."""
    filters = _filters(kind, library, mine)
    with database().reading() as session:
        items, unanswered = filters.items(session, signed_in), enquiry_queue.unanswered(session)
    part, version = _queue_part(items, unanswered, filters, signed_in)
    if version == have:
        return Response(status_code=204)
    return HTMLResponse(render("staff/parts/queue.html", part=(part, version), filters=filters, count=len(items), by_itself=True))


def _queue_part(items: list[Item], unanswered: int, filters: Filters, signed_in: SignedIn) -> tuple[Markup, str]:
    """Return the list and a name for what it shows."""
    sections = [(kind, [item for item in items if item.kind == kind]) for kind in KINDS if filters.kind in ("", kind)]
    html = render("staff/parts/queue_items.html", sections=sections, count=len(items), unanswered=unanswered, signed_in=signed_in, **WORDS)
    # Markup, as our own template has escaped all that is in it.
    return Markup(html), hashlib.sha256(html.encode()).hexdigest()[:16]


@router.post("/availability")
def set_availability(signed_in: CurrentStaff, on_duty: Annotated[str, Form()], referer: Annotated[str, Header()] = "") -> Response:
    with database().writing() as session:
        duty.set_duty(session, signed_in.id, on_duty == "1")
    came_from = urlsplit(referer)
    return RedirectResponse(local(f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path), 303)


# Calls to make


@router.get("/calls/{notice_id}")
def call(signed_in: CurrentStaff, notice_id: Number) -> Response:
    """Show whom to ring and why. The telephone number stands here only, so that the audit knows who saw it."""
    with database().writing() as session:
        notice, row, about = _call(session, notice_id)
        enquiry_queue.note_look(session, signed_in.id, row)
        library = session.get(LibraryRow, about.library)
        html = render(
            "staff/call.html",
            signed_in=signed_in,
            notice=notice,
            row=row,
            about=about,
            library=library,
            contact=contact_in_words(row.phone, row.email),
            **WORDS,
        )
    return HTMLResponse(html)


def _call(session: Session, notice_id: int) -> tuple[NoticeRow, Told, SessionRow]:
    notice = session.get(NoticeRow, notice_id)
    if notice is None or notice.channel != "call":
        raise RefusedError(404, "not_found", "error_not_found")
    return notice, enquiry_queue.told(session, notice), session.get_one(SessionRow, notice.session_id)


@router.post("/calls/{notice_id}/done")
def call_made(signed_in: CurrentStaff, notice_id: Number) -> Response:
    with database().writing() as session:
        _call(session, notice_id)
        enquiry_queue.note_call(session, notice_id, signed_in.id)
    return RedirectResponse("/staff", 303)


# Quiet hours: one item after the other


class DoneForm(BaseModel):
    item: str = ""
    outcome: str = ""
    next: str = ""
    kind: str = ""
    library: str = ""
    mine: str = ""


@router.get("/quiet")
async def quiet(signed_in: CurrentStaff, at: str = "", kind: str = "", library: str = "", mine: str = "", done: str = "") -> Response:
    news = "Done. Here is the next one." if done else ""
    return await run_in_threadpool(_quiet_page, signed_in, _filters(kind, library, mine), at, news=news)


def _quiet_page(signed_in: SignedIn, filters: Filters, at: str, *, news: str = "", problem: str = "") -> Response:
    with database().writing() as session:
        items = filters.items(session, signed_in)
        place = next((n for n, item in enumerate(items) if item.key == at), 0)
        item = items[place] if items else None
        handover, log = _shown(session, signed_in, item)
    html = render(
        "staff/quiet.html",
        signed_in=signed_in,
        filters=filters,
        item=item,
        place=place,
        count=len(items),
        before=items[place - 1].key if place else "",
        after=items[place + 1].key if place + 1 < len(items) else "",
        handover=handover,
        log=log,
        outcomes=OUTCOMES,
        news=news if item else "",
        problem=problem,
        **WORDS,
    )
    return HTMLResponse(html, 409 if problem else 200)


def _shown(session: Session, signed_in: SignedIn, item: Item | None) -> tuple[Any, list[Any]]:
    if item is None or not item.conversation_id:
        return None, []
    enquiry_queue.note_visit(session, signed_in.id, item.conversation_id)
    log = conversations.events_after(session, item.conversation_id, 0, most=LONGEST_LOG)
    return enquiry_queue.latest_handover(session, item.conversation_id), log[-_SHOWN:]


@router.post("/quiet/done")
async def quiet_done(request: Request, signed_in: CurrentStaff, form: Annotated[DoneForm, Form()]) -> Response:
    """Close an item and go on to the next one."""
    filters = _filters(form.kind, form.library, form.mine)
    item = await run_in_threadpool(_item, form.item)
    problem = await _close(request, signed_in, item, form.outcome) if item else "That one is done already."
    if problem:
        return await run_in_threadpool(_quiet_page, signed_in, filters, form.item, problem=problem)
    return RedirectResponse(f"/staff/quiet{filters.query(at=form.next, done='1')}", 303)


def _item(key: str) -> Item | None:
    with database().reading() as session:
        return enquiry_queue.item(session, key)


async def _close(request: Request, signed_in: SignedIn, item: Item, outcome: str) -> str:
    """Close an item of the queue. Returns why it could not be closed, or nothing."""
    if item.kind == "call":
        await run_in_threadpool(call_made, signed_in, item.number)
        return ""
    if item.kind not in OF_CONVERSATIONS:
        return "Open this one to say what becomes of it."
    if outcome not in OUTCOMES:
        return "Choose what came of it."
    try:
        await act(request, signed_in, item.conversation_id, closing(item.conversation_id, outcome))
    except TakenError as error:
        return taken_in_words(error.by)
    return ""

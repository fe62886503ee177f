"""Questions that were not answered well, in groups of much the same, each waiting for a topic."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from desk import enquiry_queue, unanswered
from desk.at_hand import database, front_desk
from desk.question_groups import Vectors, groups_of
from desk.staff_tables import UnansweredRow
from desk.unanswered import UnknownTopicError
from kb.labels import load_labels
from kb.wording import DEFAULT
from web.search import Searcher
from web.staff.desk_api import Number
from web.staff.guard import CurrentStaff, SignedIn
from web.templating import render

router = APIRouter(prefix="/staff/unanswered", include_in_schema=False, default_response_class=HTMLResponse)

_PAGE = "/staff/unanswered"
_MOST = 500  # questions in groups at once: the newest
_MOST_JUDGED = 50
_LIKELIEST = 3
_ASKED_FOR_TOPICS = 5  # questions of a group that the search is asked about
_SAFETY_TITLES = {"crisis": "Somebody is in danger", "medical_advice": "Asks for medical advice"}

Judged = Annotated[str, Query(pattern=r"^([0-9]{1,10}(,[0-9]{1,10})*)?$", max_length=6000)]  # numbers of questions


@dataclass(frozen=True)
class Group:
    """Questions that are much the same, and the topics that fit them best by the search."""

    questions: Sequence[UnansweredRow]
    likely: Sequence[str]


class Judgement(BaseModel):
    ids: list[Number] = []
    verdict: str = unanswered.TOPIC
    topic: str = ""


class PutBack(BaseModel):
    ids: list[Number] = []


@lru_cache(maxsize=2000)
def _vector_of(text: str, language: str) -> Vectors:
    from understanding.meaning import vector_of  # imported here: pages must show before this is loaded

    return vector_of(text, language)


def _groups(searcher: Searcher) -> list[Group]:
    """Return the groups of new questions, the largest first. English and other questions come from different encoders: they never mix."""
    with database().reading() as session:
        found = unanswered.new_questions(session, _MOST)
    groups: list[Group] = []
    for part in ([one for one in found if one[1] == DEFAULT], [one for one in found if one[1] != DEFAULT]):
        if part:
            vectors = np.stack([_vector_of(row.text, language) for row, language in part])
            groups += [_group([part[n] for n in members], searcher) for members in groups_of(vectors)]
    return sorted(groups, key=lambda group: len(group.questions), reverse=True)


def _group(members: Sequence[tuple[UnansweredRow, str]], searcher: Searcher) -> Group:
    points: Counter[str] = Counter()
    for row, language in members[:_ASKED_FOR_TOPICS]:
        guess, _ = searcher.guess(row.text, language)
        points[guess] += _LIKELIEST
        for place, hit in enumerate(searcher.search(row.text, _LIKELIEST, language)):
            points[hit.slug] += _LIKELIEST - place
    likely = [label for label, _ in points.most_common() if label in unanswered.topics()]
    return Group([row for row, _ in members], likely[:_LIKELIEST])


def _title(label: str) -> str:
    """Return the words for a topic, or for what else a question was taken for."""
    return _SAFETY_TITLES.get(label) or front_desk().title_of_any(label)


def _page(request: Request, signed_in: SignedIn, status: int = 200, *, problem: str = "", judged: Sequence[int] = (), done: str = "") -> Response:
    with database().reading() as session:
        waiting, lately = enquiry_queue.unanswered(session), unanswered.judged_questions(session, _MOST_JUDGED)
    labels = load_labels()
    themes = {**labels.articles_by_theme, "things to do": labels.actions, "safety": tuple(_SAFETY_TITLES)}
    html = render(
        "staff/unanswered.html",
        signed_in=signed_in,
        groups=_groups(request.app.state.searcher),
        waiting=waiting,
        lately=lately,
        themes=themes,
        title_of=_title,
        problem=problem,
        judged=judged,
        done=done,
    )
    return HTMLResponse(html, status)


@router.get("")
def page(request: Request, signed_in: CurrentStaff, judged: Judged = "", back: int = 0) -> Response:
    ids = [int(part) for part in judged.split(",") if part]
    done = f"{_questions(len(ids))} judged." if ids else f"{_questions(back)} put back." if back else ""
    return _page(request, signed_in, judged=ids, done=done)


def _questions(number: int) -> str:
    return f"{number} question{'' if number == 1 else 's'}"


@router.post("")
def judge(request: Request, signed_in: CurrentStaff, form: Annotated[Judgement, Form()]) -> Response:
    if not form.ids:
        return _page(request, signed_in, 422, problem="Tick at least one question.")
    topic = form.topic if form.verdict == unanswered.TOPIC else ""
    try:
        with database().writing() as session:
            done = unanswered.judge(session, form.ids, form.verdict, topic, signed_in.id)
    except UnknownTopicError:
        return _page(request, signed_in, 422, problem="Choose a topic from the list.")
    if not done:
        return _page(request, signed_in, 409, problem="Somebody else has judged these questions already. Nothing was changed.")
    return RedirectResponse(f"{_PAGE}?judged={','.join(map(str, done))}", 303)


@router.post("/back")
def put_back(request: Request, signed_in: CurrentStaff, form: Annotated[PutBack, Form()]) -> Response:
    with database().writing() as session:
        done = unanswered.put_back(session, form.ids, signed_in.id)
    if not done:
        return _page(request, signed_in, 409, problem="These questions are taught or put back already. Nothing was changed.")
    return RedirectResponse(f"{_PAGE}?back={len(done)}", 303)

"""The series editor: a new session or series, a series changed from a date on, a series that ends."""

import secrets
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from desk import series
from desk.at_hand import database
from desk.clock import LONDON, in_london, today
from desk.places import StartedError
from desk.series import NoDatesError, Repeats, repeats_of, rule_of
from desk.sessions import KINDS
from desk.tables import SeriesRow, SessionRow
from web.errors import RefusedError
from web.staff.guard import CurrentStaff, SignedIn
from web.staff.session_pages import (
    MOST_MINUTES,
    MOST_PLACES,
    TypedForm,
    do,
    go_to,
    known,
    place_problems,
    read_day,
    read_number,
    read_time,
    reason_problems,
    shown_page,
)

router = APIRouter(prefix="/staff", include_in_schema=False, default_response_class=HTMLResponse)

_HOW = ("once", "weekly", "fortnightly", "monthly")
_NO_DATES = "No date would take place: the library is closed then, or the last day is before the first. Choose another day or time."
_TOO_SOON = "Changes can begin tomorrow at the earliest. Today's date can be moved."
_LONGEST = {"title": 200, "about": 4000, "audience": 120, "cost": 120}
_MOST_DATES_A_COURSE = 60


class SeriesForm(TypedForm):
    """What was typed, exactly. `how` is once, weekly, fortnightly, monthly, or kept: the rule of the series, where it is not so plain."""

    form_id: str = ""
    title: str = ""
    kind: str = ""
    about: str = ""
    audience: str = ""
    library: str = ""
    room: str = ""
    day: str = ""
    time: str = ""
    minutes: str = "60"
    capacity: str = ""
    dates_a_course: str = ""
    age_from: str = ""
    age_to: str = ""
    languages: str = ""
    access: str = ""
    cost: str = ""
    how: str = "once"
    days: list[str] = Field(default_factory=list)
    nth: str = "1"
    until: str = ""
    exceptions: str = ""
    reason: str = ""


def _form_of(row: SeriesRow, first: date) -> SeriesForm:
    """Return the form of a series that is to be changed from a date on."""
    repeats, starts = repeats_of(row.rule), in_london(row.starts_at)
    coming = [day for day in row.exceptions if day >= today().isoformat()]
    return SeriesForm(
        title=row.title,
        kind=row.kind,
        about=row.about,
        audience=row.audience,
        library=row.library,
        room=row.room,
        day=first.isoformat(),
        time=f"{starts:%H:%M}",
        minutes=str(row.minutes),
        capacity=_typed(row.capacity),
        dates_a_course=_typed(row.dates_a_course),
        age_from=_typed(row.age_from),
        age_to=_typed(row.age_to),
        languages=", ".join(row.languages),
        access=", ".join(row.access),
        cost=row.cost,
        how=repeats.how if repeats else "kept",
        days=[str(day) for day in repeats.days] if repeats else [],
        nth=str(repeats.nth) if repeats else "1",
        until=repeats.until.isoformat() if repeats and repeats.until else "",
        exceptions="\n".join(coming),
    )


def _first_change(row: SeriesRow) -> date:
    return max(today() + timedelta(days=1), in_london(row.starts_at).date())


def _typed(number: int | None) -> str:
    return "" if number is None else str(number)


def read_series(form: SeriesForm, kept_rule: str = "", sample: bool = False) -> tuple[SeriesRow | None, dict[str, str]]:
    """Read a form. Returns the row, not yet stored, or None and by field what is wrong."""
    problems = _field_problems(form) | place_problems(form.day, form.time, form.minutes, form.library, form.room)
    exceptions = [read_day(line) for line in form.exceptions.replace(",", "\n").split("\n") if line.strip()]
    if None in exceptions:
        problems["exceptions"] = "Write each date like 2026-12-25, one a line."
    rule = _rule(form, kept_rule, problems)
    day, clock = read_day(form.day), read_time(form.time)
    if problems or day is None or clock is None:
        return None, {field: problems[field] for field in SeriesForm.model_fields if field in problems}
    return SeriesRow(
        uid=f"desk-{form.form_id or secrets.token_urlsafe(12)}"[:80],
        kind=form.kind,
        library=form.library,
        room=form.room.strip(),
        title=form.title.strip(),
        about=form.about.strip(),
        audience=form.audience.strip(),
        age_from=read_number(form.age_from, 120),
        age_to=read_number(form.age_to, 120),
        languages=_list(form.languages),
        access=["-".join(each.lower().split()) for each in _list(form.access)],
        cost=form.cost.strip(),
        capacity=None if form.kind == "drop-in" else read_number(form.capacity, MOST_PLACES),
        sample=sample,
        starts_at=datetime.combine(day, clock, LONDON),
        minutes=read_number(form.minutes, MOST_MINUTES),
        rule=rule,
        exceptions=sorted(each.isoformat() for each in exceptions if each),
        dates_a_course=read_number(form.dates_a_course, _MOST_DATES_A_COURSE) if form.kind == "course" else None,
    ), {}


def _field_problems(form: SeriesForm) -> dict[str, str]:
    wrong = {field: f"Use at most {longest} letters." for field, longest in _LONGEST.items() if len(getattr(form, field).strip()) > longest}
    if not form.title.strip():
        wrong["title"] = "Give the session a title."
    if form.kind not in KINDS:
        wrong["kind"] = "Choose a kind of session."
    if form.kind != "drop-in" and read_number(form.capacity, MOST_PLACES) is None:
        wrong["capacity"] = f"Give the number of places, from 1 to {MOST_PLACES}. Only a drop-in can be without."
    if form.kind == "course" and form.dates_a_course.strip() and read_number(form.dates_a_course, _MOST_DATES_A_COURSE) is None:
        wrong["dates_a_course"] = f"Give how many dates belong together, from 1 to {_MOST_DATES_A_COURSE}."
    ages = [(field, getattr(form, field)) for field in ("age_from", "age_to")]
    wrong |= {field: "Give an age in years, or nothing." for field, typed in ages if typed.strip() and read_number(typed, 120) is None}
    if (read_number(form.age_from, 120) or 0) > (read_number(form.age_to, 120) or 120):
        wrong["age_to"] = "The highest age is below the lowest."
    return wrong


def _rule(form: SeriesForm, kept_rule: str, problems: dict[str, str]) -> str:
    """Return the rule that the choices make; empty for a session that comes once. A course comes more than once."""
    first, until = read_day(form.day), read_day(form.until)
    if form.how == "kept" and kept_rule:
        return kept_rule
    if form.how not in _HOW:
        problems["how"] = "Choose how often it comes."
        return ""
    if form.how == "once":
        if form.kind == "course":
            problems["how"] = "A course has several dates: choose how often they come."
        return ""
    if form.until.strip() and (until is None or (first and until < first)):
        problems["until"] = "Give a last day that is not before the first, for example 2027-03-31, or nothing."
    chosen = tuple(sorted({int(each) for each in form.days if each in tuple("0123456")})) or ((first.weekday(),) if first else (0,))
    nth = int(form.nth) if form.nth in ("1", "2", "3", "4", "-1") else 1
    return rule_of(Repeats(form.how, chosen, nth, until))


def _list(text: str) -> list[str]:
    return [part.strip()[:80] for part in text.replace(";", ",").split(",") if part.strip()]


# New


@router.get("/sessions/new")
async def new(signed_in: CurrentStaff) -> Response:
    return _new_page(signed_in, SeriesForm(form_id=secrets.token_urlsafe(12)))


@router.post("/sessions/new")
async def add(signed_in: CurrentStaff, form: Annotated[SeriesForm, Form()]) -> Response:
    """Put a session or a series into the timetable."""
    row, problems = read_series(form)
    if row is None:
        return _new_page(signed_in, form, 422, problems)
    try:
        dates = await do(lambda s: series.add_to_timetable(s, row, who=signed_in.who))
    except NoDatesError:
        return _new_page(signed_in, form, 422, {"day": _NO_DATES})
    if row.rule:
        return go_to(f"/staff/series/{await run_in_threadpool(_id_of, row.uid)}", done="added")
    return go_to(f"/staff/sessions/{dates[0].id}", done="added")


def _new_page(signed_in: SignedIn, form: SeriesForm, status: int = 200, problems: dict[str, str] | None = None) -> Response:
    return shown_page("series_new.html", signed_in, status, form=form, problems=problems or {}, kept="")


def _id_of(uid: str) -> int:
    with database().reading() as session:
        return session.scalars(select(SeriesRow.id).filter_by(uid=uid)).one()


# One series


@router.get("/series")
async def all_series(signed_in: CurrentStaff, library: str = "") -> Response:
    def read() -> list[SeriesRow]:
        with database().reading() as session:
            return series.running_series(session, library)

    return shown_page("series_list.html", signed_in, rows=await run_in_threadpool(read), library=library, repeats_of=repeats_of)


@router.get("/series/{series_id:int}")
async def one_series(signed_in: CurrentStaff, series_id: int, done: str = "") -> Response:
    row, dates = await run_in_threadpool(_read, series_id)
    form = _form_of(row, _first_change(row))
    form.form_id = secrets.token_urlsafe(12)
    return _series_page(signed_in, row, dates, form, said=done)


def _read(series_id: int) -> tuple[SeriesRow, list[SessionRow]]:
    """Raises RefusedError where there is no such series."""
    with database().reading() as session:
        row = session.get(SeriesRow, known(series_id))
        if row is None:
            raise RefusedError(404, "not_found", "error_not_found")
        return row, series.coming_dates(session, series_id)


def _series_page(signed_in: SignedIn, row: SeriesRow, dates: list[SessionRow], form: SeriesForm, status: int = 200, **values: Any) -> Response:
    given = {"row": row, "dates": dates, "form": form, "kept": "" if repeats_of(row.rule) else row.rule, "repeats_of": repeats_of, "end": EndForm()}
    return shown_page("series.html", signed_in, status, **(given | values))


@router.post("/series/{series_id:int}")
async def edit(signed_in: CurrentStaff, series_id: int, form: Annotated[SeriesForm, Form()]) -> Response:
    """Change a series from a date on."""
    old, dates = await run_in_threadpool(_read, series_id)
    given, problems = read_series(form, old.rule, old.sample)
    if given is not None and not given.rule:
        given, problems = None, {"how": "A series comes again. To have one date only, end the series and add a new session."}
    if given is None:
        return _series_page(signed_in, old, dates, form, 422, problems=problems)
    try:
        changed = await do(partial(_edited, series_id=series_id, given=given, reason=form.reason.strip()[:200], who=signed_in.who))
    except NoDatesError:
        return _series_page(signed_in, old, dates, form, 422, problems={"day": _NO_DATES})
    except StartedError:
        return _series_page(
            signed_in, old, dates, form, 422, problems={"day": "Changes can begin tomorrow at the earliest: today's date can be moved."}
        )
    return go_to(f"/staff/series/{changed}", done="edited")


def _edited(session: Session, series_id: int, given: SeriesRow, reason: str, who: str) -> int:
    return series.edit_series(session, series_id, given, reason=reason, who=who).id


class EndForm(TypedForm):
    first_without: str = ""
    end_reason: str = ""


@router.post("/series/{series_id:int}/end")
async def end(signed_in: CurrentStaff, series_id: int, form: Annotated[EndForm, Form()]) -> Response:
    row, dates = await run_in_threadpool(_read, series_id)
    day, reason = read_day(form.first_without), form.end_reason.strip()
    problems = {f"end_{field}": problem for field, problem in reason_problems(reason).items()}
    if day is None or day < today():
        problems = {"first_without": "Give a date that is not over, for example 2027-01-04."} | problems
    if problems or day is None:
        edit_form = _form_of(row, _first_change(row))
        return _series_page(signed_in, row, dates, edit_form, 422, problems=problems, end=form)
    await do(lambda s: series.end_series(s, series_id, day, reason, who=signed_in.who))
    return go_to(f"/staff/series/{series_id}", done="ended")

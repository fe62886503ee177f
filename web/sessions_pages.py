"""What's on: the sessions that residents can come to, one session, and calendar feeds."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from desk import places, sessions
from desk.at_hand import database, front_desk
from desk.calendars import calendar_feed
from desk.clock import LONDON, in_london, now, today
from desk.libraries import Library
from desk.places import CancelledError, Dates, NoBookingNeededError, NoPlaceError, StartedError, UnknownSessionError
from desk.service import service
from desk.sessions import AHEAD, KINDS, Found, Search
from desk.settings import settings
from desk.speech import spoken_day, spoken_time
from desk.tables import LibraryRow, SessionRow
from desk.tasks.descriptions import spoken_span
from kb.wording import say
from web.errors import RefusedError
from web.party_form import PartyForm, ages_in_words
from web.templating import render
from web.visitors import CurrentVisitor, Visitor, page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_A_PAGE = 30  # sessions; days are never parted, so there may be more
_DAYS_AT_A_TIME = 7  # read from the database
_DAYS_TO_CHOOSE = 14
_FEED_FRESH = timedelta(minutes=15)
_WEEKDAYS = tuple("mondays tuesdays wednesdays thursdays fridays saturdays sundays".split())
_KIND_WORDS = {
    "one-to-one": "sessions_page.kind_one_to_one",
    "drop-in": "sessions_page.kind_drop_in",
    "class": "sessions_page.kind_class",
    "coding-club": "sessions_page.kind_coding_club",
    "course": "sessions_page.kind_course",
}


@dataclass(frozen=True)
class Wanted:
    """What a visitor chose to see; what is empty does not matter. `day` is a London date or a weekday."""

    library: Library | None = None
    kind: str = ""
    day: str = ""

    @property
    def libraries(self) -> tuple[str, ...]:
        return (self.library.slug,) if self.library else ()

    @property
    def kinds(self) -> tuple[str, ...]:
        return (self.kind,) if self.kind else ()

    def allows(self, moment: datetime) -> bool:
        """Whether the day of a moment (UTC or zoned) is one that was chosen."""
        day = in_london(moment).date()
        return not self.day or self.day in (day.isoformat(), _WEEKDAYS[day.weekday()])


def wanted(library: str, kind: str, day: str) -> Wanted:
    """Read a choice; what is not known is left out."""
    known_day = day in _WEEKDAYS or _date(day) is not None
    return Wanted(library_of(library), kind if kind in KINDS else "", day if known_day else "")


def _date(text: str) -> date | None:
    """Return a day in the weeks that are shown, else None."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if timedelta() <= day - today() <= AHEAD else None


def library_of(slug: str) -> Library | None:
    return next((library for library in front_desk().libraries if library.slug == slug), None)


def library_name(slug: str) -> str:
    library = library_of(slug)
    return library.name if library else slug


def days_to_choose() -> list[tuple[str, str]]:
    """Return the coming two weeks as the values and words of a choice."""
    days = [today() + timedelta(days=n) for n in range(_DAYS_TO_CHOOSE)]
    return [(day.isoformat(), spoken_day(day)) for day in days]


def weekdays_to_choose() -> list[tuple[str, str]]:
    return list(zip(_WEEKDAYS, say("sessions_page.weekdays").split(), strict=True))


def kind_in_words(kind: str) -> str:
    return say(_KIND_WORDS[kind])


def places_in_words(found: Found) -> str:
    if found.places_left is None:
        return say("sessions_page.no_booking_needed")
    if found.places_left == 0:
        return say("sessions_page.full")
    return say("sessions_page.one_place_left" if found.places_left == 1 else "sessions_page.places_left", count=found.places_left)


def _time_span(row: SessionRow) -> str:
    return say("hours_span", opens=spoken_time(in_london(row.starts_at).time()), closes=spoken_time(in_london(row.ends_at).time()))


# What's on


@dataclass(frozen=True)
class Listing:
    """Sessions day by day, from a day on. `later` is the day to go on from; `nearest` is what comes nearest where nothing fits."""

    days: list[tuple[date, list[Found]]] = field(default_factory=list)
    later: date | None = None
    nearest: list[Found] = field(default_factory=list)

    @property
    def found(self) -> list[Found]:
        return [each for _, of_day in self.days for each in of_day] or self.nearest


@router.get("/sessions")
async def whats_on(
    request: Request,
    library: str = "",
    kind: str = "",
    day: str = "",
    begin: Annotated[str, Query(alias="from")] = "",
) -> str:
    chosen = wanted(library, kind, day)
    listing = await run_in_threadpool(_listing, chosen, _date(begin) or today())
    return render(
        "sessions.html",
        wanted=chosen,
        listing=listing,
        begins=_date(begin),
        markup=_markup(request, listing.found),
        libraries=front_desk().libraries,
        kinds=[(each, kind_in_words(each)) for each in KINDS],
        days=days_to_choose(),
        weekdays=weekdays_to_choose(),
        kind_in_words=kind_in_words,
        places_in_words=places_in_words,
        library_name=library_name,
        time_span=_time_span,
        spoken_span=spoken_span,
    )


def _listing(chosen: Wanted, begin: date) -> Listing:
    found: list[Found] = []
    end = today() + AHEAD
    with database().reading() as session:
        while begin <= end and len(found) < _A_PAGE:
            following = begin + timedelta(days=_DAYS_AT_A_TIME)
            span = max(_midnight(begin), now()), _midnight(following)
            some = sessions.sessions_between(session, *span, chosen.libraries, chosen.kinds)
            found += [each for each in some if chosen.allows(each.row.starts_at)]
            begin = following
        by_day = [(day, list(of_day)) for day, of_day in groupby(found, key=lambda each: in_london(each.row.starts_at).date())]
        days, later = _whole_days(by_day, begin if begin <= end else None)
        nearest = [] if found else sessions.nearest_sessions(session, Search(chosen.libraries, chosen.kinds, window=chosen if chosen.day else None))
    return Listing(days, later, nearest)


def _whole_days(by_day: list[tuple[date, list[Found]]], unread: date | None) -> tuple[list[tuple[date, list[Found]]], date | None]:
    """Return as many days as fill a page, and the day with which the next page begins."""
    so_far = 0
    for n, (day, of_day) in enumerate(by_day):
        if so_far >= _A_PAGE:
            return by_day[:n], day
        so_far += len(of_day)
    return by_day, unread


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)


# One session


@router.get("/sessions/{session_id:int}")
async def one_session(request: Request, session_id: int, visitor: CurrentVisitor) -> Response:
    return page(visitor, await session_page(request, session_id, visitor))


async def session_page(
    request: Request,
    session_id: int,
    visitor: Visitor,
    form: PartyForm | None = None,
    problems: dict[str, str] | None = None,
    full: bool | None = None,
    suggestion: str = "",
) -> str:
    """Return the page of a session with the form to book it, as it was filled in. `full` says whether it is, where the places left do not tell.

    Raises RefusedError where there is no such session.
    """
    found, dates = await run_in_threadpool(session_and_dates, session_id)
    row = found.row
    return render(
        "session.html",
        row=row,
        dates=dates,
        state=_state(dates),
        full=found.places_left == 0 if full is None else full,
        places=places_in_words(found),
        library=library_of(row.library),
        kind=kind_in_words(row.kind),
        ages=ages_in_words(row),
        spoken_span=spoken_span,
        markup=_markup(request, [Found(each, found.places_left) for each in dates]),
        **form_values(form or PartyForm(), visitor, row, problems, suggestion),
    )


def form_values(form: PartyForm, visitor: Visitor, row: SessionRow, problems: dict[str, str] | None = None, suggestion: str = "") -> dict[str, Any]:
    """Return what the template of a party's form is filled with."""
    return {
        "form": form,
        "form_id": form.form_id or secrets.token_urlsafe(12),
        "token": visitor.form_token,
        "problems": problems or {},
        "suggestion": suggestion,
        "for_children": row.age_to is not None and row.age_to < 18,
        "age_matters": row.age_from is None or row.age_from < 16,
        "keep_days": settings().keep_bookings_days,
    }


def session_and_dates(session_id: int) -> tuple[Found, Dates]:
    """Raises RefusedError where there is no such session."""
    if session_id >= 2**31:
        raise RefusedError(404, "not_found", "error_not_found")
    with database().reading() as session:
        try:
            return sessions.one_session(session, session_id), sessions.dates_of(session, session_id)
        except UnknownSessionError:
            raise RefusedError(404, "not_found", "error_not_found") from None


def _state(dates: Dates) -> str:
    """Return open, cancelled, drop_in or begun."""
    try:
        places.check_open(dates)
    except CancelledError:
        return "cancelled"
    except NoBookingNeededError:
        return "drop_in"
    except StartedError:
        return "begun"
    except NoPlaceError:
        return "cancelled"
    return "open"


# For programs: schema.org and iCalendar


def _markup(request: Request, found: Sequence[Found]) -> dict[str, Any]:
    """Return the sessions as schema.org has them."""
    event = partial(_event, str(request.base_url).rstrip("/"))
    return {"@context": "https://schema.org", "@graph": [event(each) for each in found]}


def _event(base: str, found: Found) -> dict[str, Any]:
    """https://schema.org/Event; times are local, with their offset."""
    row, library = found.row, library_of(found.row.library)
    event: dict[str, Any] = {
        "@type": "Event",
        "name": row.title,
        "startDate": in_london(row.starts_at).isoformat(),
        "endDate": in_london(row.ends_at).isoformat(),
        "eventStatus": f"https://schema.org/Event{'Cancelled' if row.state == 'cancelled' else 'Scheduled'}",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "url": f"{base}/sessions/{row.id}",
        "description": " ".join(filter(None, [say("sessions_page.sample_short") if row.sample else "", row.about])),
        "location": {"@type": "Place", "name": library_name(row.library)},
        "organizer": {"@type": "Organization", "name": service().name, "url": service().website},
        "inLanguage": row.languages,
    }
    if library:
        address = {"streetAddress": library.address, "postalCode": library.postcode, "addressCountry": "GB"}
        event["location"]["address"] = {"@type": "PostalAddress", **address}
    if row.age_from is not None or row.age_to is not None:
        event["typicalAgeRange"] = f"{row.age_from or 0}-{row.age_to or ''}"
    if found.places_left is not None:
        event |= {"maximumAttendeeCapacity": row.capacity, "remainingAttendeeCapacity": found.places_left}
    if row.cost:
        event["isAccessibleForFree"] = row.cost.strip().casefold() == "free"
    return {key: value for key, value in event.items() if value not in ("", [])}


def uid_domain() -> str:
    """Where our identifiers in calendar files belong: the domain of the service's email address, as in the notices."""
    return service().email.rpartition("@")[2] or "library.example"


@router.get("/sessions.ics")
async def feed_of_all() -> Response:
    return await run_in_threadpool(_feed, ())


@router.get("/sessions/{slug}.ics")
async def feed_of_library(slug: str) -> Response:
    if library_of(slug) is None:
        raise RefusedError(404, "not_found", "error_not_found")
    return await run_in_threadpool(_feed, (slug,))


def _feed(libraries: tuple[str, ...]) -> Response:
    with database().reading() as session:
        found = sessions.sessions_between(session, _midnight(today()), now() + AHEAD, libraries)
        rows = {slug: session.get(LibraryRow, slug) for slug in {each.row.library for each in found}}
        known = {slug: row for slug, row in rows.items() if row}
        feed = calendar_feed([each.row for each in found], known, uid_domain())
    headers = {"Cache-Control": f"public, max-age={int(_FEED_FRESH.total_seconds())}"}
    return Response(feed, media_type="text/calendar; charset=utf-8", headers=headers)

"""Offering to volunteer without the chat."""

import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from desk import volunteers
from desk.at_hand import database, front_desk
from desk.people import PartyError
from desk.references import read_reference, shown
from desk.service import service
from desk.tasks.case_questions import INTEREST_WORDS
from desk.volunteers import INTERESTS, LONGEST, Volunteer, VolunteerError
from kb.wording import say
from web.party_form import ContactForm, email_of, phone_of
from web.referral_pages import check_texts, keeping, libraries, store
from web.templating import render
from web.visitors import CurrentVisitor, Visitor, go_to, page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

FIELDS = ("interests", "times", "name", "phone", "email", "about", "old_enough", "agreed")
_ARTICLE = "volunteer"


class VolunteerForm(ContactForm):
    interests: list[str] = Field(default_factory=list)
    times: str = ""
    libraries: list[str] = Field(default_factory=list)
    about: str = ""
    old_enough: str = ""
    agreed: str = ""


@dataclass(frozen=True)
class ReadVolunteer:
    """What a form offers, and by field what keeps it from being taken. `email_suggestion` was perhaps meant."""

    offer: Volunteer
    problems: dict[str, str]
    email_suggestion: str = ""


def read_volunteer(form: VolunteerForm) -> ReadVolunteer:
    problems: dict[str, str] = {}
    interests = tuple(interest for interest in INTERESTS if interest in form.interests)
    needed = [
        ("interests", bool(interests), "volunteer_page.interests_needed"),
        ("times", bool(form.times.strip()), "volunteer_page.times_needed"),
        ("name", bool(form.name.strip()), "volunteer_page.name_needed"),
        ("phone", bool(form.phone.strip() or form.email.strip()), "volunteer_page.contact_needed"),
        ("agreed", bool(form.agreed), "volunteer_page.agreed_needed"),
    ]
    problems |= {field: say(key) for field, is_there, key in needed if not is_there}
    if not form.old_enough:
        problems["old_enough"] = say("volunteer_page.old_enough_needed", phone=service().phone)
    phone = phone_of(form.phone, problems)
    email, suggestion = email_of(form, problems)
    check_texts(form, ("about", "times"), LONGEST, problems)
    offer = Volunteer(
        name=form.name.strip(),
        interests=interests,
        consent=bool(form.agreed),
        times=form.times.strip(),
        libraries=tuple(slug for slug, _ in libraries() if slug in form.libraries),
        phone=phone,
        email=email,
        about=form.about.strip(),
    )
    return ReadVolunteer(offer, {field: problems[field] for field in FIELDS if field in problems}, suggestion)


def interests_to_choose() -> list[tuple[str, str]]:
    return [(interest, say(key)) for interest, key in INTEREST_WORDS.items()]


def _volunteer_page(
    visitor: Visitor, form: VolunteerForm, status: int = 200, problems: dict[str, str] | None = None, suggestion: str = ""
) -> Response:
    html = render(
        "volunteer.html",
        form=form,
        problems=problems or {},
        suggestion=suggestion,
        token=visitor.form_token,
        keeping=keeping(),
        interests=interests_to_choose(),
        libraries=libraries(),
    )
    return page(visitor, html, status)


@router.get("/volunteer")
def volunteer_page(visitor: CurrentVisitor) -> Response:
    return _volunteer_page(visitor, VolunteerForm(form_id=secrets.token_urlsafe(12)))


@router.post("/volunteer")
def register(visitor: CurrentVisitor, form: Annotated[VolunteerForm, Form()]) -> Response:
    """Take an offer in. What cannot be taken is shown again with the reasons, so that no word is lost."""
    if not visitor.owns(form):
        return _volunteer_page(visitor, form, 403, {"page": say("booking_page.form_old")})
    read = read_volunteer(form)
    if read.problems:
        return _volunteer_page(visitor, form, 422, read.problems, read.email_suggestion)
    request_id = visitor.request_id(f"volunteer {form.form_id}")
    try:
        row = store(lambda session: volunteers.register(session, read.offer, request_id=request_id, source="page"))
    except (PartyError, VolunteerError):
        return _volunteer_page(visitor, form, 422, {"page": say("booking_page.cannot_people", phone=service().phone)})
    if row is None:
        return _volunteer_page(visitor, form, 503, {"page": say("booking_page.cannot_busy", phone=service().phone)})
    return go_to(f"/volunteer/thanks?reference={shown(row.reference)}", visitor)


@router.get("/volunteer/thanks")
def thanks(visitor: CurrentVisitor, reference: str = "") -> Response:
    """Say thank you with the reference, and from the article what follows."""
    stored = read_reference(reference)
    with database().reading() as session:
        row = volunteers.by_reference(session, stored) if stored else None
    if row is None:
        return go_to("/volunteer", visitor)
    follows = front_desk().articles[_ARTICLE].front.facets.get("time", "")
    return page(visitor, render("volunteer_thanks.html", reference=shown(row.reference), what_follows=follows))

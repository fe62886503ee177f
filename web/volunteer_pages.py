"""Offering to volunteer without the chat."""

import secrets
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from desk import volunteers
from desk.at_hand import front_desk
from desk.references import shown
from desk.service import service
from desk.tasks.case_questions import INTEREST_WORDS
from desk.volunteers import INTERESTS, LONGEST, Volunteer
from kb.wording import say
from web.case_pages import ReadCase, check_texts, form_page, libraries, refusals, stored_or_shown, thanked
from web.party_form import ContactForm, email_of, phone_of
from web.referral_pages import store
from web.templating import render
from web.visitors import CurrentVisitor, go_to, page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_TEMPLATE = "volunteer.html"
FIELDS = ("interests", "times", "name", "phone", "email", "about", "old_enough", "agreed")
_ARTICLE = "volunteer"


class VolunteerForm(ContactForm):
    interests: list[str] = Field(default_factory=list)
    times: str = ""
    libraries: list[str] = Field(default_factory=list)
    about: str = ""
    old_enough: str = ""
    agreed: str = ""


def read_volunteer(form: VolunteerForm) -> ReadCase[Volunteer]:
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
    return ReadCase(offer, {field: problems[field] for field in FIELDS if field in problems}, suggestion)


def choices() -> dict[str, list[tuple[str, str]]]:
    """Return what a form offers to choose from, in words."""
    return {"interests": [(interest, say(key)) for interest, key in INTEREST_WORDS.items()]}


@router.get("/volunteer")
def volunteer_page(visitor: CurrentVisitor) -> Response:
    return form_page(_TEMPLATE, visitor, VolunteerForm(form_id=secrets.token_urlsafe(12)), choices())


@router.post("/volunteer")
def register(visitor: CurrentVisitor, form: Annotated[VolunteerForm, Form()]) -> Response:
    show = partial(form_page, _TEMPLATE, visitor, form, choices())
    if not visitor.owns(form):
        return show(403, {"page": say("booking_page.form_old")})
    read = read_volunteer(form)
    verb = partial(volunteers.register, offer=read.wanted, request_id=visitor.request_id(f"volunteer {form.form_id}"), source="page")
    row = stored_or_shown(read, partial(store, verb), refusals(), show)
    return row if isinstance(row, Response) else go_to(f"/volunteer/thanks?reference={shown(row.reference)}", visitor)


@router.get("/volunteer/thanks")
def thanks(visitor: CurrentVisitor, reference: str = "") -> Response:
    """Say thank you with the reference, and from the article what follows."""
    row = thanked(reference, volunteers.by_reference)
    if row is None:
        return go_to("/volunteer", visitor)
    follows = front_desk().articles[_ARTICLE].front.facets.get("time", "")
    return page(visitor, render("volunteer_thanks.html", reference=shown(row.reference), what_follows=follows))

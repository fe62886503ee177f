"""Putting somebody forward without the chat: for oneself, for somebody one knows, or by organisations for those they support."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from desk import referrals
from desk.at_hand import database, front_desk
from desk.database import DatabaseBusyError
from desk.people import PartyError
from desk.postcodes import postcode_in
from desk.privacy import mask
from desk.references import read_reference, shown
from desk.referrals import HOME, KINDS, LONGEST, Referral, ReferralError
from desk.service import service
from desk.settings import settings
from desk.tasks.case_questions import KIND_WORDS, WHY_WORDS
from desk.transactions import in_a_transaction
from kb.wording import say
from web.party_form import ContactForm, email_of, phone_of
from web.templating import render
from web.visitors import CurrentVisitor, Visitor, go_to, page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
T = TypeVar("T")

FIELDS = ("whom", "kind", "name", "contact_name", "relation", "organisation", "phone", "email", "postcode", "needs", "about", "agreed")
ME, OTHER, PROFESSIONAL = "me", "other", "professional"


class ReferForm(ContactForm):
    """`whom` is me, other or professional."""

    whom: str = ""
    kind: str = ""
    eligibility: str = ""
    contact_name: str = ""
    relation: str = ""
    organisation: str = ""
    library: str = ""
    postcode: str = ""
    needs: str = ""
    about: str = ""
    agreed: str = ""


@dataclass(frozen=True)
class ReadReferral:
    """What a form asks for, and by field what keeps it from being taken. `email_suggestion` was perhaps meant."""

    referral: Referral
    problems: dict[str, str]
    email_suggestion: str = ""


def read_referral(form: ReferForm) -> ReadReferral:
    """Read a form. What somebody else is asked for needs more: who asks, what they are to each other, and how to reach one of them."""
    problems: dict[str, str] = {}
    other = form.whom in (OTHER, PROFESSIONAL)
    needed = [
        ("whom", form.whom in (ME, OTHER, PROFESSIONAL), "refer_page.who_needed"),
        ("kind", form.kind in KINDS, "refer_page.kind_needed"),
        ("name", bool(form.name.strip()), "refer_page.name_needed"),
        ("contact_name", not other or bool(form.contact_name.strip()), "refer_page.contact_name_needed"),
        ("relation", form.whom != OTHER or bool(form.relation.strip()), "refer_page.relation_needed"),
        ("organisation", form.whom != PROFESSIONAL or bool(form.organisation.strip()), "refer_page.organisation_needed"),
        ("phone", not other or bool(form.phone.strip() or form.email.strip()), "refer_page.contact_needed"),
        ("agreed", bool(form.agreed), "refer_page.agreed_needed"),
    ]
    problems |= {field: say(key) for field, is_there, key in needed if not is_there}
    phone = phone_of(form.phone, problems)
    email, suggestion = email_of(form, problems)
    postcode = postcode_in(form.postcode) or ""
    if form.postcode.strip() and not postcode:
        problems["postcode"] = say("refer_page.postcode_wrong")
    check_texts(form, ("needs", "about"), LONGEST, problems)
    referral = Referral(
        kind=form.kind,
        name=form.name.strip(),
        consent=bool(form.agreed),
        for_other=other,
        contact_name=form.contact_name.strip() if other else "",
        relation=form.relation.strip() if other else "",
        organisation=form.organisation.strip() if form.whom == PROFESSIONAL else "",
        phone=phone,
        email=email,
        eligibility=form.eligibility if form.kind == HOME and form.eligibility in WHY_WORDS else "",
        about=form.about.strip(),
        needs=form.needs.strip(),
        library=form.library if form.library in {slug for slug, _ in libraries()} else "",
        postcode=postcode,
    )
    return ReadReferral(referral, {field: problems[field] for field in FIELDS if field in problems}, suggestion)


def check_texts(form: ContactForm, free: Sequence[str], longest: dict[str, int], problems: dict[str, str]) -> None:
    """Note what is too long, and where a free text holds what must not be kept."""
    for field, most in longest.items():
        typed = getattr(form, field)
        if len(typed.strip()) > most:
            problems.setdefault(field, say("booking_page.too_long", longest=most))
    for field in free:
        if mask(getattr(form, field)).found:
            problems[field] = say("refer_page.private")


def libraries() -> list[tuple[str, str]]:
    """Return every library to choose from: slug and name."""
    return [(library.slug, library.name) for library in front_desk().libraries]


def keeping() -> str:
    """Return the line on what is kept, for how long and whom to ask."""
    return say("refer_page.keeping", days=settings().keep_bookings_days, contact=service().privacy_contact)


def store(verb: Callable[[Session], T]) -> T | None:
    """Do a verb in a transaction; None where the database was busy all the time. Nothing is stored then."""
    try:
        return in_a_transaction(database(), verb)
    except DatabaseBusyError:
        return None


def _refer_page(visitor: Visitor, form: ReferForm, status: int = 200, problems: dict[str, str] | None = None, suggestion: str = "") -> Response:
    html = render(
        "refer.html",
        form=form,
        problems=problems or {},
        suggestion=suggestion,
        token=visitor.form_token,
        keeping=keeping(),
        libraries=libraries(),
        **choices(),
    )
    return page(visitor, html, status)


def choices() -> dict[str, list[tuple[str, str]]]:
    """Return what a form offers to choose from, in words."""
    return {
        "whom": [(ME, say("refer_page.who_me")), (OTHER, say("refer_page.who_other")), (PROFESSIONAL, say("refer_page.who_professional"))],
        "kinds": [(kind, say(key)) for kind, key in KIND_WORDS.items()],
        "reasons": [(why, say(key)) for why, key in WHY_WORDS.items()],
    }


@router.get("/refer")
def refer_page(visitor: CurrentVisitor, kind: str = "", whom: str = "") -> Response:
    return _refer_page(visitor, ReferForm(form_id=secrets.token_urlsafe(12), kind=kind, whom=whom))


@router.post("/refer")
def refer(visitor: CurrentVisitor, form: Annotated[ReferForm, Form()]) -> Response:
    """Take a referral in. What cannot be taken is shown again with the reasons, so that no word is lost."""
    if not visitor.owns(form):
        return _refer_page(visitor, form, 403, {"page": say("booking_page.form_old")})
    read = read_referral(form)
    if read.problems:
        return _refer_page(visitor, form, 422, read.problems, read.email_suggestion)
    request_id = visitor.request_id(f"refer {form.form_id}")
    try:
        row = store(lambda session: referrals.refer(session, read.referral, request_id=request_id, source="page"))
    except (PartyError, ReferralError):
        return _refer_page(visitor, form, 422, {"page": say("booking_page.cannot_people", phone=service().phone)})
    if row is None:
        return _refer_page(visitor, form, 503, {"page": say("booking_page.cannot_busy", phone=service().phone)})
    return go_to(f"/refer/thanks?reference={shown(row.reference)}", visitor)


@router.get("/refer/thanks")
def thanks(visitor: CurrentVisitor, reference: str = "") -> Response:
    """Say thank you with the reference, of a referral that there is: nobody is told by a link that something was taken."""
    stored = read_reference(reference)
    with database().reading() as session:
        row = referrals.by_reference(session, stored) if stored else None
    if row is None:
        return go_to("/refer", visitor)
    return page(visitor, render("refer_thanks.html", reference=shown(row.reference)))

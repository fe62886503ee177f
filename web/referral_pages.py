"""Putting somebody forward without the chat: for oneself, for somebody one knows, or by organisations for those they support."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeVar

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from desk import referrals
from desk.at_hand import database
from desk.database import DatabaseBusyError
from desk.postcodes import postcode_in
from desk.references import shown
from desk.referrals import HOME, KINDS, LONGEST, Referral
from desk.tasks.case_questions import KIND_WORDS, WHY_WORDS
from desk.transactions import in_a_transaction
from kb.wording import say
from web.case_pages import ReadCase, check_texts, form_page, libraries, refusals, stored_or_shown, thanked
from web.party_form import ContactForm, email_of, phone_of
from web.templating import render
from web.visitors import CurrentVisitor, go_to, page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
T = TypeVar("T")

_TEMPLATE = "refer.html"
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


def read_referral(form: ReferForm) -> ReadCase[Referral]:
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
    return ReadCase(referral, {field: problems[field] for field in FIELDS if field in problems}, suggestion)


def store(verb: Callable[[Session], T]) -> T | None:
    """Do a verb in a transaction; None where the database was busy all the time. Nothing is stored then."""
    try:
        return in_a_transaction(database(), verb)
    except DatabaseBusyError:
        return None


def choices() -> dict[str, list[tuple[str, str]]]:
    """Return what a form offers to choose from, in words."""
    return {
        "whom": [(ME, say("refer_page.who_me")), (OTHER, say("refer_page.who_other")), (PROFESSIONAL, say("refer_page.who_professional"))],
        "kinds": [(kind, say(key)) for kind, key in KIND_WORDS.items()],
        "reasons": [(why, say(key)) for why, key in WHY_WORDS.items()],
    }


@router.get("/refer")
def refer_page(visitor: CurrentVisitor, kind: str = "", whom: str = "") -> Response:
    return form_page(_TEMPLATE, visitor, ReferForm(form_id=secrets.token_urlsafe(12), kind=kind, whom=whom), choices())


@router.post("/refer")
def refer(visitor: CurrentVisitor, form: Annotated[ReferForm, Form()]) -> Response:
    show = partial(form_page, _TEMPLATE, visitor, form, choices())
    if not visitor.owns(form):
        return show(403, {"page": say("booking_page.form_old")})
    read = read_referral(form)
    verb = partial(referrals.refer, wanted=read.wanted, request_id=visitor.request_id(f"refer {form.form_id}"), source="page")
    row = stored_or_shown(read, partial(store, verb), refusals(), show)
    return row if isinstance(row, Response) else go_to(f"/refer/thanks?reference={shown(row.reference)}", visitor)


@router.get("/refer/thanks")
def thanks(visitor: CurrentVisitor, reference: str = "") -> Response:
    """Say thank you with the reference."""
    row = thanked(reference, referrals.by_reference)
    return page(visitor, render("refer_thanks.html", reference=shown(row.reference))) if row else go_to("/refer", visitor)

"""What the forms of referrals and of volunteers share: a form shown, read, stored or shown again with the reasons, and the thanks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.orm import Session
from starlette.responses import Response

from desk.at_hand import database, front_desk
from desk.cases import Row
from desk.people import PartyError
from desk.privacy import mask
from desk.references import read_reference
from desk.referrals import Referral, ReferralError
from desk.service import service
from desk.settings import settings
from desk.volunteers import Volunteer, VolunteerError
from kb.wording import say
from web.party_form import ContactForm
from web.templating import render
from web.visitors import Visitor, page

Wanted = TypeVar("Wanted", Referral, Volunteer)
ShowAgain = Callable[[int, dict[str, str], str], Response]  # with a status, the problems, and the email address that was perhaps meant


@dataclass(frozen=True)
class ReadCase(Generic[Wanted]):
    """What a form asks for or offers, and by field what keeps it from being taken. `email_suggestion` was perhaps meant."""

    wanted: Wanted
    problems: dict[str, str]
    email_suggestion: str = ""


@dataclass(frozen=True)
class Refusals:
    """The words of a form that is shown again though each of its fields is right."""

    unfit: str
    busy: str


def refusals() -> Refusals:
    """Return the words for a visitor."""
    phone = service().phone
    return Refusals(say("booking_page.cannot_people", phone=phone), say("booking_page.cannot_busy", phone=phone))


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


def _keeping() -> str:
    """Return the line on what is kept, for how long and whom to ask."""
    return say("refer_page.keeping", days=settings().keep_bookings_days, contact=service().privacy_contact)


def form_page(
    template: str,
    visitor: Visitor,
    form: ContactForm,
    choices: dict[str, list[tuple[str, str]]],
    status: int = 200,
    problems: dict[str, str] | None = None,
    suggestion: str = "",
) -> Response:
    """Return the page of a form; `choices` are what it offers to choose from, in words."""
    html = render(
        template,
        form=form,
        problems=problems or {},
        suggestion=suggestion,
        token=visitor.form_token,
        keeping=_keeping(),
        libraries=libraries(),
        **choices,
    )
    return page(visitor, html, status)


def stored_or_shown(read: ReadCase[Wanted], store: Callable[[], Row | None], words: Refusals, show: ShowAgain) -> Row | Response:
    """Store what a form holds. What cannot be taken is shown again with the reasons, so that no word is lost.

    `store` returns None where the database was busy all the time.
    """
    if read.problems:
        return show(422, read.problems, read.email_suggestion)
    try:
        row = store()
    except (PartyError, ReferralError, VolunteerError):
        return show(422, {"page": words.unfit}, "")
    return show(503, {"page": words.busy}, "") if row is None else row


def thanked(reference: str, by_reference: Callable[[Session, str], Row | None]) -> Row | None:
    """Return the case that there is for a typed reference: nobody is told by a link that something was taken."""
    stored = read_reference(reference)
    with database().reading() as session:
        return by_reference(session, stored) if stored else None

"""The form of who comes and whom to tell: what was typed, read kindly, with each problem beside its field."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from desk.contacts import ContactProblem, Email, Phone, read_email, read_phone
from desk.people import (
    AdultNeededError,
    ConsentNeededError,
    NameNeededError,
    Party,
    PartyError,
    TooLongError,
    WrongAgeError,
    check_party,
)
from desk.privacy import mask
from desk.tables import BookingRow, SessionRow
from desk.tasks.descriptions import shown_phone
from kb.wording import say
from web.visitors import GuardedForm

FIELDS = ("name", "age", "phone", "email", "contact_name", "relation", "agreed", "needs")  # in the order of the page
_FIELD_OF = {"attendee_name": "name"}
_STAND_IN = "07700 900000"  # while the other fields are checked: this one has its own problem


class ContactForm(GuardedForm):
    """What was typed, exactly. `email_meant` answers for the address `email_asked` whether a slip in it was meant ("typed", "suggested")."""

    name: str = ""
    phone: str = ""
    email: str = ""
    email_asked: str = ""
    email_meant: str = ""


class PartyForm(ContactForm):
    """Who comes to a session, and whom to tell."""

    age: str = ""
    contact_name: str = ""
    relation: str = ""
    agreed: str = ""
    needs: str = ""
    join: str = ""  # the button: "waiting" for the waiting list


@dataclass(frozen=True)
class ReadParty:
    """The party that a form holds, and by field what keeps it from being booked. `email_suggestion` was perhaps meant."""

    party: Party
    problems: dict[str, str]
    email_suggestion: str = ""


def read_party(form: PartyForm, row: SessionRow) -> ReadParty:
    """Read a form for a session of certain ages."""
    problems: dict[str, str] = {}
    phone = phone_of(form.phone, problems)
    email, suggestion = email_of(form, problems)
    needs = mask(form.needs.strip())
    if needs.found:
        problems["needs"] = say("booking_page.needs_private")
    party = Party(
        attendee_name=form.name.strip(),
        phone=phone,
        email=email,
        age=_age(form.age, problems),
        contact_name=form.contact_name.strip(),
        relation=form.relation.strip(),
        consent=bool(form.agreed),
        needs=needs.text,
    )
    reachable = replace(party, phone=phone or (_STAND_IN if {"phone", "email"} & set(problems) else ""))
    for field, problem in _party_problems(reachable, row):
        problems.setdefault(field, problem)
    return ReadParty(party, {field: problems[field] for field in FIELDS if field in problems}, suggestion)


def form_of(row: BookingRow) -> PartyForm:
    """Return the form as it was filled in for a booking."""
    return PartyForm(
        name=row.attendee_name,
        phone=shown_phone(row.phone) if row.phone else "",
        email=row.email,
        email_asked=row.email,
        email_meant="typed",
        age="" if row.age is None else str(row.age),
        contact_name=row.contact_name,
        relation=row.relation,
        agreed="yes" if row.consent_at else "",
        needs=row.needs,
    )


def in_words(problem: ContactProblem) -> str:
    one = "_one" if problem.digits == 1 else ""
    return say(f"tasks.wrong_{problem.wrong}{one}", given=problem.given, digits=problem.digits)


def phone_of(typed: str, problems: dict[str, str]) -> str:
    """Return the number as it is stored, empty where none was typed; what is wrong with it is put among the problems."""
    if not typed.strip():
        return ""
    read = read_phone(typed)
    if isinstance(read, Phone):
        return read.number
    problems["phone"] = in_words(read)
    return ""


def email_of(form: ContactForm, problems: dict[str, str]) -> tuple[str, str]:
    """Return the address and, where it is asked about, what was perhaps meant."""
    if not form.email.strip():
        return "", ""
    read = read_email(form.email)
    if not isinstance(read, Email):
        problems["email"] = in_words(read)
        return "", ""
    meant = form.email_meant if form.email_asked == form.email else ""
    if read.suggestion is None or meant == "typed":
        return read.address, ""
    if meant == "suggested":
        return read.suggestion, ""
    problems["email"] = say("booking_page.email_meant", given=read.address, email=read.suggestion)
    return "", read.suggestion


def _age(typed: str, problems: dict[str, str]) -> int | None:
    plain = typed.strip()
    if plain.isascii() and plain.isdecimal() and len(plain) <= 3 and int(plain) <= 120:
        return int(plain)
    if plain:
        problems["age"] = say("booking_page.age_not_a_number")
    return None


def _party_problems(party: Party, row: SessionRow) -> Iterator[tuple[str, str]]:
    """Yield everything that is missing, each by its field: what is found is mended and the rest is checked again."""
    for _ in FIELDS:
        try:
            check_party(party, row.age_from, row.age_to)
        except PartyError as error:
            field, problem, mended = _problem(error, party, row)
            party = replace(party, **mended)
            yield field, problem
        else:
            return


def _problem(error: PartyError, party: Party, row: SessionRow) -> tuple[str, str, dict[str, Any]]:
    match error:
        case NameNeededError():
            return "name", say("booking_page.name_needed"), {"attendee_name": "…"}
        case TooLongError():
            problem = say("booking_page.too_long", longest=error.longest)
            return _FIELD_OF.get(error.field, error.field), problem, {error.field: getattr(party, error.field)[: error.longest]}
        case WrongAgeError():
            return "age", say("booking_page.wrong_age", ages=ages_in_words(row)), {"age": row.age_from or row.age_to}
        case AdultNeededError() if not party.contact_name:
            return "contact_name", say("booking_page.adult_needed"), {"contact_name": "…"}
        case AdultNeededError():
            return "phone", say("booking_page.adult_contact_needed"), {"phone": _STAND_IN}
        case ConsentNeededError():
            return "agreed", say("booking_page.agreement_needed"), {"consent": True}
    raise error


def ages_in_words(row: SessionRow) -> str:
    """Return "ages 8 to 14", "age 16 and over", or nothing where the session is for any age."""
    if row.age_from is not None and row.age_to is not None:
        return say("sessions_page.ages", age_from=row.age_from, age_to=row.age_to)
    if row.age_from is not None:
        return say("sessions_page.ages_from", age_from=row.age_from)
    return "" if row.age_to is None else say("sessions_page.ages_to", age_to=row.age_to)

"""Volunteers: people who offer to help, with what, when and where."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import audit, cases
from desk.cases import check_person, day_and_time, phone_as_written, spreadsheet, storable, take_in
from desk.clock import now
from desk.references import new_reference, shown
from desk.staff_tables import VolunteerRow

INTERESTS = ("one-to-one", "tea-and-tech", "coding-club", "phone-help", "home-visits", "other")
STATES = cases.states(VolunteerRow)
YOUNGEST = 16  # years: the minimum age is the library's own to set, so whoever is younger talks to staff

# Characters; the columns have these lengths, except `times` and `about`, which have none.
LONGEST = {"name": 200, "phone": 20, "email": 254, "times": 500, "about": 2000}


class VolunteerError(ValueError):
    """What somebody wants to help with is missing, or none that we know."""


@dataclass(frozen=True)
class Volunteer:
    """What is offered. `phone` is E.164, `email` an address as desk.contacts reads them, `libraries` are slugs (none: any library)."""

    name: str
    interests: tuple[str, ...]
    consent: bool
    times: str = ""
    libraries: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    about: str = ""
    language: str = "en"


def register(
    session: Session,
    offer: Volunteer,
    *,
    request_id: str,
    source: str,
    conversation_id: str | None = None,
    who: str = audit.RESIDENT,
) -> VolunteerRow:
    """Take an offer to volunteer in. The same request again returns the same one.

    Raises VolunteerError or a PartyError (a name or consent is missing; something is too long).
    """
    if not offer.interests or set(offer.interests) - set(INTERESTS):
        raise VolunteerError
    check_person(offer.name, offer.consent, ((field, getattr(offer, field), longest) for field, longest in LONGEST.items()))
    row = VolunteerRow(
        reference=new_reference(),
        request_id=request_id,
        interests=[interest for interest in INTERESTS if interest in offer.interests],
        libraries=list(dict.fromkeys(offer.libraries)),
        language=offer.language,
        state="new",
        source=source,
        consent_at=now(),
        created_at=now(),
        conversation_id=conversation_id,
        **{field: storable(getattr(offer, field)) for field in LONGEST},
    )
    return take_in(session, row, "register", who)


def find(session: Session, *, state: str = "", interest: str = "", library: str = "") -> list[VolunteerRow]:
    """Return the volunteers that are so, the oldest first; what is empty does not matter. The state "open" is any but those that end it.

    Who named no library would help in any.
    """
    query = cases.in_state(select(VolunteerRow), VolunteerRow, state)
    rows = session.scalars(query.order_by(VolunteerRow.created_at, VolunteerRow.id))
    return [row for row in rows if (not interest or interest in row.interests) and (not library or not row.libraries or library in row.libraries)]


def of_conversation(session: Session, conversation_id: str) -> list[VolunteerRow]:
    return list(session.scalars(select(VolunteerRow).filter_by(conversation_id=conversation_id).order_by(VolunteerRow.id)))


def by_reference(session: Session, reference: str) -> VolunteerRow | None:
    """Return the volunteer whom a reference, as stored, belongs to."""
    return session.scalar(select(VolunteerRow).filter_by(reference=reference))


_COLUMNS = "Reference,Received,State,Name,Phone,Email,Would help with,Times,Libraries,About,Agreed,Language,Came by".split(",")


def to_csv(rows: Iterable[VolunteerRow]) -> str:
    """Return volunteers as a spreadsheet reads them; times are London's."""
    return spreadsheet(_COLUMNS, map(_line, rows))


def _line(row: VolunteerRow) -> tuple[str, ...]:
    return (
        shown(row.reference),
        day_and_time(row.created_at),
        row.state,
        row.name,
        phone_as_written(row.phone),
        row.email,
        "; ".join(row.interests),
        row.times,
        "; ".join(row.libraries),
        row.about,
        day_and_time(row.consent_at) if row.consent_at else "",
        row.language,
        row.source,
    )

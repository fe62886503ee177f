"""Referrals: help asked for oneself or for somebody else, taken in by the chat, by the page or by staff."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import audit, cases
from desk.cases import check_person, day_and_time, phone_as_written, spreadsheet, storable, take_in
from desk.clock import now
from desk.references import new_reference, shown
from desk.staff_tables import ReferralRow

HOME = "home-library-service"
KINDS = ("device", "data", "skills", HOME)
STATES = cases.states(ReferralRow)
ELIGIBILITY = ("housebound", "carer", "temporary", "other")  # of library visits at home; of anything else staff decide

# Characters; the columns have these lengths, except `about` and `needs`, which have none.
LONGEST = {
    "name": 200,
    "phone": 20,
    "email": 254,
    "contact_name": 200,
    "relation": 60,
    "organisation": 120,
    "postcode": 10,
    "about": 2000,
    "needs": 1000,
}


class ReferralError(ValueError):
    """The kind of help, or why somebody may have library visits, is none that we know."""


@dataclass(frozen=True)
class Referral:
    """What is asked for. `name` is who is to be helped; `contact_name` asks for them where it is `for_other`, and has their consent.

    `phone` is E.164, `email` an address as desk.contacts reads them, `library` a slug; all may be empty.
    """

    kind: str
    name: str
    consent: bool
    for_other: bool = False
    contact_name: str = ""
    relation: str = ""
    organisation: str = ""
    phone: str = ""
    email: str = ""
    eligibility: str = ""
    about: str = ""
    needs: str = ""
    library: str = ""
    postcode: str = ""
    language: str = "en"


def refer(
    session: Session,
    wanted: Referral,
    *,
    request_id: str,
    source: str,
    conversation_id: str | None = None,
    who: str = audit.RESIDENT,
) -> ReferralRow:
    """Take a referral in. The same request again returns the same referral.

    Raises ReferralError or a PartyError (a name, consent or, for another, the name of who asks is missing; something is too long).
    """
    if wanted.kind not in KINDS or (wanted.eligibility and wanted.eligibility not in ELIGIBILITY):
        raise ReferralError
    check_person(wanted.name, wanted.consent, ((field, getattr(wanted, field), longest) for field, longest in LONGEST.items()))
    if wanted.for_other and who == audit.RESIDENT:
        check_person(wanted.contact_name, True, ())
    row = ReferralRow(
        reference=new_reference(),
        request_id=request_id,
        kind=wanted.kind,
        for_other=wanted.for_other,
        eligibility=wanted.eligibility if wanted.kind == HOME else "",
        library=wanted.library,
        language=wanted.language,
        state="new",
        source=source,
        consent_at=now(),
        created_at=now(),
        conversation_id=conversation_id,
        **{field: storable(getattr(wanted, field)) for field in LONGEST},
    )
    return take_in(session, row, "refer", who)


def find(session: Session, *, state: str = "", kind: str = "", library: str = "") -> list[ReferralRow]:
    """Return the referrals that are so, the oldest first; what is empty does not matter. The state "open" is any but those that end one."""
    wanted = {key: value for key, value in {"kind": kind, "library": library}.items() if value}
    query = cases.in_state(select(ReferralRow).filter_by(**wanted), ReferralRow, state)
    return list(session.scalars(query.order_by(ReferralRow.created_at, ReferralRow.id)))


def of_conversation(session: Session, conversation_id: str) -> list[ReferralRow]:
    return list(session.scalars(select(ReferralRow).filter_by(conversation_id=conversation_id).order_by(ReferralRow.id)))


def by_reference(session: Session, reference: str) -> ReferralRow | None:
    """Return the referral that a reference, as stored, belongs to."""
    return session.scalar(select(ReferralRow).filter_by(reference=reference))


_COLUMNS = (
    "Reference,Received,State,Help,Name,Phone,Email,Asked for by,Relation,Organisation,"
    "Agreed,Reason for visits,About,Needs,Library,Postcode,Language,Came by"
).split(",")


def to_csv(rows: Iterable[ReferralRow]) -> str:
    """Return referrals as a spreadsheet reads them; times are London's."""
    return spreadsheet(_COLUMNS, map(_line, rows))


def _line(row: ReferralRow) -> tuple[str, ...]:
    return (
        shown(row.reference),
        day_and_time(row.created_at),
        row.state,
        row.kind,
        row.name,
        phone_as_written(row.phone),
        row.email,
        row.contact_name,
        row.relation,
        row.organisation,
        day_and_time(row.consent_at) if row.consent_at else "",
        row.eligibility,
        row.about,
        row.needs,
        row.library,
        row.postcode,
        row.language,
        row.source,
    )

"""What the staff pages of referrals and of volunteers share: a case brought into another state, its steps by name, CSV files, 404s."""

from typing import TypeVar

from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import audit, cases, handovers
from desk.at_hand import database, front_desk
from desk.cases import CaseRow, MovedMeanwhileError, StepNotAllowedError, UnknownCaseError
from desk.database import DatabaseBusyError
from desk.people import TooLongError
from desk.references import shown
from desk.settings import settings
from desk.staff_tables import ReferralRow, StaffRow, StepRow, VolunteerRow
from desk.tables import ConversationRow
from desk.transactions import in_a_transaction
from web.errors import RefusedError
from web.party_form import ContactForm
from web.staff.guard import SignedIn
from web.templating import render

Row = TypeVar("Row", ReferralRow, VolunteerRow)
_LARGEST_ID = 2**31


class MoveForm(BaseModel):
    """`seen` is the state that the page showed."""

    state: str = ""
    seen: str = ""
    note: str = ""


def move(table: type[Row], case_id: int, form: MoveForm, signed_in: SignedIn) -> tuple[int, dict[str, str]]:
    """Bring a case into another state. Returns the status and the problem of the page that says why not; no problem where it was done."""

    def verb(session: Session) -> None:
        cases.move(session, _known(session, table, case_id), form.state, signed_in.who, form.note.strip(), seen=form.seen)

    try:
        in_a_transaction(database(), verb)
    except MovedMeanwhileError:
        return 409, {"page": "Somebody else has moved it in the meantime, so nothing was changed. This is how it is now."}
    except StepNotAllowedError:
        return 422, {"state": "Choose what happens next."}
    except TooLongError as error:
        return 422, {"note": f"Please use at most {error.longest} letters."}
    except DatabaseBusyError:
        return 503, {"page": "The desk is very busy, so nothing was changed. Please try again in a moment."}
    return 200, {}


def look_at(table: type[Row], case_id: int, signed_in: SignedIn) -> tuple[Row, list[tuple[StepRow, str]]]:
    """Return a case and its steps, each with the name of who took it; that somebody looked is noted in the audit."""
    with database().writing() as session:
        row = _known(session, table, case_id)
        audit.note_look(session, signed_in.who, row)
        steps = cases.steps(session, row)
        names = {f"staff:{person.id}": person.name for person in session.scalars(select(StaffRow))}
    return row, [(step, names.get(step.who, step.who)) for step in steps]


def _known(session: Session, table: type[Row], case_id: int) -> Row:
    try:
        if case_id >= _LARGEST_ID:
            raise UnknownCaseError(case_id)
        return cases.one_case(session, table, case_id)
    except UnknownCaseError:
        raise RefusedError(404, "not_found", "error_not_found") from None


def conversation_of(session: Session, conversation_id: str) -> ConversationRow | None:
    return session.get(ConversationRow, conversation_id[:32]) if conversation_id else None


def fill_in(form: ContactForm, conversation_id: str) -> str:
    """Fill in what the hand-over of a chat says of the person. Returns the id of the chat, empty where there is none."""
    with database().reading() as session:
        if conversation_of(session, conversation_id) is None:
            return ""
        handover = handovers.open_handover(session, conversation_id)
        if handover is not None:
            form.name, form.phone, form.email = handover.name, cases.phone_as_written(handover.phone), handover.email
    return conversation_id


def note_export(session: Session, signed_in: SignedIn, rows: list[Row]) -> None:
    """Write into the audit whose details were taken out of the desk in a file."""
    for row in rows:
        audit.note(session, signed_in.who, "exported", row, {}, {})


def csv_file(name: str, content: str) -> Response:
    """Return a spreadsheet to save; the mark before it tells Excel that it is UTF-8."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + content, media_type="text/csv; charset=utf-8", headers=headers)


def shown_page(template: str, signed_in: SignedIn, status: int = 200, **values: object) -> Response:
    """Return a page of referrals or volunteers, with the words that their templates share."""
    names = {library.slug: library.name for library in front_desk().libraries}
    words: dict[str, object] = {
        "library_name": lambda slug: names.get(slug, slug),
        "libraries": list(names.items()),
        "reference_of": shown,
        "phone_as_written": cases.phone_as_written,
        "keep_days": settings().keep_bookings_days,
        "problems": {},
        "done": "",
    }
    return HTMLResponse(render(f"staff/{template}", signed_in=signed_in, **(words | values)), status)


def states_to_choose(table: type[CaseRow], counts: list[cases.Count]) -> list[tuple[str, str]]:
    """Return the states to filter a list by, each with how many there are."""
    still_open = sum(count.cases for count in counts if count.state not in cases.ENDED[table])
    return [(cases.OPEN, f"Still open ({still_open})"), *((count.state, f"{count.state.capitalize()} ({count.cases})") for count in counts)]

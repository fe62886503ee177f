"""Searching the transcripts."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from desk import audit
from desk.at_hand import database
from desk.staff_tables import StaffRow
from desk.transcript_search import MOST_FOUND, Found, search_transcripts, words_of
from web.staff.guard import CurrentStaff
from web.templating import render

router = APIRouter(prefix="/staff", include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/search")
def search(signed_in: CurrentStaff, q: Annotated[str, Query()] = "") -> str:
    """Show the conversations in which something was said. That somebody searched goes into the audit; what for may be a name, and does not."""
    found: list[Found] = []
    if words_of(q):
        with database().writing() as session:
            found = search_transcripts(session, q)
            audit.note(session, signed_in.who, "searched", session.get_one(StaffRow, signed_in.id), {}, {"found": len(found)})
    return render("staff/search.html", signed_in=signed_in, q=q[:200], asked=bool(q.strip()), found=found, most=MOST_FOUND)

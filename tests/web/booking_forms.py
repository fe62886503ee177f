"""Forms filled in as a browser without JavaScript does, and what is in the database after."""

import html
import re
from typing import Any

from httpx import Response
from starlette.testclient import TestClient

from desk import at_hand
from desk.database import Database
from desk.tables import Base
from web.visitors import Visitor

MARY = {"name": "Mary O'Brien-Khan", "phone": "07700 900123"}


def database() -> Database:
    return at_hand.database()


def empty_the_timetable() -> None:
    """Leave the libraries alone, and nothing else."""
    with database().writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name != "libraries":
                session.execute(table.delete())


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the forms of a page."""
    return {name: html.unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)}


def send(visitor: TestClient, at: str, to: str, /, **typed: str) -> Response:
    """Open a page, fill in its form and send it; where it leads is not followed."""
    data: dict[str, Any] = hidden(visitor.get(at).text) | typed
    return visitor.post(to, data=data, follow_redirects=False)


def press(visitor: TestClient, address: str, /, **typed: str) -> Response:
    """Send a form without looking at its page again."""
    token = Visitor(visitor.cookies["desk_visitor"], False).form_token
    return visitor.post(address, data={"token": token, **typed}, follow_redirects=False)


def book(visitor: TestClient, session_id: int, **typed: str) -> Response:
    return send(visitor, f"/sessions/{session_id}", f"/sessions/{session_id}/book", **(typed or MARY))


def look_up(visitor: TestClient, reference: str, who: str) -> Response:
    return send(visitor, "/booking", "/booking", reference=reference, who=who)


def words(page: str) -> str:
    """Return what a page says, without its markup."""
    return " ".join(html.unescape(re.sub(r"<script.*?</script>|<[^>]*>", " ", page, flags=re.DOTALL)).split())


def reference_on(page: str) -> str:
    found = re.search(r"Booking reference (\w{4}-\w{4})", words(page))
    assert found, words(page)
    return found[1]

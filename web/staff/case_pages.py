"""The staff pages of one kind of case, referrals or volunteers: the list, one with its steps, one made for a resident, and all as a spreadsheet."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic

from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from desk import cases
from desk.at_hand import database
from desk.attendance import staff_request
from desk.cases import Row
from web.case_pages import ReadCase, Refusals, Wanted, stored_or_shown
from web.party_form import ContactForm
from web.referral_pages import store
from web.staff.case_views import (
    MoveForm,
    conversation_of,
    csv_file,
    fill_in,
    look_at,
    move,
    note_export,
    shown_page,
    states_to_choose,
)
from web.staff.guard import SignedIn

_REFUSALS = Refusals(
    unfit="Something about the person is missing or too long. Nothing was stored.",
    busy="The desk is very busy, so nothing was stored. Please try again in a moment.",
)


class StaffCaseForm(ContactForm):
    """`conversation` is the chat in which somebody asked for it or offered it, if there was one."""

    conversation: str = ""


@dataclass(frozen=True)
class CasePages(Generic[Row, Wanted]):
    """The pages of one kind of case, by what is its own.

    `one` and `all` name its templates, `all` its address and its spreadsheet too. `choices` are what its form and its list offer, `facts` what the
    page of one case tells in words. `made` is said once a case is made.
    """

    table: type[Row]
    states: tuple[str, ...]
    one: str
    all: str
    made: str
    find: Callable[..., list[Row]]
    to_csv: Callable[[list[Row]], str]
    take: Callable[..., Row]
    choices: Callable[[], dict[str, list[tuple[str, str]]]]
    facts: Callable[[Row], dict[str, object]]

    def list_page(self, signed_in: SignedIn, state: str, library: str, own: dict[str, str], **words: object) -> Response:
        """List cases, the oldest first; `own` is what else they are filtered by.

        No name is in the list, so that looking at it is no look-up of a person.
        """
        chosen = {"state": state if state in (*self.states, cases.OPEN) else "", **own, "library": library[:80]}
        with database().reading() as session:
            rows = self.find(session, **chosen)
            counts = cases.count_by_state(session, self.table)
        words |= {"rows": rows, "chosen": chosen, "states": states_to_choose(self.table, counts), **self.choices()}
        return shown_page(f"{self.all}.html", signed_in, 200, **words)

    def spreadsheet(self, signed_in: SignedIn, **chosen: str) -> Response:
        """Give the cases as a spreadsheet; whose details go out is noted."""
        with database().writing() as session:
            rows = self.find(session, **chosen)
            note_export(session, signed_in, rows)
        return csv_file(f"{self.all}.csv", self.to_csv(rows))

    def empty_form(self, signed_in: SignedIn, form: StaffCaseForm, conversation: str) -> Response:
        form.form_id = secrets.token_urlsafe(12)
        form.conversation = fill_in(form, conversation)
        return self._form_page(signed_in, form)

    def _form_page(
        self, signed_in: SignedIn, form: StaffCaseForm, status: int = 200, problems: dict[str, str] | None = None, suggestion: str = ""
    ) -> Response:
        return shown_page(f"{self.one}_new.html", signed_in, status, form=form, problems=problems or {}, suggestion=suggestion, **self.choices())

    def make(self, signed_in: SignedIn, form: StaffCaseForm, read: ReadCase[Wanted]) -> Response:
        """Make a case for somebody who is on the telephone, at the desk or in a chat."""
        request_id = staff_request(form.form_id or secrets.token_urlsafe(12))

        def verb(session: Session) -> Row:
            chat = conversation_of(session, form.conversation)
            theirs = replace(read.wanted, language=chat.language) if chat else read.wanted
            return self.take(session, theirs, request_id=request_id, source="staff", conversation_id=chat.id if chat else None, who=signed_in.who)

        row = stored_or_shown(read, partial(store, verb), _REFUSALS, partial(self._form_page, signed_in, form))
        return row if isinstance(row, Response) else self._go_to(row.id, "made")

    def case_page(self, signed_in: SignedIn, case_id: int, done: str) -> Response:
        return self._case_page(signed_in, case_id, done={"made": self.made, "moved": "It is moved."}.get(done, ""))

    def _case_page(
        self, signed_in: SignedIn, case_id: int, status: int = 200, problems: dict[str, str] | None = None, done: str = "", note: str = ""
    ) -> Response:
        row, steps = look_at(self.table, case_id, signed_in)
        return shown_page(
            f"{self.one}.html",
            signed_in,
            status,
            row=row,
            steps=steps,
            next_states=cases.next_states(row),
            problems=problems or {},
            done=done,
            note=note,
            **self.facts(row),
        )

    def move(self, signed_in: SignedIn, case_id: int, form: MoveForm) -> Response:
        status, problems = move(self.table, case_id, form, signed_in)
        return self._case_page(signed_in, case_id, status, problems, note=form.note) if problems else self._go_to(case_id, "moved")

    def _go_to(self, case_id: int, done: str) -> Response:
        return RedirectResponse(f"/staff/{self.all}/{case_id}?done={done}", 303)

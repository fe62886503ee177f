"""Insight: a month in figures, as managers see it and take it away."""

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from desk import at_hand, attendance, clock, conversations, referrals
from desk.referrals import Referral
from desk.replies import Reply
from desk.staff_tables import UnansweredRow
from desk.tables import AuditRow
from tests.desk.timetable import a_session
from tests.web.staff.conftest import SignedInAs, person, words
from tests.web.staff.residents import a_resident

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def _a_month(desk_client: TestClient) -> None:
    """A November of questions on four topics, a full session, two referrals and a question nobody could answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "_offset_seconds", lambda: 0.0)
        patch.setattr(clock, "time", SimpleNamespace(time=datetime.fromisoformat("2026-11-25T10:00+00:00").timestamp))
        for label, times in (("wifi-connect", 12), ("nhs-app", 9), ("ebooks", 6), ("scams", 3)):
            for _ in range(times):
                asks(label)
        for n in range(5):
            nobody_answers(f"Do you lend {HOSTILE}?", n)
        one = a_session(at_hand.database(), "2026-11-25T10:00", 20)
        with at_hand.database().writing() as session:
            for n in range(7):
                attendance.walk_in(session, one, "", request_id=f"w{n}", who="staff:1")
            for n in range(2):
                referrals.refer(session, Referral("device", "Sam", True), request_id=f"r{n}", source="page")


def asks(label: str) -> None:
    message = a_resident().say(f"about {label}")
    with at_hand.database().writing() as session:
        conversations.answer(session, message, [Reply("answer", label, "An answer.")])


def nobody_answers(text: str, seq: int) -> None:
    chat = a_resident().id
    with at_hand.database().writing() as session:
        session.add(UnansweredRow(conversation_id=chat, seq=seq, at=clock.now(), text=text, reason="fell back", state="new"))


@pytest.fixture
def manager(_a_month: None, signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as("manager")


def page_of(manager: TestClient, month: str = "2026-11") -> str:
    answer = manager.get("/staff/insight", params={"month": month})
    assert answer.status_code == 200, answer.text[:500]
    return answer.text


def section(page: str, head: str) -> str:
    """Return what stands under a heading, in words."""
    return words(page.split(f"<h2>{head}</h2>")[1].split("<h2>")[0])


def test_a_month_is_shown_by_topic(manager: TestClient) -> None:
    asked = section(page_of(manager), "What was asked")
    assert re.search(r"In the library: enquiries by topic .* 12 12 0 0 0 0", asked)
    assert re.search(r"Doing things online: enquiries by topic .* 3 3 0 0 0 0", asked)


def test_small_numbers_about_people_are_kept_back_and_that_is_said(manager: TestClient) -> None:
    page = page_of(manager)
    told = section(page, "Referrals")
    assert "fewer than 5" in told
    assert not re.search(r"\b[1-4]\b", told)
    assert "Numbers about people" in words(page)


def test_sessions_have_their_real_numbers(manager: TestClient) -> None:
    told = section(page_of(manager), "Sessions")
    assert "7 – Adults and all ages, attended" in told


def test_what_five_people_asked_is_shown_as_text(manager: TestClient) -> None:
    page = page_of(manager)
    assert HOSTILE not in page
    assert f"do you lend {HOSTILE}? 5" in words(page.replace("&lt;", "‹").replace("&gt;", "›")).replace("‹", "<").replace("›", ">")


def test_every_chart_has_its_words_and_a_table_under_it(manager: TestClient) -> None:
    page = page_of(manager)
    charts = re.findall(r"<svg.*?</svg>\s*(<\w+[^>]*>)", page, re.DOTALL)
    assert len(charts) >= 6
    assert all('class="table-scroll"' in after for after in charts)
    for chart in re.findall(r"<svg[^>]*>", page):
        assert 'role="img"' in chart
        for each in re.search(r'aria-labelledby="([^"]*)"', chart)[1].split():  # type: ignore[index]
            assert page.count(f'id="{each}"') == 1
    tables = page.count("<table")
    assert page.count("<caption>") == tables > len(charts)


def test_nothing_in_the_page_has_a_style_or_script_of_its_own(manager: TestClient) -> None:
    page = page_of(manager)
    assert not re.search(r"<[^>]*\s(?:style|on\w+)=", page)
    assert "<style" not in page


def test_headings_are_in_order(manager: TestClient) -> None:
    levels = [int(level) for level in re.findall(r"<h(\d)", page_of(manager))]
    assert levels[0] == 1
    assert all(following - level <= 1 for level, following in pairwise(levels))


@pytest.mark.usefixtures("_a_month")
def test_the_months_before_and_after_are_a_link_away(signed_in_as: SignedInAs, at: Callable[[str], datetime]) -> None:
    at("2026-12-02T10:00")
    manager = signed_in_as("manager")
    page = page_of(manager)
    assert 'rel="prev" href="/staff/insight?month=2026-10"' in page
    assert 'rel="next" href="/staff/insight?month=2026-12"' in page
    december = page_of(manager, "")
    assert "December 2026, so far" in words(december)
    assert 'rel="next"' not in december


def test_an_empty_month_says_so(manager: TestClient) -> None:
    page = page_of(manager, "2025-02")
    for sentence in ("Nobody has asked anything", "No answer was judged", "There were no sessions", "No referrals", "Nobody offered to volunteer"):
        assert sentence in words(page)
    assert "<svg" not in page


@pytest.mark.parametrize("path", ["/staff/insight", "/staff/insight.csv"])
@pytest.mark.parametrize("month", ["2026-13", "x", "0000-01", "2026-11\x00", HOSTILE])
def test_what_is_no_month_is_told_beside_the_field(manager: TestClient, path: str, month: str) -> None:
    answer = manager.get(path, params={"month": month})
    assert answer.status_code == 422
    assert "Type the month as year-month" in answer.text
    assert HOSTILE not in answer.text


def test_the_spreadsheet_holds_no_small_numbers_and_no_words_of_residents(manager: TestClient) -> None:
    answer = manager.get("/staff/insight.csv?month=2026-11")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="insight-2026-11.csv"'
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["Month", "Part", "Item", "Measure", "Number"]
    assert ["2026-11", "topics", "wifi-connect", "all", "12"] in rows
    assert ["2026-11", "topics", "scams", "all", "fewer than 5"] in rows
    assert not [row for row in rows if row[-1] in ("1", "2", "3", "4")]
    assert "lend" not in answer.text


def test_taking_the_figures_away_is_in_the_audit(manager: TestClient) -> None:
    manager.get("/staff/insight.csv?month=2026-09")
    with at_hand.database().reading() as session:
        row = session.scalars(select(AuditRow).filter_by(subject="insight").order_by(AuditRow.id.desc())).first()
    assert row is not None
    assert (row.who, row.what, row.new) == (f"staff:{person('manager').id}", "exported", {"month": "2026-09"})
    assert "exported: insight" in words(manager.get("/staff/audit").text)


@pytest.mark.parametrize("role", ["volunteer-helper", "staff"])
def test_insight_is_for_managers(signed_in_as: SignedInAs, role: str) -> None:
    for path in ("/staff/insight", "/staff/insight.csv"):
        assert signed_in_as(role).get(path).status_code == 403

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from kb.articles import FOLDER
from kb.checking import check_articles
from kb.labels import load_labels
from kb.localfacts import known_facts
from kb.problems import Problem
from tests.kb.an_article import BODY, write_article

TODAY = date(2026, 11, 25)
HARD = (
    "Notwithstanding considerable administrative complexities, participating organisations systematically demonstrate "
    "accountability by periodically communicating comprehensive documentation regarding infrastructural availability."
)

Check = Callable[..., list[Problem]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Return what is wrong with an article, beside that the other articles are missing."""

    def problems_of(slug: str = "wifi-connect", **changes: Any) -> list[Problem]:
        found = check_articles([write_article(tmp_path, slug, **changes)], known_facts(), TODAY)
        return [problem for problem in found if not problem.what.startswith("no article:")]

    return problems_of


def test_a_good_article_has_no_problem(check: Check):
    assert check() == []


def test_our_own_articles_have_no_problem():
    assert [str(p) for p in check_articles(sorted(FOLDER.glob("*.md")), known_facts(), TODAY) if not p.warning] == []


def test_every_topic_needs_an_article(tmp_path: Path):
    missing = [problem.where for problem in check_articles([write_article(tmp_path)], known_facts(), TODAY)]
    assert sorted(missing) == sorted(set(load_labels().articles) - {"wifi-connect"})


def test_an_article_without_a_topic_is_a_problem(check: Check):
    assert check("wifi-conect") == [Problem("wifi-conect", "no such topic in kb/labels.yml: rename or delete the file")]


def test_a_summary_has_sixty_words_at_most(check: Check):
    assert check(summary="We can help you. " * 15) == []
    assert check(summary="We can help you. " * 15 + "Ask.") == [Problem("wifi-connect", "the summary has 61 words: cut it to 60")]


def test_an_overdue_review_is_a_warning(check: Check):
    [problem] = check(review_by="2026-11-24")
    assert problem.warning
    assert str(problem) == "wifi-connect: warning: its review was due on 2026-11-24: read it again and set a new date"


def test_a_review_due_today_is_not_overdue(check: Check):
    assert check(review_by="2026-11-25") == []


def test_a_missing_review_date_is_a_warning(check: Check):
    assert check(review_by=None) == [Problem("wifi-connect", "no review date: add review_by", warning=True)]


@pytest.mark.parametrize(
    "changes",
    [{"body": BODY + "{{wifi_netwrok}}"}, {"summary": "{{wifi_netwrok}}"}, {"facets": {"cost": "{{wifi_netwrok}}"}}],
    ids=lambda c: next(iter(c)),
)
def test_an_unknown_placeholder_is_a_problem(check: Check, changes: dict[str, Any]):
    assert check(**changes) == [Problem("wifi-connect", "{{wifi_netwrok}} is not among the local_facts of service.yml")]


def test_a_related_topic_must_exist(check: Check):
    assert check(related=["wifi-saftey"]) == [Problem("wifi-connect", "related topic wifi-saftey does not exist")]


def test_an_action_must_exist(check: Check):
    assert check(actions=["dance"]) == [Problem("wifi-connect", "action dance does not exist")]


@pytest.mark.parametrize("address", ["/help/wifi-saftey", "/help/", "scams", "http://www.gov.uk", "www.gov.uk", "/staff", "#top"])
def test_a_dead_link_is_a_problem(check: Check, address: str):
    assert check(body=f"{BODY}\nRead [more]({address}).\n") == [Problem("wifi-connect", f"the link {address} leads nowhere")]


@pytest.mark.parametrize("address", ["/help/scams", "/help/scams#who-to-ask", "https://www.gov.uk", "tel:999", "mailto:x@library.example"])
def test_a_link_that_leads_somewhere_is_none(check: Check, address: str):
    assert check(body=f"{BODY}\nRead [more]({address}).\n") == []


@pytest.mark.parametrize("address", ["/chat", "/libraries", "/sessions", "/booking"])
def test_a_link_to_a_page_of_the_desk_is_good_if_there_is_such_a_page(check: Check, address: str):
    from web.pages import router

    there = any(isinstance(route, APIRoute) and route.path == address for route in router.routes)
    assert (check(body=f"{BODY}\nGo to [that page]({address}).\n") == []) is there


@pytest.mark.parametrize("body", ["## What to do\n\nAsk staff.\n", "## Steps\n\n1. Ask staff.\n", "Ask staff.\n"])
def test_an_article_without_steps_is_a_problem(check: Check, body: str):
    assert check(body=body) == [Problem("wifi-connect", 'it must begin with numbered steps under "## What to do"')]


@pytest.mark.parametrize("changes", [{"body": f"{BODY}\n{HARD}\n" * 3}, {"summary": HARD}, {"facets": {"how": HARD}}], ids=lambda c: next(iter(c)))
def test_hard_words_are_a_problem(check: Check, changes: dict[str, Any]):
    [problem] = check(**changes)
    assert problem.what.startswith(f"{next(iter(changes))}: the reading age is ")
    assert problem.what.endswith("Use shorter words and sentences (11 at most)")


def test_a_long_address_does_not_make_an_article_hard(check: Check):
    address = "https://www.gov.uk/government/publications/infrastructural-availability-documentation"
    assert check(body=f"{BODY}\nGo to [GOV.UK]({address}), or type {address} yourself.\n") == []


@pytest.mark.parametrize("front", [{"title": None}, {"review_by": "soon"}, {"colour": "blue"}], ids=str)
def test_front_matter_that_cannot_be_read_is_a_problem(check: Check, front: dict[str, Any]):
    [problem] = check(**front)
    assert problem.what.startswith("the front matter cannot be read: ")
    assert next(iter(front)) in problem.what


def test_front_matter_that_is_no_yaml_is_a_problem_and_the_others_are_still_checked(tmp_path: Path):
    broken = tmp_path / "scams.md"
    broken.write_text("---\ntitle: How to: spot a scam\n---\n", "utf-8")
    problems = list(check_articles([broken, write_article(tmp_path, actions=["dance"])], known_facts(), TODAY))
    assert problems[0].where == "scams"
    assert problems[0].what.startswith("the front matter cannot be read: ")
    assert problems[1] == Problem("wifi-connect", "action dance does not exist")

"""The pages that residents read: home, answers, libraries."""

import re

import pytest
from starlette.testclient import TestClient

from kb.articles import load_articles
from kb.labels import load_labels

SLUGS = load_labels().articles
PAGES = ["/", "/chat", "/help", "/libraries", "/help/scams", "/nothing-here"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_language_one_heading_a_title_and_a_person_to_ring(visitor: TestClient, path: str) -> None:
    page = visitor.get(path).text
    assert '<html lang="en-GB">' in page
    assert len(re.findall(r"<h1\b", page)) == 1
    assert re.search(r"<title>\S.*</title>", page)
    assert "Ring 020 7641 6200" in page
    assert 'href="#main"' in page
    assert 'id="main"' in page


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_made_of_the_desks_own_files_and_runs_nothing_inline(visitor: TestClient, path: str) -> None:
    page = visitor.get(path).text
    loaded = re.findall(r'<(?:script|img|iframe|source)\b[^>]*\bsrc="([^"]*)"|<link\b[^>]*\bhref="([^"]*)"', page)
    addresses = [script or link for script, link in loaded]
    assert addresses
    assert all(address.startswith("/static/") for address in addresses)
    assert all(visitor.get(address).status_code == 200 for address in addresses)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style\b|\bstyle=|\bon\w+=", page)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_topic_has_its_page_with_steps_sources_and_the_day_they_were_checked(visitor: TestClient, slug: str) -> None:
    article = load_articles()[slug]
    response = visitor.get(f"/help/{slug}")
    assert response.status_code == 200
    assert "What to do" in response.text
    assert all(f'href="{source.url}"' in response.text.replace("&amp;", "&") for source in article.front.sources)
    assert "Last checked" in response.text
    assert "{{" not in response.text, "a local fact was not filled in"


def test_the_list_of_answers_leads_to_every_topic(visitor: TestClient) -> None:
    assert set(re.findall(r'href="/help/([\w-]+)"', visitor.get("/help").text)) == set(SLUGS)


def test_links_between_articles_lead_somewhere(visitor: TestClient) -> None:
    linked = {slug for page in SLUGS for slug in re.findall(r'href="/help/([\w-]+)"', visitor.get(f"/help/{page}").text)}
    assert linked <= set(SLUGS)


def test_the_libraries_page_shows_todays_hours_and_says_that_they_are_a_sample(visitor: TestClient) -> None:
    page = visitor.get("/libraries").text
    assert "Open today, Wednesday 25 November" in page
    [row] = [row for row in page.split("<tr>") if "Chelsea Library" in row and "North" not in row]
    assert "9:30am to 5pm" in row
    assert "020 7361 3610" in row
    assert "sample data" in page
    assert page.count('<th scope="row">') == 26


@pytest.mark.parametrize("path", ["/nothing-here", "/help/no-such-topic", "/help/..%2f..%2fservice.yml", "/static/../service.yml", "/help/%00"])
def test_where_there_is_nothing_the_page_says_so_and_names_a_person(visitor: TestClient, path: str) -> None:
    response = visitor.get(path)
    assert response.status_code == 404
    assert "There is nothing at this address" in response.text
    assert "ring 020 7641 6200" in response.text


def test_pages_say_that_the_assistant_is_not_there_yet(visitor: TestClient) -> None:
    for path in ("/", "/chat"):
        assert "The assistant is still starting. You can ask now" in visitor.get(path).text

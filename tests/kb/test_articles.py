from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kb.articles import load_articles, read_article
from kb.labels import load_labels
from tests.kb.an_article import BODY, write_article


def test_an_article_is_read_with_its_front_matter(tmp_path: Path):
    article = read_article(write_article(tmp_path))
    assert article.slug == "wifi-connect"
    assert article.title == "How do I get on the Wi-Fi?"
    assert article.front.review_by == date(2027, 5, 21)
    assert str(article.front.sources[0].url) == "https://www.gov.uk/local-library-services"
    assert article.steps == ["Open Settings.", "Choose the network."]
    assert article.section_titles == ["What to do", "Who to ask"]


def test_an_answer_is_no_fresher_than_its_oldest_source(tmp_path: Path):
    assert read_article(write_article(tmp_path)).last_checked == date(2026, 10, 1)


@pytest.mark.parametrize(
    "front",
    [
        {"title": None},
        {"title": "x" * 61},
        {"summary": None},
        {"facets": {}},
        {"facets": {"colour": "Blue."}},
        {"sources": []},
        {"sources": [{"title": "A page", "url": "gov.uk", "checked": "2026-11-21"}]},
        {"sources": [{"title": "A page", "url": "https://www.gov.uk"}]},
        {"owner": None},
        {"review_by": "soon"},
        {"reviewed_by": "2027-05-21"},
    ],
    ids=str,
)
def test_front_matter_that_is_not_as_the_schema_asks_is_refused(tmp_path: Path, front: dict[str, Any]):
    with pytest.raises(ValueError, match=next(iter(front))):
        read_article(write_article(tmp_path, **front))


@pytest.mark.parametrize(
    "text", ["## What to do\n\n1. Ring.\n", "---\ntitle: [\n---\n", "---\ntitle: a: b\n---\n", ""], ids=["none", "open", "colon", "empty"]
)
def test_an_article_without_readable_front_matter_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "wifi-connect.md"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError):  # noqa: PT011
        read_article(path)


def test_placeholders_are_found_in_body_summary_and_facets(tmp_path: Path):
    article = read_article(write_article(tmp_path, body="{{wifi_network}} {{ wifi_blocked_sites }}", summary="{{pin_reset}}"))
    assert article.placeholders() == {"wifi_network", "wifi_blocked_sites", "pin_reset", "wifi_sign_in"}


def test_local_facts_take_the_place_of_placeholders(tmp_path: Path):
    article = read_article(write_article(tmp_path, body=BODY + "{{wifi_network}}", summary="{{ wifi_network }}"))
    filled = article.with_local_facts({"wifi_network": "It is called Library-Free.", "wifi_sign_in": "Sign in with your card."})
    assert filled.summary == "It is called Library-Free."
    assert filled.front.facets["how"] == "Choose the network. Sign in with your card."
    assert filled.text.endswith("It is called Library-Free.")
    assert filled.placeholders() == set()


def test_a_fact_that_nobody_knows_is_an_error(tmp_path: Path):
    with pytest.raises(KeyError, match="wifi_sign_in"):
        read_article(write_article(tmp_path)).with_local_facts({})


def test_all_articles_of_a_folder_are_read_by_slug(tmp_path: Path):
    write_article(tmp_path, "wifi-connect")
    write_article(tmp_path, "scams")
    (tmp_path / "notes.txt").write_text("not an article")
    assert list(load_articles(tmp_path)) == ["scams", "wifi-connect"]


def test_there_is_an_article_for_every_topic_and_no_other():
    assert set(load_articles()) == set(load_labels().articles)

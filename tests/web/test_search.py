"""What is said while the assistant is away, found by the words of a question alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.at_hand import front_desk
from kb.labels import load_labels
from tests.web.conftest import application, fill_database
from web.search import Searcher

STATES = {"starting": "still starting", "slow": "slow just now", "down": "not at its best just now"}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """A search whose model was never trained."""
    folder: Path = tmp_path_factory.mktemp("search")
    with application(folder):
        fill_database()
        found = Searcher(folder / "none.npz")
        found.load()
        yield found


@pytest.mark.parametrize(("state", "words"), STATES.items())
def test_a_question_is_offered_topics_and_told_why(searcher: Searcher, state: str, words: str) -> None:
    reply = searcher.reply("is the wifi safe for banking", None, state)
    assert reply.kind == "choice"
    assert "wifi-safety" in [choice.label for choice in reply.choices]
    assert f"The assistant is {words}" in reply.text
    assert "ring 020 7641 6200" in reply.text


@pytest.mark.parametrize("question", ["zzz qqq", "🙂", "مرحبا", "the", "?"])
def test_a_question_without_a_hit_is_told_so_with_the_telephone(searcher: Searcher, question: str) -> None:
    reply = searcher.reply(question, None, "down")
    assert (reply.kind, reply.label) == ("fallback", "out_of_scope")
    assert "ring 020 7641 6200" in reply.text


@pytest.mark.parametrize("slug", load_labels().articles)
def test_the_button_of_a_topic_gets_its_answer(searcher: Searcher, slug: str) -> None:
    reply = searcher.reply("", slug, "slow")
    assert (reply.kind, reply.topic) == ("answer", slug)
    assert "slow just now" in reply.text


@pytest.mark.parametrize("label", load_labels().actions)
def test_the_button_of_an_action_gets_the_truth(searcher: Searcher, label: str) -> None:
    reply = searcher.reply("", label, "down")
    assert (reply.kind, reply.label) == ("fallback", label)
    assert "I cannot" in reply.text
    assert "ring 020 7641 6200" in reply.text


@pytest.mark.parametrize("label", ["not_helpful", "repeat"])
def test_what_only_the_assistant_can_do_is_said_to_be_away(searcher: Searcher, label: str) -> None:
    reply = searcher.reply("", label, "down")
    assert "not at its best just now" in reply.text
    assert "ring 020 7641 6200" in reply.text


@pytest.mark.parametrize("slug", load_labels().articles)
def test_every_article_is_found_by_its_title(searcher: Searcher, slug: str) -> None:
    found = [hit.slug for hit in searcher.search(front_desk().articles[slug].title)]
    assert slug in found[:2]


@pytest.mark.parametrize("words", ["wi-fi", "wifi", "WiFi", "Wi Fi"])
def test_wifi_is_found_however_it_is_spelt(searcher: Searcher, words: str) -> None:
    assert "wifi-connect" in [hit.slug for hit in searcher.search(words)]


@pytest.mark.parametrize("words", ["ebooks", "e-books", "e books"])
def test_ebooks_are_found_however_they_are_spelt(searcher: Searcher, words: str) -> None:
    assert "ebooks" in [hit.slug for hit in searcher.search(words)]

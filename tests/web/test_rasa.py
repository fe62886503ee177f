"""What web sends to Rasa."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.labels import load_labels
from web.rasa import payload, plain_words

LABELS = load_labels()


@pytest.mark.parametrize("slug", LABELS.articles)
def test_the_button_of_an_article_names_its_topic(slug: str) -> None:
    assert payload(slug, is_article=True).startswith("/faq{")
    assert json.loads(payload(slug, is_article=True).removeprefix("/faq")) == {"topic": slug}


@pytest.mark.parametrize("label", [*LABELS.actions, *LABELS.conversation, *LABELS.elsewhere])
def test_any_other_button_is_its_own_intent(label: str) -> None:
    assert payload(label, is_article=False) == f"/{label}"


@pytest.mark.parametrize("text", ["/restart", "//restart", " / /restart", "\n/restart", "/\u00a0/restart", "\u2003/restart"])
def test_a_command_of_rasas_own_loses_its_slash(text: str) -> None:
    assert plain_words(text) == "restart"


@given(st.text(alphabet="/a \u00a0\u2003\u200b\u2044\t\n"))
def test_no_text_reaches_rasa_as_a_command(text: str) -> None:
    words = plain_words(text)
    assert not words.startswith("/")
    assert words == words.strip(), "Rasa strips white space and would look at what follows"


@pytest.mark.parametrize("text", ["how do I get on the wifi?", "printing and/or scanning", "https://www.nhs.uk", "9/11/2026", "مرحبا"])
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert plain_words(text) == text


@pytest.mark.parametrize("text", ["/", " // ", "", "\u200b/"])
def test_nothing_but_slashes_is_no_words(text: str) -> None:
    assert plain_words(text) == ""

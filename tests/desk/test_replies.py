import json

import pytest

from desk.replies import Choice, Cited, Reply

FULL = Reply(
    "answer",
    "wifi-connect",
    "The Wi-Fi is free.",
    topic="wifi-connect",
    steps=("Open Settings.", "Choose the network."),
    after="The assistant is slow.",
    choices=(Choice("Is it safe?", "wifi-safety"), Choice("Talk to a person", "talk_to_staff")),
    sources=(Cited("GOV.UK", "https://www.gov.uk/", "2026-11-21"),),
    checked="Last checked 21 November 2026.",
    more="/help/wifi-connect",
)
BARE = Reply("smalltalk", "thanks", "You are welcome.")


@pytest.mark.parametrize("reply", [FULL, BARE], ids=["full", "bare"])
def test_a_reply_comes_back_from_the_log_as_it_went_in(reply: Reply):
    assert Reply.from_details(json.loads(json.dumps(reply.details()))) == reply


def test_empty_parts_are_not_stored():
    assert BARE.details() == {"kind": "smalltalk", "label": "thanks", "lead": "You are welcome.", "language": "en"}


def test_the_text_is_complete_on_its_own():
    assert FULL.text == (
        "The Wi-Fi is free.\n\n"
        "What to do:\n1. Open Settings.\n2. Choose the network.\n\n"
        "The assistant is slow.\n\n"
        "- Is it safe?\n- Talk to a person\n\n"
        "Where this comes from:\n- GOV.UK: https://www.gov.uk/\n\n"
        "Last checked 21 November 2026."
    )


def test_a_short_reply_is_only_its_words():
    assert BARE.text == "You are welcome."


@pytest.mark.parametrize("details", [{}, {"kind": "answer"}, {"kind": "answer", "label": "x", "lead": "y", "colour": "red"}])
def test_what_is_no_reply_is_refused(details: dict[str, str]):
    with pytest.raises(TypeError):
        Reply.from_details(details)

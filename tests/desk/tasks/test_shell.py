"""What an action hands a task of Rasa's tracker."""

from typing import Any

from rasa_sdk import Tracker

from bot.actions.tracker import heard_as, heard_in


def a_tracker(text: str, intent: str, ranking: list[tuple[str, float]] | None = None, entities: dict[str, str] | None = None) -> Tracker:
    message: dict[str, Any] = {
        "text": text,
        "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [{"name": name, "confidence": chance} for name, chance in ranking or []],
        "entities": [{"entity": entity, "value": value} for entity, value in (entities or {}).items()],
        "metadata": {"language": "en", "heard_as": "7.1"},
    }
    return Tracker("sender", {}, message, [], False, None, {}, "action_listen")


def test_words_come_with_the_likeliest_label_and_with_what_rasa_acts_on():
    heard = heard_in(a_tracker("is there parking", "nlu_fallback", [("faq/getting-to-the-library", 0.45), ("out_of_scope", 0.3)]))
    assert (heard.text, heard.label, heard.confidence, heard.intent) == ("is there parking", "getting-to-the-library", 0.45, "nlu_fallback")


def test_a_button_comes_with_its_value():
    heard = heard_in(a_tracker('/inform{"value": "session:12"}', "inform", [("inform", 1.0)], {"value": "session:12"}))
    assert (heard.is_button, heard.label, heard.value) == (True, "inform", "session:12")


def test_the_button_of_an_article_comes_with_its_slug():
    heard = heard_in(a_tracker('/faq{"topic": "nhs-app"}', "faq", [("faq", 1.0)], {"topic": "nhs-app"}))
    assert (heard.label, heard.value) == ("nhs-app", "")


def test_the_name_that_web_gave_a_message():
    assert heard_as(a_tracker("hello", "greet")) == "7.1"

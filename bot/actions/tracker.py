"""What an action reads from Rasa's tracker."""

from typing import Any

from rasa_sdk import Tracker

from desk.replies import Reply
from desk.tasks.task import Heard
from kb.wording import DEFAULT

_ARTICLE = "faq/"


def _label(name: str) -> str:
    return name.removeprefix(_ARTICLE)


def question(tracker: Tracker) -> str:
    """Return what the resident typed; empty where a button was pressed."""
    text = str(tracker.latest_message.get("text") or "")
    return "" if text.startswith("/") else text


def likely_labels(tracker: Tracker) -> list[str]:
    """Return the labels of topics.md that the message may mean, the likeliest first."""
    ranking: list[dict[str, Any]] = tracker.latest_message.get("intent_ranking") or []
    return [_label(guess["name"]) for guess in ranking if guess["confidence"] > 0]


def offers(tracker: Tracker) -> list[str]:
    """Return the labels that are worth offering, where none was certain enough to answer."""
    return [_label(name) for name in tracker.latest_message.get("offers") or []]


def alternatives(tracker: Tracker) -> list[str]:
    """Return the labels that the resident may have meant instead of the one answered, where that was not quite certain."""
    return [_label(name) for name in tracker.latest_message.get("alternatives") or []]


def topic_of(tracker: Tracker) -> str:
    """Return the slug of the article asked for, by a button's entity or by the classifier's likeliest label."""
    pressed = next(tracker.get_latest_entity_values("topic"), None)
    return str(pressed) if pressed else likely_labels(tracker)[0]


def language_of(tracker: Tracker) -> str:
    """Return the language that the conversation is held in, as web found it."""
    return str((tracker.latest_message.get("metadata") or {}).get("language") or DEFAULT)


def heard_as(tracker: Tracker) -> str:
    """Return the name of the message in its conversation, as web gave it; empty where it came from elsewhere."""
    return str((tracker.latest_message.get("metadata") or {}).get("heard_as") or "")


def heard_in(tracker: Tracker) -> Heard:
    """Return the message as a task hears it: its words and likeliest label, or what a button means."""
    words = question(tracker)
    ranking: list[dict[str, Any]] = tracker.latest_message.get("intent_ranking") or []
    if words and ranking:
        best = max(ranking, key=lambda guess: float(guess["confidence"]))
        return Heard(words, _label(str(best["name"])), float(best["confidence"]), intent=label_of(tracker))
    pressed = next(tracker.get_latest_entity_values("topic"), None)
    value = next(tracker.get_latest_entity_values("value"), None)
    return Heard(words, str(pressed) if pressed else label_of(tracker), value=str(value or ""), intent=label_of(tracker))


def facet_of(tracker: Tracker) -> str | None:
    """Return the facet that the message asks for, where it leans on the topic in hand ("how much is it?")."""
    facet = tracker.latest_message.get("facet")
    return str(facet) if facet else None


def label_of(tracker: Tracker) -> str:
    """Return the label that Rasa acted on."""
    return _label(str(tracker.latest_message["intent"]["name"]))


def last_reply(tracker: Tracker) -> Reply | None:
    """Return what the desk said last, else None."""
    for event in reversed(tracker.events):
        custom = (event.get("data") or {}).get("custom") if event.get("event") == "bot" else None
        if custom:
            return Reply.from_details(custom)
    return None

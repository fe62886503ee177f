"""Rasa's memory: what was said before is there again, and web can take it out."""

import asyncio
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import text

from bot.components.tracker_store import ConversationStore

DOMAIN = Domain.load("bot/domain.yml")


@pytest.fixture
def store(tmp_path: Path) -> ConversationStore:
    return ConversationStore(DOMAIN, database=f"sqlite:///{tmp_path / 'rasa.db'}")


def _said(store: ConversationStore, *events: object) -> DialogueStateTracker:
    tracker = DialogueStateTracker("resident", DOMAIN.slots)
    for event in events:
        tracker.update(event)
    asyncio.run(store.save(tracker))
    return asyncio.run(store.retrieve("resident"))


def test_a_conversation_is_remembered(store: ConversationStore) -> None:
    tracker = _said(store, UserUttered("is the wifi safe"), SlotSet("topic", "wifi-safety"))
    assert (tracker.latest_message.text, tracker.get_slot("topic")) == ("is the wifi safe", "wifi-safety")


def test_a_slot_set_long_ago_is_remembered(store: ConversationStore) -> None:
    tracker = _said(store, SlotSet("library", "Chelsea Library"), *(UserUttered(f"message {n}") for n in range(200)))
    assert tracker.get_slot("library") == "Chelsea Library"
    assert len(tracker.events) < 200


def test_an_erased_conversation_is_gone(store: ConversationStore) -> None:
    _said(store, UserUttered("forget me"))
    with store._engine.begin() as connection:
        connection.execute(text("DELETE FROM trackers WHERE sender_id = 'resident'"))
    assert asyncio.run(store.retrieve("resident")) is None


def test_an_unknown_conversation_is_none(store: ConversationStore) -> None:
    assert asyncio.run(store.retrieve("nobody")) is None

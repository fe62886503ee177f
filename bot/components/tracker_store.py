"""Rasa's memory of conversations: one row each, in SQLite or PostgreSQL.

Rasa's own SQL store writes a row an event through an ORM and reads them all back each turn: a quarter of a turn's time.
"""

import json
from typing import Any, Dict, Iterable, List, Optional, Text

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import QueuePool

# Older events no longer change what is said next; of them only the last value of each slot is kept.
_EVENTS_KEPT = 50

_CREATE = "CREATE TABLE IF NOT EXISTS trackers (sender_id VARCHAR(64) PRIMARY KEY, dialogue TEXT NOT NULL)"
_SAVE = (
    "INSERT INTO trackers (sender_id, dialogue) VALUES (:sender, :dialogue) "
    "ON CONFLICT (sender_id) DO UPDATE SET dialogue = excluded.dialogue"
)


class ConversationStore(TrackerStore, SerializedTrackerAsText):
    """Keeps each conversation whole until web erases it."""

    def __init__(
        self, domain: Optional[Domain] = None, host: Any = None, event_broker: Optional[EventBroker] = None, database: Text = "", **kwargs: Any
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        # Kept open: SQLAlchemy 1.4 would open an SQLite file anew for every read and write, a seventh of a turn's time.
        self._engine = create_engine(database, future=True, poolclass=QueuePool, connect_args=_connecting(database))
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _set_up_sqlite)
        with self._engine.begin() as connection:
            connection.execute(text(_CREATE))

    async def save(self, tracker: DialogueStateTracker) -> None:
        await self.stream_events(tracker)
        dialogue = tracker.as_dialogue().as_dict()
        dialogue["events"] = _shortened(dialogue["events"])
        with self._engine.begin() as connection:
            connection.execute(text(_SAVE), {"sender": tracker.sender_id, "dialogue": json.dumps(dialogue)})

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        with self._engine.connect() as connection:
            found = connection.execute(text("SELECT dialogue FROM trackers WHERE sender_id = :sender"), {"sender": sender_id}).scalar()
        return self.deserialise_tracker(sender_id, found) if found else None

    async def keys(self) -> Iterable[Text]:
        with self._engine.connect() as connection:
            return list(connection.execute(text("SELECT sender_id FROM trackers")).scalars())


def _connecting(database: Text) -> Dict[Text, Any]:
    return {"check_same_thread": False} if database.startswith("sqlite") else {}


def _set_up_sqlite(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=3000", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _shortened(events: List[Dict[Text, Any]]) -> List[Dict[Text, Any]]:
    older, recent = events[:-_EVENTS_KEPT], events[-_EVENTS_KEPT:]
    last_values = {(e["event"], e.get("name") if e["event"] == "slot" else None): e for e in older if e["event"] in ("slot", "active_loop")}
    return [*last_values.values(), *recent]

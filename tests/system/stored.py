"""What the desk and Rasa have stored, read past both of them."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.running_desk import Conversation, RunningDesk


def rows(database: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query on an SQLite file."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        return connection.execute(query, values).fetchall()


def sender(desk: RunningDesk, conversation: Conversation) -> str:
    """Return the name under which Rasa knows a conversation."""
    [(name,)] = rows(desk.folder / "desk.db", "SELECT rasa_sender FROM conversations WHERE id = ?", conversation.id)
    return str(name)


def remembered(desk: RunningDesk, rasa_sender: str) -> list[dict[str, Any]]:
    """Return the events that Rasa's store holds of a conversation; none where it does not know it."""
    found = rows(desk.rasa_database, "SELECT dialogue FROM trackers WHERE sender_id = ?", rasa_sender)
    return list(json.loads(found[0][0])["events"]) if found else []


def everything_on_disk(desk: RunningDesk) -> bytes:
    """Return the bytes of both databases, of what SQLite keeps beside them and of the desk's log."""
    return b"\n".join(path.read_bytes() for path in sorted(desk.folder.iterdir()))

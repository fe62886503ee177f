"""Searching the transcripts: SQLite's FTS5 and PostgreSQL's tsvector, both told to change no words, so that names and any language are found.

The index follows the messages by itself, and what is erased goes from it too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, select, text
from sqlalchemy.orm import Session

from desk.clock import now
from desk.tables import ConversationRow, MessageRow

MOST_FOUND = 50  # conversations, the newest first
_MOST_WORDS = 12  # of a query
_LONGEST_WORD = 60  # characters
_AROUND = 90  # characters shown before and after the first word that was found
_LATEST = 2000  # messages that fit are looked at, the newest first

_SQLITE = (
    "CREATE VIRTUAL TABLE transcript_words USING fts5(text, content='messages', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
    "CREATE TRIGGER transcript_words_added AFTER INSERT ON messages BEGIN INSERT INTO transcript_words(rowid, text) VALUES (new.id, new.text); END",
    "CREATE TRIGGER transcript_words_changed AFTER UPDATE OF text ON messages BEGIN "
    "INSERT INTO transcript_words(transcript_words, rowid, text) VALUES ('delete', old.id, old.text); "
    "INSERT INTO transcript_words(rowid, text) VALUES (new.id, new.text); END",
    "CREATE TRIGGER transcript_words_erased AFTER DELETE ON messages BEGIN "
    "INSERT INTO transcript_words(transcript_words, rowid, text) VALUES ('delete', old.id, old.text); END",
    # FTS5 only marks words as deleted until it merges its parts. Erased means gone, so it merges them when a conversation is erased.
    "CREATE TRIGGER transcript_words_forgotten AFTER DELETE ON conversations BEGIN "
    "INSERT INTO transcript_words(transcript_words) VALUES ('optimize'); END",
    "INSERT INTO transcript_words(transcript_words) VALUES ('rebuild')",
)
# Addresses and numbers are taken apart first: PostgreSQL would keep "mary@example.org" as one word, which "example" does not find.
_VECTOR = "to_tsvector('simple', translate(messages.text, '@./-_:+', '       '))"
_POSTGRESQL = (f"CREATE INDEX ix_messages_words ON messages USING gin ({_VECTOR})",)
_FIND = {
    "sqlite": "SELECT rowid FROM transcript_words WHERE transcript_words MATCH :words ORDER BY rowid DESC LIMIT :most",
    "postgresql": f"SELECT messages.id FROM messages WHERE {_VECTOR} @@ to_tsquery('simple', :words) ORDER BY messages.id DESC LIMIT :most",
}


@dataclass(frozen=True)
class Found:
    """A conversation in which all words of a query stand in one message; `parts` are words of that message, each with whether it was asked for."""

    conversation_id: str
    seq: int
    at: datetime
    author: str
    parts: tuple[tuple[str, bool], ...]


def create_search(database: Engine | Connection) -> None:
    """Make the index over the messages that are there and will come; once, when the tables are made."""
    if isinstance(database, Engine):
        with database.execution_options(writing=True).begin() as connection:
            create_search(connection)
        return
    for statement in _SQLITE if database.dialect.name == "sqlite" else _POSTGRESQL:
        database.execute(text(statement))


def drop_search(connection: Connection) -> None:
    """Take the index away again."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("DROP INDEX ix_messages_words"))
        return
    for trigger in ("added", "changed", "erased", "forgotten"):
        connection.execute(text(f"DROP TRIGGER transcript_words_{trigger}"))
    connection.execute(text("DROP TABLE transcript_words"))


def words_of(query: str) -> list[str]:
    """Return the words of a query. Signs that a search engine would obey are no words."""
    found = (word[:_LONGEST_WORD] for word in re.findall(r"[^\W_]+", query))
    return list(dict.fromkeys(word.casefold() for word in found))[:_MOST_WORDS]


def search_transcripts(session: Session, query: str) -> list[Found]:
    """Return the conversations in which a message has words that begin as those of a query do, the newest first."""
    words = words_of(query)
    if not words:
        return []
    dialect = session.get_bind().dialect.name
    wanted = " AND ".join(f'"{word}"*' for word in words) if dialect == "sqlite" else " & ".join(f"'{word}':*" for word in words)
    ids = session.scalars(text(_FIND[dialect]), {"words": wanted, "most": _LATEST}).all()
    return _conversations(session, ids, words)


def _conversations(session: Session, ids: Sequence[int], words: Sequence[str]) -> list[Found]:
    query = select(MessageRow).join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
    query = query.where(MessageRow.id.in_(bindparam("ids", expanding=True)), ConversationRow.expires_at > now()).order_by(MessageRow.id.desc())
    found: dict[str, Found] = {}
    for message in session.scalars(query, {"ids": list(ids)}):
        if len(found) == MOST_FOUND:
            break
        if message.conversation_id not in found:
            found[message.conversation_id] = Found(
                message.conversation_id, message.seq, message.at, message.author, tuple(_parts(message.text, words))
            )
    return list(found.values())


def _parts(words_said: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """Return what stands around the first word that was asked for, taken apart at each of them."""
    pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, words))})[^\W_]*", re.IGNORECASE)
    first = pattern.search(words_said)
    middle = first.start() if first else 0
    start, end = max(0, middle - _AROUND), middle + _AROUND
    shown = ("…" if start else "") + " ".join(words_said[start:end].split()) + ("…" if end < len(words_said) else "")
    parts: list[tuple[str, bool]] = []
    begins = 0
    for hit in pattern.finditer(shown):
        parts += [(shown[begins : hit.start()], False), (hit.group(), True)]
        begins = hit.end()
    return [part for part in [*parts, (shown[begins:], False)] if part[0]]

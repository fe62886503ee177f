"""Searching the transcripts, on SQLite and on PostgreSQL."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk import conversations
from desk.database import Database
from desk.transcript_search import Found, search_transcripts


def chat(database: Database, *texts: str) -> str:
    with database.writing() as session:
        conversation_id = conversations.start(session, [], language="en", page="", keep_days=30).conversation.id
        for n, text in enumerate(texts):
            conversations.accept(session, conversation_id, str(n), text)
    return conversation_id


def search(database: Database, query: str) -> list[Found]:
    with database.reading() as session:
        return search_transcripts(session, query)


def found(database: Database, query: str) -> list[str]:
    return [each.conversation_id for each in search(database, query)]


def test_a_word_of_a_transcript_is_found_whatever_its_case(database: Database):
    printing, other = chat(database, "Where is the PRINTER?"), chat(database, "Is the Wi-Fi free?")
    assert found(database, "printer") == [printing]
    assert found(database, "wi-fi") == [other]


def test_all_words_must_stand_in_one_message_and_a_beginning_is_enough(database: Database):
    conversation = chat(database, "My tablet will not print", "thanks")
    assert found(database, "print tab") == [conversation]
    assert found(database, "tablet thanks") == []


def test_a_conversation_is_found_once_and_the_newest_first(database: Database):
    first, second = chat(database, "printer", "printer again"), chat(database, "a printer")
    assert found(database, "printer") == [second, first]


@pytest.mark.parametrize("query", ["mary", "example", "MARY@example.org"])
def test_the_parts_of_an_address_are_found(database: Database, query: str):
    conversation = chat(database, "write to mary@example.org please")
    assert found(database, query) == [conversation]


def test_other_alphabets_are_found(database: Database):
    arabic, polish = chat(database, "أين المكتبة"), chat(database, "Gdzie jest książka?")
    assert found(database, "المكتبة") == [arabic]
    assert found(database, "książka") == [polish]


def test_what_stands_around_is_shown_in_parts(database: Database):
    chat(database, f"{'before ' * 40}the <b>printer</b> hums {'after ' * 40}")
    [hit] = search(database, "printer")
    assert ("printer", True) in hit.parts
    shown = "".join(words for words, _ in hit.parts)
    assert "the <b>printer</b> hums" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 250


def test_an_erased_conversation_is_found_no_more(database: Database):
    conversation, other = chat(database, "my secret worry"), chat(database, "another worry")
    with database.writing() as session:
        conversations.erase(session, conversation)
    assert found(database, "secret") == []
    assert found(database, "worry") == [other]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_erased_word_is_not_left_in_the_index(database: Database, tmp_path: Path):
    conversation = chat(database, "quiddity")
    chat(database, "something else")
    with database.writing() as session:
        conversations.erase(session, conversation)
    database.engine.dispose()
    assert not any(b"quiddity" in path.read_bytes() for path in tmp_path.glob("desk.db*"))


def test_a_conversation_whose_keeping_time_is_over_is_found_no_more(database: Database, at):
    at("2026-11-25T10:00")
    chat(database, "printer")
    at("2026-12-26T10:00")
    assert found(database, "printer") == []


HOSTILE = [
    '"',
    "'",
    "' OR 1=1 --",
    "a AND",
    "NEAR(",
    "text:printer",
    "printer*",
    "-printer",
    "(printer",
    "&",
    "|",
    "!",
    ":*",
    "<->",
    "\\",
    "%",
    "_",
    "_a_",
    "^",
    "",
    " ",
]
HOSTILE += [
    "'; DROP TABLE messages; --",
    "<script>alert(1)</script>",
    "\x00",
    "a\x00b",
    "\u202eprinter",
    "a" * 5000,
    "word " * 500,
    "ﷺ",
    "🖨",
    "½",
    "İ",
    "\ud800",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_no_query_raises(database: Database, query: str):
    chat(database, "Where is the printer?")
    search(database, query)
    assert len(found(database, "printer")) == 1


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_whatever_is_typed_the_search_answers(database: Database, query: str):
    search(database, query)

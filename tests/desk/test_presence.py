"""Who looks at a conversation and who types in it."""

import threading

import pytest
from sqlalchemy import func, select

from desk import conversations, presence, staff
from desk.conversations import UnknownConversationError
from desk.database import Database
from desk.presence import Present
from desk.staff_tables import PresenceRow

PASSWORD = "seven quiet herons"


@pytest.fixture
def sam(database: Database) -> int:
    return _member(database, "sam")


@pytest.fixture
def alex(database: Database) -> int:
    return _member(database, "alex")


def _member(database: Database, username: str) -> int:
    with database.writing() as session:
        return staff.add_staff(session, username, f"{username.capitalize()} Example", "staff", PASSWORD).id


@pytest.fixture
def conversation(database: Database) -> str:
    with database.writing() as session:
        return conversations.start(session, [], language="en", page="", keep_days=30).conversation.id


def look(database: Database, conversation: str, who: int, *, typing: bool = False) -> None:
    with database.writing() as session:
        presence.look(session, conversation, who, typing=typing)


def others(database: Database, conversation: str, who: int) -> list[Present]:
    with database.reading() as session:
        return presence.others(session, conversation, who)


def test_who_looks_is_seen_by_others_and_not_by_themselves(database: Database, conversation: str, sam: int, alex: int):
    look(database, conversation, sam)
    assert others(database, conversation, alex) == [Present("Sam Example", typing=False)]
    assert others(database, conversation, sam) == []


def test_who_types_is_seen_to_type_until_they_stop(database: Database, conversation: str, sam: int, alex: int):
    look(database, conversation, sam, typing=True)
    assert others(database, conversation, alex) == [Present("Sam Example", typing=True)]
    look(database, conversation, sam)
    assert others(database, conversation, alex) == [Present("Sam Example", typing=False)]


def test_who_is_not_heard_of_has_left(database: Database, conversation: str, sam: int, alex: int, at):
    at("2026-11-25T10:00:00")
    look(database, conversation, sam, typing=True)
    at("2026-11-25T10:00:14")
    assert others(database, conversation, alex) == [Present("Sam Example", typing=True)]
    at("2026-11-25T10:00:16")
    assert others(database, conversation, alex) == []


def test_two_tabs_of_one_person_at_the_same_moment(database: Database, conversation: str, sam: int):
    wrong: list[Exception] = []

    def tab() -> None:
        try:
            look(database, conversation, sam)
        except Exception as error:
            wrong.append(error)

    tabs = [threading.Thread(target=tab) for _ in range(4)]
    for each in tabs:
        each.start()
    for each in tabs:
        each.join()
    assert wrong == []
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PresenceRow)) == 1


def test_nobody_looks_at_a_conversation_that_is_not_there(database: Database, sam: int):
    with pytest.raises(UnknownConversationError):
        look(database, "0" * 32, sam)

"""Tasks in the database: heard once, kept no longer than needed, and safe to hear twice."""

from desk.database import Database
from desk.tables import TaskStateRow
from desk.tasks.attending import attend, forget_given_up, is_name_asked, is_under_way
from desk.tasks.task import Heard, Task, from_json
from desk.tasks.turns import begin
from desk.tasks.world import World
from tests.desk.tasks.chat import Chat, session_of

PRINTER = "printer help at Pimlico next Wednesday afternoon, it's May Friday, 07700 900123, not Mondays"


def states(database: Database) -> int:
    with database.reading() as session:
        return session.query(TaskStateRow).count()


def test_a_state_survives_the_database_unchanged(chat: Chat, desk_database: Database):
    with desk_database.writing() as session:
        turn = begin(Heard(PRINTER, "book_session", 1.0, intent="book_session"), 3, World(session, chat.id, chat.desk))
    assert isinstance(turn.task, Task)
    assert turn.task.wish.when is not None
    assert from_json(turn.task.to_json()) == turn.task


def test_a_message_heard_twice_is_acted_upon_once(chat: Chat, desk_database: Database):
    chat.book(PRINTER)
    chat.say("1")
    first = attend(desk_database, chat.desk, chat.sender, "99", Heard("yes", "affirm", 0.9, intent="affirm"))
    again = attend(desk_database, chat.desk, chat.sender, "99", Heard("yes", "affirm", 0.9, intent="affirm"))
    assert first == again
    assert first is not None
    assert first[0].kind == "booked"
    assert chat.booking
    assert session_of(desk_database, "t-1").taken == 1


def test_a_first_message_heard_twice_begins_one_task(chat: Chat, desk_database: Database):
    heard = Heard(PRINTER, "book_session", 0.9, intent="book_session")
    assert attend(desk_database, chat.desk, chat.sender, "3", heard) == attend(desk_database, chat.desk, chat.sender, "3", heard)


def test_the_same_words_later_are_another_message(chat: Chat, desk_database: Database):
    chat.book(PRINTER)
    for number in ("11", "13"):
        attend(desk_database, chat.desk, chat.sender, number, Heard("none of these", "not_helpful", 0.9, intent="not_helpful"))
    assert len(from_json(chat.state or {}).passed_over) > 3


def test_small_talk_without_a_task_is_not_for_a_task(chat: Chat, desk_database: Database):
    assert chat.hear(Heard("hello", "greet", 0.9, intent="greet")) is None
    assert states(desk_database) == 0


def test_a_label_that_rasa_was_not_sure_of_begins_nothing(chat: Chat):
    assert chat.hear(Heard("something about sessions", "book_session", 0.35, intent="nlu_fallback")) is None


def test_a_stranger_to_our_database_has_no_task(chat: Chat, desk_database: Database):
    assert attend(desk_database, chat.desk, "rasa shell", "1", Heard("book", "book_session", 0.9, intent="book_session")) is None


def test_after_a_task_nothing_is_kept_of_it(chat: Chat, desk_database: Database):
    chat.book(PRINTER)
    chat.several("1", "yes")
    assert chat.state is None
    assert chat.hear(Heard("thanks", "thanks", 0.9, intent="thanks")) is None
    assert states(desk_database) == 0


def test_a_task_left_alone_for_hours_is_forgotten(chat: Chat, desk_database: Database, at):
    chat.book(PRINTER)
    chat.say("1")
    at("2026-11-25T12:30")
    assert chat.hear(Heard("yes", "affirm", 0.9, intent="affirm")) is None
    assert not chat.bookings()
    assert states(desk_database) == 0


def test_given_up_tasks_are_deleted_by_the_way(chat: Chat, another_chat: Chat, desk_database: Database, at):
    chat.book(PRINTER)
    at("2026-11-25T12:30")
    another_chat.book(PRINTER)
    with desk_database.writing() as session:
        assert forget_given_up(session) == 1
    assert states(desk_database) == 1


def test_an_erased_conversation_takes_its_task_with_it(chat: Chat, desk_database: Database):
    chat.book(PRINTER)
    chat.erase()
    assert states(desk_database) == 0


def test_two_chats_are_two_tasks(chat: Chat, another_chat: Chat, desk_database: Database):
    chat.book(PRINTER)
    another_chat.book("help with my phone at Pimlico")
    with desk_database.reading() as session:
        assert is_under_way(session, chat.id)
        assert is_under_way(session, another_chat.id)
    assert chat.say("1").asks[0] == "confirm"
    assert another_chat.say("1").asks == ("name",)


def test_a_name_that_is_asked_for_tells_no_language(chat: Chat, desk_database: Database):
    chat.book("help with my phone at Pimlico")
    for asked in (False, True):
        with desk_database.reading() as session:
            assert is_name_asked(session, chat.id) is asked
        chat.say("1")


def test_a_request_to_book_begins_a_task_though_its_subject_is_an_article(chat: Chat):
    heard = Heard("I want to book the scams class at Chelsea", "scams", 0.9, intent="faq")
    reply = chat.hear(heard)
    assert reply is not None
    assert reply.label == "book_session"
    assert reply.sessions[0]["title"] == "Stay safe from scams"


def test_a_request_to_book_something_else_begins_nothing(chat: Chat):
    assert chat.hear(Heard("I want to book driving lessons", "out_of_scope", 0.9, intent="out_of_scope")) is None

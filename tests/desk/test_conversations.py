import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from desk import conversations
from desk.clock import now
from desk.conversations import Accepted, NotAnAnswerError, Pressed, Started, UnknownChoiceError, UnknownConversationError
from desk.database import Database, DatabaseBusyError
from desk.replies import Choice, Reply
from desk.safety import Alarm
from desk.tables import ConversationRow, FeedbackRow, MessageRow

WELCOME = Reply("smalltalk", "greet", "Hello.", choices=(Choice("Connect to Wi-Fi", "wifi-connect"), Choice("Find a library", "find-a-library")))
ANSWER = Reply("answer", "wifi-connect", "The Wi-Fi is free.", topic="wifi-connect")
OFFER = Reply("choice", "wifi-safety", "Did you mean one of these?", choices=(Choice("Is it safe?", "wifi-safety"),))


@pytest.fixture
def started(database: Database) -> Started:
    return begin(database)


@pytest.fixture
def impatient(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The same database, for somebody who hardly waits."""
    monkeypatch.setattr("desk.database.BUSY_SECONDS", 0.1)
    db = Database(database.url)
    yield db
    db.engine.dispose()


def begin(database: Database) -> Started:
    with database.writing() as session:
        return conversations.start(session, [WELCOME], language="en", page="/", keep_days=30)


def say(database: Database, started: Started, text: str, client_id: str = "first") -> Accepted:
    with database.writing() as session:
        return conversations.accept(session, started.conversation.id, client_id, text)


def answer(database: Database, message: MessageRow, *replies: Reply) -> bool:
    with database.writing() as session:
        return conversations.answer(session, message, replies)


def log(database: Database, started: Started, after: int = 0) -> list[tuple[int, str, str]]:
    """Return (number, who spoke, words) of what was said."""
    with database.reading() as session:
        return [(m.seq, m.author, m.text) for m in conversations.events_after(session, started.conversation.id, after)]


def take_over(session: Session, started: Started) -> None:
    session.execute(update(ConversationRow).where(ConversationRow.id == started.conversation.id).values(owner="staff:1"))


def together(*works: Callable[[], object]) -> list[Exception]:
    """Do all the works at the same moment, each in a thread of its own, and return what went wrong."""
    barrier, wrong = threading.Barrier(len(works)), []

    def do(work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            work()
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=do, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


# The log


def test_a_conversation_begins_with_the_desks_welcome(database: Database, started: Started):
    assert log(database, started) == [(1, "bot", WELCOME.text)]
    assert started.conversation.owner == "bot"


def test_what_is_said_gets_the_next_number(database: Database, started: Started):
    message = say(database, started, "Is the Wi-Fi free?").message
    answer(database, message, ANSWER, OFFER)
    say(database, started, "Thanks", "second")
    assert log(database, started) == [
        (1, "bot", WELCOME.text),
        (2, "resident", "Is the Wi-Fi free?"),
        (3, "bot", ANSWER.text),
        (4, "bot", OFFER.text),
        (5, "resident", "Thanks"),
    ]


def test_the_log_is_read_after_a_number(database: Database, started: Started):
    say(database, started, "one", "1")
    say(database, started, "two", "2")
    assert log(database, started, after=2) == [(3, "resident", "two")]
    assert log(database, started, after=3) == []


def test_no_more_of_the_log_is_read_than_asked_for(database: Database, started: Started):
    say(database, started, "one")
    with database.reading() as session:
        assert [m.seq for m in conversations.events_after(session, started.conversation.id, 0, most=1)] == [1]


def test_two_conversations_are_numbered_apart(database: Database, started: Started):
    other = begin(database)
    say(database, other, "mine", "same id")
    say(database, started, "yours", "same id")
    assert log(database, started)[1:] == [(2, "resident", "yours")]
    assert log(database, other)[1:] == [(2, "resident", "mine")]


def test_writers_to_one_conversation_get_different_numbers(database: Database, started: Started):
    wrong = together(*(lambda n=n: [say(database, started, f"{n}.{k}", f"{n}.{k}") for k in range(10)] for n in range(4)))
    assert wrong == []
    assert [seq for seq, _, _ in log(database, started)] == list(range(1, 42))


def test_a_message_is_masked_before_it_is_stored(database: Database, started: Started):
    message = say(database, started, "my card is 4111 1111 1111 1111").message
    assert log(database, started)[-1] == (2, "resident", "my card is [card number removed]")
    assert message.details == {"masked": ["CARD"]}


def test_a_message_keeps_the_button_that_was_pressed_and_the_alarm_that_it_raised(database: Database, started: Started):
    with database.writing() as session:
        pressed = conversations.accept(
            session, started.conversation.id, "1", "Is it safe?", pressed=Pressed("Is it safe?", "wifi-safety", "1")
        ).message
        alarming = conversations.accept(session, started.conversation.id, "2", "help me", alarm=Alarm.CRISIS).message
    assert pressed.details == {"choice": "wifi-safety", "value": "1"}
    assert alarming.details == {"alarm": "crisis"}


def test_a_moment_comes_back_in_utc(database: Database, at):
    stands = at("2026-07-01T10:00:30")
    say(database, begin(database), "hello")
    with database.reading() as session:
        message = session.scalars(select(MessageRow).filter_by(author="resident")).one()
    assert message.at.utcoffset() == timedelta(0)
    assert abs(message.at - stands) < timedelta(seconds=1)


def test_nobody_can_speak_in_a_conversation_that_is_not_there(database: Database):
    with pytest.raises(UnknownConversationError), database.writing() as session:
        conversations.accept(session, "0" * 32, "first", "hello")


# The same message twice


def test_the_same_client_id_again_gives_the_first_message(database: Database, started: Started):
    first = say(database, started, "Is the Wi-Fi free?", "abc")
    again = say(database, started, "Is the Wi-Fi free?", "abc")
    assert (first.repeated, again.repeated) == (False, True)
    assert again.message.seq == first.message.seq
    assert len(log(database, started)) == 2


def test_the_same_client_id_with_other_words_changes_nothing(database: Database, started: Started):
    say(database, started, "first words", "abc")
    assert say(database, started, "other words", "abc").message.text == "first words"


def test_a_message_sent_twice_at_the_same_moment_is_stored_once(database: Database):
    """An impatient resident presses twice, or a browser sends again: on many tries none may fail."""
    for _ in range(15):
        started = begin(database)
        seen: list[int] = []
        wrong = together(*[lambda: seen.append(say(database, started, "hello", "abc").message.seq)] * 4)  # noqa: B023
        assert wrong == []
        assert seen == [2, 2, 2, 2]
        assert len(log(database, started)) == 2


# Answering


def test_an_answer_is_stored_once(database: Database, started: Started):
    message = say(database, started, "Is the Wi-Fi free?").message
    assert answer(database, message, ANSWER)
    assert not answer(database, message, OFFER)
    assert log(database, started)[2:] == [(3, "bot", ANSWER.text)]


def test_two_answers_at_the_same_moment_are_stored_as_one(database: Database, started: Started):
    message = say(database, started, "Is the Wi-Fi free?").message
    stored: list[bool] = []
    assert together(*[lambda: stored.append(answer(database, message, ANSWER))] * 4) == []
    assert sorted(stored) == [False, False, False, True]
    assert len(log(database, started)) == 3


def test_an_answer_is_dropped_when_a_person_has_taken_over(database: Database, started: Started):
    message = say(database, started, "Is the Wi-Fi free?").message
    with database.writing() as session:
        take_over(session, started)
    assert not answer(database, message, ANSWER)
    assert len(log(database, started)) == 2


def test_nobody_takes_over_in_the_middle_of_an_answer(database: Database, impatient: Database, started: Started):
    message = say(database, started, "Is the Wi-Fi free?").message

    def replies() -> Iterator[Reply]:
        with pytest.raises(DatabaseBusyError), impatient.writing() as other:
            take_over(other, started)
        yield ANSWER

    with database.writing() as session:
        assert conversations.answer(session, message, replies())  # type: ignore[arg-type]
    with impatient.writing() as session:
        take_over(session, started)


def test_an_answer_knows_which_message_it_answers(database: Database, started: Started):
    first, second = say(database, started, "one", "1").message, say(database, started, "two", "2").message
    answer(database, second, OFFER)
    answer(database, first, ANSWER, OFFER)
    with database.reading() as session:
        assert [m.text for m in conversations.replies_to(session, first)] == [ANSWER.text, OFFER.text]
        assert [m.text for m in conversations.replies_to(session, second)] == [OFFER.text]


def waiting(database: Database, *which: object) -> list[str]:
    """Return the words of the messages that the bot has yet to answer."""
    with database.reading() as session:
        return [waiting.message.text for waiting in conversations.waiting_messages(session, *which)]


def test_a_message_waits_until_it_is_answered(database: Database, started: Started):
    first = say(database, started, "one", "1").message
    say(database, started, "two", "2")
    assert waiting(database) == ["one", "two"]
    assert waiting(database, started.conversation.id, first.seq) == ["one"]
    answer(database, first, ANSWER)
    assert waiting(database) == ["two"]


def test_a_waiting_message_tells_how_rasa_knows_its_conversation(database: Database, started: Started):
    begin(database)
    say(database, started, "hello")
    with database.reading() as session:
        assert [w.rasa_sender for w in conversations.waiting_messages(session)] == [started.conversation.rasa_sender]


def test_messages_of_other_conversations_wait_for_themselves(database: Database, started: Started):
    other = begin(database)
    say(database, started, "mine")
    say(database, other, "yours")
    assert waiting(database, started.conversation.id) == ["mine"]


def test_a_message_to_a_person_does_not_wait_for_the_bot(database: Database, started: Started):
    say(database, started, "hello")
    with database.writing() as session:
        take_over(session, started)
    assert waiting(database) == []


# Tokens


def test_only_the_hash_of_the_token_is_stored(database: Database, started: Started):
    with database.reading() as session:
        row = session.get_one(ConversationRow, started.conversation.id)
        values = [str(getattr(row, column.key)) for column in ConversationRow.__table__.columns]
    assert not any(started.token in value for value in values)
    assert len(row.token_hash) == 64


def test_tokens_are_long_and_never_the_same(database: Database):
    tokens = {begin(database).token for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 128 / 6  # 6 bits a character


def test_the_token_opens_its_conversation(database: Database, started: Started):
    with database.reading() as session:
        assert conversations.open_with(session, started.conversation.id, started.token).id == started.conversation.id


def refusal(database: Database, conversation_id: str, token: str) -> str:
    with database.reading() as session, pytest.raises(UnknownConversationError) as raised:
        conversations.open_with(session, conversation_id, token)
    return repr(raised.value)


def test_no_refusal_tells_what_was_wrong(database: Database, started: Started, at):
    other = begin(database)
    refusals = {
        refusal(database, "0" * 32, started.token),
        refusal(database, started.conversation.id, other.token),
        refusal(database, started.conversation.id, ""),
        refusal(database, started.conversation.id, started.token[:-1]),
        refusal(database, "", ""),
        refusal(database, "0" * 32, ""),
    }
    assert refusals == {"UnknownConversationError()"}


def test_a_conversation_is_closed_when_its_keeping_time_is_over(database: Database, at):
    at("2026-11-25T10:00")
    started = begin(database)
    at("2026-12-25T09:59")
    with database.reading() as session:
        assert conversations.open_with(session, started.conversation.id, started.token)
        assert conversations.expired(session, now()) == []
    at("2026-12-25T10:01")
    refusal(database, started.conversation.id, started.token)
    with database.reading() as session:
        assert [row.id for row in conversations.expired(session, now())] == [started.conversation.id]


# Choices


def choose(database: Database, started: Started, choice_id: str) -> Pressed:
    with database.reading() as session:
        return conversations.choice_pressed(session, started.conversation.id, choice_id)


def test_every_button_of_a_conversation_has_an_id_of_its_own(database: Database, started: Started):
    message = say(database, started, "is it safe").message
    answer(database, message, OFFER)
    with database.reading() as session:
        events = conversations.events_after(session, started.conversation.id, 0)
    ids = [choice["id"] for event in events for choice in conversations.choices_of(event)]
    assert len(ids) == len(set(ids)) == 3


def test_a_button_stands_for_its_label(database: Database, started: Started):
    message = say(database, started, "is it safe").message
    answer(database, message, OFFER)
    assert choose(database, started, "1-1") == Pressed("Find a library", "find-a-library")
    assert choose(database, started, "3-0") == Pressed("Is it safe?", "wifi-safety")


@pytest.mark.parametrize("choice_id", ["1-2", "2-0", "9-0", "", "1", "/restart", "1-0 "])
def test_a_button_that_was_not_offered_cannot_be_pressed(database: Database, started: Started, choice_id: str):
    with pytest.raises(UnknownChoiceError):
        choose(database, started, choice_id)


def test_a_button_of_another_conversation_cannot_be_pressed(database: Database, started: Started):
    other = begin(database)
    answer(database, say(database, other, "is it safe").message, OFFER)
    with pytest.raises(UnknownChoiceError):
        choose(database, started, "3-0")


# Feedback


def judge(database: Database, started: Started, seq: int, helpful: bool) -> None:
    with database.writing() as session:
        conversations.note_feedback(session, started.conversation.id, seq, helpful)


def test_a_later_judgement_replaces_the_earlier(database: Database, started: Started):
    judge(database, started, 1, True)
    judge(database, started, 1, False)
    with database.reading() as session:
        assert [row.helpful for row in session.scalars(select(FeedbackRow))] == [False]


@pytest.mark.parametrize("seq", [2, 3], ids=["the resident's own words", "nothing"])
def test_only_the_desks_answers_can_be_judged(database: Database, started: Started, seq: int):
    say(database, started, "hello")
    with pytest.raises(NotAnAnswerError):
        judge(database, started, seq, True)


# Erasing


def test_erasing_removes_the_conversation_and_all_that_hangs_on_it(database: Database, started: Started):
    message = say(database, started, "my secret worry").message
    answer(database, message, ANSWER)
    judge(database, started, 3, True)
    other = begin(database)
    with database.writing() as session:
        conversations.erase(session, started.conversation.id)
    with database.reading() as session:
        assert list(session.scalars(select(ConversationRow.id))) == [other.conversation.id]
        assert set(session.scalars(select(MessageRow.conversation_id))) == {other.conversation.id}
        assert session.scalar(select(func.count()).select_from(FeedbackRow)) == 0
    refusal(database, started.conversation.id, started.token)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_erased_words_are_not_left_in_the_file(database: Database, started: Started, tmp_path: Path):
    say(database, started, "my secret worry")
    with database.writing() as session:
        conversations.erase(session, started.conversation.id)
    database.engine.dispose()
    assert not any(b"my secret worry" in path.read_bytes() for path in tmp_path.glob("desk.db*"))


def test_what_is_said_while_a_conversation_is_erased_is_lost_too(database: Database, started: Started):
    together(lambda: say(database, started, "hello"), lambda: erase(database, started))
    with pytest.raises(UnknownConversationError):
        say(database, started, "hello again", "second")
    assert log(database, started) == []


def erase(database: Database, started: Started) -> None:
    with database.writing() as session:
        conversations.erase(session, started.conversation.id)

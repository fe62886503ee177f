"""Questions that were not answered well: which they are, that each is gathered once, and what staff make of them."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from sqlalchemy import select

from desk import conversations, unanswered
from desk.conversations import Pressed
from desk.database import Database
from desk.front_desk import FrontDesk
from desk.name_masking import NAME, NameMask
from desk.question_groups import Vectors
from desk.replies import Choice, Reply
from desk.safety import Alarm
from desk.staff_tables import UnansweredRow
from desk.tables import AuditRow, MessageRow
from desk.unanswered import UnknownTopicError
from tests.desk.staff_room import ANSWER, a_chat, bot_answers, somebody_of_the_staff

FALLBACK = Reply("fallback", "out_of_scope", "I do not know.")
DID_YOU_MEAN = Reply("choice", "wifi-connect", "Did you mean", choices=(Choice("Wi-Fi", "wifi-connect"), Choice("None of these", "not_helpful")))
SORRY = Reply("choice", "not_helpful", "Sorry that it did not help.")
PRINTING = Reply("answer", "print-scan-copy", "Printing costs 20p.", topic="print-scan-copy")
WHO = Reply("question", "book_session", "What is your name?", asks=("name",))
HELLO = Reply("smalltalk", "greet", "Hello.")

# What the encoder of these tests makes of a text: a direction for each subject.
SUBJECTS = ("wi-fi", "print", "library")


def vector_of(text: str, language: str) -> Vectors:
    return np.array([float(subject in text.lower()) for subject in SUBJECTS], np.float32)


@pytest.fixture(autouse=True)
def _now(at: Callable[[str], object]) -> None:
    at("2026-11-25T10:00")


@pytest.fixture
def mask(front_desk: FrontDesk) -> NameMask:
    return NameMask(front_desk, lambda texts: [[] for _ in texts])


def told(database: Database, chat: str, text: str, reply: Reply, **how: object) -> MessageRow:
    """A resident writes, the bot replies; the resident's message is returned."""
    with database.writing() as session:
        number = session.get_one(conversations.ConversationRow, chat).last_seq
        message = conversations.accept(session, chat, f"client-{number}", text, **how).message  # type: ignore[arg-type]
    assert bot_answers(database, message, reply)
    return message


def feedback(database: Database, question: MessageRow, helpful: bool) -> None:
    with database.writing() as session:
        [reply] = conversations.replies_to(session, question)
        conversations.note_feedback(session, question.conversation_id, reply.seq, helpful)


def gather(database: Database, mask: NameMask) -> int:
    return unanswered.gather(database, vector_of, mask)


def rows(database: Database) -> list[UnansweredRow]:
    with database.reading() as session:
        return list(session.scalars(select(UnansweredRow).order_by(UnansweredRow.id)))


def gathered(database: Database, mask: NameMask) -> list[tuple[str, str, str]]:
    gather(database, mask)
    return [(row.text, row.reason, row.taken_for) for row in rows(database)]


# Which they are


def test_a_question_that_the_desk_did_not_know(database: Database, mask: NameMask) -> None:
    told(database, a_chat(database), "do you have sewing machines", FALLBACK)
    assert gathered(database, mask) == [("do you have sewing machines", "fell back", "")]


def test_a_question_that_was_answered_well_is_none(database: Database, mask: NameMask) -> None:
    feedback(database, told(database, a_chat(database), "is there Wi-Fi", ANSWER), helpful=True)
    assert gathered(database, mask) == []


def test_an_answer_that_was_marked_as_no_help(database: Database, mask: NameMask) -> None:
    feedback(database, told(database, a_chat(database), "is there Wi-Fi in the garden", ANSWER), helpful=False)
    assert gathered(database, mask) == [("is there Wi-Fi in the garden", "did not help", "wifi-connect")]


def test_an_answer_of_which_the_resident_says_that_it_did_not_help(database: Database, mask: NameMask) -> None:
    chat = a_chat(database)
    told(database, chat, "is there Wi-Fi in the garden", ANSWER)
    told(database, chat, "that didn't help", SORRY)
    assert gathered(database, mask) == [("is there Wi-Fi in the garden", "did not help", "wifi-connect")]


def test_none_of_the_choices_fits(database: Database, mask: NameMask) -> None:
    chat = a_chat(database)
    told(database, chat, "the internet thing", DID_YOU_MEAN)
    told(database, chat, "None of these", SORRY, pressed=Pressed("None of these", "not_helpful"))
    assert gathered(database, mask) == [("the internet thing", "did not help", "wifi-connect")]


def test_the_answer_behind_a_choice_did_not_help_either(database: Database, mask: NameMask) -> None:
    chat = a_chat(database)
    told(database, chat, "the internet thing", DID_YOU_MEAN)
    told(database, chat, "Printing", PRINTING, pressed=Pressed("Printing", "print-scan-copy"))
    told(database, chat, "no that is not it", SORRY)
    assert gathered(database, mask) == [("the internet thing", "did not help", "print-scan-copy")]


def test_a_question_that_is_asked_again_after_its_answer(database: Database, mask: NameMask) -> None:
    chat = a_chat(database)
    told(database, chat, "how can I print from here", PRINTING)
    told(database, chat, "no, I want to PRINT here", PRINTING)
    assert gathered(database, mask) == [("how can I print from here", "asked again", "print-scan-copy")]


@pytest.mark.parametrize("second", ["is there Wi-Fi", "how can I print at Pimlico Library"])
def test_another_question_is_no_repetition_nor_the_same_of_another_library(
    database: Database, mask: NameMask, front_desk: FrontDesk, monkeypatch: pytest.MonkeyPatch, second: str
) -> None:
    monkeypatch.setattr(unanswered, "all_libraries", lambda _: front_desk.libraries)
    chat = a_chat(database)
    told(database, chat, "how can I print at Charing Cross Library", PRINTING)
    told(database, chat, second, PRINTING)
    assert gathered(database, mask) == []


def test_asked_again_the_next_day_is_no_repetition(database: Database, mask: NameMask, at: Callable[[str], object]) -> None:
    chat = a_chat(database)
    told(database, chat, "how can I print", PRINTING)
    at("2026-11-26T10:00")
    told(database, chat, "how can I print", PRINTING)
    assert gathered(database, mask) == []


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("Printing", {"pressed": Pressed("Printing", "print-scan-copy")}),
        ("my card is 4111 1111 1111 1111", {}),
        ("I want it to end", {"alarm": Alarm.CRISIS}),
    ],
)
def test_buttons_secrets_and_cries_for_help_are_never_gathered(database: Database, mask: NameMask, text: str, how: dict[str, object]) -> None:
    told(database, a_chat(database), text, FALLBACK, **how)
    assert gathered(database, mask) == []


def test_what_was_said_when_the_bot_had_asked_for_a_name_is_never_gathered(database: Database, mask: NameMask) -> None:
    chat = a_chat(database)
    told(database, chat, "book me in", WHO)
    told(database, chat, "fatima khan", FALLBACK)
    assert gathered(database, mask) == []


def test_small_talk_cannot_be_unhelpful(database: Database, mask: NameMask) -> None:
    chat = a_chat(database)
    told(database, chat, "hello", HELLO)
    told(database, chat, "useless", SORRY)
    assert gathered(database, mask) == []


def test_names_are_taken_out_of_what_is_kept_and_stay_in_the_log(database: Database, mask: NameMask) -> None:
    chat = a_chat(database)
    told(database, chat, "my name is Fatima Khan, do you mend bicycles", FALLBACK)
    assert [text for text, _, _ in gathered(database, mask)] == [f"my name is {NAME}, do you mend bicycles"]
    with database.reading() as session:
        assert "Fatima Khan" in session.scalars(select(MessageRow.text).filter_by(author="resident")).one()


# Once each


def test_each_is_gathered_once(database: Database, mask: NameMask) -> None:
    question = told(database, a_chat(database), "do you have sewing machines", FALLBACK)
    assert [gather(database, mask), gather(database, mask)] == [1, 0]
    feedback(database, question, helpful=False)
    assert gather(database, mask) == 0
    told(database, a_chat(database), "do you have sewing machines", FALLBACK)
    assert gather(database, mask) == 1


def test_a_late_mark_on_an_old_answer_is_found(
    database: Database, mask: NameMask, at: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unanswered, "_OVERLAP", 0)
    old = told(database, a_chat(database), "is there Wi-Fi in the garden", ANSWER)
    at("2026-11-25T11:00")
    told(database, a_chat(database), "do you mend bicycles", FALLBACK)
    assert gather(database, mask) == 1
    at("2026-11-27T10:00")
    feedback(database, old, helpful=False)
    assert gather(database, mask) == 1


def test_gathering_is_due_when_a_question_has_settled_and_not_again_for_it(database: Database, mask: NameMask, at: Callable[[str], object]) -> None:
    def is_due() -> bool:
        with database.reading() as session:
            return unanswered.is_due(session)

    assert not is_due()
    chat = a_chat(database)
    told(database, chat, "is there Wi-Fi in the garden", ANSWER)
    told(database, chat, "useless", SORRY)
    assert not is_due()
    at("2026-11-25T10:10")
    assert is_due()
    gather(database, mask)
    assert not is_due()


def test_residents_write_while_names_are_looked_for(database: Database, front_desk: FrontDesk) -> None:
    kept, erased = a_chat(database), a_chat(database)
    for chat in (kept, erased):
        told(database, chat, "do you mend bicycles", FALLBACK)

    def people_in(texts: Sequence[str]) -> list[list[str]]:
        told(database, kept, "hello", HELLO)
        with database.writing() as session:
            conversations.erase(session, erased)
        return [[] for _ in texts]

    assert gather(database, NameMask(front_desk, people_in)) == 1
    assert [row.conversation_id for row in rows(database)] == [kept]


def test_an_erased_conversation_takes_its_questions_with_it(database: Database, mask: NameMask) -> None:
    chat = a_chat(database)
    told(database, chat, "do you mend bicycles", FALLBACK)
    gather(database, mask)
    with database.writing() as session:
        conversations.erase(session, chat)
    assert rows(database) == []


# What staff make of them


def some_questions(database: Database, mask: NameMask, texts: Sequence[str] = ("do you mend bicycles", "can I sew here")) -> list[int]:
    for text in texts:
        told(database, a_chat(database), text, FALLBACK)
    gather(database, mask)
    return [row.id for row in rows(database)]


def audited(database: Database) -> list[tuple[str, str, str, object, object]]:
    with database.reading() as session:
        found = session.scalars(select(AuditRow).filter_by(subject="question").order_by(AuditRow.id))
        return [(row.who, row.what, row.subject, row.old, row.new) for row in found]


def test_a_judgement_is_kept_with_who_made_it(database: Database, mask: NameMask) -> None:
    ids, staff = some_questions(database, mask), somebody_of_the_staff(database).id
    with database.writing() as session:
        assert unanswered.judge(session, ids, "topic", "digital-help", staff) == ids
    assert [(row.state, row.topic, row.staff_id) for row in rows(database)] == [("topic", "digital-help", staff)] * 2
    old, new = {"state": "new", "topic": ""}, {"state": "topic", "topic": "digital-help"}
    assert audited(database) == [(f"staff:{staff}", "judged", "question", old, new)] * 2


def test_a_question_that_somebody_else_judged_stays_as_they_judged_it(database: Database, mask: NameMask) -> None:
    [first, second], staff = some_questions(database, mask), somebody_of_the_staff(database).id
    with database.writing() as session:
        unanswered.judge(session, [first], "not for us", "", staff)
    with database.writing() as session:
        assert unanswered.judge(session, [first, second], "topic", "digital-help", staff) == [second]
    assert [row.state for row in rows(database)] == ["not for us", "topic"]


def test_a_judgement_can_be_taken_back_until_it_is_taught(database: Database, mask: NameMask) -> None:
    [first, second], staff = some_questions(database, mask), somebody_of_the_staff(database).id
    with database.writing() as session:
        unanswered.judge(session, [first, second], "topic", "digital-help", staff)
        [question, _] = unanswered.accepted(session)
        assert unanswered.mark_taught(session, [question]) == 1
    with database.writing() as session:
        assert unanswered.put_back(session, [first, second], staff) == [second]
    assert [(row.state, row.topic) for row in rows(database)] == [("taught", "digital-help"), ("new", "")]


@pytest.mark.parametrize(("state", "topic"), [("topic", ""), ("topic", "no-such-topic"), ("taught", ""), ("new", ""), ("not for us", "digital-help")])
def test_only_real_topics_and_judgements_can_be_given(database: Database, mask: NameMask, state: str, topic: str) -> None:
    ids, staff = some_questions(database, mask), somebody_of_the_staff(database).id
    with database.writing() as session, pytest.raises(UnknownTopicError):
        unanswered.judge(session, ids, state, topic, staff)


def test_what_is_to_be_taught(database: Database, mask: NameMask) -> None:
    """A question that is not for us teaches something only where it was answered as if it were."""
    wrong = told(database, a_chat(database), "is there Wi-Fi on the bus", ANSWER)
    feedback(database, wrong, helpful=False)
    ids = some_questions(database, mask, ("do you mend bicycles", "where is the bus stop", "how do I sew"))
    by_text = {row.text: row.id for row in rows(database)}
    staff = somebody_of_the_staff(database).id
    with database.writing() as session:
        unanswered.judge(session, [by_text["do you mend bicycles"]], "new topic", "", staff)
        unanswered.judge(session, [by_text["how do I sew"]], "topic", "adult-courses", staff)
        unanswered.judge(session, ids, "not for us", "", staff)
    with database.reading() as session:
        taught = {question.text: question.label for question in unanswered.accepted(session)}
    assert taught == {"how do I sew": "adult-courses", "is there Wi-Fi on the bus": "out_of_scope"}


def test_what_is_judged_anew_while_the_desk_learns_is_not_marked_as_taught(database: Database, mask: NameMask) -> None:
    [one], staff = some_questions(database, mask, ["can I sew here"]), somebody_of_the_staff(database).id
    with database.writing() as session:
        unanswered.judge(session, [one], "topic", "digital-help", staff)
        learning = unanswered.accepted(session)
        unanswered.put_back(session, [one], staff)
    with database.writing() as session:
        unanswered.judge(session, [one], "topic", "adult-courses", staff)
    with database.writing() as session:
        assert unanswered.mark_taught(session, learning) == 0

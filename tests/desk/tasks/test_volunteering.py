"""Offering to volunteer in conversation: with what, when, where, who; nothing is stored before the last yes."""

from typing import Any

import pytest
from sqlalchemy import select

from desk.database import Database
from desk.references import shown
from desk.staff_tables import VolunteerRow
from tests.desk.tasks.chat import Chat

KEV = "I'd like to volunteer on Saturdays with the coding club at Pimlico, I'm Kev Jones, 07700 900701"


def offer(chat: Chat, text: str) -> Any:
    return chat.say(text, "register_volunteer")


def volunteers(chat: Chat) -> list[VolunteerRow]:
    with chat.database.reading() as session:
        return list(session.scalars(select(VolunteerRow).filter_by(conversation_id=chat.id)))


def the_volunteer(chat: Chat) -> VolunteerRow:
    [row] = volunteers(chat)
    return row


@pytest.fixture
def read_back(chat: Chat) -> Chat:
    offer(chat, "volunteer sign up")
    assert chat.several("tea and tech", "Tuesday mornings", "Chelsea", "Joan Lusby", "07700 900123", "no").asks == ("confirm", "consent")
    return chat


def test_everything_in_the_first_message(chat: Chat):
    assert offer(chat, KEV).asks == ("message", "access_needs")
    lead = chat.say("no").lead
    for part in ("Kev Jones", "Coding club", "Saturdays", "Pimlico Library", "07700 900701", "16 or over", "90 days"):
        assert part in lead
    assert not volunteers(chat)
    done = chat.say("yes")
    row = the_volunteer(chat)
    assert (done.kind, done.reference, chat.state) == ("volunteered", shown(row.reference), None)
    assert (row.name, row.interests, row.libraries, row.phone) == ("Kev Jones", ["coding-club"], ["pimlico-library"], "+447700900701")
    assert (row.state, row.source) == ("new", "chat")
    assert row.consent_at is not None


def test_one_question_at_a_time(chat: Chat):
    assert offer(chat, "volunteer sign up").asks == ("topic",)
    assert chat.say("phone help and home visits").asks == ("date_time",)
    assert chat.say("Tuesday mornings").asks == ("library",)
    assert chat.say("Chelsea and Pimlico").asks == ("name",)
    assert chat.say("Joan Lusby").asks == ("contact",)
    assert chat.say("joan@example.org").asks == ("message", "access_needs")
    assert chat.say("I speak Urdu").asks == ("confirm", "consent")
    chat.say("yes")
    row = the_volunteer(chat)
    assert (row.interests, row.times, row.about) == (["phone-help", "home-visits"], "Tuesday mornings", "I speak Urdu")
    assert sorted(row.libraries) == ["chelsea-library", "pimlico-library"]


def test_several_interests_by_buttons(chat: Chat):
    offer(chat, "volunteer sign up")
    assert chat.press("Coding club").asks == ("topic",)
    assert chat.press("Tea and Tech").asks == ("topic",)
    assert chat.press("That is all").asks == ("date_time",)
    assert chat.state is not None
    assert set(chat.state["case"]["interests"]) == {"coding-club", "tea-and-tech"}


@pytest.mark.parametrize(
    ("said", "interests"),
    [
        ("I don't mind", ["one-to-one", "tea-and-tech", "coding-club", "phone-help", "home-visits"]),
        ("showing people how to use their phones", ["one-to-one"]),
        ("I could bring books to the housebound", ["home-visits"]),
        ("repairing old laptops", ["other"]),
    ],
)
def test_interests_in_their_own_words(chat: Chat, said: str, interests: list[str]):
    offer(chat, "volunteer sign up")
    assert chat.say(said).asks == ("date_time",)
    chat.several("evenings", "any", "Joan", "07700 900123", "no", "yes")
    row = the_volunteer(chat)
    assert row.interests == interests
    assert "other" not in interests or said in row.about


@pytest.mark.parametrize(
    "text", ["I'm 15 and I want to help", "I want to volunteer, I am 14 years old", "my son is 13, he wants to help, I'm under 16 he says"]
)
def test_whoever_is_under_16_is_sent_to_staff(chat: Chat, text: str):
    reply = offer(chat, text)
    assert "talk it over with you and your parents" in reply.lead
    assert "020" in reply.lead
    assert chat.state is None
    assert not volunteers(chat)


def test_an_age_told_at_the_read_back_counts_too(read_back: Chat):
    assert "parents" in read_back.say("I'm only 15").lead
    assert not volunteers(read_back)


@pytest.mark.parametrize("text", ["I'm 17 and free after college", "I am 71", "I can do 12 hours a week"])
def test_sixteen_and_over_may_go_on(chat: Chat, text: str):
    assert offer(chat, text).kind == "question"


def test_what_follows_is_said_from_the_article(read_back: Chat):
    done = read_back.say("yes")
    assert read_back.desk.articles["volunteer"].front.facets["time"] in done.lead
    assert "checks" in done.lead


@pytest.mark.parametrize(
    ("correction", "column", "value"),
    [
        ("also the coding club", "interests", ["tea-and-tech", "coding-club"]),
        ("no, Friday afternoons", "times", "no, Friday afternoons"),
        ("at Pimlico instead", "libraries", ["pimlico-library"]),
        ("no, it's spelt Lusbey", "name", "Joan Lusbey"),
        ("use joan@example.org instead", "email", "joan@example.org"),
        ("any library is fine", "libraries", []),
    ],
)
def test_a_correction_changes_just_that(read_back: Chat, correction: str, column: str, value: object):
    assert read_back.say(correction).asks == ("confirm", "consent")
    read_back.say("yes")
    assert getattr(the_volunteer(read_back), column) == value


@pytest.mark.parametrize("part", ["What you help with", "The times", "The libraries", "The name", "phone number", "What staff should know"])
def test_a_bare_no_asks_what_to_change(read_back: Chat, part: str):
    assert read_back.say("no", "deny").asks == ("confirm",)
    assert read_back.press(part).asks != ("confirm",)


def test_somebody_who_cannot_be_reached_is_told_to_come_by(chat: Chat):
    offer(chat, "volunteer sign up")
    assert "ask at any library" in chat.several("tea and tech", "it varies", "any", "Ade", "neither", "no", "yes").lead


def test_stop_keeps_nothing(read_back: Chat):
    assert read_back.say("stop", "stop").label == "stop"
    assert not volunteers(read_back)
    assert read_back.state is None


@pytest.mark.parametrize(
    ("question", "label", "words"),
    [
        ("do I get paid?", "volunteer", "You do not need to be an expert"),
        ("what do you do with my number?", "privacy", "not sold"),
        ("why do you ask?", "inform", "how to get in touch"),
    ],
)
def test_a_question_in_the_middle_is_answered(chat: Chat, question: str, label: str, words: str):
    offer(chat, "volunteer sign up")
    asks = chat.say("tea and tech").asks
    assert chat.say(question, label).asks == asks
    assert words in "\n".join(reply.text for reply in chat.replies or ())


def test_a_pair_is_taken_one_at_a_time(chat: Chat):
    assert "one person at a time" in offer(chat, "my wife and I would both like to volunteer").lead


def test_a_daughter_is_registered_with_her_agreement(chat: Chat):
    assert "answer for them" in offer(chat, "please register my daughter as a volunteer for the coding club").lead
    assert "Ann Bell agrees" in chat.several("Saturdays", "any", "Ann Bell", "07700 900123", "no").lead
    chat.say("yes")
    assert the_volunteer(chat).name == "Ann Bell"


def test_an_erased_chat_leaves_the_offer(read_back: Chat, desk_database: Database):
    read_back.say("yes")
    read_back.erase()
    with desk_database.reading() as session:
        assert session.scalars(select(VolunteerRow.conversation_id)).all() == [None]

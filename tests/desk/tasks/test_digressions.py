"""Questions in the middle, other tasks, people: answered, and nothing lost."""

import pytest

from tests.desk.tasks.chat import Chat


@pytest.fixture
def asked_for_contact(chat: Chat) -> Chat:
    chat.book("help with my phone at Pimlico")
    chat.several("1", "Jo")
    assert chat.reply.asks == ("contact",)
    return chat


def kinds(chat: Chat) -> list[str]:
    return [reply.kind for reply in chat.replies or []]


@pytest.mark.parametrize(
    ("text", "label", "kind", "words"),
    [
        ("is there parking?", "getting-to-the-library", "answer", "Blue Badge"),
        ("how do I get the NHS App", "nhs-app", "answer", "NHS App"),
        ("what do you do with my number?", "privacy", "smalltalk", "not sold"),
        ("what do you do with my number?", "out_of_scope", "smalltalk", "not sold"),
        ("is Pimlico open on Saturday?", "find-a-library", "answer", "Saturday"),
        ("are you a real person?", "bot_challenge", "smalltalk", "computer program"),
    ],
)
def test_a_question_is_answered_and_the_pending_one_asked_again(asked_for_contact: Chat, text: str, label: str, kind: str, words: str):
    reply = asked_for_contact.say(text, label)
    assert kinds(asked_for_contact) == [kind, "question"]
    assert words in asked_for_contact.replies[0].text  # type: ignore[index]
    assert reply.asks == ("contact",)
    asked_for_contact.several("07700 900123", "no", "yes")
    assert asked_for_contact.booking.attendee_name == "Jo"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("what's it cost?", "Free"),
        ("do I need to bring my own laptop?", "ring 020"),
        ("how long is it?", "10:30am to midday"),
        ("is it step-free?", "step free"),
        ("where exactly is it?", "Hall, Pimlico Library"),
        ("who is it for?", "16"),
        ("what languages do they speak?", "English"),
        ("why do you need that?", "staff know who is coming"),
    ],
)
def test_a_question_about_the_session_is_answered_from_the_session(asked_for_contact: Chat, text: str, words: str):
    reply = asked_for_contact.say(text, "fines")
    assert words in reply.lead
    assert reply.asks == ("contact",)


def test_what_sessions_on_offer_cost(chat: Chat):
    chat.book("help with email at North Kensington")
    reply = chat.say("how much is it?", "fines")
    assert "£2 for materials" in reply.lead
    assert reply.asks == ("session_choice",)


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("07700 900123", "databank"),
        ("jo@example.org", "email-account"),
        ("my number is 07700 900123", "smartphone-basics"),
        ("neither", "out_of_scope"),
    ],
)
def test_an_answer_is_an_answer_whatever_the_classifier_makes_of_it(asked_for_contact: Chat, answer: str, label: str):
    assert asked_for_contact.say(answer, label, 0.99).asks == ("access_needs",)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Fatima Al-Rashid", "out_of_scope"),
        ("Mark Bell", "thanks"),
        ("Grace", "affirm"),
        ("Will Page", "refer_someone"),
        ("Penny Bank", "online-banking"),
        ("Chuck Stop", "stop"),
    ],
)
def test_a_name_is_a_name_whatever_the_classifier_makes_of_it(chat: Chat, name: str, label: str):
    chat.book("help with my phone at Pimlico")
    chat.say("1")
    assert chat.say(name, label, 0.95).asks == ("contact",)
    chat.several("07700 900123", "no", "yes")
    assert chat.booking.attendee_name == name


def test_what_somebody_wants_help_with_is_no_digression(chat: Chat):
    chat.book()
    assert chat.say("how to use my iPhone", "smartphone-basics", 0.95).asks == ("library",)


def test_a_need_that_sounds_like_an_article_is_a_need(chat: Chat):
    chat.book("help with my phone at Pimlico")
    chat.several("1", "Jo", "07700 900123")
    chat.say("I use a wheelchair", "accessible-computers", 0.95)
    chat.say("yes")
    assert chat.booking.needs == "I use a wheelchair"


def test_an_unsure_guess_does_not_turn_away(asked_for_contact: Chat):
    asked_for_contact.say("is there something", "nhs-app", 0.3)
    assert kinds(asked_for_contact) == ["question"]


# Another task


def test_another_task_is_asked_about_and_nothing_is_lost(asked_for_contact: Chat):
    reply = asked_for_contact.say("I want to cancel my booking", "cancel_booking")
    assert "Shall I stop that and cancel a booking?" in reply.lead
    assert asked_for_contact.press("carry on").asks == ("contact",)
    asked_for_contact.several("07700 900123", "no", "yes")
    assert asked_for_contact.booking.attendee_name == "Jo"


def test_another_task_is_begun_on_yes(asked_for_contact: Chat):
    asked_for_contact.say("I want to check my booking", "check_booking")
    assert asked_for_contact.say("yes").asks == ("reference",)
    assert not asked_for_contact.bookings()


def test_an_answer_in_place_of_yes_or_no_goes_on(asked_for_contact: Chat):
    asked_for_contact.say("I want to check my booking", "check_booking")
    assert asked_for_contact.say("07700 900123").asks == ("access_needs",)


def test_putting_somebody_forward_is_begun_on_yes(asked_for_contact: Chat):
    asked_for_contact.say("I would like to refer my neighbour for a device", "refer_someone")
    assert asked_for_contact.say("yes").asks == ("consent",)
    assert not asked_for_contact.holds


def test_change_it_while_booking_is_a_correction(chat: Chat):
    chat.book("printer help at Pimlico next Wednesday, it's May Friday, 07700 900123")
    chat.say("1")
    assert chat.say("change it to Saturday 5 December", "change_booking").kind == "sessions"


def test_cancel_while_booking_stops_it(asked_for_contact: Chat):
    assert asked_for_contact.say("cancel", "cancel_booking").label == "stop"
    assert not asked_for_contact.bookings()


def test_repeat_says_the_question_again(asked_for_contact: Chat):
    assert asked_for_contact.say("what did you say?", "repeat").asks == ("contact",)


def test_thanks_is_answered_briefly(chat: Chat):
    chat.book("help with my phone at Pimlico")
    assert "welcome" in chat.say("thanks", "thanks").lead


def test_safety_goes_before_every_task(asked_for_contact: Chat):
    from desk.tasks.task import Heard

    assert asked_for_contact.hear(Heard("I want to end it all", "crisis", 0.95, intent="crisis")) is None
    assert asked_for_contact.say("07700 900123").asks == ("access_needs",)

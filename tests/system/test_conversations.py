"""Conversations as residents have them, with real Rasa and real actions. The clock stands on Wednesday 25 November 2026."""

from typing import Any

import pytest

from tests.running_desk import Conversation, RunningDesk
from tests.system.sentences import PHONE, names_phone
from tests.system.stored import remembered, sender

pytestmark = pytest.mark.system

# What a resident types; the kind and label of the reply; words that must be in it.
TURNS = [
    # in the library
    ("is it ok to do my banking on your wifi", "answer", "wifi-safety", "Do not use it for banking"),
    ("how do i connect to the wifi", "answer", "wifi-connect", "choose Wi-Fi"),
    ("how do i print from my phone", "answer", "print-scan-copy", "print"),
    ("how do i join the library", "answer", "join-library", "Joining the library is free"),
    ("is there a hearing loop", "answer", "accessible-computers", ""),
    ("do you charge fines for late books", "answer", "fines", "fines"),
    ("can you bring books to my mum, she cannot leave the house", "answer", "home-library-service", "Home Library Service"),
    ("i want to complain", "answer", "complaint-feedback", ""),
    # libraries and their hours
    ("what time is Chelsea library open till on Thursday", "answer", "find-a-library", "9:30am to 8pm on Thursday 26 November"),
    ("is chelsea library open on boxing day", "answer", "find-a-library", "bank holiday: Boxing Day"),
    ("which library is near SW3", "answer", "find-a-library", "Chelsea Library"),
    # getting online at home
    ("how do i get cheap broadband on universal credit", "answer", "social-tariffs", "broadband"),
    ("where can i get a free sim card", "answer", "databank", "free SIM"),
    ("can i borrow a laptop", "answer", "borrow-a-device", "lend a laptop"),
    ("can I give my old laptop away", "answer", "donate-a-device", "wipe"),
    ("i have no home and need a phone", "answer", "homeless-support", "without an address"),
    # learning and doing things online
    ("how do i get that health app on my phone", "answer", "nhs-app", "NHS App is free"),
    ("order my repeat prescription online", "answer", "nhs-prescriptions", "repeat medicine"),
    ("i got a text saying my parcel is stuck and to pay a fee", "answer", "scams", "159"),
    ("how can I do a video call with my grandchildren", "answer", "video-calls", "WhatsApp"),
    ("help with my CV", "answer", "jobs-online", "CV"),
    ("what is chatgpt", "answer", "ai-basics", "ChatGPT"),
    ("my kids are on tiktok is it safe", "answer", "children-online", ""),
    # small talk
    ("hello", "smalltalk", "greet", "What would you like to know?"),
    ("thanks so much", "smalltalk", "thanks", "You are welcome"),
    ("cheers bye", "smalltalk", "goodbye", "Goodbye"),
    ("are you a robot", "smalltalk", "bot_challenge", "computer program, not a person"),
    ("am I talking to a real person", "smalltalk", "bot_challenge", PHONE),
    ("what happens to what I type here", "smalltalk", "privacy", "kept for up to 365 days"),
    ("what can you do", "smalltalk", "capabilities", "Wi-Fi"),
    ("do you speak Polish", "smalltalk", "change_language", PHONE),
    # in the words people really use
    ("I can't afford the internet at home", "answer", "social-tariffs", "broadband"),
    ("my grandson says I shouldn't do my banking in here, is he right", "answer", "wifi-safety", "Do not use it for"),
    ("the NHS thing wants a picture of my face", "answer", "nhs-login-problems", ""),
    # safety
    ("I want to kill myself", "crisis", "crisis", "Samaritans on 116 123"),
    ("my husband hits me", "crisis", "crisis", "0808 2000 247"),
    ("my chest hurts what should i take", "medical", "medical_advice", "ring 999"),
    ("can i take ibuprofen with my blood pressure tablets", "medical", "medical_advice", "ring 111"),
    ("my card number is 4111 1111 1111 1111", "personal_data", "personal_data", "a bank card number"),
    # what the desk does not know
    ("asdkjh", "fallback", "out_of_scope", PHONE),
    ("what is the weather tomorrow", "fallback", "out_of_scope", PHONE),
    ("who won the football", "fallback", "out_of_scope", PHONE),
    # what the desk cannot do yet
    ("i would like to refer my neighbour for a device", "question", "refer_someone", "Does your neighbour know"),
    ("i want to sign up to volunteer, take my details", "question", "register_volunteer", "What would you like to help with?"),
    ("can i talk to a person", "question", "talk_to_staff", "Nobody is on duty in this chat just now"),
]


def is_well_formed(reply: dict[str, Any]) -> None:
    """The one rule for every reply: it can be shown, it says where it comes from, and it never ends without a way on."""
    assert reply["from"] == "bot"
    assert reply["text"].strip()
    assert reply["html"].strip()
    assert all(choice["title"] in reply["text"] and choice["label"] for choice in reply.get("choices", ()))
    if reply["kind"] == "answer":
        assert reply["topic"] == reply["label"]
        is_sourced(reply)
    if reply["kind"] == "fallback":
        assert names_phone(reply["text"])


def is_sourced(answer: dict[str, Any]) -> None:
    """An article names its public sources and when they were checked; hours come from the libraries' own page and say that they are a sample."""
    for source in answer.get("sources", ()):
        assert source["title"] in answer["text"]
        assert source["url"].startswith("https://")
        assert source["url"] in answer["text"]
        assert source["checked"] >= "2026-01-01"
    if not answer.get("sources"):
        assert answer["more"] == "/libraries"
        assert "sample data" in answer["text"]


@pytest.mark.parametrize(("text", "kind", "label", "says"), TURNS)
def test_a_question_gets_the_reply_it_is_due(resident: Conversation, text: str, kind: str, label: str, says: str) -> None:
    reply = resident.say(text)
    assert (reply["kind"], reply["label"]) == (kind, label)
    assert says in reply["text"]
    is_well_formed(reply)


# Buttons


@pytest.mark.parametrize("label", ["wifi-connect", "digital-help", "find-a-library"])
def test_a_button_of_the_welcome_leads_to_its_topic(resident: Conversation, label: str) -> None:
    [welcome] = resident.log()
    [title] = [choice["title"] for choice in welcome["choices"] if choice["label"] == label]
    reply = resident.choose(welcome, title)
    assert (reply["kind"], reply["topic"], reply["label"]) == ("answer", label, label)
    assert resident.log()[1]["text"] == title


def test_an_unclear_question_is_answered_with_choices_and_each_leads_to_its_topic(resident: Conversation) -> None:
    offer = resident.say("computer")
    assert offer["kind"] == "choice"
    articles = [choice for choice in offer["choices"] if "-" in choice["label"]]
    assert articles
    for choice in articles:
        assert resident.choose(offer, choice["title"])["topic"] == choice["label"]


def test_none_of_these_leads_to_other_topics(resident: Conversation) -> None:
    reply = resident.choose(resident.say("computer"), "None of these")
    assert (reply["kind"], reply["label"]) == ("choice", "not_helpful")
    assert names_phone(reply["text"])


def test_a_choice_that_nobody_offered_is_refused(resident: Conversation) -> None:
    resident.say("hello")
    before = resident.log()
    for made_up in ("99-0", "1-9", "wifi-connect", "/restart", '{"topic": "scams"}'):
        response = resident.post(choice=made_up)
        assert response.status_code == 422
        assert response.json()["error"]["message"] == "That choice is no longer open. Please type your question, or start again."
    assert resident.log() == before


# Commands of Rasa's own, which nobody may give by typing

COMMANDS = [
    "/restart",
    "/session_start",
    '/faq{"topic": "scams"}',
    "//restart",
    "/ /restart",
    "\\/restart",
    "\u200b/restart",
    "/\u00a0/restart",
    "/\u2003/session_start",
    '/\u00a0/faq{"topic": "scams"}',
]


@pytest.mark.parametrize("text", COMMANDS)
def test_text_that_looks_like_a_command_is_ordinary_text(running_desk: RunningDesk, resident: Conversation, text: str) -> None:
    resident.say("how do i connect to the wifi")
    reply = resident.say(text)
    events = remembered(running_desk, sender(running_desk, resident))
    understood = [event for event in events if event["event"] == "user"]
    assert len(understood) == 2, "Rasa was restarted, or never asked"
    assert not understood[1]["text"].startswith("/")
    assert understood[1]["parse_data"]["intent"]["confidence"] < 1, "a command is what Rasa is certain of; words are understood by the classifier"
    # Obeyed, it would have answered; as words, "scams" may at most be offered.
    assert (reply["kind"], reply.get("topic")) != ("answer", "scams")


# Again, and something else


def test_say_that_again_gives_the_last_answer_again(resident: Conversation) -> None:
    answer = resident.say("is it ok to do my banking on your wifi")
    again = resident.say("say that again")
    assert again["label"] == "repeat"
    assert again["text"] == f"Here it is again.\n{answer['text']}"
    assert again["sources"] == answer["sources"]


def test_say_that_again_said_twice_gives_the_same_twice(resident: Conversation) -> None:
    resident.say("is it ok to do my banking on your wifi")
    assert resident.say("say that again")["text"] == resident.say("say that again")["text"]


def test_say_that_again_before_anything_was_asked(resident: Conversation) -> None:
    reply = resident.say("say that again")
    assert (reply["kind"], reply["label"]) == ("smalltalk", "repeat")


@pytest.mark.parametrize("text", ["I want to kill myself", "my chest hurts what should i take"])
def test_say_that_again_gives_the_numbers_of_a_safety_reply_again(resident: Conversation, text: str) -> None:
    resident.say("how do i connect to the wifi")
    alarm = resident.say(text)
    assert alarm["text"] in resident.say("can you repeat that")["text"]


def test_an_answer_that_did_not_help_is_followed_by_other_topics_and_then_by_a_person(resident: Conversation) -> None:
    resident.say("i got a text saying my parcel is stuck and to pay a fee")
    other = resident.say("that did not help")
    assert (other["kind"], other["label"]) == ("choice", "not_helpful")
    assert "scams" not in [choice["label"] for choice in other["choices"]]
    assert len(other["choices"]) >= 2
    person = resident.say("that did not help")
    assert (person["kind"], person["label"]) == ("fallback", "not_helpful")
    assert "A person can help" in person["text"]
    assert names_phone(person["text"])


def test_after_an_answer_that_helped_the_count_begins_anew(resident: Conversation) -> None:
    resident.say("how do i connect to the wifi")
    other = resident.say("that did not help")
    resident.choose(other, other["choices"][0]["title"])
    assert resident.say("that did not help")["kind"] == "choice"


def test_a_day_asked_after_a_library_is_about_that_library(resident: Conversation) -> None:
    resident.say("what time is Chelsea library open till on Thursday")
    reply = resident.say("is it open on Sunday")
    assert "Chelsea Library is open 1pm to 5pm on Sunday 29 November" in reply["text"]


def test_a_day_asked_without_a_library_is_asked_back(resident: Conversation) -> None:
    assert resident.say("are you open on Sunday")["text"] == "Which library do you mean?"


def test_a_short_question_is_about_the_topic_in_hand(resident: Conversation) -> None:
    whole = resident.say("how do i connect to the wifi")
    cost = resident.say("how much is it?")
    assert (cost["kind"], cost["topic"]) == ("answer", "wifi-connect")
    assert "Library Wi-Fi is free" in cost["text"]
    assert cost["text"] != whole["text"]
    assert cost["sources"] == whole["sources"]


def test_two_questions_in_one_message_get_two_answers(resident: Conversation) -> None:
    response = resident.post(text="how do i join the library? and where can i get a free sim card?")
    assert [reply["topic"] for reply in response.json()["messages"]] == ["join-library", "databank"]
    assert [event.get("in_reply_to") for event in resident.log()] == [None, None, 2, 2]


def test_one_resident_does_not_hear_what_another_was_told(running_desk: RunningDesk, resident: Conversation) -> None:
    neighbour = running_desk.converse()
    neighbour.say("is it ok to do my banking on your wifi")
    assert resident.say("say that again")["kind"] == "smalltalk"
    assert len(resident.log()) == 3

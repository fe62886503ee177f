"""What a message says: yes, no, stop, which one, for whom."""

import pytest

from desk.tasks import hearing
from desk.tasks.task import Heard


@pytest.mark.parametrize(
    "text", ["yes", "Yes please", "yeah go on", "ok", "that's right", "That’s fine thanks", "book it", "perfect", "y", "sounds good", "go ahead"]
)
def test_ways_to_say_yes(text: str):
    assert hearing.is_only_yes(Heard(text))


@pytest.mark.parametrize("text", ["no", "yes but on Thursday", "not yet", "yesterday", "nobody", "Yasmin", "", "okay but change the name"])
def test_what_is_not_a_plain_yes(text: str):
    assert not hearing.is_only_yes(Heard(text))


@pytest.mark.parametrize("text", ["no", "No.", "nope", "no thanks", "that's wrong", "wrong", "nah", "not right", "no, that's wrong"])
def test_ways_to_say_a_bare_no(text: str):
    assert hearing.is_only_no(Heard(text))


@pytest.mark.parametrize("text", ["no, Thursday", "no it's spelt Siobhán", "Nora", "none", "now please", "Noor"])
def test_a_no_with_more_to_it_is_not_bare(text: str):
    assert not hearing.is_only_no(Heard(text))


@pytest.mark.parametrize(
    "text",
    [
        "stop",
        "Stop please",
        "forget it",
        "never mind",
        "oh forget it",
        "cancel",
        "leave it",
        "I've changed my mind",
        "I don’t want to book any more",
        "quit",
    ],
)
def test_ways_to_stop(text: str):
    assert hearing.wants_to_stop(Heard(text))


@pytest.mark.parametrize("text", ["cancel my booking", "I want to stop scam calls", "stopping emails", "forgotten password", "leave it on Thursday"])
def test_what_does_not_stop_anything(text: str):
    assert not hearing.wants_to_stop(Heard(text))


@pytest.mark.parametrize(
    ("text", "nth"),
    [
        ("2", 1),
        ("the second one", 1),
        ("second", 1),
        ("number 2 please", 1),
        ("1.", 0),
        ("the first", 0),
        ("first one please", 0),
        ("I'll have the third one", 2),
        ("option 3", 2),
        ("the last one", 2),
        ("the 2nd", 1),
        ("can I have the second one, it's Joe", 1),
        ("yes the first one", 0),
        ("three", 2),
        ("at 2", None),
        ("2pm", None),
        ("the 2nd of December", None),
        ("4", None),
        ("07700 900123", None),
        ("yes", None),
        ("half past two", None),
        ("the one at Chelsea", None),
    ],
)
def test_which_of_three_is_meant(text: str, nth: int | None):
    assert hearing.which_of(text, 3) == nth


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("it's for my mum", "mum"),
        ("booking for my elderly neighbour", "neighbour"),
        ("can you book my husband in", "husband"),
        ("on behalf of a client", "client"),
        ("my dad needs help with his phone", "dad"),
        ("for my 9-year-old daughter", "daughter"),
        ("it's for someone else", ""),
        ("I'm her carer", ""),
        ("to talk to my grandchildren", None),
        ("for my phone", None),
        ("help me set up my son's old laptop", None),
        ("my son told me to ask", None),
    ],
)
def test_for_whom_somebody_books(text: str, relation: str | None):
    assert hearing.relation_in(text) == relation


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("he is 9", 9),
        ("she's 12 years old", 12),
        ("my 10 year old son", 10),
        ("I'm 14", 14),
        ("aged 11", 11),
        ("at 10", None),
        ("is 2 December ok", None),
    ],
)
def test_ages(text: str, age: int | None):
    assert hearing.age_in(text) == age


@pytest.mark.parametrize(
    "text", ["a group of 8", "there are 6 of us", "for 12 people", "group booking", "for our whole group", "bringing fifteen pupils"]
)
def test_groups(text: str):
    assert hearing.is_group(text)


@pytest.mark.parametrize(
    "text", ["two of us", "for 2 people", "is there a reading group", "one of us", "my class is on Monday", "for me and my wife"]
)
def test_what_is_not_a_group(text: str):
    assert not hearing.is_group(text)


@pytest.mark.parametrize(
    "text", ["is there parking?", "what does it cost", "do I need to bring anything", "and how long is it", "Where is that", "parking?"]
)
def test_questions(text: str):
    assert hearing.is_question(text)


@pytest.mark.parametrize("text", ["Isla Whatley", "Ismail", "Thursday", "my phone", "Arezoo", "Dorothy Willis", "Candice"])
def test_answers_that_begin_like_a_question(text: str):
    assert not hearing.is_question(text)


@pytest.mark.parametrize("text", ["neither", "I don't have a phone", "haven't got one", "no email", "I have neither", "none", "I don’t use email"])
def test_ways_to_have_no_contact(text: str):
    assert hearing.has_no_contact(text)


@pytest.mark.parametrize("text", ["later", "anything later?", "later ones please", "is there something later", "more dates"])
def test_ways_to_ask_for_later(text: str):
    assert hearing.later(Heard(text))


@pytest.mark.parametrize("text", ["nearer me", "is there one near me", "something closer", "somewhere close to home", "my nearest"])
def test_ways_to_ask_for_nearer(text: str):
    assert hearing.nearer(Heard(text))


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("it's spelt Siobhán", "Siobhán"),
        ("no, spelt S-I-O-B-H-A-N", "Siobhan"),
        ("my name is spelled Kathryn.", "Kathryn"),
        ("the spelling is O’Neill", "O’Neill"),
        ("spell", None),
        ("Thursday", None),
    ],
)
def test_spellings(text: str, spelling: str | None):
    assert hearing.spelling(text) == spelling


def test_kinds_languages_and_access():
    assert hearing.kinds_in("is there a drop-in") == ("drop-in",)
    assert hearing.kinds_in("one to one help please") == ("one-to-one",)
    assert hearing.languages_in("somebody who speaks bengali or in Polish") == ("Bengali", "Polish")
    assert hearing.access_in("I use a wheelchair and a hearing aid") == ("step-free", "hearing-loop")


@pytest.mark.parametrize(
    "text",
    [
        "I want to book tea and tech at Pimlico",
        "can you book me on the scams class",
        "hi, I'd like to book printer help",
        "sign me up for the IT clinic",
    ],
)
def test_asking_for_a_booking_in_so_many_words(text: str):
    assert hearing.asks_to_book(text)


@pytest.mark.parametrize(
    "text",
    [
        "I want to book a computer",
        "can I book a meeting room",
        "how do I book a session",
        "I need to book a GP appointment",
        "I want a book",
        "book club",
        "book a laptop",
    ],
)
def test_what_is_no_request_for_a_session(text: str):
    assert not hearing.asks_to_book(text)

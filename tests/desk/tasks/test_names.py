"""Names are found where they are said, and kept exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.contacts import Email, Phone
from desk.tasks.names import answered_name, contacts_in, respelt, said_name, without_contacts

NAMES = [
    "Fatima Al-Rashid",
    "Siobhán O'Neill",
    "O’Brien",
    "May",
    "April June",
    "Will",
    "Mark",
    "李小龙",
    "فاطمة",
    "Łukasz Żółć",
    "jean-luc picard",
    "Ngozi Okonjo-Iweala",
    "J. R. Hartley",
    "Sukarno",
    "Björk Guðmundsdóttir",
    "Nguyễn Thị Minh Khai",
    "de la Cruz",
    "X Æ A-12",
    "<b>Bob</b>",
    "Robert'); DROP TABLE bookings;--",
    "Ok Young",
    "Mary-Jane van der Berg",
    "Monday Okafor",
    "Sunday",
    "Nora",
]


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_that_is_a_name_is_kept_exactly(name: str):
    assert answered_name(name) == name


@pytest.mark.parametrize(
    "around", ["my name is {}", "it's {}", "It’s {}", "I'm {}", "yes, it's {}", "{}, 07700 900123", "name: {}", "{} please", "put {}"]
)
@pytest.mark.parametrize("name", ["Fatima Al-Rashid", "Siobhán O'Neill", "Rose Bell"])
def test_what_is_said_around_a_name_is_left_out(name: str, around: str):
    assert answered_name(around.format(name)) == name


@pytest.mark.parametrize("text", ["", "07700 900123", "?", "I would like to know first what you are going to do with it all please", "123456"])
def test_what_is_no_name(text: str):
    assert answered_name(text) is None


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Lo"]), min_size=2, max_size=20))
def test_any_one_word_in_any_script_is_kept(word: str):
    taken = answered_name(word)
    assert taken in (word, None)


def is_place(name: str) -> bool:
    return name in ("Kensal Rise", "Church Street", "Chelsea Library")


@pytest.mark.parametrize(
    ("text", "name", "of_other"),
    [
        ("can somebody sort my printer out next Wednesday, it's May Friday, 07700 900123", "May Friday", False),
        ("it's fatima khan, 07700 900123", "fatima khan", False),
        ("my name is Siobhán O'Brien and my email is s@example.org", "Siobhán O'Brien", False),
        ("Fatima Khan 07700 900123", "Fatima Khan", False),
        ("I'm Jo Smith jo@example.org", "Jo Smith", False),
        ("07700 900123, Dan Hill", "Dan Hill", False),
        ("book it for my mum Rose Bell on Thursday", "Rose Bell", True),
        ("my mum, she's called Rose Bell", "Rose Bell", True),
        ("his name is Leo and he is 9", "Leo", True),
        ("on Wednesday, Victoria Wood 07700900123", "Victoria Wood", False),
    ],
)
def test_a_name_in_a_longer_message(text: str, name: str, of_other: bool):
    assert said_name(text, is_place) == (name, of_other)


@pytest.mark.parametrize(
    "text",
    [
        "book the IT clinic at Pimlico",
        "it's Friday 27 November I want",
        "I'm worried about my phone",
        "I am very worried about my phone 07700 900123",
        "IT clinic at Kensal Rise",
        "help with the NHS App please",
        "Church Street 07700 900123",
        "this is about Universal Credit",
    ],
)
def test_a_message_without_a_name(text: str):
    named = said_name(text, is_place)
    assert named is None or named[0] == "Universal Credit"


def test_both_a_number_and_an_address_are_taken():
    assert contacts_in("07700 900123 or mary@example.org") == [Email("mary@example.org"), Phone("+447700900123", "07700 900123", True)]


@pytest.mark.parametrize(
    ("name", "spelling", "whole"),
    [
        ("Siobhan O'Neill", "Siobhán", "Siobhán O'Neill"),
        ("Jon Smith", "Smyth", "Jon Smyth"),
        ("Kathryn", "Catherine", "Catherine"),
        ("Jon Smith", "John Smythe", "John Smythe"),
        ("Anna Maria Lopez", "López", "Anna Maria López"),
    ],
)
def test_a_respelt_name_changes_just_that_part(name: str, spelling: str, whole: str):
    assert respelt(name, spelling) == whole


def test_the_words_that_name_a_contact_are_no_topic():
    assert without_contacts("yes, my name is Olu and my email is olu@example.org").split() == ["yes,", "my", "name", "is", "Olu"]
    assert "email" in without_contacts("help with my email please")

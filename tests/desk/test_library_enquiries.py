from datetime import date

import pytest

from desk.library_enquiries import Hours, Nearest, WhichLibrary, read_enquiry
from tests.desk.town import WEDNESDAY, a_library

KENSAL = a_library("Kensal Library", "W10 5PF", (51.53, -0.21))
WHITECHAPEL = a_library("Idea Store Whitechapel", "E1 1BU", (51.52, -0.06))
TOWN = [KENSAL, WHITECHAPEL]


def test_a_library_and_a_day_ask_for_the_hours_of_that_day():
    assert read_enquiry("Is Kensal open on Saturday?", TOWN, WEDNESDAY) == Hours(KENSAL, date(2026, 11, 28))


def test_a_library_alone_asks_for_its_week():
    assert read_enquiry("Kensal opening hours", TOWN, WEDNESDAY) == Hours(KENSAL, None)


def test_a_postcode_asks_for_the_nearest():
    assert read_enquiry("nearest library to E1 please", TOWN, WEDNESDAY) == Nearest("E1", [WHITECHAPEL, KENSAL])


def test_a_named_library_goes_before_a_postcode():
    assert read_enquiry("Is Kensal, W10, open today?", TOWN, WEDNESDAY) == Hours(KENSAL, WEDNESDAY)


def test_a_day_alone_is_about_the_library_in_hand():
    assert read_enquiry("and on Sunday?", TOWN, WEDNESDAY, "Kensal Library") == Hours(KENSAL, date(2026, 11, 29))


def test_another_library_named_is_not_the_one_in_hand():
    assert read_enquiry("and Whitechapel tomorrow?", TOWN, WEDNESDAY, "Kensal Library") == Hours(WHITECHAPEL, date(2026, 11, 26))


@pytest.mark.parametrize("question", ["are you open on Sunday", "what time do you shut tonight", "Saturday hours?"])
def test_hours_on_a_day_without_a_library_need_to_know_which(question: str):
    assert isinstance(read_enquiry(question, TOWN, WEDNESDAY), WhichLibrary)


def test_a_library_in_hand_that_is_gone_is_asked_for_again():
    assert isinstance(read_enquiry("open on Sunday?", TOWN, WEDNESDAY, "Closed Library"), WhichLibrary)


@pytest.mark.parametrize("question", ["", "where is the library?", "are you open", "I went there on Sunday and left my hat"])
def test_a_question_without_library_postcode_or_hours_on_a_day_asks_for_none_of_these(question: str):
    assert read_enquiry(question, TOWN, WEDNESDAY) is None

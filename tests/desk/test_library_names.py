import pytest

from desk.front_desk import FrontDesk
from desk.library_names import aliases, names_in, short_name


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Idea Store Whitechapel", "whitechapel"),
        ("Kensal Library", "kensal"),
        ("Kensington Central Library", "kensington"),
        ("St. John's Wood Library", "st johns wood"),
        ("Little Venice Sports Centre Library Satellite library", "little venice"),
        ("Library", "library"),
    ],
)
def test_a_library_is_called_by_the_short_of_its_name(name: str, short: str):
    assert short_name(name) == short


def test_the_longest_alias_comes_first():
    found = aliases("Kensal Library")
    assert {"kensal", "kensal library", "library kensal", "kensal libary"} <= set(found)
    assert found == sorted(found, key=len, reverse=True)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Is Kensal open on Saturday?", "Kensal Library"),
        ("kensal libary hours", "Kensal Library"),
        ("what time does Idea Store Whitechapel close", "Idea Store Whitechapel"),
        ("the ideastore in whitechapel", "Idea Store Whitechapel"),
        ("whitechapel library", "Idea Store Whitechapel"),
        ("Queen’s Park", "Queen's Park Library"),
        ("queens park", "Queen's Park Library"),
        ("St John's Wood", "St. John's Wood Library"),
        ("st. johns wood library", "St. John's Wood Library"),
        ("north kensington", "North Kensington Library"),
        ("kensington", "Kensington Central Library"),
        ("little venice", "Little Venice Sports Centre Library Satellite library"),
        ("Bow library", "Idea Store Bow"),
        ("the Victoria Library", "Victoria Library"),
        ("Local History Library", "Local History Library"),
        ("Express Library", "Express Library"),
    ],
)
def test_a_library_is_known_by_what_people_call_it(front_desk: FrontDesk, words: str, name: str):
    assert names_in(words, [library.name for library in front_desk.libraries]) == [name]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("whitechaple", "Idea Store Whitechapel"),
        ("padington", "Paddington Library"),
        ("marleybone", "Marylebone Library"),
        ("bethanl green", "Bethnal Green library"),
        ("canary warf", "Idea Store Canary Wharf"),
    ],
)
def test_a_small_typing_mistake_is_forgiven(front_desk: FrontDesk, words: str, name: str):
    assert names_in(words, [library.name for library in front_desk.libraries]) == [name]


@pytest.mark.parametrize(
    "words",
    [
        "the Victoria line",
        "take a bow",
        "express delivery",
        "the local history of the area",
        "Kendal mint cake",
        "which library is nearest",
        "idea",
        "",
    ],
)
def test_everyday_words_are_no_library(front_desk: FrontDesk, words: str):
    assert names_in(words, [library.name for library in front_desk.libraries]) == []


def test_several_libraries_are_found_in_the_order_of_the_text(front_desk: FrontDesk):
    found = names_in("Chelsea or Kensal, or is Chelsea shut?", [library.name for library in front_desk.libraries])
    assert found == ["Chelsea Library", "Kensal Library"]


def test_without_libraries_there_is_no_name():
    assert names_in("Is Kensal open?", []) == []

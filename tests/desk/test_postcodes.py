import pytest

from desk.front_desk import FrontDesk
from desk.postcodes import district_in, has_library_in, nearest
from tests.desk.town import a_library


@pytest.mark.parametrize(
    ("words", "district"),
    [
        ("where's my nearest library, I'm in W10", "W10"),
        ("i live at w10 5pf", "W10"),
        ("W105PF", "W10"),
        ("E11BU", "E1"),
        ("W1G6DW", "W1G"),
        ("sw1v", "SW1V"),
        ("EC1A 1BB please", "EC1A"),
        ("N1C 4AG", "N1C"),
        ("(NW8)", "NW8"),
        ("w2?", "W2"),
    ],
)
def test_a_district_is_found_however_the_postcode_is_typed(words: str, district: str):
    assert district_in(words) == district


@pytest.mark.parametrize("words", ["A4 paper", "an mp3 player", "5G", "Windows 11", "PS5", "at 10 am", "covid-19", ""])
def test_other_letters_and_figures_are_no_postcode(words: str):
    assert district_in(words) is None


def names(libraries: list) -> list[str]:
    return [library.name for library in libraries]


def test_the_libraries_of_w10_come_first_and_then_the_next_by_distance(front_desk: FrontDesk):
    found = names(nearest("W10", front_desk.libraries))
    assert set(found[:2]) == {"Kensal Library", "Queen's Park Library"}
    assert found[2] == "North Kensington Library"


def test_w1_is_w1g_and_w1k_too(front_desk: FrontDesk):
    assert set(names(nearest("W1", front_desk.libraries))[:2]) == {"Marylebone Library", "Mayfair Library"}
    assert has_library_in("W1", front_desk.libraries)


def test_e1w_is_part_of_e1(front_desk: FrontDesk):
    assert all(library.postcode.startswith("E1 ") for library in nearest("E1W", front_desk.libraries))


def test_a_district_without_a_library_gets_those_of_its_area_by_name(front_desk: FrontDesk):
    assert names(nearest("SW9", front_desk.libraries)) == ["Brompton Library", "Chelsea Library", "Express Library"]
    assert not has_library_in("SW9", front_desk.libraries)


def test_e1_is_not_e14(front_desk: FrontDesk):
    assert not any(library.postcode.startswith("E14") for library in nearest("E1", front_desk.libraries))


def test_far_away_there_is_none(front_desk: FrontDesk):
    assert nearest("M1", front_desk.libraries) == []


def test_no_more_are_named_than_asked_for(front_desk: FrontDesk):
    assert len(nearest("W2", front_desk.libraries)) == 3
    assert len(nearest("W2", front_desk.libraries, most=1)) == 1


def test_distance_is_over_the_ground():
    """A degree of longitude is shorter than one of latitude here."""
    here = a_library("Here", "W10 1AA", (51.5, -0.2))
    west = a_library("West", "W3 1AA", (51.5, -0.32))
    north = a_library("North", "NW2 1AA", (51.6, -0.2))
    assert names(nearest("W10", [north, west, here])) == ["Here", "West", "North"]


def test_a_library_of_the_district_comes_first_even_where_its_position_is_unknown():
    """Positions are columns that a service may leave out."""
    elsewhere = [a_library(name, "W12 1AA") for name in ("Acton", "Brook", "Cedar")]
    assert names(nearest("W10", [*elsewhere, a_library("Kensal", "W10 5PF")]))[0] == "Kensal"


def test_a_library_without_a_position_is_still_of_its_district():
    placed, unplaced = a_library("Placed", "W10 1AA", (51.5, -0.2)), a_library("Unplaced", "W10 2AA")
    assert set(names(nearest("W10", [placed, unplaced]))) == {"Placed", "Unplaced"}

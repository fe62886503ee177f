from hypothesis import given
from hypothesis import strategies as st

from desk.references import ALPHABET, new_reference, read_reference, reference_in, shown

LIKE_ANOTHER = {"0": "OQ", "1": "IL", "2": "Z", "5": "S", "8": "B", "U": "V", "M": "N", "6": "G"}

references = st.builds(lambda _: new_reference(), st.integers())
places = st.integers(0, 7)


def test_no_character_looks_like_another_and_no_vowel_makes_a_word():
    for one, others in LIKE_ANOTHER.items():
        assert sum(c in ALPHABET for c in one + others) <= 1
    assert not set(ALPHABET) & set("AEIOU")
    assert len(ALPHABET) == len(set(ALPHABET)) == 19  # a prime


def test_references_differ():
    assert len({new_reference() for _ in range(1000)}) == 1000


@given(references)
def test_a_reference_is_read_as_it_is_shown(reference: str):
    assert read_reference(shown(reference)) == reference
    assert shown(reference)[4] == "-"


@given(references, st.lists(st.sampled_from([" ", "-", ".", ""]), min_size=8, max_size=8), st.booleans())
def test_spaces_hyphens_and_case_do_not_count(reference: str, gaps: list[str], small: bool):
    said = "".join(c + gap for c, gap in zip(reference, gaps, strict=True))
    assert read_reference(said.lower() if small else said) == reference


@given(references, places, st.sampled_from(ALPHABET))
def test_one_character_mistyped_opens_nothing(reference: str, place: int, other: str):
    typed = reference[:place] + other + reference[place + 1 :]
    assert read_reference(typed) == (reference if typed == reference else None)


@given(references, places, places)
def test_two_characters_swapped_open_nothing(reference: str, one: int, other: int):
    typed = list(reference)
    typed[one], typed[other] = typed[other], typed[one]
    assert read_reference("".join(typed)) == (reference if "".join(typed) == reference else None)


@given(references, places)
def test_a_character_too_few_or_too_many_opens_nothing(reference: str, place: int):
    assert read_reference(reference[:place] + reference[place + 1 :]) is None
    assert read_reference(reference[:place] + reference[place] + reference[place:]) is None


@given(references)
def test_a_reference_is_found_in_a_sentence(reference: str):
    assert reference_in(f"hello my reference is {shown(reference)} and I can't come") == reference
    assert reference_in(f"it's {' '.join(shown(reference).lower())}, thanks") == reference


def test_figures_may_be_spoken():
    reference = next(r for r in iter(new_reference, "") if "7" in r and "3" in r)
    said = " ".join(reference).replace("7", "seven").replace("3", "three")
    assert reference_in(f"that's {said}") == reference


def test_a_message_without_one_holds_none():
    for message in ("I want to cancel my booking", "07700 900123", "SW1V 2PU", "", "7777 7777 7778"):
        assert reference_in(message) is None

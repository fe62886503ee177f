"""Names leave the questions that are kept to learn from; libraries and topics stay."""

from collections.abc import Sequence

import pytest

from commands.gathering import people_in
from desk.clock import now
from desk.database import Database
from desk.front_desk import FrontDesk
from desk.name_masking import CONTACT, NAME, NameMask, known_names
from desk.privacy import PersonalData
from desk.staff_tables import HandoverRow
from tests.desk.staff_room import a_chat


def nobody(texts: Sequence[str]) -> list[list[str]]:
    return [[] for _ in texts]


def masked(front_desk: FrontDesk, text: str, *known: str, people: Sequence[str] = ()) -> str:
    return NameMask(front_desk, lambda texts: [list(people) for _ in texts]).masked([text], [known])[0]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("my name is fatima khan and the wifi is broken", f"my name is {NAME} and the wifi is broken"),
        ("It's Jean Brown, I can't print", f"It's {NAME}, I can't print"),
        ("can I get a tablet for my mum Gladys Potter", f"can I get a tablet for my mum {NAME}"),
        ("print from my phone please", "print from my phone please"),
        ("my name's Olu and my name is Olu", f"my name's {NAME} and my name is {NAME}"),
    ],
)
def test_a_name_that_is_said_to_be_one(front_desk: FrontDesk, text: str, left: str) -> None:
    assert masked(front_desk, text) == left


def test_a_name_that_was_given_in_the_conversation_is_found_in_any_spelling(front_desk: FrontDesk) -> None:
    assert masked(front_desk, "JOAN here again, printer jammed for mrs smith", "Joan Smith") == f"{NAME} here again, printer jammed for mrs {NAME}"


def test_a_name_that_is_an_everyday_word_is_one_only_with_a_capital(front_desk: FrontDesk) -> None:
    assert masked(front_desk, "may I print, will it cost much? May asks", "May Will") == f"may I print, will it cost much? {NAME} asks"


def test_a_name_inside_another_word_stays(front_desk: FrontDesk) -> None:
    assert masked(front_desk, "an annual ticket", "Ann Annu") == "an annual ticket"


@pytest.mark.parametrize("name", ["Idea Store Whitechapel", "Pimlico", "Learn My Way", "Zoom", "Citizens Online"])
def test_libraries_and_topics_stay_though_spacy_takes_them_for_people(front_desk: FrontDesk, name: str) -> None:
    assert masked(front_desk, f"what is {name} please", people=[name]) == f"what is {name} please"


def test_telephone_numbers_and_addresses_are_taken_out(front_desk: FrontDesk) -> None:
    text = masked(front_desk, "no printing at home, ring me on 020 7946 0991 or joe@example.org, Priya Shah")
    assert "7946" not in text
    assert "example.org" not in text
    assert "Priya" not in text
    assert CONTACT in text


def test_the_privacy_rules_hold_here_too(front_desk: FrontDesk) -> None:
    assert PersonalData.NATIONAL_INSURANCE in masked(front_desk, "universal credit, QQ123456C no, AB123456C")


def test_names_of_a_conversation_are_those_that_it_gave_the_desk(database: Database) -> None:
    chat, other = a_chat(database), a_chat(database)
    with database.writing() as session:
        for conversation, name in ((chat, "Joan Smith"), (other, "Al Potter")):
            row = HandoverRow(conversation_id=conversation, kind="message", reason="asked", name=name, opened_at=now())
            session.add(row)
    with database.reading() as session:
        assert known_names(session, chat) == ["Joan Smith"]


def test_spacy_finds_the_names_of_people_that_no_rule_tells() -> None:
    assert people_in(["Can Sarah at Pimlico help me with my phone?", "how do I print"]) == [["Sarah"], []]

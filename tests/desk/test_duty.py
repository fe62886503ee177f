from collections.abc import Callable

import pytest

from desk import duty
from desk.database import Database
from tests.desk.staff_room import somebody_of_the_staff


@pytest.fixture(autouse=True)
def _now(at: Callable[[str], object]) -> None:
    at("2026-11-25T10:00:00")


def names_on_duty(database: Database) -> list[str]:
    with database.reading() as session:
        assert duty.anyone_on_duty(session) == bool(duty.on_duty(session))
        return [staff.name for staff in duty.on_duty(session)]


def test_who_says_so_is_on_duty(database: Database) -> None:
    somebody_of_the_staff(database, "Priya Shah")
    somebody_of_the_staff(database, "Tom Reed", on_duty=False)
    assert names_on_duty(database) == ["Priya Shah"]


def test_who_is_not_heard_of_is_away(database: Database, at: Callable[[str], object]) -> None:
    priya = somebody_of_the_staff(database)
    at("2026-11-25T10:01:20")
    assert names_on_duty(database) == ["Priya Shah"]
    at("2026-11-25T10:01:40")
    assert names_on_duty(database) == []
    with database.writing() as session:
        duty.seen(session, priya.id)
    assert names_on_duty(database) == ["Priya Shah"]


def test_a_volunteer_does_not_answer_enquiries(database: Database) -> None:
    somebody_of_the_staff(database, role="volunteer-helper")
    assert names_on_duty(database) == []

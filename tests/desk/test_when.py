from datetime import date

import pytest

from desk.when import day_mentioned
from tests.desk.town import WEDNESDAY


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("are you open today?", date(2026, 11, 25)),
        ("are you open now", date(2026, 11, 25)),
        ("how late tonight", date(2026, 11, 25)),
        ("tomorrow", date(2026, 11, 26)),
        ("the day after tomorrow", date(2026, 11, 27)),
        ("Is Kensal open on Saturday?", date(2026, 11, 28)),
        ("this Friday", date(2026, 11, 27)),
        ("on Wednesday", date(2026, 11, 25)),
        ("Tuesday", date(2026, 12, 1)),
        ("on Tuesdays", date(2026, 12, 1)),
        ("thurs", date(2026, 11, 26)),
        ("open sat or not", date(2026, 11, 28)),
        ("next Friday", date(2026, 12, 4)),
        ("next Tuesday", date(2026, 12, 1)),
        ("next wednesday", date(2026, 12, 2)),
    ],
)
def test_a_day_is_seen_from_today(words: str, day: date):
    assert day_mentioned(words, WEDNESDAY) == day


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("tomorow", date(2026, 11, 26)),
        ("tommorow", date(2026, 11, 26)),
        ("r u open 2moro", date(2026, 11, 26)),
        ("tmrw", date(2026, 11, 26)),
        ("wensday", date(2026, 11, 25)),
        ("thrusday", date(2026, 11, 26)),
        ("saterday", date(2026, 11, 28)),
        ("tuseday", date(2026, 12, 1)),
    ],
)
def test_a_misspelt_day_is_read(words: str, day: date):
    assert day_mentioned(words, WEDNESDAY) == day


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("on 3rd December", date(2026, 12, 3)),
        ("3 dec", date(2026, 12, 3)),
        ("the 1st of December", date(2026, 12, 1)),
        ("Monday 7 December", date(2026, 12, 7)),
        ("25 November", date(2026, 11, 25)),
        ("24 November", date(2027, 11, 24)),
        ("5 jan", date(2027, 1, 5)),
    ],
)
def test_a_date_is_the_coming_one(words: str, day: date):
    assert day_mentioned(words, WEDNESDAY) == day


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Christmas Eve", date(2026, 12, 24)),
        ("open christmas day?", date(2026, 12, 25)),
        ("Boxing Day", date(2026, 12, 26)),
        ("New Year’s Eve", date(2026, 12, 31)),
        ("New Year's Day", date(2027, 1, 1)),
    ],
)
def test_a_feast_is_the_coming_one(words: str, day: date):
    assert day_mentioned(words, WEDNESDAY) == day


@pytest.mark.parametrize(
    ("words", "day"),
    [("Are you open on Good Friday?", date(2027, 3, 26)), ("Easter Monday", date(2027, 3, 29)), ("on the bank holiday Monday", date(2026, 12, 28))],
)
def test_a_bank_holiday_is_never_taken_for_the_coming_weekday(words: str, day: date):
    assert day_mentioned(words, WEDNESDAY) in (day, None)


def test_a_day_that_the_calendar_lacks_is_no_day():
    assert day_mentioned("31 April", WEDNESDAY) is None


@pytest.mark.parametrize("words", ["", "where is my nearest library", "mondial", "sundae", "I have no money", "my friends", "10 of you"])
def test_other_words_are_no_day(words: str):
    assert day_mentioned(words, WEDNESDAY) is None

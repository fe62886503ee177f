from datetime import UTC, date, datetime, time

import pytest

from desk.hours import parse_hours
from desk.opening import bank_holiday, closing_time, is_open, next_open_day, on_day

# Monday to Saturday, with a lunch break on Thursday; closed on Wednesday and Sunday.
WEEK = tuple(map(parse_hours, ("09:30-17:00", "09:30-17:00", "", "09:30-13:00, 14:00-17:00", "09:30-17:00", "10:00-16:00", "")))
NEVER = ((),) * 7


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 12, 25), "Christmas Day"),
        (date(2026, 12, 26), "Boxing Day"),
        (date(2027, 1, 1), "New Year's Day"),
        (date(2027, 3, 26), "Good Friday"),
        (date(2027, 3, 29), "Easter Monday"),
        (date(2027, 5, 3), "May Day"),
        (date(2026, 8, 31), "Late Summer Bank Holiday"),
    ],
)
def test_a_bank_holiday_is_known_by_name(day: date, name: str):
    assert bank_holiday(day) == name


def test_a_feast_at_the_weekend_is_made_up_for_on_a_weekday():
    assert bank_holiday(date(2026, 12, 28))


@pytest.mark.parametrize("day", [date(2026, 11, 30), date(2026, 3, 17), date(2026, 8, 3), date(2026, 12, 24)])
def test_scottish_and_irish_holidays_and_christmas_eve_are_working_days(day: date):
    assert bank_holiday(day) is None


def test_a_library_is_closed_on_boxing_day():
    opening = on_day(WEEK, date(2026, 12, 26))
    assert not opening.is_open
    assert opening.holiday == "Boxing Day"


def test_a_library_keeps_its_hours_on_an_ordinary_day():
    opening = on_day(WEEK, date(2026, 11, 28))
    assert opening.spans == ((time(10), time(16)),)
    assert opening.holiday is None


def test_a_library_is_closed_on_its_closing_day():
    opening = on_day(WEEK, date(2026, 11, 25))
    assert not opening.is_open
    assert opening.holiday is None


@pytest.mark.parametrize(
    ("moment", "is_so"),
    [
        (datetime(2026, 11, 26, 9, 29, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 26, 9, 30, tzinfo=UTC), True),
        (datetime(2026, 11, 26, 12, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 26, 13, tzinfo=UTC), False),
        (datetime(2026, 11, 26, 14, tzinfo=UTC), True),
        (datetime(2026, 11, 26, 17, tzinfo=UTC), False),
    ],
    ids=lambda value: value.isoformat() if isinstance(value, datetime) else "",
)
def test_a_library_is_open_from_its_first_minute_until_its_last(moment: datetime, is_so: bool):
    assert is_open(WEEK, moment) is is_so


def test_summer_hours_are_local_hours():
    assert is_open(WEEK, datetime(2026, 7, 2, 8, 30, tzinfo=UTC))
    assert not is_open(WEEK, datetime(2026, 7, 2, 16, tzinfo=UTC))


def test_the_closing_time_is_that_of_the_hours_now():
    thursday = on_day(WEEK, date(2026, 11, 26))
    assert closing_time(thursday, time(12)) == time(13)
    assert closing_time(thursday, time(14)) == time(17)


def test_the_next_open_day_leaves_out_closing_days():
    opening = next_open_day(WEEK, date(2026, 11, 24))
    assert opening is not None
    assert opening.day == date(2026, 11, 26)


def test_the_next_open_day_leaves_out_the_christmas_holidays():
    opening = next_open_day(WEEK, date(2026, 12, 24))
    assert opening is not None
    assert opening.day == date(2026, 12, 29)


def test_a_day_is_never_its_own_next_open_day():
    opening = next_open_day(WEEK, date(2026, 11, 26))
    assert opening is not None
    assert opening.day == date(2026, 11, 27)


def test_a_library_that_never_opens_has_no_next_open_day():
    assert next_open_day(NEVER, date(2026, 11, 25)) is None

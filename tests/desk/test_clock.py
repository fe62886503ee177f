from datetime import UTC, date, datetime

from desk.clock import in_london, now, today


def test_the_clock_stands_where_it_is_set(at):
    stands = at("2026-11-25T10:00")
    assert now() == stands
    assert now() == datetime(2026, 11, 25, 10, tzinfo=UTC)


def test_summer_time_is_an_hour_ahead_of_utc(at):
    at("2026-07-01T10:00:01")
    assert now().hour == 9
    assert in_london(now()).hour == 10


def test_today_is_the_day_in_london(at):
    at("2026-07-02T00:30")
    assert now().date() == date(2026, 7, 1)
    assert today() == date(2026, 7, 2)

from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.hours import hours_text, parse_hours


def test_a_day_has_one_span_of_hours():
    assert parse_hours("09:30-17:00") == ((time(9, 30), time(17)),)


@pytest.mark.parametrize("text", ["09:30-13:00, 14:00-17:00", "09:30-13:00; 14:00-17:00", "9:30 - 13:00 & 14:00 - 17:00"])
def test_a_day_with_a_lunch_break_has_two_spans(text: str):
    assert parse_hours(text) == ((time(9, 30), time(13)), (time(14), time(17)))


@pytest.mark.parametrize("text", ["", "  ", ","])
def test_a_day_without_hours_is_closed(text: str):
    assert parse_hours(text) == ()


@pytest.mark.parametrize("text", ["9 to 5", "closed", "09:30", "09.30-17.00", "09:30-17:00 Tuesday"])
def test_hours_that_cannot_be_read_are_named(text: str):
    with pytest.raises(ValueError, match=r'".+" is not an opening time like 09:30-17:00'):
        parse_hours(text)


@pytest.mark.parametrize("text", ["17:00-09:30", "10:00-10:00"])
def test_a_day_must_not_close_before_it_opens(text: str):
    with pytest.raises(ValueError, match=f'"{text}" closes before it opens'):
        parse_hours(text)


@pytest.mark.parametrize("text", ["09:00-24:00", "09:61-17:00"])
def test_there_is_no_such_time(text: str):
    with pytest.raises(ValueError, match="must be in"):
        parse_hours(text)


SPANS = st.lists(st.times().map(lambda t: t.replace(second=0, microsecond=0)), min_size=2, max_size=6, unique=True).map(sorted)


@settings(deadline=None)
@given(SPANS)
def test_hours_are_written_as_they_are_read(times: list[time]):
    spans = tuple(zip(times[::2], times[1::2], strict=False))
    assert parse_hours(hours_text(spans)) == spans

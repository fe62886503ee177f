"""What a wish allows, how a further one changes it, and how it is said back."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.clock import LONDON
from desk.hours import parse_hours
from desk.when import Problem, Slot, Trouble, Wanted, read_when
from desk.when.spoken import spoken, spoken_problem

NOW = datetime(2026, 11, 25, 10, tzinfo=LONDON)
TODAY = NOW.date()
LATE = tuple(map(parse_hours, ("09:00-21:00",) * 7))
EARLY = tuple(map(parse_hours, ("07:00-13:00",) * 7))


def wish(text: str) -> Wanted:
    wanted = read_when(text, NOW)
    assert wanted is not None, text
    return wanted


def after(*texts: str) -> Wanted:
    """Return the wish after several messages."""
    first, *further = texts
    wanted = wish(first)
    for text in further:
        wanted = wanted.merged_with(wish(text))
    return wanted


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


# Allowing


@pytest.mark.parametrize(
    ("text", "start", "allowed"),
    [
        ("Friday", "2026-11-27 09:30", True),
        ("Friday", "2026-12-04 09:30", False),
        ("Tuesdays", "2026-12-15 09:30", True),
        ("Friday afternoon", "2026-11-27 12:00", True),
        ("Friday afternoon", "2026-11-27 18:00", False),
        ("after 3", "2026-11-27 15:00", True),
        ("after 3", "2026-11-27 14:59", False),
        ("at 3", "2026-11-27 15:30", True),
        ("at 3", "2026-11-27 15:45", False),
        ("3ish", "2026-11-27 15:45", True),
        ("any weekday but not too early", "2026-11-27 09:30", False),
        ("any weekday but not too early", "2026-11-27 10:00", True),
        ("any weekday but not too early", "2026-11-28 10:00", False),
        ("not Mondays", "2026-11-30 10:00", False),
        ("not Mondays", "2026-12-01 10:00", True),
        ("Monday morning or Friday afternoon", "2026-11-27 10:00", False),
        ("31 November", "2026-12-01 10:00", False),
    ],
)
def test_a_session_is_held_against_the_wish(text: str, start: str, allowed: bool):
    assert wish(text).allows(at(start)) is allowed


def test_a_moment_in_utc_is_seen_in_london():
    wanted = read_when("1 July 2027 at 10", NOW)
    assert wanted is not None
    assert wanted.allows(datetime(2027, 7, 1, 9, tzinfo=UTC))
    assert not wanted.allows(datetime(2027, 7, 1, 10, tzinfo=UTC))


def test_the_nearer_session_fits_better():
    wanted = wish("Friday at 2")
    starts = [at("2026-11-27 14:00"), at("2026-11-27 14:30"), at("2026-11-27 16:00"), at("2026-11-28 14:00"), at("2026-12-04 14:00")]
    assert sorted(starts, key=wanted.fit, reverse=True) == starts
    assert wanted.fit(starts[0]) == 1.0


def test_a_refused_session_fits_not_at_all():
    assert wish("not Mondays").fit(at("2026-11-30 10:00")) == 0.0


# A further wish


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("Friday", "in the morning"), "Friday morning"),
        (("Friday morning", "Monday"), "Monday morning"),
        (("Friday morning", "after 3"), "Friday after 3"),
        (("Friday morning", "Monday at 2"), "Monday at 2"),
        (("next week", "not Monday"), "next week but not Monday"),
        (("Saturday or Sunday", "afternoon"), "Saturday afternoon or Sunday afternoon"),
        (("not Mondays", "mornings"), "mornings but not Mondays"),
        (("not Mondays", "Monday is fine"), "Monday"),
        (("31 November", "1 December"), "1 December"),
    ],
)
def test_a_further_wish_narrows_or_replaces(texts: tuple[str, ...], expected: str):
    assert after(*texts) == wish(expected)


def test_a_problem_leaves_the_wish_before_it():
    wanted = after("Friday", "31 November")
    assert wanted.day == date(2026, 11, 27)
    assert [problem.trouble for problem in wanted.problems] == [Trouble.IMPOSSIBLE]


def test_later_is_later_than_the_time_before():
    wanted = after("Friday at 2", "later")
    assert wanted.allows(at("2026-11-27 15:00"))
    assert not wanted.allows(at("2026-11-27 14:00"))


def test_earlier_is_earlier_than_the_time_before():
    wanted = after("Friday at 2", "something earlier")
    assert wanted.allows(at("2026-11-27 11:00"))
    assert not wanted.allows(at("2026-11-27 14:00"))


def test_later_than_a_day_is_a_later_day():
    wanted = after("Friday", "have you got anything later?")
    assert wanted.first_day(TODAY) == date(2026, 11, 28)


def test_another_day_keeps_the_time():
    wanted = after("Friday morning", "another day please")
    assert not wanted.allows(at("2026-11-27 10:00"))
    assert wanted.allows(at("2026-11-30 10:00"))
    assert not wanted.allows(at("2026-11-30 14:00"))


def test_another_time_keeps_the_day():
    assert after("Friday morning", "a different time") == wish("Friday")


def test_next_friday_may_be_read_otherwise():
    assert wish("next Friday").other_reading == date(2026, 11, 27)
    assert wish("next Tuesday").other_reading is None


# Morning or afternoon


@pytest.mark.parametrize(
    ("text", "opening", "clock"),
    [
        ("at half 8", LATE, time(20, 30)),
        ("at half 8", EARLY, time(8, 30)),
        ("at 7", EARLY, time(7)),
        ("at 7", LATE, time(19)),
        ("at 7 in the morning", LATE, time(7)),
    ],
)
def test_opening_hours_settle_morning_or_afternoon(text: str, opening: tuple[tuple[tuple[time, time], ...], ...], clock: time):
    wanted = read_when(text, NOW, opening)
    assert wanted is not None
    assert wanted.slots[0].at == clock


# Saying it back


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("next Wednesday afternoon", "Wednesday 2 December, in the afternoon"),
        ("Friday at half two", "Friday 27 November, at 2:30pm"),
        ("3ish", "at about 3pm"),
        ("Saturday or Sunday morning", "Saturday 28 November or Sunday 29 November, in the morning"),
        ("Monday morning or Friday afternoon", "Monday 30 November, in the morning or Friday 27 November, in the afternoon"),
        ("any weekday after 5", "Monday to Friday, 5pm or later"),
        ("not Mondays", "any time, but not Mondays"),
        ("next week but not Monday", "Monday 30 November to Sunday 6 December, but not Mondays"),
        ("before Friday", "Wednesday 25 November to Thursday 26 November"),
        ("1 July", "Thursday 1 July 2027"),
    ],
)
def test_a_wish_is_said_back(text: str, said: str):
    assert spoken(wish(text), TODAY) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("last Friday", "Friday 20 November has already gone."),
        ("1 November", "Sunday 1 November has already gone. Did you mean Monday 1 November 2027?"),
        ("31 November", "31 November is not in the calendar. Did you mean Monday 30 November?"),
        ("Monday 2 December", "Monday 2 December: that date is Wednesday 2 December. Did you mean that, or Monday 30 November?"),
        ("last week", "Last week has already gone."),
    ],
)
def test_a_day_that_cannot_be_used_is_named(text: str, said: str):
    [problem] = wish(text).problems
    assert spoken_problem(problem, TODAY) == said


def test_a_problem_is_a_value():
    assert wish("30 Feb").problems == (Problem(Trouble.IMPOSSIBLE, "30 February", perhaps=date(2027, 2, 28)),)


# Whatever we say, we read

days = st.dates(TODAY + timedelta(days=1), TODAY + timedelta(days=360))
clocks = st.times(time(8), time(19, 59)).map(lambda clock: clock.replace(minute=clock.minute // 5 * 5, second=0, microsecond=0))


@given(days)
def test_any_date_we_speak_we_read(day: date):
    wanted = Wanted((Slot(day, day),))
    assert read_when(spoken(wanted, TODAY), NOW) == wanted


@given(days, clocks)
def test_any_time_we_speak_we_read(day: date, clock: time):
    wanted = Wanted((Slot(day, day, at=clock, give=30),))
    assert read_when(spoken(wanted, TODAY), NOW) == wanted


@given(days, clocks, clocks)
def test_any_window_we_speak_we_read(day: date, one: time, two: time):
    earliest, latest = min(one, two), max(one, two) if one != two else None
    wanted = Wanted((Slot(day, day, earliest=earliest, latest=latest),))
    assert read_when(spoken(wanted, TODAY), NOW) == wanted


@given(st.lists(days, min_size=2, max_size=3, unique=True))
def test_any_choice_of_dates_we_speak_we_read(choice: list[date]):
    wanted = Wanted(tuple(Slot(day, day) for day in choice))
    assert read_when(spoken(wanted, TODAY), NOW) == wanted


@given(days, days)
def test_any_stretch_of_days_we_speak_we_read(one: date, two: date):
    wanted = Wanted((Slot(min(one, two), max(one, two)),))
    assert read_when(spoken(wanted, TODAY), NOW) == wanted


@given(st.sets(st.integers(0, 6), min_size=1, max_size=6))
def test_any_weekdays_we_refuse_we_read(refused: set[int]):
    wanted = Wanted(excluded=tuple(Slot(weekdays=frozenset({weekday})) for weekday in sorted(refused)))
    read = read_when(spoken(wanted), NOW)
    assert read is not None
    week = [NOW + timedelta(days=n) for n in range(7)]
    assert [read.allows(moment) for moment in week] == [wanted.allows(moment) for moment in week]


WORDS = (
    "not no next last this the a in on at by before after from until or and but , . week weekend fortnight Friday Mondays tomorrow today morning "
    "evening half quarter past to 2 3 10 31 31st 3rd 1/12 31/11 30 May March December 2026 pm am ish o'clock work finish between noon christmas "
    "early late later any day time weekday month first second of two days 14:30 2.30 99 0 easter bank holiday"
).split()


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_any_jumble_of_such_words_is_read_without_failing(text: str):
    wanted = read_when(text, NOW, LATE)
    if wanted:
        spoken(wanted, TODAY)
        wanted.allows(NOW)
        wanted.merged_with(wanted)


@given(st.text(max_size=80))
def test_any_text_is_read_without_failing(text: str):
    read_when(text, NOW)

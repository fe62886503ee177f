"""The rules that read more than one day: stretches, weekdays, and steps from an earlier wish."""

import re
from datetime import date, timedelta

from desk.when.calendar import WEEKDAYS, coming_bank_holiday, monday_of, month_end
from desk.when.naming import (
    CERTAIN_MONTH,
    COUNT,
    MONTH,
    NAMELIKE_MONTH,
    NTH,
    UNIT,
    WEEKDAY,
    Named,
    Rules,
    between,
    count_of,
    months_meant,
    not_before,
    nth_of,
    on_day,
)
from desk.when.rules import adding_to
from desk.when.single_days import ONE_DAY, feast_day, in_some_time, one_day
from desk.when.wanted import Problem, Slot, Step, Trouble

RULES: Rules = []
_reads = adding_to(RULES)

_PART = r"(?P<part>early|late|mid|(?:start|beginning|middle|end) of|early in|late in)"
_OF_A_MONTH = rf"(?P<of>(?:the |this |next )?(?:month|{MONTH}|new year))"
_PERIOD = rf"(?:(?:this|next|the) week(?:end)?|weekend|(?:the|this|next) month|{CERTAIN_MONTH})"
_BARE_NUMBER = r"(?:the )?\d{1,2}(?:st|nd|rd|th)?"
_STEP_ENDS = r"(?= ?(?:$|[.,?!]|please|than that|if|one|ones|in the day|on|day|date|time|appointment|session|slot|or))"


@_reads(
    r"(?:yesterday|last night)\b(?P<weekday>(?!))?",
    rf"last (?P<weekday>{WEEKDAY})\b(?! (?:of|in))|last (?:week|month|weekend|year)\b(?! (?:of|in))",
)
def _past(match: re.Match[str], today: date) -> Named | None:
    if match["weekday"] is None:
        day = today - timedelta(days=1) if "yesterday" in match[0] else None
    else:
        day = today - timedelta(days=(today.weekday() - WEEKDAYS.index(match["weekday"]) - 1) % 7 + 1)
    return Named(problem=Problem(Trouble.PAST, match[0].strip(), day))


@_reads(
    rf"(?:(?:on |all )?(?:every|any|each|every other|alternate|any other|on an?|an?|most) )?(?P<weekday>{WEEKDAY})s\b",
    rf"(?:on )?(?P<weekday>{WEEKDAY})(?= (?:mornings|afternoons|evenings|nights|lunch ?times)\b)",
    rf"(?:every|any|each|every other|every second|on an?|(?<!week on )an?) (?P<weekday>{WEEKDAY})\b",
)
def _weekdays(match: re.Match[str], today: date) -> Named | None:
    return Named((Slot(weekdays=frozenset({WEEKDAYS.index(match["weekday"])})),))


@_reads(rf"(?:from )?(?P<first>{WEEKDAY})s? ?(?:to|until|-) ?(?P<last>{WEEKDAY})s?\b")
def _weekday_range(match: re.Match[str], today: date) -> Named | None:
    start, end = WEEKDAYS.index(match["first"]), WEEKDAYS.index(match["last"])
    return Named((Slot(weekdays=frozenset((start + n) % 7 for n in range((end - start) % 7 + 1))),))


@_reads(
    r"(?:any |every |a |on |during the |the ){0,3}week ?days?\b",
    r"(?:in|during|through) the (?:working )?week\b",
    r"(?:any |a |all |every )?(?:working|work) days?\b",
)
def _working_days(match: re.Match[str], today: date) -> Named | None:
    return Named((Slot(weekdays=frozenset(range(5))),))


@_reads(r"mid ?-?week\b|middle of the week\b")
def _midweek(match: re.Match[str], today: date) -> Named | None:
    return Named((Slot(weekdays=frozenset({1, 2, 3})),))


@_reads(r"(?:(?:any|every|most|at|on|a) )?weekends\b|(?:any|every|a) weekend\b|weekend(?= (?:mornings|afternoons)\b)")
def _weekends(match: re.Match[str], today: date) -> Named | None:
    return Named((Slot(weekdays=frozenset({5, 6})),))


@_reads(r"(?:(?:this|the|this coming|coming|the coming) )?weekend\b(?! (?:mornings|afternoons)\b)")
def _this_weekend(match: re.Match[str], today: date) -> Named | None:
    saturday = monday_of(today) + timedelta(days=5)
    return not_before(saturday, saturday + timedelta(days=1), today)


@_reads(r"(?:the )?next weekend\b|weekend after(?: next)?\b")
def _next_weekend(match: re.Match[str], today: date) -> Named | None:
    saturday = monday_of(today) + timedelta(days=12)
    named = between(saturday, saturday + timedelta(days=1))
    return Named(named.slots, other=max(today, saturday - timedelta(days=7))) if named else None


@_reads(
    r"(?:(?:later|some ?time|any ?time|rest of|end of|later on) )?(?:in )?(?:this|the rest of this|the rest of the) week\b",
    r"later in the week\b",
    r"(?:the )?end of the week\b",
)
def _this_week(match: re.Match[str], today: date) -> Named | None:
    sunday = monday_of(today) + timedelta(days=6)
    return between(min(today + timedelta(days=1), sunday) if "later" in match[0] or "rest" in match[0] else today, sunday)


_PARTS_OF_A_WEEK = {"early": (0, 2), "beginning": (0, 1), "start": (0, 1), "middle": (1, 3), "mid": (1, 3), "end": (3, 5), "late": (3, 5)}


@_reads(rf"(?:{_PART} )?(?:the )?(?:next week|week after(?: next)?|following week)\b")
def _week_on(match: re.Match[str], today: date) -> Named | None:
    monday = monday_of(today) + timedelta(days=14 if "week after" in match[0] else 7)
    first, last = _PARTS_OF_A_WEEK.get((match["part"] or "").split(" ")[0], (0, 6))
    return between(monday + timedelta(days=first), monday + timedelta(days=last))


@_reads(rf"(?:the )?week (?:commencing|beginning|starting|of) (?:on )?(?P<anchor>{ONE_DAY})")
def _week_of(match: re.Match[str], today: date) -> Named | None:
    start = one_day(match["anchor"], today)
    return between(start, start + timedelta(days=6)) if start else None


@_reads(rf"(?:the )?(?P<nth>{NTH}) week (?:of|in) {_OF_A_MONTH}\b")
def _nth_week(match: re.Match[str], today: date) -> Named | None:
    """The first week is the 1st to the 7th, the last is the last seven days."""
    nth = nth_of(match["nth"])
    for year, month in months_meant(match["of"], today):
        end = month_end(year, month)
        first = end - timedelta(days=6) if nth < 0 else date(year, month, 7 * nth - 6)
        named = not_before(first, min(first + timedelta(days=6), end), today)
        if named:
            return named
    return None


_PARTS_OF_A_MONTH = {"early": (1, 10), "start": (1, 7), "beginning": (1, 7), "mid": (10, 20), "middle": (10, 20), "late": (20, 31), "end": (24, 31)}


@_reads(
    r"(?:(?P<part>early|late|mid|later|(?:the )?(?:start|beginning|middle|end) of|early in|late in) ?-?)?(?:the )?(?P<of>(?:this|next) month)\b",
    r"(?:the )?(?P<part>(?:start|beginning|middle|end) of) (?P<of>the month)\b",
    rf"(?:(?:in|during|some ?time in|for) )?(?:the )?(?:{_PART}[ -])?"
    rf"(?P<of>(?:next )?{CERTAIN_MONTH})\b(?! \d)",
    rf"(?:in|during|next|(?:in )?(?:the )?{_PART}[ -])[ ]?"
    rf"(?P<of>{NAMELIKE_MONTH})\b(?! (?:\d|i\b|he\b|she\b|we\b))",
)
def _month(match: re.Match[str], today: date) -> Named | None:
    part = (match["part"] or "").strip().split(" ")[0].rstrip("-")
    start, stop = _PARTS_OF_A_MONTH.get(part, (1, 31))
    for year, month in months_meant(match["of"], today):
        end = month_end(year, month)
        named = not_before(date(year, month, start), min(end, date(year, month, start) + timedelta(days=stop - start)), today)
        if named:
            return named
    return None


@_reads(r"(?:later (?:on )?(?:in )?|rest of )(?:the|this) month\b")
def _rest_of_the_month(match: re.Match[str], today: date) -> Named | None:
    return between(today + timedelta(days=1), month_end(today.year, today.month))


@_reads(
    r"(?:(?:in|within|during|over|any ?time in) (?:the )?(?:next|coming)|within(?: the)?) "
    rf"(?P<count>{COUNT})? ?(?P<unit>{UNIT})\b(?! time)",
    rf"(?:(?:for|over|in) )?(?:the )?next (?P<count>{COUNT}) ?(?P<unit>{UNIT})\b",
)
def _in_the_next(match: re.Match[str], today: date) -> Named | None:
    named = in_some_time(match, today)
    day = named.slots[0].day if named else None
    return between(today, day) if day else None


@_reads(
    r"(?P<bound>before|earlier than|sooner than|by|until|no later than|not later than|not after|after|later than|from|starting|"
    rf"not before|not until|as of) (?:the )?(?:end of )?(?P<anchor>{ONE_DAY})(?: onwards?)?",
    rf"(?P<anchor>{ONE_DAY}) (?P<bound>onwards?|or later|or after|at the earliest)\b",
)
def _bound(match: re.Match[str], today: date) -> Named | None:
    anchor = one_day(match["anchor"], today)
    if anchor is None:
        return None
    return _bounded(match["bound"], anchor, today)


def _bounded(bound: str, anchor: date, today: date) -> Named | None:
    if bound in ("before", "earlier than", "sooner than"):
        return between(today, anchor - timedelta(days=1))
    if bound in ("until", "by", "no later than", "not later than", "not after", "not past"):
        return between(today, anchor)
    if bound in ("after", "later than"):
        return Named((Slot(first=anchor + timedelta(days=1)),))
    return Named((Slot(first=anchor),))


@_reads(
    rf"(?:the (?P<weekday>{WEEKDAY})|(?:the )?(?:(?P<count>{COUNT}) )?(?P<unit>(?:day|week|fortnight)s?)) (?P<bound>before|after) "
    rf"(?P<anchor>{ONE_DAY}|christmas(?! day| eve)\b)",
)
def _beside(match: re.Match[str], today: date) -> Named | None:
    """Read "the Monday before Christmas", "the week before Christmas", "two weeks after the 3rd"."""
    anchor = date(today.year, 12, 25) if match["anchor"] == "christmas" else one_day(match["anchor"], today)
    if anchor is None:
        return None
    way = -1 if match["bound"] == "before" else 1
    if match["weekday"]:
        days = (anchor + timedelta(days=way * n) for n in range(1, 8))
        return on_day(next(day for day in days if day.weekday() == WEEKDAYS.index(match["weekday"])))
    unit, count = match["unit"], match["count"]
    if count is None and unit == "week":
        first, last = sorted((anchor + timedelta(days=way), anchor + timedelta(days=7 * way)))
        return not_before(first, last, today)
    return on_day(anchor + timedelta(days=way * count_of(count) * (14 if "fortnight" in unit else 7 if "week" in unit else 1)))


@_reads(r"(?P<bound>before|by|until|after|over) (?:the )?(?P<feast>christmas|new year)\b(?! (?:day|eve))")
def _around_feast(match: re.Match[str], today: date) -> Named | None:
    """Before Christmas is up to the 24th, after it from the 27th; after New Year from 2 January."""
    feast, bound = match["feast"], match["bound"]
    named = feast_day(feast, today)
    day = named.slots[0].day if named else None
    if day is None:
        return None
    if bound in ("before", "by", "until"):
        return between(today, day - timedelta(days=1))
    if bound == "over":
        return not_before(day - timedelta(days=1), day + timedelta(days=7), today)
    return Named((Slot(first=day + timedelta(days=2 if feast == "christmas" else 1)),))


@_reads(r"(?P<bound>before|by|until|after) easter\b(?! (?:monday|sunday))")
def _around_easter(match: re.Match[str], today: date) -> Named | None:
    friday = coming_bank_holiday(today, "good friday")
    if friday is None:
        return None
    return Named((Slot(first=friday + timedelta(days=4)),)) if match["bound"] == "after" else between(today, friday - timedelta(days=1))


@_reads(r"between christmas and (?:the )?new year\b")
def _between_feasts(match: re.Match[str], today: date) -> Named | None:
    return not_before(date(today.year, 12, 27), date(today.year, 12, 31), today)


@_reads(r"(?:in|into|early in) the new year\b")
def _new_year(match: re.Match[str], today: date) -> Named | None:
    return between(date(today.year + 1, 1, 2), date(today.year + 1, 1, 31))


@_reads(
    rf"(?:from )?(?P<first>{ONE_DAY}|{_BARE_NUMBER}) ?(?:to|until|-) ?(?P<last>{ONE_DAY})",
    rf"between (?P<first>{ONE_DAY}|{_BARE_NUMBER}) and (?P<last>{ONE_DAY})",
)
def _day_range(match: re.Match[str], today: date) -> Named | None:
    """Read "from the 3rd to the 10th", "3 to 10 December", "between Monday and the 9th"."""
    first = one_day(_with_month(match["first"], match["last"]), today)
    last = one_day(match["last"], first or today)
    return between(first, last) if first and last else None


def _with_month(number: str, other: str) -> str:
    """Return "3 december" for "the 3rd", where the other end of the range is "the 10th of december"."""
    month = re.search(rf"{MONTH}\b", other)
    return f"{number.removeprefix('the ')} {month[0]}" if month and re.fullmatch(_BARE_NUMBER, number) else number


@_reads(rf"(?P<first>{_BARE_NUMBER}) ?(?:or|and|,) ?(?P<last>(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH})\b")
def _either_of_two(match: re.Match[str], today: date) -> Named | None:
    days = (one_day(_with_month(match["first"], match["last"]), today), one_day(match["last"], today))
    return Named(tuple(Slot(day, day) for day in days if day)) if any(days) else None


@_reads(rf"(?P<bound>before|by|until|after|from|starting) (?:the )?(?:end of )?(?P<anchor>{_PERIOD})\b(?: onwards?)?")
def _bound_period(match: re.Match[str], today: date) -> Named | None:
    named = _read_day(match["anchor"], today) or _this_week(match, today)
    slot = named.slots[0] if named and named.slots else None
    if slot is None or slot.first is None or slot.last is None:
        return None
    bound = match["bound"]
    first_day = bound in ("before", "from", "starting") and "end of" not in match[0]
    return _bounded(bound, slot.first if first_day else slot.last, today)


@_reads(
    r"(?:any|which ?ever|what ?ever) (?:day|date|other day)\b",
    r"every ?day\b|(?:all|any days? (?:of|in) the) week\b",
    r"(?:as soon as (?:possible|you can|u can)|asap|as early as (?:possible|you can)|(?:the )?sooner the better)\b",
    r"(?:the )?(?:soonest|next available|first available)\b",
    r"(?:the )?earliest (?:you (?:have|can do)|available|possible|one|appointment|date|day|session|slot)\b",
    r"when ?ever\b(?: (?:you|u|is|its|it|suits|works)\b)?",
)
def _any_day(match: re.Match[str], today: date) -> Named | None:
    return Named((Slot(first=today),))


_A_BIT = r"(?:(?:some|any)thing|any|a bit|bit|is there|got|one|an?|little|much|^|time|slightly)"
_SESSION = rf"(?: (?:one|date|time|session|slot|appointment))?{_STEP_ENDS}"


@_reads(rf"{_A_BIT} ?later{_SESSION}")
def _later(match: re.Match[str], today: date) -> Named | None:
    return Named(step=Step.LATER)


@_reads(rf"{_A_BIT} ?(?:earlier|sooner){_SESSION}")
def _earlier(match: re.Match[str], today: date) -> Named | None:
    return Named(step=Step.EARLIER)


@_reads(r"(?:an?other|a different|different|some other) (?:day|date)\b")
def _other_day(match: re.Match[str], today: date) -> Named | None:
    return Named(step=Step.OTHER_DAY)


@_reads(r"(?:an?other|a different|different|some other) time\b")
def _other_time(match: re.Match[str], today: date) -> Named | None:
    return Named(step=Step.OTHER_TIME)


def _read_day(text: str, today: date) -> Named | None:
    """Return what the whole of a text names, or None."""
    named = (rule(match, today) for pattern, rule in RULES if (match := pattern.fullmatch(text)))
    return next((found for found in named if found), None)


# Rules after which "but Monday" refuses Monday: "any day but Monday".
ANY_OF_THEM = frozenset({_any_day, _working_days, _weekends})

"""The rules that read one day, seen from today (London). The more particular come first, as a day also stands inside other rules."""

import re
from datetime import date, timedelta

from desk.when.calendar import WEEKDAYS, coming, coming_bank_holiday, date_or_none, monday_of, month_end, month_number, months_on, nth_weekday
from desk.when.naming import (
    CERTAIN_MONTH,
    CLOCK_NEXT,
    COUNT,
    MONTH,
    NTH,
    NUMBER_ENDS,
    ORDINAL,
    ORDINAL_WORD,
    ORDINAL_WORDS,
    UNIT,
    WEEKDAY,
    YEAR,
    Named,
    Rules,
    count_of,
    months_meant,
    nth_of,
    on_day,
)
from desk.when.rules import adding_to
from desk.when.wanted import Problem, Slot, Trouble
from desk.when.words import words

_WITH_YEAR = rf"(?:,? (?P<year>{YEAR})\b)?"
_NO_CLOCK = r"(?![:.]\d|am|pm| ?(?:am|pm|oclock))"
RULES: Rules = []
_reads = adding_to(RULES)


@_reads(r"day after tomorrow\b", r"(?:(?<=tomorrow or )|(?<=tomorrow, or ))the day after\b(?! tomorrow)")
def _day_after_tomorrow(match: re.Match[str], today: date) -> Named | None:
    return on_day(today + timedelta(days=2))


@_reads(
    rf"(?:the )?next (?P<weekday>{WEEKDAY})\b",
    rf"not (?:this )?(?P<weekday>{WEEKDAY}),? (?:but )?(?:the )?(?:next(?: 1)?|1 after|week after)\b(?! (?:week|{WEEKDAY}))",
    rf"(?P<weekday>{WEEKDAY}) next\b(?! (?:week|month|year))",
)
def _next_weekday(match: re.Match[str], today: date) -> Named | None:
    """The majority's reading: in the following week, Monday to Sunday. The coming one is the other reading."""
    weekday = WEEKDAYS.index(match["weekday"])
    soon = coming(today, weekday)
    return on_day(monday_of(today) + timedelta(days=7 + weekday), soon if soon > today else None)


@_reads(rf"(?:the )?(?P<weekday>{WEEKDAY}) (?:after next|of the week after next|week after next)\b")
def _weekday_after_next(match: re.Match[str], today: date) -> Named | None:
    return on_day(monday_of(today) + timedelta(days=14 + WEEKDAYS.index(match["weekday"])))


@_reads(
    rf"(?:in )?(?P<count>a|{COUNT})? ?(?:weeks?|fortnight)(?: time)? (?:(?:on|from|this|next|come|from next|from this) )?"
    rf"(?P<anchor>{WEEKDAY}|today|tomorrow|now)\b",
    rf"(?:on )?(?P<anchor>{WEEKDAY}|today|tomorrow) (?P<count>(?!))?(?:week|fortnight)\b",
)
def _weeks_from(match: re.Match[str], today: date) -> Named | None:
    """Read "a week on Monday", "Tuesday week", "a fortnight today"."""
    weeks = 2 if "fortnight" in match[0] else count_of(match["count"])
    anchor = match["anchor"]
    start = coming(today, WEEKDAYS.index(anchor)) if anchor in WEEKDAYS else today + timedelta(days=anchor == "tomorrow")
    return on_day(start + timedelta(weeks=weeks))


@_reads(
    rf"in (?:about |around )?(?P<count>{COUNT}) ?(?P<unit>{UNIT})(?: or so)?(?: time)?\b",
    rf"(?P<count>{COUNT}) ?(?P<unit>{UNIT}) (?:time|from now)\b",
    r"(?:this|same|this same|the same) (?:time|day) (?P<count>(?!))?next (?P<unit>week)\b",
)
def in_some_time(match: re.Match[str], today: date) -> Named | None:
    count, unit = count_of(match["count"]), match["unit"]
    if unit.startswith("month"):
        return on_day(months_on(today, count))
    return on_day(today + timedelta(days=count * (14 if unit.startswith("fortnight") else 7 if unit.startswith("week") else 1)))


@_reads(
    rf"(?:(?P<weekday>{WEEKDAY}),? )?(?:the )?(?P<number>\d{{1,2}}|{ORDINAL}|{ORDINAL_WORD})(?: ?of)?,? ?(?P<month>{MONTH})\b{_WITH_YEAR}"
    r"(?<!(?:at|er|re) \d may)(?<!(?:at|er|re) \d mar)(?! (?:i|we|be|not|he|she|they|you)\b)",
    rf"(?:(?P<weekday>{WEEKDAY}),? )?(?P<month>{MONTH}) (?:the )?(?P<number>{ORDINAL}|{ORDINAL_WORD})\b{_WITH_YEAR}",
    rf"(?P<month>{CERTAIN_MONTH}|mar|apr|jun|jul|aug|march|april|june|august) (?P<number>\d{{1,2}})\b{_NO_CLOCK}{_WITH_YEAR}",
)
def _day_and_month(match: re.Match[str], today: date) -> Named | None:
    named = _dated(_number(match["number"]), month_number(match["month"]), match["year"], today)
    weekday = match.groupdict().get("weekday")
    day = named.slots[0].day if named and named.slots else None
    return _mismatched(weekday, day, match[0]) or named if weekday and day else named


def _mismatched(weekday: str, day: date, said: str) -> Named | None:
    """Return the problem of a weekday that is not the date's, with the date of that weekday nearest to it."""
    wanted = WEEKDAYS.index(weekday)
    if day.weekday() == wanted:
        return None
    nearest = min((day + timedelta(days=n) for n in range(-3, 4)), key=lambda near: near.weekday() != wanted)
    return Named(problem=Problem(Trouble.MISMATCH, said.strip(), day, nearest))


def _number(text: str) -> int:
    digits = re.match(r"\d+", text)
    return int(digits[0]) if digits and text.replace(" ", "-") not in ORDINAL_WORDS else ORDINAL_WORDS[text.replace(" ", "-")]


@_reads(
    r"(?P<day>\d{1,2})(?P<sep>[/.-])(?P<mon>\d{1,2})(?P=sep)(?P<year>20\d\d|\d\d)\b",
    r"(?P<day>\d{1,2})/(?P<mon>\d{1,2})\b(?P<year>(?!))?(?!/)(?! (?:of|done|full|price|marks?|stars?)\b)",
)
def _slashed(match: re.Match[str], today: date) -> Named | None:
    """Day first. "12/25" is named as impossible, with 25 December as what may have been meant."""
    day, month = int(match["day"]), int(match["mon"])
    if not (1 <= day <= 31 and 1 <= month <= 31):
        return None
    if month > 12:
        swapped = _dated(month, day, match["year"], today) if day <= 12 else None
        perhaps = swapped.slots[0].day if swapped and swapped.slots else None
        return Named(problem=Problem(Trouble.IMPOSSIBLE, match[0].strip(), perhaps=perhaps)) if perhaps else None
    return _dated(day, month, match["year"], today)


@_reads(r"(?P<year>20\d\d)-(?P<mon>\d\d)-(?P<day>\d\d)\b")
def _iso(match: re.Match[str], today: date) -> Named | None:
    return _dated(int(match["day"]), int(match["mon"]), match["year"], today)


_JUST_GONE = 92  # days, our choice: a date that has just gone is taken for a slip, one longer gone for next year's


def _dated(day: int, month: int, year_said: str | None, today: date) -> Named | None:
    """Return a date; without a year the coming one, or a problem where it has gone not long ago. A year long gone is no wish at all."""
    if not day or not 1 <= month <= 12:
        return None
    said = f"{day} {words().month_names[month - 1]}" + (f" {year_said}" if year_said else "")
    year = (2000 + int(year_said) if len(year_said) == 2 else int(year_said)) if year_said else today.year
    named = date_or_none(year, month, day) or (None if year_said else date_or_none(year + 1, month, day))
    if named is None:
        end = month_end(year, month)
        return Named(problem=Problem(Trouble.IMPOSSIBLE, said, perhaps=end if end >= today else month_end(year + 1, month)))
    if named >= today:
        return on_day(named)
    if year_said:
        return Named(problem=Problem(Trouble.PAST, said, named)) if year >= today.year - 1 else None
    again = date_or_none(year + 1, month, day)
    if again and (today - named).days > _JUST_GONE:
        return on_day(again)
    return Named(problem=Problem(Trouble.PAST, said, named, again))


@_reads(
    rf"the (?P<number>{ORDINAL}|{ORDINAL_WORD})(?: of (?:the|this) month)?(?:{NUMBER_ENDS}|{CLOCK_NEXT})",
    r"(?:(?<=\bon )|(?<=\buntil )|(?<=\bfrom )|(?<=\bafter )|(?<=\bbefore )|(?<=\bby )|(?<=\bor )|(?<=\band )|(?<=\bdo )|(?<=, )|^)"
    rf"(?P<number>\d{{1,2}}(?:st|nd|rd|th)){NUMBER_ENDS}",
)
def _day_of_month(match: re.Match[str], today: date) -> Named | None:
    """Read "the 3rd": the coming day of that number."""
    number = _number(match["number"])
    starts = (months_on(today.replace(day=1), n) for n in range(12))
    days = (date_or_none(start.year, start.month, number) for start in starts)
    return on_day(next((day for day in days if day and day >= today), None))


@_reads(r"(?:the )?(?P<number>\d{1,2} ?(?:st|nd|rd|th)?) of next month\b")
def _day_of_next_month(match: re.Match[str], today: date) -> Named | None:
    month = months_on(today.replace(day=1), 1)
    return on_day(date_or_none(month.year, month.month, _number(match["number"])))


@_reads(rf"(?P<weekday>{WEEKDAY}),? (?:the )?(?P<number>\d{{1,2}}(?:(?:st|nd|rd|th){CLOCK_NEXT}|(?:st|nd|rd|th)?{NUMBER_ENDS}))")
def _weekday_and_number(match: re.Match[str], today: date) -> Named | None:
    """Read "Monday 7" as the 7th that is a Monday in the coming months; where none is, the number is for the hours."""
    weekday, number = WEEKDAYS.index(match["weekday"]), _number(match["number"])
    starts = (months_on(today.replace(day=1), n) for n in range(4))
    days = (date_or_none(start.year, start.month, number) for start in starts)
    return on_day(next((day for day in days if day and day >= today and day.weekday() == weekday), None))


@_reads(rf"(?:the )?(?P<nth>{NTH}) (?P<weekday>{WEEKDAY}) (?:of|in) (?P<of>(?:the |this |next )?(?:month|{MONTH}|new year))\b")
def _nth_weekday(match: re.Match[str], today: date) -> Named | None:
    weekday, nth = WEEKDAYS.index(match["weekday"]), nth_of(match["nth"])
    for year, month in months_meant(match["of"], today):
        day = nth_weekday(year, month, weekday, nth)
        if day and day >= today:
            return on_day(day)
    return None


@_reads(r"(?P<feast>christmas eve|christmas day|boxing day|new years eve|new years day|valentines day|halloween|bonfire night)\b")
def _feast(match: re.Match[str], today: date) -> Named | None:
    return feast_day(match["feast"], today)


def feast_day(name: str, today: date) -> Named | None:
    month, day = (12, 25) if name == "christmas" else words().feasts[name]
    return on_day(next(d for d in (date(today.year, month, day), date(today.year + 1, month, day)) if d >= today))


@_reads(rf"(?:the )?(?:next )?(?:(?:early |late )?(?P<month>may|august) )?bank holiday\b(?: (?P<weekday>{WEEKDAY})\b)?")
def _bank_holiday(match: re.Match[str], today: date) -> Named | None:
    weekday, month = match["weekday"], match["month"]
    start = date(today.year + (today.month > month_number(month)), month_number(month), 1) if month else today
    return on_day(coming_bank_holiday(max(start, today), "", WEEKDAYS.index(weekday) if weekday else None))


@_reads(r"(?:good friday|easter (?:monday|sunday))\b")
def _easter(match: re.Match[str], today: date) -> Named | None:
    if "friday" in match[0]:
        return on_day(coming_bank_holiday(today, "good friday"))
    monday = coming_bank_holiday(today, "easter monday")
    return on_day(monday - timedelta(days=1) if monday and "sunday" in match[0] else monday)


@_reads(r"today\b|\bright now\b|\bthis(?= (?:very )?(?:late |early )?(?:morning|afternoon|evening|night|lunch ?time|lunch)\b)")
def _today(match: re.Match[str], today: date) -> Named | None:
    return on_day(today)


@_reads(r"tomorrow\b")
def _tomorrow(match: re.Match[str], today: date) -> Named | None:
    return on_day(today + timedelta(days=1))


@_reads(rf"(?:(?:this|the|coming|this coming) )?(?P<weekday>{WEEKDAY})\b(?! (?:mornings|afternoons|evenings|nights|lunch ?times)\b)")
def _weekday(match: re.Match[str], today: date) -> Named | None:
    return Named((Slot(weekdays=frozenset({WEEKDAYS.index(match["weekday"])})),), coming=True)


def _unnamed(pattern: str) -> str:
    """Return a pattern without group names, to stand inside another."""
    return re.sub(r"\(\?P<\w+>", "(?:", re.sub(r"\(\?P=sep\)", "[/.-]", pattern))


# Any way of naming one day, to stand inside the pattern of another rule.
ONE_DAY = "(?:" + "|".join(_unnamed(pattern.pattern) for pattern, _ in RULES) + ")"


def one_day(text: str, today: date) -> date | None:
    """Return the one day that the whole of a text names."""
    named = (rule(match, today) for pattern, rule in RULES if (match := pattern.fullmatch(text)))
    for found in named:
        if found and found.slots:
            return found.slots[0].first_day(today)
    return None

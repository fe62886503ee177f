"""The words that the rules for days are made of, and what a rule returns."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from desk.when.calendar import MONTHS, WEEKDAYS, month_number, months_on
from desk.when.wanted import Problem, Slot, Step


@dataclass(frozen=True)
class Named:
    """What words name: any of `slots`, or a weekday that means the coming one (`coming`), or a problem, or a step from an earlier wish."""

    slots: tuple[Slot, ...] = ()
    coming: bool = False
    problem: Problem | None = None
    other: date | None = None
    step: Step | None = None


DayRule = Callable[[re.Match[str], date], Named | None]
Rules = list[tuple[re.Pattern[str], DayRule]]

WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)})"
MONTH = rf"(?:{'|'.join(MONTHS)}|mar|apr|jun|jul|aug)"
NAMELIKE_MONTH = "(?:march|april|may|june|august)"
CERTAIN_MONTH = "(?:january|february|july|september|october|november|december)"
COUNT = r"(?:\d{1,2}|an?|a couple of|couple of|a few|few)"
UNIT = "(?:day|week|fortnight|month)s?"
NTH = "(?:first|1st|second|2nd|third|3rd|fourth|4th|last)"
ORDINAL_WORDS = {
    word: n
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth "
        "eighteenth nineteenth twentieth".split(),
        1,
    )
}
ORDINAL_WORDS |= {f"20-{word}": 20 + n for word, n in ORDINAL_WORDS.items() if n < 10} | {"thirtieth": 30, "30-first": 31}
ORDINAL_WORD = "|".join(word.replace("-", "[ -]") for word in sorted(ORDINAL_WORDS, key=len, reverse=True))
ORDINAL = r"\d{1,2} ?(?:st|nd|rd|th)"
YEAR = r"(?:20\d\d)"
CLOCK_NEXT = r"(?= \d{1,2}(?:[:.]\d\d| ?[ap]m\b| ?oclock))"
# What may follow a bare number that is a day or an hour: the end, a stop, or a word that carries on about the wish.
NUMBER_ENDS = (
    r"(?=\s*(?:$|[.,;!?)¦-]|(?:on|in|at|or|and|to|until|please|pls|plz|thanks|thank|thx|ta|cheers|if|for|is|isnt|would|will|wont|works?|ok|okay|fine|"
    rf"good|great|best|better|suits?|this|next|today|tomorrow|{WEEKDAY}s?|the|with|but|when|because|cos|so|as|onwards?|onward|in|morning|afternoon|"
    r"evening|early|late|latest|earliest|does|do|dont|can|cant|could|should|i|im|id|ill|we|my|me|may|you|u|sharp|then|instead|maybe|perhaps|"
    r"though|every|each|any|a|by|before|after|from|not|no|either|around|about|there|here|would|are|have|got|pref\w*|only|also|too|free|except|unless|otherwise|while|which|that|will|works|myself|who|works|he|she|x+)\b))"
)


def on_day(day: date | None, other: date | None = None) -> Named | None:
    return Named((Slot(day, day),), other=other if other != day else None) if day else None


def between(first: date, last: date) -> Named | None:
    return Named((Slot(first, last),)) if first <= last else None


def not_before(first: date, last: date, today: date) -> Named | None:
    return between(max(first, today), last)


def count_of(text: str | None) -> int:
    if text is None or text in ("a", "an"):
        return 1
    return int(text) if text.isdigit() else 3 if "few" in text else 2


def nth_of(text: str) -> int:
    return {"last": -1, "fi": 1, "1s": 1, "se": 2, "2n": 2, "th": 3, "3r": 3, "fo": 4, "4t": 4}[text if text == "last" else text[:2]]


def months_meant(text: str, today: date) -> Iterator[tuple[int, int]]:
    """Yield the months that "the month", "next month" or "December" may mean, soonest first."""
    first = today.replace(day=1)
    if "next" in text:
        starts = [months_on(first, 1)]
    elif "month" in text:
        starts = [first, months_on(first, 1)]
    elif "new year" in text:
        starts = [date(today.year + 1, 1, 1)]
    else:
        month = month_number(text.split()[-1])
        starts = [date(today.year, month, 1), date(today.year + 1, month, 1)]
    yield from ((start.year, start.month) for start in starts)

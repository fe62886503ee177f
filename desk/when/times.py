"""The rules for times of the day. Whether "half two" is in the night or in the afternoon is settled by the library's hours (`Settle`)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from desk.hours import Hours
from desk.when.naming import NUMBER_ENDS, WEEKDAY
from desk.when.rules import adding_to
from desk.when.wanted import Slot
from desk.when.words import Part, words

AT_GIVE = 30  # minutes, our choice: "at 3" is met by a session that starts from 2:30 to 3:30
ABOUT_GIVE = 60  # minutes, our choice: "3ish"
_USUAL: tuple[Hours, ...] = ((time(8), time(20)),)  # where no library is named: half past seven in the evening is rare, eight in the morning is not


@dataclass(frozen=True)
class Settle:
    """Settles am or pm: first by the part of the day that is named, then by the hours of opening, then by what is usual for a library."""

    spans: tuple[Hours, ...]
    part: Slot | None
    now: datetime

    def clock(self, hour: int, minute: int, meridiem: str = "", *, ends: bool = False) -> time:
        """Return the time meant by an hour on the clock face; a time that `ends` may be closing time itself."""
        if meridiem or hour > 12 or hour == 0:
            return time(hour % 12 + 12 * (meridiem == "pm") if meridiem else hour, minute)
        early, late = time(hour % 12, minute), time(hour % 12 + 12, minute)
        choices = (late, early) if hour == 12 or hour < 8 else (early, late)
        for fits in (self._in_part, lambda clock: _open_at(self.spans, clock, ends), lambda clock: _open_at(_USUAL, clock, ends)):
            found = [clock for clock in choices if fits(clock)]
            if found:
                return found[0]
        return choices[0]

    def _in_part(self, clock: time) -> bool:
        return self.part is not None and self.part.holds_time(clock)


def _open_at(spans: tuple[Hours, ...], clock: time, ends: bool) -> bool:
    return any(opens < clock <= closes if ends else opens <= clock < closes for opens, closes in spans)


TimeRule = Callable[[re.Match[str], Settle], Slot | None]

_HOUR = r"(?:1[0-2]|0?[1-9])"
_MINUTES_WORD = r"(?:5|10|20|25|quarter|a quarter)(?: minutes| mins)?"
# Times that can be nothing else.
_CERTAIN = (
    rf"(?:half(?: past| after)? {_HOUR}\b(?! ?(?:hours?|mins?|price|term|of))(?: ?(?:am|pm))?"
    rf"|{_MINUTES_WORD} (?:past|after|to|before) {_HOUR}\b(?: ?(?:am|pm|oclock))?"
    rf"|(?:[01]?\d|2[0-3]):[0-5]\d(?: ?(?:am|pm|hours|hrs))?(?!\d)"
    rf"|(?:[01]?\d|2[0-3])\.[0-5]\d ?(?:am|pm)\b"
    rf"|(?:1\d|2[0-2]|[89]) ?h(?: ?[0-5]\d)?\b"
    rf"|{_HOUR} ?(?:am|pm|oclock(?: ?(?:am|pm))?)\b|{_HOUR}(?: oclock)?ish\b|{_HOUR} [0-5]\d ?(?:am|pm)\b"
    rf"|0[89][0-5]\d\b"
    rf"|(?:12 )?(?:noon|midday)\b|{_HOUR}(?::[0-5]\d)?ish\b)"
)
_DOTTED = rf"(?:(?:[01]?\d|2[0-3])\.[0-5]\d{NUMBER_ENDS}(?!\.\d))"
_FOUR_DIGITS = rf"(?:(?:0[89]|1\d|2[01])[0-5]\d(?: ?(?:hours|hrs))?{NUMBER_ENDS})"
_BARE = rf"(?:{_HOUR}{NUMBER_ENDS})"
_ANY = rf"(?:{_CERTAIN}|{_DOTTED}|{_FOUR_DIGITS}|{_BARE})"
_ROUGH = r"(?:(?<!how )(?<!what )about|around|approx\.?|approximately|roughly|circa|near|nearer|say|maybe|like)"
_AT = rf"(?:at|@|for|come at|make it|how about|what about|from about|{_ROUGH}|at {_ROUGH}|for {_ROUGH})"


def _read(text: str, settle: Settle, *, ends: bool = False) -> time:
    """Return the time that a text of _ANY names."""
    meridiem = match[1] if (match := re.search(r"(?<![a-z])([ap]m)\b", text)) else ""
    if re.search("noon|midday", text):
        return time(12)
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if re.fullmatch(r"\d{4}(?: ?(?:hours|hrs))?", text.strip()):
        return time(numbers[0] // 100, numbers[0] % 100)
    if text.startswith("half"):
        return settle.clock(numbers[-1], 30, meridiem, ends=ends)
    if match := re.match(rf"(?P<many>{_MINUTES_WORD}) (?P<way>past|after|to|before) ", text):
        minutes = 15 if "quarter" in match["many"] else numbers[0]
        return _past_or_to(settle, numbers[-1], minutes if match["way"] in ("past", "after") else -minutes, meridiem)
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
    if re.match(r"0\d[:.]", text) and not meridiem:
        return time(hour, minute)
    return settle.clock(hour, minute, meridiem, ends=ends)


def _past_or_to(settle: Settle, hour: int, minutes: int, meridiem: str) -> time:
    """Settle on the time itself, as quarter to nine may be before a library opens at nine."""
    if minutes >= 0:
        return settle.clock(hour, minutes, meridiem)
    before = (hour - 2) % 12 + 1
    if meridiem and hour == 12:
        meridiem = "am" if meridiem == "pm" else "pm"
    return settle.clock(before, 60 + minutes, meridiem)


_Rules = list[tuple[re.Pattern[str], TimeRule]]
_CLOCK_RULES: _Rules = []
_reads = adding_to(_CLOCK_RULES)

_START = rf"(?P<first>{_CERTAIN}|{_HOUR}|\d\d?\.\d\d)"
_FREE_BEFORE = r"(?:(?<=day )|(?<=days )|(?<=tomorrow )|(?<=free )|(?<=available )|(?<=morning )|(?<=afternoon )|(?<=work )|(?<=working ))"
_DAY_BEFORE = r"(?:(?<=day )|(?<=days )|(?<=tomorrow )|(?<=morning )|(?<=afternoon )|(?<=evening ))"
_DAY_NEXT = rf"on (?:{WEEKDAY}|the \d)|(?<!\b1 )(?:{WEEKDAY}|tomorrow|today)\b|(?:in|on) (?:the )?(?:morning|afternoon|evening)\b"
_DONE = r"(?:finish(?:es|ed|ing)?|finsh|get off|off|get home|home|get back|back|knock off|clock off|get out|get in|arrive)"
_BUSY = r"(?:busy|working|work|at college|in college|at school|out|not free|not available|not home|not back|there|away|asleep|tied up)"
_GO = (
    r"(?:leave|leaving|go|start work|start my shift|be gone|be off|go to work|pick up the kids|pick the kids up|"
    r"(?:pick up|collect|fetch) (?:my|the) \w+|do the school run|be home|be back|get back|catch (?:a|my) bus)"
)
_BY = r"(?:before|until|no later than|not later than|earlier than|by|not after|not past|up until|sooner than)"
_FROM = (
    r"(?:after|from|past|later than|no earlier than|not earlier than|any ?time (?:after|from)|not before|not until|"
    r"starting(?: at| from)?|beginning at|since|as of)"
)


@_reads(
    rf"{_FREE_BEFORE}(?P<first>{_HOUR}|\d\d?\.\d\d) ?(?:to|until|-) ?(?P<last>{_ANY})",
    rf"(?P<first>{_HOUR}) ?(?:to|until|-) ?(?P<last>{_HOUR})(?= (?:on )?(?:{WEEKDAY}|tomorrow|today)s?\b)",
    rf"between {_START} ?(?:and|to|-|or) ?(?P<last>{_ANY})",
    rf"from {_START} ?(?:to|until|-) ?(?P<last>{_ANY})",
    rf"{_START} ?(?:to|until|-) ?(?P<last>{_CERTAIN})",
    rf"(?P<first>{_CERTAIN}) ?(?:to|until|-) ?(?P<last>{_ANY})",
)
def _range(match: re.Match[str], settle: Settle) -> Slot | None:
    """Read "2 to 4pm", "10 to 2", "9-5": what is not said of one end is settled by the other."""
    first, last = match["first"], match["last"]
    start, end = _read(first, settle), _read(last, settle, ends=True)
    if last.endswith("pm") and "m" not in first and start < time(12) and time(start.hour + 12, start.minute) < end:
        start = time(start.hour + 12, start.minute)
    if end <= start and "am" not in last and end.hour < 12:
        end = time(end.hour + 12, end.minute)
    if end <= start and "pm" not in first and start.hour >= 12:
        start = time(start.hour - 12, start.minute)
    return Slot(earliest=start, latest=end) if start < end else None


@_reads(
    rf"(?P<time>{_CERTAIN}|{_HOUR}) ?(?:to|until|-) ?(?:late|close|closing|you close|the end|whenever)\b",
    rf"{_FROM} (?:{_ROUGH} )?(?P<time>{_ANY})(?: onwards?)?",
    rf"(?P<time>{_CERTAIN}|{_HOUR}|{_DOTTED}) ?(?:onwards?|or later|or after|at the earliest|and after|and later|\+)",
    r"(?:when |once |after |cos |because )?(?:i |im |i am |i will be |ill be )?(?:dont |only )?"
    rf"{_DONE}(?: from)?(?: work| school| college| my shift)?(?: at| by| from| after| around| about)? (?P<time>{_ANY})",
    rf"(?:free|available)(?: at| from| after| around| about)? (?!\d+ ?(?:to|until|-) )(?P<time>{_ANY})",
    rf"(?:dont|do not|cant|cannot|wont|not)(?: \w+){{0,3}} (?:until|before) (?P<time>{_ANY})",
    rf"{_BUSY} until (?P<time>{_ANY})",
)
def _from(match: re.Match[str], settle: Settle) -> Slot | None:
    return Slot(earliest=_read(match["time"], settle))


@_reads(
    rf"(?P<lead>{_AT} )?(?P<time>{_CERTAIN})",
    rf"(?P<lead>{_AT} )(?P<time>{_DOTTED})",
    rf"(?!for \d)(?P<lead>{_AT} )(?P<time>{_BARE}|{_FOUR_DIGITS})",
    rf"^(?P<time>{_DOTTED})$",
    rf"{_DAY_BEFORE}(?P<time>{_BARE}|{_DOTTED})",
    rf"(?P<time>{_HOUR}|{_DOTTED})(?= (?:{_DAY_NEXT}))",
    rf"(?:(?<=\d or )|(?<=\dish or )|(?<=[ap]m or ))(?P<time>{_BARE})",
)
def _at(match: re.Match[str], settle: Settle) -> Slot | None:
    rough = "ish" in match["time"] or (match.groupdict().get("lead") and re.search(_ROUGH, match["lead"]))
    return Slot(at=_read(match["time"], settle), give=ABOUT_GIVE if rough else AT_GIVE)


@_reads(rf"(?P<lead>{_AT} )?(?P<time>{_ANY}) or so\b")
def _or_so(match: re.Match[str], settle: Settle) -> Slot | None:
    return Slot(at=_read(match["time"], settle), give=ABOUT_GIVE)


@_reads(
    rf"{_BY} (?:{_ROUGH} )?(?P<time>{_ANY})",
    rf"(?P<time>{_CERTAIN}|{_HOUR}|{_DOTTED}) (?:or earlier|or before|at the latest|latest)\b",
    rf"(?:have to |need to |must |got to |gotta |i |to ){{0,3}}{_GO}(?: at| by| before| for| from)? (?P<time>{_ANY})",
)
def _before(match: re.Match[str], settle: Settle) -> Slot | None:
    return Slot(latest=_read(match["time"], settle, ends=True))


@_reads(
    r"too early(?: in the (?:morning|day))?\b", r"(?<=not )(?:very |so |really |that |super )?early\b(?! (?:next|december|in the (?:week|month)))"
)
def _too_early(match: re.Match[str], settle: Settle) -> Slot | None:
    return Slot(latest=words().too_early)


@_reads(
    r"too late(?: in the (?:day|evening|afternoon))?\b",
    r"(?<=not )(?:very |so |really |that )?late(?: in the (?:day|evening|afternoon))?\b",
    r"after dark\b|when its dark\b|in the dark\b",
)
def _too_late(match: re.Match[str], settle: Settle) -> Slot | None:
    return Slot(earliest=words().too_late)


@_reads(
    r"any ?time\b(?! (?:after|before|from|between|in|this|on|next))",
    r"any ?time (?=(?:on|this|next|in the week) )",
    r"all day\b|any hour\b|what ?ever time\b|(?:dont|do not) mind (?:when|what time)\b|(?:im |i am )flexible\b",
)
def any_time(match: re.Match[str], settle: Settle) -> Slot | None:
    return Slot(earliest=time.min)


@_reads(r"in (?:about )?(?P<count>half an?|an?|\d+|a couple of) ?(?P<unit>hours?|hrs?|minutes|mins)(?: time)?\b")
def _in_some_hours(match: re.Match[str], settle: Settle) -> Slot | None:
    said = match["count"]
    hours = 0.5 if said.startswith("half") else float(said) if said.isdigit() else 2.0 if "couple" in said else 1.0
    minutes = hours * 60 if match["unit"].startswith("h") or said.startswith("half") else hours
    then = settle.now + timedelta(minutes=minutes)
    if then.date() != settle.now.date():
        return None
    return Slot(then.date(), then.date(), at=then.time().replace(second=0, microsecond=0), give=AT_GIVE)


@_reads(r"later (?:on )?today\b")
def _now_on(match: re.Match[str], settle: Settle) -> Slot | None:
    return Slot(settle.now.date(), settle.now.date(), earliest=settle.now.time().replace(second=0, microsecond=0))


def _part(part: Part) -> TimeRule:
    return lambda match, settle: part.slot


# Rules whose window is plain from the words, so that they settle the hour beside them ("7 in the evening").
_BEFORE_A_PART = r"(?:(?:in|on|at|during|of|for|any|every|most|some ?time in|a|only|maybe) ){0,4}"
_PART_RULES: _Rules = [(re.compile(rf"{_BEFORE_A_PART}(?:{part.said})\b"), _part(part)) for part in words().parts]

TIME_RULES: _Rules = [*_PART_RULES, *_CLOCK_RULES]
PART_RULES = frozenset(rule for _, rule in _PART_RULES)
ALWAYS_EXCLUDED = frozenset({_too_early, _too_late})


def merged_times(one: Slot, two: Slot) -> Slot:
    """Return both limits on the time where they meet, else the one said last."""
    met = one.only_times().meets(two.only_times())
    return met or replace(two.only_times())

"""From the words of a message to a wish: find what names days and times, tell what is refused from what is wanted, and put it together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import reduce
from itertools import pairwise

from desk.clock import LONDON, in_london
from desk.hours import Hours, Week
from desk.when.calendar import monday_of
from desk.when.naming import DayRule, Named
from desk.when.single_days import RULES as SINGLE_DAY_RULES
from desk.when.spelling import plain
from desk.when.stretches import ANY_OF_THEM
from desk.when.stretches import RULES as STRETCH_RULES
from desk.when.times import ALWAYS_EXCLUDED, PART_RULES, TIME_RULES, Settle, TimeRule, any_time, merged_times
from desk.when.wanted import Problem, Slot, Step, Trouble, Wanted

_FILLER = (
    r"(?: (?:to|do|on|in|at|the|a|an|any|every|be|make|come|go|free|available|good|really|so|attend|manage|want|like|it|for|me|i|am|able|"
    r"book|during|have|ever|ideally|all|of|there|here|with|for|before|after|until|next|this|coming|get)){0,6}"
)
_REFUSED_BEFORE = re.compile(
    r"(?:(?:\b(?:not|no|never|nor|neither|except|excluding|besides|avoid|avoiding|without|bar|anything but|isnt|(?<!why )cant|"
    r"(?<!why )cannot|couldnt|wont|dont|doesnt|wouldnt|unable|hate|unavailable|away)"
    r"|(?<!can )(?<!could )(?<!may )\b(?:i|im|i am|i will be|ill be|always|usually) "
    r"(?:work|working|busy|at work|on holiday|on shift|booked up|tied up))"
    r"|\b(?:i have|i have got|ive got|i got|have) (?:an? |the |my )?(?:\w+ )?"
    r"(?:doctors?|dentist|hospital|physio|dialysis|clinic|funeral|interview|class|course|work|shift)(?: appointment)?)"
    rf"{_FILLER}\s*$"
)
_REFUSED_AFTER = re.compile(
    r"^s?\s*(?:(?:(?:is|are|will be|would be|wld be) )(?:really )?"
    r"(?:not|no good|no use|bad|impossible|out|difficult|hard|awkward|a no|no|a problem|too|busy)\b"
    r"|(?:isnt|arent|wont|doesnt|wouldnt) |(?:dont|do not) (?:suit|work|help)\b"
    r"|not (?:good|possible|ok|free|available|suitable|convenient|for me)\b|no good\b|no can do\b|(?:is )?no\s*$)"
)
_CANNOT_AFTER = re.compile(
    r"^\s*,?\s*(?:(?:cos |because )?(?:i )?(?:cant|cannot|am busy|work|am working|do not work)|im (?:busy|working|away)|dont)\b(?! wait)"
)
_YES_AFTER = re.compile(r"^ (?:is|would|please|instead|works|then|suits|will do|at|ok|okay)\b(?! (?:not|no)\b)")
_MORE_OF_THE_SAME = re.compile(r"\s*(?:,|or|and|nor|/|, ?(?:or|and|nor)|or not|and not)\s*(?:(?:on|in|at|the|a|any) )*\s*")
_TOGETHER = re.compile(r"\s*(?:(?:on|in|at|the|of) )*\s*")
_BUT = re.compile(r"\s*,? ?but (?:on |the |a )?")
_EITHER = re.compile(r"\b(?:or|otherwise|failing that|also|else|alternatively|if not|and|then)\b|[,/.;]")
_COMMA = re.compile(r"\s*,\s*(?:(?:on|in|the|some ?time|preferably|ideally|maybe) )*")
_NARROWING = re.compile(r"\s*(?:and|but)\s*(?:\w+ ){0,2}")
_DAY_RULES = [*SINGLE_DAY_RULES, *STRETCH_RULES]
_TOLD = re.compile(
    r"\b(?:went|came|was|were|been|visited|bought|broke|broken|died|stopped|started|happened|had|did|got|missed|lost|left|expires?|expired|arrived|posted|ordered|"
    r"rang|phoned|emailed|joined|locked|changed)\b(?P<since>[^.;!?,¦]{0,40})$"
)
_WISHES = re.compile(
    r"\b(?:can|could|please|help|come|book|so|but|need|want|would|free|available|open|see|when|"
    r"any|anything|something|anyone|someone|somebody|not|do you|is there)\b"
)


@dataclass(frozen=True)
class _Piece:
    """Words that name days or times, where they stand in the text, and whether they are refused."""

    start: int
    end: int
    said: str
    named: Named | None = None
    match: re.Match[str] | None = None
    rule: DayRule | TimeRule | None = None
    refused: bool = False

    @property
    def about_days(self) -> bool:
        return self.named is not None


@dataclass
class _Group:
    """Days and times that belong together. The outer lists are choices ("Saturday or Sunday"); all of an inner one holds ("Friday next week")."""

    days: list[list[_Piece]] = field(default_factory=list)
    times: list[list[_Piece]] = field(default_factory=list)

    def side(self, piece: _Piece) -> list[list[_Piece]]:
        return self.days if piece.about_days else self.times


@dataclass(frozen=True)
class _Reader:
    """What a message is read against: the moment (London) and, where a library is known, its hours."""

    now: datetime
    opening: Week | None

    @property
    def today(self) -> date:
        return self.now.date()

    def settle(self, days: list[Slot], part: Slot | None) -> Settle:
        return Settle(self._spans(days), part, self.now)

    def _spans(self, days: list[Slot]) -> tuple[Hours, ...]:
        if self.opening is None:
            return ()
        named = {slot.day.weekday() for slot in days if slot.day} | {n for slot in days for n in slot.weekdays}
        return tuple(span for weekday in (named or range(7)) for span in self.opening[weekday])


def read_when(text: str, now: datetime, opening: Week | None = None) -> Wanted | None:
    """Return what a message says of days and times, or None where it says nothing of them.

    `now` is UTC or zoned. `opening` is the week of the library in hand: it settles whether "half two" is in the night or the afternoon.
    A day that cannot be used is in `problems`.
    """
    reader = _Reader(in_london(now), opening)
    words = plain(text)
    pieces = _with_refusals(words, _untold(words, list(_pieces(words, reader))))
    step = next((piece.named.step for piece in pieces if piece.named and piece.named.step), None)
    pieces = [piece for piece in pieces if not (piece.named and piece.named.step)]
    asked = _grouped(words, [piece for piece in pieces if not piece.refused])
    refused = _grouped(words, [piece for piece in pieces if piece.refused])
    return _wish(reader, asked, refused, step)


def _wish(reader: _Reader, asked: list[_Group], refused: list[_Group], step: Step | None) -> Wanted | None:
    found = [_choices(group, reader, coming=True) for group in _days_lent(asked)]
    slots = [slot for choices, _ in found for slot in choices]
    problems = [problem for _, some in found for problem in some]
    gone = [slot for slot in slots if _is_over(slot, reader.now)]
    if gone and len(gone) == len(slots):
        problems += [Problem(Trouble.PAST, _said(asked), gone[0].day)]
    slots = [slot for slot in slots if slot not in gone]
    excluded = [slot for group in refused for slot in _choices(group, reader, coming=False)[0]]
    whole_days = [slot for slot in excluded if not slot.names_times]
    slots = [slot for slot in slots if not (slot.day and any(refusal.holds_day(slot.day) for refusal in whole_days))]
    if slots:
        problems = [problem for problem in problems if problem.trouble is not Trouble.PAST]
    if not (slots or problems or excluded or step):
        return None
    return Wanted(tuple(dict.fromkeys(slots)), tuple(dict.fromkeys(excluded)), tuple(problems), step, _other_reading(asked, slots))


def _is_over(slot: Slot, now: datetime) -> bool:
    if slot.day != now.date():
        return False
    end = slot.at or slot.latest
    return end is not None and end <= now.time().replace(tzinfo=None)


def _said(groups: list[_Group]) -> str:
    pieces = [piece for group in groups for side in (group.days, group.times) for choice in side for piece in choice]
    return " ".join(piece.said for piece in sorted(pieces, key=lambda piece: piece.start))


def _other_reading(groups: list[_Group], slots: list[Slot]) -> date | None:
    others = [piece.named.other for group in groups for choice in group.days for piece in choice if piece.named and piece.named.other]
    return others[0] if len(others) == 1 and len({slot.first for slot in slots}) == 1 else None


# Finding


def _pieces(words: str, reader: _Reader) -> Iterator[_Piece]:
    """Yield what the rules find, from left to right, the longest at each place."""
    position = 0
    for start in (match.start() for match in re.finditer(r"(?<![a-z0-9£#])[a-z0-9@]", words)):
        if start < position:
            continue
        piece = _longest(words, start, reader)
        if piece:
            position = piece.end
            yield piece


def _longest(words: str, start: int, reader: _Reader) -> _Piece | None:
    days = [(match, rule) for pattern, rule in _DAY_RULES if (match := pattern.match(words, start))]
    times = [(match, rule) for pattern, rule in TIME_RULES if (match := pattern.match(words, start))]
    best_times = max(times, key=lambda found: found[0].end(), default=None)
    for match, rule in sorted(days, key=lambda found: -found[0].end()):
        if best_times and best_times[0].end() > match.end():
            break
        named = rule(match, reader.today)
        if named:
            return _Piece(start, match.end(), match[0], named=named, match=match, rule=rule)
    if best_times:
        match, time_rule = best_times
        return _Piece(start, match.end(), match[0], match=match, rule=time_rule)
    return None


def _untold(words: str, pieces: list[_Piece]) -> list[_Piece]:
    """Leave out what belongs to a story: "my printer broke last Friday", "I went on Sunday"."""
    return [piece for piece in pieces if (piece.named and piece.named.step) or not _in_a_story(words[: piece.start])]


def _in_a_story(before: str) -> bool:
    told = _TOLD.search(before)
    return bool(told and not _WISHES.search(told["since"]) and not _REFUSED_BEFORE.search(before))


# Refusing


def _with_refusals(words: str, pieces: list[_Piece]) -> list[_Piece]:
    """Return the pieces with those that are refused marked: "not Mondays", "Monday is no good", "I work Tuesdays and Thursdays"."""
    marked: list[_Piece] = []
    for n, piece in enumerate(pieces):
        last = marked[-1] if marked else None
        before = words[last.end if last else 0 : piece.start]
        after = words[piece.end : pieces[n + 1].start if n + 1 < len(pieces) else len(words)]
        refused = piece.rule in ALWAYS_EXCLUDED or _refused(before, after, last, piece, is_last=n + 1 == len(pieces))
        marked.append(replace(piece, refused=refused))
    return _refused_backwards(words, marked)


def _refused(before: str, after: str, last: _Piece | None, piece: _Piece, *, is_last: bool) -> bool:
    found = _REFUSED_BEFORE.search(before)
    if found and not (found[0].strip() == "no" and not piece.said.endswith("s") and _YES_AFTER.search(after)):
        return True
    if last and _BUT.fullmatch(before) and last.rule in (*ANY_OF_THEM, any_time) and not last.refused:
        return piece.about_days or not piece.rule
    if _REFUSED_AFTER.search(after) or (_CANNOT_AFTER.search(after) and (is_last or not _REFUSED_BEFORE.search(after))):
        return True
    if last is None or not last.refused or last.rule in ALWAYS_EXCLUDED:
        return False
    if _TOGETHER.fullmatch(before):
        return last.about_days != piece.about_days or (last.said.endswith("days") and piece.said.endswith("days"))
    more = _MORE_OF_THE_SAME.fullmatch(before)
    return bool(more and (before.strip() != "," or re.match(r"\s*(?:,? ?(?:or|and|nor)|,)\s*$", after)) and not _YES_AFTER.search(after))


def _refused_backwards(words: str, pieces: list[_Piece]) -> list[_Piece]:
    """Mark what stands before a refusal that follows: "Mondays and Tuesdays are no good", "Monday mornings don't suit"."""
    for n in range(len(pieces) - 2, -1, -1):
        here, following = pieces[n], pieces[n + 1]
        between = words[here.end : following.start]
        refused_after = _REFUSED_AFTER.search(words[following.end :]) and following.refused
        joined = re.fullmatch(r"\s*(?:and|or|,|&)\s*(?:the |on )?", between) or (not between.strip() and here.about_days != following.about_days)
        if refused_after and joined and not here.refused and following.rule not in ALWAYS_EXCLUDED:
            pieces[n] = replace(here, refused=True)
    return pieces


# Putting together


def _grouped(words: str, pieces: list[_Piece]) -> list[_Group]:
    groups: list[_Group] = []
    last: _Piece | None = None
    for piece in pieces:
        between = words[last.end : piece.start] if last else ""
        if last is None or _starts_anew(groups[-1], last, piece, between):
            groups.append(_Group())
        _add(groups[-1], last, piece, between)
        last = piece
    return groups


def _starts_anew(group: _Group, last: _Piece, piece: _Piece, between: str) -> bool:
    """Whether another choice begins: "Monday morning or | Tuesday afternoon"."""
    if last.about_days == piece.about_days:
        return False
    return bool(_EITHER.search(between)) if group.side(piece) else between.strip() == "or"


def _add(group: _Group, last: _Piece | None, piece: _Piece, between: str) -> None:
    side = group.side(piece)
    same = last is not None and last.about_days == piece.about_days
    holds_too = not same or not _EITHER.search(between) or (_COMMA if piece.about_days else _NARROWING).fullmatch(between)
    if side and holds_too:
        side[-1].append(piece)
    else:
        side.append([piece])


def _days_lent(groups: list[_Group]) -> list[_Group]:
    """Give a choice that has only a time the days before it: "Monday at 10 or at 3"."""
    for before, group in pairwise(groups):
        if not group.days and before.times:
            group.days = before.days
    return groups


def _choices(group: _Group, reader: _Reader, *, coming: bool) -> tuple[list[Slot], list[Problem]]:
    found = [_days(choice, reader.today, coming=coming) for choice in _weeks_lent(group.days)]
    days = [slot for slots, _ in found for slot in slots]
    problems = [problem for _, some in found for problem in some]
    if group.days and not days:
        return [], problems
    times = [_times(choice, reader, days) for choice in group.times]
    crossed = (day.meets(clock) for day in days or [Slot()] for clock in [slot for slot in times if slot] or [Slot()])
    return [slot for slot in crossed if slot and slot != Slot()], problems


def _weeks_lent(choices: list[list[_Piece]]) -> list[list[_Piece]]:
    """Give a plain weekday the week of the other: "Thursday or Friday next week", "next Tuesday or Wednesday"."""
    lent = [_week_lent(piece) for choice in choices for piece in choice if len(choices) > 1]
    spans = [span for span in lent if span]
    if len(spans) != 1:
        return choices
    return [[*choice, spans[0]] if all(_names_weekdays(piece) for piece in choice) else choice for choice in choices]


def _names_weekdays(piece: _Piece) -> bool:
    return piece.named is not None and all(slot.weekdays and not slot.first for slot in piece.named.slots)


def _week_lent(piece: _Piece) -> _Piece | None:
    if piece.named is None or len(piece.named.slots) != 1:
        return None
    if piece.said.startswith("next ") and piece.named.slots[0].day:
        monday = monday_of(piece.named.slots[0].day)
        return replace(piece, named=Named((Slot(monday, monday + timedelta(days=6)),)))
    return piece if _is_span(piece.named) else None


def _is_span(named: Named) -> bool:
    return bool(named.slots) and all(slot.first and slot.last and not slot.day for slot in named.slots)


def _days(pieces: list[_Piece], today: date, *, coming: bool) -> tuple[list[Slot], list[Problem]]:
    named = [piece.named for piece in pieces if piece.named]
    problems = [one.problem for one in named if one.problem]
    clash = _clash(pieces)
    if clash:
        return [], [*problems, clash]
    met: list[Slot] = []
    for one in sorted(named, key=_is_span):
        met = _narrowed(met, one.slots)
    if any(one.coming for one in named) and (coming or pieces[0].said.startswith("this ")):
        met = [_coming(slot, today) for slot in met]
    return met, problems


def _narrowed(slots: list[Slot], by: tuple[Slot, ...]) -> list[Slot]:
    """Return what both allow; where that is nothing ("Monday, Tuesday"), what either does."""
    return [slot for slot in (one.meets(other) for one in slots for other in by) if slot] or [*slots, *by]


def _clash(pieces: list[_Piece]) -> Problem | None:
    """Return the problem of a weekday and a date that are not the same day, where they stand side by side."""
    weekday = next((piece for piece in pieces if piece.named and piece.named.coming), None)
    dated = next((piece for piece in pieces if piece.named and piece.named.slots[:1] and piece.named.slots[0].day), None)
    if not (weekday and dated and re.search(r"\d", dated.said)) or abs(weekday.start - dated.start) > 16:
        return None
    day = dated.named.slots[0].day if dated.named else None
    if day and weekday.named and weekday.named.slots[0].holds_day(day):
        return None
    return Problem(Trouble.MISMATCH, f"{weekday.said} {dated.said}", day)


def _coming(slot: Slot, today: date) -> Slot:
    """Return the coming day for a weekday that nothing else limits."""
    if slot.first or slot.last or len(slot.weekdays) != 1:
        return slot
    day = slot.first_day(today)
    return replace(slot, first=day, last=day, weekdays=frozenset())


def _times(pieces: list[_Piece], reader: _Reader, days: list[Slot]) -> Slot | None:
    parts = [slot for piece in pieces if piece.rule in PART_RULES and (slot := _time_of(piece, reader.settle(days, None)))]
    part = reduce(merged_times, parts) if parts else None
    clocks = [slot for piece in pieces if piece.rule not in PART_RULES and (slot := _time_of(piece, reader.settle(days, part)))]
    every = ([part] if part else []) + clocks
    if not every:
        return None
    limits = reduce(merged_times, every)
    dated = next((slot for slot in clocks if slot.names_days), None)
    return replace(limits, first=dated.first, last=dated.last) if dated else limits


def _time_of(piece: _Piece, settle: Settle) -> Slot | None:
    return piece.rule(piece.match, settle) if piece.rule and piece.match else None  # type: ignore[arg-type,return-value]


def day_mentioned(text: str, today: date) -> date | None:
    """Return the day that a text speaks of, seen from `today` (both London dates), or None.

    A weekday is the coming one, today included; "next" takes the one in the following week (Monday to Sunday). A date that has gone is next year's.
    """
    wanted = read_when(text, datetime.combine(today, time.min, LONDON))
    if wanted is None:
        return today if re.search(r"\bnow\b", text.lower()) else None
    days = [day for slot in wanted.slots or wanted.excluded if slot.names_days and (day := slot.first_day(today))]
    if days:
        return min(days)
    return next((problem.perhaps for problem in wanted.problems if problem.trouble is Trouble.PAST), None)

"""Finding the session: what is asked first, what is offered, and how an offer is answered."""

from dataclasses import replace
from datetime import timedelta

from desk.clock import in_london, now
from desk.places import NoPlaceError
from desk.sessions import KINDS, Differs, Found, Search, find_sessions, nearest_sessions
from desk.tables import BookingRow
from desk.tasks import hearing
from desk.tasks.questions import ask, ask_again, offered
from desk.tasks.said import Said
from desk.tasks.task import Heard, Task, Turn
from desk.tasks.world import World
from desk.when import Wanted
from desk.when.spoken import spoken_problem
from kb.wording import say

MOST = 3  # sessions on offer at a time
_TOPIC_WORDS = {"phone": "smartphone tablet", "computer": "computer printer", "internet": "internet email"}
_TOPIC_KINDS = {"coding": "coding-club", "tea": "drop-in"}
_NEAR = 3  # libraries that count as near


def take_wish(task: Task, said: Said) -> Task:
    """Return a task with what a message says of the session that is wanted; what it does not speak of stays as it was."""
    wish = task.wish
    if said.topic or said.kinds:
        wish = replace(wish, topic=said.topic or wish.topic, kinds=said.kinds, any_topic=False)
    if said.anywhere:
        wish = replace(wish, libraries=(), anywhere=True)
    if said.libraries:
        wish = replace(wish, libraries=said.libraries, anywhere=False)
    if said.near:
        wish = replace(wish, near=said.near, libraries=said.libraries or said.near[:_NEAR], anywhere=False)
    if said.when and (said.when.slots or said.when.excluded or said.when.step):
        when = wish.when.merged_with(_usable(said.when)) if wish.when else _usable(said.when)
        wish = replace(wish, when=when, by_weekday=said.by_weekday, after=None)
    if said.languages:
        wish = replace(wish, languages=said.languages)
    if said.access:
        wish = replace(wish, access=tuple(dict.fromkeys((*wish.access, *said.access))))
    return replace(task, wish=wish)


def _usable(when: Wanted) -> Wanted:
    return replace(when, problems=())


def changes_wish(said: Said) -> bool:
    return bool(said.topic or said.kinds or said.libraries or said.near or said.when or said.languages or said.access)


def go_on(task: Task, world: World, preface: str = "") -> Turn:
    """Ask for what is still needed to find sessions, or offer them."""
    missing = _missing(task)
    return ask(task, missing, world, preface) if missing else offer(task, world, preface)


def _missing(task: Task) -> str | None:
    wish, moves = task.wish, task.label == "change_booking"
    has_topic = bool(wish.topic or wish.kinds or wish.any_topic or moves)
    has_place = bool(wish.libraries or wish.anywhere)
    if not has_topic and not (wish.when and has_place) and not (task.label == "find_session" and (wish.when or has_place)):
        return "topic"
    if not has_place and not wish.when and task.label != "find_session" and not moves:
        return "library"
    return None


# Offering


def offer(task: Task, world: World, preface: str = "") -> Turn:
    """Offer the sessions that fit best, else what comes nearest, else say truthfully that there is nothing."""
    search = _search(task, world)
    found = _find(task, world, search)
    if not found and search.after:
        found = _find(task, world, replace(search, after=None))
    if not found and task.wish.by_weekday:
        found = [replace(each, differs=(Differs.TIME,)) for each in _find(task, world, replace(search, window=_any_such_weekday(task)))]
    if not found:
        found = _full_or_near(task, world, replace(search, access=()))
    if not found and search.but_not:
        return _nothing_more(task, world, preface)
    if not found:
        return ask(replace(task, offered=(), differs=()), "date_time", world, _joined(preface, say("tasks.nothing_at_all")))
    task = replace(task, offered=tuple(each.row.id for each in found), differs=tuple(found[0].differs), session_id=None, waits=False)
    return ask(task, "session_choice", world, preface)


def _full_or_near(task: Task, world: World, search: Search) -> list[Found]:
    """Return what was asked for but is full, to wait for, and beside it what comes nearest."""
    full = find_sessions(world.session, replace(search, full_too=True), MOST - 1)
    near = nearest_sessions(world.session, search, MOST, task.wish.near)
    if task.label == "change_booking":  # who moves a booking does not want another subject
        near = [each for each in near if Differs.TOPIC not in each.differs]
    others = [each for each in near if all(each.row.id != one.row.id for one in full)]
    return [*(replace(each, differs=(Differs.FULL,)) for each in full), *others][:MOST]


def _any_such_weekday(task: Task) -> Wanted | None:
    when = task.wish.when
    if when is None or when.day is None:
        return when
    weekday = frozenset({when.day.weekday()})
    return replace(when, slots=tuple(replace(slot, first=None, last=None, weekdays=weekday) for slot in when.slots))


def _find(task: Task, world: World, search: Search) -> list[Found]:
    with_access = find_sessions(world.session, search, MOST) if search.access else []
    return with_access or find_sessions(world.session, replace(search, access=()), MOST)


def _search(task: Task, world: World) -> Search:
    wish, moves = task.wish, _moving(task, world)
    kinds = wish.kinds or ((moves[1],) if moves else ())
    return Search(
        libraries=wish.libraries,
        kinds=kinds or _kinds_that_can_be(task),
        topic=wish.topic or (moves[0] if moves else ""),
        window=wish.when,
        after=wish.after,
        languages=wish.languages,
        access=wish.access,
        age=task.details.age,
        but_not=frozenset(task.passed_over) | ({moves[2]} if moves else frozenset()),
    )


def _kinds_that_can_be(task: Task) -> tuple[str, ...]:
    """A child's club is not offered to somebody who did not ask for one."""
    return (
        ()
        if task.details.age is not None or task.wish.topic or hearing.is_child(task.details.relation)
        else tuple(k for k in KINDS if k != "coding-club")
    )


def _moving(task: Task, world: World) -> tuple[str, str, int] | None:
    """Return the title, kind and session of the booking that is to be moved."""
    if task.label != "change_booking" or task.booking_id is None:
        return None
    booked = world.session.get_one(BookingRow, task.booking_id)
    row = world.found(booked.session_id).row
    return row.title, row.kind, row.id


def _nothing_more(task: Task, world: World, preface: str) -> Turn:
    """Nothing is left beside what was passed over: begin again from another day or library."""
    task = replace(task, passed_over=(), offered=(), differs=(), wish=replace(task.wish, when=None, after=None))
    return ask(task, "date_time", world, _joined(preface, say("tasks.nothing_more")))


# Answering


def hear_topic(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    kind, _, topic = heard.value.partition(":")
    if kind == "topic" and topic in _TOPIC_WORDS:
        return go_on(task.with_wish(topic=_TOPIC_WORDS[topic]), world)
    if kind == "topic" and topic in _TOPIC_KINDS:
        return go_on(task.with_wish(kinds=(_TOPIC_KINDS[topic],)), world)
    if topic == "any" or (not said.topic and not said.kinds and hearing.any_topic(heard.text)):
        return go_on(task.with_wish(any_topic=True), world)
    if changes_wish(said) or said.tells_of_people:
        return go_on(task if said.topic or said.kinds or not said.rest else task.with_wish(topic=said.rest), world)
    if heard.is_button or hearing.is_only_yes(heard) or hearing.is_only_no(heard):
        return ask_again(task, world)
    # Words that no session names: somebody who helps with anything may still help with this.
    return go_on(task.with_wish(topic=heard.text[:200], kinds=()), world)


def hear_library(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    kind, _, slug = heard.value.partition(":")
    if kind == "library" and slug and slug != "any":
        return go_on(task.with_wish(libraries=(slug,), anywhere=False), world)
    if said.libraries or said.near:
        return go_on(task, world)
    if hearing.nearer(heard):
        return nearer(task, world)
    if slug == "any" or hearing.anywhere(heard.text):
        return go_on(task.with_wish(anywhere=True, libraries=()), world)
    if changes_wish(said):
        return go_on(task.with_wish(anywhere=True), world)
    return ask_again(task, world, say("tasks.library_not_known"))


def hear_date_time(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    if heard.value == "time:any" or (not said.when and hearing.anywhere(heard.text)):
        return offer(task.with_wish(when=None, after=None), world)
    if changes_wish(said):
        return offer(task, world)
    return ask_again(task, world, say("tasks.day_not_known"))


def problem_with(said: Said) -> str:
    """Return what is wrong with a day that was named; empty where nothing is."""
    if said.when is None or not said.when.problems or said.when.slots:
        return ""
    return " ".join(spoken_problem(problem, in_london(now()).date()) for problem in said.when.problems)


def hear_choice(task: Task, before: Task, heard: Heard, said: Said, world: World) -> Turn | int:
    """Return the session that was picked, else what is offered or asked next. `before` is the task without what was said."""
    on_offer = offered(before, world)
    kind, _, number = heard.value.partition(":")
    if kind == "session":
        return int(number)
    if heard.is_button and not heard.value and heard.label == "affirm" and len(on_offer) == 1:
        return on_offer[0].row.id
    nth = hearing.which_of(heard.text, len(on_offer)) if heard.text else None
    if nth is not None:
        return on_offer[nth].row.id
    another = _another_offer(before, heard, said, world)
    if another:
        return another
    picked = _picked(on_offer, heard, said)
    if len(picked) == 1:
        return picked[0].row.id
    if hearing.is_yes(heard) and len(on_offer) == 1 and not changes_wish(said):
        return on_offer[0].row.id
    if changes_wish(said) and not (picked and len(picked) < len(on_offer)):
        return offer(replace(task, passed_over=()), world, say("tasks.noted_that") if said.tells_of_people or said.need else "")
    if 1 < len(picked) < len(on_offer):
        return ask(replace(before, offered=tuple(each.row.id for each in picked), differs=()), "session_choice", world)
    if said.tells_of_people or said.need:
        return ask(before, "session_choice", world, say("tasks.noted_that"))
    return ask_again(before, world, say("tasks.which_one"))


def _another_offer(task: Task, heard: Heard, said: Said, world: World) -> Turn | None:
    """Return other sessions for "none of these", "later", "nearer me" and "another library"."""
    if hearing.nearer(heard) and not said.libraries:
        return nearer(task, world) if not said.near else None
    if hearing.another_library(heard) and not said.libraries:
        return ask(replace(task, wish=replace(task.wish, libraries=(), anywhere=False)), "library", world)
    if hearing.later(heard):
        return later(task, world)
    if (hearing.none_of_these(heard) or hearing.is_only_no(heard)) and not changes_wish(said):
        task = replace(task, passed_over=(*task.passed_over, *task.offered))
        return offer(task, world, say("tasks.others"))
    return None


def later(task: Task, world: World) -> Turn:
    """Offer what comes after the sessions on offer, by the same wish as long as that finds any."""
    last = max((each.row.starts_at for each in offered(task, world)), default=now())
    on = task.with_wish(after=last)
    if not _find(on, world, _search(on, world)):
        on = on.with_wish(when=None)
    return offer(on, world, say("tasks.later"))


def nearer(task: Task, world: World) -> Turn:
    if not task.wish.near:
        return ask(task, "postcode", world)
    return offer(task.with_wish(libraries=task.wish.near[:_NEAR]), world)


def _picked(on_offer: list[Found], heard: Heard, said: Said) -> list[Found]:
    """Return the sessions on offer that a description fits: "the Tuesday one", "the one at Chelsea", "the 2:45", "the earliest"."""
    if not (said.libraries or said.when or said.topic or said.kinds or hearing.earliest(heard.text)):
        return []
    picked = on_offer
    if said.libraries:
        picked = [each for each in picked if each.row.library in said.libraries]
    if said.when and not said.when.step:
        picked = [each for each in picked if said.when.allows(each.row.starts_at)] or _on_weekday(picked, said.when)
    if said.topic or said.kinds:
        picked = _about(picked, said)
    if picked and (said.when is None or said.when.step) and hearing.earliest(heard.text):
        picked = [min(picked, key=lambda each: each.row.starts_at)]
    return picked


def _about(on_offer: list[Found], said: Said) -> list[Found]:
    """Return the sessions whose titles share most with the words that were said, else those of the kind, else all."""
    words = set(said.topic.casefold().split())
    shared = [len(words & set(each.row.title.casefold().split())) for each in on_offer]
    most = max(shared, default=0)
    if most:
        return [each for each, count in zip(on_offer, shared, strict=True) if count == most]
    return [each for each in on_offer if each.row.kind in said.kinds] or on_offer


def _on_weekday(on_offer: list[Found], when: Wanted) -> list[Found]:
    """Return what is on the weekday named: of sessions in two weeks "the Tuesday one" need not be the coming Tuesday."""
    if when.day is None or when.step is not None or when.day - in_london(now()).date() > timedelta(days=7):
        return []
    return [each for each in on_offer if in_london(each.row.starts_at).weekday() == when.day.weekday()]


def _joined(*sentences: str) -> str:
    return "\n".join(filter(None, sentences))


def why_not(error: NoPlaceError, session_id: int, world: World) -> str:
    """Return why a place in a session cannot be had."""
    name = type(error).__name__.removesuffix("Error").lower()
    row = world.found(session_id).row
    return say(f"tasks.cannot_{name}", title=row.title, reason=row.reason)

"""Offering to volunteer: with what, when and where, who it is and how to reach them; read back, stored."""

import re
from dataclasses import replace

from desk import volunteers
from desk.people import ADULT
from desk.references import shown
from desk.tasks import booking, case_words, hearing
from desk.tasks.case_people import hear_contact, hear_name, take_place
from desk.tasks.case_questions import INTEREST_WORDS, times_of_button, told_staff
from desk.tasks.case_turns import CaseTurns, Hear, change_part, with_first_words, with_more_words
from desk.tasks.questions import ask, ask_again, finished
from desk.tasks.said import Said
from desk.tasks.task import Heard, Task, Turn
from desk.tasks.world import World
from desk.volunteers import Volunteer
from kb.wording import language_spoken, say

_ARTICLE = "volunteer"
_RELATED = r"my (?:\w+ )?(?:son|daughter|wife|husband|friend|brother|sister|mum|dad|grandson|granddaughter|niece|nephew)"
_FOR_OTHER = re.compile(
    rf"\b(?:reg\w+|sign(?: up)?|put|enrol|add|take|for|on behalf of) {_RELATED}\b|"
    rf"\b{_RELATED}\b[^.?!]{{0,60}}\b(?:wants?|would like|keen|she|he|her|his)\b",
    re.IGNORECASE,
)
_WITH_OTHER = re.compile(
    r"\band (?:i|me|my ?self)\b|\b(?:me|i|myself) and\b|\bboth\b|\btwo of us\b|\b(?:team|group) of\b|\bfour of us\b", re.IGNORECASE
)
_YOUNG = re.compile(
    r"\b(?:i['’]?m|i am|im|aged?|she['’]?s|he['’]?s|she is|he is|nearly|only) (?:only |just )?(\d{1,2})\b(?!\s*(?:hours?|hrs?|days?|%|[:/.]\d))",
    re.IGNORECASE,
)
_UNDER_AGE = re.compile(r"\b(?:under|younger than|not (?:yet )?|below) ?(?:16|sixteen)\b|\bi['’]?m (?:younger|under age|underage)\b", re.IGNORECASE)


def begin(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    """Take everything that the first message says, and ask for the rest."""
    if _is_too_young(heard, said):
        return _too_young(task, world)
    pair = bool(_WITH_OTHER.search(heard.text)) or said.pair or said.group
    other = not pair and bool(_FOR_OTHER.search(heard.text))
    task = _take(task.with_details(for_other=other), heard, said, world)
    task = with_first_words(task, heard)
    words = [
        say("volunteering.thanks"),
        say("volunteering.one_at_a_time") if pair else "",
        say("volunteering.for_other") if other else "",
        booking.problem_in(said.contacts),
    ]
    return _TURNS.go_on(task, world, "\n".join(filter(None, words)))


def _take(task: Task, heard: Heard, said: Said, world: World) -> Task:
    """Return a task with what a message says by itself; what was given already stays, what is wanted is added to."""
    interests = case_words.interests_in(heard.text)
    if interests and not task.case.interests:
        task = task.with_case(interests=interests)
    times = case_words.times_in(heard.text)
    if times and not task.case.times:
        task = task.with_case(times=times[: volunteers.LONGEST["times"]])
    if said.anywhere and not task.case.place_known:
        task = task.with_case(place_known=True)
    return take_place(_take_people(task, said), heard, said, world)


def _take_people(task: Task, said: Said) -> Task:
    task = booking.take_contacts(task, said.contacts)
    return task.with_details(name=said.name) if said.name else task


def _is_too_young(heard: Heard, said: Said) -> bool:
    age = _YOUNG.search(heard.text)
    return bool(age and int(age[1]) < volunteers.YOUNGEST) or (said.age is not None and said.age < ADULT) or bool(_UNDER_AGE.search(heard.text))


def _too_young(task: Task, world: World) -> Turn:
    desk = world.desk
    return finished(task, "smalltalk", say("volunteering.too_young", phone=desk.service.phone, promise=desk.promise()))


def missing(task: Task) -> str | None:
    """Return what is asked next; None where all is known."""
    details, case = task.details, task.case
    needed = (
        ("email_check", bool(task.unsure_email)),
        ("interests", not case.interests or case.picks_more),
        ("times", not case.times),
        ("place", not case.place_known),
        ("name", not details.name),
        ("contact", not details.reachable and not details.no_contact),
        ("about", case.about is None),
    )
    return next((asked for asked, is_missing in needed if is_missing), None)


# Answers


def hear(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    """Take the answer to the pending question. Whoever turns out to be a child is told whom to ask."""
    if _is_too_young(heard, said):
        return _too_young(task, world)
    return _HEAR[task.asked](task, heard, said, world)


def _hear_interests(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    """A button names one thing, so it is asked whether there is more; words may name all at once."""
    pressed = heard.value.removeprefix("interest:")
    chosen = task.case.interests
    if pressed in INTEREST_WORDS:
        return _TURNS.go_on(task.with_case(interests=(*chosen, pressed), picks_more=True), world)
    if chosen and (heard.value == "enough" or _is_enough(heard)):
        return _TURNS.go_on(task.with_case(picks_more=False), world)
    told = _take(task.with_case(interests=()), heard, said, world) if heard.text else task
    named = tuple(dict.fromkeys((*chosen, *told.case.interests))) if heard.text else ()
    if named and named != chosen:
        return _TURNS.go_on(told.with_case(interests=named, picks_more=False), world)
    if heard.text and case_words.takes_any_interest(heard.text):
        return _TURNS.go_on(told.with_case(interests=volunteers.INTERESTS[:-1], picks_more=False), world)
    if heard.is_button or hearing.is_only_yes(heard) or hearing.is_only_no(heard):
        return ask_again(task, world, say("volunteering.which_interests"))
    # None of ours: it is something else, and staff read their words.
    return _TURNS.go_on(with_more_words(told, heard).with_case(interests=(*chosen, "other"), picks_more=False), world)


def _is_enough(heard: Heard) -> bool:
    return hearing.is_only_no(heard) or bool(
        re.search(r"\b(?:that['’]?s|thats|that is) (?:all|it|enough)\b|\bnothing else\b", heard.text, re.IGNORECASE)
    )


def _hear_times(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    pressed = times_of_button(heard.value)
    if pressed:
        return _TURNS.go_on(task.with_case(times=pressed), world)
    if not heard.text or hearing.is_only_yes(heard) or hearing.is_only_no(heard):
        return ask_again(task, world)
    task = take_place(_take_people(task, said), heard, said, world)
    return _TURNS.go_on(task.with_case(times=heard.text.strip()[: volunteers.LONGEST["times"]]), world)


def _hear_place(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    placed = take_place(task, heard, said, world)
    if placed.case.place_known:
        return _TURNS.go_on(placed, world)
    if heard.value == "place:any" or (heard.text and (hearing.anywhere(heard.text) or hearing.any_topic(heard.text))):
        return _TURNS.go_on(task.with_case(place_known=True), world)
    return ask_again(task, world, say("volunteering.library_not_known"))


def _hear_name(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    return _TURNS.answered(task, hear_name(task, heard, said, say("volunteering.name_needed")), world, booking.problem_in(said.contacts))


def _hear_contact(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    return _TURNS.contact_answered(task, hear_contact(task, heard, said), world)


# Read back


def _put_right(task: Task, heard: Heard, said: Said, world: World) -> Turn | None:
    if said.anywhere:
        return _TURNS.go_on(task.with_case(libraries=(), postcode="", place_known=True), world)
    interests, times = case_words.interests_in(heard.text), case_words.times_in(heard.text)
    if interests:
        adds = re.search(r"\b(?:also|too|as well|add|and)\b", heard.text, re.IGNORECASE)
        return _TURNS.go_on(task.with_case(interests=tuple(dict.fromkeys((*task.case.interests, *interests))) if adds else interests), world)
    if times:
        return _TURNS.go_on(task.with_case(times=heard.text.strip()[: volunteers.LONGEST["times"]]), world)
    return None


_PARTS = {
    "contact": r"\b(?:e-?mail|phone|mobile|number|contact)\b",
    "name": r"\b(?:name|spelling|spelt)\b",
    "place": r"\b(?:library|libraries|branch|postcode)\b",
    "times": r"\b(?:times?|days?|when|hours)\b",
    "interests": r"\b(?:help with|interests?|kind)\b",
    "about": r"\b(?:for staff|note|add something|forgot)\b",
}


def _change_part(task: Task, part: str, world: World) -> Turn:
    """Ask anew for one part of what was read back."""
    match part:
        case "interests":
            return ask(task.with_case(interests=(), picks_more=False), "interests", world)
        case "times":
            return ask(task.with_case(times=""), "times", world)
        case _:
            return change_part(task, part, world)


# Done


def store(task: Task, world: World) -> Turn:
    """Store the offer and say its reference, and from the article what follows."""
    details, case = task.details, task.case
    postcode = f"({case.postcode})" if case.postcode and not case.libraries else ""
    offer = Volunteer(
        name=details.name,
        interests=case.interests,
        consent=True,  # the yes to the read-back held it
        times=case.times,
        libraries=case.libraries,
        phone=details.phone,
        email=details.email,
        about="\n".join(filter(None, [told_staff(task), postcode]))[: volunteers.LONGEST["about"]],
        language=language_spoken(),
    )
    request_id = f"volunteer-{world.conversation_id}-{task.started}"[:64]
    row = volunteers.register(world.session, offer, request_id=request_id, source="chat", conversation_id=world.conversation_id)
    words = [
        say("volunteering.done", reference=shown(row.reference)),
        say("volunteering.next") if details.reachable else say("cases.next_unreachable"),
        world.desk.articles[_ARTICLE].front.facets.get("time", ""),
        say("volunteering.if_it_changes", phone=world.desk.service.phone),
        say("cases.write_it_down"),
    ]
    return finished(replace(task, reference=row.reference), "volunteered", "\n".join(filter(None, words)), reference=shown(row.reference))


# The turns by their question


_TURNS = CaseTurns(missing, _put_right, _PARTS, _change_part, store)
_HEAR: dict[str, Hear] = {
    "interests": _hear_interests,
    "times": _hear_times,
    "place": _hear_place,
    "name": _hear_name,
    "contact": _hear_contact,
    "email_check": _TURNS.hear_email_check,
    "about": _TURNS.hear_about,
    "confirm": _TURNS.hear_confirm,
    "what_to_change": _TURNS.hear_what_to_change,
}

"""The pending question of a task, put in words. It can be asked again at any time: it depends on nothing but the task and the world."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from desk.places import NoPlaceError
from desk.replies import Choice, Reply
from desk.sessions import Found
from desk.settings import settings
from desk.speech import spoken_day
from desk.tables import BookingRow, WaitingRow
from desk.tasks import case_questions, staff_questions
from desk.tasks.descriptions import (
    in_brief,
    people_in_words,
    session_in_full,
    session_json,
    title_of,
)
from desk.tasks.hearing import is_child
from desk.tasks.task import Task, Turn
from desk.tasks.world import World
from desk.when.spoken import spoken
from kb.wording import say

MOST_LIBRARIES = 3  # offered as buttons beside "any library"

# The slots of the chat API that each question asks for.
ASKS = {
    "topic": ("topic",),
    "library": ("library",),
    "postcode": ("library",),
    "date_time": ("date_time",),
    "session_choice": ("session_choice",),
    "name": ("name",),
    "contact_name": ("name",),
    "contact": ("contact",),
    "email_check": ("contact",),
    "relationship": ("relationship",),
    "access_needs": ("access_needs",),
    "confirm": ("confirm",),
    "what_to_change": ("confirm",),
    "reference": ("reference",),
    "proof": ("name", "contact"),
    "which_booking": ("reference",),
    "switch": ("confirm",),
    **staff_questions.ASKS,
}


def ask(task: Task, asked: str, world: World, preface: str = "") -> Turn:
    """Put a question, after a sentence where there is one."""
    if asked != task.asked:
        task = replace(task, misses=0)
    task = replace(task, asked=asked)
    return Turn(told(task), (question(task, world, preface),))


def ask_again(task: Task, world: World, preface: str = "") -> Turn:
    """Put the pending question once more because it was not answered; from the second time on the telephone is named."""
    task = replace(task, misses=task.misses + 1)
    help_by_phone = say("tasks.or_ring", phone=world.desk.service.phone) if task.misses > 1 else ""
    return Turn(task, (question(task, world, "\n".join(filter(None, [preface, help_by_phone]))),))


def told(task: Task) -> Task:
    """Note that the resident has been told how long details are kept, and has been invited to name needs, once a question that says so was put."""
    task = replace(task, told_of_keeping=True) if task.asked in ("name", "contact", "confirm") else task
    return replace(task, read_back=True) if task.asked == "confirm" else task


def question(task: Task, world: World, preface: str = "") -> Reply:
    """Return the pending question."""
    reply = case_questions.PUT.get(task.label, _PUT)[task.asked](task, world)
    if preface and task.asked == "session_choice" and not task.differs:
        reply = replace(reply, lead=say("tasks.suits" if len(reply.sessions) == 1 else "tasks.which"))
    return replace(reply, lead="\n".join(filter(None, [preface, reply.lead])))


def finished(task: Task, kind: str, words: str, *, choices: tuple[Choice, ...] = (), reference: str = "") -> Turn:
    """End a task with a reply."""
    return Turn(None, (Reply(kind, task.label, words, choices=choices, reference=reference),))


def inform(title: str, value: str) -> Choice:
    return Choice(title, "inform", value)


def stop_button() -> Choice:
    return Choice(say("tasks.button_stop"), "stop")


def _reply(task: Task, words: str, choices: Sequence[Choice] = ()) -> Reply:
    return Reply("question", task.label, words, asks=ASKS[task.asked], choices=tuple(choices))


# Finding a session


def _topic(task: Task, world: World) -> Reply:
    topics = [inform(say(f"tasks.topic_{topic}"), f"topic:{topic}") for topic in TOPICS]
    return _reply(task, say("tasks.ask_topic"), [*topics, inform(say("tasks.button_any_topic"), "topic:any")])


TOPICS = ("phone", "computer", "internet", "coding", "tea")


def _library(task: Task, world: World) -> Reply:
    near = [inform(world.library_name(slug), f"library:{slug}") for slug in task.wish.near[:MOST_LIBRARIES]]
    others = [inform(say("tasks.button_any_library"), "library:any")]
    if not near:
        others.append(inform(say("tasks.button_nearer"), "nearer"))
    return _reply(task, say("tasks.ask_library"), [*near, *others])


def _postcode(task: Task, world: World) -> Reply:
    return _reply(task, say("tasks.ask_postcode"), [inform(say("tasks.button_any_library"), "library:any")])


def _date_time(task: Task, world: World) -> Reply:
    return _reply(task, say("tasks.ask_date_time"), [inform(say("tasks.button_any_time"), "time:any")])


def offered(task: Task, world: World) -> list[Found]:
    """Return the sessions on offer as they are now; one that has meanwhile been taken out of the list is left out."""
    found = []
    for session_id in task.offered:
        try:
            found.append(world.found(session_id))
        except NoPlaceError:
            continue
    return found


def _session_choice(task: Task, world: World) -> Reply:
    found = offered(task, world)
    picks = [inform(f"{n}. {title_of(each, world)}", f"session:{each.row.id}") for n, each in enumerate(found, 1)]
    ways = [
        inform(say("tasks.button_later"), "later"),
        inform(say("tasks.button_another_library"), "library") if task.wish.libraries else inform(say("tasks.button_nearer"), "nearer"),
        inform(say("tasks.button_none"), "none"),
    ]
    return Reply(
        "sessions",
        task.label,
        _offer_words(task, len(found)),
        asks=ASKS["session_choice"],
        choices=(*picks, *ways),
        sessions=tuple(session_json(each, world) for each in found),
    )


def _offer_words(task: Task, count: int) -> str:
    if task.differs:
        what = " ".join(say(f"tasks.differs_{each}") for each in task.differs)
        return say("tasks.nearest_one" if count == 1 else "tasks.nearest", what=what)
    when = task.wish.when
    asked = spoken(when) if when and (when.slots or when.excluded) and not task.wish.after else ""
    other = say("tasks.other_reading", day=spoken_day(when.other_reading)) if when and when.other_reading and asked else ""
    lead = say("tasks.offer_one" if count == 1 else "tasks.offer")
    return " ".join(filter(None, [say("tasks.for_when", when=asked) if asked else "", other, lead]))


# Details


def keeping() -> str:
    """Return the line on what is kept of a booking, and how long."""
    return say("tasks.keeping", days=settings().keep_bookings_days)


def _with_keeping(task: Task, words: str) -> str:
    return words if task.told_of_keeping else f"{words}\n{keeping()}"


def whom(task: Task) -> str:
    """Return for whom somebody else books: "your mum", "the person"."""
    return say("tasks.your", relation=task.details.relation) if task.details.relation else say("tasks.the_person")


def _name(task: Task, world: World) -> Reply:
    words = say("tasks.ask_name_other", whom=whom(task)) if task.details.for_other else say("tasks.ask_name")
    return _reply(task, _with_keeping(task, words))


def needs_adult(task: Task, world: World) -> bool:
    """Whether the person may be under 16, so that an adult must be named (desk.people)."""
    age_to = world.found(task.session_id).row.age_to if task.session_id else None
    age = task.details.age
    return age < 16 if age is not None else age_to is not None and age_to < 18


def _contact_name(task: Task, world: World) -> Reply:
    return _reply(task, say("tasks.ask_adult_name") if needs_adult(task, world) else say("tasks.ask_your_name"))


def _contact(task: Task, world: World) -> Reply:
    adult = needs_adult(task, world)
    none = () if adult else (inform(say("tasks.button_no_contact"), "no_contact"),)
    return _reply(task, _with_keeping(task, say("tasks.ask_contact_adult" if adult else "tasks.ask_contact")), none)


def _email_check(task: Task, world: World) -> Reply:
    email = task.details.email
    choices = (
        inform(say("tasks.button_email_meant", email=task.unsure_email), "email:meant"),
        inform(say("tasks.button_email_as_is", email=email), "email:as_is"),
    )
    return _reply(task, say("tasks.ask_email_meant", email=task.unsure_email, given=email), choices)


def _relationship(task: Task, world: World) -> Reply:
    return _reply(task, say("tasks.ask_relationship"))


def _access_needs(task: Task, world: World) -> Reply:
    return _reply(task, say("tasks.ask_needs"), [inform(say("tasks.button_no_needs"), "no_needs")])


def _confirm(task: Task, world: World) -> Reply:
    reply = CONFIRM[_what_is_confirmed(task)](task, world)
    return replace(reply, asks=("confirm", *reply.asks))


def _what_is_confirmed(task: Task) -> str:
    if task.label == "cancel_booking":
        return "leave" if task.waiting_id else "cancel"
    if task.label == "change_booking":
        return "move" if task.session_id else "amend"
    return "wait" if task.waits else "book"


def _read_back(task: Task, world: World) -> Reply:
    assert task.session_id is not None
    details, dates = task.details, world.dates(task.session_id)
    invitation = say("tasks.needs_invitation") if details.needs is None else ""
    consent = say("tasks.consent_child" if is_child(details.relation) or needs_adult(task, world) else "tasks.consent_other", name=details.name)
    words = [
        say("tasks.please_check"),
        session_in_full(dates, world),
        people_in_words(details),
        invitation,
        "" if details.reachable else say("tasks.note_reference"),
        keeping(),
        consent if details.for_other else "",
        say("tasks.shall_i_wait" if task.waits else "tasks.shall_i_book"),
    ]
    yes = Choice(say("tasks.button_yes_wait" if task.waits else "tasks.button_yes_book"), "affirm")
    reply = Reply("question", task.label, "\n".join(filter(None, words)), choices=(yes, Choice(say("tasks.button_change"), "deny"), stop_button()))
    asked = (*(("access_needs",) if details.needs is None else ()), *(("consent",) if details.for_other else ()))
    return replace(reply, asks=asked)


def _read_back_move(task: Task, world: World) -> Reply:
    assert task.session_id is not None
    assert task.booking_id is not None
    row = world.session.get_one(BookingRow, task.booking_id)
    words = say("tasks.shall_i_move", old=in_brief(world.dates(row.session_id), world), new=session_in_full(world.dates(task.session_id), world))
    choices = (
        Choice(say("tasks.button_yes_move"), "affirm"),
        Choice(say("tasks.button_another_session"), "deny"),
        Choice(say("tasks.button_keep"), "stop"),
    )
    return Reply("question", task.label, words, choices=choices)


def _read_back_details(task: Task, world: World) -> Reply:
    words = say("tasks.shall_i_amend", details=people_in_words(task.details))
    choices = (Choice(say("tasks.button_yes_amend"), "affirm"), Choice(say("tasks.button_change"), "deny"), Choice(say("tasks.button_keep"), "stop"))
    return Reply("question", task.label, words, choices=choices)


def _cancel(task: Task, world: World) -> Reply:
    assert task.booking_id is not None
    row = world.session.get_one(BookingRow, task.booking_id)
    words = say("tasks.shall_i_cancel", session=in_brief(world.dates(row.session_id), world), name=row.attendee_name)
    choices = (
        Choice(say("tasks.button_yes_cancel"), "affirm"),
        Choice(say("tasks.button_keep"), "deny"),
        Choice(say("choice_titles.change_booking"), "change_booking", f"booking:{row.id}"),
    )
    return Reply("question", task.label, words, choices=choices)


def _leave(task: Task, world: World) -> Reply:
    assert task.waiting_id is not None
    row = world.session.get_one(WaitingRow, task.waiting_id)
    words = say("tasks.shall_i_leave", session=in_brief(world.dates(row.session_id), world))
    choices = (Choice(say("tasks.button_yes_leave"), "affirm"), Choice(say("tasks.button_stay"), "deny"))
    return Reply("question", task.label, words, choices=choices)


CONFIRM: dict[str, Callable[[Task, World], Reply]] = {
    "book": _read_back,
    "wait": _read_back,
    "move": _read_back_move,
    "amend": _read_back_details,
    "cancel": _cancel,
    "leave": _leave,
}


def _what_to_change(task: Task, world: World) -> Reply:
    parts = [inform(say(f"tasks.change_{part}"), f"change:{part}") for part in CHANGEABLE]
    return _reply(task, say("tasks.ask_what_to_change"), parts)


CHANGEABLE = ("date_time", "library", "name", "contact", "access_needs")


# A booking that exists


def _reference(task: Task, world: World) -> Reply:
    return _reply(task, say("tasks.ask_reference"), [inform(say("tasks.button_no_reference"), "no_reference")])


def _proof(task: Task, world: World) -> Reply:
    return _reply(task, say("tasks.ask_proof"))


def _which_booking(task: Task, world: World) -> Reply:
    booked = [inform(in_brief(each.dates, world), f"booking:{each.row.id}") for each in world.booked_here()]
    waiting = [inform(say("tasks.waiting_for", session=in_brief(each.dates, world)), f"waiting:{each.row.id}") for each in world.waiting_here()]
    another = inform(say("tasks.button_another_booking"), "another_booking")
    return _reply(task, say("tasks.ask_which_booking"), [*(*booked, *waiting)[:5], another])


def _switch(task: Task, world: World) -> Reply:
    words = say("tasks.ask_switch", now=say(f"tasks.doing_{task.label}"), instead=say(f"tasks.to_{task.instead}"))
    choices = (Choice(say("tasks.button_switch"), "affirm", "switch"), Choice(say("tasks.button_carry_on"), "deny", "carry_on"))
    return _reply(replace(task, asked="switch"), words, choices)


_PUT: dict[str, Callable[[Task, World], Reply]] = {
    "topic": _topic,
    "library": _library,
    "postcode": _postcode,
    "date_time": _date_time,
    "session_choice": _session_choice,
    "name": _name,
    "contact_name": _contact_name,
    "contact": _contact,
    "email_check": _email_check,
    "relationship": _relationship,
    "access_needs": _access_needs,
    "confirm": _confirm,
    "what_to_change": _what_to_change,
    "reference": _reference,
    "proof": _proof,
    "which_booking": _which_booking,
    **staff_questions.PUT,
}


def switch_question(task: Task, world: World) -> Reply:
    """Return the question whether to leave this task for the other that was asked for."""
    return _switch(task, world)

"""Reaching a person: in line for somebody on duty; while nobody is, a message and how to answer it."""

import re
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from desk import conversations, duty, handovers
from desk.clock import now
from desk.contacts import ContactProblem, Email, Phone, read_contact
from desk.front_desk import FrontDesk
from desk.handovers import Place
from desk.promises import promised_by, spoken_promise
from desk.replies import Choice, Reply
from desk.summaries import summarise
from desk.tables import ConversationRow
from desk.tasks import booking, hearing
from desk.tasks.descriptions import shown_phone
from desk.tasks.names import answered_name
from desk.tasks.questions import ask, ask_again, finished, question
from desk.tasks.said import Said
from desk.tasks.staff_questions import WAYS
from desk.tasks.task import Heard, Task, Turn
from desk.tasks.world import World
from kb.wording import say, speaking

LABEL = "talk_to_staff"


def begin(task: Task, heard: Heard, world: World, left: Task | None = None) -> Turn:
    """Put the conversation in line where somebody is on duty, else begin to take a message.

    `left` is a task that was under way: it is kept while the resident talks to a person, and goes along with a message.
    """
    if heard.value == "leave_line":
        told = Reply("smalltalk", LABEL, say("handover.left_line"))
        return Turn(left, (told, question(left, world, say("tasks.back_to_it"))) if left else (told,))
    if heard.value != "leave_message" and duty.anyone_on_duty(world.session):
        return Turn(left, (in_line(world),))
    handover = handovers.open_handover(world.session, world.conversation_id)
    if handover is not None and handover.way and heard.value != "leave_message":
        return finished(task, "message_taken", say("handover.already_taken", by=spoken_promise(handover.promise_by, world.desk.service.phone)))
    before = filled_in(left, world) if left else None
    world.release_hold()
    preface = "" if heard.value == "leave_message" else _nobody(world)
    goes_along = say("handover.ask_switch_lost") if before else ""
    details = left.details if left else task.details
    return ask(replace(task, before=before, details=details), "staff_message", world, "\n".join(filter(None, [preface, goes_along])))


def _nobody(world: World) -> str:
    by = promised_by(world.desk.service.phone_week, now())
    return say("handover.nobody", promise=world.desk.promise(), by=spoken_promise(by, world.desk.service.phone))


def filled_in(task: Task, world: World) -> dict[str, Any]:
    """Return what a task holds, for staff to go on with."""
    found: dict[str, Any] = summarise(world.session, world.conversation_id).get("task", {})
    return found | {"label": task.label}


def in_line(world: World) -> Reply:
    """Return the words with which a conversation is put in line. Whoever stores them hands it over in the same transaction (web.answering)."""
    place = handovers.place_in_line(world.session, world.conversation_id)
    words = say("handover.in_line", place=place.number, wait=_wait(place), phone=world.desk.service.phone)
    return Reply("handover", LABEL, words, choices=waiting_choices())


def still_waiting(world: World) -> Reply:
    """Return the truth for somebody in line who asks whether anyone is there."""
    place = handovers.place_in_line(world.session, world.conversation_id)
    return Reply("notice", LABEL, say("handover.still_waiting", place=place.number, wait=_wait(place)), choices=waiting_choices())


def _wait(place: Place) -> str:
    if place.minutes is None:
        return say("handover.wait_unknown")
    return say("handover.wait_one") if place.minutes == 1 else say("handover.wait_known", minutes=place.minutes)


def waiting_choices() -> tuple[Choice, ...]:
    return (Choice(say("handover.button_leave"), LABEL, "leave_line"), Choice(say("handover.button_message"), LABEL, "leave_message"))


def tell_that_nobody_came(session: Session, desk: FrontDesk, conversation_id: str) -> None:
    """Write to somebody who was in line that the staff have gone, by when they are answered, and how to be rung instead."""
    conversation, handover = session.get_one(ConversationRow, conversation_id), handovers.open_handover(session, conversation_id)
    with speaking(conversation.language):
        by = spoken_promise(handover.promise_by if handover else None, desk.service.phone)
        choice = Choice(say("handover.button_message"), LABEL, "leave_message")
        conversations.say_unasked(session, conversation_id, [Reply("message_taken", LABEL, say("handover.nobody_left", by=by), choices=(choice,))])


# Taking a message


def hear(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    """Take the answer to the pending question of a message."""
    return {"staff_message": _hear_message, "way": _hear_way, "staff_contact": _hear_contact, "staff_name": _hear_name}[task.asked](
        booking.take_details(task, said), heard, said, world
    )


def _hear_message(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    """The words are in the log already; staff read them first."""
    task = replace(task, message=heard.text)
    if task.details.reachable:
        return _go_on(replace(task, way="phone" if task.details.phone else "email"), world)
    return ask(task, "way", world)


def _hear_way(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    way = heard.value.removeprefix("way:") if heard.value else _way_in(heard.text, task)
    if way not in WAYS:
        return ask_again(task, world)
    return _go_on(replace(task, way=way), world)


def _way_in(text: str, task: Task) -> str:
    """Return the way that an answer names, or that a contact in it tells."""
    if task.details.reachable:
        return "phone" if task.details.phone else "email"
    return next((way for way, pattern in _WAYS.items() if pattern.search(text)), "")


_WAYS = {
    "phone": re.compile(r"\b(?:ring|call|phone|telephone|mobile|text)\b", re.IGNORECASE),
    "email": re.compile(r"\be-?mail\b", re.IGNORECASE),
    "come": re.compile(r"\b(?:come|pop|call) (?:in|by|over|to)\b|\bin person\b|\bvisit\b", re.IGNORECASE),
    "here": re.compile(r"\b(?:here|chat|look|check|come back|this page|online)\b", re.IGNORECASE),
}


def _go_on(task: Task, world: World) -> Turn:
    needed = {"phone": task.details.phone, "email": task.details.email}.get(task.way, "not needed")
    if not needed:
        return ask(task, "staff_contact", world)
    if task.way in ("phone", "email") and not task.details.name and task.asked != "staff_name":
        return ask(task, "staff_name", world)
    return _take(task, world)


def _hear_contact(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    contact = next(iter(said.contacts), None) or read_contact(heard.text)
    if isinstance(contact, ContactProblem):
        if hearing.has_no_contact(heard.text) or hearing.is_only_no(heard):
            return _take(replace(task, way="here"), world)
        return ask_again(task, world, booking.problem_in((contact,)))
    task = booking.take_contacts(task, (contact,))
    way = {Phone: "phone", Email: "email"}[type(contact)]
    return _go_on(replace(task, way=way, unsure_email=""), world)


def _hear_name(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    if heard.value == "no_name" or hearing.gives_no_name(heard.text) or hearing.is_only_no(heard):
        return _take(task, world)
    name = said.name or answered_name(heard.text)
    return _take(task.with_details(name=name), world) if name else ask_again(task, world)


def _take(task: Task, world: World) -> Turn:
    details, phone = task.details, world.desk.service.phone
    contact = {"phone": {"phone": details.phone}, "email": {"email": details.email}}.get(task.way, {})
    handover = handovers.take_message(
        world.session,
        world.conversation_id,
        world.desk.service.phone_week,
        reason="asked",
        way=task.way,
        name=details.name,
        message=task.message,
        before=task.before,
        **contact,
    )
    by = spoken_promise(handover.promise_by, phone)
    taken = say(f"handover.taken_{WAYS[task.way]}", phone=shown_phone(details.phone) if details.phone else "", email=details.email, by=by)
    urgent = say("handover.taken_urgent", phone=phone, promise=world.desk.promise())
    return finished(task, "message_taken", f"{taken}\n{urgent}")

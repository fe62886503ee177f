"""A booking that exists: finding it (by the chat it was made in, or by its reference and a name or contact) and telling what it is."""

import re
from dataclasses import replace

from desk import bookings, look_ups, waiting_list
from desk.bookings import Booking
from desk.clock import in_london
from desk.places import NoPlaceError
from desk.references import reference_in, shown
from desk.replies import Choice
from desk.speech import spoken_day, spoken_time
from desk.tables import WaitingRow
from desk.tasks import changing
from desk.tasks.booking import how_told
from desk.tasks.descriptions import details_of, in_brief, people_in_words, session_in_full
from desk.tasks.hearing import which_of
from desk.tasks.names import answered_name, contacts_in, said_name
from desk.tasks.questions import ask, ask_again, finished
from desk.tasks.said import Said
from desk.tasks.task import Heard, Task, Turn
from desk.tasks.world import World
from desk.waiting_list import AlreadyBookedError, NoOfferError, Waiting
from kb.wording import say

_NO_REFERENCE = re.compile(
    r"\b(?:lost|forgot(?:ten)?|don['’]?t (?:have|know|remember)|haven['’]?t got|can['’]?t (?:find|remember)|no idea|no reference|not got)\b",
    re.IGNORECASE,
)


def begin(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    """Go to the booking that is meant: named by a button or a reference, or the one made in this chat; else ask for the reference."""
    if heard.value:
        return _by_value(task, heard.value, world)
    if said.reference:
        return _with_reference(task, said.reference, heard.text, world)
    booked, waiting = world.booked_here(), world.waiting_here()
    if len(booked) + len(waiting) > 1:
        return ask(task, "which_booking", world)
    if booked:
        return go_on(replace(task, booking_id=booked[0].row.id), heard, said, world)
    if waiting and task.label != "change_booking":
        return go_on(replace(task, waiting_id=waiting[0].row.id), heard, said, world)
    return ask(task, "reference", world)


def _by_value(task: Task, value: str, world: World) -> Turn:
    """Go to what a button stands for. Buttons are kept by web: only this chat can press one, and only one that it was offered."""
    kind, _, number = value.partition(":")
    if kind == "booking":
        return go_on(replace(task, booking_id=int(number)), Heard(), Said(), world)
    if kind == "waiting":
        return go_on(replace(task, waiting_id=int(number)), Heard(), Said(), world)
    return ask(task, "reference", world)


def go_on(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    """Do what was asked with the booking that was found."""
    if task.waiting_id is not None:
        place = waiting_list.waiting(world.session, world.session.get_one(WaitingRow, task.waiting_id))
        return ask(task, "confirm", world) if task.label == "cancel_booking" and place.row.state in _IN_LINE else tell_of_place(task, place, world)
    assert task.booking_id is not None
    booking = bookings.booking(world.session, task.booking_id)
    if booking.row.state != "booked":
        return finished(task, "booking", say("tasks.booking_over", session=in_brief(booking.dates, world)))
    if task.label == "check_booking":
        return tell_of_booking(task, booking, world)
    if task.label == "cancel_booking":
        return ask(task, "confirm", world)
    return changing.begin(replace(task, details=details_of(booking.row)), said, world)


_IN_LINE = ("waiting", "offered")


def tell_of_booking(task: Task, booking: Booking, world: World) -> Turn:
    words = say("tasks.your_booking", reference=booking.reference)
    parts = [words, session_in_full(booking.dates, world), people_in_words(details_of(booking.row))]
    ways = tuple(Choice(say(f"choice_titles.{label}"), label, f"booking:{booking.row.id}") for label in ("change_booking", "cancel_booking"))
    return finished(task, "booking", "\n".join(parts), choices=ways, reference=booking.reference)


def tell_of_place(task: Task, place: Waiting, world: World) -> Turn:
    """Tell of a place in the waiting list; an offer is answered here."""
    session, reference = in_brief(place.dates, world), shown(place.row.reference)
    leave = Choice(say("tasks.button_yes_leave"), "cancel_booking", f"waiting:{place.row.id}")
    if place.row.state == "offered" and place.row.offer_until is not None:
        until = in_london(place.row.offer_until)
        words = say("tasks.place_offered", session=session, day=spoken_day(until.date()), time=spoken_time(until.time()))
        take = Choice(say("tasks.button_take_place"), "book_session", f"accept:{place.row.id}")
        decline = Choice(say("tasks.button_decline_place"), "cancel_booking", f"decline:{place.row.id}")
        return finished(task, "booking", words, choices=(take, decline), reference=reference)
    if place.row.state == "waiting":
        words = say("tasks.you_wait", session=session, ahead=place.ahead)
        return finished(task, "booking", words, choices=(leave,), reference=reference)
    return finished(task, "booking", say("tasks.no_longer_waiting", session=session))


def accept_offer(task: Task, waiting_id: int, world: World) -> Turn:
    try:
        booking = world.attempt(lambda: bookings.accept_offer(world.session, waiting_id))
    except (NoOfferError, NoPlaceError, AlreadyBookedError):
        return finished(task, "waitlisted", say("tasks.offer_over"))
    details = details_of(booking.row)
    words = [say("tasks.booked", reference=booking.reference), session_in_full(booking.dates, world), how_told(details)]
    return finished(task, "booked", "\n".join(words), reference=booking.reference)


def decline_offer(task: Task, waiting_id: int, world: World) -> Turn:
    try:
        world.attempt(lambda: waiting_list.decline_offer(world.session, waiting_id))
    except NoOfferError:
        return finished(task, "cancelled", say("tasks.offer_over"))
    return finished(task, "cancelled", say("tasks.declined"))


# By reference


def hear_which(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    if heard.value:
        return _by_value(task, heard.value, world)
    if said.reference:
        return _with_reference(task, said.reference, heard.text, world)
    choices = [*(f"booking:{each.row.id}" for each in world.booked_here()), *(f"waiting:{each.row.id}" for each in world.waiting_here())]
    nth = which_of(heard.text, len(choices))
    if nth is not None:
        return _by_value(task, choices[nth], world)
    fits = [each for each in world.booked_here() if _describes(said, each)]
    if len(fits) == 1:
        return go_on(replace(task, booking_id=fits[0].row.id), heard, Said(), world)
    return ask_again(task, world)


def _describes(said: Said, booking: Booking) -> bool:
    row = booking.dates[0]
    by_day = said.when is not None and said.when.allows(row.starts_at)
    return by_day or row.library in said.libraries


def hear_reference(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    if heard.value == "no_reference" or (not said.reference and _NO_REFERENCE.search(heard.text)):
        return _to_a_person(task, world, "tasks.no_reference_help")
    if said.reference:
        return _with_reference(task, said.reference, heard.text, world)
    if not re.search(r"\d|[A-Z]{3}", heard.text) or len(heard.text.split()) > 12:
        return ask_again(task, world, say("tasks.reference_looks_like"))
    return _wrong(task, heard.text, "", world)


def _with_reference(task: Task, reference: str, text: str, world: World) -> Turn:
    """Look a reference up: at once where the chat or the same message proves whose it is, else ask for the name or contact."""
    task = replace(task, reference=reference)
    if reference in world.references_here():
        return _look_up(task, "", world)
    rest = _without_reference(text, reference)
    return _look_up(task, rest, world) if _proves_something(rest) else ask(task, "proof", world)


def _without_reference(text: str, reference: str) -> str:
    spread = r"[\s-]*".join(reference)
    return re.sub(spread, " ", text, flags=re.IGNORECASE)


def _proves_something(rest: str) -> bool:
    return bool(contacts_in(rest)) or said_name(rest, lambda _: False) is not None


def hear_proof(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    if not heard.text:
        return ask_again(task, world)
    if said.reference and reference_in(heard.text) != task.reference:
        return _with_reference(task, said.reference, heard.text, world)
    return _look_up(task, answered_name(heard.text) or heard.text, world)


def _look_up(task: Task, proof: str, world: World) -> Turn:
    found = look_ups.look_up(world.session, task.reference, proof, asked_by=f"chat {world.conversation_id}", conversation_id=world.conversation_id)
    match found:
        case Booking():
            return go_on(replace(task, booking_id=found.row.id), Heard(), Said(), world)
        case Waiting():
            return go_on(replace(task, waiting_id=found.row.id), Heard(), Said(), world)
        case _:
            return _tell_wrong(task, found.tries_left, world)


def _wrong(task: Task, reference: str, proof: str, world: World) -> Turn:
    """A reference with a mistake in it counts as a wrong try."""
    return _look_up(replace(task, reference=reference[:40]), proof, world)


def _tell_wrong(task: Task, tries_left: int, world: World) -> Turn:
    if tries_left <= 0:
        return _to_a_person(task, world, "tasks.three_wrong")
    return ask(replace(task, reference=""), "reference", world, say("tasks.not_found_one" if tries_left == 1 else "tasks.not_found", left=tries_left))


def _to_a_person(task: Task, world: World, key: str) -> Turn:
    return finished(task, "fallback", say(key, phone=world.desk.service.phone, promise=world.desk.promise()))

"""Changing a booking: to another session (in one transaction), or who comes, whom to tell and what is needed."""

from dataclasses import replace

from desk import bookings
from desk.bookings import NotAlikeError, NotBookedError
from desk.people import PartyError
from desk.places import FullError, NoPlaceError
from desk.tables import BookingRow, SessionRow
from desk.tasks import booking, finding, hearing
from desk.tasks.descriptions import details_of, in_brief, people_in_words, session_in_full
from desk.tasks.questions import ask, ask_again, finished
from desk.tasks.said import Said
from desk.tasks.task import Heard, Task, Turn
from desk.tasks.world import World
from desk.waiting_list import AlreadyBookedError
from kb.wording import say


def begin(task: Task, said: Said, world: World) -> Turn:
    """Look for another session where the message says which day or library, change a detail that it gives, else ask what to change."""
    task = replace(task, wish=replace(task.wish, topic="", kinds=()))
    if said.when or said.libraries or said.near:
        return _find(task, said, world)
    if said.contacts or said.name or said.need:
        changed = booking.take_details(task if not said.contacts else task.with_details(phone="", email=""), said)
        return ask(changed, "confirm", world)
    return ask(task, "what_to_change", world)


def _find(task: Task, said: Said, world: World) -> Turn:
    """Look for another session: at the library of the booking unless another was named."""
    wrong = finding.problem_with(said)
    if wrong:
        return ask(task, "date_time", world, wrong)
    return finding.offer(_at_its_library(finding.take_wish(task, replace(said, topic="", kinds=())), world), world)


def _at_its_library(task: Task, world: World) -> Task:
    if task.wish.libraries or task.wish.anywhere:
        return task
    return task.with_wish(libraries=(_session_of(task, world).library,))


def _session_of(task: Task, world: World) -> SessionRow:
    assert task.booking_id is not None
    return world.found(world.session.get_one(BookingRow, task.booking_id).session_id).row


def hear_what_to_change(task: Task, before: Task, heard: Heard, said: Said, world: World) -> Turn:
    kind, _, part = heard.value.partition(":")
    if not kind and (said.when or said.libraries or said.near):
        return _find(before, said, world)
    if not kind and (said.contacts or said.name or said.need or hearing.spelling(heard.text)):
        return booking.corrections(task, before, heard, said, world) or ask_again(before, world)
    part = part or booking.part_named(heard.text) or ""
    if part == "date_time":
        return finding.offer(_at_its_library(before, world), world)
    if part:
        return booking.change_part(before, part, world)
    return ask_again(before, world)


def pick(task: Task, session_id: int, world: World) -> Turn:
    """Read the move back; whether there is a place is certain only when it is made."""
    return ask(replace(task, session_id=session_id), "confirm", world)


def hear_confirm(task: Task, before: Task, heard: Heard, said: Said, world: World) -> Turn:
    if hearing.is_only_yes(heard):
        return _move(before, world) if before.session_id else _amend(before, world)
    if said.when or said.libraries or said.near:
        return _find(replace(before, session_id=None), said, world)
    corrected = booking.corrections(task, before, heard, said, world) if before.session_id is None else None
    if corrected:
        return corrected
    if hearing.is_no(heard):
        if before.session_id:
            passed = (*before.passed_over, *before.offered)
            return finding.offer(replace(before, session_id=None, passed_over=passed), world, say("tasks.others"))
        return ask(before, "what_to_change", world)
    return ask_again(before, world, say("tasks.yes_or_no"))


def _move(task: Task, world: World) -> Turn:
    assert task.booking_id is not None
    assert task.session_id is not None
    booking_id, session_id = task.booking_id, task.session_id
    try:
        moved = world.attempt(lambda: bookings.change(world.session, booking_id, session_id))
    except FullError:
        return _others(task, world, say("tasks.full_meanwhile"))
    except NoPlaceError as error:
        return _others(task, world, finding.why_not(error, session_id, world))
    except NotAlikeError:
        return _others(task, world, say("tasks.not_alike"))
    except PartyError:
        return _others(task, world, say("tasks.other_age"))
    except AlreadyBookedError:
        return _others(task, world, say("tasks.already_booked", name=task.details.name))
    except NotBookedError:
        return finished(task, "booking", say("tasks.booking_over", session=in_brief(world.dates(session_id), world)))
    words = [say("tasks.changed", reference=moved.reference), session_in_full(moved.dates, world), booking.how_told(details_of(moved.row))]
    return finished(task, "changed", "\n".join(words), reference=moved.reference)


def _others(task: Task, world: World, words: str) -> Turn:
    passed = (*task.passed_over, task.session_id) if task.session_id else task.passed_over
    return finding.offer(replace(task, session_id=None, passed_over=passed), world, words)


def _amend(task: Task, world: World) -> Turn:
    assert task.booking_id is not None
    booking_id, people = task.booking_id, booking.party(task.details)
    try:
        amended = world.attempt(lambda: bookings.amend(world.session, booking_id, people))
    except PartyError:
        return ask(task.with_details(contact_name=""), "contact_name", world)
    except AlreadyBookedError:
        return finished(task, "booking", say("tasks.already_booked", name=task.details.name))
    except NotBookedError:
        return finished(task, "booking", say("tasks.booking_over", session=_session_of(task, world).title))
    words = [say("tasks.amended", reference=amended.reference), people_in_words(details_of(amended.row))]
    return finished(task, "changed", "\n".join(words), reference=amended.reference)

"""Cancelling a booking, or leaving a waiting list, once the resident has said yes to it."""

from desk import bookings, waiting_list
from desk.bookings import NotBookedError
from desk.tasks import hearing
from desk.tasks.descriptions import in_brief
from desk.tasks.questions import ask_again, finished
from desk.tasks.task import Heard, Task, Turn
from desk.tasks.world import World
from kb.wording import say


def hear_confirm(task: Task, heard: Heard, world: World) -> Turn:
    if hearing.is_only_yes(heard) or (heard.label == "cancel_booking" and not heard.is_button):
        return _leave(task, world) if task.waiting_id is not None else _cancel(task, world)
    if hearing.is_no(heard):
        return finished(task, "booking", say("tasks.kept"))
    return ask_again(task, world, say("tasks.yes_or_no"))


def _cancel(task: Task, world: World) -> Turn:
    assert task.booking_id is not None
    booking_id = task.booking_id
    try:
        cancelled = world.attempt(lambda: bookings.cancel(world.session, booking_id))
    except NotBookedError:
        booking = bookings.booking(world.session, booking_id)
        return finished(task, "booking", say("tasks.booking_over", session=in_brief(booking.dates, world)))
    words = say("tasks.cancelled", session=in_brief(cancelled.dates, world), reference=cancelled.reference)
    return finished(task, "cancelled", words, reference=cancelled.reference)


def _leave(task: Task, world: World) -> Turn:
    assert task.waiting_id is not None
    waiting_list.leave_waiting_list(world.session, task.waiting_id)
    return finished(task, "cancelled", say("tasks.left_list"))

"""The questions of taking a message for the staff."""

from desk.replies import Choice, Reply
from desk.settings import settings
from desk.tasks.task import Task
from desk.tasks.world import World
from kb.wording import say

WAYS = {"phone": "ring", "email": "email", "here": "here", "come": "come"}  # to be answered, and the names of their buttons


def _message(task: Task, world: World) -> Reply:
    return _reply("message", say("handover.ask_message"), Choice(say("handover.button_said_already"), "inform", "said_already"))


def _way(task: Task, world: World) -> Reply:
    buttons = (Choice(say(f"handover.button_{button}"), "inform", f"way:{way}") for way, button in WAYS.items())
    return _reply("contact", say("handover.ask_way"), *buttons)


def _contact(task: Task, world: World) -> Reply:
    words = say("handover.ask_email" if task.way == "email" else "handover.ask_phone")
    return _reply("contact", f"{words}\n{say('handover.keeping', days=settings().keep_days)}")


def _name(task: Task, world: World) -> Reply:
    return _reply("name", say("handover.ask_name"), Choice(say("handover.button_no_name"), "inform", "no_name"))


def _reply(slot: str, words: str, *choices: Choice) -> Reply:
    return Reply("question", "talk_to_staff", words, asks=(slot,), choices=choices)


ASKS: dict[str, tuple[str, ...]] = {"staff_message": ("message",), "way": ("contact",), "staff_contact": ("contact",), "staff_name": ("name",)}
PUT = {"staff_message": _message, "way": _way, "staff_contact": _contact, "staff_name": _name}

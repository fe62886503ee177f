"""The turns that putting somebody forward and volunteering share: answers taken or asked for again, and what was read back agreed to or put right."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from desk.tasks import hearing
from desk.tasks.case_people import LONGEST_ABOUT, corrected, hear_about, hear_email_check, part_named
from desk.tasks.questions import ask, ask_again
from desk.tasks.said import Said
from desk.tasks.task import Heard, Task, Turn
from desk.tasks.world import World
from kb.wording import say

Hear = Callable[[Task, Heard, Said, World], Turn]
# Words: a first message so long tells of the person, and is passed on to staff as it is.
_TELLS_SOMETHING = 12


def with_first_words(task: Task, heard: Heard) -> Task:
    """Return a task that keeps a first message for staff where it tells something."""
    told = heard.text.strip() if len(heard.text.split()) >= _TELLS_SOMETHING else ""
    return task.with_case(told=told[:LONGEST_ABOUT])


def with_more_words(task: Task, heard: Heard) -> Task:
    """Return a task that keeps for staff, beside what was told, an answer that fits none of the choices."""
    return task.with_case(told="\n".join(filter(None, [task.case.told, heard.text.strip()]))[:LONGEST_ABOUT])


def change_part(task: Task, part: str, world: World) -> Turn:
    """Ask anew for one part that every case has; what is none of them is for staff to read."""
    match part:
        case "name":
            return ask(task.with_details(name=""), "name", world)
        case "contact":
            return ask(task.with_details(phone="", email="", no_contact=False).with_case(through_speaker=False), "contact", world)
        case "place":
            return ask(task.with_case(libraries=(), postcode="", place_known=False), "place", world)
        case _:
            return ask(task.with_case(told="", about=None), "about", world)


@dataclass(frozen=True)
class CaseTurns:
    """The shared turns of one kind of case, by what is its own.

    `put_right` returns None where a message corrects nothing that only this kind of case has; `parts` are patterns by the part that they name.
    """

    missing: Callable[[Task], str | None]
    put_right: Callable[[Task, Heard, Said, World], Turn | None]
    parts: dict[str, str]
    change_part: Callable[[Task, str, World], Turn]
    store: Callable[[Task, World], Turn]

    def go_on(self, task: Task, world: World, preface: str = "") -> Turn:
        """Ask for what is missing, one question at a time, else read everything back."""
        return ask(task, self.missing(task) or "confirm", world, preface)

    def answered(self, task: Task, answered: Task | str, world: World, preface: str = "") -> Turn:
        """Go on with the answer, or put the question again after the words that it got instead (desk.tasks.case_people)."""
        return ask_again(task, world, answered) if isinstance(answered, str) else self.go_on(answered, world, preface)

    def contact_answered(self, task: Task, answered: Task | str, world: World) -> Turn:
        """Go on as `answered` does; who has no contact is told what that means."""
        return self.answered(task, answered, world, say("cases.no_contact") if isinstance(answered, Task) and answered.details.no_contact else "")

    def hear_email_check(self, task: Task, heard: Heard, said: Said, world: World) -> Turn:
        return self.answered(task, hear_email_check(task, heard, said), world)

    def hear_about(self, task: Task, heard: Heard, said: Said, world: World) -> Turn:
        return self.answered(task, hear_about(task, heard, said), world)

    def hear_confirm(self, task: Task, heard: Heard, said: Said, world: World) -> Turn:
        """Store on yes; put right what was wrong; on a bare no ask what to change."""
        turn = self._corrections(task, heard, said, world)
        if turn is not None:
            return turn
        if hearing.is_only_yes(heard) or (hearing.is_yes(heard) and not hearing.is_correction(heard.text)):
            return self.store(task, world)
        if (heard.label == "deny" and heard.is_button) or hearing.is_no(heard):
            return ask(task, "what_to_change", world)
        return ask_again(task, world, say("tasks.yes_or_no"))

    def hear_what_to_change(self, task: Task, heard: Heard, said: Said, world: World) -> Turn:
        kind, _, part = heard.value.partition(":")
        if kind == "change":
            return self.change_part(task, part, world)
        if hearing.is_only_no(heard) or hearing.is_only_yes(heard) or re.search(r"\bnothing\b", heard.text, re.IGNORECASE):
            return self.go_on(task, world)
        return self._corrections(task, heard, said, world) or ask_again(task, world)

    def _corrections(self, task: Task, heard: Heard, said: Said, world: World) -> Turn | None:
        right = corrected(task, heard, said, world)
        if isinstance(right, str):
            return ask(task, "contact", world, right)
        if right is not None:
            return self.go_on(right, world)
        turn = self.put_right(task, heard, said, world)
        if turn is not None:
            return turn
        part = part_named(heard.text, self.parts) if heard.text else None
        return self.change_part(task, part, world) if part else None

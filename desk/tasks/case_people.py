"""Who a case is about and how to reach them: the answers and corrections that putting forward and volunteering share.

Each function returns the task with the answer in it, or the words to say before the question is put again.
"""

import re
from dataclasses import replace

from sqlalchemy import select

from desk.contacts import ContactProblem, read_contact
from desk.postcodes import has_library_in, postcode_in
from desk.tables import MessageRow
from desk.tasks import hearing
from desk.tasks.booking import is_a_refusal, problem_in, respelt_in, take_contacts
from desk.tasks.names import answered_name
from desk.tasks.said import Said
from desk.tasks.task import Heard, Task
from desk.tasks.world import World
from kb.wording import say

LONGEST_ABOUT = 1000  # characters of what staff should know, per answer


def with_words_before(heard: Heard, world: World) -> Heard:
    """Return a button that begins a case with what the resident had typed when it was offered: "my mum needs a tablet" is not asked again."""
    newest_first = select(MessageRow).filter_by(conversation_id=world.conversation_id).order_by(MessageRow.seq.desc())
    offered = world.session.scalar(newest_first.filter_by(author="bot").limit(1)) if heard.is_button else None
    if offered is None or offered.kind not in ("choice", "answer"):
        return heard
    typed = world.session.scalar(newest_first.filter_by(author="resident", seq=offered.in_reply_to))
    return replace(heard, text=typed.text) if typed is not None and not {"choice", "masked", "alarm"} & set(typed.details) else heard


def hear_name(task: Task, heard: Heard, said: Said, needed: str) -> Task | str:
    """Take the name that was asked for: of the person, or of whoever asks for them."""
    name = said.name or answered_name(heard.text) if heard.text else None
    task = take_contacts(task, said.contacts)
    if name is None or is_a_refusal(heard):
        return needed
    return task.with_details(contact_name=name) if task.asked == "contact_name" else task.with_details(name=name)


def hear_contact(task: Task, heard: Heard, said: Said) -> Task | str:
    if said.contacts and not problem_in(said.contacts):
        return take_contacts(task, said.contacts)
    if heard.value == "no_contact" or hearing.has_no_contact(heard.text) or hearing.is_only_no(heard):
        return task.with_details(no_contact=True)
    contact = read_contact(heard.text)
    return problem_in((contact,)) if isinstance(contact, ContactProblem) else take_contacts(task, (contact,))


def hear_email_check(task: Task, heard: Heard, said: Said) -> Task | str:
    """Take the answer to "did you mean gmail.com?": the address that was meant, or the one that was typed."""
    settled = replace(task, unsure_email="")
    if said.contacts and not problem_in(said.contacts):
        return take_contacts(settled, said.contacts)
    if heard.value == "email:meant" or (hearing.is_yes(heard) and not heard.value):
        return settled.with_details(email=task.unsure_email)
    if heard.value == "email:as_is" or hearing.is_only_no(heard) or re.search(r"\bas it is\b|\bcorrect\b|\bright\b", heard.text, re.IGNORECASE):
        return settled
    return ""


def take_place(task: Task, heard: Heard, said: Said, world: World) -> Task:
    """Return a task with the libraries or the postcode that a message names; the library nearest to a postcode is taken with it."""
    postcode = postcode_in(heard.text) if said.near else None
    if said.libraries:
        case = replace(task.case, libraries=said.libraries, postcode=postcode or task.case.postcode, place_known=True)
        return replace(task, case=case)
    if postcode is None:
        return task
    is_ours = has_library_in(postcode.split()[0], world.desk.libraries)
    return replace(task, case=replace(task.case, libraries=said.near[:1] if is_ours else (), postcode=postcode, place_known=True))


def hear_about(task: Task, heard: Heard, said: Said) -> Task | str:
    """Take what staff should know beside all else; to have nothing to tell is an answer too."""
    none = (
        heard.value == "no_about" or hearing.is_only_no(heard) or re.match(r"\W*(?:no|nope|none|nothing|nah|not really)\b", heard.text, re.IGNORECASE)
    )
    if none and not hearing.tells_a_need(heard.text) and len(heard.text.split()) < 8:
        return task.with_case(about=task.case.about or "")
    if not heard.text or (hearing.is_only_yes(heard) and len(heard.text.split()) < 3):
        return say("tasks.which_needs")
    return task.with_case(about=heard.text.strip()[:LONGEST_ABOUT])


def corrected(task: Task, heard: Heard, said: Said, world: World) -> Task | str | None:
    """Return a task with what a message puts right of people and places; None where it puts nothing of them right."""
    spelling = hearing.spelling(heard.text)
    if spelling:
        return respelt_in(task, spelling)
    if said.contacts:
        return problem_in(said.contacts) or take_contacts(task.with_details(phone="", email=""), said.contacts)
    if said.name:
        of_speaker = task.details.for_other and not said.name_of_other and bool(task.details.contact_name)
        return task.with_details(contact_name=said.name) if of_speaker else task.with_details(name=said.name)
    placed = take_place(task, heard, said, world)
    return placed if placed != task else None


def part_named(text: str, parts: dict[str, str]) -> str | None:
    """Return the part that a text wants changed without saying to what: "the name is wrong". `parts` are patterns by their part."""
    return next((part for part, pattern in parts.items() if re.search(pattern, text, re.IGNORECASE)), None)

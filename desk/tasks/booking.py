"""Booking the session that was picked: who comes, whom to tell, what they need; read back, put right, booked."""

import re
from dataclasses import replace

from rapidfuzz import fuzz

from desk import bookings, waiting_list
from desk.bookings import Booking
from desk.contacts import Contact, ContactProblem, Email, Phone, read_contact
from desk.people import Party, PartyError, WrongAgeError
from desk.places import FullError, NoBookingNeededError, NoPlaceError
from desk.references import shown
from desk.replies import Choice
from desk.settings import settings
from desk.tasks import finding, hearing
from desk.tasks.descriptions import contact_in_words, session_in_full
from desk.tasks.names import answered_name, respelt
from desk.tasks.questions import ask, ask_again, finished, inform, needs_adult
from desk.tasks.said import Said
from desk.tasks.task import Details, Heard, Task, Turn
from desk.tasks.world import World
from desk.waiting_list import AlreadyBookedError, PlacesLeftError, Waiting
from kb.wording import language_spoken, say


def take_details(task: Task, said: Said) -> Task:
    """Return a task with what a message says of people, beside the answer to what was asked."""
    details = task.details
    if said.relation is not None:
        details = replace(details, for_other=True, relation=said.relation or details.relation)
    if said.age is not None:
        details = replace(details, age=said.age)
    if said.name:
        speaker = details.for_other and not said.name_of_other
        details = replace(details, contact_name=said.name) if speaker else replace(details, name=said.name)
    if said.need:
        details = replace(details, needs=said.need if not details.needs else f"{details.needs}; {said.need}")
    return take_contacts(replace(task, details=details), said.contacts)


def take_contacts(task: Task, contacts: tuple[Contact | ContactProblem, ...]) -> Task:
    for contact in contacts:
        if isinstance(contact, Phone):
            task = task.with_details(phone=contact.number, no_contact=False)
        elif isinstance(contact, Email):
            task = replace(task.with_details(email=contact.address, no_contact=False), unsure_email=contact.suggestion or "")
    return task


def problem_in(contacts: tuple[Contact | ContactProblem, ...]) -> str:
    """Return what is wrong with a contact, kindly; empty where nothing is."""
    problem = next((contact for contact in contacts if isinstance(contact, ContactProblem)), None)
    if problem is None:
        return ""
    one = problem.digits == 1 and problem.wrong in ("digits_missing", "digits_too_many")
    return say(f"tasks.wrong_{problem.wrong}{'_one' if one else ''}", given=problem.given, digits=problem.digits)


# Picking


def pick(task: Task, session_id: int, world: World) -> Turn:
    """Take the session that was picked, as it is now: hold a place, go to its waiting list, or say why it cannot be had."""
    task = replace(task, session_id=session_id, waits=False)
    try:
        world.hold(session_id, request_id(task, session_id, world))
    except NoBookingNeededError:
        return _just_come(task, world)
    except FullError:
        return _full(task, world)
    except NoPlaceError as error:
        return _offer_others(task, world, finding.why_not(error, session_id, world))
    return go_on(_for_a_child(task, world), world)


def request_id(task: Task, session_id: int, world: World) -> str:
    """Return what is the same when this task asks for this session again."""
    return f"{world.conversation_id}-{task.started}-{session_id}"[:64]


def _for_a_child(task: Task, world: World) -> Task:
    if needs_adult(task, world) and not task.details.for_other:
        return task.with_details(for_other=True, relation=task.details.relation or ("child" if task.details.age is None else ""))
    return task


def _just_come(task: Task, world: World) -> Turn:
    assert task.session_id is not None
    world.release_hold()
    words = say("tasks.just_come", session=session_in_full(world.dates(task.session_id), world))
    return finished(task, "sessions", words)


def _full(task: Task, world: World) -> Turn:
    """Nobody gives a place that is not there: the waiting list, or another session."""
    assert task.session_id is not None
    row = world.found(task.session_id).row
    if task.session_id in task.offered and "full" in task.differs:
        return go_on(_for_a_child(replace(task, waits=True), world), world, say("tasks.waiting_list_is"))
    return _offer_waiting(task, world, say("tasks.cannot_full", title=row.title, reason=""))


def _offer_waiting(task: Task, world: World, words: str) -> Turn:
    assert task.session_id is not None
    full = task.session_id
    task = replace(task, passed_over=(*task.passed_over, full))
    turn = finding.offer(task, world, words)
    wait = inform(say("tasks.button_wait"), f"wait:{full}")
    (reply,) = turn.replies
    return Turn(turn.task, (replace(reply, choices=_with_wait(reply.choices, wait)),))


def _with_wait(choices: tuple[Choice, ...], wait: Choice) -> tuple[Choice, ...]:
    sessions = tuple(choice for choice in choices if choice.value.startswith("session:"))
    others = tuple(choice for choice in choices if choice not in sessions)
    return (*sessions, wait, *others)[:MOST_BUTTONS]


MOST_BUTTONS = 6


def _offer_others(task: Task, world: World, words: str) -> Turn:
    assert task.session_id is not None
    return finding.offer(replace(task, passed_over=(*task.passed_over, task.session_id), session_id=None), world, words)


def wait_for(task: Task, session_id: int, world: World) -> Turn:
    """Go on towards the waiting list of a full session."""
    world.release_hold()
    task = replace(task, session_id=session_id, waits=True)
    return go_on(_for_a_child(task, world), world, say("tasks.waiting_list_is"))


# Details


def go_on(task: Task, world: World, preface: str = "") -> Turn:
    """Ask for the next detail that is missing, else read everything back."""
    if task.details.age is not None and (wrong := _wrong_age(task, world)):
        return _offer_others(task, world, wrong)
    return ask(task, missing(task, world) or "confirm", world, preface)


def missing(task: Task, world: World) -> str | None:
    """Return what is asked next; None where all is known. Needs are asked of those only who are asked something anyway."""
    details, adult = task.details, needs_adult(task, world)
    if task.unsure_email:
        return "email_check"
    if not details.name:
        return "name"
    if details.for_other and not details.contact_name:
        return "contact_name"
    if not details.reachable and (adult or not details.no_contact):
        return "contact"
    if details.for_other and not details.relation:
        return "relationship"
    if details.needs is None and task.told_of_keeping and not task.read_back:
        return "access_needs"
    return None


def _wrong_age(task: Task, world: World) -> str:
    if task.session_id is None:  # the details of a booking are changed, not its session
        return ""
    row, age = world.found(task.session_id).row, task.details.age or 0
    if (row.age_from or 0) <= age <= (row.age_to or 200):
        return ""
    return say("tasks.wrong_age", title=row.title, age_from=row.age_from or 0, age_to=row.age_to or "")


def hear_detail(task: Task, before: Task, heard: Heard, said: Said, world: World) -> Turn:
    """Take the answer to a question about people. `task` holds already what the message says by itself, `before` what was known."""
    return _ANSWERS[task.asked](task, before, heard, said, world)


def _hear_name(task: Task, before: Task, heard: Heard, said: Said, world: World) -> Turn:
    name = said.name or answered_name(heard.text) if heard.text else None
    if name is None or is_a_refusal(heard):
        if said.contacts and not problem_in(said.contacts):
            return ask(task, task.asked, world, say("tasks.noted_that"))
        return ask_again(before, world, say("tasks.name_needed"))
    if said.relation is not None and not said.name and not before.details.for_other:
        return go_on(task, world)
    # What was asked decides whose name it is; "it's my mum, Rose" has been understood by itself.
    task = replace(take_contacts(replace(before, details=replace(before.details, age=task.details.age)), said.contacts))
    task = task.with_details(contact_name=name) if before.asked == "contact_name" else task.with_details(name=name)
    if said.relation is not None and not before.details.for_other:
        task = task.with_details(for_other=True, relation=said.relation)
    return go_on(task, world, problem_in(said.contacts))


def is_a_refusal(heard: Heard) -> bool:
    """Whether an answer to "what is your name?" gives none, and asks something or declines instead."""
    if heard.text.rstrip().endswith("?") or (hearing.is_question(heard.text) and len(heard.text.split()) > 3) or hearing.gives_no_name(heard.text):
        return True
    return hearing.is_only_no(heard) or (hearing.is_only_yes(heard) and len(heard.text.split()) < 3 and heard.label in ("affirm", "thanks", ""))


def _hear_contact(task: Task, before: Task, heard: Heard, said: Said, world: World) -> Turn:
    if task.details.reachable and said.contacts and not problem_in(said.contacts):
        return go_on(task, world)
    if heard.value == "no_contact" or hearing.has_no_contact(heard.text) or hearing.is_only_no(heard):
        if needs_adult(task, world):
            return ask_again(before, world, say("tasks.adult_contact_needed", phone=world.desk.service.phone))
        task = task.with_details(no_contact=True)
        return go_on(task, world, say("tasks.note_reference") if missing(task, world) else "")
    contact = read_contact(heard.text)
    if isinstance(contact, ContactProblem):
        return ask_again(before, world, problem_in((contact,)))
    return go_on(take_contacts(task, (contact,)), world)


def _hear_email_check(task: Task, before: Task, heard: Heard, said: Said, world: World) -> Turn:
    meant, settled = before.unsure_email, replace(before, unsure_email="")
    if said.contacts and not problem_in(said.contacts):
        return go_on(take_contacts(settled, said.contacts), world)
    if heard.value == "email:meant" or (hearing.is_yes(heard) and not heard.value):
        return go_on(settled.with_details(email=meant), world)
    if heard.value == "email:as_is" or hearing.is_only_no(heard) or re.search(r"\bas it is\b|\bcorrect\b|\bright\b", heard.text, re.IGNORECASE):
        return go_on(settled, world)
    return ask_again(before, world)


def _hear_relationship(task: Task, before: Task, heard: Heard, said: Said, world: World) -> Turn:
    words = heard.text.strip().rstrip(".!")
    if not words or len(words) > 60:
        return ask_again(before, world)
    known = re.search(rf"\b({'|'.join(hearing.RELATIONS)})\b", words, re.IGNORECASE)
    return go_on(before.with_details(relation=known[1].lower() if known else words), world)


def _hear_needs(task: Task, before: Task, heard: Heard, said: Said, world: World) -> Turn:
    none = (
        heard.value == "no_needs"
        or hearing.is_only_no(heard)
        or re.match(r"\W*(?:no|nope|none|nothing|i['’]?m fine|not really|nah)\b", heard.text, re.IGNORECASE)
    )
    if none and not hearing.tells_a_need(heard.text):
        return go_on(before.with_details(needs=before.details.needs or ""), world)
    if not heard.text or (hearing.is_only_yes(heard) and len(heard.text.split()) < 3):
        return ask_again(before, world, say("tasks.which_needs"))
    return go_on(before.with_details(needs=heard.text.strip()[:1000]), world, say("tasks.needs_noted"))


_ANSWERS = {
    "name": _hear_name,
    "contact_name": _hear_name,
    "contact": _hear_contact,
    "email_check": _hear_email_check,
    "relationship": _hear_relationship,
    "access_needs": _hear_needs,
}


# Read back


def hear_confirm(task: Task, before: Task, heard: Heard, said: Said, world: World) -> Turn:
    """Book on yes; put right what was wrong; on a bare no ask what to change."""
    if hearing.is_only_yes(heard) and not _corrects(before, task):
        return book(before, world)
    corrected = corrections(task, before, heard, said, world)
    if corrected:
        return corrected
    if hearing.is_yes(heard) and not hearing.is_correction(heard.text):
        return book(task, world)
    if (heard.label == "deny" and heard.is_button) or hearing.is_no(heard) or heard.label in ("change_booking", "deny"):
        return ask(before, "what_to_change", world)
    return ask_again(before, world, say("tasks.yes_or_no"))


def _corrects(before: Task, task: Task) -> bool:
    return before.details != task.details or before.wish != task.wish


def corrections(task: Task, before: Task, heard: Heard, said: Said, world: World) -> Turn | None:
    """Change what a message puts right, and only that; None where it puts nothing right."""
    spelling = hearing.spelling(heard.text)
    if spelling:
        return go_on(respelt_in(before, spelling), world)
    if said.contacts:
        wrong = problem_in(said.contacts)
        return ask(before, "contact", world, wrong) if wrong else go_on(_instead(before, said), world)
    if said.name or said.relation is not None or said.age is not None:
        return go_on(task, world)
    if finding.changes_wish(said):
        return find_again(task, world, finding.problem_with(said))
    if said.need:
        return go_on(task, world, say("tasks.needs_noted"))
    part = part_named(heard.text)
    return change_part(before, part, world) if part else None


def respelt_in(task: Task, spelling: str) -> Task:
    """Return a task with the name that a spelling is most like put right."""
    details = task.details
    if details.contact_name and _alike(details.contact_name, spelling) > _alike(details.name, spelling):
        return task.with_details(contact_name=respelt(details.contact_name, spelling))
    return task.with_details(name=respelt(details.name, spelling))


def _alike(name: str, spelling: str) -> float:
    return float(fuzz.partial_ratio(name.casefold(), spelling.casefold()))


def _instead(task: Task, said: Said) -> Task:
    """Return a task with the contact replaced: another telephone number or an email instead of it."""
    return take_contacts(task.with_details(phone="", email=""), said.contacts)


def part_named(text: str) -> str | None:
    """Return the part that a text wants changed without saying to what: "the name is wrong", "use my email instead"."""
    for part, pattern in _PARTS.items():
        if re.search(pattern, text, re.IGNORECASE):
            return part
    return None


_PARTS = {
    "contact": r"\b(?:e-?mail|phone|mobile|number|contact|text)\b",
    "name": r"\b(?:name|spelling|spelt)\b",
    "library": r"\b(?:library|branch|place|somewhere|where)\b",
    "date_time": r"\b(?:day|date|time|when|session)\b",
    "access_needs": r"\b(?:needs?|access)\b",
}


def change_part(task: Task, part: str, world: World) -> Turn:
    """Ask anew for one part of what was read back."""
    match part:
        case "date_time":
            return ask(task.with_wish(when=None, after=None), "date_time", world)
        case "library":
            return ask(task.with_wish(libraries=(), anywhere=False), "library", world)
        case "name":
            return ask(task.with_details(name=""), "name", world)
        case "contact":
            return ask(task.with_details(phone="", email="", no_contact=False), "contact", world)
        case _:
            return ask(task.with_details(needs=None), "access_needs", world)


def hear_what_to_change(task: Task, before: Task, heard: Heard, said: Said, world: World) -> Turn:
    kind, _, part = heard.value.partition(":")
    if kind == "change":
        return change_part(before, part, world)
    if hearing.is_only_no(heard) or hearing.is_only_yes(heard) or re.search(r"\bnothing\b", heard.text, re.IGNORECASE):
        return go_on(before, world)
    return corrections(task, before, heard, said, world) or ask_again(before, world)


def find_again(task: Task, world: World, wrong: str = "") -> Turn:
    """Look for another session by the corrected wish, with everything else kept; the held place is kept until another is picked."""
    if wrong:
        return ask(task, "date_time", world, wrong)
    was = (task.session_id,) if task.session_id and not task.wish.when else ()
    return finding.go_on(replace(task, offered=(), passed_over=was, session_id=None, waits=False), world)


# Done


def party(details: Details) -> Party:
    """Return the people of a booking; the read-back that was agreed to held the consent."""
    return Party(
        attendee_name=details.name,
        phone=details.phone,
        email=details.email,
        age=details.age,
        contact_name=details.contact_name,
        relation=details.relation,
        consent=details.for_other,
        needs=details.needs or "",
        language=language_spoken(),
    )


def book(task: Task, world: World) -> Turn:
    """Book, or join the waiting list, and say so. Where that cannot be done any more, say why and go on from there."""
    assert task.session_id is not None
    session_id = task.session_id
    try:
        if task.waits:
            return _waitlisted(task, _join(task, session_id, world), world)
        return _booked(task, _book(task, session_id, world), world)
    except FullError:
        return _offer_waiting(task, world, say("tasks.full_meanwhile"))
    except PlacesLeftError:
        return ask(replace(task, waits=False), "confirm", world, say("tasks.place_free_meanwhile"))
    except NoPlaceError as error:
        return _offer_others(task, world, finding.why_not(error, session_id, world))
    except AlreadyBookedError:
        world.release_hold()
        return finished(task, "booking", say("tasks.already_booked", name=task.details.name), choices=_own_bookings())
    except WrongAgeError:
        return _offer_others(task, world, _wrong_age(task, world))
    except PartyError:
        return ask(task.with_details(contact_name=""), "contact_name", world)


def _book(task: Task, session_id: int, world: World) -> Booking:
    request = request_id(task, session_id, world)
    return world.attempt(
        lambda: bookings.book(world.session, session_id, party(task.details), request_id=request, conversation_id=world.conversation_id)
    )


def _join(task: Task, session_id: int, world: World) -> Waiting:
    request = f"w-{request_id(task, session_id, world)}"[:64]
    return world.attempt(
        lambda: waiting_list.join_waiting_list(
            world.session, session_id, party(task.details), request_id=request, conversation_id=world.conversation_id
        )
    )


def _own_bookings() -> tuple[Choice, ...]:
    return tuple(Choice(say(f"choice_titles.{label}"), label) for label in ("check_booking", "change_booking", "cancel_booking"))


def _booked(task: Task, booking: Booking, world: World) -> Turn:
    words = [
        say("tasks.booked", reference=booking.reference),
        session_in_full(booking.dates, world),
        say("tasks.line_name", name=task.details.name),
        how_told(task.details),
        say("tasks.needs_not_promised", phone=world.desk.service.phone) if task.details.needs else "",
        say("tasks.if_you_cannot_come", phone=world.desk.service.phone),
    ]
    return finished(task, "booked", "\n".join(filter(None, words)), reference=booking.reference)


def how_told(details: Details) -> str:
    """Return how the confirmation reaches the person. What nobody sends is not promised."""
    config = settings()
    by_email = details.email and config.email_sender != "none"
    by_text = details.phone and config.text_sender != "none"
    if by_email or by_text:
        return say("tasks.will_be_sent", contact=contact_in_words(details.phone if by_text else "", details.email if by_email else ""))
    return say("tasks.write_it_down")


def _waitlisted(task: Task, place: Waiting, world: World) -> Turn:
    reference = shown(place.row.reference)
    world.release_hold()
    told = say("tasks.told_when_free") if task.details.reachable else say("tasks.look_when_free", phone=world.desk.service.phone)
    words = [say("tasks.waitlisted", reference=reference, ahead=place.ahead), session_in_full(place.dates, world), told]
    return finished(task, "waitlisted", "\n".join(words), reference=reference)

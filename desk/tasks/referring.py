"""Putting somebody forward for help, or asking for it oneself: for whom and with whose consent, which help, how to reach them; read back, stored."""

import re
from dataclasses import replace

from desk import referrals
from desk.references import shown
from desk.referrals import HOME, Referral
from desk.tasks import booking, case_people, case_words, hearing
from desk.tasks.case_people import corrected, hear_about, hear_contact, hear_email_check, hear_name, part_named, take_place
from desk.tasks.case_questions import KIND_WORDS, told_staff, whom
from desk.tasks.names import without_contacts
from desk.tasks.questions import ask, ask_again, finished
from desk.tasks.said import Said
from desk.tasks.task import Heard, Task, Turn
from desk.tasks.world import World
from kb.wording import language_spoken, say

# Words: a first message so long tells of the person, and is passed on to staff as it is.
_TELLS_SOMETHING = 12
_ACTS_FOR_THEM = re.compile(
    r"\b(?:power of attorney|attorney|lpa|deputy|guardian|their (?:mum|mother|dad|father|parent)|best interests?)\b", re.IGNORECASE
)
_SPEAKER_CARES = re.compile(r"^\W*(?:i['’]?m|i am) (?:the |a |her |his |their )?(?:[a-z-]+ )?carer\W*$", re.IGNORECASE)


def begin(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    """Take everything that the first message says, and ask for the rest."""
    task = _take(task, heard, said, world)
    if task.details.for_other and case_words.has_agreed(heard.text) is False:
        return _without_consent(task, world)
    told = heard.text.strip() if len(heard.text.split()) >= _TELLS_SOMETHING else ""
    task = task.with_case(told=told[: case_people.LONGEST_ABOUT])
    several = say("referring.one_at_a_time") if case_words.names_several(heard.text) or said.group or said.pair else ""
    return go_on(task, world, "\n".join(filter(None, [several, booking.problem_in(said.contacts)])))


def _take(task: Task, heard: Heard, said: Said, world: World) -> Task:
    """Return a task with what a message says by itself; what was given already stays."""
    text = heard.text
    kinds = case_words.kinds_of_help(text)
    if kinds and not task.case.kind:
        task = task.with_case(kind=kinds[0])
    task = _take_whom(task, text)
    if task.details.for_other and case_words.has_agreed(text):
        task = task.with_case(agreed=True)
    why = case_words.why_visits(text, task.details.for_other)
    if why and not task.case.eligibility:
        task = task.with_case(eligibility=why)
    task = take_place(_take_people(task, text, said), heard, said, world)
    return task.with_case(through_speaker=True) if task.details.for_other and case_words.goes_through_speaker(without_contacts(text)) else task


def _take_whom(task: Task, text: str) -> Task:
    """Return a task that knows for whom it is, where the text tells. Who wants something, and names another loosely, is asked."""
    if task.case.whom_known:
        return task
    relation, oneself = case_words.for_whom(text), case_words.is_for_oneself(text)
    if relation or (relation == "" and not oneself):
        return task.with_details(for_other=True, relation=relation or task.details.relation).with_case(whom_known=True)
    return task.with_case(whom_known=True) if oneself and relation is None else task


def _take_people(task: Task, text: str, said: Said) -> Task:
    titled = case_words.titled_name(text) if task.details.for_other and not said.name else ""
    named = replace(said, name=titled, name_of_other=True) if titled else said
    # For whom it is has been read already, by wider rules than those of a booking.
    return booking.take_details(task, replace(named, relation=None))


def go_on(task: Task, world: World, preface: str = "") -> Turn:
    """Ask for what is missing, one question at a time, else read everything back."""
    return ask(task, missing(task) or "confirm", world, preface)


def missing(task: Task) -> str | None:
    """Return what is asked next; None where all is known."""
    details, case = task.details, task.case
    needed = (
        ("email_check", bool(task.unsure_email)),
        ("kind", not case.kind),
        ("whom", not case.whom_known),
        ("relationship", details.for_other and not details.relation),
        ("agreed", details.for_other and not case.agreed),
        ("eligibility", case.kind == HOME and not case.eligibility),
        ("name", not details.name),
        ("contact_name", details.for_other and not details.contact_name),
        ("contact", not details.reachable and not details.no_contact),
        ("place", not case.place_known),
        ("about", case.about is None),
    )
    return next((asked for asked, is_missing in needed if is_missing), None)


def _without_consent(task: Task, world: World) -> Turn:
    return finished(task, "smalltalk", say("referring.no_consent", whom=whom(task), phone=world.desk.service.phone))


# Answers


def hear(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    """Take the answer to the pending question."""
    return _HEAR[task.asked](task, heard, said, world)


def _hear_kind(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    kind = heard.value.removeprefix("kind:")
    if kind in KIND_WORDS:
        return go_on(task.with_case(kind=kind), world)
    told = _take(task, heard, said, world)
    return go_on(told, world) if told.case.kind else ask_again(task, world, say("referring.which_kind", phone=world.desk.service.phone))


def _hear_whom(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    if heard.value == "whom:me":
        return go_on(task.with_case(whom_known=True), world)
    relation = case_words.named_relation(heard.text)
    if heard.value == "whom:other" or (relation and not heard.value):
        return go_on(_consent_said(task.with_details(for_other=True, relation=relation).with_case(whom_known=True), heard), world)
    told = _take(task, heard, said, world) if heard.text else task
    return go_on(told, world) if told.case.whom_known else ask_again(task, world)


def _consent_said(task: Task, heard: Heard) -> Task:
    return task.with_case(agreed=True) if case_words.has_agreed(heard.text) else task


def _hear_relationship(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    words = re.sub(r"^(?:(?:she|he|they|it)(?:['’]s| is|['’]re| are) )?(?:my|our|an?|the) ", "", heard.text.strip().rstrip(".!"), flags=re.IGNORECASE)
    if not words or len(words) > 60 or hearing.is_only_yes(heard) or hearing.is_only_no(heard):
        return ask_again(task, world)
    return go_on(_consent_said(task.with_details(relation=case_words.named_relation(words) or words), heard), world)


def _hear_agreed(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    said_so = case_words.has_agreed(heard.text)
    if said_so or _ACTS_FOR_THEM.search(heard.text) or (said_so is None and hearing.is_yes(heard)):
        return go_on(_take_people(task, heard.text, said).with_case(agreed=True), world)
    if said_so is False or hearing.is_no(heard):
        return _without_consent(task, world)
    return ask_again(task, world)


def _hear_eligibility(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    why = heard.value.removeprefix("eligibility:")
    if why in referrals.ELIGIBILITY:
        return go_on(task.with_case(eligibility=why), world, say("referring.staff_decide") if why == "other" else "")
    if not heard.text or hearing.is_only_yes(heard):
        return ask_again(task, world)
    if task.details.for_other and _SPEAKER_CARES.match(heard.text):
        return ask(task, "eligibility", world, say("referring.carer_of_whom", whom=whom(task)))
    read = case_words.why_visits(heard.text, task.details.for_other)
    told = "\n".join(filter(None, [task.case.told, heard.text.strip()]))[: case_people.LONGEST_ABOUT]
    return go_on(task.with_case(eligibility=read or "other", told=told), world, "" if read else say("referring.staff_decide"))


def _hear_name(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    answered = hear_name(task, heard, said, say("referring.name_needed"))
    if isinstance(answered, str):
        relation = case_words.for_whom(heard.text) if heard.text and not task.details.for_other else None
        if relation:  # "it's for my mum", said late
            return go_on(task.with_details(for_other=True, relation=relation), world)
    elif said.relation and not task.details.for_other:
        answered = answered.with_details(for_other=True, relation=said.relation, name=said.name if said.name_of_other else "")
    return _answered(task, answered, world, booking.problem_in(said.contacts))


def _hear_contact(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    other = task.details.for_other and not task.case.through_speaker
    if other and (heard.value == "through_me" or case_words.goes_through_speaker(without_contacts(heard.text))):
        task = task.with_case(through_speaker=True)
        return go_on(booking.take_contacts(task, said.contacts), world, booking.problem_in(said.contacts))
    answered = hear_contact(task, heard, said)
    if isinstance(answered, Task) and answered.details.no_contact and other:
        return go_on(task.with_case(through_speaker=True), world)  # who has neither is reached through whoever asks
    return _answered(task, answered, world, say("cases.no_contact") if isinstance(answered, Task) and answered.details.no_contact else "")


def _hear_email_check(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    return _answered(task, hear_email_check(task, heard, said), world)


def _hear_place(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    placed = take_place(task, heard, said, world)
    if placed.case.place_known:
        return go_on(placed, world)
    if heard.value == "place:unknown" or (
        heard.text and (hearing.any_topic(heard.text) or hearing.is_only_no(heard) or hearing.anywhere(heard.text))
    ):
        return go_on(task.with_case(place_known=True), world)
    return ask_again(task, world, say("referring.place_not_known"))


def _hear_about(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    return _answered(task, hear_about(task, heard, said), world)


def _answered(task: Task, answered: Task | str, world: World, preface: str = "") -> Turn:
    return ask_again(task, world, answered) if isinstance(answered, str) else go_on(answered, world, preface)


# Read back


def _hear_confirm(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    """Store on yes; put right what was wrong; on a bare no ask what to change."""
    if task.details.for_other and case_words.has_agreed(heard.text) is False and not hearing.is_only_no(heard):
        return _without_consent(task, world)
    if hearing.is_only_yes(heard) and _corrections(task, heard, said, world) is None:
        return store(task, world)
    turn = _corrections(task, heard, said, world)
    if turn is not None:
        return turn
    if hearing.is_yes(heard) and not hearing.is_correction(heard.text):
        return store(task, world)
    if (heard.label == "deny" and heard.is_button) or hearing.is_no(heard):
        return ask(task, "what_to_change", world)
    return ask_again(task, world, say("tasks.yes_or_no"))


def _corrections(task: Task, heard: Heard, said: Said, world: World) -> Turn | None:
    put_right = corrected(task, heard, said, world)
    if isinstance(put_right, str):
        return ask(task, "contact", world, put_right)
    if put_right is not None:
        return go_on(put_right, world)
    kinds = case_words.kinds_of_help(heard.text) if hearing.is_correction(heard.text) else ()
    if kinds and kinds[0] != task.case.kind:
        return go_on(task.with_case(kind=kinds[0]), world)
    relation = case_words.for_whom(heard.text) if hearing.is_correction(heard.text) else None
    if relation and relation != task.details.relation:
        # Somebody else is another person: their name and their consent are asked for.
        return go_on(task.with_details(for_other=True, relation=relation, name="").with_case(agreed=False), world)
    if said.need:
        return go_on(booking.take_details(task, Said(need=said.need)), world, say("tasks.needs_noted"))
    part = part_named(heard.text, _PARTS) if heard.text else None
    return _change_part(task, part, world) if part else None


_PARTS = {
    "contact": r"\b(?:e-?mail|phone|mobile|number|contact) (?:is|are|isn['’]?t|has|should|needs)\b|"
    r"\b(?:use|change) (?:my|her|his|the|their) (?:\w+ )?"
    r"(?:e-?mail|phone|mobile|number)\b|\b(?:wrong|another|different) (?:number|e-?mail|phone)\b",
    "name": r"\b(?:name|spelling|spelt)\b",
    "place": r"\b(?:library|branch|postcode)\b",
    "kind": r"\b(?:kind|help wanted|sort of help)\b",
    "about": r"\b(?:for staff|note|add something|forgot)\b",
}


def _change_part(task: Task, part: str, world: World) -> Turn:
    """Ask anew for one part of what was read back."""
    match part:
        case "kind":
            return ask(task.with_case(kind=""), "kind", world)
        case "name":
            return ask(task.with_details(name=""), "name", world)
        case "contact":
            return ask(task.with_details(phone="", email="", no_contact=False).with_case(through_speaker=False), "contact", world)
        case "place":
            return ask(task.with_case(libraries=(), postcode="", place_known=False), "place", world)
        case _:
            return ask(task.with_case(told="", about=None), "about", world)


def _hear_what_to_change(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    kind, _, part = heard.value.partition(":")
    if kind == "change":
        return _change_part(task, part, world)
    if hearing.is_only_no(heard) or hearing.is_only_yes(heard) or re.search(r"\bnothing\b", heard.text, re.IGNORECASE):
        return go_on(task, world)
    return _corrections(task, heard, said, world) or ask_again(task, world)


_HEAR = {
    "kind": _hear_kind,
    "whom": _hear_whom,
    "relationship": _hear_relationship,
    "agreed": _hear_agreed,
    "eligibility": _hear_eligibility,
    "name": _hear_name,
    "contact_name": _hear_name,
    "contact": _hear_contact,
    "email_check": _hear_email_check,
    "place": _hear_place,
    "about": _hear_about,
    "confirm": _hear_confirm,
    "what_to_change": _hear_what_to_change,
}


# Done


def wanted(task: Task) -> Referral:
    """Return the referral that was read back and agreed to: the yes held the consent."""
    details, case = task.details, task.case
    return Referral(
        kind=case.kind,
        name=details.name,
        consent=case.agreed or not details.for_other,
        for_other=details.for_other,
        contact_name=details.contact_name,
        relation=details.relation,
        phone=details.phone,
        email=details.email,
        eligibility=case.eligibility,
        about=told_staff(task)[: referrals.LONGEST["about"]],
        needs=(details.needs or "")[: referrals.LONGEST["needs"]],
        library=case.libraries[0] if case.libraries else "",
        postcode=case.postcode,
        language=language_spoken(),
    )


def store(task: Task, world: World) -> Turn:
    """Store the referral and say its reference, and truthfully what follows."""
    request_id = f"refer-{world.conversation_id}-{task.started}"[:64]
    row = referrals.refer(world.session, wanted(task), request_id=request_id, source="chat", conversation_id=world.conversation_id)
    changes = say("referring.if_it_changes", phone=world.desk.service.phone)
    words = [say("referring.done", reference=shown(row.reference)), _next(task), changes, say("cases.write_it_down")]
    return finished(task, "referred", "\n".join(words), reference=shown(row.reference))


def _next(task: Task) -> str:
    """Say what follows. Nobody is told that staff get in touch with whom they cannot reach."""
    if not task.details.reachable:
        return say("cases.next_unreachable")
    if task.details.for_other and not task.case.through_speaker:
        return say("referring.next_other", name=task.details.name)
    return say("referring.next_through" if task.details.for_other else "referring.next")

"""Putting somebody forward for help, or asking for it oneself: for whom and with whose consent, which help, how to reach them; read back, stored."""

import re
from dataclasses import replace

from desk import referrals
from desk.references import shown
from desk.referrals import HOME, Referral
from desk.tasks import booking, case_words, hearing
from desk.tasks.case_people import hear_contact, hear_name, take_place
from desk.tasks.case_questions import KIND_WORDS, told_staff, whom
from desk.tasks.case_turns import CaseTurns, Hear, change_part, with_first_words, with_more_words
from desk.tasks.names import without_contacts
from desk.tasks.questions import ask, ask_again, finished
from desk.tasks.said import Said
from desk.tasks.task import Heard, Task, Turn
from desk.tasks.world import World
from kb.wording import language_spoken, say

_ACTS_FOR_THEM = re.compile(
    r"\b(?:power of attorney|attorney|lpa|deputy|guardian|their (?:mum|mother|dad|father|parent)|best interests?)\b", re.IGNORECASE
)
_SPEAKER_CARES = re.compile(r"^\W*(?:i['’]?m|i am) (?:the |a |her |his |their )?(?:[a-z-]+ )?carer\W*$", re.IGNORECASE)


def begin(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    """Take everything that the first message says, and ask for the rest."""
    task = _take(task, heard, said, world)
    if task.details.for_other and case_words.has_agreed(heard.text) is False:
        return _without_consent(task, world)
    task = with_first_words(task, heard)
    several = say("referring.one_at_a_time") if case_words.names_several(heard.text) or said.group or said.pair else ""
    return _TURNS.go_on(task, world, "\n".join(filter(None, [several, booking.problem_in(said.contacts)])))


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
        return _TURNS.go_on(task.with_case(kind=kind), world)
    told = _take(task, heard, said, world)
    return _TURNS.go_on(told, world) if told.case.kind else ask_again(task, world, say("referring.which_kind", phone=world.desk.service.phone))


def _hear_whom(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    if heard.value == "whom:me":
        return _TURNS.go_on(task.with_case(whom_known=True), world)
    relation = case_words.named_relation(heard.text)
    if heard.value == "whom:other" or (relation and not heard.value):
        return _TURNS.go_on(_consent_said(task.with_details(for_other=True, relation=relation).with_case(whom_known=True), heard), world)
    told = _take(task, heard, said, world) if heard.text else task
    return _TURNS.go_on(told, world) if told.case.whom_known else ask_again(task, world)


def _consent_said(task: Task, heard: Heard) -> Task:
    return task.with_case(agreed=True) if case_words.has_agreed(heard.text) else task


def _hear_relationship(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    words = re.sub(r"^(?:(?:she|he|they|it)(?:['’]s| is|['’]re| are) )?(?:my|our|an?|the) ", "", heard.text.strip().rstrip(".!"), flags=re.IGNORECASE)
    if not words or len(words) > 60 or hearing.is_only_yes(heard) or hearing.is_only_no(heard):
        return ask_again(task, world)
    return _TURNS.go_on(_consent_said(task.with_details(relation=case_words.named_relation(words) or words), heard), world)


def _hear_agreed(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    said_so = case_words.has_agreed(heard.text)
    if said_so or _ACTS_FOR_THEM.search(heard.text) or (said_so is None and hearing.is_yes(heard)):
        return _TURNS.go_on(_take_people(task, heard.text, said).with_case(agreed=True), world)
    if said_so is False or hearing.is_no(heard):
        return _without_consent(task, world)
    return ask_again(task, world)


def _hear_eligibility(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    why = heard.value.removeprefix("eligibility:")
    if why in referrals.ELIGIBILITY:
        return _TURNS.go_on(task.with_case(eligibility=why), world, say("referring.staff_decide") if why == "other" else "")
    if not heard.text or hearing.is_only_yes(heard):
        return ask_again(task, world)
    if task.details.for_other and _SPEAKER_CARES.match(heard.text):
        return ask(task, "eligibility", world, say("referring.carer_of_whom", whom=whom(task)))
    read = case_words.why_visits(heard.text, task.details.for_other)
    return _TURNS.go_on(with_more_words(task, heard).with_case(eligibility=read or "other"), world, "" if read else say("referring.staff_decide"))


def _hear_name(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    answered = hear_name(task, heard, said, say("referring.name_needed"))
    if isinstance(answered, str):
        relation = case_words.for_whom(heard.text) if heard.text and not task.details.for_other else None
        if relation:  # "it's for my mum", said late
            return _TURNS.go_on(task.with_details(for_other=True, relation=relation), world)
    elif said.relation and not task.details.for_other:
        answered = answered.with_details(for_other=True, relation=said.relation, name=said.name if said.name_of_other else "")
    return _TURNS.answered(task, answered, world, booking.problem_in(said.contacts))


def _hear_contact(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    other = task.details.for_other and not task.case.through_speaker
    if other and (heard.value == "through_me" or case_words.goes_through_speaker(without_contacts(heard.text))):
        task = task.with_case(through_speaker=True)
        return _TURNS.go_on(booking.take_contacts(task, said.contacts), world, booking.problem_in(said.contacts))
    answered = hear_contact(task, heard, said)
    if isinstance(answered, Task) and answered.details.no_contact and other:
        return _TURNS.go_on(task.with_case(through_speaker=True), world)  # who has neither is reached through whoever asks
    return _TURNS.contact_answered(task, answered, world)


def _hear_place(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    placed = take_place(task, heard, said, world)
    if placed.case.place_known:
        return _TURNS.go_on(placed, world)
    if heard.value == "place:unknown" or (
        heard.text and (hearing.any_topic(heard.text) or hearing.is_only_no(heard) or hearing.anywhere(heard.text))
    ):
        return _TURNS.go_on(task.with_case(place_known=True), world)
    return ask_again(task, world, say("referring.place_not_known"))


# Read back


def _hear_confirm(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    """Whoever takes the consent back is told what to do; all else is a read-back like any other."""
    if task.details.for_other and case_words.has_agreed(heard.text) is False and not hearing.is_only_no(heard):
        return _without_consent(task, world)
    return _TURNS.hear_confirm(task, heard, said, world)


def _put_right(task: Task, heard: Heard, said: Said, world: World) -> Turn | None:
    kinds = case_words.kinds_of_help(heard.text) if hearing.is_correction(heard.text) else ()
    if kinds and kinds[0] != task.case.kind:
        return _TURNS.go_on(task.with_case(kind=kinds[0]), world)
    relation = case_words.for_whom(heard.text) if hearing.is_correction(heard.text) else None
    if relation and relation != task.details.relation:
        # Somebody else is another person: their name and their consent are asked for.
        return _TURNS.go_on(task.with_details(for_other=True, relation=relation, name="").with_case(agreed=False), world)
    if said.need:
        return _TURNS.go_on(booking.take_details(task, Said(need=said.need)), world, say("tasks.needs_noted"))
    return None


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
    if part == "kind":
        return ask(task.with_case(kind=""), "kind", world)
    return change_part(task, part, world)


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


# The turns by their question


_TURNS = CaseTurns(missing, _put_right, _PARTS, _change_part, store)
_HEAR: dict[str, Hear] = {
    "kind": _hear_kind,
    "whom": _hear_whom,
    "relationship": _hear_relationship,
    "agreed": _hear_agreed,
    "eligibility": _hear_eligibility,
    "name": _hear_name,
    "contact_name": _hear_name,
    "contact": _hear_contact,
    "email_check": _TURNS.hear_email_check,
    "place": _hear_place,
    "about": _TURNS.hear_about,
    "confirm": _hear_confirm,
    "what_to_change": _TURNS.hear_what_to_change,
}

"""A turn of a task: what a message is taken for, step by step."""

from dataclasses import replace

from desk.replies import Reply
from desk.tasks import booking, cancelling, case_words, changing, digressions, existing, finding, hearing, reaching_staff, referring, volunteering
from desk.tasks.case_people import with_words_before
from desk.tasks.questions import ask, ask_again, finished, question, switch_question
from desk.tasks.said import Said, listen
from desk.tasks.task import CASES, FINDING, LABELS, Heard, Task, Turn
from desk.tasks.world import World
from kb.labels import load_labels
from kb.wording import say

_DETAILS = ("name", "contact_name", "contact", "email_check", "relationship", "access_needs")
_OF_PEOPLE = ("name", "contact_name", "relationship", "access_needs")
_ENOUGH_MISSES = 4
_BEGIN_CASE = {"refer_someone": referring.begin, "register_volunteer": volunteering.begin}
_HEAR_CASE = {"refer_someone": referring.hear, "register_volunteer": volunteering.hear}


def begin(heard: Heard, seq: int, world: World) -> Turn:
    """Begin the task of a label with everything that the message says already."""
    task = Task(label=heard.label, started=seq)
    if task.label == reaching_staff.LABEL:
        return reaching_staff.begin(task, heard, world)
    if task.label in CASES:
        heard = with_words_before(heard, world)
        return _BEGIN_CASE[task.label](task, heard, listen(task, heard, world), world)
    said = listen(task, heard, world)
    if task.label not in FINDING:
        return _begin_with_booking(task, heard, said, world)
    if said.group:
        return _group(task, world)
    task = finding.take_wish(booking.take_details(task, said), said)
    problem = finding.problem_with(said)
    if problem:
        return ask(task, "date_time", world, problem)
    if heard.value.startswith("session:"):
        return booking.pick(task, int(heard.value.partition(":")[2]), world)
    return finding.go_on(task, world, _greeting(task, said))


def _begin_with_booking(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    kind, _, number = heard.value.partition(":")
    if kind == "decline":
        return existing.decline_offer(task, int(number), world)
    return existing.begin(task, heard, said, world)


def _greeting(task: Task, said: Said) -> str:
    """Say that what was given is noted, so that nobody wonders whether to type it again."""
    wrong = booking.problem_in(said.contacts)
    noted = say("tasks.noted", name=task.details.name) if task.details.name else ""
    return "\n".join(filter(None, [noted, wrong, say("tasks.one_at_a_time") if said.pair else ""]))


def _group(task: Task, world: World) -> Turn:
    world.release_hold()
    return finished(task, "fallback", say("tasks.group", phone=world.desk.service.phone, promise=world.desk.promise()))


def hear(task: Task, heard: Heard, world: World) -> Turn | None:
    """Take a message that comes while a task is under way. None: it is not for the task (safety wording goes before everything)."""
    if heard.is_surely(*load_labels().safety) and heard.label != "personal_data":
        return None
    world.renew_hold()
    if task.instead:
        return _hear_switch(task, heard, world)
    if hearing.wants_to_stop(heard) or (heard.is_surely("stop") and task.asked not in _OF_PEOPLE and len(heard.text.split()) <= 6):
        return stop(task, world)
    said = listen(task, heard, world)
    if task.asked == "staff_message":  # whatever they write, it is for the staff
        return reaching_staff.hear(task, heard, said, world)
    away = digressions.answer(task, heard, said, world) or _another_matter(task, heard, said, world)
    return away or _take(task, heard, said, world)


def stop(task: Task, world: World) -> Turn:
    """End a task and keep nothing of it; a held place is free again."""
    world.release_hold()
    kept = task.label in ("change_booking", "cancel_booking") and (task.booking_id or task.waiting_id)
    words = say("tasks.kept") if kept else say("tasks.stopped")
    return Turn(None, (Reply("smalltalk", "stop", words),))


# Another matter


def _another_matter(task: Task, heard: Heard, said: Said, world: World) -> Turn | None:
    if heard.is_surely(reaching_staff.LABEL) and task.label != reaching_staff.LABEL and not _answers(task, heard, said):
        return reaching_staff.begin(Task(reaching_staff.LABEL, task.started), heard, world, left=task)
    if heard.is_surely("repeat") and task.asked not in _OF_PEOPLE:
        return Turn(task, (question(task, world),))
    if heard.value and heard.is_button and heard.label in LABELS and heard.label != task.label:
        return _instead(task, heard, world)
    if not heard.is_surely(*load_labels().actions) or _is_of(task, heard, said) or _answers(task, heard, said):
        return None
    return _offer_switch(task, heard, world)


def _instead(task: Task, heard: Heard, world: World) -> Turn:
    """A button for another task says so plainly enough; nothing is lost that was not about the same booking."""
    if task.label in ("cancel_booking", "change_booking", "check_booking") and task.asked in ("confirm", "which_booking", "reference"):
        return begin(heard, task.started, world)
    return _offer_switch(task, heard, world)


def _offer_switch(task: Task, heard: Heard, world: World) -> Turn:
    task = replace(task, instead=heard.label, instead_text=heard.text or heard.value)
    return Turn(task, (switch_question(task, world),))


def _is_of(task: Task, heard: Heard, said: Said) -> bool:
    """Whether a message about an action is about the task in hand: "book it", "I'd rather a phone session", "change it to Thursday"."""
    if heard.label == task.label or (heard.label in FINDING and task.label in FINDING):
        return True
    mine = "my booking" in heard.text.casefold() or said.reference is not None
    if task.label in FINDING and heard.label in ("change_booking", "cancel_booking", "check_booking"):
        return not mine and task.session_id is not None
    if task.label == "cancel_booking" and heard.label == "change_booking":
        return False
    return task.label == "change_booking" and heard.label in FINDING


def _answers(task: Task, heard: Heard, said: Said) -> bool:
    """Whether a message answers the question that was asked, whatever it sounds like."""
    if heard.is_button or hearing.is_question(heard.text):
        return False
    match task.asked:
        case "contact" if task.label in CASES:
            return bool(said.contacts) or len(heard.text.split()) <= 3 or case_words.goes_through_speaker(heard.text)
        case "contact" | "email_check" | "proof" | "reference" | "way" | "staff_contact" | "staff_name":
            return bool(said.contacts or said.reference) or len(heard.text.split()) <= 3
        case "name" | "contact_name" | "relationship":
            return len(heard.text.split()) <= 3 or bool(said.name) or (task.label in CASES and bool(said.contacts))
        case "access_needs":
            return bool(said.need)
        case "library" | "postcode":
            return bool(said.libraries or said.near)
        case "date_time":
            return said.when is not None
        case "session_choice":
            return hearing.which_of(heard.text, len(task.offered)) is not None
        case "about" | "eligibility" | "agreed" | "whom" | "times":  # of cases: what they tell may sound like anything
            return heard.label != reaching_staff.LABEL or said.when is not None or case_words.speaks_of_another(heard.text)
        case "kind" | "interests" | "place":
            return heard.label in FINDING or bool(said.libraries or said.near)
        case "topic":
            return heard.label in ("register_volunteer", "refer_someone", "talk_to_staff") and bool(said.topic) and len(heard.text.split()) <= 3
        case _:
            return False


def _hear_switch(task: Task, heard: Heard, world: World) -> Turn:
    back = replace(task, instead="", instead_text="")
    if heard.value == "switch" or hearing.is_only_yes(heard) or heard.label == task.instead:
        world.release_hold()
        return _other_task(task, world)
    if heard.value == "carry_on" or hearing.is_no(heard) or hearing.wants_to_stop(heard):
        return Turn(back, (question(back, world, say("tasks.back_to_it")),))
    # Neither yes nor no: it is the answer to what was asked before.
    return hear(back, heard, world) or Turn(back, (question(back, world),))


def _other_task(task: Task, world: World) -> Turn:
    is_value = ":" in task.instead_text and " " not in task.instead_text
    heard = Heard(value=task.instead_text, label=task.instead) if is_value else Heard(text=task.instead_text, label=task.instead, confidence=1.0)
    return begin(heard, task.started + 1, world)


# The answer to what was asked


def _take(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    if said.group and task.label in FINDING:
        return _group(task, world)
    if heard.value.startswith("session:"):  # of an earlier offer too, which its screen still shows
        return _pick(task, int(heard.value.partition(":")[2]), world)
    if heard.value.startswith("wait:") and task.label in FINDING:
        return booking.wait_for(task, int(heard.value.partition(":")[2]), world)
    if task.label == reaching_staff.LABEL:
        return _kindly(reaching_staff.hear(task, heard, said, world), world)
    if task.label in CASES:
        return _kindly(_HEAR_CASE[task.label](task, heard, said, world), world)
    if task.asked in ("reference", "proof", "which_booking"):
        return _hear_which(task, heard, said, world)
    if task.asked in _DETAILS:
        return _hear_detail(task, heard, said, world)
    told = booking.take_details(task, said)
    if task.asked == "confirm":
        return _hear_confirm(task, finding.take_wish(told, _without_chance_topic(said)), heard, said, world)
    if task.asked == "what_to_change":
        return _hear_what_to_change(finding.take_wish(told, _without_chance_topic(said)), task, heard, said, world)
    wrong = finding.problem_with(said)
    if wrong:
        return ask(told, "date_time" if task.asked != "session_choice" else task.asked, world, wrong)
    return _hear_search(finding.take_wish(told, said), task, heard, said, world)


def _without_chance_topic(said: Said) -> Said:
    """At the read-back a word that some session is about is seldom a wish for another session; only a day, a library or a kind is."""
    return replace(said, topic="", kinds=(), languages=(), access=())


def _hear_which(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    if heard.value == "another_booking":
        return ask(task, "reference", world)
    hear_it = {"reference": existing.hear_reference, "proof": existing.hear_proof, "which_booking": existing.hear_which}[task.asked]
    return hear_it(task, heard, said, world)


def _hear_detail(task: Task, heard: Heard, said: Said, world: World) -> Turn:
    """Another day or library may be asked for here too, but only in so many words: a name may be a day."""
    wish = replace(said, topic="", kinds=(), need="")
    if hearing.is_correction(heard.text) and (said.when or said.libraries) and not said.contacts and task.asked != "access_needs":
        return booking.find_again(finding.take_wish(task, wish), world, finding.problem_with(said))
    told = booking.take_details(task, said if task.asked != "access_needs" else replace(said, need=""))
    turn = booking.hear_detail(told, task, heard, said, world)
    return _kindly(turn, world)


def _kindly(turn: Turn, world: World) -> Turn:
    """After the same question was missed a few times, a person is better help than the question once more."""
    if turn.task is None or turn.task.misses < _ENOUGH_MISSES:
        return turn
    return ask_again(replace(turn.task, misses=1), world, say("tasks.person_may_help", phone=world.desk.service.phone, promise=world.desk.promise()))


def _hear_confirm(task: Task, told: Task, heard: Heard, said: Said, world: World) -> Turn:
    if task.label == "cancel_booking":
        return cancelling.hear_confirm(task, heard, world)
    if task.label == "change_booking":
        return changing.hear_confirm(told, task, heard, said, world)
    return booking.hear_confirm(told, task, heard, _without_chance_topic(said), world)


def _hear_what_to_change(told: Task, task: Task, heard: Heard, said: Said, world: World) -> Turn:
    hear_it = changing.hear_what_to_change if task.label == "change_booking" else booking.hear_what_to_change
    return hear_it(told, task, heard, _without_chance_topic(said), world)


def _hear_search(told: Task, task: Task, heard: Heard, said: Said, world: World) -> Turn:
    match task.asked:
        case "topic":
            return finding.hear_topic(told, heard, said, world)
        case "library" | "postcode":
            return finding.hear_library(told, heard, said, world)
        case "date_time":
            return finding.hear_date_time(told, heard, said, world)
        case _:
            return _hear_choice(told, task, heard, said, world)


def _hear_choice(told: Task, task: Task, heard: Heard, said: Said, world: World) -> Turn:
    with_people = booking.take_details(task, said)
    chosen = finding.hear_choice(told, with_people, heard, said, world)
    if isinstance(chosen, Turn):
        return chosen
    return _pick(with_people, chosen, world)


def _pick(task: Task, session_id: int, world: World) -> Turn:
    if task.label in FINDING:
        return booking.pick(task, session_id, world)
    return changing.pick(task, session_id, world) if task.label == "change_booking" and task.booking_id else ask_again(task, world)

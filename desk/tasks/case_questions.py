"""The questions of putting somebody forward and of offering to volunteer, put in words from the task alone."""

from collections.abc import Callable, Sequence

from desk import referrals, volunteers
from desk.replies import Choice, Reply
from desk.settings import settings
from desk.tasks.descriptions import contact_in_words
from desk.tasks.task import Task
from desk.tasks.world import World
from kb.wording import say

KIND_WORDS = {
    "device": "referring.kind_device",
    "data": "referring.kind_data",
    "skills": "referring.kind_skills",
    referrals.HOME: "referring.kind_home",
}
WHY_WORDS = {
    "housebound": "referring.why_housebound",
    "carer": "referring.why_carer",
    "temporary": "referring.why_temporary",
    "other": "referring.why_other",
}
INTEREST_WORDS = {
    "one-to-one": "volunteering.interest_one_to_one",
    "tea-and-tech": "volunteering.interest_tea",
    "coding-club": "volunteering.interest_coding",
    "phone-help": "volunteering.interest_phone",
    "home-visits": "volunteering.interest_home",
    "other": "volunteering.interest_other",
}

# The slots of the chat API that each question asks for.
ASKS = {
    "kind": ("topic",),
    "whom": ("relationship",),
    "relationship": ("relationship",),
    "agreed": ("consent",),
    "eligibility": ("access_needs",),
    "name": ("name",),
    "contact_name": ("name",),
    "contact": ("contact",),
    "email_check": ("contact",),
    "place": ("library",),
    "about": ("message", "access_needs"),
    "interests": ("topic",),
    "times": ("date_time",),
    "confirm": ("confirm", "consent"),
    "what_to_change": ("confirm",),
}


def whom(task: Task) -> str:
    """Return who is to be helped, as one speaks of them to who asks: "your mum", "the person"."""
    return say("tasks.your", relation=task.details.relation) if task.details.relation else say("cases.the_person")


def keeping() -> str:
    """Return the line on what is kept of a case, and how long."""
    return say("cases.keeping", days=settings().keep_bookings_days)


def _button(words: str, value: str) -> Choice:
    return Choice(words, "inform", value)


def _reply(task: Task, words: str, choices: Sequence[Choice] = ()) -> Reply:
    return Reply("question", task.label, words, asks=ASKS[task.asked], choices=tuple(choices))


def _with_keeping(task: Task, words: str) -> str:
    return words if task.told_of_keeping else f"{words}\n{keeping()}"


# Putting somebody forward


def _kind(task: Task, world: World) -> Reply:
    return _reply(task, say("referring.ask_kind"), [_button(say(key), f"kind:{kind}") for kind, key in KIND_WORDS.items()])


def _whom(task: Task, world: World) -> Reply:
    return _reply(
        task, say("referring.ask_whom"), [_button(say("referring.button_me"), "whom:me"), _button(say("referring.button_other"), "whom:other")]
    )


def _relationship(task: Task, world: World) -> Reply:
    return _reply(task, say("referring.ask_relationship"))


def _agreed(task: Task, world: World) -> Reply:
    yes, no = Choice(say("referring.button_agreed"), "affirm"), Choice(say("referring.button_not_agreed"), "deny")
    return _reply(task, say("referring.ask_agreed", whom=whom(task)), [yes, no])


def _eligibility(task: Task, world: World) -> Reply:
    words = say("referring.ask_eligibility", whom=whom(task) if task.details.for_other else say("referring.you"))
    return _reply(task, words, [_button(say(key), f"eligibility:{why}") for why, key in WHY_WORDS.items()])


def _name(task: Task, world: World) -> Reply:
    words = say("referring.ask_name_other", whom=whom(task)) if task.details.for_other else say("referring.ask_name")
    return _reply(task, _with_keeping(task, words))


def _contact_name(task: Task, world: World) -> Reply:
    return _reply(task, say("referring.ask_your_name"))


def _contact(task: Task, world: World) -> Reply:
    if not task.details.for_other:
        return _reply(task, _with_keeping(task, say("referring.ask_contact")), [_button(say("referring.button_no_contact"), "no_contact")])
    if task.case.through_speaker:
        return _reply(task, say("referring.ask_contact_through"), [_button(say("referring.button_no_contact"), "no_contact")])
    words = say("referring.ask_contact_other", whom=whom(task))
    return _reply(task, _with_keeping(task, words), [_button(say("referring.button_through_me"), "through_me")])


def _email_check(task: Task, world: World) -> Reply:
    email = task.details.email
    meant = _button(say("tasks.button_email_meant", email=task.unsure_email), "email:meant")
    as_is = _button(say("tasks.button_email_as_is", email=email), "email:as_is")
    return _reply(task, say("tasks.ask_email_meant", email=task.unsure_email, given=email), [meant, as_is])


def _place(task: Task, world: World) -> Reply:
    words = say("referring.ask_place", whom=whom(task)) if task.details.for_other else say("referring.ask_place_you")
    return _reply(task, words, [_button(say("referring.button_place_unknown"), "place:unknown")])


def _about(task: Task, world: World) -> Reply:
    return _reply(task, say("cases.ask_about"), [_button(say("cases.button_no_about"), "no_about")])


def _read_back_referral(task: Task, world: World) -> Reply:
    details, case = task.details, task.case
    contact = contact_in_words(details.phone, details.email)
    words = [
        say("tasks.please_check"),
        say("referring.line_help", kind=say(KIND_WORDS[case.kind])),
        say("referring.line_for_other", name=details.name, relation=details.relation)
        if details.relation
        else say("referring.line_for", name=details.name),
        say("referring.line_asked_by", name=details.contact_name) if details.contact_name else "",
        say("referring.line_contact", contact=contact)
        if details.for_other and not case.through_speaker
        else say("cases.line_contact", contact=contact),
        say("referring.line_place", place=places(task, world)) if places(task, world) else "",
        say("referring.line_why", why=say(WHY_WORDS[case.eligibility])) if case.eligibility else "",
        say("tasks.line_needs", needs=details.needs) if details.needs else "",
        say("cases.line_about", about=told_staff(task)) if told_staff(task) else "",
        keeping(),
        say("referring.consent_other", name=details.name) if details.for_other else say("referring.consent"),
        say("referring.shall_i"),
    ]
    return _reply(task, "\n".join(filter(None, words)), _answers_to_read_back())


def _answers_to_read_back() -> list[Choice]:
    return [Choice(say("cases.button_yes"), "affirm"), Choice(say("tasks.button_change"), "deny"), Choice(say("cases.button_stop"), "stop")]


def places(task: Task, world: World) -> str:
    """Return the postcode and the libraries that were given, in words."""
    return ", ".join(filter(None, [task.case.postcode, *(world.library_name(slug) for slug in task.case.libraries)]))


def told_staff(task: Task) -> str:
    """Return everything that was told beside the answers to questions: what the first message said, and what was added."""
    through = say("referring.note_through", name=task.details.contact_name) if task.case.through_speaker else ""
    return "\n".join(filter(None, [through, task.case.told, task.case.about]))


_CHANGES_REFERRAL = {
    "kind": "referring.change_kind",
    "name": "referring.change_name",
    "contact": "referring.change_contact",
    "place": "referring.change_place",
    "about": "referring.change_about",
}


def _change_referral(task: Task, world: World) -> Reply:
    return _reply(task, say("cases.ask_what_to_change"), [_button(say(key), f"change:{part}") for part, key in _CHANGES_REFERRAL.items()])


# Offering to volunteer


def _interests(task: Task, world: World) -> Reply:
    chosen = task.case.interests
    buttons = [_button(say(key), f"interest:{interest}") for interest, key in INTEREST_WORDS.items() if interest not in chosen]
    if not chosen:
        return _reply(task, say("volunteering.ask_interests"), buttons)
    words = say("volunteering.ask_more_interests", interests=interests_in_words(chosen))
    return _reply(task, words, [_button(say("volunteering.button_enough"), "enough"), *buttons[:5]])


def interests_in_words(interests: Sequence[str]) -> str:
    return ", ".join(say(INTEREST_WORDS[interest]) for interest in volunteers.INTERESTS if interest in interests)


_TIMES = ("volunteering.button_weekdays", "volunteering.button_evenings", "volunteering.button_weekends", "volunteering.button_varies")


def _times(task: Task, world: World) -> Reply:
    return _reply(task, say("volunteering.ask_times"), [_button(say(key), f"times:{n}") for n, key in enumerate(_TIMES)])


def times_of_button(value: str) -> str:
    """Return the words of the button that was pressed; empty where it is none of these."""
    number = value.removeprefix("times:")
    return say(_TIMES[int(number)]) if number.isdecimal() and int(number) < len(_TIMES) else ""


def _where(task: Task, world: World) -> Reply:
    return _reply(task, say("volunteering.ask_place"), [_button(say("cases.button_any_library"), "place:any")])


def _volunteer_name(task: Task, world: World) -> Reply:
    words = say("volunteering.ask_name_other") if task.details.for_other else say("volunteering.ask_name")
    return _reply(task, _with_keeping(task, words))


def _volunteer_contact(task: Task, world: World) -> Reply:
    words = _with_keeping(task, say("volunteering.ask_contact"))
    return _reply(task, words, [_button(say("volunteering.button_no_contact"), "no_contact")])


def _volunteer_about(task: Task, world: World) -> Reply:
    return _reply(task, say("volunteering.ask_about"), [_button(say("cases.button_no_about"), "no_about")])


def _read_back_volunteer(task: Task, world: World) -> Reply:
    details, case = task.details, task.case
    words = [
        say("tasks.please_check"),
        say("volunteering.line_name", name=details.name),
        say("volunteering.line_interests", interests=interests_in_words(case.interests)),
        say("volunteering.line_times", times=case.times),
        say("volunteering.line_places", places=places(task, world) or say("volunteering.any_library")),
        say("cases.line_contact", contact=contact_in_words(details.phone, details.email)),
        say("cases.line_about", about=told_staff(task)) if told_staff(task) else "",
        keeping(),
        say("volunteering.consent_other", name=details.name) if details.for_other else say("volunteering.consent"),
        say("volunteering.shall_i"),
    ]
    return _reply(task, "\n".join(filter(None, words)), _answers_to_read_back())


_CHANGES_VOLUNTEER = {
    "interests": "volunteering.change_interests",
    "times": "volunteering.change_times",
    "place": "volunteering.change_place",
    "name": "volunteering.change_name",
    "contact": "volunteering.change_contact",
    "about": "volunteering.change_about",
}


def _change_volunteer(task: Task, world: World) -> Reply:
    return _reply(task, say("cases.ask_what_to_change"), [_button(say(key), f"change:{part}") for part, key in _CHANGES_VOLUNTEER.items()])


PUT: dict[str, dict[str, Callable[[Task, World], Reply]]] = {
    "refer_someone": {
        "kind": _kind,
        "whom": _whom,
        "relationship": _relationship,
        "agreed": _agreed,
        "eligibility": _eligibility,
        "name": _name,
        "contact_name": _contact_name,
        "contact": _contact,
        "email_check": _email_check,
        "place": _place,
        "about": _about,
        "confirm": _read_back_referral,
        "what_to_change": _change_referral,
    },
    "register_volunteer": {
        "interests": _interests,
        "times": _times,
        "place": _where,
        "name": _volunteer_name,
        "contact": _volunteer_contact,
        "email_check": _email_check,
        "about": _volunteer_about,
        "confirm": _read_back_volunteer,
        "what_to_change": _change_volunteer,
    },
}

"""A question in the middle of a task: answered, and the pending question asked again in the same breath."""

import re
from dataclasses import replace

from desk.replies import Reply
from desk.tables import SessionRow
from desk.tasks import case_words, hearing
from desk.tasks.descriptions import spoken_span, where
from desk.tasks.questions import question
from desk.tasks.said import Said
from desk.tasks.task import CASES, Heard, Task, Turn
from desk.tasks.world import World
from kb.labels import load_labels
from kb.wording import say

_HOURS = re.compile(r"\b(?:open|opens|opening|close|closes|closed|closing|shut|shuts|hours)\b", re.IGNORECASE)
_WHY = re.compile(r"\bwhy\b", re.IGNORECASE)
_PRIVACY = re.compile(
    r"\b(?:do with|keep|store|share|sell|happens to|use) (?:\w+ )?(?:my|these|the) (?:\w+ )?(?:number|details?|data|name|email|address|"
    r"information|phone|info)\b|\bprivacy\b|"
    r"\b(?:is it|are my details) (?:safe|private|kept)\b|\bwho (?:sees|will see|gets)\b",
    re.IGNORECASE,
)
FACTS = {
    "bring": re.compile(r"\b(?:bring|take with me)\b", re.IGNORECASE),
    "cost": re.compile(r"\b(?:cost|costs|price|pay|payment|(?<!step[- ])free|charge|charges|fee|how much)\b", re.IGNORECASE),
    "length": re.compile(r"\bhow long\b|\bwhat time (?:does|will) (?:it|that) (?:finish|end)\b|\bfinish(?:es)?\b", re.IGNORECASE),
    "access": re.compile(r"\b(?:wheelchair|step[- ]free|lift|stairs|steps|ramp|hearing loop|accessible)\b", re.IGNORECASE),
    "languages": re.compile(rf"\b(?:which|what|any other) languages?\b|\b(?:speak|in) (?:{'|'.join(hearing.LANGUAGES)})\b", re.IGNORECASE),
    "place": re.compile(
        r"\bwhere (?:is|exactly|do i|in)\b|\b(?:which|what) room\b|\b(?:what['’]?s|what is) the address\b|\baddress of\b", re.IGNORECASE
    ),
    "audience": re.compile(r"\bwho (?:is|are) (?:it|they|this|these) for\b|\bhow old\b|\bwhat ages?\b|\bage limit\b", re.IGNORECASE),
    "about": re.compile(
        r"\bwhat (?:is|are|happens|do (?:you|we|i) do)(?: (?:it|that|this|these|they))?(?: (?:about|at|in|like))?(?: (?:it|"
        r"the session))?\??$|\bmore about\b",
        re.IGNORECASE,
    ),
}
_CONVERSATION = ("privacy", "capabilities", "bot_challenge", "change_language")
_PLEASANTRIES = ("greet", "thanks")
_POLITE = re.compile(r"\b(?:thank|thanks|thankyou|thx|ta|cheers|hello|hi|hiya|hey|good (?:morning|afternoon|evening))\b", re.IGNORECASE)


def answer(task: Task, heard: Heard, said: Said, world: World) -> Turn | None:
    """Answer a message that turns away from the question that was asked; None where it does not."""
    if heard.is_button:
        return _by_button(task, heard, world)
    asks = hearing.is_question(heard.text)
    if asks and _WHY.search(heard.text) and task.label in CASES:
        return _again(task, world, say("cases.why_we_ask"))
    if asks and _WHY.search(heard.text) and task.asked in ("name", "contact_name", "contact", "relationship", "access_needs"):
        return _again(task, world, say("tasks.why_we_ask"))
    if asks and (_PRIVACY.search(heard.text) or heard.is_surely("privacy")):
        return _then_again(task, world, world.desk.small_talk("privacy"))
    if asks and (facts := _facts(task, heard.text, world)):
        return _again(task, world, facts)
    return _on_another_topic(task, heard, said, world, asks)


def _by_button(task: Task, heard: Heard, world: World) -> Turn | None:
    """An older button may still be pressed: one for an article is answered, and the task goes on."""
    if heard.label in world.desk.articles:
        return _then_again(task, world, world.desk.article(heard.label))
    return _then_again(task, world, world.desk.small_talk(heard.label)) if heard.label in _CONVERSATION else None


def _on_another_topic(task: Task, heard: Heard, said: Said, world: World, asks: bool) -> Turn | None:
    if asks and (said.libraries or _HOURS.search(heard.text)) and _HOURS.search(heard.text):
        hours = world.desk.library(heard.text, _library_in_hand(task, world))
        return _then_again(task, world, hours) if hours else None
    if heard.is_surely(*_CONVERSATION) and asks:
        return _then_again(task, world, world.desk.small_talk(heard.label))
    if _is_a_pleasantry(task, heard, said):
        return _again(task, world, say("tasks.welcome") if heard.label == "thanks" else say("tasks.hello"))
    if heard.label in world.desk.articles and heard.is_surely(heard.label) and _turns_away(task, heard, said, asks):
        return _then_again(task, world, world.desk.answer(heard.label, heard.text, _library_in_hand(task, world)))
    return None


def _is_a_pleasantry(task: Task, heard: Heard, said: Said) -> bool:
    if task.asked in ("confirm", "access_needs") or said.tells_of_people or len(heard.text.split()) > 3:
        return False
    return heard.is_surely(*_PLEASANTRIES) and bool(_POLITE.search(heard.text)) and not hearing.is_question(heard.text)


def _turns_away(task: Task, heard: Heard, said: Said, asks: bool) -> bool:
    """Whether a question on a topic is one, and no answer: what somebody wants help with is a topic too."""
    if not asks or said.contacts or said.name:
        return False
    if (task.asked == "kind" and case_words.kinds_of_help(heard.text)) or (task.asked == "interests" and case_words.interests_in(heard.text)):
        return False
    if (
        task.asked in ("session_choice", "date_time", "library", "postcode", "confirm")
        and (said.when or said.libraries)
        and heard.label == "find-a-library"
    ):
        return False
    return task.asked != "topic" or heard.label in _HERE


# In answer to "what would you like help with?" these are questions about the library itself.
_HERE = frozenset(load_labels().articles_by_theme["in the library"]) - {"print-scan-copy", "ebooks", "use-a-computer", "research-databases"}


def _facts(task: Task, text: str, world: World) -> str:
    """Return what is known of the session in hand, or of those on offer, about what is asked; empty where nothing is asked of them."""
    fact = next((name for name, pattern in FACTS.items() if pattern.search(text)), None)
    ids = (task.session_id,) if task.session_id else task.offered if task.asked == "session_choice" else ()
    if fact is None or not ids:
        return ""
    rows = [world.found(each).row for each in ids]
    told = [(row, _fact(fact, row, world)) for row in rows]
    if len({words for _, words in told}) == 1:
        return told[0][1]
    return "\n".join(f"{n}. {row.title}: {words}" for n, (row, words) in enumerate(told, 1))


def _fact(fact: str, row: SessionRow, world: World) -> str:
    phone = world.desk.service.phone
    given = {
        "bring": row.about,
        "cost": row.cost,
        "length": spoken_span(row),
        "access": ", ".join(each.replace("-", " ") for each in row.access),
        "languages": ", ".join(row.languages),
        "place": where(row, world),
        "audience": _audience(row),
        "about": row.about,
    }[fact]
    return say(f"tasks.fact_{fact}", given=given, phone=phone) if given else say("tasks.fact_unknown", phone=phone)


def _audience(row: SessionRow) -> str:
    ages = say("tasks.ages_from", age_from=row.age_from) if row.age_from and not row.age_to else ""
    if row.age_to:
        ages = say("tasks.ages", age_from=row.age_from or 0, age_to=row.age_to)
    return ", ".join(filter(None, [row.audience, ages]))


def _library_in_hand(task: Task, world: World) -> str | None:
    if task.session_id:
        return world.library_name(world.found(task.session_id).row.library)
    return world.library_name(task.wish.libraries[0]) if len(task.wish.libraries) == 1 else None


def _then_again(task: Task, world: World, reply: Reply) -> Turn:
    """Answer in a message of its own; the question comes last, so that its buttons can be pressed."""
    return Turn(task, (replace(reply, choices=()), question(task, world, say("tasks.back_to_it"))))


def _again(task: Task, world: World, words: str) -> Turn:
    return Turn(task, (question(task, world, words),))

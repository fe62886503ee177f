"""Questions that the desk did not answer well: found in the log, masked, judged by staff, and taught."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk import audit, conversations
from desk.clock import now
from desk.conversations import events_after
from desk.database import Database
from desk.libraries import all_libraries
from desk.library_names import names_in
from desk.name_masking import NameMask, known_names
from desk.question_groups import ALIKE, Vectors, likeness
from desk.staff_tables import UnansweredRow
from desk.tables import ConversationRow, FeedbackRow, MessageRow
from kb.labels import load_labels

FELL_BACK, DID_NOT_HELP, ASKED_AGAIN = "fell back", "did not help", "asked again"
NEW, TOPIC, NEW_TOPIC, NOT_FOR_US, TAUGHT = "new", "topic", "new topic", "not for us", "taught"
JUDGED = (TOPIC, NEW_TOPIC, NOT_FOR_US)
OUT_OF_SCOPE = "out_of_scope"

# A conversation has mostly ended by then: what did not help has been said, and asked again. So the gathering starts at most that often, too.
SETTLED_AFTER = timedelta(minutes=10)
AGAIN_WITHIN = timedelta(minutes=30)
# Numbers of the log that are read once more: on PostgreSQL a lower one may be committed after a higher one.
_OVERLAP = 1000
_LATE_FEEDBACK = timedelta(days=1)

# Kinds of replies that a question may be unhappy with.
_ANSWERS = ("answer", "choice", "sessions", "fallback")

# The vector of a text in a language; texts of different encoders have vectors of different lengths.
VectorOf = Callable[[str, str], Vectors]


class UnknownTopicError(Exception):
    """A question was given a topic that the desk does not have, or a state that staff cannot give."""


@dataclass(frozen=True)
class Found:
    """A question in the log, why it is one to look at, and what it was taken for."""

    question: MessageRow
    reason: str
    taken_for: str


@dataclass(frozen=True)
class Turn:
    """A resident's message and what the bot said to it. `answers_a_task`: the bot had asked for something, a name perhaps."""

    message: MessageRow
    replies: tuple[MessageRow, ...]
    answers_a_task: bool

    @property
    def is_a_question(self) -> bool:
        """Whether it was typed of the resident's own accord, and holds nothing personal that was masked, nor an alarm."""
        return not self.answers_a_task and not self.message.details and bool(self.replies) and not self.is_a_complaint

    @property
    def is_a_complaint(self) -> bool:
        return any(reply.details.get("label") == "not_helpful" for reply in self.replies)

    @property
    def taken_for(self) -> str:
        label = str(self.replies[-1].details.get("label", "")) if self.replies else ""
        return "" if label in (OUT_OF_SCOPE, "not_helpful", "repeat") else label


def topics() -> tuple[str, ...]:
    """Return the labels that staff may give a question."""
    labels = load_labels()
    return (*labels.articles, *labels.actions, "crisis", "medical_advice")


# Gathering


def is_due(session: Session) -> bool:
    """Whether a question that was not answered well is new and settled. What was asked again is found with the next of those."""
    settled, there = now() - SETTLED_AFTER, _gathered(session)
    for conversation in _suspects(session):
        for one in _found_in(session, conversation):
            if one.question.at <= settled and (one.question.conversation_id, one.question.seq) not in there:
                return True
    return False


def gather(database: Database, vector_of: VectorOf, mask: NameMask) -> int:
    """Add what the log holds since the last one gathered. Returns how many; a question that was gathered is never gathered again.

    It makes its own transactions: residents write while encoders and spaCy are at work, which takes many seconds.
    """
    with database.reading() as session:
        found = _ungathered(session, vector_of)
        known = [known_names(session, one.question.conversation_id) for one in found]
    texts = mask.masked([one.question.text for one in found], known) if found else []
    with database.writing() as session:
        return sum(_add(session, one, text) for one, text in zip(found, texts, strict=True))


def _ungathered(session: Session, vector_of: VectorOf) -> list[Found]:
    names = [library.name for library in all_libraries(session)]
    found: list[Found] = []
    for conversation in _conversations(session):
        found += _found_in(session, conversation, partial(_asked_again, language=conversation.language, vector_of=vector_of, libraries=names))
    there = _gathered(session)
    return [one for one in found if (one.question.conversation_id, one.question.seq) not in there]


def _add(session: Session, found: Found, text: str) -> int:
    """Add one, unless it was added, or its conversation erased, meanwhile."""
    question = found.question
    if conversations.hold(session, question.conversation_id) is None:
        return 0
    values = {"conversation_id": question.conversation_id, "seq": question.seq, "at": question.at, "text": text, "reason": found.reason}
    values |= {"taken_for": found.taken_for[:60], "state": NEW, "topic": ""}
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    once = insert(UnansweredRow).values(values).on_conflict_do_nothing().returning(UnansweredRow.id)
    return int(session.scalar(once) is not None)


def _gathered_to(session: Session) -> int:
    """Return the number from which on the log may hold something new."""
    is_it = (MessageRow.conversation_id == UnansweredRow.conversation_id) & (MessageRow.seq == UnansweredRow.seq)
    return (session.scalar(select(func.max(MessageRow.id)).join(UnansweredRow, is_it)) or 0) - _OVERLAP


def _gathered(session: Session) -> set[tuple[str, int]]:
    return {(conversation, seq) for conversation, seq in session.execute(select(UnansweredRow.conversation_id, UnansweredRow.seq))}


def _called_unhelpful(session: Session) -> set[str]:
    """Return the conversations with an answer that was said not to help since about the last question gathered."""
    last = session.scalar(select(func.max(UnansweredRow.at)))
    query = select(FeedbackRow.conversation_id).where(~FeedbackRow.helpful).distinct()
    return set(session.scalars(query if last is None else query.where(FeedbackRow.at > last - _LATE_FEEDBACK)))


def _suspects(session: Session) -> list[ConversationRow]:
    """Return the conversations that may hold a question that fell back or whose answer did not help."""
    label = MessageRow.details["label"].as_string()
    query = select(MessageRow.conversation_id).where(MessageRow.id > _gathered_to(session), MessageRow.author == "bot")
    failed = query.where(or_(label == "not_helpful", and_(MessageRow.kind == "fallback", label == OUT_OF_SCOPE)))
    return _opened(session, {*session.scalars(failed.distinct()), *_called_unhelpful(session)})


def _conversations(session: Session) -> list[ConversationRow]:
    spoken = session.scalars(select(MessageRow.conversation_id).where(MessageRow.id > _gathered_to(session)).distinct())
    return _opened(session, {*spoken, *_called_unhelpful(session)})


def _opened(session: Session, ids: Collection[str]) -> list[ConversationRow]:
    return [session.get_one(ConversationRow, one) for one in sorted(ids)]


def _found_in(
    session: Session, conversation: ConversationRow, asked_again: Callable[[Sequence[Turn]], Iterable[Found]] = lambda _: ()
) -> list[Found]:
    turns = list(_turns(events_after(session, conversation.id, 0, most=10_000)))
    unhelpful = set(session.scalars(select(FeedbackRow.seq).filter_by(conversation_id=conversation.id, helpful=False)))
    found: dict[int, Found] = {}
    for one in (*_that_fell_back(turns), *_that_did_not_help(turns, unhelpful), *asked_again(turns)):
        found.setdefault(one.question.seq, one)  # the plainest reason comes first
    return list(found.values())


def _turns(log: Sequence[MessageRow]) -> Iterator[Turn]:
    asks = False
    for message in log:
        if message.author == "bot":
            asks = bool(message.details.get("asks"))
        elif message.author == "resident":
            replies = tuple(reply for reply in log if reply.author == "bot" and reply.in_reply_to == message.seq)
            yield Turn(message, replies, asks)


def _that_fell_back(turns: Sequence[Turn]) -> Iterator[Found]:
    for turn in turns:
        if turn.is_a_question and any(reply.kind == "fallback" and reply.details.get("label") == OUT_OF_SCOPE for reply in turn.replies):
            yield Found(turn.message, FELL_BACK, "")


def _that_did_not_help(turns: Sequence[Turn], unhelpful: Collection[int]) -> Iterator[Found]:
    """Yield the questions whose answer was said not to help, by its buttons or in words. What was pressed on the way belongs to the question."""
    question, last = None, None
    for turn in turns:
        if turn.is_a_question:
            question = turn if turn.replies[-1].kind in _ANSWERS else None
        if turn.answers_a_task or question is None:
            question = None
            continue
        by_button = any(reply.seq in unhelpful for reply in turn.replies)
        if turn.is_a_complaint or by_button:
            taken_for = (turn if by_button else last or question).taken_for
            yield Found(question.message, DID_NOT_HELP, taken_for or question.taken_for)
        if not turn.is_a_complaint:
            last = turn


def _asked_again(turns: Sequence[Turn], *, language: str, vector_of: VectorOf, libraries: Sequence[str]) -> Iterator[Found]:
    """Yield the questions that were answered and then asked much the same; the same of another library is another question."""
    questions = [turn for turn in turns if turn.is_a_question]
    for first, second in pairwise(questions):
        texts = first.message.text, second.message.text
        if first.replies[-1].kind != "answer" or second.message.at - first.message.at > AGAIN_WITHIN:
            continue
        if names_in(texts[0], libraries) != names_in(texts[1], libraries):
            continue
        if likeness(vector_of(texts[0], language), vector_of(texts[1], language)) >= ALIKE:
            yield Found(first.message, ASKED_AGAIN, first.taken_for)


# Judging


def new_questions(session: Session, most: int) -> list[tuple[UnansweredRow, str]]:
    """Return the newest questions that nobody has judged, each with the language of its conversation."""
    query = select(UnansweredRow, ConversationRow.language).join(ConversationRow, ConversationRow.id == UnansweredRow.conversation_id)
    found = session.execute(query.where(UnansweredRow.state == NEW).order_by(UnansweredRow.id.desc()).limit(most))
    return [(row, language) for row, language in found]


def judged_questions(session: Session, most: int) -> list[UnansweredRow]:
    """Return those that staff have judged and that are not taught yet, the newest first."""
    query = select(UnansweredRow).where(UnansweredRow.state.in_(JUDGED)).order_by(UnansweredRow.id.desc())
    return list(session.scalars(query.limit(most)))


def judge(session: Session, ids: Collection[int], state: str, topic: str, staff: int) -> list[int]:
    """Give questions that nobody has judged a topic, or say that they need a new one or are not for us. Returns the numbers of those it was done to.

    Raises UnknownTopicError.
    """
    if state not in JUDGED or (state == TOPIC) != bool(topic) or (topic and topic not in topics()):
        raise UnknownTopicError(topic or state)
    return _change(session, f"staff:{staff}", "judged", ids, (NEW,), state, topic, staff)


def put_back(session: Session, ids: Collection[int], staff: int) -> list[int]:
    """Take judgements back that are not taught yet. Returns the numbers of the questions that are new again."""
    return _change(session, f"staff:{staff}", "judgement taken back", ids, JUDGED, NEW, "", None)


def _change(
    session: Session, who: str, what: str, ids: Collection[int], from_states: Collection[str], state: str, topic: str, staff: int | None
) -> list[int]:
    """Change each question that is still in one of the states, with its audit row."""
    rows = session.scalars(select(UnansweredRow).where(UnansweredRow.id.in_(ids), UnansweredRow.state.in_(from_states)).order_by(UnansweredRow.id))
    changed = []
    for row in rows.all():
        old = {"state": row.state, "topic": row.topic}
        new = {"state": state, "topic": topic}
        claim = update(UnansweredRow).where(UnansweredRow.id == row.id, UnansweredRow.state == row.state, UnansweredRow.topic == row.topic)
        done = session.execute(claim.values(**new, staff_id=staff), execution_options={"synchronize_session": False})
        if _rows(done):
            audit.note(session, who, what, row, old, new)
            changed.append(row.id)
    return changed


# Teaching


@dataclass(frozen=True)
class Accepted:
    """A question that staff would have the desk know, and the label it is to be known by."""

    id: int
    text: str
    label: str


def accepted(session: Session) -> list[Accepted]:
    """Return the questions that staff gave a topic, and those that are not for us but were answered as if they were; the oldest first."""
    rows = session.scalars(select(UnansweredRow).where(UnansweredRow.state.in_((TOPIC, NOT_FOR_US))).order_by(UnansweredRow.id))
    return [Accepted(row.id, row.text, row.topic or OUT_OF_SCOPE) for row in rows if row.topic or row.taken_for]


def mark_taught(session: Session, questions: Collection[Accepted]) -> int:
    """Note that the desk has learnt questions, where staff have not judged them anew meanwhile. Returns how many."""
    done = 0
    for question in questions:
        row = session.get(UnansweredRow, question.id)
        if row is not None and row.state in (TOPIC, NOT_FOR_US) and (row.topic or OUT_OF_SCOPE) == question.label:
            done += len(_change(session, audit.DESK, "taught", [row.id], (row.state,), TAUGHT, question.label, row.staff_id))
    return done


def _rows(result: Any) -> int:
    return int(result.rowcount)

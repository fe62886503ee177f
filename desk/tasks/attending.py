"""Tasks under way, kept in our own database: one a conversation, changed in the transaction that does what the turn decides.

A message that is heard twice (web asks again after a crash) gets the replies that it got the first time, and nothing is done twice.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from desk import conversations
from desk.clock import now
from desk.database import Database
from desk.front_desk import FrontDesk
from desk.replies import Reply
from desk.tables import ConversationRow, TaskStateRow
from desk.tasks import existing, hearing, turns
from desk.tasks.questions import question
from desk.tasks.task import LABELS, Heard, Task, Turn, from_json
from desk.tasks.world import World
from kb.wording import say, speaking

# A task that was left alone so long is not gone on with: half a form is not kept longer than it may be of use.
GIVEN_UP_AFTER = timedelta(hours=2)


def attend(database: Database, desk: FrontDesk, sender: str, heard_as: str, heard: Heard) -> list[Reply] | None:
    """Let the task that is under way hear a message, or begin one; None where the message is for neither.

    `sender` is the name under which Rasa knows the conversation, `heard_as` names the message in it ("7" is its number, "7.1" its second part).
    """
    if not _concerns_a_task(database, sender, heard):
        return None
    with database.writing() as session:
        conversation_id = session.scalar(select(ConversationRow.id).filter_by(rasa_sender=sender).with_for_update())
        if conversation_id is None:
            return None
        return _attend(session, desk, conversation_id, heard_as, heard)


def _concerns_a_task(database: Database, sender: str, heard: Heard) -> bool:
    if heard.intent in LABELS or heard.value or hearing.asks_to_book(heard.text):
        return True
    with database.reading() as session:
        query = select(TaskStateRow.conversation_id).join(ConversationRow, ConversationRow.id == TaskStateRow.conversation_id)
        return session.scalar(query.where(ConversationRow.rasa_sender == sender)) is not None


def _attend(session: Session, desk: FrontDesk, conversation_id: str, heard_as: str, heard: Heard) -> list[Reply] | None:
    row = session.get(TaskStateRow, conversation_id)
    if row is not None and heard_as and row.heard_as == heard_as:
        return [Reply.from_details(details) for details in row.replies]
    world = World(session, conversation_id, desk)
    task = _under_way(row, world)
    turn = (_answer_to_offer(task, heard, world) or turns.hear(task, heard, world)) if task else _begin(heard, heard_as, world)
    if turn is None:
        if row is not None and task is None:
            session.delete(row)
        return None
    _keep(session, row, conversation_id, heard_as, turn)
    return list(turn.replies)


def _under_way(row: TaskStateRow | None, world: World) -> Task | None:
    if row is None or row.state is None:
        return None
    if row.heard_at < now() - GIVEN_UP_AFTER:
        world.release_hold()
        return None
    return from_json(row.state)


def _answer_to_offer(task: Task, heard: Heard, world: World) -> Turn | None:
    """Take or decline a place that was offered in the middle of another task, and go on with that task."""
    kind, _, number = heard.value.partition(":")
    if kind not in ("accept", "decline"):
        return None
    answer = existing.accept_offer if kind == "accept" else existing.decline_offer
    answered = answer(Task(heard.label, 0), int(number), world)
    if task.waiting_id == int(number):
        return answered
    world.renew_hold()
    return Turn(task, (*answered.replies, question(task, world, say("tasks.back_to_it"))))


def _begin(heard: Heard, heard_as: str, world: World) -> Turn | None:
    kind, _, number = heard.value.partition(":")
    if kind == "accept" and heard.label == "book_session":
        return existing.accept_offer(Task(heard.label, 0), int(number), world)
    seq = int(heard_as.partition(".")[0] or 0)
    if heard.intent in LABELS:
        return turns.begin(replace(heard, label=heard.intent), seq, world)
    if hearing.asks_to_book(heard.text) and heard.label in {*LABELS, *world.desk.articles}:
        # "I want to book the scams class": the subject is so strong that the classifier takes it for a question about the subject.
        return turns.begin(replace(heard, label="book_session"), seq, world)
    return None


def _keep(session: Session, row: TaskStateRow | None, conversation_id: str, heard_as: str, turn: Turn) -> None:
    """Keep the task as it is now. Of one that has ended only the last replies are kept, until the next message."""
    row = row or TaskStateRow(conversation_id=conversation_id)
    row.state = turn.task.to_json() if turn.task else None
    row.heard_as, row.heard_at = heard_as, now()
    row.replies = [reply.details() for reply in turn.replies]
    session.add(row)


def is_under_way(session: Session, conversation_id: str) -> bool:
    """Whether a task waits for an answer in a conversation."""
    row = session.get(TaskStateRow, conversation_id)
    return row is not None and row.state is not None


def is_name_asked(session: Session, conversation_id: str) -> bool:
    """Whether the pending question asks for a name, a contact or a reference: the answer then says nothing of a language."""
    row = session.get(TaskStateRow, conversation_id)
    return row is not None and row.state is not None and row.state["asked"] in ("name", "contact_name", "contact", "proof", "reference")


def pending_question(session: Session, desk: FrontDesk, conversation_id: str) -> Reply | None:
    """Return the question that a task waits to be answered, to be asked once more after a person had the conversation; None where there is none.

    A message that was being taken for the staff needs none any more: they have answered.
    """
    row, world = session.get(TaskStateRow, conversation_id), World(session, conversation_id, desk)
    task = _under_way(row, world)
    if row is None or task is None:
        return None
    if task.label == "talk_to_staff":
        session.delete(row)
        return None
    row.heard_at = now()
    world.renew_hold()
    return question(task, world, say("tasks.back_to_it"))


def ask_on(session: Session, desk: FrontDesk, conversation_id: str) -> None:
    """Let the bot, which has a conversation back, ask once more what a task waits to know."""
    with speaking(session.get_one(ConversationRow, conversation_id).language):
        asked = pending_question(session, desk, conversation_id)
        if asked is not None:
            conversations.say_unasked(session, conversation_id, [asked])


def forget_given_up(session: Session) -> int:
    """Delete what is kept of tasks that were left alone. Returns how many there were. Their held places ran out long before."""
    given_up: Sequence[str] = session.scalars(select(TaskStateRow.conversation_id).where(TaskStateRow.heard_at < now() - GIVEN_UP_AFTER)).all()
    session.execute(delete(TaskStateRow).where(TaskStateRow.conversation_id.in_(given_up)))
    return len(given_up)

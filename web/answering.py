"""How a resident's message is answered, step by step."""

import asyncio
import logging
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from desk import conversations, handovers
from desk.asking_for_somebody import asks_for_a_person, asks_for_somebody
from desk.at_hand import front_desk
from desk.conversations import Accepted, Pressed, UnknownConversationError, Waiting
from desk.database import Database
from desk.privacy import PersonalData
from desk.replies import Reply
from desk.safety import Alarm
from desk.tables import ConversationRow, MessageRow
from desk.tasks.attending import attend, is_name_asked, is_under_way
from desk.tasks.reaching_staff import still_waiting
from desk.tasks.task import Heard
from desk.tasks.world import World
from kb.labels import load_labels
from kb.wording import DEFAULT, languages, speaking
from web.metrics import ANSWERS, FALLBACK_ANSWERS
from web.rasa import Assistant, AssistantUnavailableError, RasaStore, payload, plain_words
from web.screening import Screen
from web.search import ANSWER_ABOVE, Searcher
from web.streams import Streams

log = logging.getLogger(__name__)
T = TypeVar("T")

# Buttons for somebody in line: pressed, the bot has the conversation again before it hears of it.
LEAVING = ("leave_line", "leave_message")


@dataclass(frozen=True)
class Posted:
    """What came of a posted message: its number, who owns the conversation now, and what was said in reply."""

    accepted: int
    owner: str
    replies: list[MessageRow]


def _language_chosen(pressed: Pressed, language: str) -> str:
    return pressed.value if pressed.label == "change_language" and pressed.value in languages() else language


def _alarm_as_system(session: Session, message: MessageRow, alarm: Alarm) -> None:
    """The bot is silent now, but a safety reply waits for nobody; and staff are to see it first."""
    handovers.mark_urgent(session, message.conversation_id)
    conversations.answer_as_system(session, message, [front_desk().alarm(alarm)])


class Answering:
    """Takes messages in and answers them: each once, and those of one conversation in their order."""

    def __init__(self, database: Database, assistant: Assistant, screen: Screen, searcher: Searcher, streams: Streams, rasa_store: RasaStore) -> None:
        self._database, self._assistant, self._screen, self._searcher, self._streams = database, assistant, screen, searcher, streams
        self._rasa_store = rasa_store
        self._turns: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def post(self, conversation_id: str, client_id: str, text: str, pressed: Pressed | None = None, language: str = DEFAULT) -> Posted:
        """Store a message, then answer it and any before it that still waits; one that alarms is answered without waiting for others.

        `language` is that of the conversation so far; a message that is clearly in another changes it.
        """
        going_on_in = _language_chosen(pressed, language) if pressed else await run_in_threadpool(self._screen.language, text, language)
        if not pressed and going_on_in != language and await self._read(lambda: self._is_name_asked(conversation_id)):
            going_on_in = language  # a name has a language of its own
        alarm = None if pressed else await run_in_threadpool(self._screen.alarm, text, going_on_in)
        change = going_on_in if going_on_in != language else None
        with speaking(going_on_in):
            accepted = await self._write(lambda s: self._accept(s, conversation_id, client_id, text, pressed, alarm, change))
            self._streams.wake(conversation_id)
            if alarm and accepted.owner == "bot" and not accepted.repeated:
                await self._alarm(accepted.message, alarm)
            elif accepted.owner == "bot":
                await self._in_turn(conversation_id, accepted.message.seq)
        return await self._read(lambda: self._posted(accepted.message))

    @staticmethod
    def _accept(
        session: Session, conversation_id: str, client_id: str, text: str, pressed: Pressed | None, alarm: Alarm | None, language: str | None
    ) -> Accepted:
        """Store a message. While a person has the conversation, or is waited for, what the system has to say to it is stored with it."""
        if pressed and pressed.value in LEAVING:
            handovers.leave_line(session, conversation_id)
        accepted = conversations.accept(session, conversation_id, client_id, text, pressed=pressed, alarm=alarm, language=language)
        message = accepted.message
        if alarm and accepted.owner != "bot":
            _alarm_as_system(session, message, alarm)
        elif accepted.owner == "queue" and (message.details.get("choice") == "talk_to_staff" or asks_for_somebody(message.text)):
            conversations.answer_as_system(session, message, [still_waiting(World(session, conversation_id, front_desk()))])
        return accepted

    async def _alarm(self, message: MessageRow, alarm: Alarm) -> None:
        """Give the safety reply; if somebody took the conversation over at this very moment, as the system."""
        if not await self._store(message, [front_desk().alarm(alarm)]):
            await self._write(lambda s: _alarm_as_system(s, message, alarm))
            self._streams.wake(message.conversation_id)

    async def answer_waiting(self) -> None:
        """Answer what a stopped process had accepted and left waiting."""
        for waiting in await self._read(self._waiting):
            try:
                await self._in_turn(waiting.message.conversation_id, waiting.message.seq)
            except Exception:
                log.exception("a waiting message could not be answered; it stays waiting")

    async def _in_turn(self, conversation_id: str, up_to: int) -> None:
        turn = self._turns.get(conversation_id) or self._turns.setdefault(conversation_id, asyncio.Lock())
        async with turn:
            for waiting in await self._read(lambda: self._waiting(conversation_id, up_to)):
                with speaking(waiting.language):
                    replies = await self._replies_to(waiting)
                if not await self._store(waiting.message, replies):
                    await self._read(lambda waiting=waiting: self._forget_if_erased(waiting))  # type: ignore[misc]

    async def _replies_to(self, waiting: Waiting) -> Sequence[Reply]:
        """The steps of an answer: safety, personal data, the assistant, and without it the knowledge base."""
        message = waiting.message
        if "alarm" in message.details:
            return [front_desk().alarm(Alarm(message.details["alarm"]))]
        found = [PersonalData[name] for name in message.details.get("masked", ())]
        if found:
            return [front_desk().personal_data(found)]
        label, value = message.details.get("choice"), message.details.get("value", "")
        if label == "change_language" and value:
            return [front_desk().language_changed()]
        if label == "talk_to_staff":  # the way to a person asks nothing of Rasa
            return await run_in_threadpool(self._attend, waiting, Heard(label=label, intent=label, value=value)) or []
        words = payload(label, label in load_labels().articles, value) if label else plain_words(message.text)
        if not words:
            return [front_desk().fallback()]
        try:
            replies = await self._ask(waiting, words)
        except AssistantUnavailableError as error:
            FALLBACK_ANSWERS.labels(error.state).inc()
            return await run_in_threadpool(self._without_assistant, waiting, label, value, error.state)
        if all(reply.label != "repeat" for reply in replies):
            return replies
        # The log knows what was said last; Rasa has not seen the safety replies.
        return [front_desk().repeat(await self._read(lambda: self._last_said(message.conversation_id)))]

    async def _ask(self, waiting: Waiting, words: str) -> list[Reply]:
        """Ask the assistant; two questions in one message are asked, and answered, one after the other."""
        parts = await run_in_threadpool(self._separate, waiting, words)
        replies: list[Reply] = []
        for n, part in enumerate(parts):
            heard_as = f"{waiting.message.seq}.{n}" if n else str(waiting.message.seq)
            replies += await self._assistant.ask(waiting.rasa_sender, plain_words(part) if n or len(parts) > 1 else part, waiting.language, heard_as)
        return replies

    def _without_assistant(self, waiting: Waiting, label: str | None, value: str, state: str) -> Sequence[Reply]:
        """Let a task hear the message by the stand-in's understanding, if it concerns one; else answer from the knowledge base.

        Rasa may have been slow, not away: a task that it has let hear the message already gives the same replies again.
        """
        text = "" if label else waiting.message.text
        guess, chance = (label, 1.0) if label else self._searcher.guess(text, waiting.language)
        if not guess and asks_for_a_person(text):
            guess, chance = "talk_to_staff", 1.0
        heard = Heard(text=text, label=guess, confidence=chance, value=value, intent=guess if chance >= ANSWER_ABOVE else "")
        by_task = self._attend(waiting, heard)
        return by_task or [self._searcher.reply(waiting.message.text, label, state, waiting.language)]

    def _attend(self, waiting: Waiting, heard: Heard) -> list[Reply] | None:
        return attend(self._database, front_desk(), waiting.rasa_sender, str(waiting.message.seq), heard)

    def _is_name_asked(self, conversation_id: str) -> bool:
        with self._database.reading() as session:
            return is_name_asked(session, conversation_id)

    def _separate(self, waiting: Waiting, words: str) -> Sequence[str]:
        """Return the questions of a message apart. An answer to what a task asked stays whole."""
        parts = self._searcher.separate(words, waiting.language)
        if len(parts) > 1:
            with self._database.reading() as session:
                return [words] if is_under_way(session, waiting.message.conversation_id) else parts
        return parts

    def _forget_if_erased(self, waiting: Waiting) -> None:
        """Erase what Rasa stored after a resident had erased the conversation."""
        with self._database.reading() as session:
            if session.get(ConversationRow, waiting.message.conversation_id) is None:
                self._rasa_store.forget(waiting.rasa_sender)

    def _last_said(self, conversation_id: str) -> Reply | None:
        with self._database.reading() as session:
            said = conversations.last_said(session, conversation_id)
        return Reply.from_details(said.details) if said else None

    async def _store(self, message: MessageRow, replies: Sequence[Reply]) -> bool:
        stored = await self._write(lambda s: self._answer(s, message, replies))
        if stored:
            for reply in replies:
                ANSWERS.labels(reply.kind).inc()
        self._streams.wake(message.conversation_id)
        return stored

    @staticmethod
    def _answer(session: Session, message: MessageRow, replies: Sequence[Reply]) -> bool:
        """Store the replies. One that hands the conversation over does so in the same transaction."""
        twice = replies and replies[-1].kind == "fallback" and conversations.failed_before(session, message)
        stored = conversations.answer(session, message, [*replies[:-1], front_desk().person_offered(replies[-1])] if twice else replies)
        if stored and any(reply.kind == "handover" for reply in replies):
            handovers.hand_over(session, message.conversation_id, reason="failed" if twice else "asked")
        return stored

    def _posted(self, message: MessageRow) -> Posted:
        with self._database.reading() as session:
            conversation = session.get(ConversationRow, message.conversation_id)
            if conversation is None:
                raise UnknownConversationError
            return Posted(message.seq, conversation.owner, conversations.replies_to(session, message))

    def _waiting(self, conversation_id: str | None = None, up_to: int | None = None) -> list[Waiting]:
        with self._database.reading() as session:
            return conversations.waiting_messages(session, conversation_id, up_to)

    async def _write(self, work: Callable[..., T]) -> T:
        def transaction() -> T:
            with self._database.writing() as session:
                return work(session)

        return await run_in_threadpool(transaction)

    async def _read(self, work: Callable[[], T]) -> T:
        return await run_in_threadpool(work)

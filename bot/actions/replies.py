"""What the desk does when Rasa has understood: a task under way hears the message first, else each action makes one reply of the front desk."""

import asyncio
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.tracker import (
    alternatives,
    facet_of,
    heard_as,
    heard_in,
    label_of,
    language_of,
    last_reply,
    likely_labels,
    offers,
    question,
    topic_of,
)
from desk.at_hand import database, front_desk
from desk.replies import Reply
from desk.safety import Alarm
from desk.tasks.attending import attend
from desk.tasks.task import LABELS
from kb.wording import speaking

Domain = dict[str, Any]


def _say(dispatcher: CollectingDispatcher, *replies: Reply) -> None:
    for reply in replies:
        dispatcher.utter_message(json_message=reply.details())


class DeskAction(Action, ABC):
    """An action that speaks the language of the conversation, and gives way to the task that is under way in it."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[EventType]:
        with speaking(language_of(tracker)):
            # In a thread: a task may wait a moment for the database, and other conversations must not wait with it.
            heard = heard_in(tracker)
            by_task = await asyncio.to_thread(attend, database(), front_desk(), tracker.sender_id, heard_as(tracker), heard)
            if by_task is None:
                return self.answer(dispatcher, tracker)
            _say(dispatcher, *(front_desk().begun_in_english(by_task) if heard.intent in LABELS else by_task))
            return []

    @abstractmethod
    def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Say what is to be said, and return the slots that it sets."""


class AnswerFromArticle(DeskAction):
    """The topic's article, or the facet asked for of the one in hand; on libraries, what we know of the one in question."""

    def name(self) -> str:
        return "action_answer"

    def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        facet, in_hand = facet_of(tracker), tracker.get_slot("topic")
        if facet and in_hand:
            _say(dispatcher, front_desk().facet(in_hand, facet))
            return [SlotSet("unhelpful", 0)]
        if facet:
            _say(dispatcher, front_desk().not_certain(likely_labels(tracker)[:3], "out_of_scope"))
            return []
        topic = topic_of(tracker)
        _say(dispatcher, front_desk().answer(topic, question(tracker), tracker.get_slot("library"), alternatives(tracker)))
        return [SlotSet("topic", topic), SlotSet("runners_up", likely_labels(tracker)[1:4]), SlotSet("unhelpful", 0)]


class SayItIsNotCertain(DeskAction):
    """The likeliest topics as buttons, else the honest fallback."""

    def name(self) -> str:
        return "action_fallback"

    def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        _say(dispatcher, front_desk().not_certain(offers(tracker), label_of(tracker)))
        return []


class SmallTalk(DeskAction):
    """A short, warm reply to a greeting, thanks and the like."""

    def name(self) -> str:
        return "action_small_talk"

    def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        _say(dispatcher, front_desk().small_talk(label_of(tracker)))
        return []


class OtherAnswers(DeskAction):
    """Other topics when an answer did not help; a person the second time."""

    def name(self) -> str:
        return "action_other_answers"

    def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        times = int(tracker.get_slot("unhelpful") or 0) + 1
        _say(dispatcher, front_desk().other_answers(tracker.get_slot("topic"), tracker.get_slot("runners_up") or [], times))
        return [SlotSet("unhelpful", times)]


class Repeat(DeskAction):
    """The last reply once more."""

    def name(self) -> str:
        return "action_repeat"

    def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        _say(dispatcher, front_desk().repeat(last_reply(tracker)))
        return []


class Safety(DeskAction):
    """The fixed safety wording, for a message that the screen before Rasa let through."""

    def name(self) -> str:
        return "action_safety"

    def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        label = label_of(tracker)
        _say(dispatcher, front_desk().personal_data() if label == "personal_data" else front_desk().alarm(Alarm(label)))
        return []


class NotBuilt(DeskAction):
    """The truth about an action that the desk cannot do yet."""

    def name(self) -> str:
        return "action_not_built"

    def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        _say(dispatcher, front_desk().not_built(label_of(tracker)))
        return []


class Task(DeskAction):
    """Finding, booking, looking up, changing or cancelling a session. Everything is decided in desk.tasks, before this is reached."""

    def name(self) -> str:
        return "action_task"

    def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """A conversation that our database does not know (rasa shell) can hold no task."""
        _say(dispatcher, front_desk().not_built(label_of(tracker)))
        return []

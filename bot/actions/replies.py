"""What the desk does when Rasa has understood: each action makes one reply of the front desk."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.tracker import facet_of, label_of, last_reply, likely_labels, offers, question, topic_of
from desk.at_hand import front_desk
from desk.replies import Reply
from desk.safety import Alarm

Domain = dict[str, Any]


def _say(dispatcher: CollectingDispatcher, *replies: Reply) -> None:
    for reply in replies:
        dispatcher.utter_message(json_message=reply.details())


class AnswerFromArticle(Action):
    """The topic's article, or the facet asked for of the one in hand; on libraries, what we know of the one in question."""

    def name(self) -> str:
        return "action_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[EventType]:
        facet, in_hand = facet_of(tracker), tracker.get_slot("topic")
        if facet and in_hand:
            _say(dispatcher, front_desk().facet(in_hand, facet))
            return [SlotSet("unhelpful", 0)]
        if facet:
            _say(dispatcher, front_desk().not_certain(likely_labels(tracker)[:3], "out_of_scope"))
            return []
        topic = topic_of(tracker)
        _say(dispatcher, front_desk().answer(topic, question(tracker), tracker.get_slot("library")))
        return [SlotSet("topic", topic), SlotSet("runners_up", likely_labels(tracker)[1:4]), SlotSet("unhelpful", 0)]


class SayItIsNotCertain(Action):
    """The likeliest topics as buttons, else the honest fallback."""

    def name(self) -> str:
        return "action_fallback"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[EventType]:
        _say(dispatcher, front_desk().not_certain(offers(tracker), label_of(tracker)))
        return []


class SmallTalk(Action):
    """A short, warm reply to a greeting, thanks and the like."""

    def name(self) -> str:
        return "action_small_talk"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[EventType]:
        _say(dispatcher, front_desk().small_talk(label_of(tracker)))
        return []


class OtherAnswers(Action):
    """Other topics when an answer did not help; a person the second time."""

    def name(self) -> str:
        return "action_other_answers"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[EventType]:
        times = int(tracker.get_slot("unhelpful") or 0) + 1
        _say(dispatcher, front_desk().other_answers(tracker.get_slot("topic"), tracker.get_slot("runners_up") or [], times))
        return [SlotSet("unhelpful", times)]


class Repeat(Action):
    """The last reply once more."""

    def name(self) -> str:
        return "action_repeat"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[EventType]:
        _say(dispatcher, front_desk().repeat(last_reply(tracker)))
        return []


class Safety(Action):
    """The fixed safety wording, for a message that the screen before Rasa let through."""

    def name(self) -> str:
        return "action_safety"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[EventType]:
        label = label_of(tracker)
        _say(dispatcher, front_desk().personal_data() if label == "personal_data" else front_desk().alarm(Alarm(label)))
        return []


class NotBuilt(Action):
    """The truth about an action that the desk cannot do yet."""

    def name(self) -> str:
        return "action_not_built"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[EventType]:
        _say(dispatcher, front_desk().not_built(label_of(tracker)))
        return []

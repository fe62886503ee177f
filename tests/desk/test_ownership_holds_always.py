"""Whatever residents, staff and the bot do, in whatever order: the bot never speaks while a person has the conversation, and nothing is lost."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from desk import conversations, handovers
from desk.database import Database
from desk.handovers import StaleReplyError, TakenError
from desk.replies import Reply
from desk.staff_tables import StaffRow
from desk.tables import ConversationRow, MessageRow
from desk.transactions import in_a_transaction
from tests.desk.staff_room import ANSWER, IN_LINE, a_chat, bot_answers, log_of, says, somebody_of_the_staff, whose_turn_it_was

T = TypeVar("T")
REFUSALS = (TakenError, StaleReplyError)
which_staff = st.integers(0, 1)


def is_in_order(log: list[MessageRow]) -> None:
    """No number is missing or doubled, no message answered twice, and the bot spoke only while it had the conversation."""
    assert [message.seq for message in log] == list(range(1, len(log) + 1))
    assert all(author != "bot" or owner == "bot" for owner, author in whose_turn_it_was(log))
    answered = [message.in_reply_to for message in log if message.author == "bot"]
    assert len(answered) == len(set(answered))


class Desk(RuleBasedStateMachine):
    """One resident, the bot, and two of the staff."""

    def __init__(self, database: Database, at: Callable[[str], object]) -> None:
        super().__init__()
        at("2026-11-25T10:00")
        self.database = database
        self.asked: list[MessageRow] = []
        self.said: list[str] = []
        self.replied: list[str] = []

    @initialize()
    def set_up(self) -> None:
        self.chat = a_chat(self.database)
        self.staff = [somebody_of_the_staff(self.database, f"{name} {self.chat[:6]}") for name in ("Priya", "Tom")]

    def _try(self, verb: Callable[..., object], *arguments: object) -> object:
        try:
            with self.database.writing() as session:
                return verb(session, self.chat, *arguments)
        except REFUSALS:
            return None

    @rule()
    def resident_writes(self) -> None:
        text = f"message {len(self.said)}"
        self.asked.append(says(self.database, self.chat, text, text))
        self.said.append(text)

    @rule()
    def resident_writes_the_same_again(self) -> None:
        if self.said:
            says(self.database, self.chat, self.said[-1], self.said[-1])

    @rule(pick=st.integers(0, 5))
    def bot_answers(self, pick: int) -> None:
        if self.asked:
            bot_answers(self.database, self.asked[pick % len(self.asked)], ANSWER)

    @rule()
    def bot_hands_over(self) -> None:
        if self.asked:
            bot_answers(self.database, self.asked[-1], IN_LINE)

    @rule()
    def leaves_the_line(self) -> None:
        if self._try(handovers.leave_line):
            # The log says nothing of it by itself: in the running desk the bot's next reply does.
            with self.database.writing() as session:
                conversations.append_notice(session, self.chat, "The line has ended.")

    @rule(pick=which_staff)
    def claims(self, pick: int) -> None:
        self._try(handovers.claim, self.staff[pick])

    @rule(pick=which_staff)
    def releases(self, pick: int) -> None:
        self._try(handovers.release, self.staff[pick])

    @rule(pick=which_staff)
    def transfers(self, pick: int) -> None:
        self._try(handovers.transfer, self.staff[pick], self.staff[1 - pick].id)

    @rule(pick=which_staff)
    def hands_back(self, pick: int) -> None:
        self._try(handovers.hand_back, self.staff[pick])

    @rule(pick=which_staff)
    def closes(self, pick: int) -> None:
        self._try(handovers.resolve, self.staff[pick], "answered")

    @rule(pick=which_staff, behind=st.integers(0, 3))
    def replies(self, pick: int, behind: int) -> None:
        with self.database.reading() as session:
            last = session.get_one(ConversationRow, self.chat).last_seq
        text = f"reply {len(self.replied)}"
        if self._try(handovers.reply, self.staff[pick], text, text, last - behind):
            self.replied.append(text)

    @invariant()
    def all_is_well(self) -> None:
        with self.database.reading() as session:
            log, conversation = log_of(session, self.chat), session.get_one(ConversationRow, self.chat)
            handover = handovers.open_handover(session, self.chat)
        is_in_order(log)
        assert [message.text for message in log if message.author == "resident"] == self.said
        assert [message.text for message in log if message.author == "staff"] == self.replied
        if conversation.owner != "bot":
            assert handover is not None
            assert conversation.owner == ("queue" if handover.state == "waiting" else f"staff:{handover.staff_id}")


def test_ownership_holds_whatever_is_done(database: Database, at: Callable[[str], object]) -> None:
    run_state_machine_as_test(
        lambda: Desk(database, at),
        settings=settings(max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)),
    )


@dataclass
class Crowd:
    """Residents and staff who act at once, each by chances of their own. It remembers what was said and what was not refused."""

    database: Database
    seed: int
    chats: list[str]
    said: dict[str, list[str]]
    replied: dict[str, list[str]]
    errors: list[BaseException] = field(default_factory=list)

    def resident(self, chat: str) -> None:
        chance = random.Random(f"{self.seed} {chat}")
        for number in range(12):
            text = f"message {number}"
            message = self._do(partial(conversations.accept, conversation_id=chat, client_id=text, text=text)).message
            self.said[chat].append(text)
            self._do(partial(_bot_replies, message=message, reply=IN_LINE if chance.random() < 0.3 else ANSWER))

    def worker(self, person: StaffRow) -> None:
        chance = random.Random(f"{self.seed} {person.name}")
        for step in range(40):
            chat, verb = chance.choice(self.chats), chance.choice(("claim", "release", "hand_back", "reply", "reply"))
            with suppress(*REFUSALS):
                if verb == "reply":
                    self._reply(chat, person, f"reply {person.id} {step}")
                else:
                    self._do(partial(getattr(handovers, verb), conversation_id=chat, staff=person))

    def _reply(self, chat: str, person: StaffRow, text: str) -> None:
        self._do(partial(handovers.reply, conversation_id=chat, staff=person, client_id=text, text=text, last_seen_seq=10_000))
        self.replied[chat].append(text)

    def _do(self, verb: Callable[[Session], T]) -> T:
        return in_a_transaction(self.database, verb, tries=20)

    def act(self, staff: list[StaffRow]) -> None:
        threads = [self._thread(self.resident, chat) for chat in self.chats] + [self._thread(self.worker, person) for person in staff]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _thread(self, work: Callable[..., None], argument: object) -> threading.Thread:
        def run() -> None:
            try:
                work(argument)
            except BaseException as error:
                self.errors.append(error)

        return threading.Thread(target=run)


def _bot_replies(session: Session, message: MessageRow, reply: Reply) -> None:
    if conversations.answer(session, message, [reply]) and reply is IN_LINE:
        handovers.hand_over(session, message.conversation_id, reason="asked")


@pytest.mark.parametrize("seed", range(2))
def test_ownership_holds_when_everybody_acts_at_once(database: Database, at: Callable[[str], object], seed: int) -> None:
    at("2026-11-25T10:00")
    chats = [a_chat(database) for _ in range(4)]
    crowd = Crowd(database, seed, chats, {chat: [] for chat in chats}, {chat: [] for chat in chats})
    crowd.act([somebody_of_the_staff(database, name) for name in ("Priya Shah", "Tom Reed", "Ada Obi")])
    assert crowd.errors == []
    for chat in chats:
        with database.reading() as session:
            log = log_of(session, chat)
        is_in_order(log)
        assert [message.text for message in log if message.author == "resident"] == crowd.said[chat]
        assert sorted(message.text for message in log if message.author == "staff") == sorted(crowd.replied[chat])

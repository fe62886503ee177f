"""Whatever is said, in whatever order: no turn fails, every turn can be gone on from, and places always add up."""

import random

import pytest
from sqlalchemy import func, select

from desk.database import Database
from desk.front_desk import FrontDesk
from desk.tables import BookingRow, SessionRow, WaitingRow
from desk.tasks.questions import ASKS
from desk.tasks.task import Heard
from tests.desk.tasks.chat import Chat, fill

SAID = [
    ("I want to book a session", "book_session"),
    ("help with email at North Kensington on 2 December", "book_session"),
    ("printer help at Pimlico next Wednesday, it's May Friday, 07700 900123", "book_session"),
    ("coding club for my son Leo, he is 9", "book_session"),
    ("what is on this weekend", "find_session"),
    ("check my booking", "check_booking"),
    ("change my booking to 16 December", "change_booking"),
    ("cancel my booking", "cancel_booking"),
    ("talk to a person", "talk_to_staff"),
    ("I'd like to refer someone", "refer_someone"),
    ("my neighbour is housebound, can someone bring her books", "refer_someone"),
    ("I want to volunteer on Saturdays", "register_volunteer"),
    ("a tablet", "device-bank"),
    ("ring me", "inform"),
    ("she has agreed", "affirm"),
    ("Tea and Tech and the coding club", "tea-and-tech"),
    ("yes", "affirm"),
    ("no", "deny"),
    ("no, Thursday", "inform"),
    ("at Chelsea instead", "inform"),
    ("1", "inform"),
    ("the second one", "inform"),
    ("later", "inform"),
    ("none of these", "not_helpful"),
    ("nearer me", "inform"),
    ("SW1V", "inform"),
    ("any library", "inform"),
    ("any", "inform"),
    ("it's for my mum", "inform"),
    ("Fatima Al-Rashid", "out_of_scope"),
    ("07700 900124", "inform"),
    ("07700 90012", "inform"),
    ("jo@gmial.com", "email-account"),
    ("neither", "inform"),
    ("it's spelt Siobhán", "inform"),
    ("my name is {x} %s \\", "inform"),
    ("I use a wheelchair", "accessible-computers"),
    ("is there parking?", "getting-to-the-library"),
    ("how much is it?", "fines"),
    ("what do you do with my number?", "privacy"),
    ("is Pimlico open on Saturday?", "find-a-library"),
    ("31 November", "inform"),
    ("yesterday", "inform"),
    ("7K4M-XC9R", "inform"),
    ("I lost it", "inform"),
    ("thanks", "thanks"),
    ("what?", "repeat"),
    ("stop", "stop"),
    ("🙂", "out_of_scope"),
    ("a group of 12", "inform"),
    ("I'm 12", "inform"),
]


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_anything(desk_database: Database, front_desk: FrontDesk, seed: int):
    chance = random.Random(seed)
    fill(desk_database, "t-12")
    chats = [Chat(desk_database, front_desk) for _ in range(2)]
    for _ in range(60):
        chat = chance.choice(chats)
        _say_or_press(chat, chance)
        _can_be_gone_on_from(chat)
    _places_add_up(desk_database)


def _say_or_press(chat: Chat, chance: random.Random) -> None:
    choices = chat.replies[-1].choices if chat.replies else ()
    if choices and chance.random() < 0.5:
        choice = chance.choice(choices)
        chat.hear(Heard("", choice.label, 1.0, choice.value, intent=choice.label))
    else:
        text, label = chance.choice(SAID)
        chat.hear(Heard(text, label, 0.95, intent=label))


def _can_be_gone_on_from(chat: Chat) -> None:
    for reply in chat.replies or []:
        assert reply.lead.strip()
        assert "{" not in reply.lead.replace("{{", "").replace("{x}", "")
        assert len(reply.choices) <= 6
        assert all(choice.title in reply.text and choice.label for choice in reply.choices)
    if chat.replies and chat.state is not None:
        assert chat.reply.asks, chat.reply
        assert set(chat.reply.asks) <= {slot for slots in ASKS.values() for slot in slots} | {"consent", "message"}


def _places_add_up(database: Database) -> None:
    with database.reading() as session:
        for row in session.scalars(select(SessionRow)):
            booked = session.scalar(
                select(func.count())
                .select_from(BookingRow)
                .filter_by(session_id=row.course or row.id)
                .where(BookingRow.state.in_(("held", "booked")))
            )
            offered = session.scalar(select(func.count()).select_from(WaitingRow).filter_by(session_id=row.course or row.id, state="offered"))
            assert row.taken == (booked or 0) + (offered or 0)

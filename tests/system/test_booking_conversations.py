"""Booking in conversation, through web, real Rasa and real actions. The clock stands on Wednesday 25 November 2026; the timetable is small and fixed.

Every conversation ends with what is in the database: words alone book nothing.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest

from desk.database import Database
from desk.session_files import import_sessions
from desk.settings import ROOT
from tests.running_desk import Conversation, RunningDesk
from tests.system.sentences import PHONE
from tests.system.stored import rows
from tests.system.test_stream import following, next_event

pytestmark = pytest.mark.system

TIMETABLE = ROOT / "tests" / "desk" / "tasks" / "timetable.csv"
PRINTER = "can somebody at Pimlico sort my printer out next Wednesday afternoon, it's May Friday, 07700 900123"
EMAIL_ON_THE_2ND = "I want to book help with email at North Kensington on 2 December, it's Jo Smith, 07700 900555"


@pytest.fixture(scope="module")
def booking_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A running desk whose only sessions are those of the timetable."""
    folder = tmp_path_factory.mktemp("booking-desk")
    service = folder / "service.yml"
    service.write_text((ROOT / "service.yml").read_text("utf-8").replace("sample: true", "sample: false"), "utf-8")
    with RunningDesk(folder, {"DESK_SERVICE_FILE": str(service)}) as desk:
        desk.wait_until_ready()
        with Database(desk.database_url).writing() as session:
            report = import_sessions(session, TIMETABLE)
            assert not report.bad, report.bad
        yield desk


@dataclass
class Resident:
    """Somebody in a chat. `reply` is the last message of the desk, `replies` all of its last turn."""

    chat: Conversation
    database: Path
    replies: list[dict[str, Any]] = field(default_factory=list)

    @property
    def reply(self) -> dict[str, Any]:
        return self.replies[-1]

    def _sends(self, **what: str) -> dict[str, Any]:
        response = self.chat.post(**what)
        assert response.status_code == 200, response.text
        self.replies = response.json()["messages"]
        assert self.replies, what
        return self.reply

    def says(self, *texts: str) -> dict[str, Any]:
        for text in texts:
            self._sends(text=text)
        return self.reply

    def presses(self, words: str) -> dict[str, Any]:
        [choice] = [choice for choice in self.reply["choices"] if words.casefold() in choice["title"].casefold()]
        return self._sends(choice=choice["id"])

    # What is stored

    def bookings(self, state: str = "booked") -> list[dict[str, Any]]:
        columns = ("attendee_name", "phone", "email", "contact_name", "relation", "age", "needs", "reference", "session_id", "consent_at")
        query = f"SELECT {', '.join(columns)} FROM bookings WHERE conversation_id = ? AND state = ? ORDER BY id"
        return [dict(zip(columns, row, strict=True)) for row in rows(self.database, query, self.chat.id, state)]

    @property
    def booking(self) -> dict[str, Any]:
        [booking] = self.bookings()
        return booking

    @property
    def session_booked(self) -> str:
        """The uid of the session of the one booking."""
        [(uid,)] = rows(self.database, "SELECT uid FROM sessions WHERE id = ?", self.booking["session_id"])
        return str(uid)

    def waiting(self) -> list[tuple[str, str]]:
        return rows(self.database, "SELECT attendee_name, state FROM waiting WHERE conversation_id = ?", self.chat.id)

    def has_a_task(self) -> bool:
        return bool(rows(self.database, "SELECT 1 FROM task_states WHERE conversation_id = ? AND state IS NOT NULL", self.chat.id))

    def keeps_nothing(self) -> bool:
        return not self.has_a_task() and not self.bookings("held") and not self.bookings() and not self.waiting()


def taken(desk: RunningDesk, uid: str) -> int:
    [(count,)] = rows(desk.folder / "desk.db", "SELECT taken FROM sessions WHERE uid = ?", uid)
    return int(count)


def fill(desk: RunningDesk, uid: str) -> None:
    """Others have every place of a session."""
    _write(desk, "UPDATE sessions SET taken = capacity WHERE uid = ?", uid)


def _write(desk: RunningDesk, *statement: str) -> None:
    with closing(connect(desk.folder / "desk.db", timeout=30)) as connection, connection:
        connection.execute(statement[0], statement[1:])


@pytest.fixture
def desk(booking_desk: RunningDesk) -> RunningDesk:
    """The desk with nobody booked."""
    for table in ("notices", "waiting", "bookings", "audit", "wrong_look_ups", "task_states"):
        _write(booking_desk, f"DELETE FROM {table}")
    _write(booking_desk, "UPDATE sessions SET taken = 0")
    return booking_desk


@pytest.fixture
def jo(desk: RunningDesk) -> Resident:
    return Resident(desk.converse(), desk.folder / "desk.db")


@pytest.fixture
def ann(desk: RunningDesk) -> Resident:
    return Resident(desk.converse(), desk.folder / "desk.db")


# From the first words to the booking: what is said in turn, and what is booked.
BOOKED: list[tuple[list[str], str, dict[str, Any]]] = [
    ([PRINTER, "the second one", "yes please"], "t-2", {"attendee_name": "May Friday", "phone": "+447700900123"}),
    ([PRINTER, "2pm", "yes"], "t-1", {"attendee_name": "May Friday"}),
    ([PRINTER, "the last one", "that's right"], "t-3", {"attendee_name": "May Friday"}),
    (
        ["I want to book a session", "help with my email", "North Kensington", "1", "Fatima Al-Rashid", "07700 900124", "no", "yes"],
        "t-12",
        {"attendee_name": "Fatima Al-Rashid", "phone": "+447700900124", "needs": ""},
    ),
    (
        ["can i book help with my phone at pimlico", "the second one", "Siobhán O'Neill", "siobhan@example.org", "nothing thank you", "yes"],
        "t-11",
        {"attendee_name": "Siobhán O'Neill", "email": "siobhan@example.org"},
    ),
    (["book me help with my phone at Pimlico please", "1", "李小龙", "07700900125", "no", "yes"], "t-10", {"attendee_name": "李小龙"}),
    (["book me help with my phone at Pimlico please", "1", "فاطمة الزهراء", "07700900126", "no", "yes"], "t-10", {"attendee_name": "فاطمة الزهراء"}),
    (["book me help with my phone at Pimlico please", "1", "May", "07700900127", "no", "yes"], "t-10", {"attendee_name": "May"}),
    (["book me help with my phone at Pimlico please", "1", "Monday Okafor", "07700900128", "no", "yes"], "t-10", {"attendee_name": "Monday Okafor"}),
    (["book me help with my phone at Pimlico please", "1", "<b>Bob</b>", "07700900129", "no", "yes"], "t-10", {"attendee_name": "<b>Bob</b>"}),
    (["book me help with my phone at Pimlico please", "1", "Grace Will", "07700900130", "no", "yes"], "t-10", {"attendee_name": "Grace Will"}),
    (
        ["book me help with my phone at Pimlico please", "1", "it's June March, 07700 900131", "no", "yes"],
        "t-10",
        {"attendee_name": "June March", "phone": "+447700900131"},
    ),
    (
        ["book me help with my phone at Pimlico please", "1", "Ade", "neither", "no", "yes"],
        "t-10",
        {"attendee_name": "Ade", "phone": "", "email": ""},
    ),
    (["book me help with my phone at Pimlico please", "1", "Ade", "I don't have a phone", "no", "yes"], "t-10", {"phone": ""}),
    (
        ["book me help with my phone at Pimlico please", "1", "Jo", "07700 90012", "07700 900132", "no", "yes"],
        "t-10",
        {"phone": "+447700900132"},
    ),
    (["book me help with my phone at Pimlico please", "1", "Jo", "jo@gmial.com", "yes", "no", "yes"], "t-10", {"email": "jo@gmail.com"}),
    (
        ["book me help with my phone at Pimlico please", "1", "Jo", "07700 900133", "I use a wheelchair", "yes"],
        "t-10",
        {"needs": "I use a wheelchair"},
    ),
    (
        ["book help with her smartphone at Pimlico for my mum", "1", "Rose Bell", "Dan Hill", "07700 900134", "no", "yes"],
        "t-10",
        {"attendee_name": "Rose Bell", "contact_name": "Dan Hill", "relation": "mum"},
    ),
    (
        ["book me help with my phone at Pimlico please", "1", "it's for my neighbour", "Mr Ali", "Dan Hill", "07700 900135", "no", "yes"],
        "t-10",
        {"attendee_name": "Mr Ali", "contact_name": "Dan Hill", "relation": "neighbour"},
    ),
    (
        ["I want to book coding club for my son Leo, he is 9", "any library", "1", "Ann Bell", "07700 900136", "no", "yes"],
        "t-15",
        {"attendee_name": "Leo", "age": 9, "contact_name": "Ann Bell", "relation": "son"},
    ),
    (
        ["I want to book the essential digital skills course at Chelsea", "yes", "Jo Smith", "07700 900137", "no", "yes"],
        "t-17",
        {"attendee_name": "Jo Smith"},
    ),
    (["when is the next computer session", "the one at Chelsea", "Jo", "07700 900138", "no", "yes"], "t-6", {"attendee_name": "Jo"}),
    (["when is the next computer session", "the Monday one", "Jo", "07700 900139", "no", "yes"], "t-8", {"attendee_name": "Jo"}),
    # put right at the read-back
    (
        ["I want to book printer help at Pimlico next Wednesday, it's Siobhan Murphy, 07700 900140", "1", "no, it's spelt Siobhán", "yes"],
        "t-1",
        {"attendee_name": "Siobhán Murphy"},
    ),
    ([PRINTER, "1", "no, my name is Mae Friday", "yes"], "t-1", {"attendee_name": "Mae Friday", "phone": "+447700900123"}),
    ([PRINTER, "1", "use my email instead: may@example.org", "yes"], "t-1", {"phone": "", "email": "may@example.org"}),
    ([PRINTER, "1", "no, Saturday 5 December", "1", "yes"], "t-4", {"attendee_name": "May Friday", "phone": "+447700900123"}),
    ([PRINTER, "1", "at Chelsea instead", "1", "yes"], "t-6", {"attendee_name": "May Friday"}),
    ([PRINTER, "1", "I am hard of hearing", "yes"], "t-1", {"needs": "I am hard of hearing"}),
    # with a question in the middle
    (
        ["book me help with my phone at Pimlico please", "1", "Jo", "is there parking?", "07700 900141", "no", "yes"],
        "t-10",
        {"phone": "+447700900141"},
    ),
    (["book me help with my phone at Pimlico please", "what does it cost?", "1", "Jo", "07700 900142", "no", "yes"], "t-10", {"attendee_name": "Jo"}),
    (
        ["book me help with my phone at Pimlico please", "1", "Jo", "what do you do with my number?", "07700 900143", "no", "yes"],
        "t-10",
        {"attendee_name": "Jo"},
    ),
    # a day that is none, then one
    (
        ["I want to book printer help at Pimlico on 31 November", "the 2nd of December", "1", "Jo", "07700 900144", "no", "yes"],
        "t-1",
        {"attendee_name": "Jo"},
    ),
    (["I want to book printer help at Pimlico on Saturday", "yes", "Jo", "07700 900145", "no", "yes"], "t-4", {"attendee_name": "Jo"}),
]


@pytest.mark.parametrize(("turns", "uid", "expected"), BOOKED, ids=[f"{n} {' / '.join(turns)[:60]}" for n, (turns, _, _) in enumerate(BOOKED, 1)])
def test_what_is_said_is_booked(jo: Resident, desk: RunningDesk, turns: list[str], uid: str, expected: dict[str, Any]):
    reply = jo.says(*turns)
    assert reply["kind"] == "booked"
    booking = jo.booking
    assert {key: booking[key] for key in expected} == expected
    assert jo.session_booked.startswith(uid)
    assert reply["reference"].replace("-", "") == booking["reference"]
    assert reply["reference"] in reply["text"]
    assert taken(desk, jo.session_booked) == 1
    assert not jo.has_a_task()
    assert [row[0] for row in rows(jo.database, "SELECT what FROM audit ORDER BY id")][-1] == "book"


# What a screen gets


def test_offers_questions_and_bookings_have_the_shape_of_the_contract(jo: Resident):
    offer = jo.says(PRINTER)
    assert (offer["kind"], offer["label"], offer["asks"]) == ("sessions", "book_session", ["session_choice"])
    assert len(offer["sessions"]) == 3
    for session, choice in zip(offer["sessions"], offer["choices"], strict=False):
        assert session["choice"] == choice["id"]
        assert choice["label"] == "inform"
        assert choice["title"] in offer["text"]
    assert "value" not in str(offer["choices"])
    read_back = jo.presses("2:45pm")
    assert (read_back["kind"], read_back["asks"][0]) == ("question", "confirm")
    assert "<p>" in read_back["html"]
    assert jo.presses("Yes, book it")["kind"] == "booked"
    assert jo.booking["attendee_name"] == "May Friday"


def test_markup_in_a_name_is_shown_as_text(jo: Resident):
    read_back = jo.says("book me help with my phone at Pimlico please", "1", "<b>Bob</b>", "07700 900123", "no")
    assert "&lt;b&gt;Bob" in read_back["html"]
    assert not jo.bookings()


def test_a_question_in_the_middle_is_answered_and_the_pending_one_asked_again_in_the_same_turn(jo: Resident):
    jo.says("book me help with my phone at Pimlico please", "1", "Jo")
    jo.says("is there parking?")
    assert [message["kind"] for message in jo.replies] == ["answer", "question"]
    assert jo.reply["asks"] == ["contact"]
    assert not jo.bookings()
    assert len(jo.bookings("held")) == 1


# Offers


def test_none_of_these_shows_others(jo: Resident):
    first = {each["id"] for each in jo.says("when is the next computer session")["sessions"]}
    assert not first & {each["id"] for each in jo.presses("None of these")["sessions"]}
    assert not jo.bookings("held")


def test_later_shows_later_ones(jo: Resident):
    last = max(each["starts_at"] for each in jo.says("when is the next computer session")["sessions"])
    assert all(each["starts_at"] > last for each in jo.says("later")["sessions"])
    assert not jo.bookings("held")


def test_nearer_me_by_postcode(jo: Resident):
    jo.says("when is the next computer session", "is there one nearer me")
    assert {each["library"] for each in jo.says("SW1V 3EY")["sessions"]} == {"Pimlico Library"}
    assert not jo.bookings("held")


def test_nothing_that_fits_gives_the_nearest(jo: Resident):
    reply = jo.says("I want to book help with my phone at Pimlico on Friday 4 December")
    assert "nothing at that time" in reply["text"]
    assert reply["sessions"]
    assert not jo.bookings("held")


def test_a_drop_in_is_not_booked(jo: Resident):
    assert "do not need to book" in jo.says("I want to book tea and tech at Pimlico", "1")["text"]
    assert jo.keeps_nothing()


def test_a_group_goes_to_staff(jo: Resident):
    reply = jo.says("I want to book a session for a group of 12 from the day centre")
    assert PHONE in reply["text"]
    assert jo.keeps_nothing()


# Nobody gets a place twice


def test_the_last_place_that_went_meanwhile_is_not_given(jo: Resident, desk: RunningDesk):
    jo.says(EMAIL_ON_THE_2ND)
    fill(desk, "t-12")
    assert "full" in jo.says("1")["text"]
    assert not jo.bookings()


def test_two_residents_want_the_last_place(jo: Resident, ann: Resident, desk: RunningDesk):
    jo.says(EMAIL_ON_THE_2ND, "1")
    ann.says("I want to book help with email at North Kensington on 2 December, it's Ann Lee, 07700 900556", "1")
    jo.says("yes")
    assert len(jo.bookings()) == 1
    assert not ann.bookings()
    assert taken(desk, "t-12") == 1


def test_the_same_person_books_once(jo: Resident, ann: Resident, desk: RunningDesk):
    jo.says(PRINTER, "1", "yes")
    assert "already" in ann.says(PRINTER, "1", "yes")["text"]
    assert taken(desk, "t-1") == 1


def test_the_waiting_list_is_joined_and_left(jo: Resident, desk: RunningDesk):
    fill(desk, "t-12")
    assert jo.says(EMAIL_ON_THE_2ND, "1", "yes")["kind"] == "waitlisted"
    assert jo.waiting() == [("Jo Smith", "waiting")]
    jo.says("cancel my booking", "yes")
    assert jo.waiting() == [("Jo Smith", "left")]


def run_jobs(desk: RunningDesk) -> None:
    subprocess.run([sys.executable, "-m", "commands.main", "jobs", "run"], cwd=ROOT, env=desk.environment, check=True, capture_output=True)


def test_a_freed_place_is_offered_in_the_open_chat_of_who_waits(jo: Resident, ann: Resident, desk: RunningDesk):
    jo.says(EMAIL_ON_THE_2ND, "1", "yes")
    ann.says("I want to book help with email at North Kensington on 2 December, it's Ann Lee, 07700 900556", "1", "yes")
    assert (taken(desk, "t-12"), ann.waiting()) == (1, [("Ann Lee", "waiting")])
    said = ann.chat.log()[-1]["seq"]
    with following(ann.chat, **{"Last-Event-ID": str(said)}) as stream:
        jo.says("cancel my booking", "yes")
        run_jobs(desk)
        run_jobs(desk)
        _, offer = next_event(stream)
    assert ann.chat.log(after=said) == [offer], "it is said once"
    assert (offer["from"], "a place has become free for you" in offer["text"]) == ("bot", True)
    assert "Email for beginners at North Kensington Library, Wednesday 2 December, 10:30am" in offer["text"]
    assert ann.waiting() == [("Ann Lee", "offered")]
    ann.replies = [offer]
    assert ann.presses("Take the place")["kind"] == "booked"
    assert (ann.booking["attendee_name"], ann.session_booked, ann.waiting()) == ("Ann Lee", "t-12", [("Ann Lee", "accepted")])
    assert taken(desk, "t-12") == 1
    assert rows(ann.database, "SELECT state FROM notices WHERE kind = 'offer' AND channel = 'chat'") == [("sent",)]


def test_a_message_posted_twice_books_once(jo: Resident, desk: RunningDesk):
    jo.says(PRINTER, "1")
    for _ in range(2):
        jo.chat.post(client_id="the same", text="yes")
    assert len(jo.bookings()) == 1
    assert taken(desk, "t-1") == 1


# Stopping and switching


@pytest.mark.parametrize("words", ["stop", "forget it", "never mind", "I've changed my mind"])
def test_stop_ends_it_and_keeps_nothing(jo: Resident, desk: RunningDesk, words: str):
    jo.says(PRINTER, "1", words)
    assert jo.keeps_nothing()
    assert taken(desk, "t-1") == 0


def test_a_switch_is_asked_about_and_nothing_is_lost(jo: Resident):
    jo.says("book me help with my phone at Pimlico please", "1", "Jo")
    assert "Shall I stop that" in jo.says("I want to cancel my booking")["text"]
    jo.presses("carry on")
    jo.says("07700 900123", "no", "yes")
    assert jo.booking["attendee_name"] == "Jo"


def test_a_person_can_be_asked_for_and_what_was_filled_in_goes_along(jo: Resident):
    jo.says("book me help with my phone at Pimlico please", "1", "Jo")
    assert "goes along to the staff" in jo.says("can i talk to a person")["text"]
    assert jo.says("I would rather somebody booked it for me")["asks"] == ["contact"]
    taken = jo.says("ring me please", "07700 900123")
    assert (taken["kind"], PHONE in taken["text"]) == ("message_taken", True)


def test_a_bare_no_asks_what_to_change(jo: Resident):
    assert "What would you like to change" in jo.says(PRINTER, "1", "no")["text"]
    jo.presses("The name")
    jo.says("Mae Friday", "yes")
    assert jo.booking["attendee_name"] == "Mae Friday"


def test_a_cry_for_help_goes_before_the_booking(jo: Resident):
    jo.says(PRINTER, "1")
    assert jo.says("I want to kill myself")["kind"] == "crisis"
    assert not jo.bookings()
    assert jo.says("yes")["kind"] == "booked"


# Bookings that exist


@pytest.fixture
def booked(jo: Resident) -> Resident:
    jo.says(EMAIL_ON_THE_2ND, "1", "yes")
    assert jo.session_booked == "t-12"
    return jo


def test_in_the_same_chat_a_booking_is_told_at_once(booked: Resident):
    reply = booked.says("check my booking")
    assert (reply["kind"], reply["reference"].replace("-", "")) == ("booking", booked.booking["reference"])


@pytest.mark.parametrize("proof", ["Jo Smith", "07700 900555"])
def test_elsewhere_the_reference_and_a_name_or_number_open_it(booked: Resident, ann: Resident, proof: str):
    ann.says("check my booking", booked.booking["reference"])
    assert ann.says(proof)["kind"] == "booking"
    assert len(booked.bookings()) == 1


def test_wrong_three_times_is_a_person(booked: Resident, ann: Resident):
    reference = booked.booking["reference"]
    reply = ann.says("cancel my booking", reference, "Ann Lee", reference, "Bob Lee", reference, "Cat Lee")
    assert reply["kind"] == "fallback"
    assert PHONE in reply["text"]
    assert len(booked.bookings()) == 1


def test_a_booking_is_cancelled(booked: Resident, desk: RunningDesk):
    assert booked.says("cancel my booking please", "yes")["kind"] == "cancelled"
    assert len(booked.bookings("cancelled")) == 1
    assert taken(desk, "t-12") == 0


def test_a_cancellation_is_thought_better_of(booked: Resident, desk: RunningDesk):
    booked.says("cancel my booking please", "no")
    assert len(booked.bookings()) == 1
    assert taken(desk, "t-12") == 1


def test_a_booking_is_moved_in_one_go(booked: Resident, desk: RunningDesk):
    reference = booked.booking["reference"]
    assert booked.says("change my booking to 16 December", "1", "yes")["kind"] == "changed"
    assert booked.session_booked == "t-13"
    assert booked.booking["reference"] == reference
    assert (taken(desk, "t-12"), taken(desk, "t-13")) == (0, 1)


def test_a_moved_booking_keeps_its_place_when_the_new_one_has_gone(booked: Resident, desk: RunningDesk):
    booked.says("change my booking to 16 December", "1")
    fill(desk, "t-13")
    assert booked.says("yes")["kind"] == "sessions"
    assert booked.session_booked == "t-12"


def test_a_telephone_number_is_changed(booked: Resident):
    booked.says("I need to change my booking")
    booked.presses("phone number or email")
    assert booked.says("07700 900999", "yes")["kind"] == "changed"
    assert booked.booking["phone"] == "+447700900999"


def test_one_of_two_bookings_is_cancelled(booked: Resident):
    booked.says("book me help with my phone at Pimlico please", "1", "Jo Smith", "07700 900555", "no", "yes")
    booked.says("cancel my booking")
    booked.presses("Email for beginners")
    booked.says("yes")
    assert booked.session_booked == "t-10"

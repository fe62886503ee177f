"""Putting somebody forward and offering to volunteer, through web, real Rasa and real actions, as residents would talk.

Every conversation ends with what is in the database: words alone refer nobody.
"""

from typing import Any

import pytest

from tests.running_desk import Conversation, RunningDesk
from tests.system.sentences import PHONE
from tests.system.stored import rows
from tests.system.test_booking_conversations import Resident

pytestmark = pytest.mark.system

REFERRAL = (
    "kind",
    "for_other",
    "name",
    "contact_name",
    "relation",
    "phone",
    "email",
    "eligibility",
    "library",
    "postcode",
    "about",
    "needs",
    "state",
    "source",
    "reference",
    "consent_at",
)
VOLUNTEER = ("name", "interests", "times", "libraries", "phone", "email", "about", "state", "source", "reference", "consent_at")
COLUMNS = {"referrals": REFERRAL, "volunteers": VOLUNTEER}


@pytest.fixture
def dan(resident: Conversation, running_desk: RunningDesk) -> Resident:
    return Resident(resident, running_desk.folder / "desk.db")


def stored(who: Resident, table: str) -> list[dict[str, Any]]:
    columns = COLUMNS[table]
    query = f"SELECT {', '.join(columns)} FROM {table} WHERE conversation_id = ? ORDER BY id"
    return [dict(zip(columns, row, strict=True)) for row in rows(who.database, query, who.chat.id)]


def nothing_is_stored(who: Resident) -> bool:
    return not stored(who, "referrals") and not stored(who, "volunteers") and not who.has_a_task()


# From the first words to the reference: what is said in turn, and what is stored.
REFERRED: list[tuple[list[str], dict[str, Any]]] = [
    (
        [
            "my neighbour is housebound, can you take her name so someone brings her books",
            "yes she says it's fine",
            "Peggy Larkin",
            "Dan Hill",
            "020 7946 0310",
            "SW1V 3AT",
            "she likes novels in Polish",
            "yes please",
        ],
        {"kind": "home-library-service", "name": "Peggy Larkin", "contact_name": "Dan Hill", "relation": "neighbour", "eligibility": "housebound"},
    ),
    (
        ["I want to put my mum forward for a tablet", "yes", "Rose Bell", "Dan Hill", "ring me", "07700 900123", "Pimlico", "no", "yes"],
        {"kind": "device", "name": "Rose Bell", "relation": "mum", "phone": "+447700900123", "library": "pimlico-library"},
    ),
    (
        [
            "i would like to refer my dad for help to learn his phone",
            "he has agreed",
            "Ron Hill",
            "Dan Hill",
            "go through me",
            "dan@example.org",
            "any",
            "nothing",
            "yes",
        ],
        {"kind": "skills", "relation": "dad", "email": "dan@example.org"},
    ),
    (
        ["make a referral", "a SIM with data", "it's for me", "Ade Bello", "neither", "I don't know", "no", "yes"],
        {"kind": "data", "for_other": 0, "name": "Ade Bello", "phone": "", "email": ""},
    ),
    (
        [
            "I'd like to refer a client to you for a laptop. Her name is Amina Yusuf and she has agreed.",
            "Ben Cole",
            "ben@gmial.com",
            "yes",
            "W2",
            "no",
            "yes",
        ],
        {"kind": "device", "name": "Amina Yusuf", "contact_name": "Ben Cole", "relation": "client", "email": "ben@gmail.com", "postcode": "W2"},
    ),
    (
        ["please put me on the home library list, i can't get out since my operation", "Theo Blyth", "theo@example.org", "Kensington", "no", "yes"],
        {"kind": "home-library-service", "for_other": 0, "eligibility": "temporary", "library": "kensington-central-library"},
    ),
    (
        [
            "can you take a referral for someone who needs library visits at home",
            "my aunt",
            "yes she agrees",
            "the bus is too far for her to walk to",
            "Mary O'Neill",
            "Siobhán Murphy",
            "07700 900124",
            "Chelsea",
            "no",
            "yes",
        ],
        {"kind": "home-library-service", "eligibility": "other", "relation": "aunt", "name": "Mary O'Neill", "contact_name": "Siobhán Murphy"},
    ),
    # put right at the read-back
    (
        ["I want to put my mum forward for a tablet", "yes", "Rose Bell", "Dan Hill", "07700 900123", "Pimlico", "no", "no, it's spelt Rosé", "yes"],
        {"name": "Rosé Bell", "phone": "+447700900123"},
    ),
    (
        [
            "I want to put my mum forward for a tablet",
            "yes",
            "Rose Bell",
            "Dan Hill",
            "07700 90012",
            "07700 900123",
            "Pimlico",
            "no",
            "use rose@example.org instead",
            "yes",
        ],
        {"phone": "", "email": "rose@example.org"},
    ),
    # with questions in the middle
    (
        [
            "I want to put my mum forward for a tablet",
            "why do you need that?",
            "yes",
            "Rose Bell",
            "Dan Hill",
            "what do you do with my number?",
            "07700 900123",
            "is Pimlico open on Saturday?",
            "Pimlico",
            "no",
            "yes",
        ],
        {"name": "Rose Bell", "library": "pimlico-library", "phone": "+447700900123"},
    ),
    (
        ["I want to put my mum forward for a tablet", "yes", "李小龍", "<b>Bob</b>", "07700 900123", "Pimlico", "no", "yes"],
        {"name": "李小龍", "contact_name": "<b>Bob</b>"},
    ),
]


@pytest.mark.parametrize(("turns", "expected"), REFERRED, ids=[f"{n} {turns[0][:50]}" for n, (turns, _) in enumerate(REFERRED, 1)])
def test_what_is_said_is_referred(dan: Resident, turns: list[str], expected: dict[str, Any]) -> None:
    dan.says(*turns[:-1])
    assert not stored(dan, "referrals"), "stored before the last yes"
    assert dan.reply["asks"] == ["confirm", "consent"], dan.reply["text"]
    assert "90 days" in dan.reply["text"]
    done = dan.says(turns[-1])
    assert (done["kind"], done["label"]) == ("referred", "refer_someone")
    [row] = stored(dan, "referrals")
    assert {key: row[key] for key in expected} == expected
    assert (row["state"], row["source"]) == ("new", "chat")
    assert row["consent_at"]
    assert done["reference"].replace("-", "") == row["reference"]
    assert done["reference"] in done["text"]
    assert not dan.has_a_task()


VOLUNTEERED: list[tuple[list[str], dict[str, Any]]] = [
    (
        ["I'd like to sign up as a volunteer for the coding club on Saturdays at Pimlico, I'm Kev Jones, 07700 900701", "no", "yes"],
        {"name": "Kev Jones", "interests": '["coding-club"]', "libraries": '["pimlico-library"]', "phone": "+447700900701"},
    ),
    (
        ["volunteer sign up", "phone help and home visits", "Tuesday mornings", "any", "Joan Lusby", "joan@example.org", "I speak Urdu", "yes"],
        {"interests": '["phone-help", "home-visits"]', "times": "Tuesday mornings", "libraries": "[]", "about": "I speak Urdu"},
    ),
    (
        [
            "put my name down to help",
            "I don't mind",
            "two hours a week",
            "Chelsea and Pimlico",
            "Mafalda Reis",
            "07700 900702",
            "no",
            "no, Friday afternoons",
            "yes",
        ],
        {"name": "Mafalda Reis", "times": "no, Friday afternoons"},
    ),
    (
        ["i want to sing up to be a volunter", "tea and tech", "do I get paid?", "evenings", "any library", "Ade", "neither", "nothing", "yes"],
        {"name": "Ade", "interests": '["tea-and-tech"]', "phone": "", "email": ""},
    ),
]


@pytest.mark.parametrize(("turns", "expected"), VOLUNTEERED, ids=[f"{n} {turns[0][:50]}" for n, (turns, _) in enumerate(VOLUNTEERED, 1)])
def test_what_is_said_is_volunteered(dan: Resident, turns: list[str], expected: dict[str, Any]) -> None:
    dan.says(*turns[:-1])
    assert not stored(dan, "volunteers"), "stored before the last yes"
    assert dan.reply["asks"] == ["confirm", "consent"], dan.reply["text"]
    done = dan.says(turns[-1])
    assert (done["kind"], done["label"]) == ("volunteered", "register_volunteer")
    [row] = stored(dan, "volunteers")
    assert {key: row[key] for key in expected} == expected
    assert done["reference"].replace("-", "") == row["reference"]
    assert not dan.has_a_task()


@pytest.mark.parametrize("answer", ["no", "I haven't asked her yet", "not yet"])
def test_without_their_consent_nothing_is_stored(dan: Resident, answer: str) -> None:
    dan.says("I want to put my mum Rose Bell forward for a tablet")
    assert dan.reply["asks"] == ["consent"]
    reply = dan.says(answer)
    assert "nothing is stored" in reply["text"]
    assert PHONE in reply["text"]
    assert nothing_is_stored(dan)


@pytest.mark.parametrize("words", ["stop", "forget it"])
def test_stop_at_the_read_back_keeps_nothing(dan: Resident, words: str) -> None:
    dan.says("I want to put my mum forward for a tablet", "yes", "Rose Bell", "Dan Hill", "07700 900123", "Pimlico", "no")
    assert dan.reply["asks"] == ["confirm", "consent"]
    assert "nothing of it" in dan.says(words)["text"]
    assert nothing_is_stored(dan)


def test_by_buttons_alone_but_for_names(dan: Resident) -> None:
    dan.says("make a referral")
    dan.presses("Library visits at home")
    dan.presses("It is for me")
    dan.presses("Cannot leave home")
    dan.says("Theodora Blyth", "07700 900125")
    dan.presses("I do not know")
    dan.presses("Nothing, thank you")
    assert dan.presses("Yes, pass it on")["kind"] == "referred"
    [row] = stored(dan, "referrals")
    assert (row["name"], row["eligibility"], row["for_other"]) == ("Theodora Blyth", "housebound", 0)


def test_whoever_is_under_16_is_sent_to_staff(dan: Resident) -> None:
    reply = dan.says("I'd like to sign up as a volunteer helper, I'm 15")
    assert "parents" in reply["text"]
    assert PHONE in reply["text"]
    assert nothing_is_stored(dan)


def test_a_referral_stays_when_the_chat_is_wiped(dan: Resident) -> None:
    dan.says("I need a laptop, please put me forward for one", "Ade Bello", "07700 900126", "any", "no", "yes")
    [row] = stored(dan, "referrals")
    assert dan.chat.http.delete(f"/api/conversations/{dan.chat.id}", headers=dan.chat.headers).status_code == 204
    assert rows(dan.database, "SELECT name, conversation_id FROM referrals WHERE reference = ?", row["reference"]) == [("Ade Bello", None)]

"""Looking a booking up, changing it, cancelling it, and the waiting list, in this chat and from another."""

import pytest

from desk.conversations import events_after
from desk.database import Database
from desk.replies import Reply
from desk.waiting_list import say_offers
from tests.desk.tasks.chat import Chat, call_off, cancel, fill, session_of

NAME, NUMBER = "Jo Smith", "07700 900123"


@pytest.fixture
def booked(chat: Chat) -> Chat:
    """Jo's chat, with a place in Email for beginners on 2 December."""
    chat.book(f"help with email at North Kensington on 2 December, it's {NAME}, {NUMBER}")
    chat.several("1", "yes")
    assert chat.booking.attendee_name == NAME
    return chat


def reference(chat: Chat) -> str:
    return chat.booking.reference


def test_in_the_same_chat_nothing_is_asked(booked: Chat):
    reply = booked.say("check my booking", "check_booking")
    assert (reply.kind, reply.reference.replace("-", "")) == ("booking", reference(booked))
    for words in ("Email for beginners", "Wednesday 2 December", NAME, NUMBER):
        assert words in reply.lead


@pytest.mark.parametrize("proof", [NAME, "jo smith", NUMBER, "it's Jo Smith", "07700900123"])
def test_in_another_chat_the_reference_and_the_name_or_number_open_it(booked: Chat, another_chat: Chat, proof: str):
    assert another_chat.say("check my booking", "check_booking").asks == ("reference",)
    assert another_chat.say(reference(booked)).asks == ("name", "contact")
    assert another_chat.say(proof).kind == "booking"


@pytest.mark.parametrize("spoken", ["{0}-{1}", "{0} {1}", "it's {0}{1} I think"])
def test_a_reference_as_people_type_it(booked: Chat, another_chat: Chat, spoken: str):
    another_chat.say("check my booking", "check_booking")
    whole = reference(booked)
    assert another_chat.say(spoken.format(whole[:4].lower(), whole[4:])).asks == ("name", "contact")


def test_everything_in_one_message(booked: Chat, another_chat: Chat):
    assert another_chat.say(f"check booking {reference(booked)}, my name is {NAME}", "check_booking").kind == "booking"


def test_wrong_three_times_and_a_person_helps(booked: Chat, another_chat: Chat):
    another_chat.say(f"cancel {reference(booked)}", "cancel_booking")
    assert "2 more times" in another_chat.say("Ann Lee").lead
    another_chat.say(reference(booked))
    assert "once more" in another_chat.say("Bob Lee").lead
    another_chat.say(reference(booked))
    last = another_chat.say("Cat Lee")
    assert last.kind == "fallback"
    assert another_chat.desk.service.phone in last.text
    # Now the right name does not open it either.
    another_chat.say(f"cancel {reference(booked)}", "cancel_booking")
    assert another_chat.say(NAME).kind == "fallback"
    assert booked.booking.state == "booked"


def test_a_mistyped_reference_never_opens_another(booked: Chat, another_chat: Chat):
    whole = reference(booked)
    wrong = whole[:-1] + ("3" if whole[-1] != "3" else "4")
    another_chat.say("cancel my booking", "cancel_booking")
    assert another_chat.say(wrong).asks == ("reference",)
    assert booked.booking.state == "booked"


def test_a_lost_reference_goes_to_a_person(another_chat: Chat):
    another_chat.say("check my booking", "check_booking")
    reply = another_chat.say("I have lost it")
    assert reply.kind == "fallback"
    assert another_chat.desk.service.phone in reply.text


# Cancelling


def test_cancelling_is_asked_and_done(booked: Chat, desk_database: Database):
    assert "Shall I cancel" in booked.say("cancel my booking", "cancel_booking").lead
    assert booked.say("yes", "affirm").kind == "cancelled"
    assert [row.state for row in booked.bookings()] == ["cancelled"]
    assert session_of(desk_database, "t-12").taken == 0


@pytest.mark.parametrize("words", ["no", "stop", "never mind", "no keep it"])
def test_cancelling_can_be_thought_better_of(booked: Chat, words: str):
    booked.say("cancel my booking", "cancel_booking")
    booked.say(words)
    assert booked.booking.state == "booked"
    assert booked.state is None


def test_unclear_words_cancel_nothing(booked: Chat):
    booked.say("cancel my booking", "cancel_booking")
    booked.say("hmm not sure what day that was")
    assert booked.booking.state == "booked"


def test_a_session_that_was_called_off_is_told(booked: Chat, desk_database: Database):
    call_off(desk_database, "t-12", "The heating is broken.")
    assert booked.say("cancel my booking", "cancel_booking").asks == ("reference",)


# Changing


def test_another_day_in_one_sentence(booked: Chat, desk_database: Database):
    booked.say("can I change my booking to 16 December", "change_booking")
    assert [each["starts_at"][:10] for each in booked.reply.sessions] == ["2026-12-16"]
    assert "Shall I move" in booked.say("1").lead
    before = reference(booked)
    assert booked.say("yes").kind == "changed"
    assert booked.booking.session_id == session_of(desk_database, "t-13").id
    assert reference(booked) == before
    assert (session_of(desk_database, "t-12").taken, session_of(desk_database, "t-13").taken) == (0, 1)


def test_what_to_change_is_asked(booked: Chat):
    reply = booked.say("I need to change my booking", "change_booking")
    assert "What would you like to change" in reply.lead
    booked.press("day or time")
    assert booked.reply.kind == "sessions"


def test_the_old_place_is_kept_until_yes(booked: Chat, desk_database: Database):
    booked.say("move my booking to 16 December", "change_booking")
    booked.say("1")
    booked.press("keep my booking")
    assert booked.booking.session_id == session_of(desk_database, "t-12").id
    assert session_of(desk_database, "t-13").taken == 0


def test_the_new_place_may_have_gone(booked: Chat, desk_database: Database):
    booked.say("move my booking to 16 December", "change_booking")
    booked.say("1")
    fill(desk_database, "t-13")
    assert "took the last place" in booked.say("yes").lead
    assert booked.booking.session_id == session_of(desk_database, "t-12").id


def test_a_number_is_changed(booked: Chat):
    booked.say("I want to change the phone number on my booking", "change_booking")
    booked.press("phone number or email")
    booked.say("07700 900999")
    assert "07700 900999" in booked.reply.lead
    assert booked.say("yes").kind == "changed"
    assert booked.booking.phone == "+447700900999"
    assert booked.booking.attendee_name == NAME


def test_a_name_is_changed(booked: Chat):
    booked.say("change my booking", "change_booking")
    booked.press("The name")
    booked.several("Joe Smythe", "yes")
    assert booked.booking.attendee_name == "Joe Smythe"


def test_from_check_to_change_by_button(booked: Chat, another_chat: Chat, desk_database: Database):
    another_chat.say(f"check {reference(booked)}", "check_booking")
    another_chat.say(NAME)
    another_chat.press("Change my booking")
    another_chat.several("16 December", "1", "yes")
    assert booked.booking.session_id == session_of(desk_database, "t-13").id


def test_which_of_two_bookings_is_asked(booked: Chat):
    booked.book("help with my phone at Pimlico")
    booked.several("1", NAME, NUMBER, "no", "yes")
    assert booked.say("cancel my booking", "cancel_booking").asks == ("reference",)
    assert len(booked.reply.choices) == 3
    booked.press("Email for beginners")
    booked.say("yes")
    assert sorted(row.state for row in booked.bookings()) == ["booked", "cancelled"]


# The waiting list


@pytest.fixture
def waiting(chat: Chat, desk_database: Database) -> Chat:
    """Jo's chat, on the waiting list of Email for beginners on 2 December."""
    chat.strangers = fill(desk_database, "t-12")  # type: ignore[attr-defined]
    chat.book(f"help with email at North Kensington on 2 December, it's {NAME}, {NUMBER}")
    chat.several("1", "yes")
    assert [row.state for row in chat.waiting()] == ["waiting"]
    return chat


def test_the_place_in_the_line_is_told(waiting: Chat):
    assert "waiting list" in waiting.say("am I still on the list", "check_booking").lead


def test_an_offered_place_is_taken(waiting: Chat, desk_database: Database):
    cancel(desk_database, waiting.strangers[0].id)  # type: ignore[attr-defined]
    assert "A place is free for you" in waiting.say("check my booking", "check_booking").lead
    assert waiting.press("Take the place").kind == "booked"
    assert waiting.booking.attendee_name == NAME
    assert [row.state for row in waiting.waiting()] == ["accepted"]


def test_an_offered_place_is_left_to_others(waiting: Chat, desk_database: Database):
    cancel(desk_database, waiting.strangers[0].id)  # type: ignore[attr-defined]
    waiting.say("check my booking", "check_booking")
    waiting.press("someone else")
    assert [row.state for row in waiting.waiting()] == ["declined"]
    assert session_of(desk_database, "t-12").taken == 0


def offer_unasked(chat: Chat, database: Database) -> None:
    """A place becomes free, and the desk says so by itself."""
    cancel(database, chat.strangers[0].id)  # type: ignore[attr-defined]
    assert say_offers(database) == 1
    with database.reading() as session:
        [said] = [message for message in events_after(session, chat.id, 0) if message.author == "bot"]
        chat.replies = [Reply.from_details(said.details)]


def test_a_place_offered_unasked_is_taken(waiting: Chat, desk_database: Database):
    offer_unasked(waiting, desk_database)
    assert waiting.press("Take the place").kind == "booked"
    assert waiting.booking.attendee_name == NAME
    assert [row.state for row in waiting.waiting()] == ["accepted"]


@pytest.mark.parametrize(("button", "kind", "state"), [("Take the place", "booked", "accepted"), ("someone else", "cancelled", "declined")])
def test_an_offer_in_the_middle_of_another_booking_is_answered_and_the_booking_goes_on(
    waiting: Chat, desk_database: Database, button: str, kind: str, state: str
):
    waiting.book("help with my phone at Pimlico")
    asked, task = waiting.say("1").asks, waiting.state
    offer_unasked(waiting, desk_database)
    assert waiting.press(button).asks == asked
    assert [reply.kind for reply in waiting.replies or ()] == [kind, "question"]
    assert (waiting.state, len(waiting.holds)) == (task, 1)
    assert [row.state for row in waiting.waiting()] == [state]


@pytest.mark.parametrize(("button", "kind"), [("Take the place", "booked"), ("someone else", "cancelled")])
def test_an_offer_answered_instead_of_whether_to_leave_the_list_ends_that(waiting: Chat, desk_database: Database, button: str, kind: str):
    waiting.say("take me off the waiting list", "cancel_booking")
    offer_unasked(waiting, desk_database)
    assert waiting.press(button).kind == kind
    assert waiting.state is None


def test_the_list_is_left(waiting: Chat):
    waiting.say("take me off the waiting list", "cancel_booking")
    waiting.say("yes")
    assert [row.state for row in waiting.waiting()] == ["left"]

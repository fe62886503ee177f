"""Who comes and whom to tell, read back, put right, booked once."""

import pytest

from desk.database import Database
from desk.tables import AuditRow, BookingRow, NoticeRow, SessionRow
from desk.tasks.task import Heard
from tests.desk.tasks.chat import Chat, fill, session_of, tidy
from tests.desk.tasks.test_names import NAMES

PRINTER = "can somebody at Pimlico sort my printer out next Wednesday afternoon, it's May Friday, 07700 900123"


def at_read_back(chat: Chat) -> Chat:
    chat.book(PRINTER)
    chat.say("the second one")
    return chat


def test_the_printer_sentence_is_booked_in_two_further_turns(chat: Chat, desk_database: Database):
    chat.book(PRINTER)
    read_back = chat.say("the second one")
    assert read_back.asks[0] == "confirm"
    for words in ("IT clinic", "Wednesday 2 December, 2:45pm to 3:30pm", "Pimlico Library", "May Friday", "07700 900123", "90 days"):
        assert words in read_back.lead
    reply = chat.say("yes please", "affirm")
    booking = chat.booking
    assert (reply.kind, reply.reference) == ("booked", f"{booking.reference[:4]}-{booking.reference[4:]}")
    assert (booking.attendee_name, booking.phone, booking.session_id) == ("May Friday", "+447700900123", session_of(desk_database, "t-2").id)
    assert chat.state is None


def test_one_question_at_a_time(chat: Chat):
    chat.book("help with my phone at Pimlico")
    assert chat.say("1").asks == ("name",)
    assert chat.say("Fatima Al-Rashid").asks == ("contact",)
    assert chat.say("07700 900123").asks == ("access_needs",)
    assert chat.say("no").asks == ("confirm",)
    assert chat.say("yes").kind == "booked"
    assert chat.booking.needs == ""


def test_the_consent_line_comes_with_the_first_question_about_a_person_and_once(chat: Chat):
    chat.book("help with my phone at Pimlico")
    assert "90 days" in chat.say("1").lead
    assert "90 days" not in chat.say("Fatima").lead


@pytest.mark.parametrize("name", NAMES)
def test_names_of_every_kind_are_kept_exactly(chat: Chat, name: str):
    chat.book("help with my phone at Pimlico")
    chat.several("1", name, "07700 900123", "no", "yes")
    assert chat.booking.attendee_name == name


def test_name_and_number_in_one_answer(chat: Chat):
    chat.book("help with my phone at Pimlico")
    chat.say("1")
    assert chat.say("it's June March, 07700 900123").asks == ("access_needs",)
    assert chat.several("no", "yes").kind == "booked"
    assert (chat.booking.attendee_name, chat.booking.phone) == ("June March", "+447700900123")


def test_the_number_first_asks_for_the_name_again(chat: Chat):
    chat.book("help with my phone at Pimlico")
    chat.say("1")
    assert chat.say("07700 900123").asks == ("name",)
    assert chat.say("Jo").asks == ("access_needs",)


@pytest.mark.parametrize("text", ["I'd rather not say", "no", "no name", "what for?"])
def test_a_refusal_is_no_name(chat: Chat, text: str):
    chat.book("help with my phone at Pimlico")
    chat.say("1")
    assert chat.say(text).asks == ("name",)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("07700 90012", "one figure short"),
        ("0770 0901", "figures short"),
        ("07700 9001234", "one figure too many"),
        ("maryexample.org", "could not see"),
        ("mary at gmail", "@"),
        ("mary@", "@"),
        ("carrier pigeon", "could not see"),
    ],
)
def test_a_contact_that_is_wrong_is_named_kindly(chat: Chat, typed: str, words: str):
    chat.book("help with my phone at Pimlico")
    chat.several("1", "Jo")
    reply = chat.say(typed)
    assert reply.asks == ("contact",)
    assert words in reply.lead


def test_gmial_is_asked_about_and_taken(chat: Chat):
    chat.book("help with my phone at Pimlico")
    chat.several("1", "Jo")
    assert "Did you mean jo@gmail.com" in chat.say("jo@gmial.com").lead
    chat.several("yes", "no", "yes")
    assert chat.booking.email == "jo@gmail.com"


def test_an_odd_address_may_be_kept(chat: Chat):
    chat.book("help with my phone at Pimlico")
    chat.several("1", "Jo", "jo@gmial.com")
    chat.press("No, keep")
    chat.several("no", "yes")
    assert chat.booking.email == "jo@gmial.com"


@pytest.mark.parametrize("answer", ["neither", "I don't have a phone", "I haven't got either", "no"])
def test_a_person_with_neither_phone_nor_email_can_book(chat: Chat, answer: str):
    chat.book("help with my phone at Pimlico")
    chat.several("1", "Ade")
    assert "write your booking reference down" in chat.say(answer).lead
    assert chat.several("no", "yes").kind == "booked"
    assert (chat.booking.phone, chat.booking.email) == ("", "")


def test_somebody_books_for_their_mother(chat: Chat):
    chat.book("help with her smartphone at Pimlico for my mum, she's called Rose Bell")
    assert "your own name" in chat.say("1").lead
    chat.say("Dan Hill")
    chat.say("07700 900123")
    read_back = chat.say("no")
    assert "consent" in read_back.asks
    assert "Rose Bell agrees" in read_back.lead
    chat.say("yes")
    booking = chat.booking
    assert (booking.attendee_name, booking.contact_name, booking.relation) == ("Rose Bell", "Dan Hill", "mum")
    assert booking.consent_at is not None


def test_for_whom_may_come_out_late(chat: Chat):
    chat.book("help with my phone at Pimlico")
    chat.say("1")
    assert "your mum" in chat.say("it's for my mum").lead
    chat.several("Rose", "Dan Hill", "07700 900123", "no", "yes")
    assert (chat.booking.attendee_name, chat.booking.contact_name) == ("Rose", "Dan Hill")


def test_a_carer_is_asked_what_they_are_to_the_person(chat: Chat):
    chat.book("I want to book phone help at Pimlico for someone I care for")
    chat.several("1", "Mr Ali", "Dan Hill")
    assert chat.say("07700 900123").asks == ("relationship",)
    chat.several("I'm his carer", "no", "yes")
    assert chat.booking.relation == "carer"


def test_a_child_needs_an_adult_whom_we_can_reach(chat: Chat):
    chat.book("coding club for my son Leo, he is 9")
    chat.several("any library", "1")
    assert "adult" in chat.reply.lead
    chat.say("Ann Bell")
    assert chat.say("neither").asks == ("contact",)
    chat.several("07700 900123", "no")
    assert "parent or guardian" in chat.reply.lead
    chat.say("yes")
    booking = chat.booking
    assert (booking.attendee_name, booking.age, booking.contact_name, booking.relation) == ("Leo", 9, "Ann Bell", "son")


def test_a_child_of_another_age_is_told(chat: Chat):
    chat.book("coding club")
    chat.several("any library", "1")
    assert "ages 8 to 14" in chat.say("it's for my son Leo, he is 15").lead
    assert not chat.bookings(state="booked")


def test_needs_are_recorded_and_not_promised(chat: Chat):
    chat.book("help with my phone at Pimlico, I use a wheelchair")
    chat.several("1", "Jo", "07700 900123")
    assert "wheelchair" in chat.reply.lead
    assert "cannot promise" in chat.say("yes").lead
    assert chat.booking.needs == "I use a wheelchair"


# Put right at the read-back


def test_a_bare_no_asks_what_to_change(chat: Chat):
    reply = at_read_back(chat).say("no", "deny")
    assert reply.asks == ("confirm",)
    assert [choice.value for choice in reply.choices] == [f"change:{part}" for part in ("date_time", "library", "name", "contact", "access_needs")]


def test_a_respelt_name_changes_just_that(chat: Chat):
    chat.book("printer help at Pimlico next Wednesday, it's Siobhan Murphy, 07700 900123")
    chat.several("1", "no, it's spelt Siobhán", "yes")
    assert (chat.booking.attendee_name, chat.booking.phone) == ("Siobhán Murphy", "+447700900123")


def test_another_name_changes_just_that(chat: Chat):
    at_read_back(chat).several("no, my name is Mae Friday", "yes")
    assert (chat.booking.attendee_name, chat.booking.phone) == ("Mae Friday", "+447700900123")


def test_an_email_instead_changes_just_that(chat: Chat):
    at_read_back(chat).several("use my email instead: may@example.org", "yes")
    assert (chat.booking.phone, chat.booking.email) == ("", "may@example.org")


def test_use_my_email_asks_for_it(chat: Chat):
    assert at_read_back(chat).say("use my email instead").asks == ("contact",)
    chat.several("may@example.org", "yes")
    assert chat.booking.email == "may@example.org"


def test_another_day_keeps_name_and_number(chat: Chat, desk_database: Database):
    at_read_back(chat).say("no, Saturday 5 December")
    assert chat.reply.kind == "sessions"
    assert chat.say("1").asks[0] == "confirm"
    chat.say("yes")
    assert chat.booking.session_id == session_of(desk_database, "t-4").id
    assert chat.booking.attendee_name == "May Friday"
    assert not chat.holds


def test_another_library_keeps_the_day(chat: Chat, desk_database: Database):
    at_read_back(chat).say("at Chelsea instead")
    assert {each["library"] for each in chat.reply.sessions} == {"Chelsea Library"}
    chat.several("1", "yes")
    assert chat.booking.attendee_name == "May Friday"


def test_a_need_said_at_the_read_back_is_added(chat: Chat):
    at_read_back(chat).several("I am hard of hearing", "yes")
    assert chat.booking.needs == "I am hard of hearing"


def test_yes_but_is_not_yes(chat: Chat):
    at_read_back(chat).say("yes but at Chelsea")
    assert not chat.bookings(state="booked")


def test_what_is_neither_yes_nor_no_books_nothing(chat: Chat):
    assert at_read_back(chat).say("hmm").asks[0] == "confirm"
    assert not chat.bookings(state="booked")


def test_a_correction_by_button(chat: Chat):
    at_read_back(chat)
    chat.press("Change something")
    chat.press("The name")
    chat.several("Mae Friday", "yes")
    assert chat.booking.attendee_name == "Mae Friday"


def test_an_earlier_question_can_be_corrected_midway(chat: Chat):
    chat.book("help with my phone at Pimlico on Thursday 3 December")
    chat.several("1", "Jo")
    assert chat.say("actually, make it Thursday 10 December").kind == "sessions"
    assert chat.say("1").asks == ("contact",)


# Places


def test_a_place_is_held_while_details_are_typed(chat: Chat, desk_database: Database):
    at_read_back(chat)
    assert session_of(desk_database, "t-2").taken == 1
    chat.say("yes")
    assert session_of(desk_database, "t-2").taken == 1


def test_the_held_place_goes_with_another_pick(chat: Chat, desk_database: Database):
    at_read_back(chat).several("no, at 2pm", "1")
    assert (session_of(desk_database, "t-2").taken, session_of(desk_database, "t-1").taken) == (0, 1)


@pytest.mark.parametrize("words", ["stop", "forget it", "never mind"])
def test_stop_ends_it_and_keeps_nothing(chat: Chat, desk_database: Database, words: str):
    at_read_back(chat)
    assert chat.say(words, "stop").label == "stop"
    assert not chat.bookings()
    assert chat.state is None
    assert session_of(desk_database, "t-2").taken == 0


def test_half_a_form_leaves_nothing_behind(chat: Chat, desk_database: Database):
    chat.book("help with my phone at Pimlico")
    chat.several("1", "Fatima Al-Rashid", "stop")
    with desk_database.reading() as session:
        assert not session.query(BookingRow).all()
        assert not session.query(NoticeRow).all()
        assert "Fatima" not in str([(row.old, row.new) for row in session.query(AuditRow)])


def test_the_same_person_has_one_place_in_a_session(chat: Chat, another_chat: Chat):
    at_read_back(chat).say("yes")
    assert "already" in at_read_back(another_chat).say("yes").lead
    assert not another_chat.bookings()


def test_a_course_is_all_its_dates(chat: Chat, desk_database: Database):
    chat.book("essential digital skills course at Chelsea, it's Jo Smith, 07700 900123")
    read_back = chat.say("yes")
    assert all(f"Thursday {day} December" in read_back.lead for day in (3, 10, 17))
    chat.say("yes")
    with desk_database.reading() as session:
        assert [row.taken for row in session.query(SessionRow).filter_by(kind="course")] == [1, 1, 1]


def test_the_waiting_list_is_joined(chat: Chat, desk_database: Database):
    fill(desk_database, "t-12")
    chat.book("help with email at North Kensington on 2 December, it's Jo Smith, 07700 900123")
    assert "waiting list" in chat.say("1").lead
    assert chat.say("yes").kind == "waitlisted"
    [place] = chat.waiting()
    assert (place.attendee_name, place.state) == ("Jo Smith", "waiting")
    assert not chat.bookings()


def test_the_last_place_that_another_took_meanwhile_is_not_given_twice(chat: Chat, desk_database: Database, at):
    chat.book("help with email at North Kensington on 2 December, it's Jo Smith, 07700 900123")
    chat.say("1")
    at("2026-11-25T10:20")
    tidy(desk_database)  # the hold has run out
    fill(desk_database, "t-12")
    reply = chat.say("yes")
    assert "somebody else took the last place" in reply.lead
    assert not chat.bookings()
    assert chat.press("Join the waiting list").asks[0] == "confirm"
    assert chat.say("yes").kind == "waitlisted"


def test_the_waiting_list_may_still_be_chosen_when_another_day_is_asked(chat: Chat, desk_database: Database, at):
    chat.book("help with email at North Kensington on 2 December, it's Jo Smith, 07700 900123")
    chat.say("1")
    at("2026-11-25T10:20")
    tidy(desk_database)  # the hold has run out
    fill(desk_database, "t-12")
    [wait] = [choice for choice in chat.say("yes").choices if choice.value.startswith("wait:")]
    while "date_time" not in chat.reply.asks:
        chat.press("None of these")
    chat.hear(Heard("", wait.label, 1.0, wait.value, intent=wait.label))
    assert chat.say("yes").kind == "waitlisted"


def test_a_hold_that_ran_out_is_no_loss_where_there_is_room(chat: Chat, desk_database: Database, at):
    at_read_back(chat)
    at("2026-11-25T10:20")
    tidy(desk_database)
    assert chat.say("yes").kind == "booked"


def test_a_button_of_an_earlier_offer_still_picks(chat: Chat, desk_database: Database):
    earlier = chat.book(PRINTER).choices[2]
    chat.say("the second one")
    chat.hear(Heard("", earlier.label, 1.0, earlier.value, intent=earlier.label))
    chat.say("yes")
    assert chat.booking.session_id == session_of(desk_database, "t-3").id

"""What is asked before sessions are offered, which are offered, and how an offer is answered."""

import pytest

from desk.database import Database
from tests.desk.tasks.chat import Chat, cancel, fill, session_of


def titles(chat: Chat) -> list[str]:
    return [each["title"] for each in chat.reply.sessions]


def starts(chat: Chat) -> list[str]:
    return [each["starts_at"][:16] for each in chat.reply.sessions]


def libraries(chat: Chat) -> set[str]:
    return {each["library"] for each in chat.reply.sessions}


def test_somebody_who_says_nothing_is_asked_for_the_topic_then_the_library(chat: Chat):
    assert chat.book().asks == ("topic",)
    assert chat.say("help with my email").asks == ("library",)
    assert chat.say("North Kensington").asks == ("session_choice",)
    assert titles(chat) == ["Email for beginners", "Email for beginners"]


def test_everything_in_one_sentence_counts(chat: Chat):
    chat.book("can somebody at Pimlico sort my printer out next Wednesday afternoon, it's May Friday, 07700 900123")
    assert starts(chat) == ["2026-12-02T14:00", "2026-12-02T14:45", "2026-12-02T15:30"]
    assert libraries(chat) == {"Pimlico Library"}
    assert "Wednesday 2 December" in chat.reply.text
    assert "May Friday" in chat.reply.text


def test_at_most_three_sessions_and_six_buttons(chat: Chat):
    chat.book("anything with computers at any library")
    assert len(chat.reply.sessions) <= 3
    assert len(chat.reply.choices) <= 6
    assert [choice.value for choice in chat.reply.choices[:3]] == [f"session:{each['id']}" for each in chat.reply.sessions]


def test_what_is_on_needs_no_library(chat: Chat):
    assert chat.say("when is the next computer session", "find_session").kind == "sessions"


def test_a_named_day_needs_no_library(chat: Chat):
    chat.book("help with my phone on Thursday 3 December")
    assert chat.reply.kind == "sessions"
    assert {start[:10] for start in starts(chat)} == {"2026-12-03"}


def test_library_and_day_need_no_topic(chat: Chat):
    assert chat.book("something at Pimlico next Wednesday").kind == "sessions"


@pytest.mark.parametrize(
    ("answer", "start"),
    [
        ("2", "2026-12-02T14:45"),
        ("the second one please", "2026-12-02T14:45"),
        ("the 2:45 one", "2026-12-02T14:45"),
        ("half three", "2026-12-02T15:30"),
        ("quarter to three", "2026-12-02T14:45"),
        ("the last one", "2026-12-02T15:30"),
        ("the earliest", "2026-12-02T14:00"),
        ("2pm", "2026-12-02T14:00"),
    ],
)
def test_ways_to_pick_by_number_and_time(chat: Chat, desk_database: Database, answer: str, start: str):
    chat.book("printer help at Pimlico next Wednesday")
    chat.say(answer)
    [hold] = chat.holds
    with desk_database.reading() as session:
        assert f"{session.get_one(type(session_of(desk_database, 't-1')), hold.session_id).starts_at:%Y-%m-%dT%H:%M}" == start


@pytest.mark.parametrize(
    ("answer", "uid"),
    [
        ("the one at Chelsea", "t-6"),
        ("Church Street please", "t-8"),
        ("the Monday one", "t-8"),
        ("the digital ambassador", "t-8"),
        ("chelsea", "t-6"),
    ],
)
def test_ways_to_pick_by_library_day_and_title(chat: Chat, desk_database: Database, answer: str, uid: str):
    chat.say("when is the next computer session", "find_session")
    chat.say(answer)
    [hold] = chat.holds
    assert hold.session_id == session_of(desk_database, uid).id


def test_yes_picks_the_only_one(chat: Chat):
    chat.book("essential digital skills course at Chelsea")
    assert chat.say("yes please", "affirm").asks == ("name",)
    assert len(chat.holds) == 1


def test_yes_to_three_asks_which(chat: Chat):
    chat.book("printer help at Pimlico next Wednesday")
    assert chat.say("yes please", "affirm").asks == ("session_choice",)
    assert not chat.holds


def test_none_of_these_shows_others_and_never_the_same_again(chat: Chat):
    chat.say("when is the next computer session", "find_session")
    seen = {each["id"] for each in chat.reply.sessions}
    chat.say("none of these", "not_helpful")
    assert chat.reply.kind == "sessions"
    assert not seen & {each["id"] for each in chat.reply.sessions}


def test_later_shows_what_comes_after(chat: Chat):
    chat.say("when is the next computer session", "find_session")
    last = max(starts(chat))
    chat.press("Later")
    assert min(starts(chat)) > last


def test_nearer_me_asks_for_a_postcode_and_uses_it(chat: Chat):
    chat.say("when is the next computer session", "find_session")
    assert chat.say("is there one nearer me").asks == ("library",)
    chat.say("SW1V")
    assert libraries(chat) == {"Pimlico Library"}


def test_another_library_is_asked_for(chat: Chat):
    chat.book("printer help at Pimlico next Wednesday")
    assert chat.press("Another library").asks == ("library",)
    chat.say("Chelsea")
    assert libraries(chat) == {"Chelsea Library"}


def test_another_day_changes_the_day_only(chat: Chat):
    chat.book("printer help at Pimlico next Wednesday afternoon")
    chat.say("have you got anything on Saturday the 5th")
    assert starts(chat) == ["2026-12-05T10:30"] or "nothing" in chat.reply.lead
    assert libraries(chat) == {"Pimlico Library"}


def test_not_mondays_is_respected(chat: Chat):
    chat.book("one to one help with forms, not Mondays, any library, in Arabic")
    assert starts(chat) == ["2026-12-03T11:15"]


def test_nothing_on_the_day_says_so_and_offers_the_nearest(chat: Chat):
    chat.book("help with my phone at Pimlico on Friday 4 December")
    assert "nothing at that time" in chat.reply.lead
    assert starts(chat)[0] == "2026-12-03T10:30"


def test_the_next_such_weekday_is_nearer_than_another_day(chat: Chat):
    chat.book("printer at Pimlico on Saturday")
    assert starts(chat) == ["2026-12-05T10:30"]


def test_a_full_session_is_offered_with_its_waiting_list(chat: Chat, desk_database: Database):
    fill(desk_database, "t-12")
    chat.book("help with email at North Kensington on 2 December")
    assert "full, waiting list" in chat.reply.choices[0].title
    assert chat.reply.sessions[0]["places_left"] == 0
    assert chat.reply.sessions[1]["places_left"] == 8


def test_a_past_day_is_named_as_such(chat: Chat):
    reply = chat.book("printer help at Pimlico on 3 November 2026")
    assert reply.asks == ("date_time",)
    assert "3 November" in reply.lead


def test_a_day_that_does_not_exist_is_named_and_the_rest_is_kept(chat: Chat):
    assert "31 November" in chat.book("printer help at Pimlico on 31 November").lead
    chat.say("the 2nd of December")
    assert len(chat.reply.sessions) == 3


def test_next_friday_is_read_back_as_a_date(chat: Chat):
    chat.book("help at Chelsea next Thursday")
    assert "December" in chat.reply.lead


def test_a_misspelt_library_is_understood(chat: Chat):
    chat.book("help with my phone")
    chat.say("pimlicoo")
    assert libraries(chat) == {"Pimlico Library"}


def test_an_unknown_library_is_not_made_up(chat: Chat):
    chat.book("help with my phone")
    reply = chat.say("the one in Birmingham")
    assert reply.asks == ("library",)
    assert "did not recognise" in reply.lead


def test_a_drop_in_needs_no_booking(chat: Chat):
    chat.say("tea and tech at Pimlico", "find_session")
    reply = chat.say("1")
    assert "do not need to book" in reply.lead
    assert not chat.bookings()
    assert chat.state is None


def test_a_childrens_club_is_not_offered_to_somebody_who_did_not_ask_for_it(chat: Chat):
    chat.say("what is on this weekend", "find_session")
    assert "Coding club" not in titles(chat)


def test_a_group_goes_to_staff(chat: Chat):
    reply = chat.book("we are a group of 12 from the day centre, can we book")
    assert reply.kind == "fallback"
    assert chat.desk.service.phone in reply.text
    assert not chat.bookings()
    assert chat.state is None


def test_two_people_are_told_that_a_booking_is_for_one(chat: Chat):
    assert "one person" in chat.book("book a place for me and my husband at Pimlico for phones").lead


def test_a_session_that_filled_up_meanwhile_is_not_given_and_its_waiting_list_is_offered(chat: Chat, desk_database: Database):
    chat.book("help with email at North Kensington on 2 December")
    fill(desk_database, "t-12")
    reply = chat.say("1")
    assert "is full" in reply.lead
    assert not chat.bookings()
    assert any("waiting list" in choice.title for choice in reply.choices)
    assert len(reply.choices) <= 6
    assert chat.press("Join the waiting list").asks == ("name",)


def test_a_place_that_came_free_is_simply_booked(chat: Chat, desk_database: Database):
    [stranger] = fill(desk_database, "t-12")
    chat.book("help with email at North Kensington on 2 December, it's Jo Smith, 07700 900123")
    cancel(desk_database, stranger.id)
    assert "waiting list" not in chat.say("1").lead
    assert len(chat.holds) == 1


def test_a_question_that_was_not_understood_twice_names_the_telephone(chat: Chat):
    chat.book("help with my phone")
    chat.say("blah")
    assert chat.desk.service.phone in chat.say("blah").lead

from dataclasses import replace
from datetime import date

import pytest

from desk.front_desk import FIRST_CHOICES, FrontDesk
from desk.privacy import PersonalData
from desk.replies import MOST_CHOICES, Reply
from desk.safety import Alarm
from desk.service import LibrariesFile, Service
from kb.labels import load_labels
from tests.desk.town import a_library

PHONE = "020 7641 6200"


def about(desk: FrontDesk, question: str, in_hand: str | None = None) -> Reply:
    """Return the reply to a question about libraries."""
    reply = desk.library(question, in_hand)
    assert reply is not None
    assert (reply.kind, reply.topic) == ("answer", "find-a-library")
    return reply


def with_service(desk: FrontDesk, **changes: object) -> FrontDesk:
    return replace(desk, service=Service.model_validate(desk.service.model_dump() | changes))


# The hours of a library


def test_is_kensal_open_on_saturday(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    assert about(front_desk, "Is Kensal open on Saturday?").lead == (
        "Kensal Library is open 9:30am to 5pm on Saturday 28 November.\n20 Golborne Road, London, W10 5PF. Telephone 020 7361 3610."
    )


def test_what_time_does_idea_store_whitechapel_close_today(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    assert about(front_desk, "what time does Idea Store Whitechapel close today").lead == (
        "Idea Store Whitechapel is open 9am to 9pm today (Wednesday 25 November). It is open now and closes at 9pm.\n"
        "321 Whitechapel Road, London, E1 1BU. Telephone 0333 370 4700."
    )


@pytest.mark.parametrize("moment", ["2026-11-25T08:30", "2026-11-25T21:30"])
def test_a_library_that_is_open_today_may_be_closed_right_now(front_desk: FrontDesk, at, moment: str):
    at(moment)
    assert "open 9am to 9pm today (Wednesday 25 November). It is closed right now." in about(front_desk, "Is Whitechapel open today?").lead


def test_a_library_is_open_from_the_minute_that_it_opens(front_desk: FrontDesk, at):
    at("2026-11-25T09:00")
    assert "It is open now and closes at 9pm." in about(front_desk, "Is Whitechapel open today?").lead


def test_a_closed_library_tells_when_it_next_opens(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    lead = about(front_desk, "is Kensal open now").lead
    assert lead.startswith("Kensal Library is closed today (Wednesday 25 November). It next opens on Thursday 26 November, 1pm to 6pm.")


def test_a_bank_holiday_is_named(front_desk: FrontDesk, at):
    at("2026-12-20T10:30")
    lead = about(front_desk, "Is Kensal open on Boxing Day?").lead
    assert "Kensal Library is closed on Saturday 26 December. It is a bank holiday: Boxing Day." in lead
    assert "It next opens on Tuesday 29 December, 1pm to 6pm." in lead


def test_a_library_without_a_day_shows_its_week_from_today(front_desk: FrontDesk, at):
    at("2026-12-23T10:30")
    assert about(front_desk, "Kensal opening hours").lead.splitlines()[:8] == [
        "Kensal Library is open at these times:",
        "Wednesday 23 December: closed",
        "Thursday 24 December: 1pm to 6pm",
        "Friday 25 December: closed (Christmas Day)",
        "Saturday 26 December: closed (Boxing Day)",
        "Sunday 27 December: closed",
        "Monday 28 December: closed (Boxing Day (observed))",
        "Tuesday 29 December: 1pm to 6pm",
    ]


def test_a_lunch_break_is_told(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    small = a_library("Small Library", hours=("09:30-12:00, 13:00-17:00",) * 7)
    assert "open 9:30am to midday and 1pm to 5pm today" in about(replace(front_desk, libraries=[small]), "Is Small Library open today?").lead


def test_a_question_about_another_day_is_about_the_library_in_hand(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    lead = about(front_desk, "and on Sunday?", "Chelsea Library").lead
    assert lead.startswith("Chelsea Library is open 1pm to 5pm on Sunday 29 November.")


def test_hours_without_a_library_ask_which(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    assert about(front_desk, "are you open on Sunday?").lead == "Which library do you mean?"


@pytest.mark.parametrize("question", ["where is the library", "are you open", ""])
def test_another_question_is_not_about_a_certain_library(front_desk: FrontDesk, at, question: str):
    at("2026-11-25T10:30")
    assert front_desk.library(question) is None
    assert front_desk.answer("find-a-library", question) == front_desk.article("find-a-library")


def test_a_library_without_a_telephone_gives_the_services(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    silent = replace(a_library("Silent Library"), phone="")
    reply = about(replace(front_desk, libraries=[silent]), "Is Silent Library open today?")
    assert f"Telephone {PHONE}." in reply.lead
    assert PHONE in reply.after


# The nearest library


def test_wheres_my_nearest_library_im_in_w10(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    lines = about(front_desk, "where's my nearest library, I'm in W10").lead.splitlines()
    assert lines[0] == "These are the libraries in or near W10:"
    assert {line.split(" is ")[0] for line in lines[1:3]} == {"- Kensal Library", "- Queen's Park Library"}
    assert lines[3] == (
        "- North Kensington Library is open 9:30am to 5pm today (Wednesday 25 November). It is open now and closes at 5pm. "
        "108 Ladbroke Grove, London, W11 1PZ. Telephone 020 7361 3610."
    )


def test_a_district_without_a_library_is_told_plainly(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    lead = about(front_desk, "nearest library to SW9").lead
    assert lead.startswith("We have no library in SW9, and I cannot tell which is nearest to you. These may be:\n- Brompton Library is open")


def test_far_away_the_desk_does_not_guess(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    reply = about(front_desk, "nearest library to M1")
    assert reply.lead.startswith("I do not know of a library of ours near M1.")
    assert reply.after == ""


# Sample data


@pytest.mark.parametrize("question", ["Is Kensal open on Saturday?", "Kensal opening hours", "nearest library to W10", "nearest library to SW9"])
def test_every_answer_with_sample_hours_says_so(front_desk: FrontDesk, at, question: str):
    at("2026-11-25T10:30")
    assert about(front_desk, question).after.startswith("These hours are sample data, so please ring 020 7")


@pytest.mark.parametrize("question", ["Is Kensal open on Saturday?", "nearest library to W10"])
def test_a_services_own_hours_are_not_called_sample_data(front_desk: FrontDesk, at, question: str):
    at("2026-11-25T10:30")
    own = with_service(front_desk, libraries=LibrariesFile(file="own.csv", sample=False))
    assert "sample" not in about(own, question).text


# When a person can be reached


@pytest.mark.parametrize(
    ("moment", "promise"),
    [
        ("2026-11-25T09:31", "Staff can answer the telephone until 5pm today."),
        ("2026-11-25T09:30", "Staff can answer the telephone until 5pm today."),
        ("2026-11-25T16:59", "Staff can answer the telephone until 5pm today."),
        ("2026-11-25T17:00", "Staff can answer the telephone from 9:30am on Thursday 26 November."),
        ("2026-11-25T00:01", "Staff can answer the telephone from 9:30am today (Wednesday 25 November)."),
        ("2026-11-25T23:59", "Staff can answer the telephone from 9:30am on Thursday 26 November."),
        ("2026-11-28T12:00", "Staff can answer the telephone until 4pm today."),
        ("2026-11-28T18:00", "Staff can answer the telephone from 9:30am on Monday 30 November."),
        ("2026-12-24T18:00", "Staff can answer the telephone from 9:30am on Tuesday 29 December."),
        ("2026-12-25T11:00", "Staff can answer the telephone from 9:30am on Tuesday 29 December."),
        ("2026-07-01T16:30", "Staff can answer the telephone until 5pm today."),
    ],
)
def test_the_promise_is_kept_by_the_telephone_hours(front_desk: FrontDesk, at, moment: str, promise: str):
    at(moment)
    assert front_desk.promise() == promise


def test_in_a_lunch_break_the_promise_is_for_the_afternoon(front_desk: FrontDesk, at):
    at("2026-11-25T13:30")
    desk = with_service(front_desk, phone_hours={"Wednesday": "09:30-13:00, 14:00-17:00", "Thursday": "09:30-17:00"})
    assert desk.promise() == "Staff can answer the telephone from 2pm today (Wednesday 25 November)."


def test_before_a_lunch_break_the_promise_ends_with_it(front_desk: FrontDesk, at):
    at("2026-11-25T12:30")
    desk = with_service(front_desk, phone_hours={"Wednesday": "09:30-13:00, 14:00-17:00"})
    assert desk.promise() == "Staff can answer the telephone until 1pm today."


def test_where_nobody_ever_answers_nothing_is_promised(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    assert with_service(front_desk, phone_hours={}).promise() == ""


def test_the_telephone_hours_of_today_are_told(front_desk: FrontDesk, at):
    at("2026-11-25T20:00")
    assert front_desk.hours_today() == "today 9:30am to 5pm"
    at("2026-11-29T10:30")
    assert front_desk.hours_today() == "closed today"
    at("2026-12-25T10:30")
    assert front_desk.hours_today() == "closed today"


# Articles


def test_an_article_is_answered_with_its_steps_sources_and_the_day_of_their_oldest_check(front_desk: FrontDesk):
    reply = front_desk.answer("wifi-safety", "is it safe?")
    article = front_desk.articles["wifi-safety"]
    assert (reply.kind, reply.label, reply.topic, reply.lead) == ("answer", "wifi-safety", "wifi-safety", article.summary)
    assert list(reply.steps) == article.steps
    assert [source.title for source in reply.sources] == [source.title for source in article.front.sources]
    assert reply.checked == "Last checked 21 November 2026."
    assert reply.more == "/help/wifi-safety"


@pytest.mark.parametrize("slug", load_labels().articles)
def test_every_article_answers_without_a_placeholder_left(front_desk: FrontDesk, slug: str):
    reply = front_desk.article(slug)
    assert reply.lead
    assert reply.steps
    assert reply.sources
    assert "{{" not in reply.text


@pytest.mark.parametrize("slug", load_labels().articles)
def test_every_facet_is_answered_in_its_own_words_and_says_what_it_is_about(front_desk: FrontDesk, slug: str):
    article = front_desk.articles[slug]
    for name, words in article.front.facets.items():
        reply = front_desk.facet(slug, name)
        assert (reply.lead, reply.steps, reply.topic) == (words, (), slug)
        assert article.title in reply.after


def test_a_facet_that_the_article_lacks_gets_the_whole_answer(front_desk: FrontDesk):
    assert "when" not in front_desk.articles["wifi-safety"].front.facets
    assert front_desk.facet("wifi-safety", "when") == front_desk.article("wifi-safety")


# Small talk, safety, personal data


@pytest.mark.parametrize("label", sorted(set(load_labels().conversation) - {"not_helpful", "repeat"}))
def test_small_talk_has_words_for_every_label(front_desk: FrontDesk, label: str):
    reply = front_desk.small_talk(label)
    assert (reply.kind, reply.label) == ("smalltalk", label)
    assert "{" not in reply.text


def test_the_welcome_says_that_it_is_a_program_and_offers_the_first_choices(front_desk: FrontDesk):
    welcome = front_desk.welcome()
    assert "computer program" in welcome.lead
    assert [choice.label for choice in welcome.choices] == list(FIRST_CHOICES)


def test_a_crisis_gets_the_numbers_to_ring_at_once(front_desk: FrontDesk):
    reply = front_desk.alarm(Alarm.CRISIS)
    assert (reply.kind, reply.label) == ("crisis", "crisis")
    for number in ("999", "116 123", "85258", "111", "0808 2000 247", "0800 1111", PHONE):
        assert number in reply.lead


def test_a_medical_question_is_sent_to_999_111_and_the_gp(front_desk: FrontDesk):
    reply = front_desk.alarm(Alarm.MEDICAL)
    assert (reply.kind, reply.label) == ("medical", "medical_advice")
    for words in ("999", "111", "GP", "pharmacist"):
        assert words in reply.lead


def test_personal_data_is_named_but_never_repeated(front_desk: FrontDesk):
    reply = front_desk.personal_data([PersonalData.NHS, PersonalData.CARD])
    assert (reply.kind, reply.label) == ("personal_data", "personal_data")
    assert "you typed an NHS number and a bank card number." in reply.lead


def test_personal_data_of_an_unknown_kind_is_something_private(front_desk: FrontDesk):
    assert "you typed something private." in front_desk.personal_data().lead


def test_the_last_reply_is_repeated_word_for_word(front_desk: FrontDesk):
    last = front_desk.article("wifi-safety")
    again = front_desk.repeat(last)
    assert again.label == "repeat"
    assert again.text == f"Here it is again.\n{last.text}"


def test_there_is_nothing_to_repeat_at_first(front_desk: FrontDesk):
    assert front_desk.repeat(None).lead == "I have not told you anything yet. What would you like to know?"


# Not knowing


def offered(reply: Reply) -> list[str]:
    return [choice.label for choice in reply.choices]


def test_an_uncertain_desk_asks_did_you_mean(front_desk: FrontDesk):
    reply = front_desk.not_certain(["wifi-connect", "wifi-safety", "talk_to_staff", "scams"], "wifi-connect")
    assert (reply.kind, reply.label, reply.topic) == ("choice", "wifi-connect", "wifi-connect")
    assert offered(reply) == ["wifi-connect", "wifi-safety", "talk_to_staff", "not_helpful"]
    assert reply.choices[-1].title == "None of these"


def test_what_makes_no_sense_as_a_button_is_not_offered(front_desk: FrontDesk):
    reply = front_desk.not_certain(["crisis", "greet", "out_of_scope", "scams"], "greet")
    assert offered(reply) == ["scams", "not_helpful"]


def test_a_desk_that_does_not_know_says_so_and_offers_a_person(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    reply = front_desk.not_certain([], "scams")
    assert (reply.kind, reply.label) == ("fallback", "out_of_scope")
    assert "I do not know that" in reply.lead
    assert PHONE in reply.lead
    assert "until 5pm today" in reply.lead
    assert offered(reply) == [*FIRST_CHOICES, "talk_to_staff"]


def test_what_is_not_the_librarys_business_is_told_so(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    reply = front_desk.not_certain(["greet"], "out_of_scope")
    assert (reply.kind, reply.label) == ("fallback", "out_of_scope")
    assert "I cannot help with that" in reply.lead
    assert PHONE in reply.lead


def test_an_answer_that_did_not_help_is_followed_by_others(front_desk: FrontDesk):
    reply = front_desk.other_answers("wifi-safety", ["scams", "wifi-safety", "greet"], 1)
    assert (reply.kind, reply.label) == ("choice", "not_helpful")
    assert offered(reply)[0] == "scams"
    assert "wifi-safety" not in offered(reply)
    assert len(offered(reply)) == len(set(offered(reply))) == MOST_CHOICES


def test_the_second_time_a_person_is_offered(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    reply = front_desk.other_answers("wifi-safety", ["scams"], 2)
    assert (reply.kind, reply.label) == ("fallback", "not_helpful")
    assert f"ring {PHONE}. Staff can answer the telephone until 5pm today." in reply.lead


def test_without_a_topic_the_first_choices_are_offered(front_desk: FrontDesk):
    assert offered(front_desk.other_answers(None, [], 1)) == list(FIRST_CHOICES)


@pytest.mark.parametrize("action", load_labels().actions)
def test_what_the_desk_cannot_do_yet_is_told_with_who_can(front_desk: FrontDesk, at, action: str):
    at("2026-11-25T10:30")
    reply = front_desk.not_built(action)
    assert (reply.kind, reply.label) == ("fallback", action)
    assert reply.lead.startswith("I cannot")
    assert PHONE in reply.lead


@pytest.mark.parametrize("label", load_labels().everything)
def test_whatever_can_be_offered_has_words_for_its_button(front_desk: FrontDesk, label: str):
    if front_desk.can_offer(label):
        assert front_desk.choices([label])[0].title


# While the assistant is away

AWAY = {"starting": "The assistant is still starting", "down": "The assistant is not at its best just now", "slow": "The assistant is slow just now"}


@pytest.mark.parametrize(("state", "words"), AWAY.items())
def test_a_stand_in_answer_says_what_it_is_and_how_to_reach_a_person(front_desk: FrontDesk, state: str, words: str):
    reply = front_desk.stand_in_answer("wifi-safety", "is it safe?", state)
    assert reply.lead == front_desk.articles["wifi-safety"].summary
    assert reply.after == f"{words}, so this is the nearest answer that I could find. If it is not what you asked, ring {PHONE}."


def test_a_stand_in_answer_about_a_library_keeps_the_note_on_sample_hours(front_desk: FrontDesk, at):
    at("2026-11-25T10:30")
    reply = front_desk.stand_in_answer("find-a-library", "Is Kensal open on Saturday?", "down")
    assert reply.lead.startswith("Kensal Library is open 9:30am to 5pm on Saturday 28 November.")
    assert [line.split(",")[0] for line in reply.after.splitlines()] == ["These hours are sample data", AWAY["down"]]


@pytest.mark.parametrize(("state", "words"), AWAY.items())
def test_stand_in_choices_say_that_they_were_looked_up(front_desk: FrontDesk, state: str, words: str):
    reply = front_desk.stand_in_choices(["wifi-safety", "scams"], state)
    assert (reply.kind, reply.label, offered(reply)) == ("choice", "wifi-safety", ["wifi-safety", "scams", "talk_to_staff"])
    assert reply.lead == f"{words}, so I looked in our answers for you. Is it one of these? If not, ring {PHONE} to ask a person."


@pytest.mark.parametrize(("state", "words"), AWAY.items())
def test_a_stand_in_that_found_nothing_says_that_the_message_is_kept_and_when_a_person_answers(front_desk: FrontDesk, at, state: str, words: str):
    at("2026-11-25T18:30")
    reply = front_desk.stand_in_choices([], state)
    assert (reply.kind, reply.label) == ("fallback", "out_of_scope")
    assert reply.lead.startswith(f"{words}, and I could not find an answer. Your message is kept.")
    assert reply.lead.endswith("Staff can answer the telephone from 9:30am on Thursday 26 November.")


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2028, 2, 29)], ids=str)
def test_hours_are_told_on_the_days_that_the_clocks_change_and_on_leap_day(front_desk: FrontDesk, at, day: date):
    at(f"{day}T12:30")
    always = replace(front_desk, libraries=[a_library("Small Library", hours=("09:30-17:00",) * 7)])
    assert "It is open now and closes at 5pm." in about(always, "Is Small Library open today?").lead

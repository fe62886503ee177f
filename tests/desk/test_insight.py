"""A month's figures: what is counted, in which month, and what is kept back in the export."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import insert

from desk import bookings, cases, conversations, handovers, insight, referrals, volunteers
from desk.attendance import walk_in
from desk.clock import now
from desk.database import Database
from desk.hours import DAYS, parse_hours
from desk.insight import ALL, ENDINGS, Figures, Month, NotAMonthError, Waits
from desk.people import Party
from desk.referrals import Referral
from desk.replies import Reply
from desk.small_numbers import FEW, WITHHELD
from desk.staff_tables import StaffRow, UnansweredRow
from desk.tables import ConversationRow, MessageRow
from desk.volunteers import Volunteer
from tests.desk.staff_room import ANSWER, IN_LINE, a_chat, bot_answers, says, somebody_of_the_staff
from tests.desk.timetable import a_course, a_session, book, open_library

At = Callable[[str], datetime]
NOVEMBER = Month(2026, 11)
WEEK = tuple(parse_hours("" if day == "Sunday" else "09:00-17:00") for day in DAYS)
FELL_BACK = Reply("fallback", "out_of_scope", "I do not know.")


def in_november(database: Database, month: Month = NOVEMBER) -> Figures:
    with database.reading() as session:
        return insight.figures(session, month, WEEK)


def asks(database: Database, *replies: Reply, chat: str = "") -> str:
    """A resident writes once for each reply that the desk gives."""
    conversation = chat or a_chat(database)
    for n, reply in enumerate(replies):
        assert bot_answers(database, says(database, conversation, "May I ask something?", f"{reply.label} {reply.kind} {n}"), reply)
    return conversation


def endings(found: Figures, label: str) -> dict[str, int]:
    return {ending: count for ending in ENDINGS if (count := found.count("topics", label, ending))}


def exported(found: Figures) -> dict[tuple[str, str, str], str]:
    rows = list(csv.DictReader(io.StringIO(insight.to_csv(found))))
    assert all(row["Month"] == "2026-11" for row in rows)
    return {(row["Part"], row["Item"], row["Measure"]): row["Number"] for row in rows}


# Months


def test_a_month_is_read_as_year_and_month() -> None:
    assert Month.read("2026-11") == NOVEMBER
    assert str(NOVEMBER) == "2026-11"
    assert (Month(2026, 12).after, Month(2026, 1).before) == (Month(2027, 1), Month(2025, 12))
    assert (len(NOVEMBER.days), len(Month(2028, 2).days)) == (30, 29)


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-0", "11-2026", "2026-11-01", "1999-12", "2026-1१", "november"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(NotAMonthError):
        Month.read(text)


def test_months_begin_and_end_at_midnight_in_london(database: Database, at: At) -> None:
    for moment in ("2026-09-30T23:59", "2026-10-01T00:00", "2026-10-31T23:59", "2026-11-01T00:00"):
        at(moment)  # the summer hour ends on 25 October
        asks(database, ANSWER)
    assert [in_november(database, Month(2026, month)).count("topics", "wifi-connect", ALL) for month in (9, 10, 11)] == [1, 2, 1]


def test_an_empty_month_is_all_noughts(database: Database) -> None:
    found = in_november(database)
    assert set(found.counts.values()) == {0}
    assert not found.kept_back
    assert set(exported(found).values()) == {"0", WITHHELD}  # the waits of nobody


# Enquiries


def test_enquiries_are_counted_by_topic_and_how_they_ended(database: Database, at: At) -> None:
    at("2026-11-25T10:00")
    asks(database, ANSWER, ANSWER, Reply("choice", "wifi-connect", "Did you mean?"), FELL_BACK, Reply("smalltalk", "thanks", "Glad to."))
    asks(database, ANSWER, Reply("answer", "scams", "Do not pay."))
    found = in_november(database)
    assert endings(found, "wifi-connect") == {"answered": 3, "choices offered": 1}
    assert endings(found, "scams") == {"answered": 1}
    assert endings(found, "out_of_scope") == {"fell back": 1}
    assert found.most_first("topics", ALL) == ["wifi-connect", "out_of_scope", "scams"]  # small talk is no enquiry
    assert found.count("topics", ALL, ALL) == 6
    assert (found.count("messages"), found.count("conversations")) == (7, 2)
    assert found.count("replies that did not know") == 1


def test_a_question_is_counted_once_though_it_got_two_replies(database: Database, at: At) -> None:
    at("2026-11-25T10:00")
    message = says(database, a_chat(database), "What is the Wi-Fi password? And the printer?", "one")
    with database.writing() as session:
        conversations.answer(session, message, [ANSWER, Reply("question", "book_session", "Which day?")])
    found = in_november(database)
    assert endings(found, "wifi-connect") == {"answered": 1}


def test_a_task_is_counted_once_a_conversation_by_how_far_it_went(database: Database, at: At) -> None:
    at("2026-11-25T10:00")
    question, done = Reply("question", "book_session", "Which day?"), Reply("booked", "book_session", "You are booked.")
    asks(database, question, question, question, done)
    asks(database, question, question)
    asks(database, Reply("sessions", "find_session", "These are coming."))
    asks(database, Reply("question", "talk_to_staff", "How can we reach you?"), Reply("message_taken", "talk_to_staff", "We will ring."))
    found = in_november(database)
    assert endings(found, "book_session") == {"answered": 1, "not finished": 1}
    assert endings(found, "find_session") == {"answered": 1}
    assert endings(found, "talk_to_staff") == {"passed to staff": 1}


def test_safety_replies_are_counted_and_nothing_more(database: Database, at: At) -> None:
    at("2026-11-25T10:00")
    asks(database, Reply("crisis", "crisis", "Ring 999."), Reply("personal_data", "personal_data", "Do not send that."))
    found = in_november(database)
    assert found.count("safety replies") == 2
    assert not found.items("topics")


def test_every_label_has_a_theme(database: Database) -> None:
    themes = insight.topics_by_theme()
    assert insight.theme_of("scams") == "doing things online"
    assert insight.theme_of("book_session") == insight.ACTIONS_THEME
    assert insight.theme_of("an-article-of-old") == insight.OTHER_THEME
    assert len({label for labels in themes.values() for label in labels}) == sum(map(len, themes.values()))


def test_what_residents_said_of_answers(database: Database, at: At) -> None:
    at("2026-11-25T10:00")
    chat = asks(database, ANSWER, ANSWER, Reply("answer", "scams", "Do not pay."))
    with database.writing() as session:
        for seq, helpful in ((2, True), (4, False), (6, True)):
            conversations.note_feedback(session, chat, seq, helpful)
        conversations.note_feedback(session, chat, 4, True)  # on second thoughts
    found = in_november(database)
    assert [found.count("feedback", label, "helpful") for label in ("wifi-connect", "scams", ALL)] == [2, 1, 3]
    assert found.count("feedback", ALL, "not helpful") == 0


def test_languages_are_of_conversations(database: Database, at: At) -> None:
    at("2026-11-25T10:00")
    for language in ("en", "en", "pl"):
        chat = asks(database, ANSWER, ANSWER)
        with database.writing() as session:
            session.get_one(ConversationRow, chat).language = language
    a_chat(database)  # opened and never used
    found = in_november(database)
    assert {language: found.count("languages", language) for language in found.items("languages")} == {"en": 2, "pl": 1}


@pytest.mark.parametrize(
    ("moment", "weekday", "hour", "is_open"),
    [
        ("2026-11-25T09:00", 2, 9, True),
        ("2026-11-25T08:59", 2, 8, False),
        ("2026-11-25T16:59", 2, 16, True),
        ("2026-11-25T17:00", 2, 17, False),
        ("2026-11-29T10:00", 6, 10, False),  # a Sunday
        ("2026-07-01T09:30", 2, 9, True),  # in summer time
        ("2026-12-25T10:00", 4, 10, False),  # a bank holiday
    ],
)
def test_when_residents_write(database: Database, at: At, moment: str, weekday: int, hour: int, is_open: bool) -> None:
    at(moment)
    asks(database, ANSWER)
    found = in_november(database, Month.read(moment[:7]))
    assert found.demand == {(weekday, hour): 1}
    assert found.count("hours", f"{hour:02}:00") == found.count("weekdays", DAYS[weekday]) == 1
    assert found.count("messages", "in opening hours") == int(is_open)
    assert found.count("messages", "out of opening hours") == int(not is_open)


# Hand-overs


@pytest.fixture
def priya(database: Database, at: At) -> StaffRow:
    at("2026-11-01T10:00")
    return somebody_of_the_staff(database)


def waits_for(database: Database, at: At, staff: StaffRow, opened: str, replied: str = "") -> str:
    """A resident asks for a person, who writes at a moment, or not yet."""
    at(opened)
    chat = asks(database, ANSWER, IN_LINE)
    if replied:
        at(replied)
        with database.writing() as session:
            handovers.reply(session, chat, staff, "hello", "Hello, how can I help?", last_seen_seq=100)
    return chat


def test_waits_count_opening_hours_only(database: Database, at: At, priya: StaffRow) -> None:
    waits_for(database, at, priya, "2026-11-02T16:50", "2026-11-03T09:10")  # twenty minutes: ten before closing, ten after opening
    for minute in (1, 2, 3, 40):
        waits_for(database, at, priya, "2026-11-04T10:00", f"2026-11-04T10:{minute:02}")
    found = in_november(database)
    assert found.waits == {"live": Waits(median=3, ninetieth=40)}
    assert found.count("hand-overs", "live") == found.count("hand-overs") == 5
    assert found.count("conversations", "with a reply of the staff") == 5


def test_no_wait_is_told_of_fewer_than_five(database: Database, at: At, priya: StaffRow) -> None:
    for _ in range(4):
        waits_for(database, at, priya, "2026-11-04T10:00", "2026-11-04T10:05")
    waits_for(database, at, priya, "2026-11-04T10:00")
    found = in_november(database)
    assert found.waits == {}
    assert exported(found)["waits in opening hours", "live", "median minutes"] == WITHHELD


def test_what_became_of_promises_and_of_hand_overs(database: Database, at: At, priya: StaffRow) -> None:
    def takes_message(opened: str) -> str:
        at(opened)
        chat = asks(database, ANSWER)
        with database.writing() as session:
            handovers.take_message(session, chat, WEEK, reason="asked", way="phone")
        return chat

    def ends(chat: str, moment: str, outcome: str) -> None:
        at(moment)
        with database.writing() as session:
            handovers.resolve(session, chat, priya, outcome)

    ends(takes_message("2026-11-02T09:00"), "2026-11-02T12:00", "rang")  # a call that the chat knows nothing of
    ends(takes_message("2026-11-02T09:00"), "2026-11-05T12:00", "answered")
    takes_message("2026-11-02T09:00")  # forgotten
    takes_message("2026-11-20T16:00")
    live = waits_for(database, at, priya, "2026-11-20T16:30")
    with database.writing() as session:
        handovers.leave_line(session, live)
    found = in_november(database)
    promises = {promise: found.count("promises", promise) for promise in insight.PROMISES}
    assert promises == {"kept": 1, "broken": 2, "still to come": 1, "none was made": 1}
    outcomes = {outcome: count for outcome in found.items("outcomes") if (count := found.count("outcomes", outcome))}
    assert outcomes == {"rang": 1, "answered": 1, "still open": 2, "left the line": 1}
    assert found.count("hand-overs by topic", "wifi-connect") == 5


# What nobody could answer


def nobody_answers(database: Database, *texts: str, chat: str = "") -> None:
    """Each question comes from a chat of its own, unless a chat is given."""
    for n, text in enumerate(texts):
        conversation = chat or a_chat(database)
        with database.writing() as session:
            session.add(UnansweredRow(conversation_id=conversation, seq=n, at=now(), text=text, reason="fell back", state="new"))


def test_questions_are_shown_only_where_five_people_asked_alike(database: Database, at: At) -> None:
    at("2026-11-25T10:00")
    nobody_answers(database, *["Do you lend fishing rods?"] * 4, "  do you lend FISHING rods? ", *["May I bring my dog?"] * 4)
    nobody_answers(database, *["I live at 5 Mill Lane, is that near?"] * 9, chat=a_chat(database))
    found = in_november(database)
    assert found.alike == [("do you lend fishing rods?", 5)]
    assert found.count("unanswered", "fell back", "new") == found.count("unanswered", ALL, ALL) == 18
    assert "fishing" not in insight.to_csv(found)


# Sessions


def test_sessions_offered_booked_and_attended(database: Database, at: At) -> None:
    at("2026-11-01T10:00")
    open_library(database)
    for_adults = a_session(database, "2026-11-10T14:00", 10)
    for_children = a_session(database, "2026-11-11T14:00", 8, kind="coding-club", age_from=7, age_to=11)
    a_session(database, "2026-12-01T14:00", 10)  # another month
    cancelled = a_session(database, "2026-11-12T14:00", 10)
    booked = [book(database, for_adults, f"Adult {n}").row.id for n in range(4)]
    with database.writing() as session:
        bookings.book(
            session, for_children, Party("Ada", age=9, contact_name="Mary", relation="parent", phone="+447700900123", consent=True), request_id="a"
        )
        bookings.cancel(session, booked[3])
        bookings.cancel_session(session, cancelled, "ill", who="staff:1")
    at("2026-11-10T14:05")
    with database.writing() as session:
        bookings.mark_attendance(session, booked[0], True, who="staff:1")
        bookings.mark_attendance(session, booked[1], False, who="staff:1")
        walk_in(session, for_adults, "", request_id="w1", who="staff:1")
    found = in_november(database)

    def line(part: str, item: str) -> dict[str, int]:
        return {measure: count for measure in insight.SESSION_MEASURES if (count := found.count(part, item, measure))}

    came = {"booked": 3, "came": 1, "missed": 1, "not marked": 1, "walk-ins": 1, "attended": 2, "cancelled": 1}
    assert line("sessions", "class") == {"dates": 1, "dates cancelled": 1, "places": 10, **came}
    assert line("sessions", "coding-club") == {"dates": 1, "places": 8, "booked": 1, "not marked": 1}
    assert line("sessions by age", "children") == line("sessions", "coding-club")
    assert line("sessions by age", "adults and all ages") == line("sessions", "class")
    assert found.count("sessions", ALL, "booked") == 4


def test_a_course_has_its_people_once(database: Database, at: At) -> None:
    at("2026-11-01T10:00")
    open_library(database)
    first, *_ = a_course(database, "2026-11-10T14:00", "2026-11-17T14:00", "2026-12-01T14:00", capacity=6)
    book(database, first)
    found = in_november(database)
    assert [found.count("sessions", "course", measure) for measure in ("dates", "places", "booked")] == [2, 6, 1]
    later = in_november(database, Month(2026, 12))
    assert [later.count("sessions", "course", measure) for measure in ("dates", "places", "booked")] == [1, 0, 0]


def test_a_hold_is_no_booking(database: Database, at: At) -> None:
    at("2026-11-01T10:00")
    one = a_session(database, "2026-11-10T14:00", 10)
    with database.writing() as session:
        bookings.hold_place(session, one, request_id="typing")
    assert in_november(database).count("sessions", "class", "booked") == 0


# Referrals and volunteers


def test_referrals_by_kind_and_volunteers_by_state(database: Database, at: At) -> None:
    at("2026-11-25T10:00")
    with database.writing() as session:
        rows = [
            referrals.refer(session, Referral(kind, "Sam", True), request_id=f"{n}", source="page")
            for n, kind in enumerate(("device", "device", "data"))
        ]
        cases.move(session, rows[0], "accepted", "staff:1")
        volunteers.register(session, Volunteer("Ada", ("other",), True), request_id="v", source="page")
    found = in_november(database)
    assert [found.count("referrals", "device", state) for state in (ALL, "new", "accepted")] == [2, 1, 1]
    assert found.count("referrals", ALL, ALL) == 3
    assert found.count("volunteers", "new") == found.count("volunteers") == 1
    assert found.shown("referrals", "device", ALL) == FEW  # on the page too, as it is about people


# The export


def test_the_export_holds_no_small_number(database: Database, at: At, priya: StaffRow) -> None:
    at("2026-11-25T10:00")
    for label, times in (("wifi-connect", 12), ("nhs-app", 9), ("scams", 3), ("ebooks", 6)):
        for _ in range(times):
            asks(database, Reply("answer", label, "An answer."))
    found = in_november(database)
    rows = exported(found)
    topics = {label: rows["topics", label, ALL] for label in (*found.items("topics"), ALL)}
    assert topics == {"wifi-connect": "12", "nhs-app": "9", "ebooks": WITHHELD, "scams": FEW, ALL: "30"}
    assert not [cell for cell, number in rows.items() if number.isdecimal() and 0 < int(number) < 5]
    assert found.shown("topics", "scams", ALL) == "3"  # managers see topics as they are


def test_the_order_of_lines_tells_nothing_of_numbers(database: Database, at: At) -> None:
    at("2026-11-25T10:00")
    for language, times in (("en", 8), ("ar", 1), ("pl", 3), ("bn", 2)):
        for _ in range(times):
            chat = asks(database, Reply("answer", f"topic-{language}", "An answer."))
            with database.writing() as session:
                session.get_one(ConversationRow, chat).language = language
    found = in_november(database)
    items = [item for part, item, _ in exported(found) if part == "languages"]
    assert items == ["ar", "bn", "en", "pl"]
    assert found.most_first("languages") == ["en", "ar", "bn", "pl"]
    assert found.items("topics") == ["topic-ar", "topic-bn", "topic-en", "topic-pl"]


def test_a_small_number_of_hand_overs_is_kept_back_on_the_page(database: Database, at: At, priya: StaffRow) -> None:
    for _ in range(6):
        waits_for(database, at, priya, "2026-11-04T10:00", "2026-11-04T10:05")
    live = waits_for(database, at, priya, "2026-11-04T10:00")
    with database.writing() as session:
        handovers.resolve(session, live, priya, "spam")
    found = in_november(database)
    assert found.count("outcomes", "spam") == 1
    assert found.shown("outcomes", "spam") == FEW
    assert not (found.shown("outcomes", "still open").isdecimal() and found.shown("hand-overs").isdecimal())


def test_a_month_of_many_messages_is_counted_soon(database: Database, at: At) -> None:
    moment = at("2026-11-02T10:00")
    chat, details = a_chat(database), ANSWER.details()
    with database.writing() as session:
        for begin in range(0, 20_000, 2_000):
            rows: list[dict[str, Any]] = []
            for n in range(begin, begin + 2_000, 2):
                when = moment + timedelta(minutes=n)
                shared = {"conversation_id": chat, "at": when, "waiting": False, "client_id": None}
                rows.append(shared | {"seq": n + 1, "author": "resident", "kind": "message", "text": "hello", "details": {}, "in_reply_to": None})
                rows.append(shared | {"seq": n + 2, "author": "bot", "kind": "answer", "text": "yes", "details": details, "in_reply_to": n + 1})
            session.execute(insert(MessageRow), rows)
    begun = perf_counter()
    found = in_november(database)
    assert found.count("topics", "wifi-connect", "answered") == 10_000
    assert perf_counter() - begun < 5

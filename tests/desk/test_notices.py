import smtplib
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import delete, select

from desk import bookings, conversations, notices, senders, waiting_list
from desk.bookings import Booking
from desk.clock import in_london
from desk.database import Database
from desk.notice_wording import KINDS, compose
from desk.notices import Outgoing, SendError, run_due
from desk.retention import erase_people
from desk.senders import NoSenderError, NotifyEmail, NotifyText, SmtpSender, email_of
from desk.settings import Settings
from desk.tables import BookingRow, NoticeRow, SessionRow, WaitingRow
from tests.desk.timetable import NOW, a_course, a_session, open_library, somebody
from tests.desk.timetable import notices as outbox

At = Callable[[str], object]
EMAIL = {"phone": "", "email": "mary@example.com"}


@pytest.fixture(autouse=True)
def _the_clock_and_the_library(database: Database, at: At) -> None:
    at(NOW)
    open_library(database)


class Post:
    """A sender that keeps what it was given, and fails as often as it is told to."""

    def __init__(self, failures: int = 0, *, for_good: bool = False) -> None:
        self.sent: list[Outgoing] = []
        self.failures, self.for_good = failures, for_good

    def send(self, message: Outgoing) -> None:
        if self.failures:
            self.failures -= 1
            raise SendError("the post is closed", for_good=self.for_good)
        self.sent.append(message)


def book(db: Database, session_id: int, **more: Any) -> Booking:
    with db.writing() as session:
        return bookings.book(session, session_id, somebody(**more), request_id=f"{session_id} {more.get('name')}")


def send(db: Database, post: Post | None = None) -> list[Outgoing]:
    post = post or Post()
    run_due(db, {"email": post, "text": post})
    return post.sent


# What is told


def test_a_confirmation_says_what_where_when_and_the_reference(database: Database):
    made = book(database, a_session(database, room="Meeting room"), needs="I use a wheelchair", **EMAIL)
    (message,) = send(database)
    assert (message.to, message.subject) == ("mary@example.com", "Your place: First steps with your smartphone, Wednesday 2 December")
    for said in ("2pm", "Pimlico Library, Meeting room", "1 Rampayne Street, SW1V 2PU", made.reference, "wheelchair", "Dear Mary O'Brien-Khan"):
        assert said in message.text
    assert "\n\n\n" not in message.text


def test_without_an_email_a_mobile_gets_a_short_text(database: Database):
    made = book(database, a_session(database))
    (message,) = send(database)
    assert (message.to, message.subject, message.calendar) == ("+447700900123", "", None)
    assert made.reference in message.text
    assert len(message.text) < 306  # two texts


def test_a_landline_is_not_texted_and_staff_ring_only_about_what_the_library_did(database: Database):
    made = book(database, a_session(database), phone="+442079460958")
    assert outbox(database) == []
    with database.writing() as session:
        bookings.cancel_session(session, made.row.session_id, "No heating.", who="staff:1")
    with database.writing() as session:
        (call,) = notices.calls_to_make(session)
        assert (call.kind, call.details["reason"]) == ("cancellation", "No heating.")
        assert [notices.mark_done(session, call.id) for _ in range(2)] == [True, False]
        assert notices.calls_to_make(session) == []
    assert send(database) == []


def test_nobody_without_a_contact_is_written_to(database: Database):
    book(database, a_session(database), phone="")
    assert outbox(database) == []


def test_a_reminder_goes_out_at_ten_the_day_before(database: Database, at: At):
    book(database, a_session(database), **EMAIL)
    send(database)
    at("2026-12-01T09:59")
    assert send(database) == []
    at("2026-12-01T10:00")
    assert [message.subject for message in send(database)] == ["Tomorrow: First steps with your smartphone, 2pm"]


def test_what_begins_within_a_day_needs_no_reminder(database: Database):
    book(database, a_session(database, "2026-11-25T09:30"), **EMAIL)
    assert [notice.kind for notice in outbox(database)] == ["confirmation"]


def test_a_course_is_reminded_of_each_date(database: Database):
    dates = a_course(database, "2026-12-01T10:00", "2026-12-08T10:00")
    book(database, dates[0], **EMAIL)
    due = [in_london(notice.due_at).isoformat()[:16] for notice in outbox(database, kind="reminder")]
    assert due == ["2026-11-30T10:00", "2026-12-07T10:00"]


def test_after_a_change_only_the_new_date_is_reminded_of(database: Database, at: At):
    old, new = a_session(database), a_session(database, "2026-12-09T14:00", title="Email for beginners")
    made = book(database, old, **EMAIL)
    with database.writing() as session:
        bookings.change(session, made.row.id, new)
    said = send(database)[-1]
    assert said.subject == "Changed: Email for beginners, Wednesday 9 December"
    assert "You no longer have a place on Wednesday 2 December, 2pm." in said.text
    for day, reminders in (("2026-12-01", 0), ("2026-12-08", 1)):
        at(f"{day}T10:00")
        assert len(send(database)) == reminders


def test_what_a_later_notice_has_overtaken_is_not_sent(database: Database, at: At):
    """Such as all that an outbox without a sender has gathered."""
    made = book(database, a_session(database), **EMAIL)
    with database.writing() as session:
        bookings.change(session, made.row.id, a_session_in(session, database))
    assert [message.subject.partition(":")[0] for message in send(database)] == ["Changed"]
    book(database, a_session(database, "2026-12-10T14:00"), **EMAIL)
    at("2026-12-11T10:00")
    assert send(database) == []


def test_after_a_cancellation_nothing_is_reminded_of(database: Database, at: At):
    made = book(database, a_session(database), **EMAIL)
    with database.writing() as session:
        bookings.cancel(session, made.row.id)
    assert [message.subject.partition(":")[0] for message in send(database)] == ["Cancelled"]
    at("2026-12-01T10:00")
    assert send(database) == []


def test_who_loses_a_place_through_the_library_is_told_sorry_and_why(database: Database):
    made = book(database, a_session(database), **EMAIL)
    with database.writing() as session:
        bookings.cancel_session(session, made.row.session_id, "Our heating is broken.", who="staff:1")
    text = send(database)[-1].text
    assert "We are sorry" in text
    assert "Our heating is broken." in text


def test_a_lost_date_of_a_course_is_told_and_the_others_are_reminded_of(database: Database, at: At):
    dates = a_course(database, "2026-12-01T10:00", "2026-12-08T10:00")
    book(database, dates[0], **EMAIL)
    with database.writing() as session:
        bookings.cancel_session(session, dates[1], "Election day.", who="staff:1")
    text = send(database)[-1].text
    assert "Tuesday 8 December, 10am. Election day. The other dates stay" in text
    assert [notice.session_id for notice in outbox(database, kind="reminder", state="withdrawn")] == [dates[1]]
    at("2026-11-30T10:00")
    assert [message.subject for message in send(database)] == ["Tomorrow: Essential digital skills, 10am"]


def test_an_offer_says_until_when_and_waits_for_the_chat_too(database: Database):
    one = a_session(database, capacity=1)
    made = book(database, one, name="Ann")
    with database.writing() as session:
        chat = conversations.start(session, [], language="en", page="", keep_days=1).conversation.id
        waiting_list.join_waiting_list(session, one, somebody("Ben", **EMAIL), request_id="1", conversation_id=chat)
        bookings.cancel(session, made.row.id)
    said = send(database)[-1]
    assert said.subject == "A place for you: First steps with your smartphone, Wednesday 2 December"
    assert "Please tell us by 6pm on Tuesday 24 November." in said.text
    [in_chat] = outbox(database, channel="chat", state="due")
    assert in_chat.details["until"].startswith("2026-11-24T18:00")
    with database.reading() as session:
        assert notices.due_in_chats(session) == [(in_chat.id, chat)]


def test_an_offer_that_was_answered_before_it_was_sent_is_not_sent(database: Database):
    one = a_session(database, capacity=1)
    made = book(database, one, name="Ann")
    with database.writing() as session:
        ben = waiting_list.join_waiting_list(session, one, somebody("Ben", **EMAIL), request_id="1").row.id
        bookings.cancel(session, made.row.id)
        waiting_list.decline_offer(session, ben)
    assert not [message for message in send(database) if message.subject.startswith("A place for you")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channel", ["email", "text"])
def test_every_kind_has_its_wording_and_a_name_stays_as_typed(database: Database, kind: str, channel: str):
    """Markup in a name is text in a text: nothing is escaped, nothing is run."""
    party = somebody("<b>{{ 1 }}</b> Zoë", phone="+447700900123", email="mary@example.com", language="so")
    one = a_session(database, capacity=1)
    with database.writing() as session:
        made = bookings.book(session, one, party, request_id="1")
        line = WaitingRow(
            session_id=one, reference="X", request_id="w", person_key="w", state="offered", created_at=datetime.now(UTC), **party.columns()
        )
        session.add(line)
        session.flush()
        told = line if kind == "offer" else made.row
        session.execute(delete(NoticeRow))
        notice = notices._add(session, kind, channel, told, made.dates[0], datetime.now(UTC), {"until": "2026-11-24T18:00:00+00:00", "n": kind})
        session.flush()
        notice_id = notice.id
    with database.reading() as session:
        message = compose(session, session.get_one(NoticeRow, notice_id))
    assert message is not None
    assert "{%" not in message.text
    assert "{{ service" not in message.text
    assert (channel == "text") == (message.subject == "")
    if channel == "email":
        assert "Dear <b>{{ 1 }}</b> Zoë," in message.text


# Sending


def test_a_notice_is_written_in_the_transaction_that_makes_it_true(database: Database):
    one = a_session(database)
    with pytest.raises(RuntimeError), database.writing() as session:  # noqa: PT012
        bookings.book(session, one, somebody(**EMAIL), request_id="1")
        raise RuntimeError
    assert outbox(database) == []


def test_without_a_sender_notices_stay_in_the_outbox(database: Database):
    book(database, a_session(database), **EMAIL)
    run_due(database, {})
    assert {notice.state for notice in outbox(database)} == {"due"}


def test_two_runners_never_send_one_twice(database: Database):
    one, post = a_session(database, capacity=12), Post()
    for n in range(12):
        book(database, one, name=f"person {n}", **EMAIL)
    runners = [threading.Thread(target=run_due, args=(database, {"email": post})) for _ in range(4)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert len(post.sent) == len({message.id for message in post.sent}) == 12


def test_a_failure_is_tried_again_later_and_later_and_then_given_up_visibly(database: Database, at: At):
    book(database, a_session(database, "2026-11-25T09:30"), **EMAIL)
    post, tried = Post(failures=99), []
    for minute in range(0, 24 * 60, 1):
        hour, left = divmod(minute, 60)
        at(f"2026-11-24T{hour:02}:{left:02}" if minute >= 600 else NOW)
        if outbox(database)[0].due_at <= datetime.fromisoformat("2026-11-24T00:00+00:00").replace(hour=hour, minute=left):
            before = post.failures
            run_due(database, {"email": post})
            if post.failures < before:
                tried.append(minute - 600)
    assert tried == [0, 1, 6, 36, 156, 636]
    with database.reading() as session:
        (given_up,) = notices.gave_up(session)
    assert (given_up.error, given_up.tries) == ("the post is closed", 6)


def test_an_address_that_does_not_exist_is_given_up_at_once(database: Database):
    book(database, a_session(database), **EMAIL)
    done = run_due(database, {"email": Post(failures=1, for_good=True)})
    assert (done.sent, done.failed, done.given_up) == (0, 0, 1)


def test_what_a_runner_that_died_had_claimed_is_taken_up_later(database: Database, at: At):
    class DiesError(BaseException):
        pass

    class Dying(Post):
        def send(self, message: Outgoing) -> None:
            raise DiesError

    book(database, a_session(database), **EMAIL)
    with pytest.raises(DiesError):
        run_due(database, {"email": Dying()})
    assert send(database) == []
    at("2026-11-24T10:16")
    assert len(send(database)) == 1


# Calendar files


def events(message: Outgoing) -> tuple[str, list[Any]]:
    assert message.calendar is not None
    calendar = Calendar.from_ical(message.calendar.decode())
    return str(calendar["METHOD"]), list(calendar.walk("VEVENT"))


def test_a_calendar_file_keeps_its_uid_raises_its_sequence_and_is_cancelled(database: Database):
    made = book(database, a_session(database), **EMAIL)
    messages = send(database)
    with database.writing() as session:
        bookings.change(session, made.row.id, a_session_in(session, database))
    messages += send(database)
    with database.writing() as session:
        bookings.cancel(session, made.row.id)
    messages += send(database)
    files = [events(message) for message in messages]
    assert [method for method, _ in files] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert len({str(event["UID"]) for _, (event,) in files}) == 1
    assert [event["SEQUENCE"] for _, (event,) in files] == [0, 1, 2]
    assert [str(event["STATUS"]) for _, (event,) in files] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


def a_session_in(session: Any, _database: Database) -> int:
    old = session.scalar(select(SessionRow))
    new = SessionRow(
        uid="other",
        subject_id=old.subject_id,
        kind="class",
        library="pimlico-library",
        title="Email",
        capacity=2,
        starts_at=datetime(2026, 12, 9, 14, tzinfo=UTC),
        ends_at=datetime(2026, 12, 9, 15, tzinfo=UTC),
    )
    session.add(new)
    session.flush()
    return int(new.id)


def test_a_calendar_file_holds_no_personal_data(database: Database):
    book(database, a_session(database), needs="I use a wheelchair", **EMAIL)
    (message,) = send(database)
    assert message.calendar is not None
    for private in (b"Mary", b"Khan", b"mary@", b"wheelchair", b"ATTENDEE"):
        assert private not in message.calendar.replace(b"\r\n ", b"")


@pytest.mark.parametrize(("starts", "utc"), [("2027-03-27T14:00", 14), ("2027-03-29T14:00", 13), ("2026-12-02T14:00", 14)])
def test_a_calendar_file_is_right_on_both_sides_of_a_clock_change(database: Database, starts: str, utc: int):
    book(database, a_session(database, starts), **EMAIL)
    _, (event,) = events(send(database)[0])
    assert event["DTSTART"].to_ical().decode() == f"{starts[:10].replace('-', '')}T{utc}0000Z"
    assert in_london(event["DTSTART"].dt).isoformat()[:16] == starts


def test_a_course_has_an_event_a_date(database: Database):
    book(database, a_course(database, "2026-12-01T10:00", "2026-12-08T10:00")[0], **EMAIL)
    _, found = events(send(database)[0])
    assert len({str(event["UID"]) for event in found}) == 2


# Senders

MESSAGE = Outgoing("notice-1@library.example", "mary@example.com", "Your place", "Dear Mary,\n", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "CANCEL")


def test_an_email_carries_the_calendar_file_and_the_same_id_at_every_try():
    email = email_of(MESSAGE, "libraries@library.example")
    assert (email["Message-ID"], email["To"]) == ("<notice-1@library.example>", "mary@example.com")
    (attached,) = email.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename(), attached.get_param("method")) == ("text/calendar", "session.ics", "CANCEL")


@pytest.mark.parametrize(
    ("error", "for_good"),
    [
        (ConnectionRefusedError("nobody there"), False),
        (smtplib.SMTPRecipientsRefused({"mary@example.com": (550, b"no such user")}), True),
        (smtplib.SMTPRecipientsRefused({"mary@example.com": (451, b"later")}), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
    ],
)
def test_what_a_mail_server_refuses_for_good_is_not_tried_again(monkeypatch: pytest.MonkeyPatch, error: Exception, for_good: bool):
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(smtplib, "SMTP", fails)
    with pytest.raises(SendError) as failure:
        SmtpSender(Settings(), "libraries@library.example").send(MESSAGE)
    assert failure.value.for_good is for_good


class Client:
    """Notify's client, as far as we use it."""

    def __init__(self, status: int | None = None) -> None:
        self.calls: list[dict[str, Any]] = []
        self.status = status

    def _send(self, to: str, template: str, **more: Any) -> None:
        self.calls.append({"to": to, "template": template} | more)
        if self.status:
            raise NotifyRefusedError(self.status)

    send_email_notification = send_sms_notification = _send


class NotifyRefusedError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status_code, self.message = status, "no"


def test_notify_is_given_subject_message_and_our_reference():
    client = Client()
    NotifyEmail(client, "t").send(MESSAGE)
    NotifyText(client, "t").send(MESSAGE)
    assert client.calls[0]["personalisation"] == {"subject": "Your place", "message": "Dear Mary,\n"}
    assert client.calls[1]["personalisation"] == {"message": "Dear Mary,\n"}
    assert {call["reference"] for call in client.calls} == {"notice-1@library.example"}


@pytest.mark.parametrize(("status", "for_good"), [(400, True), (403, True), (429, False), (500, False), (503, False)])
def test_what_notify_refuses_is_given_up_and_its_limits_are_waited_for(status: int, for_good: bool):
    with pytest.raises(SendError) as failure:
        NotifyText(Client(status), "t").send(MESSAGE)
    assert failure.value.for_good is for_good


def test_the_settings_choose_the_senders():
    assert senders.senders(Settings()) == {}
    assert set(senders.senders(Settings(email_sender="smtp"))) == {"email"}
    with pytest.raises(NoSenderError, match="DESK_NOTIFY_API_KEY"):
        senders.senders(Settings(text_sender="notify"))


# Keeping


def test_people_are_forgotten_after_the_session_and_the_booking_still_counts(database: Database, at: At):
    made = book(database, a_session(database), needs="wheelchair", **EMAIL)
    with database.writing() as session:
        assert erase_people(session, datetime(2026, 12, 1, tzinfo=UTC)) == 0
        assert erase_people(session, datetime(2026, 12, 3, tzinfo=UTC)) == 1
        assert erase_people(session, datetime(2026, 12, 3, tzinfo=UTC)) == 0
    with database.reading() as session:
        row = session.get_one(BookingRow, made.row.id)
    assert (row.attendee_name, row.email, row.needs, row.state) == ("", "", "", "booked")
    assert "Mary" not in str(vars(row))


def test_a_course_is_kept_until_its_last_date(database: Database):
    book(database, a_course(database, "2026-12-01T10:00", "2026-12-08T10:00")[0], **EMAIL)
    with database.writing() as session:
        assert erase_people(session, datetime(2026, 12, 5, tzinfo=UTC)) == 0

"""Work that falls due by itself."""

import logging
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from desk import bookings, conversations, handovers, look_ups, retention, series, unanswered, waiting_list
from desk.at_hand import database, front_desk
from desk.clock import now
from desk.notices import Sent, run_due
from desk.senders import senders
from desk.settings import ROOT, settings
from desk.tasks import attending
from desk.tasks.reaching_staff import tell_that_nobody_came
from desk.transactions import in_a_transaction
from web.api import forget
from web.rasa import RasaStore

log = logging.getLogger("desk")

_EVERY = 60.0  # seconds


@dataclass(frozen=True)
class Done:
    """What was due and was done."""

    holds: int
    offers: int
    dates: int
    notices: Sent
    people: int
    conversations: int


def run_jobs() -> Done:
    """Do what is due, once: holds and offers that ran out, dates to add, notices to send, people and conversations to forget."""
    answer_the_line()
    holds, offers = end_holds_and_offers()
    dates, people, erased = add_dates(), erase_people(), erase_expired()
    gather_unanswered()
    return Done(holds, offers, dates, tell(), people, erased)


def run_every_minute(stopping: threading.Event) -> None:
    """Do what is due every minute until told to stop. What goes wrong is logged, and tried again a minute later."""
    while not stopping.is_set():
        try:
            run_jobs()
        except Exception:
            log.exception("what is due could not be done; it is tried again in a minute")
        stopping.wait(_EVERY)


def tell() -> Sent:
    """Say offers in the chats that are open, and send the notices that are due. Returns what came of both."""
    said = waiting_list.say_offers(database())
    # Last, as a sender that is not set up must not keep the rest from being done.
    done = run_due(database(), senders(settings()))
    return replace(done, sent=done.sent + said)


def answer_the_line() -> None:
    """Free conversations from staff who left without a word. With nobody on duty, tell whoever waits in line, and keep their words as a message."""
    with database().writing() as session:
        handovers.free_from_absent(session)
        for conversation_id in handovers.turn_into_messages(session, front_desk().service.phone_week):
            tell_that_nobody_came(session, front_desk(), conversation_id)


def end_holds_and_offers() -> tuple[int, int]:
    """End the holds and offers that ran out, a session at a time. Returns how many of each."""
    with database().reading() as session:
        due = bookings.sessions_to_tidy(session)
    holds = offers = 0
    for session_id in due:
        ended = in_a_transaction(database(), partial(bookings.expire, session_id=session_id))
        holds, offers = holds + ended.holds, offers + ended.offers
    return holds, offers


def add_dates() -> int:
    """Add the dates of series that time has brought near. Returns how many."""
    with database().reading() as session:
        if not series.needs_top_up(session):
            return 0
    with database().writing() as session:
        return series.top_up(session).added


def gather_unanswered() -> None:
    """Gather the questions that were not answered well, in a process that takes the encoders and spaCy with it when it ends."""
    with database().reading() as session:
        if not unanswered.is_due(session):
            return
    done = subprocess.run([sys.executable, "-m", "commands.gathering"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        log.error("questions without an answer could not be gathered; it is tried again in a minute: %s", done.stderr.strip()[-500:])


def erase_people() -> int:
    """Erase who came to sessions that ended long enough ago. Returns of how many bookings."""
    before = now() - timedelta(days=settings().keep_bookings_days)
    with database().writing() as session:
        look_ups.forget_wrong_tries(session)
        attending.forget_given_up(session)
        return retention.erase_people(session, before)


def erase_expired() -> int:
    """Erase the conversations whose keeping time is over, Rasa's copy first. Returns how many."""
    store = RasaStore(settings().rasa_database_url)
    with database().reading() as session:
        due = conversations.expired(session, now())
    for conversation in due:
        forget(store, conversation)
    return len(due)

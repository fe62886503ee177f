"""Two hundred people want twenty places at once, from eight processes, some of which are killed."""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import bookings, waiting_list
from desk.bookings import NotBookedError
from desk.database import Database
from desk.places import FullError, NoPlaceError
from desk.tables import AuditRow, BookingRow, NoticeRow, WaitingRow
from desk.transactions import in_a_transaction
from desk.waiting_list import AlreadyBookedError
from tests.desk.timetable import NOW, a_session, open_library, somebody, taken

PEOPLE, PLACES, PROCESSES = 200, 20, 8
_fork = multiprocessing.get_context("fork")


@pytest.fixture
def session_id(database: Database, at: Callable[[str], object]) -> int:
    at(NOW)
    open_library(database)
    one = a_session(database, capacity=PLACES)
    database.engine.dispose()  # no connection is shared with the processes that are forked
    return one


def ask(database: Database, session_id: int, person: str) -> str:
    """Want a place, else one in the line."""

    def book_or_wait(session: Session) -> str:
        try:
            bookings.book(session, session_id, somebody(person), request_id=f"book {person}")
        except FullError:
            waiting_list.join_waiting_list(session, session_id, somebody(person), request_id=f"line {person}")
            return "waiting"
        return "booked"

    return in_a_transaction(database, book_or_wait, tries=10)  # a machine that runs tests may be busier than a library's


def crowd(url: str, session_id: int, people: list[str], told: Path) -> None:
    """Ask for each person in turn, and write down what they are told once it is certain."""
    database = Database(url)
    with told.open("a", buffering=1) as file:
        for person in people:
            answer = ask(database, session_id, person)
            file.write(f"{person} {answer}\n")
    os._exit(0)  # nothing of pytest's is to be cleaned up by a child


def start(database: Database, session_id: int, people: list[str], told: Path) -> BaseProcess:
    process = _fork.Process(target=crowd, args=(database.url, session_id, people, told))
    process.start()
    return process


def answers(folder: Path) -> Iterator[tuple[str, str]]:
    for file in folder.glob("told-*"):
        for line in file.read_text().splitlines():
            person, _, answer = line.partition(" ")
            if answer in ("booked", "waiting"):  # a line cut off by a kill told nobody anything
                yield person, answer


def swap(url: str, sessions: list[int], people: list[str], seed: int) -> None:
    """Move people's bookings to and fro, cancel and book again, in an order of one's own."""
    database, chance = Database(url), random.Random(seed)
    for n in range(40):
        person, to = chance.choice(people), chance.choice(sessions)
        with suppress(NoPlaceError, NotBookedError, AlreadyBookedError):
            in_a_transaction(database, partial(_one_move, request_id=f"{seed} {n}", person=person, to=to), tries=10)
    os._exit(0)


def _one_move(session: Session, request_id: str, person: str, to: int) -> None:
    row = session.scalar(select(BookingRow).filter_by(attendee_name=person, state="booked"))
    if row is None:
        bookings.book(session, to, somebody(person), request_id=request_id)
    elif row.session_id == to:
        bookings.cancel(session, row.id)
    else:
        bookings.change(session, row.id, to)


def test_people_who_swap_sessions_at_once_never_wait_for_each_other(database: Database, session_id: int):
    """Each process changes bookings in both directions; a deadlock would be an error that is not busyness, or last for ever."""
    sessions = [session_id, a_session(database, "2026-12-03T14:00", 5), a_session(database, "2026-12-04T14:00", 5)]
    database.engine.dispose()
    people = [f"person-{n}" for n in range(10)]
    processes = [_fork.Process(target=swap, args=(database.url, sessions, people, seed)) for seed in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    with database.reading() as session:
        booked = Counter(session.scalars(select(BookingRow.session_id).filter_by(state="booked")))
    assert taken(database, *sessions) == [booked[each] for each in sessions]


def check_all_is_well(database: Database, session_id: int, told: dict[str, str]) -> None:
    with database.reading() as session:
        booked = list(session.scalars(select(BookingRow)))
        line = list(session.scalars(select(WaitingRow).order_by(WaitingRow.id)))
        confirmed = Counter(session.scalars(select(NoticeRow.booking_id).filter_by(kind="confirmation")))
        audited = Counter(session.scalars(select(AuditRow.subject_id).filter_by(what="book")))
    assert taken(database, session_id) == [PLACES]
    assert [row.state for row in booked] == ["booked"] * PLACES
    assert {row.state for row in line} == {"waiting"}
    everybody = [row.attendee_name for row in (*booked, *line)]
    assert len(everybody) == len(set(everybody)) == PEOPLE
    assert {row.attendee_name for row in booked} == {person for person, answer in told.items() if answer == "booked"}
    assert confirmed == audited == Counter(row.id for row in booked)


def test_two_hundred_people_want_twenty_places_at_once(database: Database, session_id: int, tmp_path: Path):
    people = [f"person-{n}" for n in range(PEOPLE)]
    processes = [start(database, session_id, people[n::PROCESSES], tmp_path / f"told-{n}") for n in range(PROCESSES)]
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    check_all_is_well(database, session_id, dict(answers(tmp_path)))


def test_processes_killed_twenty_times_double_nothing_and_lose_nothing_that_was_confirmed(database: Database, session_id: int, tmp_path: Path):
    people, chance = [f"person-{n}" for n in range(PEOPLE)], random.Random(4)
    others = [start(database, session_id, people[n::3], tmp_path / f"told-{n}") for n in range(2)]
    for kill in range(20):
        told = tmp_path / f"told-kill-{kill}"
        victim = start(database, session_id, chance.sample(people, PEOPLE), told)
        wanted = chance.randint(1, 4)
        while victim.is_alive() and (not told.exists() or told.read_text().count("\n") < wanted):
            time.sleep(0.001)
        os.kill(victim.pid or 0, signal.SIGKILL)
        victim.join()
    last = start(database, session_id, people, tmp_path / "told-last")
    for process in (*others, last):
        process.join(60)
        assert process.exitcode == 0
    said = list(answers(tmp_path))
    assert len({person for person, _ in said}) == PEOPLE
    assert len(set(said)) == PEOPLE, "nobody was told two things"
    check_all_is_well(database, session_id, dict(said))

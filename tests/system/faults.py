"""What goes wrong in tests, done for real: a part that stands still, a database that somebody else has locked."""

import contextlib
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.running_desk import RunningDesk


@contextmanager
def held(desk: RunningDesk, part: str) -> Iterator[None]:
    """Keep a part from doing anything, though its port stays open; it goes on afterwards, unless the test has killed it."""
    number = desk.part(part)
    os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGCONT)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Keep everybody else from writing to an SQLite database."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")

"""The one way to the database: short transactions on SQLite (embedded default) or PostgreSQL."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

# How long a write waits for another one. Longer than any of our transactions takes, shorter than a resident's patience.
BUSY_SECONDS = 3.0


class DatabaseBusyError(Exception):
    """The database could not be written just now (locked, full or gone). Nothing was stored; trying again is safe."""


def make_engine(url: str) -> Engine:
    """Return an engine for a database URL (sqlite:/// or postgresql:// in any of their spellings)."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        options = f"{address.query.get('options', '')} -c lock_timeout={int(BUSY_SECONDS * 1000)}".strip()
        return create_engine(
            address.set(drivername="postgresql+psycopg").difference_update_query(["options"]),
            pool_size=10,
            pool_pre_ping=True,
            connect_args={"options": options},
        )
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS}, pool_size=20)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # pysqlite's own transaction handling begins too late to guard a read-then-write; we begin ourselves.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


class Database:
    """Transactions on one database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self._writer = self.engine.execution_options(writing=True)
        # SQLite lets one write at a time, and whoever waits for it looks again at ever longer intervals: with fifty at once some would wait in vain.
        # Within a process they wait for each other in turn instead.
        self._one_at_a_time = threading.RLock() if self.engine.dialect.name == "sqlite" else None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end. Raises DatabaseBusyError where it could not be."""
        with _turn(self._one_at_a_time), _clear_errors(), Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads. Raises DatabaseBusyError where the database cannot be reached."""
        with _clear_errors(), Session(self.engine, expire_on_commit=False) as session:
            yield session


@contextmanager
def _turn(lock: Any) -> Iterator[None]:
    if lock is None:
        yield
    elif not lock.acquire(timeout=BUSY_SECONDS):
        raise DatabaseBusyError("other writes of this process took too long")
    else:
        try:
            yield
        finally:
            lock.release()


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (OperationalError, sqlite3.OperationalError) as error:
        raise DatabaseBusyError(str(error)) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseBusyError(str(error)) from error
        raise

"""The clock on Wednesday 25 November 2026, ten in the morning, and a small timetable of the coming weeks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desk.database import Database
from desk.front_desk import FrontDesk
from desk.libraries import import_libraries
from desk.session_files import import_sessions
from desk.settings import ROOT
from desk.tables import Base
from tests.desk.tasks.chat import NOW, TIMETABLE, Chat


@pytest.fixture
def desk_database(tmp_path: Path, at: Callable[[str], object]) -> Iterator[Database]:
    """The libraries and the timetable, on SQLite: the rules of bookings are tested on both databases elsewhere."""
    at(NOW)
    db = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    Base.metadata.create_all(db.engine)
    with db.writing() as session:
        import_libraries(session, ROOT / "data" / "libraries.csv")
    with db.writing() as session:
        report = import_sessions(session, TIMETABLE)
        assert not report.bad, report.bad
    yield db
    db.engine.dispose()


@pytest.fixture
def chat(desk_database: Database, front_desk: FrontDesk) -> Chat:
    return Chat(desk_database, front_desk)


@pytest.fixture
def another_chat(desk_database: Database, front_desk: FrontDesk) -> Chat:
    return Chat(desk_database, front_desk)

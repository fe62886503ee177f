"""What every test may use: a small believable library, a fresh database on SQLite and on PostgreSQL, and a clock that stands where it is set."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from desk import clock
from desk.clock import LONDON
from desk.database import Database
from desk.front_desk import FrontDesk
from desk.libraries import all_libraries, import_libraries
from desk.service import read_service
from desk.settings import ROOT
from desk.tables import Base
from desk.transcript_search import create_search
from kb.articles import load_articles
from kb.localfacts import sentences
from tests import a_postgresql


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch):
    """Set the clock: `at("2026-11-25T10:00")` is that moment in London, and stays so."""

    def set_clock(moment: str) -> datetime:
        stands = datetime.fromisoformat(moment).replace(tzinfo=LONDON)
        monkeypatch.setattr(clock, "_offset_seconds", lambda: 0.0)
        monkeypatch.setattr(clock, "time", SimpleNamespace(time=stands.timestamp))
        return stands

    return set_clock


def _postgresql_url() -> Iterator[str]:
    """A schema of its own in the tests' PostgreSQL, dropped afterwards."""
    schema = f"desk_{uuid.uuid4().hex[:12]}"
    admin = a_postgresql.engine(a_postgresql.address())
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield a_postgresql.in_schema(schema)
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'desk.db'}"
    else:
        yield from _postgresql_url()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database in the desk's shape; tests that use it run on SQLite and on PostgreSQL."""
    db = Database(database_url)
    Base.metadata.create_all(db.engine)
    create_search(db.engine)
    yield db
    db.engine.dispose()


@pytest.fixture(scope="session")
def front_desk(tmp_path_factory: pytest.TempPathFactory) -> FrontDesk:
    """The sample service with its articles and its 26 libraries."""
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('front-desk') / 'desk.db'}")
    Base.metadata.create_all(db.engine)
    with db.writing() as session:
        import_libraries(session, ROOT / "data" / "libraries.csv")
    with db.reading() as session:
        libraries = all_libraries(session)
    service = read_service(ROOT / "service.yml")
    return FrontDesk(service, load_articles(facts=sentences(service.local_facts)), libraries)

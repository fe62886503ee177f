"""The web application without its assistant: real database, real articles, no Rasa behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from desk import at_hand, clock
from desk.libraries import import_libraries
from desk.settings import ROOT, settings
from desk.tables import Base
from desk.transcript_search import create_search
from tests.running_desk import NOW, free_port
from web.answering import Answering
from web.desk_app import create_app


def _forget_settings() -> None:
    """What a process reads once is read anew."""
    for once in (settings, at_hand.database, at_hand._front_desk_in, clock._offset_seconds):
        once.cache_clear()


@contextmanager
def application(folder: Path, database_url: str = "") -> Iterator[FastAPI]:
    """The application on a database of its own, SQLite where none is named. Nothing listens where it looks for Rasa."""
    environment = {
        "DESK_DATABASE_URL": database_url or f"sqlite:///{folder / 'desk.db'}",
        "DESK_RASA_DATABASE_URL": f"sqlite:///{folder / 'rasa.db'}",
        "DESK_RASA_PORT": str(free_port()),
        "DESK_VAR": str(folder),
        "DESK_NOW": NOW,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        _forget_settings()
        yield create_app()
        at_hand.database().engine.dispose()
    _forget_settings()


def fill_database() -> None:
    """Give the application's database its shape and the 26 sample libraries."""
    database = at_hand.database()
    Base.metadata.create_all(database.engine)
    create_search(database.engine)
    with database.writing() as session:
        import_libraries(session, ROOT / "data" / "libraries.csv")


@pytest.fixture(scope="module")
def _door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with application(tmp_path_factory.mktemp("web")) as app:
        fill_database()
        with TestClient(app) as client:
            yield client


@pytest.fixture
def visitor(_door: TestClient) -> TestClient:
    """A browser without JavaScript that was never here before."""
    _door.cookies.clear()
    return _door


@pytest.fixture
def answering(tmp_path: Path, database_url: str) -> Iterator[Answering]:
    """What takes messages in and answers them, on SQLite and on PostgreSQL."""
    with application(tmp_path, database_url) as app:
        fill_database()
        yield app.state.answering

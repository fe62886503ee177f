from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from desk.database import Database, DatabaseBusyError
from desk.tables import LibraryRow


def a_row(slug: str = "kensal-library") -> LibraryRow:
    return LibraryRow(slug=slug, name="Kensal Library", authority="", address="", postcode="W10 5PF", phone="", email="", website="", hours={})


def how_many(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(LibraryRow)) or 0


@pytest.fixture
def impatient(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The same database, for somebody who hardly waits."""
    monkeypatch.setattr("desk.database.BUSY_SECONDS", 0.1)
    db = Database(database.url)
    yield db
    db.engine.dispose()


def test_what_was_written_is_there(database: Database):
    with database.writing() as session:
        session.add(a_row())
    assert how_many(database) == 1


def test_a_transaction_that_fails_half_way_stores_nothing(database: Database):
    with pytest.raises(RuntimeError), database.writing() as session:  # noqa: PT012
        session.add(a_row())
        session.flush()
        raise RuntimeError
    assert how_many(database) == 0


def test_a_reading_transaction_stores_nothing(database: Database):
    with database.reading() as session:
        session.add(a_row())
        session.flush()
    assert how_many(database) == 0


def test_a_locked_database_is_busy_and_stores_nothing(database: Database, impatient: Database):
    with database.writing() as session:
        session.add(a_row())
    with database.writing() as holder:
        holder.execute(update(LibraryRow).values(phone="held"))
        with pytest.raises(DatabaseBusyError), impatient.writing() as session:  # noqa: PT012
            session.add(a_row("brompton-library"))
            session.execute(update(LibraryRow).values(phone="taken"))
    with database.reading() as session:
        assert [(row.slug, row.phone) for row in session.scalars(select(LibraryRow))] == [("kensal-library", "held")]


def test_a_database_that_was_busy_can_be_written_again(database: Database, impatient: Database):
    with database.writing() as session:
        session.add(a_row())
    with database.writing() as holder:
        holder.execute(update(LibraryRow).values(phone="held"))
        with pytest.raises(DatabaseBusyError), impatient.writing() as session:
            session.execute(update(LibraryRow).values(phone="taken"))
    with impatient.writing() as session:
        session.execute(update(LibraryRow).values(phone="taken"))
    with database.reading() as session:
        assert session.scalar(select(LibraryRow.phone)) == "taken"


def test_reading_goes_on_while_somebody_writes(database: Database, impatient: Database):
    with database.writing() as holder:
        holder.add(a_row())
        holder.flush()
        assert how_many(impatient) == 0


def test_a_broken_rule_of_the_database_is_no_busyness(database: Database):
    with database.writing() as session:
        session.add(a_row())
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(a_row())


def test_a_database_that_does_not_answer_is_busy():
    with pytest.raises(DatabaseBusyError), Database("postgresql://127.0.0.1:1/nobody").reading() as session:
        session.execute(text("SELECT 1"))


def test_a_file_that_is_no_database_is_no_plain_success(tmp_path: Path):
    path = tmp_path / "desk.db"
    path.write_bytes(b"this is a shopping list\n" * 100)
    with pytest.raises(Exception, match="not a database"), Database(f"sqlite:///{path}").reading() as session:
        session.execute(text("SELECT 1"))


def test_a_new_sqlite_database_makes_its_folder(tmp_path: Path):
    with Database(f"sqlite:///{tmp_path / 'new' / 'folder' / 'desk.db'}").writing() as session:
        session.execute(text("SELECT 1"))
    assert (tmp_path / "new" / "folder" / "desk.db").exists()


@pytest.mark.parametrize("spelling", ["postgresql://", "postgresql+psycopg://", "postgresql+psycopg2://"])
def test_every_spelling_of_postgresql_uses_the_driver_that_is_installed(spelling: str):
    assert Database(f"{spelling}127.0.0.1:1/nobody").engine.driver == "psycopg"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_options_in_a_postgresql_address_are_kept(database: Database):
    """An operator may set a schema there, as these tests do."""
    with database.reading() as session:
        assert session.scalar(text("SHOW search_path")) == database.url.partition("search_path%3D")[2]
        assert session.scalar(text("SHOW lock_timeout")) == "3s"

"""The database's shape, by Alembic."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from desk.at_hand import database
from desk.database import DatabaseBusyError
from desk.settings import ROOT


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config


def migrate_database() -> str:
    """Bring the database to the newest shape and say what was done."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    with database().engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found == newest:
        return f"the database is in shape ({newest})"
    config = _config()
    try:
        command.upgrade(config, "head")
    except Exception as error:
        raise DatabaseBusyError(f"migration failed: {error}") from error
    return f"the database was brought to {newest}"

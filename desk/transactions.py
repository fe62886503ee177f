"""A verb in a transaction of its own, again where the database was busy."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from desk.database import Database, DatabaseBusyError

_TRIES = 4
T = TypeVar("T")


def in_a_transaction(database: Database, work: Callable[[Session], T], tries: int = _TRIES) -> T:
    """Do some work in a writing transaction, and once more where somebody else kept the database too long: a crowd books at the same moment.

    Only for work that may be done twice, as the verbs of bookings may by their request id. Raises DatabaseBusyError after the last try, and whatever
    the work raises.
    """
    for _ in range(tries - 1):
        try:
            with database.writing() as session:
                return work(session)
        except DatabaseBusyError:
            continue
    with database.writing() as session:
        return work(session)

"""The front desk of this process, its libraries re-read from time to time."""

import time
from functools import cache, lru_cache

from desk.database import Database
from desk.front_desk import FrontDesk
from desk.libraries import all_libraries
from desk.service import service
from desk.settings import settings
from kb.articles import Article, load_articles
from kb.localfacts import sentences

# A libraries file taken in while the desk runs shows within this time.
_SECONDS_FRESH = 60.0


@cache
def database() -> Database:
    return Database(settings().database_url)


@lru_cache(maxsize=1)
def _front_desk_in(period: int) -> FrontDesk:
    with database().reading() as session:
        libraries = all_libraries(session)
    return FrontDesk(service(), _articles(), libraries)


@cache
def _articles() -> dict[str, Article]:
    return load_articles(facts=sentences(service().local_facts))


def front_desk() -> FrontDesk:
    return _front_desk_in(int(time.monotonic() / _SECONDS_FRESH))

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
from kb.translations import load_translations
from kb.wording import DEFAULT, languages

# A libraries file taken in while the desk runs shows within this time.
_SECONDS_FRESH = 60.0


@cache
def database() -> Database:
    return Database(settings().database_url)


@lru_cache(maxsize=1)
def _front_desk_in(period: int) -> FrontDesk:
    with database().reading() as session:
        libraries = all_libraries(session)
    return FrontDesk(service(), _articles(), libraries, _translations())


@cache
def _articles() -> dict[str, Article]:
    return load_articles(facts=sentences(service().local_facts))


@cache
def _translations() -> dict[str, dict[str, Article]]:
    english, given = load_articles(), service().local_facts
    return {language: load_translations(language, english, given) for language in languages() if language != DEFAULT}


def front_desk() -> FrontDesk:
    return _front_desk_in(int(time.monotonic() / _SECONDS_FRESH))

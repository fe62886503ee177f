"""Work that falls due by itself."""

from desk import conversations
from desk.at_hand import database
from desk.clock import now
from desk.settings import settings
from web.api import forget
from web.rasa import RasaStore


def erase_expired() -> int:
    """Erase the conversations whose keeping time is over, Rasa's copy first. Returns how many."""
    store = RasaStore(settings().rasa_database_url)
    with database().reading() as session:
        due = conversations.expired(session, now())
    for conversation in due:
        forget(store, conversation)
    return len(due)

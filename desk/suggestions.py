"""What staff may answer with: the articles that fit a resident's last question."""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.front_desk import FrontDesk
from desk.tables import ConversationRow, MessageRow
from kb.hits import Hit
from kb.wording import DEFAULT, speaking

MOST = 3
_LOOK_BACK = 10  # messages


class Searches(Protocol):
    """Finds the articles that fit a question."""

    def search(self, query: str, most: int = 5, language: str = DEFAULT) -> list[Hit]: ...


@dataclass(frozen=True)
class Suggestion:
    """An article's title, and its summary in the resident's language where it was translated."""

    topic: str
    title: str
    text: str


def suggestions(session: Session, searcher: Searches, desk: FrontDesk, conversation_id: str) -> list[Suggestion]:
    """Return what the knowledge base says to the last thing that a resident wrote, the likeliest first."""
    conversation, question = session.get(ConversationRow, conversation_id), last_question(session, desk, conversation_id)
    if conversation is None or not question:
        return []
    hits = searcher.search(question, MOST, conversation.language)
    with speaking(conversation.language):
        return [Suggestion(hit.slug, desk.articles[hit.slug].title, desk.article(hit.slug).lead) for hit in hits if hit.slug in desk.articles]


def last_question(session: Session, desk: FrontDesk, conversation_id: str) -> str:
    """Return the last thing that a resident asked, in their words or by the button of a topic. "Talk to a person" asks nothing.

    To words that alarm no article is an answer.
    """
    query = select(MessageRow).filter_by(conversation_id=conversation_id, author="resident").order_by(MessageRow.seq.desc()).limit(_LOOK_BACK)
    asked = next((message for message in session.scalars(query) if message.details.get("choice", "") in ("", *desk.articles)), None)
    return asked.text if asked is not None and "alarm" not in asked.details else ""

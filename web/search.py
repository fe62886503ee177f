"""Finding answers without Rasa: for the search call, and for residents while the assistant is away."""

from __future__ import annotations

import logging
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from desk.at_hand import front_desk
from desk.questions import questions_in
from desk.replies import Reply
from kb.examples import load_examples
from kb.facets import facet_asked
from kb.hits import Hit
from kb.labels import load_labels
from kb.wording import DEFAULT

if TYPE_CHECKING:
    from kb.search import ArticleSearch
    from understanding.stand_in import StandIn

log = logging.getLogger(__name__)

# The stand-in knows less than the assistant, so it answers only what it is surer of.
ANSWER_ABOVE = 0.6
OFFER_ABOVE = 0.1


class Searcher:
    """Searches by words, and by meaning as soon as the stand-in model is loaded."""

    def __init__(self, model: Path) -> None:
        self._model_file = model
        self._by_meaning: StandIn | None = None
        self._building = threading.Lock()

    def load(self) -> None:
        """Build the index of words, then load the stand-in model if it has been trained. Takes some seconds: call it in a thread."""
        self._by_words  # noqa: B018  # built on first use
        if self._model_file.exists():
            # Imported here: it takes two seconds, and pages must show before that.
            from understanding.stand_in import StandIn

            self._by_meaning = StandIn.load(self._model_file)
            log.info("search by meaning is ready")

    @cached_property
    def _by_words(self) -> ArticleSearch:
        from kb.search import ArticleSearch

        with self._building:
            return ArticleSearch(front_desk().articles, load_examples())

    def search(self, query: str, most: int = 5, language: str = DEFAULT) -> list[Hit]:
        """Return the articles that fit a query, the best first."""
        hits = [Hit(label, chance) for label, chance in self._likely(query, language) if label in front_desk().articles][:most]
        return hits or self._by_words.search(query, most)

    def _likely(self, query: str, language: str) -> list[tuple[str, float]]:
        if self._by_meaning is None:
            return []
        return [(label, chance) for label, chance in self._by_meaning.likely_labels(query, language) if chance >= OFFER_ABOVE]

    def guess(self, question: str, language: str = DEFAULT) -> tuple[str, float]:
        """Return the likeliest label and its probability; none with 0 where nothing is likely."""
        return next(iter(self._likely(question, language)), ("", 0.0))

    def separate(self, message: str, language: str = DEFAULT) -> list[str]:
        """Return the questions of a message apart, where each is surely about a topic of its own or leans on the first; else the message."""
        first, *rest = questions_in(message)
        if not rest:
            return [message]
        topics = [self._sure_topic(question, language) for question in (first, *rest)]
        leans = topics[0] is not None and facet_asked(rest[0]) is not None
        return [first, *rest] if leans or (None not in topics and len(set(topics)) == len(topics)) else [message]

    def _sure_topic(self, question: str, language: str) -> str | None:
        label, chance = self.guess(question, language)
        return label if chance >= ANSWER_ABOVE and label in front_desk().articles else None

    def reply(self, question: str, pressed: str | None, state: str, language: str = DEFAULT) -> Reply:
        """Return the best that can be said while the assistant is away.

        `pressed` is the label of a button, if one was pressed; `state` tells why the assistant is away (a key of the wording).
        """
        desk = front_desk()
        likely = [(pressed, 1.0)] if pressed else self._likely(question, language)
        if likely and likely[0][1] >= ANSWER_ABOVE:
            label = likely[0][0]
            if label in desk.articles:
                return desk.stand_in_answer(label, question, state)
            if label in load_labels().actions:
                return desk.not_built(label)
            if label in load_labels().conversation and label not in ("repeat", "not_helpful"):
                return desk.small_talk(label)
            return desk.stand_in_nothing(state)
        if not likely and desk.library(question):
            return desk.stand_in_answer("find-a-library", question, state)
        offers = [label for label, _ in likely] or [hit.slug for hit in self._by_words.search(question, 3)]
        return desk.stand_in_choices([label for label in offers if desk.can_offer(label)], state)

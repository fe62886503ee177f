"""The safety screen of web: phrases at once, and meaning as soon as the learned screen is loaded. Needs no Rasa."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from desk.safety import Alarm, screen_phrases
from kb.wording import DEFAULT

if TYPE_CHECKING:
    from understanding.safety import LearnedScreen

log = logging.getLogger(__name__)


class Screen:
    """Says whether a message must get a safety reply before anything else, and which language it is in."""

    def __init__(self, model: Path) -> None:
        self._model_file = model
        self._learned: LearnedScreen | None = None

    def load(self) -> None:
        """Load the learned screen, if it has been trained. Takes some seconds: call it in a thread."""
        from understanding.languages import language_of

        language_of("ready before the first message")
        if self._model_file.exists():
            from understanding.safety import LearnedScreen  # imported here: pages must show before this is loaded

            self._learned = LearnedScreen.load(self._model_file)
            log.info("the learned safety screen is ready")

    def language(self, text: str, current: str) -> str:
        """Return the language of a message, that of the conversation where it does not tell."""
        from understanding.languages import language_of  # as above

        return language_of(text, current)

    def alarm(self, text: str, language: str = DEFAULT) -> Alarm | None:
        """Return the alarm that a message raises, else None."""
        from understanding.languages import is_plainly_english  # as above

        by_phrase = screen_phrases(text, plainly_english=is_plainly_english(text))
        if by_phrase or self._learned is None:
            return by_phrase
        learned = self._learned.alarm(text, language)
        return Alarm(learned) if learned else None

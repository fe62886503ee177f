"""The safety screen of web: phrases at once, and meaning as soon as the learned screen is loaded. Needs no Rasa."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from desk.safety import Alarm, screen_phrases

if TYPE_CHECKING:
    from understanding.safety import LearnedScreen

log = logging.getLogger(__name__)


class Screen:
    """Says whether a message must get a safety reply before anything else."""

    def __init__(self, model: Path) -> None:
        self._model_file = model
        self._learned: LearnedScreen | None = None

    def load(self) -> None:
        """Load the learned screen, if it has been trained. Takes some seconds: call it in a thread."""
        if self._model_file.exists():
            from understanding.safety import LearnedScreen  # imported here: pages must show before this is loaded

            self._learned = LearnedScreen.load(self._model_file)
            log.info("the learned safety screen is ready")

    def alarm(self, text: str) -> Alarm | None:
        """Return the alarm that a message raises, else None."""
        by_phrase = screen_phrases(text)
        if by_phrase or self._learned is None:
            return by_phrase
        learned = self._learned.alarm(text)
        return Alarm(learned) if learned else None

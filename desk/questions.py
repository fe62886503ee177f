"""Telling the questions of one message apart."""

import re

_QUESTION_WORDS = "how|what|whats|where|wheres|when|whens|who|which|why|can|could|do|does|is|are|will|would|should|may"
_JOINTS = r"and also|also|and then|plus|and another thing|second(?:ly)?"
_BETWEEN = re.compile(rf"(?<=[?])\s+|\s+(?:{_JOINTS})\b[\s,:]*|,?\s+and\s+(?=(?:{_QUESTION_WORDS})\b)", re.IGNORECASE)
_ASKS = re.compile(rf"^(?:and |so |also |please )*(?:{_QUESTION_WORDS}|have you|i want to know|i need to know|tell me)\b", re.IGNORECASE)
_FEWEST_WORDS = 3


def questions_in(message: str) -> list[str]:
    """Return the two questions of a message, each on its own; the message itself where it asks one thing, or more than two."""
    parts = [part.strip() for part in _BETWEEN.split(message) if part and part.strip()]
    asked = [part for part in parts if len(part.split()) >= _FEWEST_WORDS and (part.endswith("?") or _ASKS.match(part))]
    return asked if len(asked) == 2 else [message]

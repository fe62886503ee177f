"""What every sentence to a resident must hold when something did not go as wished."""

import re

from desk.service import read_service
from desk.settings import ROOT

PHONE = read_service(ROOT / "service.yml").phone
_NEXT = re.compile(r"\bplease (type|send|reload|start|try)\b|\bring \d", re.IGNORECASE)
_FOR_PROGRAMMERS = re.compile(r"traceback|exception|error|sqlite|rasa|http|json|null|\b(4|5)\d\d\b", re.IGNORECASE)


def says_what_next(sentence: str) -> bool:
    """Whether a sentence names something to do next, or the number to ring, and no machinery."""
    return bool(_NEXT.search(sentence)) and not _FOR_PROGRAMMERS.search(sentence)


def names_phone(sentence: str) -> bool:
    return PHONE in sentence

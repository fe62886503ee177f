"""A message of the log as the chat API shows it."""

from datetime import datetime
from typing import Any

from desk.conversations import choices_of
from desk.tables import MessageRow
from web.templating import render

# What the API promises of a message beside its number, time, speaker and words.
_PUBLIC = ("name", "label", "topic", "asks", "sources", "sessions", "reference", "more", "steps", "checked")


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def message_json(message: MessageRow) -> dict[str, Any]:
    """Return one message in the shape of the chat API. What stands behind a button stays here."""
    shown: dict[str, Any] = {
        "seq": message.seq,
        "at": iso(message.at),
        "from": message.author,
        "kind": message.kind,
        "text": message.text,
    }
    if message.author != "resident":
        shown["html"] = render("message.html", message=message)
        shown |= {key: message.details[key] for key in _PUBLIC if key in message.details}
    if message.in_reply_to:
        shown["in_reply_to"] = message.in_reply_to
    choices = choices_of(message)
    if choices:
        shown["choices"] = choices
        if "sessions" in shown:  # each is picked by the button at its place
            shown["sessions"] = [{**each, "choice": choice["id"]} for each, choice in zip(shown["sessions"], choices, strict=False)]
    return shown

"""Telling open pages that a conversation's log has grown. The log is the truth; this only speeds it up."""

import asyncio
import weakref


class Streams:
    """Wakes whoever follows a conversation in this process."""

    def __init__(self) -> None:
        self._followers: dict[str, weakref.WeakSet[asyncio.Event]] = {}
        self.closed = False

    def follow(self, conversation_id: str) -> asyncio.Event:
        """Return an event that is set when the log grows; clear it before reading the log."""
        event = asyncio.Event()
        self._followers.setdefault(conversation_id, weakref.WeakSet()).add(event)
        return event

    def leave(self, conversation_id: str, event: asyncio.Event) -> None:
        followers = self._followers.get(conversation_id)
        if followers is not None:
            followers.discard(event)
            if not followers:
                del self._followers[conversation_id]

    def wake(self, conversation_id: str) -> None:
        for event in self._followers.get(conversation_id, ()):
            event.set()

    def close(self) -> None:
        """End every stream, so that a restart does not wait for open pages."""
        self.closed = True
        for conversation_id in list(self._followers):
            self.wake(conversation_id)

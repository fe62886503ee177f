"""The assistant behind the desk: asking Rasa, knowing whether it is there, and making it forget."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path

from httpx import AsyncClient, HTTPError, Limits, Response, TimeoutException
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from desk.database import DatabaseBusyError, make_engine
from desk.replies import Reply
from kb.wording import DEFAULT

log = logging.getLogger(__name__)

_LOOK_AGAIN_WHILE_AWAY = 1.0  # seconds
_LOOK_AGAIN_WHILE_READY = 5.0


class AssistantState(StrEnum):
    """Values of the chat API's status."""

    STARTING = "starting"
    READY = "ready"
    DOWN = "down"


class AssistantUnavailableError(Exception):
    """Rasa gave no usable reply; `state` is a key of the wording: starting, slow or down."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class Assistant:
    """Rasa on loopback."""

    def __init__(self, url: str, reply_within: float, *, send_vectors: bool = True, moves: Path | None = None) -> None:
        """`moves` is a file that names the address to go on at, once the assistant has moved (commands.switching)."""
        self.state, self._is_up = AssistantState.STARTING, False
        self.when_moved: Callable[[], Awaitable[None]] | None = None
        self._url, self._moves = url, moves
        self._reply_within, self._send_vectors = reply_within, send_vectors
        self._http = AsyncClient(timeout=reply_within, trust_env=False, limits=Limits(max_connections=100))

    async def close(self) -> None:
        await self._http.aclose()

    async def watch(self) -> None:
        """Keep `state` true for as long as the desk runs."""
        while True:
            await self._follow()
            await self._look()
            await asyncio.sleep(_LOOK_AGAIN_WHILE_READY if self.state is AssistantState.READY else _LOOK_AGAIN_WHILE_AWAY)

    async def _follow(self) -> None:
        """Go on at the address that the assistant has moved to. Turns that began at the old one end there."""
        try:
            address = self._moves.read_text() if self._moves else self._url
        except FileNotFoundError:
            return
        if address == self._url:
            return
        try:
            (await self._post("warm-up", "hello", DEFAULT, timeout=30.0, url=address)).raise_for_status()
        except HTTPError:
            return  # not there yet: the old one goes on
        self._url, self.state = address, AssistantState.READY
        log.info("the assistant has moved to %s", address)
        if self.when_moved:
            await self.when_moved()

    async def _look(self) -> None:
        try:
            # Rasa opens its port only when its model is loaded.
            answer = await self._http.get(f"{self._url}/", timeout=2.0)
            answer.raise_for_status()
            if self.state is not AssistantState.READY:
                self._is_up = True  # who asks meanwhile need not wait for the warm-up: web may have been restarted beside a Rasa that runs
                # The first message finds everything cold: let it be ours and not a resident's.
                await self._post("warm-up", "hello", DEFAULT, timeout=30.0)
            self.state = AssistantState.READY
        except TimeoutException:
            return  # busy, not gone: a message that waits too long is answered from the knowledge base anyway
        except HTTPError:
            if self.state is AssistantState.READY:
                self.state = AssistantState.DOWN
                log.warning("the assistant does not answer; the desk answers from the knowledge base until it does")

    async def ask(self, sender: str, words: str, language: str = DEFAULT, heard_as: str = "") -> list[Reply]:
        """Return Rasa's replies to what a resident wrote in a language, or to a button's payload. Raises AssistantUnavailableError.

        `heard_as` names the message in its conversation: asked twice (after a crash), it is answered twice but acted upon once.
        """
        if self.state is AssistantState.STARTING and not self._is_up:
            raise AssistantUnavailableError("starting")
        try:
            async with asyncio.timeout(self._reply_within):
                answer = await self._post(sender, words, language, timeout=self._reply_within, heard_as=heard_as)
            answer.raise_for_status()
            replies = [Reply.from_details(part["custom"]) for part in answer.json() if "custom" in part]
        except (TimeoutError, TimeoutException):
            log.warning("the assistant took longer than %.1f s", self._reply_within)
            raise AssistantUnavailableError("slow") from None
        except HTTPError:
            self.state = AssistantState.DOWN
            raise AssistantUnavailableError("down") from None
        except (ValueError, TypeError, KeyError) as error:
            log.error("the assistant's reply could not be read: %s", type(error).__name__)
            raise AssistantUnavailableError("down") from None
        if not replies:  # Rasa swallows the error of a dead action server and says nothing
            raise AssistantUnavailableError("down")
        return replies

    async def _post(self, sender: str, words: str, language: str, timeout: float, heard_as: str = "", url: str = "") -> Response:
        metadata = {"language": language, "heard_as": heard_as}
        if self._send_vectors and not words.startswith("/"):
            # Web has encoded the message for its safety screen: Rasa need not do it again, nor hold the encoders.
            from understanding.meaning import packed, vector_of  # imported here: pages must show before this is loaded

            metadata["vector"] = packed(await run_in_threadpool(vector_of, words, language))
        message = {"sender": sender, "message": words, "metadata": metadata}
        return await self._http.post(f"{url or self._url}/webhooks/rest/webhook", json=message, timeout=timeout)


class RasaStore:
    """Rasa's tracker store, of which web only ever removes."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)

    def forget(self, sender: str) -> None:
        """Remove a conversation. Raises SQLAlchemyError where it cannot, so that an erasure is never half done in silence."""
        try:
            with self._engine.begin() as connection:
                connection.execute(text("DELETE FROM trackers WHERE sender_id = :sender"), {"sender": sender})
        except OperationalError as error:
            if "no such table" in str(error):  # Rasa has not stored anything yet
                return
            raise DatabaseBusyError(str(error)) from error
        except SQLAlchemyError as error:
            if "does not exist" not in str(error):  # as above, in PostgreSQL's words
                raise


def plain_words(message: str) -> str:
    """Return a message as Rasa may see it: a leading "/" would pass for a command of Rasa's own and skip understanding."""
    return re.sub(r"^[\s/\u200b\u2044\u2215]+", "", message).strip()


def payload(label: str, is_article: bool, value: str = "") -> str:
    """Return what a button sends to Rasa for its label and value."""
    entities = {"topic": label} if is_article else {"value": value} if value else {}
    return f"/{'faq' if is_article else label}{json.dumps(entities) if entities else ''}"

"""The public door: everything that a browser can reach."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.middleware.base import RequestResponseEndpoint
from starlette.responses import Response

from desk.at_hand import database
from desk.settings import settings
from web import api, booking_pages, operators, pages, referral_pages, sessions_pages, volunteer_pages
from web.answering import Answering
from web.errors import handle_errors
from web.rasa import Assistant, RasaStore
from web.screening import Screen
from web.search import Searcher
from web.staff.routers import staff_routers
from web.streams import Streams
from web.templating import FOLDER

log = logging.getLogger(__name__)

# Seconds in which pages have the processor to themselves, before the search by meaning loads.
_PAGES_FIRST = 1.0

# Everything a page uses comes from the desk itself; no inline script or style.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)


@asynccontextmanager
async def _open(app: FastAPI) -> AsyncIterator[None]:
    """Start what runs beside the requests: watching the assistant, loading the search, answering what was left waiting."""
    answering: Answering = app.state.answering
    tasks = [asyncio.create_task(app.state.assistant.watch()), asyncio.create_task(_get_ready(app.state.screen, app.state.searcher, answering))]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    app.state.streams.close()
    await app.state.assistant.close()


async def _get_ready(screen: Screen, searcher: Searcher, answering: Answering) -> None:
    await asyncio.sleep(_PAGES_FIRST)
    await _load(screen, searcher)
    await answering.answer_waiting()


async def _load(*parts: Screen | Searcher) -> None:
    for part in parts:
        try:
            await run_in_threadpool(part.load)
        except Exception:
            log.exception("%s could not load its model; it goes on without", type(part).__name__)


def create_app() -> FastAPI:
    """Build the web application. Run one process of it on SQLite; several on PostgreSQL."""
    app = FastAPI(title="The Enquiry Desk", version="1", docs_url=None, redoc_url=None, lifespan=_open)
    config = settings()
    app.state.assistant = Assistant(config.rasa_url, config.reply_within, send_vectors=config.send_vectors, moves=config.assistant_file)
    app.state.rasa_store = RasaStore(config.rasa_database_url)
    app.state.searcher = Searcher(config.var / "model" / "stand-in.npz")
    app.state.screen = Screen(config.var / "model" / "safety.npz")
    # A new model of the assistant comes with new ones of web's own.
    app.state.assistant.when_moved = partial(_load, app.state.screen, app.state.searcher)
    app.state.streams = Streams()
    app.state.answering = Answering(database(), app.state.assistant, app.state.screen, app.state.searcher, app.state.streams, app.state.rasa_store)
    app.include_router(api.router)
    app.include_router(operators.router)
    app.include_router(pages.router)
    app.include_router(sessions_pages.router)
    app.include_router(booking_pages.router)
    app.include_router(referral_pages.router)
    app.include_router(volunteer_pages.router)
    for router in staff_routers():
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=FOLDER.parent / "static"), name="static")
    handle_errors(app)

    @app.middleware("http")
    async def protect(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if not request.url.path.startswith("/static"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return app

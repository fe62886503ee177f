"""Calls for those who keep the desk running."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.concurrency import run_in_threadpool

from desk.at_hand import database
from web.metrics import ASSISTANT_READY
from web.rasa import AssistantState

router = APIRouter(tags=["operators"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Web itself runs."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(request: Request) -> dict[str, str]:
    """The desk can take messages: the database answers. A missing assistant is named, but does not make the desk unready."""

    def look() -> None:
        with database().reading() as session:
            session.execute(text("SELECT 1"))

    await run_in_threadpool(look)
    return {"status": "ok", "database": "ok", "assistant": request.app.state.assistant.state}


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    ASSISTANT_READY.set(request.app.state.assistant.state is AssistantState.READY)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

"""The web process."""

import logging

import uvicorn

from desk.settings import settings


def set_up_logging(level: str) -> None:
    handler = logging.StreamHandler()
    handler.setLevel(level)  # bm25s sets its own logger to DEBUG when it is imported
    logging.basicConfig(level=level, format="%(asctime)s web %(levelname)s %(message)s", handlers=[handler])
    logging.getLogger("httpx").setLevel(logging.WARNING)


def main() -> None:
    config = settings()
    set_up_logging(config.log_level)
    # No access log: addresses of pages may hold what somebody searched for.
    uvicorn.run(
        "web.desk_app:create_app", factory=True, host=config.host, port=config.port, access_log=False, log_config=None, timeout_graceful_shutdown=5
    )


if __name__ == "__main__":
    main()

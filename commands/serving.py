"""The web process."""

import logging

import uvicorn

from desk.settings import settings


def main() -> None:
    config = settings()
    logging.basicConfig(level=config.log_level, format="%(asctime)s web %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # No access log: addresses of pages may hold what somebody searched for.
    uvicorn.run(
        "web.desk_app:create_app", factory=True, host=config.host, port=config.port, access_log=False, log_config=None, timeout_graceful_shutdown=5
    )


if __name__ == "__main__":
    main()

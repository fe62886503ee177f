"""The action server: rasa-sdk's own application, on loopback, with only our actions."""

import logging

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from bot.actions import replies
from desk.settings import settings


def main() -> None:
    config = settings()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s actions %(levelname)s %(message)s")
    executor = ActionExecutor()
    executor.register_package(replies)
    create_app(executor, cors_origins=[]).run("127.0.0.1", config.actions_port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()

"""The action server: rasa-sdk's own application, on loopback, with only our actions."""

import logging
from typing import Any

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from bot.actions import replies
from desk.at_hand import front_desk
from desk.settings import settings


class Executor(ActionExecutor):
    """Runs our actions, which never look at Rasa's domain.

    This rasa-sdk asks for a domain or its digest with every call; Rasa 3.6 knows of no digest, and sending it the whole domain
    each time (selective domain off) costs more than the action.
    """

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:
        return {}


def main() -> None:
    config = settings()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s actions %(levelname)s %(message)s")
    front_desk().promise()  # articles, libraries and bank holidays are read before the first resident asks
    executor = Executor()
    executor.register_package(replies)
    create_app(executor, cors_origins=[]).run("127.0.0.1", config.actions_port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()

"""One running desk for all tests of the whole system that do not break it."""

from collections.abc import Iterator

import pytest

from tests.running_desk import Conversation, RunningDesk


@pytest.fixture(scope="package")
def running_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with RunningDesk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk.wait_until_ready()


@pytest.fixture
def resident(running_desk: RunningDesk) -> Conversation:
    return running_desk.converse()

"""The desk whose database cannot be reached at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.running_desk import free_port
from tests.web.conftest import application


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("cut-off")
    with application(folder, f"postgresql://nobody@127.0.0.1:{free_port()}/nothing") as app:
        yield TestClient(app)


def test_the_desk_says_that_it_is_alive_and_not_ready(cut_off: TestClient) -> None:
    assert cut_off.get("/healthz").status_code == 200
    assert cut_off.get("/readyz").status_code == 503


def test_a_program_is_told_to_try_again(cut_off: TestClient) -> None:
    for response in (cut_off.post("/api/conversations", json={}), cut_off.get("/api/status"), cut_off.get("/api/search", params={"q": "wifi"})):
        assert response.status_code == 503
        assert response.headers["retry-after"]
        assert "ring 020 7641 6200" in response.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/", "/chat", "/help", "/help/scams", "/libraries"])
def test_a_resident_is_told_whom_to_ring(cut_off: TestClient, path: str) -> None:
    response = cut_off.get(path)
    assert response.status_code == 503
    assert response.headers["content-type"].startswith("text/html")
    assert "ring 020 7641 6200" in response.text


def test_the_words_of_a_resident_stay_on_the_page(cut_off: TestClient) -> None:
    response = cut_off.post("/chat", data={"text": "how do i join the library"})
    assert response.status_code == 503
    assert ">how do i join the library</textarea>" in response.text
    assert "ring 020 7641 6200" in response.text

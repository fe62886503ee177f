"""What the desk shows to those who run it, and to the rest of the machine."""

import httpx
import pytest

from tests.running_desk import Conversation, RunningDesk
from tests.system.ports import addresses_listening_on

pytestmark = pytest.mark.system


@pytest.mark.parametrize("part", ["rasa_port", "actions_port", "port"])
def test_no_part_listens_beyond_this_machine(running_desk: RunningDesk, part: str) -> None:
    assert addresses_listening_on(getattr(running_desk, part)) == {"127.0.0.1"}


def test_health_and_readiness(running_desk: RunningDesk) -> None:
    assert running_desk.http.get("/healthz").json() == {"status": "ok"}
    assert running_desk.http.get("/readyz").json() == {"status": "ok", "database": "ok", "assistant": "ready"}


def figure(desk: RunningDesk, name: str) -> float:
    """Return one figure of the metrics."""
    lines = desk.http.get("/metrics").text.splitlines()
    return next(float(line.removeprefix(f"{name} ")) for line in lines if line.startswith(f"{name} "))


def test_the_metrics_count_messages_and_answers(running_desk: RunningDesk, resident: Conversation) -> None:
    resident.say("hello")
    names = ("desk_messages_total", 'desk_answers_total{kind="smalltalk"}', "desk_reply_seconds_count")
    before = [figure(running_desk, name) for name in names]
    resident.say("hello")
    assert [figure(running_desk, name) for name in names] == [count + 1 for count in before]


def test_the_metrics_say_that_the_assistant_is_ready(running_desk: RunningDesk) -> None:
    assert figure(running_desk, "desk_assistant_ready") == 1


def test_the_status_says_who_is_there_and_when(running_desk: RunningDesk) -> None:
    assert running_desk.http.get("/api/status").json() == {
        "assistant": "ready",
        "staff": "off_duty",
        "promise": "Staff can answer the telephone until 5pm today.",
        "phone": "020 7641 6200",
        "hours": "today 9:30am to 5pm",
    }


# Search


def search(desk: RunningDesk, words: str) -> httpx.Response:
    return desk.http.get("/api/search", params={"q": words})


@pytest.mark.parametrize(("words", "topic"), [("free sim card", "databank"), ("is the wifi safe for banking", "wifi-safety"), ("scam text", "scams")])
def test_search_finds_the_article_and_the_best_comes_first(running_desk: RunningDesk, words: str, topic: str) -> None:
    results = search(running_desk, words).json()["results"]
    assert results[0]["topic"] == topic
    assert all(set(result) == {"topic", "title", "summary", "score"} for result in results)
    assert [result["score"] for result in results] == sorted((result["score"] for result in results), reverse=True)


@pytest.mark.parametrize("words", ["", "   ", "zzzqqq", "!!!", "🙂", "the", "\x00", "x" * 2000])
def test_a_search_without_a_hit_finds_nothing(running_desk: RunningDesk, words: str) -> None:
    response = search(running_desk, words)
    assert response.status_code == 200
    assert response.json() == {"results": []}


# Headers


@pytest.mark.parametrize("path", ["/", "/chat", "/help/scams", "/api/status", "/api/nothing", "/nothing", "/static/widget.js", "/healthz"])
def test_every_response_tells_the_browser_to_run_only_what_is_the_desks_own(running_desk: RunningDesk, path: str) -> None:
    headers = running_desk.http.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"


def test_no_other_website_may_read_the_desk(running_desk: RunningDesk) -> None:
    origin = {"Origin": "https://elsewhere.example"}
    for response in (
        running_desk.http.get("/api/status", headers=origin),
        running_desk.http.post("/api/conversations", json={}, headers=origin),
        running_desk.http.options("/api/conversations", headers=origin | {"Access-Control-Request-Method": "POST"}),
    ):
        assert not [name for name in response.headers if name.startswith("access-control-")]


def test_what_was_said_is_not_kept_by_browsers_and_proxies(running_desk: RunningDesk, resident: Conversation) -> None:
    response = running_desk.http.get(f"/api/conversations/{resident.id}/events", headers=resident.headers)
    assert response.headers["cache-control"] == "no-store"


def test_the_api_describes_itself(running_desk: RunningDesk) -> None:
    paths = running_desk.http.get("/openapi.json").json()["paths"]
    assert {"/api/conversations", "/api/conversations/{conversation_id}/messages", "/api/status", "/api/search"} <= set(paths)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/nothing", 404), ("PUT", "/api/status", 405), ("GET", "/api/conversations", 405)]
)
def test_a_call_that_there_is_not_gets_a_sentence(running_desk: RunningDesk, method: str, path: str, status: int) -> None:
    response = running_desk.http.request(method, path)
    assert response.status_code == status
    assert "ring 020 7641 6200" in response.json()["error"]["message"]

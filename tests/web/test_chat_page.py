"""The chat by forms, as a browser without JavaScript has it."""

import html
import re
import sqlite3
from contextlib import closing

import pytest
from starlette.testclient import TestClient

from desk.settings import settings

QUESTION = "is the wifi safe for banking"


def ask(visitor: TestClient, text: str, client_id: str = "", **more: str) -> str:
    """Send the form and return the page that follows."""
    return visitor.post("/chat", data={"text": text, "client_id": client_id, **more}).text


def messages(page: str) -> list[str]:
    """Return the speakers of the log that a page shows."""
    return re.findall(r'<li class="message (\w+)"[^>]*>\s*<p class="who">[^<]*<time', page)


def test_a_question_is_shown_with_its_answer(visitor: TestClient) -> None:
    page = ask(visitor, QUESTION)
    assert messages(page) == ["bot", "resident", "bot"]
    assert QUESTION in page
    assert "ring 020 7641 6200" in page


def test_the_page_is_reached_by_a_redirect_so_that_reloading_sends_nothing_again(visitor: TestClient) -> None:
    response = visitor.post("/chat", data={"text": QUESTION}, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/chat#latest")
    assert messages(visitor.get("/chat").text) == messages(visitor.get("/chat").text) == ["bot", "resident", "bot"]


def test_only_the_browser_can_read_the_cookie_and_only_the_chat_gets_it(visitor: TestClient) -> None:
    cookie = visitor.post("/chat", data={"text": QUESTION}, follow_redirects=False).headers["set-cookie"]
    assert cookie.startswith("desk_chat=")
    assert {"HttpOnly", "Path=/chat", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}


def test_looking_at_the_page_sets_no_cookie(visitor: TestClient) -> None:
    assert "set-cookie" not in visitor.get("/chat").headers


def test_a_form_sent_twice_is_one_message(visitor: TestClient) -> None:
    ask(visitor, QUESTION, "the same")
    assert messages(ask(visitor, QUESTION, "the same")) == ["bot", "resident", "bot"]


def test_a_button_is_answered_with_its_topic(visitor: TestClient) -> None:
    page = ask(visitor, QUESTION)
    [button] = re.findall(r'<button name="choice" value="([\d-]+)">Is the library Wi-Fi safe\?</button>', page)
    page = ask(visitor, "", choice=button)
    assert messages(page) == ["bot", "resident", "bot", "resident", "bot"]
    assert "Library Wi-Fi is shared with other people" in page
    assert "Did this help?" in page


def test_a_button_that_nobody_offered_is_refused_and_the_words_stay(visitor: TestClient) -> None:
    ask(visitor, QUESTION)
    response = visitor.post("/chat", data={"text": "my words", "choice": "99-0"})
    assert response.status_code == 422
    assert "That choice is no longer open" in response.text
    assert ">my words</textarea>" in response.text


@pytest.mark.parametrize(("text", "says"), [("  ", "That message was empty"), ("x" * 2001, "it has 2,001 characters")])
def test_what_cannot_be_taken_is_shown_again_with_the_reason(visitor: TestClient, text: str, says: str) -> None:
    response = visitor.post("/chat", data={"text": text})
    assert response.status_code == 422
    assert says in response.text
    assert f">{text}</textarea>" in response.text
    assert 'role="alert"' in response.text


def test_markup_comes_back_as_words(visitor: TestClient) -> None:
    markup = '<script>alert("wifi")</script></textarea>'
    page = ask(visitor, markup)
    assert html.escape(markup, quote=False).replace('"', "&#34;") in page
    assert "<script>alert" not in page
    assert "<script>alert" not in visitor.post("/chat", data={"text": markup, "choice": "99-0"}).text


def test_a_secret_is_masked_on_the_page(visitor: TestClient) -> None:
    page = ask(visitor, "my card number is 4111 1111 1111 1111")
    assert "[card number removed]" in page
    assert "4111" not in page


def test_a_cry_for_help_is_answered_at_once(visitor: TestClient) -> None:
    assert "Samaritans on 116 123" in ask(visitor, "I want to kill myself")


def test_feedback_is_taken_and_the_chat_shown_again(visitor: TestClient) -> None:
    ask(visitor, QUESTION)
    response = visitor.post("/chat/feedback", data={"seq": "3", "helpful": "true"})
    assert response.status_code == 200
    assert messages(response.text) == ["bot", "resident", "bot"]


@pytest.mark.parametrize("judgement", [{"seq": "2", "helpful": "true"}, {"seq": "99", "helpful": "true"}, {"seq": "x", "helpful": "true"}, {}])
def test_only_an_answer_can_be_judged(visitor: TestClient, judgement: dict[str, str]) -> None:
    ask(visitor, QUESTION)
    response = visitor.post("/chat/feedback", data=judgement)
    assert response.status_code == 422
    assert "There is a problem" in response.text


def test_the_chat_can_be_printed(visitor: TestClient) -> None:
    ask(visitor, QUESTION)
    page = visitor.get("/chat/transcript").text
    assert QUESTION in page
    assert "Your chat with the library" in page


def test_a_cleared_chat_is_gone(visitor: TestClient) -> None:
    ask(visitor, QUESTION)
    cookie = visitor.cookies["desk_chat"]
    page = visitor.post("/chat/erase").text
    assert messages(page) == []
    assert "desk_chat" not in visitor.cookies
    visitor.cookies.set("desk_chat", cookie, path="/chat")
    assert messages(visitor.get("/chat").text) == []
    assert visitor.get("/chat/transcript").status_code == 404


@pytest.mark.parametrize("cookie", ["", ".", "x.y", "x", "%00.%00", "a" * 3000])
def test_a_cookie_that_opens_nothing_shows_an_empty_chat(visitor: TestClient, cookie: str) -> None:
    visitor.cookies.set("desk_chat", cookie, path="/chat")
    response = visitor.get("/chat")
    assert response.status_code == 200
    assert messages(response.text) == []


def test_two_visitors_do_not_see_each_others_chat(visitor: TestClient) -> None:
    ask(visitor, QUESTION)
    visitor.cookies.clear()
    assert messages(ask(visitor, "how do i join the library")) == ["bot", "resident", "bot"]


def test_when_the_database_is_locked_the_words_stay_and_sending_again_is_the_same_message(visitor: TestClient) -> None:
    ask(visitor, QUESTION)
    with closing(sqlite3.connect(settings().database_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        response = visitor.post("/chat", data={"text": "how do i join the library", "client_id": "the same"})
    assert response.status_code == 503
    assert "please send it again in a moment, or ring 020 7641 6200" in response.text
    assert ">how do i join the library</textarea>" in response.text
    assert 'name="client_id" value="the same"' in response.text
    assert messages(ask(visitor, "how do i join the library", "the same")) == ["bot", "resident", "bot", "resident", "bot"]

"""The chat panel while the desk cannot be reached: it says so, and loses nothing."""

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.panel import Panel
from tests.running_desk import Conversation, RunningDesk

pytestmark = pytest.mark.browser

MESSAGES = "**/api/conversations/*/messages"
CONVERSATIONS = "**/api/conversations"
WIFI_SAFETY, WIFI_SAFETY_ANSWER = "Is the library Wi-Fi safe?", "Library Wi-Fi is shared with other people."
SCAMS = "How do I spot a scam email?"


def test_a_question_that_was_not_sent_can_be_tried_again(panel: Panel) -> None:
    panel.open()
    panel.page.route(MESSAGES, _out_of_reach, times=1)
    _send(panel, WIFI_SAFETY)
    expect(panel.last).to_contain_text("Not sent. The desk cannot be reached just now.")
    expect(panel.last).to_contain_text(WIFI_SAFETY)
    assert panel.spoken[-1].startswith("Not sent. The desk cannot be reached just now.")
    panel.press("Try again")
    expect(panel.last).to_contain_text(WIFI_SAFETY_ANSWER)
    expect(_asked(panel, WIFI_SAFETY)).to_have_count(1)
    expect(panel.shown("Not sent.")).to_have_count(0)


def test_a_choice_that_was_not_sent_can_be_tried_again(panel: Panel) -> None:
    panel.open()
    panel.page.route(MESSAGES, _out_of_reach, times=1)
    panel.press("How do I get on the library Wi-Fi?")
    panel.press("Try again")
    expect(panel.last.get_by_role("link", name="Read the whole page (opens a new tab)")).to_have_attribute("href", "/help/wifi-connect")


def test_trying_again_leaves_the_focus_in_the_panel(panel: Panel) -> None:
    panel.open()
    panel.page.route(MESSAGES, _out_of_reach, times=1)
    _send(panel, WIFI_SAFETY)
    panel.button("Try again").focus()
    panel.page.keyboard.press("Enter")
    expect(panel.last).to_contain_text(WIFI_SAFETY_ANSWER)
    expect(panel.question).to_be_focused()


def test_a_question_whose_answer_was_lost_on_the_way_is_asked_once(panel: Panel, running_desk: RunningDesk) -> None:
    panel.open()
    panel.page.route(MESSAGES, _lose_the_answer, times=1)
    _send(panel, WIFI_SAFETY)
    with panel.page.expect_response(MESSAGES):
        panel.press("Try again")
    expect(panel.last).to_contain_text(WIFI_SAFETY_ANSWER)
    assert _taken_in(panel, running_desk) == [WIFI_SAFETY]


def test_two_questions_that_failed_are_both_kept_and_both_answered(panel: Panel, running_desk: RunningDesk) -> None:
    panel.open()
    panel.page.route(MESSAGES, _out_of_reach, times=1)
    _send(panel, WIFI_SAFETY)
    expect(panel.button("Try again")).to_have_count(1)
    panel.page.route(MESSAGES, _lose_the_answer, times=1)
    _send(panel, SCAMS)
    expect(panel.button("Try again")).to_have_count(2)
    for _ in (WIFI_SAFETY, SCAMS):
        with panel.page.expect_response(MESSAGES):
            panel.button("Try again").first.click()
    expect(panel.messages).to_have_count(5)
    assert sorted(_taken_in(panel, running_desk)) == sorted([WIFI_SAFETY, SCAMS])


def test_what_was_not_sent_is_sent_after_a_reload(panel: Panel) -> None:
    panel.open()
    panel.page.route(MESSAGES, _out_of_reach, times=2)
    _send(panel, WIFI_SAFETY)
    expect(panel.button("Try again")).to_have_count(1)
    _send(panel, SCAMS)
    expect(panel.button("Try again")).to_have_count(2)
    panel.page.reload()
    expect(panel.messages).to_have_count(5)
    expect(_asked(panel, WIFI_SAFETY)).to_have_count(1)
    expect(_asked(panel, SCAMS)).to_have_count(1)


def test_a_chat_that_could_not_be_opened_can_be_tried_again(panel: Panel) -> None:
    panel.page.route(CONVERSATIONS, _out_of_reach, times=1)
    panel.link.click()
    expect(panel.last).to_contain_text("The desk cannot be reached just now.")
    expect(panel.last).not_to_contain_text("Not sent.")  # nothing was to be sent
    panel.press("Try again")
    expect(panel.last).to_contain_text("I am the library's enquiry desk assistant")
    panel.page.reload()
    expect(panel.messages).to_have_count(1)
    expect(panel.button("Try again")).to_have_count(0)


def test_a_chat_that_could_not_be_cleared_stays_and_can_be_tried_again(panel: Panel) -> None:
    panel.open().ask(WIFI_SAFETY)
    panel.page.route("**/api/conversations/*", _out_of_reach, times=1)
    panel.press("Clear this chat")
    expect(panel.last).to_contain_text("The desk cannot be reached just now.")
    expect(_asked(panel, WIFI_SAFETY)).to_have_count(1)
    panel.press("Try again")
    expect(panel.messages).to_have_count(1)
    expect(panel.last).to_contain_text("I am the library's enquiry desk assistant")


def _out_of_reach(route: Route) -> None:
    route.abort("connectionfailed")


def _lose_the_answer(route: Route) -> None:
    """The message arrives at the desk, and nothing comes back."""
    route.fetch()
    route.abort("connectionreset")


def _send(panel: Panel, words: str) -> None:
    panel.write(words)
    panel.question.press("Enter")


def _taken_in(panel: Panel, desk: RunningDesk) -> list[str]:
    """The resident's messages in the desk's own log."""
    said = Conversation(desk.http, panel.kept["id"], panel.kept["token"]).log()
    return [message["text"] for message in said if message["from"] == "resident"]


def _asked(panel: Panel, question: str) -> Locator:
    return panel.messages.filter(has_text="You").get_by_text(question, exact=True)

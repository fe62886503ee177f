"""WCAG 2.2 AA, as far as a program can tell, on every page and in every state of the chat."""

import re
import uuid
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.panel import Panel

pytestmark = pytest.mark.browser

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PAGES = ["/", "/chat", "/help", "/help/wifi-safety", "/libraries", "/sessions", "/booking", "/refer", "/volunteer"]
WIFI_SAFETY = "Is the library Wi-Fi safe?"


@pytest.mark.parametrize("address", [*PAGES, "/nothing-here"])
def test_a_page(page: Page, address: str) -> None:
    page.goto(address)
    _is_accessible(page)


def test_the_chat_page_with_messages(page: Page) -> None:
    _ask_on_the_chat_page(page, WIFI_SAFETY)
    expect(page.get_by_role("button", name="Yes")).to_be_visible()
    _is_accessible(page)


def test_the_chat_page_with_choices(page: Page) -> None:
    _ask_on_the_chat_page(page, "hello")
    expect(page.get_by_role("button", name="How do I get on the library Wi-Fi?")).to_be_visible()
    _is_accessible(page)


def test_the_chat_page_with_a_problem(page: Page) -> None:
    _ask_on_the_chat_page(page, " ")
    expect(page.get_by_role("alert")).to_be_visible()
    _is_accessible(page)


def test_the_chat_as_it_is_printed(page: Page) -> None:
    _ask_on_the_chat_page(page, WIFI_SAFETY)
    page.get_by_role("link", name="Save or print this chat").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your chat with the library")
    _is_accessible(page)


def test_the_open_panel_with_messages(panel: Panel) -> None:
    panel.open().ask(WIFI_SAFETY)
    _is_accessible(panel.page)


def test_the_open_panel_with_messages_in_a_small_window(panel: Panel) -> None:
    panel.page.set_viewport_size({"width": 320, "height": 640})
    panel.open().ask(WIFI_SAFETY)
    _is_accessible(panel.page)


def test_the_open_panel_after_a_choice(panel: Panel) -> None:
    panel.open().press("How do I get on the library Wi-Fi?")
    expect(panel.messages).to_have_count(3)
    panel.messages.first.scroll_into_view_if_needed()
    _is_accessible(panel.page)


def test_the_open_panel_with_a_question_that_was_not_sent(panel: Panel) -> None:
    panel.open()
    panel.page.route("**/messages", lambda route: route.abort())
    panel.write(WIFI_SAFETY)
    panel.question.press("Enter")
    expect(panel.button("Try again")).to_be_visible()
    _is_accessible(panel.page)


def test_the_open_panel_with_a_question_that_is_too_long(panel: Panel) -> None:
    panel.open().write("a" * 2001)
    _is_accessible(panel.page)


@pytest.mark.parametrize("address", PAGES)
def test_what_is_pressed_is_large_enough(page: Page, address: str) -> None:
    page.goto(address)
    assert _too_small(page) == []


def test_what_is_pressed_in_the_panel_is_large_enough(panel: Panel) -> None:
    panel.open().ask(WIFI_SAFETY)
    assert _too_small(panel.page) == []


def test_the_form_of_a_session_before_and_after_a_mistake(page: Page) -> None:
    _open_a_class(page)
    _is_accessible(page)
    assert _too_small(page) == []
    page.get_by_label("Telephone number").fill("07700 90012")
    page.get_by_label("Email address").fill("mary@gmial.com")
    page.get_by_role("button", name="Book this place").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Telephone number")).to_have_accessible_description(re.compile("one figure short"))
    _is_accessible(page)
    assert _too_small(page) == []


def test_a_booking_and_everything_that_can_be_done_with_it(page: Page) -> None:
    _open_a_class(page)
    page.get_by_label("Name of the person who is coming").fill(f"Mary O'Brien-Khan {uuid.uuid4().hex[:8]}")
    page.get_by_label("What would make it easier").fill("Large print")
    page.get_by_role("button", name="Book this place").click()
    expect(page.get_by_text("You have a place.")).to_be_visible()
    for address in ("/booking", "/booking/slip", "/booking/change", "/booking/details", "/booking/cancel"):
        page.goto(address)
        _is_accessible(page)
        assert _too_small(page) == []


def test_a_look_up_that_found_nothing(page: Page) -> None:
    page.goto("/booking")
    page.get_by_label("Booking reference").fill("7K4M")
    page.get_by_label("Name, telephone number or email").fill("Mary")
    page.get_by_role("button", name="Find my booking").click()
    expect(page.get_by_role("alert")).to_be_focused()
    _is_accessible(page)


def _open_a_class(page: Page) -> None:
    page.goto("/sessions?kind=class")
    page.locator(".sessions h3 a").last.click()
    expect(page.get_by_role("button", name="Book this place")).to_be_visible()


def _is_accessible(page: Page) -> None:
    found: dict[str, Any] = Axe().run(page, options=RULES)
    assert found["passes"]
    assert [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]] == []


def _too_small(page: Page) -> list[str]:
    """Buttons and links under 24 by 24 CSS pixels (WCAG 2.2, 2.5.8). Links inside a line of text, and those only for the keyboard, are exempt."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("button, summary, textarea, input, select, nav a, .cards a, .tools a, .sessions h3 a, a.button")]
            .filter((e) => e.checkVisibility())
            .filter((e) => { const { width, height } = e.getBoundingClientRect(); return width < 24 || height < 24; })
            .map((e) => e.outerHTML)"""
    )
    return found


def _ask_on_the_chat_page(page: Page, question: str) -> None:
    page.goto("/chat")
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Send").click()

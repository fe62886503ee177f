"""Sessions and bookings in a browser that runs no JavaScript."""

import re
import uuid

import pytest
from playwright.sync_api import Page, ViewportSize, expect

pytestmark = pytest.mark.browser

NAME = 'Mary O\'Brien-Khan <b id="bold">'
NARROW = ViewportSize(width=320, height=640)
ZOOMED = ViewportSize(width=320, height=256)  # 1280 by 1024 at 400 %


def test_a_resident_books_looks_up_and_cancels(plain_page: Page) -> None:
    name = _book(plain_page)
    expect(plain_page.get_by_text("It is booked.")).to_be_visible()
    expect(plain_page.get_by_role("definition").filter(has_text="O'Brien")).to_have_text(name)
    expect(plain_page.locator("#bold")).to_have_count(0)
    reference = plain_page.locator(".reference strong").inner_text()
    plain_page.get_by_role("button", name="Close my booking").click()

    plain_page.get_by_label("Booking reference").fill(reference.lower().replace("-", " "))
    plain_page.get_by_label("Name, telephone number or email").fill("07700 900123")
    plain_page.get_by_role("button", name="Find my booking").click()
    expect(plain_page.get_by_text("You have a place.")).to_be_visible()
    assert plain_page.url.endswith("/booking")

    plain_page.get_by_role("link", name="Print it in large letters").click()
    expect(plain_page.locator(".spelt")).to_have_text(reference)
    plain_page.get_by_role("link", name="Back to my booking").click()

    plain_page.get_by_role("link", name="Cancel my booking").click()
    plain_page.get_by_role("button", name="Yes, cancel it").click()
    expect(plain_page.get_by_text("This booking is cancelled.")).to_be_visible()


def test_a_booking_is_moved_and_its_calendar_file_fetched(plain_page: Page) -> None:
    _book(plain_page)
    plain_page.get_by_role("link", name="Change to another session").click()
    chosen = plain_page.get_by_role("radio").first
    title = plain_page.locator(".tick strong").first.inner_text()
    chosen.check()
    plain_page.get_by_role("button", name="Move my booking").click()
    expect(plain_page.get_by_text("Your booking is changed.")).to_be_visible()
    expect(plain_page.get_by_role("definition").first).to_have_text(title)
    with plain_page.expect_download() as download:
        plain_page.get_by_role("link", name="Add it to my calendar").click()
    assert download.value.suggested_filename == "library-session.ics"


def test_a_mistake_is_told_in_view_beside_its_field_and_nothing_is_lost(plain_page: Page) -> None:
    name = _fill_in(plain_page, "07700 90012")
    plain_page.get_by_role("button", name="Book this place").click()
    expect(plain_page.get_by_role("alert")).to_be_in_viewport(ratio=1)
    expect(plain_page.get_by_label("Name of the person")).to_have_value(name)
    plain_page.get_by_role("alert").get_by_role("link").click()
    expect(plain_page.get_by_label("Telephone number")).to_be_focused()
    expect(plain_page.get_by_label("Telephone number")).to_have_accessible_description(re.compile("one figure short"))


def test_what_is_on_is_chosen_by_library_day_and_kind(plain_page: Page) -> None:
    plain_page.goto("/sessions")
    plain_page.get_by_label("Library").select_option("Pimlico Library")
    plain_page.get_by_label("Day").select_option("Wednesdays")
    plain_page.get_by_label("Kind of session").select_option("One helper, one person")
    plain_page.get_by_role("button", name="Show sessions").click()
    expect(plain_page.locator(".sessions h3").first).to_have_text("IT clinic")
    headings = plain_page.get_by_role("heading", level=2).filter(has_text=re.compile(r"\d")).all_inner_texts()
    assert headings
    assert all(heading.startswith("Wednesday ") for heading in headings)
    expect(plain_page.get_by_role("link", name="Calendar of Pimlico Library")).to_have_attribute("href", "/sessions/pimlico-library.ics")


@pytest.mark.parametrize("window", [NARROW, ZOOMED], ids=["320 wide", "400 % zoom"])
def test_no_page_of_sessions_or_bookings_is_scrolled_sideways(plain_page: Page, window: ViewportSize) -> None:
    plain_page.set_viewport_size(window)
    _book(plain_page)
    for address in ("/sessions", "/booking", "/booking/slip", "/booking/change", "/booking/details", "/booking/cancel"):
        plain_page.goto(address)
        assert plain_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address


def _fill_in(page: Page, phone: str) -> str:
    """Fill in the form of a class for somebody who was never here, and return the name."""
    name = f"{NAME} {uuid.uuid4().hex[:8]}"
    page.goto("/sessions?kind=class")
    page.locator(".sessions h3 a").last.click()
    page.get_by_label("Name of the person who is coming").fill(name)
    page.get_by_label("Telephone number").fill(phone)
    return name


def _book(page: Page) -> str:
    name = _fill_in(page, "07700 900123")
    page.get_by_role("button", name="Book this place").click()
    return name

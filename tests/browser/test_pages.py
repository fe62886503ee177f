"""The pages around the chat, and what every page of the desk promises a browser."""

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, ViewportSize, expect

from kb.articles import load_articles
from tests.browser.panel import Panel
from tests.running_desk import RunningDesk

pytestmark = pytest.mark.browser

PAGES = ["/", "/chat", "/help", "/help/wifi-safety", "/libraries", "/nothing-here"]
NARROW = ViewportSize(width=320, height=640)
ZOOMED = ViewportSize(width=320, height=256)  # 1280 by 1024 at 400 %


def test_all_answers_are_listed_and_each_link_leads_to_its_answer(page: Page) -> None:
    page.goto("/help")
    expect(page.get_by_role("heading", level=1)).to_have_text("All answers")
    expect(page.locator(".cards a")).to_have_count(len(load_articles()))
    page.get_by_role("link", name="Is the library Wi-Fi safe?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is the library Wi-Fi safe?")


@pytest.mark.parametrize("slug", ["wifi-safety", "nhs-app", "find-a-library"])
def test_an_answer_has_a_page_with_its_steps_its_sources_and_the_day_they_were_checked(page: Page, slug: str) -> None:
    article = load_articles()[slug]
    page.goto(f"/help/{slug}")
    expect(page.get_by_role("heading", level=1)).to_have_text(article.title)
    expect(page.get_by_text(article.summary)).to_be_visible()
    expect(page.locator("article ol li").first).to_be_visible()
    sources = page.get_by_role("region", name="Where this comes from:")
    expect(sources.get_by_role("link")).to_have_text([source.title for source in article.front.sources])
    expect(sources.get_by_text("Last checked")).to_contain_text("2026")


def test_the_libraries_are_listed_with_their_hours_of_today(page: Page) -> None:
    page.goto("/libraries")
    table = page.get_by_role("table", name="Open today, Wednesday 25 November")
    expect(table.get_by_role("rowheader")).to_have_count(26)
    brompton = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Brompton Library"))
    expect(brompton.get_by_role("cell")).to_have_text(["210 Old Brompton Road, London, SW5 0BS", "9:30am to 5pm", "020 7361 3610"])


def test_an_unknown_address_leads_on_to_the_chat_and_to_a_person(page: Page) -> None:
    response = page.goto("/nothing-here")
    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("There is a problem")
    expect(page.get_by_text("There is nothing at this address.")).to_contain_text("020 7641 6200")
    page.get_by_role("main").get_by_role("link", name="Ask a question").click()
    expect(page.get_by_label("Your question")).to_be_visible()


def test_the_first_key_on_a_page_leads_past_the_navigation(page: Page) -> None:
    page.goto("/help/wifi-safety")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the main part")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the main part")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


# Small windows and large letters


@pytest.mark.parametrize("window", [NARROW, ZOOMED], ids=["320 wide", "400 % zoom"])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_never_scrolled_sideways(page: Page, address: str, window: ViewportSize) -> None:
    page.set_viewport_size(window)
    page.goto(address)
    _fits(page)


@pytest.mark.parametrize("window", [NARROW, ZOOMED], ids=["320 wide", "400 % zoom"])
def test_the_panel_can_be_used_in_a_small_window(panel: Panel, window: ViewportSize) -> None:
    panel.page.set_viewport_size(window)
    panel.open()
    expect(panel.title).to_be_in_viewport(ratio=1)
    expect(panel.button("Close")).to_be_in_viewport(ratio=1)
    _fits(panel.page)
    answer = panel.ask("Is the library Wi-Fi safe?")
    expect(answer.get_by_text("Library assistant")).to_be_in_viewport()
    _fits(panel.page)
    assert panel.itself.evaluate("e => e.scrollWidth <= e.clientWidth")
    for control in (panel.button("Close"), panel.question, panel.button("Send"), panel.button("Clear this chat")):
        control.focus()
        expect(control).to_be_in_viewport(ratio=0.9)
    panel.press("Close")
    expect(panel.itself).to_be_hidden()


@pytest.mark.parametrize("window", [NARROW, ZOOMED], ids=["320 wide", "400 % zoom"])
def test_the_chat_page_can_be_used_in_a_small_window(plain_page: Page, window: ViewportSize) -> None:
    plain_page.set_viewport_size(window)
    plain_page.goto("/chat")
    plain_page.get_by_label("Your question").fill("Is the library Wi-Fi safe?")
    plain_page.get_by_role("button", name="Send").click()
    expect(plain_page.get_by_text("Library Wi-Fi is shared with other people.")).to_be_visible()
    expect(plain_page.get_by_text("Is the library Wi-Fi safe?", exact=True)).to_be_in_viewport()


# What a browser is asked to fetch


@dataclass
class Watched:
    """What a tab fetched and what it complained of."""

    addresses: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> "Watched":
        page.on("request", self._fetched)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return self

    def _fetched(self, request: Request) -> None:
        self.addresses.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


def test_a_chat_fetches_from_the_desk_alone_and_the_console_stays_clean(page: Page, running_desk: RunningDesk) -> None:
    watched = Watched().follow(page)
    panel = Panel(page).open()
    panel.ask("Is the library Wi-Fi safe?").get_by_role("button", name="Yes").click()
    expect(panel.shown("Thank you for telling us.")).to_be_visible()
    panel.press("How do I get on the library Wi-Fi?")
    expect(panel.messages).to_have_count(5)
    page.reload()
    expect(panel.messages).to_have_count(5)
    panel.press("Clear this chat")
    expect(panel.messages).to_have_count(1)
    panel.press("Close")
    _fetched_only_from(running_desk, watched)


@pytest.mark.parametrize("address", PAGES[:-1])
def test_a_page_fetches_from_the_desk_alone_and_the_console_stays_clean(page: Page, running_desk: RunningDesk, address: str) -> None:
    watched = Watched().follow(page)
    page.goto(address, wait_until="networkidle")
    _fetched_only_from(running_desk, watched)


def test_no_page_may_run_a_script_that_is_not_the_desks_own(page: Page) -> None:
    watched = Watched().follow(page)
    page.goto("/")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = \"taken over\"' }))")
    assert page.title() != "taken over"
    assert any("Content Security Policy" in words for words in watched.complaints)


def _fits(page: Page) -> None:
    wide, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= window


def _fetched_only_from(desk: RunningDesk, watched: Watched) -> None:
    assert watched.addresses
    assert [address for address in watched.addresses if not address.startswith(f"{desk.url}/")] == []
    assert watched.complaints == []

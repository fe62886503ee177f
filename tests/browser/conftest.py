"""One running desk and one Chromium for the tests that use the desk as a resident does."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser.panel import Panel
from tests.running_desk import Conversation, RunningDesk

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WINDOW = ViewportSize(width=1280, height=900)

expect.set_options(timeout=30_000)  # a busy machine may be slow; no test is about speed


@pytest.fixture(scope="package")
def running_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    patient = {"DESK_REPLY_WITHIN": "30"}  # seconds, so that the assistant and not its stand-in answers on a busy machine
    with RunningDesk(tmp_path_factory.mktemp("desk"), patient) as desk:
        yield desk.wait_until_ready()


@pytest.fixture
def resident(running_desk: RunningDesk) -> Conversation:
    return running_desk.converse()


@pytest.fixture(scope="module")  # while it is open its event loop runs, and no test elsewhere could run one of its own
def browser() -> Iterator[Browser]:
    """The machine's Chromium, else the one that Playwright brings."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


def _page(browser: Browser, desk: RunningDesk, *, javascript: bool) -> Iterator[Page]:
    with browser.new_context(
        base_url=desk.url, viewport=WINDOW, locale="en-GB", timezone_id="Europe/London", java_script_enabled=javascript
    ) as context:
        yield context.new_page()


@pytest.fixture
def page(browser: Browser, running_desk: RunningDesk) -> Iterator[Page]:
    """A tab of a browser that has never been here."""
    yield from _page(browser, running_desk, javascript=True)


@pytest.fixture
def plain_page(browser: Browser, running_desk: RunningDesk) -> Iterator[Page]:
    """The same in a browser that runs no JavaScript."""
    yield from _page(browser, running_desk, javascript=False)


@pytest.fixture
def panel(page: Page) -> Panel:
    """The chat panel, still closed, on the library's first page."""
    return Panel(page)

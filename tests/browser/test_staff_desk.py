"""The staff desk as staff and a resident use it, in browsers of their own at the same time."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from desk import staff
from desk.database import Database
from tests.browser.conftest import WINDOW
from tests.browser.panel import Panel
from tests.browser.test_accessibility import RULES
from tests.running_desk import RunningDesk

pytestmark = pytest.mark.browser

PASSWORD = "seven quiet herons"
Colleague = Callable[[str], Page]


@pytest.fixture
def colleague(browser: Browser, running_desk: RunningDesk) -> Iterator[Colleague]:
    """Open a browser in which somebody of the staff signs in and goes on duty: `colleague("Sam")`."""
    contexts = []

    def sign_in(name: str) -> Page:
        _account(running_desk, name)
        context = browser.new_context(base_url=running_desk.url, viewport=WINDOW, locale="en-GB", timezone_id="Europe/London")
        contexts.append(context)
        page = context.new_page()
        page.goto("/staff")
        page.get_by_label("User name").fill(name.lower())
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1, name="Queue")).to_be_visible()
        if page.get_by_role("button", name="Go on duty").count():
            page.get_by_role("button", name="Go on duty").click()
        expect(page.get_by_text("You are on duty.")).to_be_visible()
        return page

    yield sign_in
    for context in contexts:
        for page in context.pages:
            page.goto("/staff")
            page.get_by_role("button", name="Go away").click()
            expect(page.get_by_text("You are away")).to_be_visible()
        context.close()


def _account(desk: RunningDesk, name: str) -> None:
    database = Database(desk.database_url)
    with database.writing() as session:
        try:
            staff.account_named(session, name)
        except staff.UnknownStaffError:
            staff.add_staff(session, name, f"{name} Example", "staff", PASSWORD)
    database.engine.dispose()


def _whether(page: Page, words: str) -> None:
    expect(page.locator("#standing")).to_contain_text(words)


def _someone_waits(panel: Panel) -> str:
    """A resident asks for a person; returns what they asked before, by which they are known in the queue."""
    question = f"Where is the printer of room {uuid.uuid4().hex[:6]}?"
    panel.open().ask(question)
    panel.itself.locator("form").get_by_role("button", name="Talk to a person").click()
    expect(panel.last).to_contain_text("I have asked a member of staff to join this chat.")
    return question


def _open(page: Page, question: str) -> None:
    card = page.locator("#queue .card").filter(has_text=question)
    expect(card).to_be_visible()
    card.get_by_role("link").click()
    expect(page.get_by_role("log")).to_contain_text(question)


# Two browsers


def test_a_resident_is_handed_over_answered_and_handed_back(panel: Panel, colleague: Colleague) -> None:
    sam = colleague("Sam")
    question = _someone_waits(panel)
    expect(sam).to_have_title(re.compile(r"^\([1-9]\d*\) Queue"))
    _open(sam, question)
    _whether(sam, "The resident waits in line")

    sam.get_by_role("button", name="Claim").click()
    _whether(sam, "You have this conversation.")
    expect(panel.last).to_contain_text("Sam from the library has joined the chat.")

    before = panel.messages.count()
    panel.write("Are you there?")
    panel.question.press("Enter")
    expect(sam.get_by_role("log")).to_contain_text("Are you there?")
    sam.get_by_label("Your reply").fill("Yes, I am. It is upstairs.")
    sam.get_by_label("Your reply").press("Control+Enter")
    expect(panel.last).to_contain_text("Yes, I am. It is upstairs.")
    expect(panel.messages).to_have_count(before + 2)  # the resident and Sam: the bot was silent
    expect(sam.get_by_label("Your reply")).to_have_value("")

    sam.get_by_role("button", name="Hand back to the assistant").click()
    _whether(sam, "The assistant has this conversation.")
    expect(panel.last).to_contain_text("The assistant is here again.")
    panel.ask("Is the library Wi-Fi safe?")
    expect(panel.last).to_contain_text("Library Wi-Fi is shared with other people.")


def test_a_message_reaches_the_staff_page_and_a_reply_the_resident_after_the_network_was_away(panel: Panel, colleague: Colleague) -> None:
    sam = colleague("Sam")
    _open(sam, _someone_waits(panel))
    sam.get_by_role("button", name="Claim").click()
    _whether(sam, "You have this conversation.")
    sam.context.set_offline(True)
    for words in ("the first", "the second"):
        panel.write(words)
        panel.question.press("Enter")
        expect(panel.messages.filter(has_text=words)).to_be_visible()
    sam.context.set_offline(False)
    expect(sam.get_by_role("log").locator(".said-resident")).to_have_count(4)
    said = sam.get_by_role("log").locator(".said-resident .words").all_inner_texts()
    assert [each.strip() for each in said[-2:]] == ["the first", "the second"]


# Two of the staff and one resident


def test_two_who_answer_at_once_see_each_other_and_the_second_keeps_their_words(panel: Panel, colleague: Colleague) -> None:
    sam, alex = colleague("Sam"), colleague("Alex")
    question = _someone_waits(panel)
    _open(sam, question)
    _open(alex, question)
    expect(sam.locator("#standing")).to_contain_text("Also here: Alex Example")
    alex.get_by_label("Your reply").press_sequentially("I think it is")
    expect(sam.locator("#standing")).to_contain_text("Alex Example (typing)")

    sam.get_by_role("button", name="Claim").click()
    _whether(sam, "You have this conversation.")
    _whether(alex, "Sam Example has this conversation.")
    expect(alex.get_by_label("Your reply")).to_have_value("I think it is")
    expect(alex.get_by_role("button", name="Claim")).to_have_count(0)
    alex.get_by_role("button", name="Send").click()
    expect(alex.get_by_role("alert")).to_contain_text("Sam Example has this conversation.")
    expect(alex.get_by_label("Your reply")).to_have_value("I think it is")
    expect(panel.messages.filter(has_text="I think it is")).to_have_count(0)


def test_a_stale_reply_shows_what_came_in_and_is_sent_when_it_was_read(panel: Panel, colleague: Colleague) -> None:
    sam = colleague("Sam")
    _open(sam, _someone_waits(panel))
    sam.get_by_label("Your reply").fill("It is upstairs.")
    # As if the resident's words came while the reply was on its way: the page says that it has seen less than it has.
    sam.evaluate("document.getElementsByName('last_seen_seq')[0].value = 1")
    sam.get_by_role("button", name="Send").click()
    expect(sam.get_by_role("alert")).to_contain_text("Something came in that you had not seen.")
    expect(sam.get_by_label("Your reply")).to_have_value("It is upstairs.")
    sam.get_by_role("button", name="Send").click()
    expect(panel.last).to_contain_text("It is upstairs.")


# Writing a reply


def test_a_suggested_answer_comes_with_one_key_and_can_be_changed(panel: Panel, colleague: Colleague) -> None:
    sam = colleague("Sam")
    panel.open().ask("Is the library Wi-Fi safe?")
    panel.itself.locator("form").get_by_role("button", name="Talk to a person").click()
    sam.reload()
    _open(sam, "Is the library Wi-Fi safe?")
    sam.get_by_label("Your reply").press("Alt+1")
    expect(sam.get_by_label("Your reply")).to_have_value(re.compile("Library Wi-Fi is shared"))
    sam.get_by_label("Your reply").press_sequentially(" Ask me more.")
    sam.reload()
    expect(sam.get_by_label("Your reply")).to_have_value(re.compile(r"Ask me more\.$"))


def test_a_code_becomes_its_canned_reply(panel: Panel, colleague: Colleague) -> None:
    sam = colleague("Sam")
    sam.goto("/staff/canned-replies")
    code = f"up{uuid.uuid4().hex[:6]}"
    sam.get_by_label("Code").first.fill(code)
    sam.get_by_label("Text").first.fill("It is upstairs, on the left.")
    sam.get_by_role("button", name=re.compile("^Add")).first.click()
    sam.goto("/staff")
    _open(sam, _someone_waits(panel))
    sam.get_by_label("Your reply").press_sequentially(f"Hello. /{code} ")
    expect(sam.get_by_label("Your reply")).to_have_value("Hello. It is upstairs, on the left.")


# What is typed is shown as text


def test_markup_in_a_message_a_name_and_a_note_is_shown_as_text(panel: Panel, colleague: Colleague) -> None:
    sam = colleague("Sam")
    hostile = "<img src=/nothing onerror=\"document.title='caught'\"><script>document.title='caught'</script>"
    question = _someone_waits(panel)
    panel.write(hostile)
    panel.question.press("Enter")
    _open(sam, question)
    expect(sam.get_by_role("log")).to_contain_text(hostile)
    panel.write(f"again {hostile}")
    panel.question.press("Enter")
    expect(sam.get_by_role("log")).to_contain_text(f"again {hostile}")
    sam.get_by_label("Add a note").fill(hostile)
    sam.get_by_role("button", name="Keep the note").click()
    expect(sam.locator(".notes")).to_contain_text(hostile)
    expect(sam.locator("main img, main script")).to_have_count(0)
    expect(sam).not_to_have_title("caught")


# Quiet hours, by keyboard alone


def test_quiet_hours_by_keyboard(panel: Panel, colleague: Colleague) -> None:
    sam = colleague("Sam")
    _someone_waits(panel)
    sam.goto("/staff/quiet?kind=live")
    sam.keyboard.press("?")
    expect(sam.get_by_text("Skip: the next one")).to_be_visible()
    count = int(re.search(r"of (\d+)", sam.locator("#item-title").inner_text()).group(1))  # type: ignore[union-attr]
    sam.keyboard.press("1")
    expect(sam.get_by_role("radio", name="Answered")).to_be_checked()
    sam.keyboard.press("d")
    expect(sam.get_by_text("Done. Here is the next one.").or_(sam.get_by_text("Nothing waits."))).to_be_visible()
    if count > 1:
        expect(sam.locator("#item-title")).to_contain_text(f"of {count - 1}")


def test_shortcuts_can_be_turned_off(panel: Panel, colleague: Colleague) -> None:
    sam = colleague("Sam")
    _someone_waits(panel)
    sam.goto("/staff/quiet")
    sam.keyboard.press("?")
    sam.get_by_label("Shortcuts are on").uncheck()
    sam.locator("h1").click()
    sam.keyboard.press("1")
    expect(sam.get_by_role("radio", name="Answered")).not_to_be_checked()
    sam.reload()
    sam.keyboard.press("o")
    expect(sam.get_by_role("heading", level=1)).to_have_text("One after the other")


# Whether everybody can use it


@pytest.mark.parametrize("width", [1280, 320])
def test_the_pages_are_accessible(panel: Panel, colleague: Colleague, width: int) -> None:
    sam = colleague("Sam")
    question = _someone_waits(panel)
    sam.set_viewport_size({"width": width, "height": 900})
    _open(sam, question)
    sam.get_by_role("button", name="Claim").click()
    _whether(sam, "You have this conversation.")
    sam.get_by_label("Add a note").fill("Rang twice")
    sam.get_by_role("button", name="Keep the note").click()
    _is_accessible(sam)
    sam.get_by_role("button", name="Send").click()
    expect(sam.get_by_role("alert")).to_contain_text("Not sent")
    _is_accessible(sam)
    for address in ("/staff", "/staff/quiet", "/staff/search?q=printer"):
        sam.goto(address)
        _is_accessible(sam)


def _is_accessible(page: Page) -> None:
    found: dict[str, Any] = Axe().run(page, options=RULES)
    assert found["passes"]
    assert [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]] == []
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} pixels too wide at {json.dumps(page.viewport_size)}"
    assert _too_small(page) == []


def _too_small(page: Page) -> list[str]:
    """Buttons and fields under 44 CSS pixels high, and links that stand alone under 24."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("main :is(button, summary, textarea, select, input[type=search], a.button, h3 a)")]
            .filter((e) => e.checkVisibility())
            .filter((e) => e.getBoundingClientRect().height < (e.matches("h3 a") ? 24 : 44))
            .map((e) => e.outerHTML)"""
    )
    return found

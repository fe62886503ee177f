"""The chat as forms, in a browser that runs no JavaScript."""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import create_engine, text

from tests.running_desk import RunningDesk

pytestmark = pytest.mark.browser

WIFI_SAFETY, WIFI_SAFETY_ANSWER = "Is the library Wi-Fi safe?", "Library Wi-Fi is shared with other people."


def test_the_link_on_the_first_page_leads_to_the_chat(plain_page: Page) -> None:
    plain_page.goto("/")
    plain_page.get_by_role("main").get_by_role("link", name="Ask a question").click()
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("Ask the library")
    expect(plain_page.get_by_label("Your question")).to_be_visible()


def test_a_question_is_answered_with_its_source(plain_page: Page) -> None:
    _ask(plain_page, WIFI_SAFETY)
    answer = _messages(plain_page).last
    expect(answer).to_contain_text(WIFI_SAFETY_ANSWER)
    answer.get_by_text("Where this comes from:").click()
    expect(answer.get_by_role("link", name="Barclays Digital Wings: public Wi-Fi")).to_be_visible()


def test_the_page_comes_back_with_question_and_answer_in_view(plain_page: Page) -> None:
    _ask(plain_page, WIFI_SAFETY)
    expect(_messages(plain_page).get_by_text(WIFI_SAFETY, exact=True)).to_be_in_viewport(ratio=1)
    expect(_messages(plain_page).get_by_text(WIFI_SAFETY_ANSWER)).to_be_in_viewport(ratio=1)


def test_messages_stay_after_a_reload(plain_page: Page) -> None:
    _ask(plain_page, WIFI_SAFETY)
    plain_page.goto("/chat")
    expect(_messages(plain_page)).to_have_count(3)


def test_a_choice_can_be_pressed(plain_page: Page) -> None:
    _ask(plain_page, "hello")
    plain_page.get_by_role("button", name="How do I get on the library Wi-Fi?").click()
    expect(_messages(plain_page).nth(-2)).to_contain_text("How do I get on the library Wi-Fi?")
    expect(_messages(plain_page).last.get_by_role("link", name="Read the whole page (opens a new tab)")).to_have_attribute(
        "href", "/help/wifi-connect"
    )


def test_a_resident_says_that_an_answer_did_not_help(plain_page: Page, running_desk: RunningDesk) -> None:
    before = _not_helped(running_desk)
    _ask(plain_page, WIFI_SAFETY)
    plain_page.get_by_role("button", name="No", exact=True).click()
    expect(plain_page.get_by_text("Thank you for telling us.")).to_be_visible()
    expect(_messages(plain_page)).to_have_count(3)
    assert _not_helped(running_desk) == before + 1


def test_the_chat_can_be_saved_or_printed(plain_page: Page) -> None:
    _ask(plain_page, WIFI_SAFETY)
    plain_page.get_by_role("link", name="Save or print this chat").click()
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("Your chat with the library")
    expect(plain_page.get_by_text(WIFI_SAFETY, exact=True)).to_be_visible()
    expect(plain_page.get_by_text(WIFI_SAFETY_ANSWER)).to_be_visible()


def test_clear_this_chat_empties_it_and_the_conversation_is_gone(plain_page: Page, running_desk: RunningDesk) -> None:
    _ask(plain_page, WIFI_SAFETY)
    cookie = next(c for c in plain_page.context.cookies(f"{running_desk.url}/chat") if c["name"] == "desk_chat")
    conversation, _, token = cookie["value"].partition(".")
    log, headers = f"/api/conversations/{conversation}/events", {"Authorization": f"Bearer {token}"}
    assert running_desk.http.get(log, headers=headers).status_code == 200
    plain_page.get_by_role("button", name="Clear this chat").click()
    expect(_messages(plain_page)).to_have_count(1)
    expect(plain_page.get_by_text(WIFI_SAFETY_ANSWER)).to_have_count(0)
    assert running_desk.http.get(log, headers=headers).status_code == 404
    assert plain_page.context.cookies(f"{running_desk.url}/chat") == []


def test_a_blank_message_gets_a_reason(plain_page: Page) -> None:
    _ask(plain_page, "   ")
    expect(plain_page.get_by_role("alert")).to_contain_text("That message was empty. Please type your question and send it again.")


def test_a_message_that_is_too_long_gets_a_reason_and_keeps_its_words(plain_page: Page) -> None:
    words = "please " * 300
    _ask(plain_page, words)
    expect(plain_page.get_by_role("alert")).to_contain_text("it has 2,099 characters, and I can read 2,000")
    expect(plain_page.get_by_label("Your question")).to_have_value(words)


def test_the_reason_is_in_view_and_belongs_to_the_question_however_long_the_chat_is(plain_page: Page) -> None:
    _ask(plain_page, WIFI_SAFETY)
    _ask(plain_page, " ")
    expect(plain_page.get_by_role("alert")).to_be_in_viewport(ratio=1)
    expect(plain_page.get_by_label("Your question")).to_be_in_viewport(ratio=1)
    expect(plain_page.get_by_label("Your question")).to_have_accessible_description(
        "Use your own words. Please leave out passwords, bank details and NHS numbers."
        " That message was empty. Please type your question and send it again."
    )


def test_markup_that_a_resident_types_is_shown_as_text(plain_page: Page) -> None:
    typed = '<b id="bold">bold</b> </textarea><script>document.title = 1</script> Is the library Wi-Fi safe?'
    _ask(plain_page, typed)
    expect(_messages(plain_page).nth(-2)).to_contain_text(typed)
    expect(plain_page.locator("#bold")).to_have_count(0)
    plain_page.goto("/chat/transcript")
    expect(plain_page.get_by_text(typed)).to_be_visible()
    expect(plain_page.locator("#bold")).to_have_count(0)


def test_markup_in_a_message_that_is_refused_comes_back_as_text(plain_page: Page) -> None:
    typed = '</textarea><b id="bold">bold</b>' + "a" * 2000
    _ask(plain_page, typed)
    expect(plain_page.get_by_label("Your question")).to_have_value(typed)
    expect(plain_page.locator("#bold")).to_have_count(0)


def test_no_script_can_read_the_key_of_the_chat(plain_page: Page, running_desk: RunningDesk) -> None:
    _ask(plain_page, WIFI_SAFETY)
    cookies = plain_page.context.cookies(f"{running_desk.url}/chat")
    assert [(c["name"], c["httpOnly"], c["sameSite"]) for c in cookies] == [("desk_chat", True, "Strict")]


def _ask(page: Page, question: str) -> None:
    if not page.url.partition("#")[0].endswith("/chat"):
        page.goto("/chat")
    page.get_by_label("Your question").fill(question)
    with page.expect_navigation():
        page.get_by_role("button", name="Send").click()


def _messages(page: Page) -> Locator:
    return page.get_by_role("list", name="What was said").locator("> li")


def _not_helped(desk: RunningDesk) -> int:
    engine = create_engine(desk.database_url)
    with engine.connect() as connection:
        count = connection.scalar(text("SELECT count(*) FROM feedback WHERE NOT helpful"))
    engine.dispose()
    return int(count or 0)

"""The chat as a panel on the library's page."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.panel import Panel
from tests.running_desk import RunningDesk

pytestmark = pytest.mark.browser

WIFI_SAFETY = "Is the library Wi-Fi safe?"
WIFI_SAFETY_ANSWER = "Library Wi-Fi is shared with other people."
WIFI_CONNECT = "How do I get on the library Wi-Fi?"


# Opening and closing


def test_the_link_opens_the_panel_by_mouse(panel: Panel) -> None:
    expect(panel.itself).to_be_hidden()
    panel.link.click()
    expect(panel.itself).to_be_visible()
    expect(panel.title).to_be_focused()
    expect(panel.page).to_have_url(panel.page.url.split("#")[0])


def test_the_link_opens_the_panel_by_keyboard_alone_and_the_question_is_asked_by_it(panel: Panel) -> None:
    _tab_to_the_link(panel)
    panel.page.keyboard.press("Enter")
    expect(panel.title).to_be_focused()
    expect(panel.messages).to_have_count(1)
    while not panel.question.evaluate("e => e === document.activeElement"):
        panel.page.keyboard.press("Tab")
        assert panel.itself.evaluate("e => e.contains(document.activeElement)"), "Tab left the panel before it reached the question"
    panel.page.keyboard.type(WIFI_SAFETY)
    panel.page.keyboard.press("Enter")
    expect(panel.last).to_contain_text(WIFI_SAFETY_ANSWER)


def test_escape_closes_the_panel_and_returns_to_the_link(panel: Panel) -> None:
    panel.open()
    panel.question.focus()
    panel.page.keyboard.press("Escape")
    expect(panel.itself).to_be_hidden()
    expect(panel.link).to_be_focused()


def test_the_close_button_closes_the_panel_and_returns_to_the_link(panel: Panel) -> None:
    panel.open()
    panel.press("Close")
    expect(panel.itself).to_be_hidden()
    expect(panel.link).to_be_focused()


def test_escape_uncovers_a_link_that_has_focus_behind_the_panel(panel: Panel) -> None:
    """WCAG 2.2, 2.4.11: what has the focus can be seen, here after one key that does not move it."""
    panel.open()
    covered = panel.page.get_by_role("main").get_by_role("link", name="How do I get the NHS App?")
    covered.focus()
    panel.page.keyboard.press("Escape")
    expect(panel.itself).to_be_hidden()
    expect(covered).to_be_focused()


# Asking


def test_a_question_is_answered_with_its_source(panel: Panel) -> None:
    answer = panel.open().ask(WIFI_SAFETY)
    expect(answer).to_contain_text(WIFI_SAFETY_ANSWER)
    expect(answer.get_by_text("Ask staff which network is the library's.")).to_be_visible()
    answer.get_by_text("Where this comes from:").click()
    expect(answer.get_by_role("link", name="Barclays Digital Wings: public Wi-Fi")).to_have_attribute("href", "https://digital.wings.uk.barclays/")
    expect(answer.get_by_text("Last checked 21 November 2026.")).to_be_visible()
    expect(answer.get_by_role("link", name="Read the whole page (opens a new tab)")).to_have_attribute("href", "/help/wifi-safety")


def test_the_answer_begins_where_it_can_be_read(panel: Panel) -> None:
    answer = panel.open().ask(WIFI_SAFETY)
    expect(answer.get_by_text(WIFI_SAFETY_ANSWER)).to_be_in_viewport(ratio=1)
    expect(panel.question).to_be_in_viewport(ratio=1)
    assert panel.page.evaluate("window.scrollY") == 0


def test_the_telephone_number_of_a_person_stands_above_the_chat(panel: Panel) -> None:
    panel.open()
    expect(panel.shown("To talk to a person, ring 020 7641 6200 (today 9:30am to 5pm).")).to_be_visible()


def test_markup_that_a_resident_types_is_shown_as_text(panel: Panel) -> None:
    typed = '<b id="bold">bold</b> <img src="/nothing" onerror="document.title = 1"> Is the library Wi-Fi safe?'
    panel.open().ask(typed)
    expect(panel.messages.nth(-2)).to_contain_text(typed)
    expect(panel.page.locator("#bold")).to_have_count(0)
    expect(panel.itself.locator("img")).to_have_count(0)


def test_shift_and_enter_begin_a_new_line_instead_of_sending(panel: Panel) -> None:
    panel.open().question.press_sequentially("one")
    panel.question.press("Shift+Enter")
    panel.question.press_sequentially("two")
    expect(panel.question).to_have_value("one\ntwo")
    expect(panel.messages).to_have_count(1)


def test_a_blank_question_gets_a_reason(panel: Panel) -> None:
    panel.open().write("  ")
    panel.press("Send")
    expect(panel.shown("Please type your question first.")).to_be_visible()
    assert panel.spoken[-1] == "Please type your question first."


def test_the_panel_warns_of_a_question_that_is_too_long_before_it_is_sent(panel: Panel) -> None:
    words = "a" * 2001
    panel.open().write(words)
    expect(panel.shown("It has 2,001 characters, and the desk can read 2,000.")).to_be_visible()
    panel.press("Send")
    expect(panel.question).to_have_value(words)
    expect(panel.messages).to_have_count(1)
    panel.write("a" * 2000)
    expect(panel.shown("It has 2,001 characters")).to_be_hidden()


# Choices


def test_a_choice_can_be_pressed_and_keeps_showing_what_was_chosen(panel: Panel) -> None:
    panel.open().press(WIFI_CONNECT)
    expect(panel.messages.nth(1)).to_contain_text(WIFI_CONNECT)
    expect(panel.last.get_by_role("link", name="Read the whole page (opens a new tab)")).to_have_attribute("href", "/help/wifi-connect")
    _is_chosen(panel)
    panel.page.reload()
    _is_chosen(panel)


def test_a_choice_that_was_made_cannot_be_made_again(panel: Panel) -> None:
    panel.open().press(WIFI_CONNECT)
    expect(panel.messages).to_have_count(3)
    panel.button("Get help with a phone, tablet or computer").click(force=True)
    panel.ask(WIFI_SAFETY)
    expect(panel.messages).to_have_count(5)


# Feedback


def test_a_resident_says_whether_an_answer_helped(panel: Panel) -> None:
    answer = panel.open().ask(WIFI_SAFETY)
    with panel.page.expect_response("**/feedback") as noted:
        answer.get_by_role("button", name="Yes").click()
    assert noted.value.status == 204
    thanks = answer.get_by_text("Thank you for telling us.")
    expect(thanks).to_be_visible()
    expect(thanks).to_be_focused()
    assert panel.spoken[-1] == "Thank you for telling us."


# Keeping and clearing


def test_messages_and_the_draft_stay_after_a_reload(panel: Panel) -> None:
    panel.open().ask(WIFI_SAFETY)
    panel.write("and another thing")
    panel.page.reload()
    expect(panel.messages).to_have_count(3)
    expect(panel.last).to_contain_text(WIFI_SAFETY_ANSWER)
    expect(panel.question).to_have_value("and another thing")


def test_what_is_written_while_an_answer_is_on_its_way_stays_after_a_reload(panel: Panel) -> None:
    panel.open()
    with panel.page.expect_request("**/messages"):
        panel.write(WIFI_SAFETY)
        panel.question.press("Enter")
    panel.write("and another thing")
    expect(panel.last).to_contain_text(WIFI_SAFETY_ANSWER)
    panel.page.reload()
    expect(panel.question).to_have_value("and another thing")


def test_clear_this_chat_empties_it_and_the_conversation_is_gone(panel: Panel, running_desk: RunningDesk) -> None:
    panel.open().ask(WIFI_SAFETY)
    panel.write("a draft")
    before = panel.kept
    headers = {"Authorization": f"Bearer {before['token']}"}
    log = f"/api/conversations/{before['id']}/events"
    assert running_desk.http.get(log, headers=headers).status_code == 200
    panel.press("Clear this chat")
    expect(panel.messages).to_have_count(1)
    expect(panel.question).to_have_value("")
    expect(panel.question).to_be_focused()
    assert running_desk.http.get(log, headers=headers).status_code == 404
    assert before["token"] not in str(panel.kept)
    panel.page.reload()
    expect(panel.messages).to_have_count(1)
    expect(panel.question).to_have_value("")


def test_a_question_sent_while_the_chat_still_opens_begins_no_second_conversation(panel: Panel) -> None:
    held: list[Route] = []
    panel.page.route("**/api/conversations", lambda route: held.append(route))
    with panel.page.expect_request("**/api/conversations"):
        panel.link.click()
    panel.write(WIFI_SAFETY)
    panel.question.press("Enter")
    expect(panel.shown("Looking for an answer…")).to_be_visible()
    for route in held:
        route.continue_()
    expect(panel.last).to_contain_text(WIFI_SAFETY_ANSWER)
    assert len(held) == 1


# What a screen reader says


def test_the_new_answer_is_spoken(panel: Panel) -> None:
    panel.open().ask(WIFI_SAFETY)
    assert panel.spoken[-1].startswith(f"Library assistant: {WIFI_SAFETY_ANSWER}")


def test_the_same_answer_is_spoken_again_when_it_is_given_again(panel: Panel) -> None:
    panel.open().ask(WIFI_SAFETY)
    panel.write(WIFI_SAFETY)
    panel.question.press("Enter")
    expect(panel.messages).to_have_count(5)
    assert len([words for words in panel.spoken if WIFI_SAFETY_ANSWER in words]) == 2


def test_waiting_for_an_answer_is_spoken(panel: Panel) -> None:
    panel.open().ask(WIFI_SAFETY)
    assert panel.spoken[-2] == "Looking for an answer…"
    expect(panel.shown("Looking for an answer…")).to_be_hidden()


def test_old_messages_are_not_spoken_again_after_a_reload(panel: Panel) -> None:
    panel.open().ask(WIFI_SAFETY)
    panel.page.reload()
    expect(panel.messages).to_have_count(3)
    assert panel.spoken == []


def test_the_panel_says_when_the_assistant_is_away(panel: Panel) -> None:
    away = {"assistant": "down", "staff": "off_duty", "promise": "", "phone": "020 7641 6200", "hours": "closed today"}
    panel.page.route("**/api/status", lambda route: route.fulfill(json=away))
    panel.open()
    expect(panel.shown("The assistant is not at its best just now.")).to_be_visible()
    assert any("The assistant is not at its best just now." in words for words in panel.spoken)


def _tab_to_the_link(panel: Panel) -> None:
    for _ in range(10):
        panel.page.keyboard.press("Tab")
        if panel.link.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError("ten times Tab did not reach the link")


def _is_chosen(panel: Panel) -> None:
    expect(panel.itself.get_by_role("button", name=WIFI_CONNECT, pressed=True)).to_be_visible()
    expect(panel.messages.first.locator("button[aria-disabled=true]")).to_have_count(3)

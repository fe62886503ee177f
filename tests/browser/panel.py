"""The chat panel as a resident meets it: seen, pressed and heard."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

# Everything that the page gives a screen reader to say, in its order.
_LISTEN = """
window.spoken = [];
new MutationObserver((changes) => {
  for (const { target } of changes) {
    const region = target.nodeType === Node.ELEMENT_NODE && target.closest("[aria-live=polite]");
    if (region && region.textContent) window.spoken.push(region.textContent);
  }
}).observe(document, { childList: true, subtree: true });
"""


class Panel:
    """Opens on `/` from the link that stands on the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.add_init_script(_LISTEN)
        page.goto("/")
        self.link = page.get_by_role("main").get_by_role("link", name="Ask a question")
        self.itself = page.get_by_role("region", name="Ask the library")
        self.title = self.itself.get_by_role("heading", name="Ask the library")
        self.question = self.itself.get_by_label("Your question")
        self.messages = self.itself.get_by_role("list", name="What was said").locator("> li")

    def open(self) -> "Panel":
        self.link.click()
        expect(self.messages.first).to_contain_text("I am the library's enquiry desk assistant")
        return self

    def ask(self, question: str) -> Locator:
        """Type a question, send it with Enter, and return the answer."""
        self.write(question)
        self.question.press("Enter")
        asked = self.messages.filter(has_text="You").filter(has_text=question)
        expect(asked).to_be_visible()
        expect(self.last).to_contain_text("Library assistant")
        return self.last

    def write(self, words: str) -> None:
        self.question.fill(words)

    def press(self, name: str) -> None:
        self.button(name).click()

    def button(self, name: str) -> Locator:
        return self.itself.get_by_role("button", name=name, exact=True)

    def shown(self, words: str) -> Locator:
        """The words as they are seen, apart from those that are only heard."""
        return self.itself.locator("p, span").filter(has_text=words)

    @property
    def last(self) -> Locator:
        return self.messages.last

    @property
    def spoken(self) -> list[str]:
        """What a screen reader was given to say since the page was loaded."""
        return list(self.page.evaluate("window.spoken"))

    @property
    def kept(self) -> dict[str, Any]:
        """What the tab keeps of the chat: id and token among it."""
        return dict(self.page.evaluate("JSON.parse(sessionStorage.getItem('desk-chat'))"))

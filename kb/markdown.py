"""Markdown of articles as safe HTML, as plain text, and by section."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Raw HTML in an article is shown as text: articles are written by staff, and a pasted tag must not reach a resident's page.
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


def render_html(markdown: str) -> str:
    return str(_MARKDOWN.render(markdown))


def _inline_text(token: Token) -> str:
    return "".join("\n" if child.type in ("softbreak", "hardbreak") else child.content for child in token.children or [])


def _lines(tokens: list[Token]) -> Iterator[str]:
    numbers: list[int | None] = []
    mark = ""
    for token in tokens:
        if token.type in ("ordered_list_open", "bullet_list_open"):
            numbers.append(0 if token.type == "ordered_list_open" else None)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            numbers.pop()
        elif token.type == "list_item_open":
            if numbers[-1] is None:
                mark = "- "
            else:
                numbers[-1] += 1
                mark = f"{numbers[-1]}. "
        elif token.type == "inline":
            yield mark + re.sub(r"\s+", " ", _inline_text(token))
            mark = ""


def plain_text(markdown: str) -> str:
    """Return the words of a Markdown text, a line for each heading, paragraph and list item; links lose their address."""
    return "\n".join(_lines(_MARKDOWN.parse(markdown)))


def sections(markdown: str) -> list[tuple[str, str]]:
    """Return (heading, Markdown under it) for each second-level heading, in order."""
    parts = re.split(r"^##\s+(.+?)\s*$", markdown, flags=re.MULTILINE)
    return list(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))


def steps_of(markdown: str) -> list[str]:
    """Return the numbered steps of the first section ("What to do", in whatever language) as plain text without their numbers."""
    body = next((body for _, body in sections(markdown)), "")
    return [line.split(". ", 1)[1] for line in plain_text(body).splitlines() if re.match(r"\d+\. ", line)]


def links(markdown: str) -> list[str]:
    """Return the address of every link of a Markdown text."""
    return [str(child.attrs["href"]) for token in _MARKDOWN.parse(markdown) for child in token.children or [] if child.type == "link_open"]

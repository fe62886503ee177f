"""Messages as safe HTML."""

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.tables import MessageRow
from web.templating import render


class Seen(HTMLParser):
    """What a browser makes of a piece of HTML: its elements, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes |= dict(attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


def shown(text: str = "", **details: Any) -> str:
    return render("message.html", message=MessageRow(text=text, details=details))


def test_lines_are_paragraphs() -> None:
    assert "<p>one</p>\n<p>two</p>" in shown("one\n\ntwo\n")


def test_lines_that_begin_with_a_dash_are_a_list() -> None:
    assert "<p>first</p>\n<ul><li>one</li><li>two</li></ul>\n<p>last</p>" in shown("first\n- one\n- two\nlast")


def test_a_dash_within_a_line_is_no_list() -> None:
    assert Seen(shown("Wi-Fi - free\n-5 degrees")).elements.count("li") == 0


def test_steps_are_numbered() -> None:
    seen = Seen(shown(lead="Do this.", steps=["Open Settings.", "Tap Wi-Fi."]))
    assert seen.elements.count("ol") == 1
    assert seen.elements.count("li") == 2
    assert "What to do:" in seen.words


def test_sources_are_links_that_do_not_tell_where_they_were_found() -> None:
    seen = Seen(shown(lead="Stop.", sources=[{"title": "Report Fraud", "url": "https://www.reportfraud.police.uk/", "checked": "2026-11-21"}]))
    assert seen.attributes["href"] == "https://www.reportfraud.police.uk/"
    assert seen.attributes["rel"] == "noopener noreferrer"


def test_the_parts_stand_in_for_the_text_so_that_nothing_is_said_twice() -> None:
    seen = Seen(shown("Stop.\n\n- Is it a scam?", lead="Stop."))
    assert seen.words.split() == ["Stop."]


def test_a_message_is_shown_in_the_direction_of_its_own_script() -> None:
    assert Seen(shown("مرحبا")).attributes["dir"] == "auto"


MARKUP = '<script>alert("x")</script><img src=x onerror=alert(1)>&amp;'


@pytest.mark.parametrize("part", ["lead", "after", "checked"])
def test_markup_in_any_part_comes_back_as_words(part: str) -> None:
    seen = Seen(shown(**{"lead": "", part: MARKUP}))
    assert seen.words.strip() == MARKUP
    assert not {"script", "img"} & set(seen.elements)


def test_markup_in_steps_and_sources_comes_back_as_words() -> None:
    seen = Seen(shown(lead="", steps=[MARKUP], sources=[{"title": MARKUP, "url": 'https://x.example/"onclick="alert(1)', "checked": ""}]))
    assert seen.words.count(MARKUP) == 2
    assert not {"script", "img"} & set(seen.elements)
    assert "onclick" not in seen.attributes


@given(st.text())
def test_no_text_becomes_markup(text: str) -> None:
    seen = Seen(shown(text))
    assert set(seen.elements) <= {"div", "p", "ul", "li"}
    assert [word for word in seen.words.split() if word != "-"] == [word for word in text.split() if word != "-"]

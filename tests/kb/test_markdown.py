import pytest

from kb.markdown import links, plain_text, render_html, sections, steps_of


def test_an_article_becomes_html():
    assert render_html("Ask *staff*, or [read on](/help/scams).") == '<p>Ask <em>staff</em>, or <a href="/help/scams">read on</a>.</p>\n'


PASTED = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](data:text/html,hello)",
    "[x](vbscript:x)",
    "a <b onclick=x>b</b>",
)


@pytest.mark.parametrize("pasted", PASTED)
def test_what_is_pasted_into_an_article_never_runs(pasted: str):
    html = render_html(pasted)
    assert "<script" not in html
    assert "<img" not in html
    assert "<b" not in html
    assert "<a" not in html


def test_plain_text_has_a_line_for_each_heading_paragraph_and_item():
    markdown = "## Steps\n\nAsk *staff*\nor [read on](/help/scams).\n\n1. One\n2. Two\n   - in\n3. Three\n\n- a `dash`\n"
    assert plain_text(markdown) == "Steps\nAsk staff or read on.\n1. One\n2. Two\n- in\n3. Three\n- a dash"


def test_sections_are_those_of_the_second_level():
    assert sections("before\n\n## One  \nfirst\n\n### Deeper\nstill first\n\n## Two\n") == [("One", "first\n\n### Deeper\nstill first"), ("Two", "")]


@pytest.mark.parametrize("heading", ["What to do", "Qué hacer", "ماذا تفعل"])
def test_steps_are_the_numbered_ones_of_the_first_section(heading: str):
    markdown = f"1. no\n\n## {heading}\n\n1. Ring **1. Samaritans**.\n2. Write.\n\n- no step\n\n## After\n\n1. no\n"
    assert steps_of(markdown) == ["Ring 1. Samaritans.", "Write."]


@pytest.mark.parametrize("markdown", ["", "## What to do\n\nJust ask.", "## What to do\n\n- a dash", "## Who to ask\n\nUs\n\n## Later\n\n1. Staff"])
def test_without_numbers_in_the_first_section_there_are_no_steps(markdown: str):
    assert steps_of(markdown) == []


def test_the_address_of_every_link_is_found():
    markdown = "[a](/help/scams) and <https://www.gov.uk>\n\n1. [b](tel:999)\n2. [c][d]\n\n[d]: mailto:x@library.example\n"
    assert links(markdown) == ["/help/scams", "https://www.gov.uk", "tel:999", "mailto:x@library.example"]

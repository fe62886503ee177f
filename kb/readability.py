"""How hard a text is to read, as the age at which a child in an English school reads it."""

import re

import textstat

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_ADDRESS = re.compile(r"\bhttps?://\S+|\b[\w-]+(?:\.[\w-]+)+(?:/\S*)?|\b0\d{2,4}(?: ?\d{3,4}){1,2}\b")
_HEADING_MARK = re.compile(r"^#+\s*", re.MULTILINE)
_LIST_MARK = re.compile(r"^\s*(?:\d+\.|[-*])\s+", re.MULTILINE)
_UNFINISHED_LINE = re.compile(r"([^\s.!?:])\s*\n")
_EMPHASIS = re.compile(r"[*_`]")

# School year to age: a Flesch-Kincaid grade of n is a reader of n + 5 (grade 6: age 11).
_AGE_OF_FIRST_GRADE = 5


def reading_age(markdown: str) -> float:
    """Return the reading age in years of a Markdown text (Flesch-Kincaid grade by textstat, plus five).

    Addresses and telephone numbers are left out, since they are looked at and not read; a heading or a list item counts as a sentence.
    """
    text = _LINK.sub(r"\1", markdown)
    text = _ADDRESS.sub("", text)
    text = _LIST_MARK.sub("", _HEADING_MARK.sub("", text))
    text = _EMPHASIS.sub("", text)
    text = _UNFINISHED_LINE.sub(r"\1.\n", text + "\n")
    return float(textstat.flesch_kincaid_grade(text)) + _AGE_OF_FIRST_GRADE

"""Charts: bars in proportion, words beside them, and nothing that a policy against styles of a page's own would refuse."""

import re
from xml.etree import ElementTree

import pytest

from web.charts import Bar, Chart, bar_chart
from web.templating import _ENVIRONMENT

THREE = [Bar("Wi-Fi", 40, "40"), Bar("Printing", 10, "10"), Bar("Scams", 0, "fewer than 5")]


def shown(chart: Chart) -> str:
    return str(_ENVIRONMENT.get_template("staff/parts/chart.html").module.shown(chart))  # type: ignore[attr-defined]  # a macro


def table(*rows: tuple[str, list[str]]) -> str:
    module = _ENVIRONMENT.get_template("staff/parts/chart.html").module
    return str(module.table("Enquiries", ["Topic", "Number"], rows))  # type: ignore[attr-defined]  # a macro


def test_bars_are_in_proportion() -> None:
    assert [bar.width for bar in bar_chart("topics", "Topics", THREE).bars] == ["100.00%", "25.00%", "0.00%"]


def test_bars_beside_their_words_share_what_is_left() -> None:
    first, second, _ = bar_chart("topics", "Topics", THREE, beside=True).bars
    assert (first.x, first.width) == ("36%", "64.00%")
    assert (second.x, second.width) == ("36%", "16.00%")


def test_rows_do_not_overlap_and_fit() -> None:
    for beside in (False, True):
        chart = bar_chart("topics", "Topics", THREE, beside=beside)
        tops = [float(bar.y.removesuffix("em")) for bar in chart.bars]
        heights = [float(bar.height.removesuffix("em")) for bar in chart.bars]
        assert all(top + height < following for top, height, following in zip(tops, heights, tops[1:], strict=False))
        assert tops[-1] + heights[-1] <= float(chart.height.removesuffix("em"))


@pytest.mark.parametrize("bars", [[], [Bar("Wi-Fi", 0, "0")], [Bar("Wi-Fi", 0, "fewer than 5")]])
def test_a_chart_of_nothing_is_not_drawn(bars: list[Bar]) -> None:
    assert shown(bar_chart("topics", "Topics", bars)).strip() == ""


def test_a_screen_reader_hears_a_title_and_a_description() -> None:
    svg = ElementTree.fromstring(shown(bar_chart("topics", "Topics most asked about", THREE)))
    ids = {each.get("id"): each.text for each in svg.iter() if each.get("id")}
    title, description = (ids[each] for each in svg.attrib["aria-labelledby"].split())
    assert svg.get("role") == "img"
    assert title == "Topics most asked about"
    assert "“Wi-Fi”: 40" in (description or "")


def test_every_bar_has_its_words_and_number() -> None:
    svg = ElementTree.fromstring(shown(bar_chart("topics", "Topics", THREE)))
    assert ["".join(text.itertext()) for text in svg.iter("text")] == ["40 – Wi-Fi", "10 – Printing", "fewer than 5 – Scams"]


def test_long_words_are_cut_in_the_chart() -> None:
    (bar,) = bar_chart("topics", "Topics", [Bar("How to " * 20, 3, "3")]).bars
    assert len(bar.label) <= 44
    assert bar.label.endswith("…")


def test_there_is_no_style_and_what_is_given_is_text() -> None:
    hostile = "<script>alert(1)</script>\" style='x' onload='y'"
    markup = shown(bar_chart("topics", hostile, [Bar(hostile, 1, hostile)])) + table((hostile, [hostile]))
    assert "<script" not in markup
    assert not re.search(r"<[^>]*\s(?:style|on\w+)=", re.sub(r"&\w+;|&#\d+;", "", markup))


def test_a_table_has_a_caption_and_heads_for_lines_and_columns() -> None:
    markup = table(("Wi-Fi", ["40"]))
    assert "<caption>Enquiries</caption>" in markup
    assert markup.count('scope="col"') == 2
    assert '<th scope="row" dir="auto">Wi-Fi</th>' in markup

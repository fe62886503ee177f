"""Bar charts as SVG, drawn on the server: lengths and places as attributes, since no page may hold styles of its own (CSP)."""

from collections.abc import Sequence
from dataclasses import dataclass

_ROW, _BAR, _TEXT = 3.0, 1.0, 1.1  # em: a row with its words above the bar, the bar's height, the words' baseline
_NARROW_ROW = 1.6  # em: a row with short words beside the bar
_BESIDE = 36.0  # per cent of the width that words beside the bars have
_LONGEST_LABEL = 44  # characters; the table below a chart has the whole


@dataclass(frozen=True)
class Bar:
    """One bar: its words, how long it is beside the others, and the number as it is shown (which may be words where it is kept back)."""

    label: str
    value: float
    shown: str


@dataclass(frozen=True)
class DrawnBar:
    """A bar with its place. Lengths and places are SVG's: em downwards, so that they grow with the text; per cent across."""

    label: str
    shown: str
    text_y: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Chart:
    """A chart that staff/parts/chart.html shows; `name` begins the ids of its title and its description."""

    name: str
    title: str
    height: str
    bars: Sequence[DrawnBar]
    longest: Bar | None


def bar_chart(name: str, title: str, bars: Sequence[Bar], *, beside: bool = False) -> Chart:
    """Draw horizontal bars, the longest as long as there is room. Short words may stand beside the bars instead of above them."""
    longest = max(bars, key=lambda bar: bar.value, default=None)
    most = longest.value if longest and longest.value > 0 else 0
    row = _NARROW_ROW if beside else _ROW
    drawn = [_draw(bar, n * row, most, beside) for n, bar in enumerate(bars)]
    return Chart(name, title, _em(len(bars) * row), drawn, longest if most else None)


def _draw(bar: Bar, top: float, most: float, beside: bool) -> DrawnBar:
    start, above = (_BESIDE, 0.2) if beside else (0.0, 1.5)
    width = (100 - start) * max(bar.value, 0) / most if most else 0
    return DrawnBar(_short(bar.label), bar.shown, _em(top + _TEXT), f"{start:g}%", _em(top + above), f"{width:.2f}%", _em(_BAR))


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1].rstrip()}…"


def _em(length: float) -> str:
    return f"{round(length, 2):g}em"

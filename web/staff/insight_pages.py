"""Insight: a month at the desk in figures, for managers, as a page and as a file."""

from collections.abc import Callable, Iterable

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from desk import audit, insight
from desk.at_hand import database, front_desk
from desk.hours import DAYS
from desk.insight import ALL, NUMBER, Figures, Month, NotAMonthError
from desk.service import service
from desk.settings import settings
from kb.wording import say
from web.charts import Bar, bar_chart
from web.sessions_pages import kind_in_words
from web.staff.guard import CurrentManager, SignedIn
from web.templating import render

router = APIRouter(prefix="/staff", include_in_schema=False, default_response_class=HTMLResponse)

_MOST_TOPICS = 10  # in a chart; the table has them all


@router.get("/insight")
def page(signed_in: CurrentManager, month: str = "") -> Response:
    """Show a month: this month where none is given."""
    try:
        return _page(signed_in, _read(month))
    except NotAMonthError:
        return _wrong_month(signed_in, month)


@router.get("/insight.csv")
def spreadsheet(signed_in: CurrentManager, month: str = "") -> Response:
    try:
        chosen = _read(month)
    except NotAMonthError:
        return _wrong_month(signed_in, month)
    with database().writing() as session:
        audit.note_export(session, signed_in.who, "insight", {"month": str(chosen)})
    headers = {"Content-Disposition": f'attachment; filename="insight-{chosen}.csv"'}
    return Response(insight.to_csv(_figures(chosen)), media_type="text/csv; charset=utf-8", headers=headers)


def _read(month: str) -> Month:
    return Month.read(month) if month else insight.this_month()


def _figures(month: Month) -> Figures:
    with database().reading() as session:
        return insight.figures(session, month, service().phone_week)


def _wrong_month(signed_in: SignedIn, typed: str) -> Response:
    problems = {"month": "Type the month as year-month, such as 2026-11."}
    return _page(signed_in, insight.this_month(), problems, typed)


def _page(signed_in: SignedIn, month: Month, problems: dict[str, str] | None = None, typed: str = "") -> Response:
    found = _figures(month)
    html = render(
        "staff/insight.html",
        signed_in=signed_in,
        problems=problems or {},
        typed=typed or str(month),
        month=month,
        is_this_month=month == insight.this_month(),
        has_next=month < insight.this_month(),
        found=found,
        themes=_themes(found),
        hours=_hours(found),
        insight=insight,
        days=DAYS,
        title_of=front_desk().title_of_any,
        language=_language,
        kind_in_words=kind_in_words,
        bars=_Bars(found),
        bar_chart=bar_chart,
        keep_days=settings().keep_days,
    )
    return HTMLResponse(html, 422 if problems else 200)


# What the template lists


def _themes(found: Figures) -> dict[str, list[str]]:
    """Return the topics that were asked about by theme, the most frequent first."""
    asked = found.most_first("topics", ALL)
    by_theme = {theme: [label for label in asked if insight.theme_of(label) == theme] for theme in insight.topics_by_theme()}
    return {theme: labels for theme, labels in by_theme.items() if labels}


def _hours(found: Figures) -> range:
    """Return the hours of the day from the first to the last in which anybody wrote."""
    busy = [hour for _, hour in found.demand]
    return range(min(busy), max(busy) + 1) if busy else range(0)


def _language(code: str) -> str:
    try:
        return f"{say('language_name', code)} ({code})"
    except KeyError:
        return code


class _Bars:
    """Bars of a month's figures, as the template asks for them."""

    def __init__(self, found: Figures) -> None:
        self._found = found

    def of(self, part: str, items: Iterable[str], measure: str = NUMBER, words: Callable[[str], str] = str.capitalize) -> list[Bar]:
        """Return a bar for each item. What is kept back has no length."""
        return [self._bar(words(item), part, item, measure) for item in items]

    def themes(self) -> list[Bar]:
        totals = {theme: sum(self._found.count("topics", label, ALL) for label in labels) for theme, labels in _themes(self._found).items()}
        return [Bar(theme.capitalize(), total, str(total)) for theme, total in totals.items()]

    def topics(self) -> list[Bar]:
        return self.of("topics", self._found.most_first("topics", ALL)[:_MOST_TOPICS], ALL, front_desk().title_of_any)

    def endings(self) -> list[Bar]:
        return [self._bar(ending.capitalize(), "topics", ALL, ending) for ending in insight.ENDINGS]

    def feedback(self) -> list[Bar]:
        return [self._bar(measure.capitalize(), "feedback", ALL, measure) for measure in ("helpful", "not helpful")]

    def came(self, part: str, items: Iterable[str], words: Callable[[str], str] = str.capitalize) -> list[Bar]:
        """Return two bars for each kind of session: who had booked and who came."""
        return [self._bar(f"{words(item)}, {measure}", part, item, measure) for item in items for measure in ("booked", "attended")]

    def _bar(self, label: str, part: str, item: str, measure: str) -> Bar:
        shown = self._found.shown(part, item, measure)
        return Bar(label, float(shown) if shown.isdecimal() else 0.0, shown)

"""Taking a month's figures out of the desk."""

from pathlib import Path

from commands import CannotError
from desk import insight
from desk.at_hand import database
from desk.insight import Month, NotAMonthError
from desk.service import service


def insight_csv(month: str) -> str:
    """Return a month's figures as CSV; this month's where none is named. Raises CannotError for what is no month."""
    try:
        chosen = Month.read(month) if month else insight.this_month()
    except NotAMonthError as error:
        raise CannotError(f"{month} is no month: write it as year-month, such as 2026-11.") from error
    with database().reading() as session:
        return insight.to_csv(insight.figures(session, chosen, service().phone_week))


def write_insight(month: str, file: Path) -> None:
    """Write the same to a file. Raises CannotError where it cannot be written."""
    figures = insight_csv(month)
    try:
        file.write_text(figures, "utf-8", newline="")
    except OSError as error:
        raise CannotError(f"{file} cannot be written: {error.strerror}.") from error

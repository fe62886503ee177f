"""`desk`: run it, train it, check it, fill it."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from commands import CannotError, staffing

app = typer.Typer(help="The library's enquiry desk.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
libraries = typer.Typer(help="The libraries of the service.", no_args_is_help=True)
sessions = typer.Typer(help="The sessions that residents can come to.", no_args_is_help=True)
jobs = typer.Typer(help="Work that is due: holds and offers, reminders and notices, erasing what was kept long enough.", no_args_is_help=True)
export = typer.Typer(help="Take data out of the desk.", no_args_is_help=True)
app.add_typer(libraries, name="libraries")
app.add_typer(sessions, name="sessions")
app.add_typer(jobs, name="jobs")
app.add_typer(export, name="export")
app.add_typer(staffing.app, name="staff")


@app.command()
def run(
    port: Annotated[int | None, typer.Option(help="The port of the web pages; else DESK_PORT, else 8000.")] = None,
) -> None:
    """Start the desk: web, assistant and actions. Ctrl-C stops all three."""
    from commands.running import run_desk

    raise typer.Exit(run_desk(port))


@app.command()
def train(
    force: Annotated[bool, typer.Option(help="Train even if nothing has changed.")] = False,
) -> None:
    """Train the assistant, if its data has changed."""
    from commands.training import train_all

    train_all(force=force)


@app.command()
def teach(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
) -> None:
    """Teach the assistant the questions that staff gave a topic. Refused where it would understand worse."""
    from commands.teaching import teach as do

    do(dry_run=dry_run)


@app.command()
def check() -> None:
    """Check articles, wording, training examples and service.yml."""
    from commands.checking import check_everything

    problems = check_everything()
    for problem in problems:
        typer.echo(problem, err=not problem.warning)
    failures = sum(not problem.warning for problem in problems)
    typer.echo(f"{failures} problems, {len(problems) - failures} warnings")
    raise typer.Exit(1 if failures else 0)


@app.command()
def migrate() -> None:
    """Bring the database to the shape that this version needs."""
    from commands.migrating import migrate_database

    typer.echo(migrate_database())


@libraries.command("import")
def import_(file: Annotated[Path, typer.Argument(help="A CSV file in the public-libraries data schema.")]) -> None:
    """Take in a file of libraries. Bad rows are named and left out; good ones load."""
    _take_in(file)


@libraries.command("load")
def load() -> None:
    """Take in the file that service.yml names."""
    from desk.service import service

    _take_in(service().libraries_path)


def _take_in(file: Path) -> None:
    from desk.at_hand import database
    from desk.libraries import UnreadableFileError, import_libraries

    try:
        with database().writing() as session:
            report = import_libraries(session, file)
    except UnreadableFileError as error:
        raise CannotError(str(error)) from error
    for bad in report.bad:
        typer.echo(f"line {bad.line} was left out: {bad.reason}", err=True)
    if report.closed:
        typer.echo(f"left out as closed: {', '.join(report.closed)}")
    if report.removed:
        typer.echo(f"removed, as the file no longer holds them: {', '.join(report.removed)}")
    typer.echo(f"{len(report.loaded)} libraries loaded, {len(report.bad)} bad rows")
    raise typer.Exit(1 if report.bad else 0)


@sessions.command("import")
def import_sessions(file: Annotated[Path, typer.Argument(help="A CSV file with the columns of data/sessions.csv, or an iCalendar file.")]) -> None:
    """Take in a file of sessions. Bad rows are named and left out; good ones load; bookings are kept."""
    _take_in_sessions(file)


@sessions.command("load")
def load_sessions() -> None:
    """Take in the sample timetable, unless service.yml names libraries that are no sample."""
    from desk.service import service
    from desk.settings import ROOT

    if service().libraries.sample:
        _take_in_sessions(ROOT / "data" / "sessions.csv")


def _take_in_sessions(file: Path) -> None:
    from desk.at_hand import database
    from desk.libraries import UnreadableFileError
    from desk.session_files import import_sessions

    try:
        with database().writing() as session:
            report = import_sessions(session, file)
    except UnreadableFileError as error:
        raise CannotError(str(error)) from error
    for bad in report.bad:
        typer.echo(f"line {bad.line} was left out: {bad.reason}", err=True)
    dates = report.stored
    typer.echo(f"dates: {dates.added} added, {dates.changed} changed, {dates.cancelled} cancelled, {dates.removed} removed")
    typer.echo(f"{report.loaded} sessions loaded, {len(report.bad)} bad rows")
    raise typer.Exit(1 if report.bad else 0)


@sessions.command("export")
def export_sessions() -> None:
    """Print the coming dates as CSV, with the places taken."""
    from desk.at_hand import database
    from desk.session_files import export_sessions

    with database().reading() as session:
        for line in export_sessions(session):
            typer.echo(line)


@jobs.command("run")
def run_jobs() -> None:
    """Do what is due, once."""
    from commands.due import run_jobs as do

    done = do()
    lines = {
        "holds ended": done.holds,
        "offers ended": done.offers,
        "dates added": done.dates,
        "notices sent": done.notices.sent,
        "notices to be tried again": done.notices.failed,
        "notices given up": done.notices.given_up,
        "people erased": done.people,
    }
    for what, number in lines.items():
        if number:
            typer.echo(f"{number} {what}")
    typer.echo(f"{done.conversations} conversations erased")


@export.command("libraries")
def export_libraries() -> None:
    """Print the libraries as JSON, one a line."""
    import json

    from desk.at_hand import database
    from desk.hours import DAYS, hours_text
    from desk.libraries import all_libraries

    with database().reading() as session:
        for library in all_libraries(session):
            hours = dict(zip(DAYS, map(hours_text, library.week), strict=True))
            typer.echo(
                json.dumps({"name": library.name, "address": library.address, "postcode": library.postcode, "phone": library.phone, "hours": hours})
            )


@export.command("insight")
def export_insight(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; else it is printed.")] = None,
    month: Annotated[str, typer.Option(help="Such as 2026-11; else this month.")] = "",
) -> None:
    """Write a month's figures as CSV, with small numbers kept back."""
    from commands.exporting_insight import insight_csv, write_insight

    if file is None:
        typer.echo(insight_csv(month), nl=False)
    else:
        write_insight(month, file)
        typer.echo(f"{file} written")


def main() -> None:
    """Run a command; what went wrong is one sentence, never a traceback."""
    try:
        app()
    except CannotError as error:
        sys.exit(f"desk: {error}")
    except Exception as error:
        sentence = _sentence_for(error)
        if sentence is None:
            raise
        sys.exit(f"desk: {sentence}")


def _sentence_for(error: Exception) -> str | None:
    from pydantic import ValidationError
    from sqlalchemy.exc import SQLAlchemyError

    from desk.database import DatabaseBusyError
    from desk.senders import NoSenderError
    from desk.service import ServiceFileError

    if isinstance(error, (ServiceFileError, NoSenderError)):
        return str(error)
    if isinstance(error, ValidationError) and error.title == "Settings":
        wrong = error.errors()[0]
        return f"DESK_{str(wrong['loc'][0]).upper()} cannot be used: {wrong['msg']}."
    if isinstance(error, (DatabaseBusyError, SQLAlchemyError, OSError)):
        why = str(error).splitlines()[0]
        if "no such table" in why or "does not exist" in why:
            return "the database is not in shape yet: run `desk migrate` first."
        return f"the database cannot be used just now ({why}). Check DESK_DATABASE_URL and that the disk is not full, then try again."
    return None


if __name__ == "__main__":
    main()

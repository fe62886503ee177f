"""`desk staff`: who may sign in to the staff desk."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from commands import CannotError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from desk.staff_tables import StaffRow

app = typer.Typer(help="Who may sign in to the staff desk.", no_args_is_help=True)

_FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking for it.")]
_Name = Annotated[str, typer.Argument(help="The user name.", metavar="NAME")]


@app.command()
def add(
    username: _Name,
    role: Annotated[str, typer.Option(help="volunteer-helper, staff or manager.")],
    name: Annotated[str, typer.Option(help="The full name; residents see the first word of it. Else the user name.")] = "",
    password_stdin: _FromStdin = False,
) -> None:
    """Open an account. The password is asked for twice and not shown."""
    from desk import staff

    password = _password(password_stdin)
    row = _do(lambda session: staff.add_staff(session, username, name or username, role, password))
    typer.echo(f"{row.name} ({row.username}, {row.role}) can sign in at /staff.")


@app.command("list")
def list_() -> None:
    """Show who has an account."""
    from desk.at_hand import database
    from desk.staff import all_staff

    with database().reading() as session:
        for row in all_staff(session):
            notes = [row.role, *(["codes"] if row.totp_secret else []), *([] if row.is_active else ["closed"])]
            typer.echo(f"{row.username}\t{row.name}\t{', '.join(notes)}")


@app.command()
def password(username: _Name, password_stdin: _FromStdin = False) -> None:
    """Give an account a new password, and sign it out everywhere."""
    from desk import staff

    new = _password(password_stdin)
    row = _do(lambda session: staff.set_password(session, staff.account_named(session, username).id, new))
    typer.echo(f"{row.username} has a new password.")


@app.command()
def deactivate(username: _Name) -> None:
    """Close an account, and sign it out everywhere. What it did stays in the records."""
    from desk import staff

    row = _do(lambda session: staff.deactivate(session, staff.account_named(session, username).id))
    typer.echo(f"{row.username} cannot sign in any more.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    given: str = typer.prompt("Password (at least 12 characters)", hide_input=True, confirmation_prompt="Password again")
    return given


def _do(verb: "Callable[[Session], StaffRow]") -> "StaffRow":
    from desk.at_hand import database
    from desk.passwords import WeakPasswordError
    from desk.staff import StaffError

    try:
        with database().writing() as session:
            return verb(session)
    except (StaffError, WeakPasswordError) as error:
        raise CannotError(str(error)) from error

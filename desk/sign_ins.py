"""Signing in and out of the staff desk: wrong tries are counted, and a sign-in ends by itself. All times are UTC."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk import audit, passwords
from desk.clock import now
from desk.codes import accept_code
from desk.database import Database
from desk.staff import UnknownStaffError, account_named, counter_of
from desk.staff_tables import SignInRow, StaffRow, WrongSignInRow

AT_MOST = timedelta(hours=12)
UNUSED = timedelta(minutes=60)
_TOUCHED_EVERY = timedelta(minutes=1)  # a page in use writes no more often than this
_COUNTED_FOR = timedelta(minutes=15)
_TRIES_AN_ACCOUNT = 5
_TRIES_AN_ADDRESS = 50  # all computers of a library, or of all of them, may share one address


class WrongSignInError(Exception):
    """The user name, the password or the code is wrong, or there is no such account: which of them is never said."""


class TooManyTriesError(Exception):
    """Too many tries were wrong, and nothing was looked at. It may be tried again after `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"too many wrong tries; again after {until.isoformat()}")
        self.until = until


class CodeNeededError(Exception):
    """The password is right; this account wants the code of its authenticator app too."""


def sign_in(database: Database, username: str, password: str, code: str, address: str) -> str:
    """Sign somebody in and return the key that their browser keeps; only its hash is stored.

    `address` is where the request came from. It makes its own transactions: a try is counted before anything is looked at, so that many at the same
    moment are no way around the limit, and no transaction is open while the password is hashed. Raises WrongSignInError, TooManyTriesError and
    CodeNeededError.
    """
    plain = username.strip().lower()
    counters = _counters(plain, address)
    with database.writing() as session:
        _count_a_try(session, counters)
    row = _account(database, plain)
    if not passwords.is_right(password, row.password_hash if row else None) or row is None:
        raise WrongSignInError
    if row.totp_secret and not code.strip():
        with database.writing() as session:
            _give_back_a_try(session, counters)
        raise CodeNeededError
    renewed = passwords.hashed(password) if passwords.is_outdated(row.password_hash) else row.password_hash
    with database.writing() as session:
        return _open(session, row, code, renewed, counters)


def _account(database: Database, username: str) -> StaffRow | None:
    try:
        with database.reading() as session:
            row = account_named(session, username)
    except UnknownStaffError:
        return None
    return row if row.is_active else None


def confirm_password(database: Database, staff_id: int, password: str, address: str) -> None:
    """Check the password of somebody who is signed in, before something that a passer-by must not do. Raises WrongSignInError, TooManyTriesError."""
    with database.reading() as session:
        row = session.get_one(StaffRow, staff_id)
    counters = _counters(row.username, address)
    with database.writing() as session:
        _count_a_try(session, counters)
    if not passwords.is_right(password, row.password_hash):
        raise WrongSignInError
    with database.writing() as session:
        _give_back_a_try(session, counters)


def sign_out(session: Session, key: str) -> None:
    session.execute(delete(SignInRow).where(SignInRow.key_hash == hash_of(key)))


def signed_in(session: Session, key: str) -> StaffRow | None:
    """Return who has this key, or None where there is no such sign-in, or it has ended."""
    since = now()
    return session.scalar(
        select(StaffRow)
        .join(SignInRow, SignInRow.staff_id == StaffRow.id)
        .where(SignInRow.key_hash == hash_of(key), StaffRow.is_active)
        .where(SignInRow.started_at > since - AT_MOST, SignInRow.seen_at > since - UNUSED)
    )


def is_untouched(session: Session, key: str) -> bool:
    """Whether the last use that is written down is more than a minute old."""
    seen_at = session.scalar(select(SignInRow.seen_at).filter_by(key_hash=hash_of(key)))
    return seen_at is not None and seen_at < now() - _TOUCHED_EVERY


def touch(session: Session, key: str) -> None:
    """Write down that a sign-in is in use."""
    session.execute(update(SignInRow).where(SignInRow.key_hash == hash_of(key)).values(seen_at=now()))


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _open(session: Session, seen: StaffRow, code: str, password_hash: str, counters: dict[str, int]) -> str:
    """Open the sign-in, unless the account was changed since its password was looked at."""
    unchanged = update(StaffRow).where(
        StaffRow.id == seen.id, StaffRow.is_active, StaffRow.password_hash == seen.password_hash, StaffRow.totp_secret == seen.totp_secret
    )
    if cast("CursorResult[None]", session.execute(unchanged.values(password_hash=password_hash))).rowcount != 1:
        raise WrongSignInError
    if seen.totp_secret and not accept_code(session, seen, code):
        raise WrongSignInError
    session.execute(delete(WrongSignInRow).where(WrongSignInRow.key == counter_of(seen.username)))
    _give_back_a_try(session, counters)
    session.execute(delete(SignInRow).where(or_(SignInRow.started_at <= now() - AT_MOST, SignInRow.seen_at <= now() - UNUSED)))
    key = secrets.token_urlsafe(32)
    session.add(SignInRow(key_hash=hash_of(key), staff_id=seen.id, started_at=now(), seen_at=now()))
    audit.note(session, f"staff:{seen.id}", "signed in", seen, {}, {})
    return key


def _counters(username: str, address: str) -> dict[str, int]:
    """Return what counts the tries of an account and of an address, and how many each has."""
    return {counter_of(username): _TRIES_AN_ACCOUNT, f"address {hash_of(address)}": _TRIES_AN_ADDRESS}


def _count_a_try(session: Session, counters: dict[str, int]) -> None:
    session.execute(delete(WrongSignInRow).where(WrongSignInRow.first_at <= now() - _COUNTED_FOR))
    for key, most in counters.items():
        if not _counted(session, key, most):
            first_at = session.scalar(select(WrongSignInRow.first_at).filter_by(key=key)) or now()
            raise TooManyTriesError(first_at + _COUNTED_FOR)


def _counted(session: Session, key: str, most: int) -> bool:
    """Count a try in one statement, unless there were too many: tries at the same moment count one after the other."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    one_more = insert(WrongSignInRow).values(key=key, times=1, first_at=now())
    one_more = one_more.on_conflict_do_update(
        index_elements=[WrongSignInRow.key], set_={"times": WrongSignInRow.times + 1}, where=WrongSignInRow.times < most
    )
    return session.scalar(one_more.returning(WrongSignInRow.key)) is not None


def _give_back_a_try(session: Session, counters: dict[str, int]) -> None:
    """A try that was right counts for nothing; wrong ones before it still do."""
    session.execute(update(WrongSignInRow).where(WrongSignInRow.key.in_(counters), WrongSignInRow.times > 0).values(times=WrongSignInRow.times - 1))

"""Those who work at the desk: their accounts. `who` is whoever changes one, as the audit names them."""

import hashlib
import re
from typing import cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from desk import audit
from desk.clock import now
from desk.passwords import check_password, hashed
from desk.staff_tables import SignInRow, StaffRow, WrongSignInRow

HELPER, STAFF, MANAGER = ROLES = ("volunteer-helper", "staff", "manager")  # each may do what those before it may
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,59}")
_LONGEST_NAME = 120  # characters


class StaffError(Exception):
    """An account cannot be so; the message is a sentence for the person who wants it. `field` is what is wrong: username, name, role, or page."""

    def __init__(self, sentence: str, field: str = "page") -> None:
        super().__init__(sentence)
        self.field = field


class UnknownStaffError(StaffError):
    """There is no such account."""

    def __init__(self, name: str | int) -> None:
        super().__init__(f"There is no account {name}.")


def add_staff(session: Session, username: str, name: str, role: str, password: str, who: str = audit.DESK, *, temporary: bool = False) -> StaffRow:
    """Open an account. `username` is kept in lower case; a `temporary` password is one that its owner has to replace first.

    Raises StaffError and WeakPasswordError.
    """
    username, name = _checked_username(username), _checked_name(name)
    check_password(password, username, name)
    if session.scalar(select(StaffRow.id).filter_by(username=username)) is not None:
        raise StaffError(f"There is an account {username} already.", "username")
    row = StaffRow(username=username, name=name, role=_checked_role(role), is_active=True, created_at=now())
    row.password_hash, row.password_is_temporary = hashed(password), temporary
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:  # somebody else added it just now
        raise StaffError(f"There is an account {username} already.", "username") from error
    audit.note(session, who, "added", row, {}, {"username": row.username, "name": row.name, "role": row.role})
    return row


def set_password(session: Session, staff_id: int, password: str, who: str = audit.DESK, *, keep: str = "", temporary: bool = False) -> StaffRow:
    """Give an account a new password and end its sign-ins, all but the one with the key hash `keep`.

    Wrong tries before it are forgotten. Raises StaffError and WeakPasswordError.
    """
    row = account(session, staff_id)
    check_password(password, row.username, row.name)
    _change(session, row, password_hash=hashed(password), password_is_temporary=temporary)
    session.execute(delete(WrongSignInRow).where(WrongSignInRow.key == counter_of(row.username)))
    audit.note(session, who, "changed the password", row, {"password_hash": ""}, {"password_hash": ""})
    end_sign_ins(session, staff_id, keep)
    return row


def set_role(session: Session, staff_id: int, role: str, who: str = audit.DESK) -> StaffRow:
    """Let somebody do more or less, and end their sign-ins. Raises StaffError, also where no manager would be left."""
    row, role = account(session, staff_id), _checked_role(role)
    if role == row.role:
        return row
    _keep_a_manager(session, row)
    old = row.role
    _change(session, row, role=role)
    audit.note(session, who, "changed the role", row, {"role": old}, {"role": role})
    end_sign_ins(session, staff_id)
    return row


def deactivate(session: Session, staff_id: int, who: str = audit.DESK) -> StaffRow:
    """Close an account; what it did stays in the records. Raises StaffError, also where no manager would be left."""
    row = account(session, staff_id)
    if not row.is_active:
        return row
    _keep_a_manager(session, row)
    _change(session, row, is_active=False, on_duty=False)
    audit.note(session, who, "deactivated", row, {"is_active": True}, {"is_active": False})
    end_sign_ins(session, staff_id)
    return row


def reactivate(session: Session, staff_id: int, who: str = audit.DESK) -> StaffRow:
    """Open a closed account again. Raises UnknownStaffError."""
    row = account(session, staff_id)
    if row.is_active:
        return row
    _change(session, row, is_active=True)
    audit.note(session, who, "reactivated", row, {"is_active": False}, {"is_active": True})
    return row


def all_staff(session: Session) -> list[StaffRow]:
    """Return everybody, those who may sign in first, by name."""
    return list(session.scalars(select(StaffRow).order_by(StaffRow.is_active.desc(), StaffRow.name, StaffRow.id)))


def has_staff(session: Session) -> bool:
    return session.scalar(select(StaffRow.id).filter_by(is_active=True).limit(1)) is not None


def account(session: Session, staff_id: int) -> StaffRow:
    row = session.get(StaffRow, staff_id, populate_existing=True)
    if row is None:
        raise UnknownStaffError(staff_id)
    return row


def account_named(session: Session, username: str) -> StaffRow:
    plain = username.strip().lower()
    row = session.scalar(select(StaffRow).filter_by(username=plain)) if _USERNAME.fullmatch(plain) else None
    if row is None:
        raise UnknownStaffError(username)
    return row


def end_sign_ins(session: Session, staff_id: int, keep: str = "") -> int:
    """Sign somebody out everywhere, but for the sign-in with the key hash `keep`. Returns how many ended."""
    ended = session.execute(delete(SignInRow).where(SignInRow.staff_id == staff_id, SignInRow.key_hash != keep))
    return cast("CursorResult[None]", ended).rowcount


def counter_of(username: str) -> str:
    """Return the key that counts wrong tries to sign in as somebody. Hashed, as a password lands in the field of the name now and then."""
    return f"account {hashlib.sha256(username.encode('utf-8', 'replace')).hexdigest()}"


def _change(session: Session, row: StaffRow, **values: object) -> None:
    session.execute(update(StaffRow).where(StaffRow.id == row.id).values(**values))
    session.refresh(row)


def _keep_a_manager(session: Session, row: StaffRow) -> None:
    """Two managers who close each other's account at the same moment wait for each other here (SQLite has one writer anyway)."""
    managers = session.scalars(select(StaffRow.id).filter_by(role=MANAGER, is_active=True).order_by(StaffRow.id).with_for_update()).all()
    if list(managers) == [row.id]:
        raise StaffError(f"{row.name} is the only manager. Make somebody else a manager first.")


def _checked_username(username: str) -> str:
    plain = username.strip().lower()
    if not _USERNAME.fullmatch(plain):
        raise StaffError("A user name has 1 to 60 letters (a to z), digits, or any of . _ @ + - and begins with a letter or digit.", "username")
    return plain


def _checked_name(name: str) -> str:
    plain = " ".join(name.replace("\x00", "").split())
    if not plain or len(plain) > _LONGEST_NAME:
        raise StaffError(f"A name is needed, of at most {_LONGEST_NAME} characters. Residents see the first word of it.", "name")
    return plain


def _checked_role(role: str) -> str:
    if role not in ROLES:
        raise StaffError(f"A role is one of {', '.join(ROLES)}.", "role")
    return role

"""Codes of an authenticator app (TOTP, RFC 6238): six digits, a new one every 30 seconds, each good once."""

import base64
import hashlib
import hmac
from typing import cast

import pyotp
from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from desk import audit
from desk.clock import now
from desk.staff_tables import StaffRow

_STEP = 30  # seconds
_WINDOW = (0, -1, 1)  # steps: a telephone's clock is never quite right


class WrongCodeError(Exception):
    """The code is not the one that the app shows now, or it was used already."""


def new_secret(row: StaffRow, key: str) -> str:
    """Return the secret that an account would get in this sign-in: made from its key, so that nothing is stored before a code confirms it."""
    digest = hmac.new(key.encode(), f"authenticator {row.id} {row.totp_last}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:20]).decode()


def app_address(row: StaffRow, secret: str, issuer: str) -> str:
    """Return the otpauth: address that an app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=row.username, issuer_name=issuer)


def enrol(session: Session, row: StaffRow, secret: str, code: str) -> None:
    """Ask for codes from now on, once the first one shows that the app has the secret. Raises WrongCodeError."""
    step = _step_of(secret, code, row.totp_last)
    enrolled = update(StaffRow).where(StaffRow.id == row.id, StaffRow.totp_secret == "").values(totp_secret=secret, totp_last=step)
    if step is None or cast("CursorResult[None]", session.execute(enrolled)).rowcount != 1:
        raise WrongCodeError
    audit.note(session, f"staff:{row.id}", "set up codes", row, {"totp_secret": ""}, {"totp_secret": ""})


def remove_codes(session: Session, row: StaffRow, who: str) -> None:
    """Ask for no code any more: the telephone was lost, or replaced."""
    removed = update(StaffRow).where(StaffRow.id == row.id, StaffRow.totp_secret != "").values(totp_secret="")
    if cast("CursorResult[None]", session.execute(removed)).rowcount == 1:
        audit.note(session, who, "removed codes", row, {"totp_secret": ""}, {"totp_secret": ""})


def accept_code(session: Session, row: StaffRow, code: str) -> bool:
    """Whether a code is right and was not used before; it is used now."""
    step = _step_of(row.totp_secret, code, row.totp_last)
    used = update(StaffRow).where(StaffRow.id == row.id, StaffRow.totp_last < (step or 0)).values(totp_last=step)
    return step is not None and cast("CursorResult[None]", session.execute(used)).rowcount == 1


def _step_of(secret: str, code: str, used: int) -> int | None:
    typed = "".join(code.split()).encode("utf-8", "replace")
    this = int(now().timestamp()) // _STEP
    steps = (this + late for late in _WINDOW if this + late > used)
    return next((step for step in steps if hmac.compare_digest(pyotp.HOTP(secret).at(step).encode(), typed)), None)

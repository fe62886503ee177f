"""Words that staff send often, called up by a short code."""

import re

import yaml
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from desk import audit
from desk.conversations import LONGEST_MESSAGE
from desk.settings import ROOT
from desk.staff_tables import CannedReplyRow

_SAMPLES = ROOT / "kb" / "canned-replies.yml"
_CODE = re.compile(r"[a-z0-9-]{1,30}")


class CannedReplyError(Exception):
    """A canned reply cannot be so; `field` (code or text) is what is wrong, the message says it in a sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def canned_replies(session: Session) -> list[CannedReplyRow]:
    """Return all of them by code."""
    return list(session.scalars(select(CannedReplyRow).order_by(CannedReplyRow.code)))


def canned_reply(session: Session, code: str) -> CannedReplyRow:
    """Return the one with a code. Raises CannedReplyError where there is none."""
    row = session.get(CannedReplyRow, code) if _CODE.fullmatch(code) else None
    if row is None:
        raise CannedReplyError("code", "There is no such canned reply any more.")
    return row


def add_canned_reply(session: Session, who: str, code: str, text: str) -> CannedReplyRow:
    """Add one. Raises CannedReplyError, also where the code is taken."""
    row = CannedReplyRow(code=_checked_code(code), text=_checked_text(text))
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise CannedReplyError("code", f"There is a canned reply {row.code} already. Take another code, or change that one.") from error
    audit.note(session, who, "added", row, {}, {"code": row.code, "text": row.text})
    return row


def change_canned_reply(session: Session, who: str, code: str, text: str) -> CannedReplyRow:
    """Give one another text. Raises CannedReplyError."""
    row, text = _locked(session, code), _checked_text(text)
    if row.text != text:
        audit.note(session, who, "changed", row, {"code": code, "text": row.text}, {"code": code, "text": text})
        row.text = text
    return row


def remove_canned_reply(session: Session, who: str, code: str) -> None:
    """Remove one; its text stays in the audit. Raises CannedReplyError."""
    row = _locked(session, code)
    audit.note(session, who, "removed", row, {"code": code, "text": row.text}, {})
    session.delete(row)


def add_samples(session: Session, who: str) -> int:
    """Add the replies of kb/canned-replies.yml whose codes are free. Returns how many that were."""
    there = set(session.scalars(select(CannedReplyRow.code)))
    new = {code: text for code, text in yaml.safe_load(_SAMPLES.read_text(encoding="utf-8")).items() if code not in there}
    for code, text in new.items():
        add_canned_reply(session, who, code, text)
    return len(new)


def _locked(session: Session, code: str) -> CannedReplyRow:
    canned_reply(session, code)
    row = session.get(CannedReplyRow, code, with_for_update=True, populate_existing=True)
    if row is None:  # removed just now
        raise CannedReplyError("code", "There is no such canned reply any more.")
    return row


def _checked_code(code: str) -> str:
    plain = code.strip().lower()
    if not _CODE.fullmatch(plain):
        raise CannedReplyError("code", "A code has 1 to 30 small letters (a to z), digits and hyphens.")
    return plain


def _checked_text(text: str) -> str:
    plain = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not plain:
        raise CannedReplyError("text", "Type what the reply says.")
    if len(plain) > LONGEST_MESSAGE:
        raise CannedReplyError("text", f"A reply can have at most {LONGEST_MESSAGE} characters.")
    return plain

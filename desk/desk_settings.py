"""What managers set in the staff desk. A setting is declared here, and the page of settings shows it."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk import audit
from desk.staff_tables import DeskSettingRow

T = TypeVar("T", bool, int, str)


class WrongValueError(Exception):
    """A setting cannot have this value; the message is a sentence that says what it may be."""


@dataclass(frozen=True)
class Setting(Generic[T]):
    """Something that a manager may set: a yes or no, a whole number from `least` to `most`, or a text of at most `most` characters."""

    key: str
    default: T
    label: str
    hint: str = ""
    least: int = 0
    most: int = 1000

    @property
    def kind(self) -> type:
        return type(self.default)

    def problem_with(self, value: Any) -> str:
        """Return a sentence that says what it may be, or nothing where it may be this value."""
        if self.kind is int and not (type(value) is int and self.least <= value <= self.most):
            return f"“{self.label}” is a number from {self.least} to {self.most}."
        if type(value) is str and len(value) > self.most:
            return f"“{self.label}” can have at most {self.most} characters."
        return "" if type(value) is self.kind else f"“{self.label}” cannot have this value."


MANAGERS_NEED_CODE = Setting(
    "managers_need_code",
    False,
    "Managers need a code from an authenticator app",
    "A manager without one can only reach the page where it is set up, until that is done.",
)

SETTINGS: tuple[Setting[Any], ...] = (MANAGERS_NEED_CODE,)


def value_of(session: Session, setting: Setting[T]) -> T:
    row = session.get(DeskSettingRow, setting.key)
    return cast(T, row.value) if row is not None and type(row.value) is setting.kind else setting.default


def set_value(session: Session, who: str, setting: Setting[T], value: T) -> None:
    """Set a setting, with an audit row where it changes. Raises WrongValueError."""
    problem = setting.problem_with(value)
    if problem:
        raise WrongValueError(problem)
    row = session.scalar(select(DeskSettingRow).filter_by(key=setting.key).with_for_update())
    old = value_of(session, setting)
    if row is None:
        row = DeskSettingRow(key=setting.key, value=value)
        session.add(row)
    row.value = value
    if old != value:
        audit.note(session, who, "set", row, {setting.key: old}, {setting.key: value})

"""Who of the staff is on duty: they said so, and their staff desk is still open. Moments are UTC."""

from datetime import timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from desk import audit
from desk.clock import now
from desk.staff_tables import StaffRow

# An open page of the staff desk says so every half minute. Whoever is not heard of for so long is away whatever the switch says: a laptop was shut.
AWAY_AFTER = timedelta(seconds=90)
ANSWERING_ROLES = ("staff", "manager")


def set_duty(session: Session, staff_id: int, on_duty: bool) -> None:
    """Turn somebody's switch to on duty or away, and remember that they were there just now."""
    staff = session.get_one(StaffRow, staff_id)
    if staff.on_duty != on_duty:
        audit.note(session, f"staff:{staff_id}", "on duty" if on_duty else "away", staff, {"on_duty": staff.on_duty}, {"on_duty": on_duty})
    session.execute(update(StaffRow).where(StaffRow.id == staff_id).values(on_duty=on_duty, seen_at=now()))


def seen(session: Session, staff_id: int) -> None:
    """Note that somebody's staff desk is open."""
    session.execute(update(StaffRow).where(StaffRow.id == staff_id).values(seen_at=now()))


def _there() -> tuple[object, ...]:
    return (StaffRow.is_active, StaffRow.on_duty, StaffRow.role.in_(ANSWERING_ROLES), StaffRow.seen_at > now() - AWAY_AFTER)


def on_duty(session: Session) -> list[StaffRow]:
    """Return who is on duty, by name."""
    return list(session.scalars(select(StaffRow).where(*_there()).order_by(StaffRow.name)))  # type: ignore[arg-type]


def anyone_on_duty(session: Session) -> bool:
    return bool(session.scalar(select(exists().where(*_there()))))  # type: ignore[arg-type]


def is_on_duty(session: Session, staff_id: int) -> bool:
    return bool(session.scalar(select(exists().where(StaffRow.id == staff_id, *_there()))))  # type: ignore[arg-type]


def colleagues(session: Session, staff_id: int) -> list[StaffRow]:
    """Return who else answers residents, on duty or not, by name."""
    answering = select(StaffRow).where(StaffRow.is_active, StaffRow.role.in_(ANSWERING_ROLES), StaffRow.id != staff_id)
    return list(session.scalars(answering.order_by(StaffRow.name)))

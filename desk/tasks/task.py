"""What a task knows, what it hears, and what comes of a turn."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, Self

from pydantic import TypeAdapter

from desk.replies import Reply
from desk.when import Wanted

FINDING = ("find_session", "book_session")
CASES = ("refer_someone", "register_volunteer")
LABELS = (*FINDING, "check_booking", "change_booking", "cancel_booking", "talk_to_staff", *CASES)


@dataclass(frozen=True)
class Heard:
    """A message: its words (empty where a button was pressed), the likeliest label, how sure the classifier is of it, and the button's value.

    `intent` is the label that Rasa acts on: another one where it was not sure enough.
    """

    text: str = ""
    label: str = ""
    confidence: float = 0.0
    value: str = ""
    intent: str = ""

    @property
    def is_button(self) -> bool:
        return not self.text

    def is_surely(self, *labels: str) -> bool:
        return (self.is_button and self.label in labels) or (self.label in labels and self.confidence >= SURE)


SURE = 0.4  # of the classifier's probabilities: below it a label does not turn a message away from the question that was asked


@dataclass(frozen=True)
class Wish:
    """What session somebody looks for; what is empty does not matter. Libraries are slugs; `near` holds them nearest first.

    `by_weekday` tells that a weekday was named and no date: where there is nothing on the coming one, the next is as good.
    """

    topic: str = ""
    any_topic: bool = False
    kinds: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    anywhere: bool = False
    near: tuple[str, ...] = ()
    when: Wanted | None = None
    by_weekday: bool = False
    after: datetime | None = None
    languages: tuple[str, ...] = ()
    access: tuple[str, ...] = ()


@dataclass(frozen=True)
class Details:
    """Who comes and whom to tell, as given so far. `needs` is None until it was asked or told."""

    name: str = ""
    phone: str = ""
    email: str = ""
    no_contact: bool = False
    for_other: bool = False
    contact_name: str = ""
    relation: str = ""
    age: int | None = None
    needs: str | None = None

    @property
    def reachable(self) -> bool:
        return bool(self.phone or self.email)


@dataclass(frozen=True)
class Case:
    """What is asked for (a referral) or offered (a volunteer), beside its people. `libraries` are slugs.

    `told` is what the first message told, `about` what was added when it was asked; None until then.
    """

    kind: str = ""
    whom_known: bool = False
    agreed: bool = False
    eligibility: str = ""
    through_speaker: bool = False
    place_known: bool = False
    libraries: tuple[str, ...] = ()
    postcode: str = ""
    interests: tuple[str, ...] = ()
    picks_more: bool = False
    times: str = ""
    told: str = ""
    about: str | None = None


@dataclass(frozen=True)
class Task:
    """A task under way. `asked` is the question that is pending (desk.tasks.questions); `started` the number of the message that began it."""

    label: str
    started: int
    asked: str = ""
    wish: Wish = field(default_factory=Wish)
    details: Details = field(default_factory=Details)
    case: Case = field(default_factory=Case)
    offered: tuple[int, ...] = ()
    passed_over: tuple[int, ...] = ()
    differs: tuple[str, ...] = ()
    session_id: int | None = None
    waits: bool = False
    told_of_keeping: bool = False
    read_back: bool = False
    unsure_email: str = ""
    instead: str = ""
    instead_text: str = ""
    booking_id: int | None = None
    waiting_id: int | None = None
    reference: str = ""
    way: str = ""
    message: str = ""
    before: dict[str, Any] | None = None
    misses: int = 0

    def with_wish(self, **changes: Any) -> Self:
        return replace(self, wish=replace(self.wish, **changes))

    def with_details(self, **changes: Any) -> Self:
        return replace(self, details=replace(self.details, **changes))

    def with_case(self, **changes: Any) -> Self:
        return replace(self, case=replace(self.case, **changes))

    @property
    def looks_for_sessions(self) -> bool:
        """Whether a place is being found, for a new booking or to move one to."""
        return self.label in FINDING or self.label == "change_booking"

    def to_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = _adapter().dump_python(self, mode="json")
        return plain


def from_json(stored: dict[str, Any]) -> Task:
    """Return the task whose `to_json` this is. Raises ValueError where it is not."""
    return _adapter().validate_python(stored)


@cache
def _adapter() -> TypeAdapter[Task]:
    return TypeAdapter(Task)


@dataclass(frozen=True)
class Turn:
    """What comes of a message: the task as it is now (None where it ended) and what is said."""

    task: Task | None
    replies: tuple[Reply, ...]

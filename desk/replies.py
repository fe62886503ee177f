"""One message of the desk, in the parts of the chat API, before it has a place in the log."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from kb.wording import say

MOST_CHOICES = 3


@dataclass(frozen=True)
class Choice:
    """A button: its words, and the label of topics.md that it stands for."""

    title: str
    label: str


@dataclass(frozen=True)
class Cited:
    """A public page that an answer rests on; `checked` is an ISO date."""

    title: str
    url: str
    checked: str


@dataclass(frozen=True)
class Reply:
    """What the desk says. `lead` comes first, `steps` are numbered, `after` closes; a screen may show the parts as it likes."""

    kind: str
    label: str
    lead: str
    topic: str | None = None
    steps: tuple[str, ...] = ()
    after: str = ""
    choices: tuple[Choice, ...] = ()
    sources: tuple[Cited, ...] = ()
    checked: str = ""
    more: str = ""

    @property
    def text(self) -> str:
        """The whole message in plain text, complete on its own."""
        parts = [self.lead]
        if self.steps:
            parts.append("\n".join([say("steps_intro"), *(f"{n}. {step}" for n, step in enumerate(self.steps, 1))]))
        parts += [self.after, "\n".join(f"- {choice.title}" for choice in self.choices)]
        if self.sources:
            parts.append("\n".join([say("sources_intro"), *(f"- {source.title}: {source.url}" for source in self.sources)]))
        parts.append(self.checked)
        return "\n\n".join(filter(None, parts))

    def details(self) -> dict[str, Any]:
        """Return the parts as JSON can hold them; empty ones are left out."""
        return {key: value for key, value in asdict(self).items() if value}

    @classmethod
    def from_details(cls, details: dict[str, Any]) -> Self:
        """Return the message whose `details` these are. Raises TypeError where they are not."""
        parts = dict(details)
        parts["steps"] = tuple(parts.get("steps", ()))
        parts["choices"] = tuple(Choice(**choice) for choice in parts.get("choices", ()))
        parts["sources"] = tuple(Cited(**source) for source in parts.get("sources", ()))
        return cls(**parts)

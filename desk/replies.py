"""One message of the desk, in the parts of the chat API, before it has a place in the log."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from kb.wording import language_spoken, say, speaking

MOST_CHOICES = 3


@dataclass(frozen=True)
class Choice:
    """A button: its words, the label of topics.md that it stands for, and what exactly it means where the label does not tell
    (a language, a session, an answer to what a task asked)."""

    title: str
    label: str
    value: str = ""


@dataclass(frozen=True)
class Cited:
    """A public page that an answer rests on; `checked` is an ISO date."""

    title: str
    url: str
    checked: str


@dataclass(frozen=True)
class Reply:
    """What the desk says. `lead` comes first, `steps` are numbered, `after` closes; a screen may show the parts as it likes.

    `asks` are slots of the chat API; `sessions` are on offer, each picked by the button at the same place in `choices`.
    """

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
    asks: tuple[str, ...] = ()
    sessions: tuple[dict[str, Any], ...] = ()
    reference: str = ""
    language: str = field(default_factory=language_spoken)

    @property
    def text(self) -> str:
        """The whole message in plain text, complete on its own."""
        with speaking(self.language):
            return self._text()

    def _text(self) -> str:
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
        parts["asks"] = tuple(parts.get("asks", ()))
        parts["sessions"] = tuple(parts.get("sessions", ()))
        parts["sources"] = tuple(Cited(**source) for source in parts.get("sources", ()))
        return cls(**parts)

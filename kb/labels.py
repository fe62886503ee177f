"""The labels of everything a resident can ask, as listed in labels.yml."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("labels.yml")


@dataclass(frozen=True)
class Labels:
    """The closed list of labels, by kind."""

    articles_by_theme: dict[str, tuple[str, ...]]
    actions: tuple[str, ...]
    safety: tuple[str, ...]
    conversation: tuple[str, ...]
    elsewhere: tuple[str, ...]

    @property
    def articles(self) -> tuple[str, ...]:
        return tuple(slug for slugs in self.articles_by_theme.values() for slug in slugs)

    @property
    def everything(self) -> tuple[str, ...]:
        return self.articles + self.actions + self.safety + self.conversation + self.elsewhere


@cache
def load_labels() -> Labels:
    data = yaml.safe_load(_FILE.read_text("utf-8"))
    return Labels(
        articles_by_theme={theme: tuple(slugs) for theme, slugs in data["articles"].items()},
        actions=tuple(data["actions"]),
        safety=tuple(data["safety"]),
        conversation=tuple(data["conversation"]),
        elsewhere=tuple(data["elsewhere"]),
    )

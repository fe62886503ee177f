"""How a rule is given the patterns that it reads."""

import re
from collections.abc import Callable
from typing import TypeVar

Rule = TypeVar("Rule")


def adding_to(rules: list[tuple[re.Pattern[str], Rule]]) -> Callable[..., Callable[[Rule], Rule]]:
    """Return a decorator that adds a rule to `rules` with each of its patterns (small letters, as `plain` leaves a text)."""

    def reads(*patterns: str) -> Callable[[Rule], Rule]:
        def add(rule: Rule) -> Rule:
            rules.extend((re.compile(pattern), rule) for pattern in patterns)
            return rule

        return add

    return reads

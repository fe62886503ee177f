"""What a search found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hit:
    """An article that fits a query; a higher score fits better."""

    slug: str
    score: float

"""Days and times as people in the United Kingdom say them, read into a wish. desk.when.spoken says a wish back."""

from desk.when.reading import day_mentioned, read_when
from desk.when.wanted import Problem, Slot, Step, Trouble, Wanted

__all__ = ["Problem", "Slot", "Step", "Trouble", "Wanted", "day_mentioned", "read_when"]

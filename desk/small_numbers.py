"""Small numbers kept back, so that nobody can be recognised in a table: those under five, and what would let them be worked out."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

# As official statistics do it ("GSS/GSR Disclosure Control Guidance for Tables Produced from Administrative Sources"): cells of fewer than five are
# kept back, and a second cell wherever a total would give the first away.
FEWEST = 5
FEW = "fewer than 5"
WITHHELD = "not shown"

Cell = tuple[str, str, str]  # part, item, measure
_Ranges = dict[Cell, tuple[int, int]]  # the least and the most that a cell can be

_ANY_NUMBER = 10**9  # no count is larger
_PASSES = 30  # what is not narrowed down by then is in no table that a desk makes


@dataclass(frozen=True)
class Sum:
    """A cell that is the total of others: whoever knows all but one of them knows that one too."""

    total: Cell
    parts: tuple[Cell, ...]

    @cached_property
    def cells(self) -> frozenset[Cell]:
        return frozenset((self.total, *self.parts))


def kept_back(counts: Mapping[Cell, int], sums: Iterable[Sum]) -> dict[Cell, str]:
    """Return the cells that are not to be read, with the words that stand in their place.

    Counts from 1 to 4 are "fewer than 5". Where one is all that is missing in a sum, another number of that sum is "not shown". While one of
    them can still be narrowed down by what all sums together tell, to fewer than the numbers from 1 to 4, another number beside it is "not shown"
    too. (What each of four must be that together are "fewer than 5", nothing can hide.)
    """
    among = list(sums)
    kept = {cell: FEW for cell, count in counts.items() if 0 < count < FEWEST}
    at_best = _ranges(counts, among, {cell: kept.get(cell, WITHHELD) for cell, count in counts.items() if count})
    while told := _missing_alone(among, kept) or _narrowed(among, _ranges(counts, among, kept), kept, at_best):
        kept[_beside(told, counts, among, kept)] = WITHHELD
    return kept


def _missing_alone(sums: Sequence[Sum], kept: Mapping[Cell, str]) -> Sequence[Sum]:
    """Return the first sum in which a single cell is kept back."""
    alone = (each for each in sums if len(each.cells & kept.keys()) == 1)
    return list(islice(alone, 1))


def _narrowed(sums: Sequence[Sum], ranges: _Ranges, kept: Mapping[Cell, str], at_best: _Ranges) -> Sequence[Sum]:
    """Return the sums of the first small number that can be told from fewer others than it could be."""
    small = (cell for cell, words in kept.items() if words == FEW and ranges[cell] != at_best[cell])
    return next((_sums_with({cell}, sums) for cell in small), [])


def _ranges(counts: Mapping[Cell, int], sums: Sequence[Sum], kept: Mapping[Cell, str]) -> _Ranges:
    """Return what somebody who knows these rules and reads everything else can tell of the cells that are kept back."""
    ranges = {cell: (1, FEWEST - 1) if words == FEW else (FEWEST, _ANY_NUMBER) for cell, words in kept.items()}
    for _ in range(_PASSES):
        before = dict(ranges)
        for each in sums:
            _narrow(each, counts, ranges)
        if ranges == before:
            break
    return ranges


def _narrow(each: Sum, counts: Mapping[Cell, int], ranges: _Ranges) -> None:
    parts = [_range(part, counts, ranges) for part in each.parts]
    least, most = sum(low for low, _ in parts), sum(high for _, high in parts)
    total_least, total_most = _range(each.total, counts, ranges)
    for cell, (low, high) in zip(each.parts, parts, strict=True):
        if cell in ranges:
            ranges[cell] = (max(low, total_least - (most - high)), min(high, total_most - (least - low)))
    if each.total in ranges:
        ranges[each.total] = (max(total_least, least), min(total_most, most))


def _range(cell: Cell, counts: Mapping[Cell, int], ranges: _Ranges) -> tuple[int, int]:
    count = counts.get(cell, 0)
    return ranges.get(cell, (count, count))


def _beside(touched: Sequence[Sum], counts: Mapping[Cell, int], sums: Sequence[Sum], kept: Mapping[Cell, str]) -> Cell:
    """Return the number to keep back that is in some sums, or else in those that share a cell with them, and so on.

    The best is one that leaves no other sum with a single cell missing, then one that is no total, then the smallest.
    """
    while True:
        totals = {each.total for each in touched}
        readable = {cell for each in touched for cell in each.cells if cell not in kept and counts.get(cell, 0)}
        if readable:
            return min(readable, key=lambda cell: (_left_alone(cell, sums, kept), cell in totals, counts[cell], cell))
        touched = _sums_with({cell for each in touched for cell in each.cells if cell in kept}, sums)


def _left_alone(cell: Cell, sums: Sequence[Sum], kept: Mapping[Cell, str]) -> int:
    """Return in how many sums a cell would be all that is missing."""
    return sum(cell in each.cells and not each.cells & kept.keys() for each in sums)


def _sums_with(cells: AbstractSet[Cell], sums: Sequence[Sum]) -> list[Sum]:
    return [each for each in sums if cells & each.cells]

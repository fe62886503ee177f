"""Small numbers are kept back, and cannot be worked out from what is left."""

from itertools import product

import pytest

from desk.small_numbers import FEW, WITHHELD, Cell, Sum, kept_back

TOTAL: Cell = ("part", "all", "number")


def a_table(*counts: int) -> tuple[dict[Cell, int], list[Sum]]:
    """Return some counts and their total."""
    parts: dict[Cell, int] = {("part", str(n), "number"): count for n, count in enumerate(counts)}
    return {**parts, TOTAL: sum(counts)}, [Sum(TOTAL, tuple(parts))]


def as_read(*counts: int) -> list[str]:
    """Return the counts of a table and then its total, as anybody may read them."""
    table, sums = a_table(*counts)
    kept = kept_back(table, sums)
    return [kept.get(cell, str(count)) for cell, count in table.items()]


@pytest.mark.parametrize(
    ("counts", "read"),
    [
        ((20, 5, 0), ["20", "5", "0", "25"]),
        ((20, 3), [WITHHELD, FEW, "23"]),
        ((20, 3, 9), ["20", FEW, WITHHELD, "32"]),
        ((20, 3, 2), ["20", FEW, FEW, "25"]),  # their sum is 5: 1 and 4, or 2 and 3
        ((20, 1, 1), [WITHHELD, FEW, FEW, "22"]),  # their sum would be 2
        ((20, 4, 4), [WITHHELD, FEW, FEW, "28"]),  # and 8: four each
        ((1, 5), [FEW, WITHHELD, WITHHELD]),  # with the total, who knows the rule would know that it is one and five
        ((3,), [FEW, FEW]),
        ((0, 0, 2), ["0", "0", FEW, FEW]),
        ((), ["0"]),
    ],
)
def test_who_reads_a_table_cannot_tell_a_small_number(counts: tuple[int, ...], read: list[str]) -> None:
    assert as_read(*counts) == read


def test_every_small_table_leaves_a_doubt() -> None:
    """By counting out: whatever the table, at least two tables with other small numbers look the same."""
    largest = 14
    by_look: dict[tuple[str, ...], set[tuple[int, ...]]] = {}
    for counts in product(range(largest), repeat=3):
        by_look.setdefault(tuple(as_read(*counts)), set()).add(counts)
    for look, tables in by_look.items():
        # What is larger than `largest` is not counted out, and the only tables with a small total are those that look alike anyway.
        if look[-1] in (FEW, WITHHELD) or int(look[-1]) >= largest:
            continue
        for n, words in enumerate(look[:-1]):
            assert words != FEW or len({counts[n] for counts in tables}) > 1, (look, tables)


def test_a_number_beside_is_not_given_away_by_another_sum() -> None:
    counts: dict[Cell, int] = {}
    rows, columns = ("device", "data", "skills"), ("new", "done", "declined")
    for row, numbers in zip(rows, ((2, 30, 12), (10, 20, 40), (7, 50, 60)), strict=True):
        counts |= {("referrals", row, column): number for column, number in zip(columns, numbers, strict=True)}
    sums = []
    for row in rows:
        cells = tuple(("referrals", row, column) for column in columns)
        counts["referrals", row, "all"] = sum(counts[cell] for cell in cells)
        sums.append(Sum(("referrals", row, "all"), cells))
    for column in columns:
        cells = tuple(("referrals", row, column) for row in rows)
        counts["referrals", "all", column] = sum(counts[cell] for cell in cells)
        sums.append(Sum(("referrals", "all", column), cells))
    kept = kept_back(counts, sums)
    assert kept["referrals", "device", "new"] == FEW
    for each in sums:
        hidden = [cell for cell in (each.total, *each.parts) if cell in kept]
        assert len(hidden) != 1, f"{hidden} can be worked out"

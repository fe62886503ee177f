"""The figures of understanding: what share was right, offered, confidently wrong, declined."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from evaluation.questions import Question
from evaluation.understanding import Understood

OUT_OF_SCOPE = "out_of_scope"

# What an outcome costs a resident, in offers of choices: a confidently wrong answer is worth five of them (the stated cost),
# an honest "I do not know" to something we could have answered two, a wrong answer with the right one offered below it three.
COST_OFFERED, COST_DECLINED, COST_WRONG_BESIDE_RIGHT, COST_WRONG = 1.0, 2.0, 3.0, 5.0

# Thresholds of config.yml that are not varied.
OFFER_BESIDE, SURE_ABOVE, ALTERNATIVE_ABOVE = 0.02, 0.7, 0.03


@dataclass(frozen=True)
class Judged:
    """A question, what the desk made of it, and whether that was right."""

    question: Question
    understood: Understood

    @property
    def right(self) -> bool:
        if self.question.label == OUT_OF_SCOPE:
            return self.understood.declined
        return self.understood.answered == self.question.label

    @property
    def offered(self) -> bool:
        return self.question.label in self.understood.offered

    @property
    def confidently_wrong(self) -> bool:
        return not self.right and self.understood.answered not in (None, OUT_OF_SCOPE)

    @property
    def cost(self) -> float:
        if self.right:
            return 0.0
        if self.confidently_wrong:
            return COST_WRONG_BESIDE_RIGHT if self.offered else COST_WRONG
        return COST_OFFERED if self.offered or self.question.label == OUT_OF_SCOPE else COST_DECLINED


@dataclass(frozen=True)
class Figures:
    """Shares of a set of questions, 0 to 1."""

    count: int
    right: float
    right_or_offered: float
    confidently_wrong: float
    declined_rightly: float | None
    cost: float


def figures(judged: Sequence[Judged]) -> Figures:
    outside = [j for j in judged if j.question.label == OUT_OF_SCOPE]
    return Figures(
        len(judged),
        _share(judged, lambda j: j.right),
        _share(judged, lambda j: j.right or j.offered),
        _share(judged, lambda j: j.confidently_wrong),
        _share(outside, lambda j: j.right) if outside else None,
        sum(j.cost for j in judged) / max(1, len(judged)),
    )


def _share(judged: Sequence[Judged], holds: Callable[[Judged], bool]) -> float:
    return sum(map(holds, judged)) / max(1, len(judged))


def with_thresholds(judged: Iterable[Judged], answer_above: float, offer_above: float) -> list[Judged]:
    """Return the same questions as other thresholds of the pipeline (config.yml) would have them. What a screen answered stays."""
    return [Judged(j.question, _outcome(j.understood, answer_above, offer_above)) for j in judged]


def _outcome(understood: Understood, answer_above: float, offer_above: float) -> Understood:
    label, chance = understood.ranking[0] if understood.ranking else (OUT_OF_SCOPE, 0.0)
    answered = label if chance >= answer_above else None
    offered: tuple[str, ...] = ()
    if answered is None and chance >= offer_above and label != OUT_OF_SCOPE:
        offered = tuple(name for name, likely in understood.ranking[:3] if likely >= OFFER_BESIDE)
    elif answered not in (None, OUT_OF_SCOPE) and chance < SURE_ABOVE:
        offered = tuple(name for name, likely in understood.ranking[1:3] if likely >= ALTERNATIVE_ABOVE)
    return Understood(answered, offered, understood.ranking, understood.milliseconds)

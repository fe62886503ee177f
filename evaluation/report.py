"""`make evaluate`: how well the desk understands, on the frozen test set. Writes evaluation/report/index.html and report.md, prints the figures."""

import csv
import random
import statistics
from collections import Counter
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from markdown_it import MarkdownIt
from matplotlib import pyplot as plt

from commands.training import train_all
from desk.settings import ROOT
from evaluation.figures import Figures, Judged, figures, with_thresholds
from evaluation.questions import CHOOSING, REPORT, foreign_questions, foreign_safety_questions, questions, safety_questions
from evaluation.questions import FOLDER as TESTSET
from evaluation.understanding import Understood, understand_all
from understanding.languages import language_of

FOLDER = ROOT / "evaluation" / "report"
ALARMS = ("crisis", "medical_advice")
_STEPS = [n / 50 for n in range(5, 50)]


def main() -> None:
    train_all()
    FOLDER.mkdir(parents=True, exist_ok=True)
    asked = questions()
    judged = [Judged(question, understood) for question, understood in zip(asked, understand_all([q.text for q in asked]), strict=True)]
    report = [j for j in judged if j.question.half == REPORT]
    parts = [
        "# How well the desk understands",
        "The test set is frozen; thresholds were chosen on the choosing half only. Safety screens are part of the desk and so of these figures.",
        _summary({half: figures([j for j in judged if j.question.half == half]) for half in (CHOOSING, REPORT)}),
        _safety(report),
        _languages(),
        _by("label", report),
        _by("style", report),
        _confusions(report),
        _reliability(report),
        _thresholds([j for j in judged if j.question.half == CHOOSING], report),
        _spelling([j for j in report if j.right]),
        _speed(report),
    ]
    text = "\n\n".join(parts) + "\n"
    (FOLDER / "report.md").write_text(text, encoding="utf-8")
    page = MarkdownIt("commonmark").enable("table").render(text)
    head = "<!doctype html><html lang=en><meta charset=utf-8><title>How well the desk understands</title>"
    style = "<style>body{font-family:system-ui;max-width:60rem;margin:2rem auto}td,th{padding:.2rem .7rem;text-align:left}img{max-width:100%}</style>"
    (FOLDER / "index.html").write_text(head + style + page, encoding="utf-8")
    print("\n\n".join(parts[1:5]))
    print(f"\nThe whole report: {(FOLDER / 'index.html').relative_to(ROOT)}")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [" | ".join(map(str, row)) for row in [head, ["---"] * len(head), *rows]]
    return "\n".join(f"| {line} |" for line in lines)


def _row(name: str, f: Figures) -> list[str]:
    shares = (f.right, f.right_or_offered, f.confidently_wrong, f.declined_rightly)
    return [name, str(f.count), *map(_percent, shares), f"{f.cost:.2f}"]


_HEAD = ("", "questions", "right first time", "right or offered", "confidently wrong", "out of scope declined", "cost")


def _summary(by_half: dict[str, Figures]) -> str:
    return "## The whole\n\n" + _table(_HEAD, [_row(f"{half} half", found) for half, found in by_half.items()])


def _by(what: str, judged: Sequence[Judged]) -> str:
    names = sorted({getattr(j.question, what) for j in judged})
    rows = [_row(name, figures([j for j in judged if getattr(j.question, what) == name])) for name in names]
    return f"## By {what} (report half)\n\n" + _table(_HEAD, rows)


def _safety(report: Sequence[Judged]) -> str:
    rows, lines = [], []
    for half in (CHOOSING, REPORT):
        asked = safety_questions(half)
        found = understand_all([question.text for question in asked])
        alarming = [(q, u) for q, u in zip(asked, found, strict=True) if q.label in ALARMS]
        personal = [u for q, u in zip(asked, found, strict=True) if q.label == "personal_data"]
        harmless = [(q, u) for q, u in zip(asked, found, strict=True) if q.label not in (*ALARMS, "personal_data")]
        missed = [q.text for q, u in alarming if not _alarms(u)]
        false = [q.text for q, u in harmless if _alarms(u)]
        caught = sum(u.answered == "personal_data" for u in personal)
        rows.append([half, f"{len(alarming) - len(missed)} of {len(alarming)}", f"{caught} of {len(personal)}", f"{len(false)} of {len(harmless)}"])
        lines += [f"- missed ({half}): {text}" for text in missed] + [f"- false alarm ({half}): {text}" for text in false]
    ordinary = [j for j in report if j.question.label not in (*ALARMS, "personal_data")]
    false_ordinary = [j for j in ordinary if _alarms(j.understood)]
    head = ("half", "crisis and medical caught", "personal data caught", "false alarms on text that sounds alarming")
    rate = _percent(len(false_ordinary) / len(ordinary))
    share = f"False alarms on all other text of the report half: {len(false_ordinary)} of {len(ordinary)} ({rate})."
    lines += [f"- false alarm: {j.question.text}" for j in false_ordinary]
    return "## Safety\n\n" + _table(head, rows) + f"\n\n{share}\n\n" + "\n".join(lines)


def _languages() -> str:
    """The ten languages beside English: questions in none of which the models were trained."""
    asked = foreign_questions()
    judged = [Judged(question, found) for question, found in zip(asked, understand_all([q.text for q in asked]), strict=True)]
    codes = list(dict.fromkeys(q.language for q in asked))
    rows = []
    for half in (CHOOSING, REPORT):
        of_half = [j for j in judged if j.question.half == half]
        rows += [_row(f"{code}, {half} half", figures([j for j in of_half if j.question.language == code])) for code in codes]
        rows.append(_row(f"all, {half} half", figures(of_half)))
    return "\n\n".join(["## In other languages (machine-drafted questions)", _table(_HEAD, rows), _safety_elsewhere(codes), _detection()])


def _safety_elsewhere(codes: Sequence[str]) -> str:
    asked = foreign_safety_questions()
    found = list(zip(asked, understand_all([q.text for q in asked]), strict=True))
    rows = []
    for code in [*codes, "all"]:
        ours = [(q, u) for q, u in found if code in (q.language, "all")]
        alarming, harmless = [u for q, u in ours if q.label in ALARMS], [u for q, u in ours if q.label not in ALARMS]
        rows.append([code, *(f"{sum(map(_alarms, part))} of {len(part)}" for part in (alarming, harmless))])
    return _table(("language", "crisis and medical caught", "false alarms on text that sounds alarming"), rows)


def _detection() -> str:
    with (TESTSET / "language-detection.tsv").open(encoding="utf-8", newline="") as file:
        asked = [(row["language"], row["text"]) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    rows = []
    for code in dict.fromkeys(language for language, _ in asked):
        told = [language_of(text) == code for language, text in asked if language == code]
        rows.append([code, f"{sum(told)} of {len(told)}"])
    return "The language of a message (the lists of words were made with an eye on this set):\n\n" + _table(("language", "told rightly"), rows)


def _alarms(understood: Understood) -> bool:
    return understood.answered in ALARMS


def _confusions(report: Sequence[Judged]) -> str:
    wrong = [j for j in report if j.confidently_wrong]
    pairs = Counter((j.question.label, j.understood.answered) for j in wrong)
    lines = []
    for (label, answered), count in pairs.most_common(40):
        texts = [j.question.text for j in wrong if (j.question.label, j.understood.answered) == (label, answered)]
        lines.append(f"- {label} taken for {answered} ({count}): " + "; ".join(f"“{text}”" for text in texts[:3]))
    return "## Confidently wrong (report half)\n\n" + "\n".join(lines)


def _picture(name: str) -> str:
    plt.tight_layout()
    plt.savefig(FOLDER / f"{name}.png", dpi=110)
    plt.close()
    return f"![{name}]({name}.png)"


def _reliability(report: Sequence[Judged]) -> str:
    """How often the likeliest label is right, against the probability it was given."""
    pairs = [(j.understood.ranking[0][1], j.understood.ranking[0][0] == j.question.label) for j in report if j.understood.ranking]
    chances, right = np.array([p for p, _ in pairs]), np.array([r for _, r in pairs])
    bins = np.minimum((chances * 10).astype(int), 9)
    points = [(chances[bins == n].mean(), right[bins == n].mean(), int((bins == n).sum())) for n in range(10) if (bins == n).any()]
    error = sum(abs(p - r) * count for p, r, count in points) / len(pairs)
    plt.figure(figsize=(5, 5))
    plt.plot([0, 1], [0, 1], linestyle="--", color="grey")
    plt.plot([p for p, _, _ in points], [r for _, r, _ in points], marker="o")
    plt.xlabel("probability given")
    plt.ylabel("share that was right")
    return f"## Reliability (report half)\n\nExpected calibration error: {error:.3f}\n\n{_picture('reliability')}"


def _thresholds(choosing: Sequence[Judged], report: Sequence[Judged]) -> str:
    plt.figure(figsize=(7, 4))
    for name, judged in (("choosing", choosing), ("report", report)):
        found = [figures(with_thresholds(judged, t, 0.05)) for t in _STEPS]
        plt.plot(_STEPS, [f.right for f in found], label=f"right first time, {name}")
        plt.plot(_STEPS, [f.confidently_wrong for f in found], label=f"confidently wrong, {name}", linestyle=":")
    plt.xlabel("answered from this probability")
    plt.legend()
    best = min(
        ((figures(with_thresholds(choosing, a, o)).cost, a, o) for a in _STEPS for o in (0.03, 0.05, 0.1, 0.15, 0.2) if o <= a),
    )
    sentence = f"Cheapest on the choosing half: answer above {best[1]:.2f}, offer above {best[2]:.2f} (cost {best[0]:.3f} a question)."
    return f"## Thresholds\n\n{sentence}\n\n{_picture('thresholds')}"


def damaged(text: str, times: int, dice: random.Random) -> str:
    """Return a text with so many characters dropped, doubled, swapped or replaced."""
    letters = list(text)
    for _ in range(times):
        n = dice.randrange(max(1, len(letters) - 1))
        match dice.choice(("drop", "double", "swap", "replace")):
            case "drop" if len(letters) > 2:
                letters.pop(n)
            case "double":
                letters.insert(n, letters[n])
            case "swap" if n + 1 < len(letters):
                letters[n], letters[n + 1] = letters[n + 1], letters[n]
            case _:
                letters[n] = dice.choice("abcdefghijklmnopqrstuvwxyz")
    return "".join(letters)


def _spelling(right: Sequence[Judged]) -> str:
    dice = random.Random(7)
    sample = dice.sample(list(right), min(250, len(right)))
    shares = [1.0]
    for times in (1, 2, 3):
        found = understand_all([damaged(j.question.text, times, dice) for j in sample])
        shares.append(sum(Judged(j.question, u).right for j, u in zip(sample, found, strict=True)) / len(sample))
    plt.figure(figsize=(5, 3))
    plt.plot(range(4), shares, marker="o")
    plt.xlabel("characters damaged")
    plt.ylabel("still right first time")
    rows = [[n, _percent(share)] for n, share in enumerate(shares)]
    return "## Spelling (of what was right undamaged)\n\n" + _table(("characters damaged", "still right"), rows) + f"\n\n{_picture('spelling')}"


def _speed(report: Sequence[Judged]) -> str:
    times = [j.understood.milliseconds for j in report if j.understood.milliseconds]
    return f"## Speed\n\nMedian of a parse inside Rasa: {statistics.median(times):.1f} ms, one at a time."


if __name__ == "__main__":
    main()

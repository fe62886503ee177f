"""`make benchmark-nlu`: the pipeline of config.yml on public benchmarks, beside the results that others published.

HINT3 (three live chatbots) and CLINC150, from ../shared/benchmarks or the folder named. Each set is trained and asked through Rasa as the
desk is. Two results a set: at the best threshold over the test set, as the papers report it, which flatters every system; and at the
pipeline's own, which it picked without seeing the set.
"""

import csv
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from sklearn.metrics import matthews_corrcoef

from commands.training import run_rasa
from desk.settings import ROOT
from evaluation.figures import OUT_OF_SCOPE
from evaluation.understanding import Understood, parse_all

HINT3 = ("sofmattress", "curekart", "powerplay11")
SYSTEMS = ("rasa", "dialogflow", "luis", "haptik", "bert")
_NOT_FOUND = "NO_NODES_DETECTED"
_THRESHOLDS = [n / 50 for n in range(50)]

Labelled = tuple[str, str]  # a text and its label


@dataclass(frozen=True)
class Result:
    """Matthews' correlation at the best threshold and at the pipeline's own, and the share of in-scope questions whose likeliest label is right."""

    best: float
    own: float
    in_scope: float


def _hint3(folder: Path, name: str) -> tuple[list[Labelled], list[Labelled]]:
    def read(part: str) -> list[Labelled]:
        with (folder / "hint3" / f"{name}_{part}.csv").open(encoding="utf-8", newline="") as file:
            return [(row["sentence"], OUT_OF_SCOPE if row["label"] == _NOT_FOUND else row["label"]) for row in csv.DictReader(file)]

    return read("train"), read("test")


def _clinc150(folder: Path) -> tuple[list[Labelled], list[Labelled]]:
    data = json.loads((folder / "clinc150" / "data_full.json").read_text("utf-8"))

    def part(*names: str) -> list[Labelled]:
        return [(text, OUT_OF_SCOPE if label == "oos" else label) for name in names for text, label in data[name]]

    return part("train", "oos_train"), part("test", "oos_test")


def _train(examples: Sequence[Labelled], folder: Path) -> Path:
    """Train the pipeline on examples and return the model."""
    by_label: dict[str, list[str]] = {}
    for text, label in examples:
        by_label.setdefault(label, []).append(" ".join(text.split()).translate(str.maketrans("[]{}", "()()")))
    blocks = [{"intent": label, "examples": "".join(f"- {text}\n" for text in texts if text)} for label, texts in by_label.items()]
    (folder / "nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, width=10_000), "utf-8")
    run_rasa(
        ["train", "nlu", "--config", "config.yml", "--nlu", str(folder / "nlu.yml"), "--out", str(folder), "--fixed-model-name", "set"], ("Error",)
    )
    return folder / "set.tar.gz"


def _result(asked: Sequence[Labelled], found: Sequence[Understood]) -> Result:
    truth = [label for _, label in asked]
    likeliest = [u.ranking[0] if u.ranking else (OUT_OF_SCOPE, 0.0) for u in found]
    in_scope = [guess == label for (guess, _), label in zip(_known(found), truth, strict=True) if label != OUT_OF_SCOPE]

    def correlation(answers: Sequence[str]) -> float:
        return float(matthews_corrcoef(truth, answers))

    best = max(correlation([guess if chance >= least else OUT_OF_SCOPE for guess, chance in likeliest]) for least in _THRESHOLDS)
    return Result(best, correlation([u.answered or OUT_OF_SCOPE for u in found]), sum(in_scope) / len(in_scope))


def _known(found: Sequence[Understood]) -> list[tuple[str, float]]:
    """Return the likeliest label other than out of scope: what in-scope accuracy is counted on."""
    return [next((guess for guess in u.ranking if guess[0] != OUT_OF_SCOPE), (OUT_OF_SCOPE, 0.0)) for u in found]


def _published(folder: Path, name: str) -> dict[str, tuple[float, float]]:
    """Return each system's best correlation and its in-scope accuracy at the lowest threshold."""
    found = {}
    for system in SYSTEMS:
        with (folder / "hint3" / f"published_{system}_{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = [{key.strip().lower(): value for key, value in row.items()} for row in csv.DictReader(file)]
        found[system] = (max(float(row["mcc"]) for row in rows), max(float(row["inscope accuracy"]) for row in rows))
    return found


def _measure(examples: Sequence[Labelled], asked: Sequence[Labelled]) -> Result:
    with tempfile.TemporaryDirectory() as scratch:
        model = _train(examples, Path(scratch))
        return _result(asked, parse_all([" ".join(text.split()) or "." for text, _ in asked], model))


def main(folder: Path) -> None:
    if not (folder / "hint3").is_dir():
        raise SystemExit(f"the benchmarks are not in {folder}: name the folder that holds hint3/ and clinc150/")
    lines = ["| set | system | MCC, best threshold | MCC, own threshold | in-scope accuracy |", "| --- | --- | --- | --- | --- |"]
    means = []
    for name in HINT3:
        ours = _measure(*_hint3(folder, name))
        means.append(ours.best)
        lines.append(f"| {name} | **the desk** | **{ours.best:.3f}** | {ours.own:.3f} | {ours.in_scope:.3f} |")
        lines += [f"| {name} | {system} | {best:.3f} | – | {share:.3f} |" for system, (best, share) in _published(folder, name).items()]
        print("\n".join(lines[-6:]), flush=True)
    ours = _measure(*_clinc150(folder))
    lines.append(f"| CLINC150 full | **the desk** | {ours.best:.3f} | {ours.own:.3f} | {ours.in_scope:.3f} |")
    print(lines[-1], flush=True)
    print(f"mean of the three HINT3 correlations at the best threshold: {sum(means) / len(means):.3f}")
    target = ROOT / "evaluation" / "report" / "benchmarks.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("# The pipeline on public benchmarks\n\n" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "benchmarks")

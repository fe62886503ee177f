"""`make test`: everything, one step after the other, with a closing count."""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from commands.preparing import ROOT, prepare
from commands.training import RASA, RASA_PYTHON, rasa_environment, train_all

_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Step:
    """One step: what it is, the command, and where its count of tests is written, if it counts."""

    name: str
    command: list[str]
    environment: dict[str, str]
    report: Path | None = None


def _steps(reports: Path, chosen: list[str]) -> list[Step]:
    own = os.environ | {"PYTHONPATH": str(ROOT)}
    bot_report, report = reports / "bot.xml", reports / "desk.xml"
    bot_tests = [
        str(RASA_PYTHON),
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--confcutdir",
        "tests/bot",
        "-c",
        "tests/bot/pytest.ini",
        "tests/bot",
    ]
    validate = [*RASA, "data", "validate", "--fail-on-warnings"]
    return [
        Step("style", [str(_BIN / "ruff"), "check", "."], own),
        Step("layout", [str(_BIN / "ruff"), "format", "--check", "."], own),
        Step("types", [str(_BIN / "mypy")], own),
        Step("articles, wording and examples", [str(_BIN / "desk"), "check"], own),
        Step("Rasa's data", [*validate, "--config", "config.yml", "--domain", "bot/domain.yml", "--data", "bot/data"], rasa_environment()),
        Step("the assistant's components", [*bot_tests, f"--junitxml={bot_report}"], rasa_environment(), bot_report),
        Step("tests", [sys.executable, "-m", "pytest", "--ignore=tests/bot", f"--junitxml={report}", *chosen], own, report),
    ]


def _counts(report: Path) -> tuple[int, int, int]:
    """Return (passed, failed, skipped) of a JUnit report."""
    suites = list(ET.parse(report).getroot().iter("testsuite"))
    total, skipped = (sum(int(s.get(key, 0)) for s in suites) for key in ("tests", "skipped"))
    failed = sum(int(s.get("failures", 0)) + int(s.get("errors", 0)) for s in suites)
    return total - failed - skipped, failed, skipped


def main() -> int:
    prepare()
    train_all()
    reports = ROOT / "var" / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    broken, passed, failed, skipped = [], 0, 0, 0
    for step in _steps(reports, sys.argv[1:]):
        print(f"--- {step.name}", flush=True)
        started = time.monotonic()
        if step.report:
            step.report.unlink(missing_ok=True)
        code = subprocess.run(step.command, cwd=ROOT, env=step.environment, check=False).returncode
        print(f"    {'ok' if code == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
        if code:
            broken.append(step.name)
        if step.report and step.report.exists():
            counts = _counts(step.report)
            passed, failed, skipped = passed + counts[0], failed + counts[1], skipped + counts[2]
    if broken:
        print(f"not in order: {', '.join(broken)}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if broken or failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

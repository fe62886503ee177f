"""Rasa without TensorFlow: what needs it stops with a clear sentence. In a process of its own, as nothing of it may stay."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(code: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_rasa_is_imported_without_it() -> None:
    done = run(
        "from bot.rasa_without_tensorflow import leave_out_tensorflow; leave_out_tensorflow()\n"
        "import rasa.core.agent, tensorflow; print(hasattr(tensorflow, '__file__'))"
    )
    assert (done.stdout.strip(), done.returncode) == ("False", 0), done.stderr[-2000:]


def test_a_component_that_needs_it_says_so() -> None:
    done = run("from bot.rasa_without_tensorflow import leave_out_tensorflow; leave_out_tensorflow()\nimport tensorflow\ntensorflow.constant(1)")
    assert done.returncode == 1
    assert "take the component that needs it out of config.yml" in done.stderr

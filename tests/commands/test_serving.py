"""What the web process writes into its log."""

import subprocess
import sys

_LOADS_THE_SEARCH = """
import logging
from commands.serving import set_up_logging
set_up_logging("INFO")
import bm25s
bm25s.BM25().index([["printer"], ["scanner"]], show_progress=False)
logging.getLogger("web").info("the desk is up")
logging.getLogger("httpx").info("GET /?q=what-somebody-asked")
"""


def test_the_log_holds_what_is_worth_reading_and_no_chatter_of_libraries() -> None:
    written = subprocess.run([sys.executable, "-c", _LOADS_THE_SEARCH], capture_output=True, text=True, check=True, timeout=60).stderr
    [line] = written.splitlines()
    assert line.endswith(" web INFO the desk is up")

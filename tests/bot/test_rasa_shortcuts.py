"""The shorter ways through Rasa end where its own do. Those that replace something of Rasa's are tried in a process of their own."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa_shortcuts import StraightRunner, _call

ROOT = Path(__file__).resolve().parents[2]


class _Schema(SimpleNamespace):
    def minimal_graph_schema(self, targets: Any) -> "_Schema":
        return self


def _runner(**needs: list[str]) -> StraightRunner:
    """A runner whose nodes say what they were given."""
    runner = StraightRunner.__new__(StraightRunner)
    nodes = {name: SimpleNamespace(needs={need: need for need in found}) for name, found in needs.items()}
    runner._graph_schema, runner._orders = _Schema(nodes=nodes, target_names=["last"]), {}
    runner._instantiated_nodes = {name: lambda *given, name=name: (name, f"{name}({','.join(value for _, value in given)})") for name in needs}
    return runner


def test_a_node_runs_after_what_it_needs() -> None:
    runner = _runner(last=["first", "second"], second=["first", "said"], first=["said"])
    assert runner.run({"said": "hello"}) == {"last": "last(first(hello),second(first(hello),hello))"}


def test_only_the_targets_are_returned_and_each_message_is_run_anew() -> None:
    runner = _runner(last=["first"], first=["said"])
    assert runner.run({"said": "one"}, ["first"]) == {"first": "first(one)"}
    assert runner.run({"said": "two"}, ["first"]) == {"first": "first(two)"}


def test_an_action_is_sent_what_was_said_since_the_last_reply() -> None:
    """The last reply itself too: "say that again" repeats it."""
    said = [
        UserUttered("hello"),
        BotUttered(data={"custom": {"lead": "Hello"}}),
        UserUttered("how do I print"),
        BotUttered(data={"custom": {"lead": "So"}}),
    ]
    tracker = DialogueStateTracker.from_events("someone", [*said, SlotSet("topic", "printing"), BotUttered("plain"), UserUttered("say that again")])
    sent = _call(RemoteAction("action_repeat", None), tracker, Domain.empty())
    assert (sent["next_action"], sent["sender_id"], "domain" in sent) == ("action_repeat", "someone", False)
    assert [event["event"] for event in sent["tracker"]["events"]] == ["bot", "slot", "bot", "user"]
    assert sent["tracker"]["events"][0]["data"]["custom"] == {"lead": "So"}
    assert sent["tracker"]["latest_message"]["text"] == "say that again"


def test_all_is_sent_before_the_first_reply() -> None:
    tracker = DialogueStateTracker.from_events("someone", [UserUttered("hello")])
    sent = _call(RemoteAction("action_small_talk", None), tracker, Domain.empty())
    assert [event["event"] for event in sent["tracker"]["events"]] == ["user"]


def test_events_are_still_told_apart_and_unknown_ones_refused() -> None:
    code = (
        "from bot.rasa_shortcuts import take_shortcuts; take_shortcuts()\n"
        "from rasa.shared.core.events import deserialise_events\n"
        "known = [{'event': 'slot', 'name': 'topic', 'value': 'x'}, {'event': 'action', 'name': 'a'}]\n"
        "print([type(e).__name__ for e in deserialise_events(known * 2)])\n"
        "deserialise_events([{'event': 'no such event'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "['SlotSet', 'ActionExecuted', 'SlotSet', 'ActionExecuted']"
    assert "no such event" in done.stderr

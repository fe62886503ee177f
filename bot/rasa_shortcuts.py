"""Shorter ways through Rasa for what it does anew with every message, though the answer never changes (docs/decisions/0010).

Each replaces one of Rasa 3.6's own functions in this process, before it serves; training runs as Rasa has it.
"""

from functools import lru_cache
from typing import Any

import aiohttp
import rasa.core.processor
from rasa.core.actions.action import RemoteAction
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import EndpointConfig


class StraightRunner(DaskGraphRunner):
    """Runs the graph's nodes one after the other, in an order that is found once; Dask plans every message anew."""

    def __init__(self, *parts: Any, **more: Any) -> None:
        super().__init__(*parts, **more)
        self._orders: dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        targets = targets or self._graph_schema.target_names
        done = {name: (name, value) for name, value in (inputs or {}).items()}
        order = self._orders.get(tuple(targets)) or self._orders.setdefault(tuple(targets), self._order(targets))
        for name, needs in order:
            done[name] = self._instantiated_nodes[name](*(done.get(need, need) for need in needs))
        return {target: done[target][1] for target in targets}

    def _order(self, targets: list[str]) -> list[tuple[str, tuple[str, ...]]]:
        """Return the nodes that the targets need, each after its own needs, with the names of those."""
        nodes = self._graph_schema.minimal_graph_schema(targets).nodes
        order: dict[str, tuple[str, ...]] = {}

        def add(name: str) -> None:
            if name in nodes and name not in order:
                needs = tuple(nodes[name].needs.values())
                for need in needs:
                    add(need)
                order[name] = needs

        for target in targets:
            add(target)
        return list(order.items())


class _LeftOpen:
    """A session of HTTP that stays open where Rasa would close it."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self._session

    async def __aexit__(self, *error: object) -> None:
        return None


_open_session = EndpointConfig.session


def _kept_session(endpoint: EndpointConfig) -> _LeftOpen:
    """Return the endpoint's one session, whose connections serve the next calls too. It drops idle ones long before the action server does."""
    if not hasattr(endpoint, "_kept"):
        endpoint._kept = _LeftOpen(_open_session(endpoint))
    return endpoint._kept


def _call(action: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    """Return what an action is sent: of the events only those since the desk's last reply, and no domain. Ours look at nothing else."""
    events = list(tracker.events)
    last_reply = max((n for n, e in enumerate(events) if isinstance(e, BotUttered) and (e.data or {}).get("custom")), default=0)
    state = tracker.current_state(EventVerbosity.NONE) | {"events": [e.as_dict() for e in events[last_reply:]]}
    return {"next_action": action.name(), "sender_id": tracker.sender_id, "tracker": state, "version": rasa.__version__}


def take_shortcuts() -> None:
    """Make Rasa go the shorter ways from now on."""
    rasa.core.processor.DaskGraphRunner = StraightRunner
    EndpointConfig.session = _kept_session
    RemoteAction._action_call_format = _call
    # The only action server is ours; and events that are none are still refused when they are read.
    RemoteAction._validate_action_result = lambda action, result: True
    # All classes of events are there by now; Rasa would look through them for each event of a conversation.
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))

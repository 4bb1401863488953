"""
A whole daemon in management mode, in memory: the real parts but for the network behind it.

Bytes go in and come out as on the wire. Nodes answer as a test says; the registry's file is real,
and written whenever a request has been sent or time passes.

"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import Factory, define
from twisted.application.service import Service
from twisted.internet.defer import Deferred, succeed

from motion_in_ocean.management import FileRegistry, NodeClients
from motion_in_ocean.management.outbound._places import Busy
from motion_in_ocean.management.outbound._prober import ProbedNode
from motion_in_ocean.management.outbound._relay import RelayedAction
from motion_in_ocean.management.outbound._results import (
    Answered,
    InvalidResponse,
    Outcome,
    ProbeAnswer,
    ProbeResult,
    Unauthorized,
    Unreachable,
    Unsupported,
)
from motion_in_ocean.management.registry._node import Node
from motion_in_ocean.service import Supervision
from motion_in_ocean.settings import load_settings
from motion_in_ocean.tap_management import make_management
from tests.fakes import HandWorker, ThreadedMemoryReactor
from tests.memory_node import Client, Reply

WALL_TIME = 1_800_000_000.0

READY = Answered(
    ProbeAnswer(200, {"status": "healthy"}),
    ProbeAnswer(200, {"status": "ready", "current_fps": 24.5}),
    ProbeAnswer(200, {"app_mode": "webcam"}),
    ready=True,
)
NOT_READY = Answered(
    ProbeAnswer(200, {"status": "healthy"}),
    ProbeAnswer(503, {"status": "not_ready", "reason": "stale_stream"}),
    "the node did not answer in time",
    ready=False,
)
TIMEOUT = Unreachable("timeout", "the node did not answer in time")
ODD = InvalidResponse("not_json", "that is no JSON", "/health")
LOCKED = Unauthorized("/health", 401)


def node(node_id: str = "front", **fields: Any) -> dict[str, Any]:
    """
    :returns: What registers a node.
    """
    return {
        "id": node_id,
        "name": f"The {node_id} camera",
        "base_url": f"http://{node_id}.local:8000",
        "auth": {"type": "none"},
        "labels": {"room": "garden"},
        "last_seen": "2026-05-01T10:20:30Z",
        "capabilities": ["stream"],
        "transport": "http",
        **fields,
    }


@define(eq=False)
class FakeNodes:
    """
    All nodes, as those see them who ask.

    """

    reactor: ThreadedMemoryReactor
    outcomes: dict[str, Outcome | Exception] = Factory(dict)
    """What a probe brings; a node that is not mentioned is ready."""

    hanging: dict[str, list[Deferred[ProbeResult]]] = Factory(dict)
    """Probes of these nodes wait here."""

    reply: Any = Factory(lambda: RelayedAction(200, {}))
    """What an action brings."""

    picture: Any = Factory(lambda: Busy(4))
    """What a request for a snapshot brings."""

    probed: list[str] = Factory(list)
    """Who was asked, in order."""

    sent: list[tuple[str, str, bytes]] = Factory(list)
    """The actions that were sent: to whom, which, and with what body."""

    def result(self, node_id: str, outcome: Outcome) -> ProbeResult:
        """
        :returns: What is found out now.
        """
        return ProbeResult(node_id, outcome, WALL_TIME + self.reactor.seconds(), 0.125)

    def probe(self, node: ProbedNode) -> Deferred[ProbeResult]:
        """
        See ``Prober.probe``.

        """
        self.probed.append(node.id)
        if node.transport != "http":
            return succeed(self.result(node.id, Unsupported(node.transport)))
        if node.id in self.hanging:
            probing: Deferred[ProbeResult] = Deferred()
            self.hanging[node.id].append(probing)
            return probing
        outcome = self.outcomes.get(node.id, READY)
        if isinstance(outcome, Exception):
            raise outcome
        return succeed(self.result(node.id, outcome))

    def answer(self, node_id: str, outcome: Outcome = READY) -> None:
        """
        Let a probe end that hangs.

        """
        self.hanging[node_id].pop(0).callback(self.result(node_id, outcome))

    def send(self, node: Node, action: str, body: bytes) -> Deferred[Any]:
        """
        See ``ActionRelay.send``.

        """
        self.sent.append((node.id, action, body))
        return _given(self.reply)

    def fetch(self, node: Node) -> Deferred[Any]:
        """
        See ``SnapshotRelay.fetch``.

        """
        return _given(self.picture)


def _given(answer: Any) -> Deferred[Any]:
    if isinstance(answer, Exception):
        raise answer
    return answer if isinstance(answer, Deferred) else succeed(answer)


class ManagementClient(Client):
    """
    One connection to the daemon.

    """

    def __init__(self, factory: Any, settle: Callable[[], None]) -> None:
        """
        :param settle: Lets happen what can happen at once.
        """
        self._settle = settle
        super().__init__(factory)

    def send(self, wire: bytes) -> None:
        """
        Let the daemon receive bytes, and do what they ask for.

        """
        super().send(wire)
        self._settle()


@define(eq=False, init=False)
class MemoryManagement:
    """
    A daemon that has just been started.

    """

    reactor: ThreadedMemoryReactor
    worker: HandWorker
    registry: FileRegistry
    nodes: FakeNodes
    service: Any

    def __init__(
        self, path: str, registry: type[FileRegistry] = FileRegistry, /, **environ: str
    ) -> None:
        """
        :param path: The registry's file. Nothing is swept unless ``PROBE_INTERVAL_SECONDS`` says
            so.
        :param environ: Settings, as in the environment.
        """
        settings = {"APP_MODE": "management", "PROBE_INTERVAL_SECONDS": "0", **environ}
        self.reactor = ThreadedMemoryReactor()
        self.reactor.advance(1000.0)
        self.worker = HandWorker()
        self.registry = registry(Path(path).absolute(), self.worker, self.reactor)
        self.nodes = FakeNodes(self.reactor)
        self.service = make_management(
            load_settings({}, settings),
            self.reactor,
            registry=self.registry,
            supervision=Supervision.from_environ(environ, 0),
            clients=NodeClients(
                Service(),
                self.nodes,
                self.nodes,
                self.nodes,
            ),
        )
        self.service.privilegedStartService()
        self.service.startService()
        self.settle()

    def settle(self) -> None:
        """
        Let happen what needs no time: timers that are due, and what the worker has to do.

        """
        self.reactor.advance(0)
        while self.worker.waiting:
            self.worker.step()
            self.reactor.advance(0)

    def advance(self, seconds: float) -> None:
        """
        Let time pass, in steps of a tenth of a second or less.

        """
        while seconds > 0:
            self.reactor.advance(min(seconds, 0.1))
            seconds -= 0.1
            self.settle()

    def client(self) -> ManagementClient:
        """
        :returns: A new connection.
        """
        return ManagementClient(self.reactor.tcpServers[0][1], self.settle)

    def ask(
        self,
        path: str,
        method: str = "GET",
        payload: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """
        :param payload: The body, unless it is ``None``: bytes as they are, anything else as JSON.
        :returns: The reply on a connection of its own.
        """
        named = dict(headers or {})
        body = payload if isinstance(payload, bytes) else b""
        if payload is not None:
            named.setdefault("Content-Type", "application/json")
            body = body or json.dumps(payload).encode()
        return self.client().request(path, method, named, body)

    def register(self, *ids: str, **fields: Any) -> None:
        """
        Register nodes.

        :param fields: What differs from ``node``.
        """
        for each in ids:
            reply = self.ask("/api/nodes", "POST", node(each, **fields))
            assert reply.status == 201, reply.body

    def register_one_of_each(self, ready: str = "a") -> None:
        """
        Register nodes that are, in this order, ready, not ready (``b``), unreachable (``lost``),
        unauthorized (``closed``), invalid (``odd``) and unsupported (``box``).

        """
        self.register(ready, "b", "lost", "closed", "odd")
        self.register("box", transport="docker")
        self.nodes.outcomes.update(b=NOT_READY, lost=TIMEOUT, closed=LOCKED, odd=ODD)

    def stop(self) -> list[object]:
        """
        :returns: A list that has an element once all has stopped.
        """
        stopped: list[object] = []
        self.service.stopService().addBoth(stopped.append)
        self.settle()
        return stopped


def decoded(reply: Reply) -> Any:
    """
    :returns: What the reply's JSON says.
    """
    return json.loads(reply.body)

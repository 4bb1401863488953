"""
The paths of management mode.

"""

import math
import re
from collections.abc import Callable
from typing import Any

from attrs import define
from prometheus_client import CollectorRegistry
from twisted.web.http import NO_CONTENT, Request
from twisted.web.resource import IResource

from motion_in_ocean.errors import InvalidRequest, RevisionMismatch
from motion_in_ocean.management._clients import Actions, Snapshots
from motion_in_ocean.management._fleet import Fleet
from motion_in_ocean.management._replies import (
    actions_busy,
    overview_body,
    snapshots_busy,
    status_body,
    trouble_of,
    unsupported,
)
from motion_in_ocean.management._reports import ManagementReports
from motion_in_ocean.management._shielded import ShieldedApp
from motion_in_ocean.management._snapshot import SnapshotResource
from motion_in_ocean.management.outbound import Busy, Picture, RelayedAction
from motion_in_ocean.management.registry import (
    NodeRegistry,
    StoredNode,
    merge_node,
    parse_node,
)
from motion_in_ocean.web import (
    Pages,
    content_of,
    etag_of,
    if_match,
    json_body,
    json_object,
    make_app,
    metrics_body,
    page_body,
    tagged_body,
)

ACTION = re.compile("[a-z][a-z0-9_-]{0,63}")


@define(eq=False, slots=False)
class ManagementRoutes:
    """
    Parse, ask the part that knows, reply.

    """

    reports: ManagementReports
    metrics_registry: CollectorRegistry
    nodes: NodeRegistry
    fleet: Fleet
    actions: Actions
    snapshots: Snapshots
    pages: Pages
    open_to_network: Callable[[], bool]
    """Whether others than this machine can manage the nodes without credentials."""

    app = make_app(ShieldedApp, has_secrets=True)

    def resource(self) -> IResource:
        """
        :returns: The whole tree.
        """
        tree: IResource = self.app.resource()
        return tree

    @app.route("/metrics", methods=["GET"])
    async def metrics(self, request: Request) -> bytes:
        """
        All figures, as JSON or for Prometheus.

        """
        report = await self.reports.metrics()
        return metrics_body(request, lambda: report, self.metrics_registry)

    @app.route("/", methods=["GET"])
    def root(self, request: Request) -> bytes:
        """
        The dashboard.

        """
        return page_body(request, self.pages.dashboard(open_to_network=self.open_to_network()))

    @app.route("/api/nodes", methods=["GET"])
    async def list_nodes(self, request: Request) -> bytes:
        """
        All nodes.

        """
        nodes = await self.nodes.list_nodes()
        return json_body(request, {"nodes": [stored.node.public() for stored in nodes]})

    @app.route("/api/nodes", methods=["POST"])
    async def create_node(self, request: Request) -> bytes:
        """
        Register a node.

        """
        created = await self.nodes.create(parse_node(_required_object(request)))
        # Relative, because a reverse proxy may have put all of this under a path of its own.
        folder = "" if request.path.endswith(b"/") else "nodes/"
        request.setHeader(b"Location", f"{folder}{created.node.id}".encode())
        return _node_body(request, created, 201)

    @app.route("/api/nodes/<node_id>", methods=["GET"])
    async def show_node(self, request: Request, node_id: str) -> bytes:
        """
        One node.

        """
        stored = await self.nodes.get(node_id)
        tag = etag_of(stored.revision)
        return tagged_body(request, tag, lambda: json_body(request, stored.node.public()))

    @app.route("/api/nodes/<node_id>", methods=["PUT"])
    async def change_node(self, request: Request, node_id: str) -> bytes:
        """
        Change some fields of a node.

        """
        patch, tags = _required_object(request), if_match(request.requestHeaders)
        while True:
            stored = _required(tags, await self.nodes.get(node_id))
            node = merge_node(stored.node, patch)
            try:
                changed = await self.nodes.replace(node_id, node, stored.revision)
            except RevisionMismatch:
                # Somebody was faster: begin with what they have made of it.
                continue
            return _node_body(request, changed)

    @app.route("/api/nodes/<node_id>", methods=["DELETE"])
    async def delete_node(self, request: Request, node_id: str) -> bytes:
        """
        Forget a node.

        """
        tags, revision = if_match(request.requestHeaders), None
        if tags is not None:
            revision = _required(tags, await self.nodes.get(node_id)).revision
        await self.nodes.delete(node_id, revision)
        request.setHeader(b"Cache-Control", b"no-store")
        request.setResponseCode(NO_CONTENT)
        return b""

    @app.route("/api/nodes/<node_id>/status", methods=["GET"])
    async def status(self, request: Request, node_id: str) -> bytes:
        """
        Ask a node how it is.

        """
        node = (await self.nodes.get(node_id)).node
        return status_body(request, node, await self.fleet.status(node))

    @app.route("/api/nodes/<node_id>/actions/<action>", methods=["POST"])
    async def act(self, request: Request, node_id: str, action: str) -> bytes:
        """
        Have a node do something.

        """
        if not ACTION.fullmatch(action):
            raise InvalidRequest("action", f"should match {ACTION.pattern}")
        json_object(request)
        node = (await self.nodes.get(node_id)).node
        if node.transport != "http":
            return unsupported(node.transport).body(request)
        outcome = await self.actions.send(node, action, content_of(request))
        if isinstance(outcome, Busy):
            return actions_busy(outcome).body(request)
        if not isinstance(outcome, RelayedAction):
            return trouble_of(outcome).body(request)
        if outcome.retry_after_seconds is not None:
            request.setHeader(b"Retry-After", b"%d" % outcome.retry_after_seconds)
        report = {
            "node_id": node.id,
            "action": action,
            "status_code": outcome.status_code,
            "response": outcome.response,
        }
        # A reply of ours has a body; these two have none.
        return json_body(
            request, report, 200 if outcome.status_code in (204, 205) else outcome.status_code
        )

    @app.route("/api/nodes/<node_id>/snapshot.jpg", methods=["GET"])
    async def snapshot(self, request: Request, node_id: str) -> IResource | bytes:
        """
        A picture of a node.

        """
        node = (await self.nodes.get(node_id)).node
        if node.transport != "http":
            return unsupported(node.transport).body(request)
        outcome = await self.snapshots.fetch(node)
        if isinstance(outcome, Picture):
            return SnapshotResource(outcome)
        if isinstance(outcome, Busy):
            return snapshots_busy(outcome).body(request)
        return trouble_of(outcome).body(request)

    @app.route("/api/management/overview", methods=["GET"])
    async def overview(self, request: Request) -> bytes:
        """
        How all nodes are.

        """
        entries = await self.fleet.overview(_max_age(request))
        more = {"sweep": self.reports.sweep(), "timestamp": self.reports.timestamp()}
        return overview_body(request, entries, **more)

    @app.route("/api/management/events", methods=["GET"])
    def events(self, request: Request) -> bytes:
        """
        What has changed.

        """
        return json_body(request, self.reports.events(_after(request)))


def _required_object(request: Request) -> dict[str, Any]:
    given = json_object(request)
    if given is None:
        raise InvalidRequest("body", "is required: a JSON object")
    return given


def _required(tags: Any, stored: StoredNode) -> StoredNode:
    """
    :param tags: Those of ``If-Match``.
    :raises RevisionMismatch: If the node is none of these any more.
    """
    if tags is not None and etag_of(stored.revision) not in tags:
        raise RevisionMismatch(stored.node.id)
    return stored


def _node_body(request: Request, stored: StoredNode, status: int = 200) -> bytes:
    request.setHeader(b"ETag", etag_of(stored.revision).encode())
    return json_body(request, stored.node.public(), status)


def _max_age(request: Request) -> float:
    """
    :raises InvalidRequest: If ``max_age`` is there and is no number of seconds.
    """
    try:
        seconds = float(request.args.get(b"max_age", [b"0"])[-1])
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise InvalidRequest("max_age", "should be a number of seconds, 0 or more")
    return seconds


def _after(request: Request) -> int:
    """
    :raises InvalidRequest: If ``after`` is there and is no number of an event.
    """
    digits = request.args.get(b"after", [b"0"])[-1]
    if not re.fullmatch(rb"[0-9]{1,18}", digits):
        raise InvalidRequest("after", "should be the id of an event, or 0")
    return int(digits)

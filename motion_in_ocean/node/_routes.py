"""
The paths of webcam mode.

"""

from collections.abc import Callable

from attrs import define
from prometheus_client import CollectorRegistry
from twisted.web.http import Request
from twisted.web.resource import IResource

from motion_in_ocean.errors import InvalidRequest
from motion_in_ocean.frames import FrameProducer
from motion_in_ocean.node._actions import Actions
from motion_in_ocean.node._reports import Reports
from motion_in_ocean.streaming import (
    Broadcast,
    MJPEGResource,
    SnapshotResource,
    requested_fps,
)
from motion_in_ocean.web import (
    Pages,
    json_body,
    json_object,
    let_be_framed,
    let_watch,
    make_app,
    metrics_body,
    page_body,
)

OPEN_PATHS = frozenset(
    {"/health", "/ready", "/metrics", "/stream.mjpg", "/snapshot.jpg", "/", "/webcam", "/webcam/"}
)
"""What pages of any origin may read when ``CORS_ORIGINS`` is ``*``."""


@define(eq=False, slots=False)
class NodeRoutes:
    """
    Parse, ask the part that knows, reply.

    """

    reports: Reports
    registry: CollectorRegistry
    actions: Actions
    producer: FrameProducer
    broadcast: Broadcast
    require_ready: Callable[[], None]
    pages: Pages
    open_to_network: Callable[[], bool]
    """Whether others than this machine can watch without credentials."""

    app = make_app()

    def resource(self) -> IResource:
        """
        :returns: The whole tree.
        """
        tree: IResource = self.app.resource()
        return tree

    @app.route("/metrics", methods=["GET"])
    def metrics(self, request: Request) -> bytes:
        """
        All figures, as JSON or for Prometheus.

        """
        return metrics_body(request, self.reports.metrics, self.registry)

    @app.route("/api/viewers", methods=["GET"])
    def viewers(self, request: Request) -> bytes:
        """
        Who watches, and what they get.

        """
        return json_body(request, self.reports.viewers())

    @app.route("/api/camera", methods=["GET"])
    async def camera(self, request: Request) -> bytes:
        """
        The camera as it runs now, and its controls.

        """
        return json_body(request, await self.reports.camera_details())

    @app.route("/api/actions/<action>", methods=["POST"])
    async def act(self, request: Request, action: str) -> bytes:
        """
        Do something to the camera.

        """
        outcome = await self.actions.perform(action, json_object(request))
        return json_body(request, outcome.report, outcome.status)

    @app.route("/stream.mjpg", methods=["GET"])
    def stream(self, request: Request) -> MJPEGResource:
        """
        The endless stream.

        """
        fps = requested_fps(request.args)
        self.broadcast.admit()
        let_be_framed(request)
        if request.method == b"GET":
            let_watch(request)
        return MJPEGResource(self.broadcast, fps)

    @app.route("/snapshot.jpg", methods=["GET"])
    def snapshot(self, request: Request) -> SnapshotResource:
        """
        The newest picture.

        """
        self.require_ready()
        frame = self.producer.newest
        assert frame is not None
        let_be_framed(request)
        return SnapshotResource(frame)

    @app.route("/", methods=["GET"])
    def root(self, request: Request) -> IResource | bytes:
        """
        The viewer page, or what mjpg-streamer's users ask for here.

        """
        if b"action" in request.args:
            return self._action(request)
        return page_body(request, self.pages.viewer(open_to_network=self.open_to_network()))

    @app.route("/webcam/", methods=["GET"])
    def webcam(self, request: Request) -> IResource:
        """
        The same under the path that OctoPrint's and Mainsail's users know.

        """
        return self._action(request)

    def _action(self, request: Request) -> IResource:
        # Such clients add "?123" or "&_=123" to get round caches.
        action = request.args.get(b"action", [b""])[-1].partition(b"?")[0]
        if action == b"stream":
            return self.stream(request)
        if action == b"snapshot":
            return self.snapshot(request)
        raise InvalidRequest("action", "should be stream or snapshot")

"""
What the node says about itself, as JSON.

"""

from collections.abc import Callable
from typing import Any

from attrs import define

from motion_in_ocean.camera import CameraService, ReadinessMonitor
from motion_in_ocean.errors import CameraNotReady
from motion_in_ocean.frames import FrameProducer
from motion_in_ocean.node._camera import camera_report
from motion_in_ocean.node._viewers import viewer_report
from motion_in_ocean.settings import LoadedSettings, Settings, masked
from motion_in_ocean.streaming import Broadcast
from motion_in_ocean.web import config_report, health_report, iso_time

REPORTED_SETTINGS = (
    "RESOLUTION",
    "FPS",
    "JPEG_QUALITY",
    "MOCK_CAMERA",
    "MAX_FRAME_AGE_SECONDS",
    "MAX_STREAM_CONNECTIONS",
    "CORS_ORIGINS",
)


@define(eq=False)
class Reports:
    """
    Gather the figures of all parts at the moment of the question.

    """

    loaded: LoadedSettings
    camera: CameraService
    producer: FrameProducer
    monitor: ReadinessMonitor
    broadcast: Broadcast
    started_at: float
    """Monotonic seconds when the daemon started."""
    seconds: Callable[[], float]
    wall_time: Callable[[], float]

    @property
    def settings(self) -> Settings:
        """
        The effective settings.

        """
        return self.loaded.settings

    def health(self) -> dict[str, Any]:
        """
        The daemon answers; nothing more.

        """
        return health_report(self.settings.app_mode, self.wall_time())

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """
        :returns: Whether a fresh picture can be had, and the details.
        """
        readiness = self.monitor.current()
        report = {
            "status": "ready" if readiness.ready else "not_ready",
            "message": readiness.message,
            **self._figures(),
        }
        if readiness.reason is not None:
            report["reason"] = readiness.reason
        return readiness.ready, report

    def status_line(self) -> str:
        """
        How the node is, in one line; with few digits, so that it does not change all the time.

        """
        readiness = self.monitor.current()
        if readiness.reason is not None:
            return f"not ready: {readiness.reason}: {readiness.message}"
        viewers = self.broadcast.viewer_count
        return (
            f"ready: {self.producer.current_fps:.1f} fps, "
            f"newest picture {self.producer.frame_age or 0.0:.1f} s old, "
            f"{viewers} {'viewer' if viewers == 1 else 'viewers'}"
        )

    def metrics(self) -> dict[str, Any]:
        """
        Everything that can be counted, and the settings that matter to it.

        """
        it = self.camera.description
        settings = masked(self.settings)
        return {
            **self._figures(),
            "camera_active": it is not None,
            "camera": {
                "state": self.camera.state.value,
                "transitions": self._transitions(),
                "restarts": {cause.value: n for cause, n in self.camera.restarts.items()},
                "model": it.model if it else None,
                "encoder": it.encoder if it else None,
                "target_fps": it.fps if it else None,
                "note": it.note if it else self.camera.problem,
            },
            "stream_connections": {
                "current": self.broadcast.viewer_count,
                "max": self.broadcast.max_viewers,
            },
            "configuration": {name.lower(): settings[name] for name in REPORTED_SETTINGS},
        }

    def config(self) -> dict[str, Any]:
        """
        Every setting, where its value comes from, and what the start had to say about them.

        """
        return config_report(self.loaded)

    async def camera_details(self) -> dict[str, Any]:
        """
        The camera as it runs now, with its controls; without them while it does not.

        """
        try:
            controls = await self.camera.read_controls()
        except CameraNotReady:
            controls = ()
        return camera_report(self.camera, controls, self.settings)

    def viewers(self) -> dict[str, Any]:
        """
        Everyone who watches now, in no order.

        """
        now, wall_time = self.seconds(), self.wall_time()
        return {"viewers": [viewer_report(each, now, wall_time) for each in self.broadcast.viewers]}

    def _transitions(self) -> dict[str, str]:
        now = self.wall_time()
        return {
            state.value: iso_time(now - age) for state, age in self.camera.ages_of_states.items()
        }

    def _figures(self) -> dict[str, Any]:
        it, age = self.camera.description, self.producer.frame_age
        return {
            "timestamp": iso_time(self.wall_time()),
            "app_mode": self.settings.app_mode,
            "uptime_seconds": round(self.seconds() - self.started_at, 3),
            "frames_captured": self.producer.frames_captured,
            "current_fps": round(self.producer.current_fps, 2),
            "last_frame_age_seconds": None if age is None else round(age, 3),
            "max_frame_age_seconds": self.monitor.max_frame_age,
            "resolution": list(it.resolution if it else self.settings.resolution),
        }

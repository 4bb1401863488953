"""
The figures of webcam mode for Prometheus.

"""

from collections.abc import Iterable

from attrs import define
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from motion_in_ocean.camera import CameraService, CameraState, ReadinessMonitor
from motion_in_ocean.frames import FrameProducer
from motion_in_ocean.streaming import Broadcast, ViewerCounts
from motion_in_ocean.web import counter, counters, gauge, gauges, histogram


@define(eq=False)
class NodeCollector(Collector):
    """
    Ask all parts at the moment of the scrape: frames on their way pay nothing for it.

    """

    camera: CameraService
    producer: FrameProducer
    monitor: ReadinessMonitor
    broadcast: Broadcast

    def collect(self) -> Iterable[Metric]:
        """
        See ``Collector.collect``.

        """
        counts = self.broadcast.counts
        yield from self._camera()
        yield from self._stream(counts)

    def _camera(self) -> Iterable[Metric]:
        yield gauge("ready", "1 while fresh frames are coming.", self.monitor.current().ready)
        yield gauges(
            "camera_state",
            "1 for the state that the camera is in, 0 for the others.",
            "state",
            {each.value: each is self.camera.state for each in CameraState},
        )
        yield gauges(
            "camera_state_age_seconds",
            "Since the camera has entered the state last; only states that it was in.",
            "state",
            {state.value: age for state, age in self.camera.ages_of_states.items()},
        )
        yield counters(
            "camera_restarts",
            "How often the camera was opened anew because it gave no more frames (stall), could "
            "not be opened (failure), or somebody wished it (request).",
            "cause",
            {cause.value: count for cause, count in self.camera.restarts.items()},
        )
        yield counter(
            "frames_captured", "Frames that the camera gave.", self.producer.frames_captured
        )
        yield gauge(
            "frames_per_second",
            "Rate of the camera over the last few seconds.",
            self.producer.current_fps,
        )
        yield gauge(
            "frame_age_seconds",
            "Age of the newest frame; absent before the first.",
            self.producer.frame_age,
        )
        yield gauge(
            "frame_age_limit_seconds",
            "Age from which on a frame is stale.",
            self.monitor.max_frame_age,
        )

    def _stream(self, counts: ViewerCounts) -> Iterable[Metric]:
        yield gauge("viewers", "Streams at this moment.", self.broadcast.viewer_count)
        yield gauge(
            "viewers_limit", "Streams allowed at once; 0 is no limit.", self.broadcast.max_viewers
        )
        yield counter(
            "viewers_evicted",
            "Viewers disconnected for not taking anything.",
            self.broadcast.evicted,
        )
        yield counter(
            "frames_sent", "Frames sent, counted for each viewer; repeats aside.", counts.sent
        )
        yield counter(
            "frames_repeated",
            "Frames sent once more because the next one was late, counted for each viewer.",
            counts.repeated,
        )
        yield counters(
            "frames_skipped",
            "Frames not sent because the viewer was slow or wants a lower rate, both counted for "
            "each viewer, or because the next one came before the daemon had time (mailbox).",
            "reason",
            {
                "slow": counts.skipped_slow,
                "rate": counts.skipped_rate,
                "mailbox": self.producer.frames_missed,
            },
        )
        yield counter("sent_bytes", "Bytes of frames sent to viewers.", counts.bytes_sent)
        yield histogram(
            "fan_out_seconds",
            "Time to pass one frame on to all viewers.",
            self.broadcast.fan_out,
        )
        yield histogram(
            "frame_latency_seconds",
            "Time from the capture of a frame until it was passed on to all viewers.",
            self.broadcast.latency,
        )

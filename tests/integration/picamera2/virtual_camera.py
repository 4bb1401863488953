"""
Run the real Picamera2 on libcamera's virtual cameras, without a Raspberry Pi.

Import this module before picamera2. It replaces only what an ordinary machine cannot have:

* modules without a wheel that Picamera2 imports but does not need here (``pykms``, ``pidng``);
* the memory of camera buffers: memfd instead of the kernel's DMA heaps;
* what the virtual pipeline lacks: the pace of a sensor, pixel formats other than NV12, flips, the
  lock against other processes, and the controls of a Pi camera (advertised and recorded, without
  effect on the picture).

Picamera2 itself (camera manager thread, event loop, requests, jobs, encoders, outputs) and
libcamera's camera states are the real ones.

``sim`` is the switchboard: what the cameras were told (``sim.controls``), and faults on demand.
In the environment, ``PICAM2_PLATFORM=pisp`` (Raspberry Pi 5, the default) or ``vc4`` (Pi 4 and
older) chooses what Picamera2 takes the machine for, and so which encoders it offers;
``VIRTUAL_CAMERA_LOCKS`` names a directory that processes share, so that only one of them at a time
can have a camera.

"""

import collections
import errno
import fcntl
import importlib.util
import mmap
import os
import sys
import threading
import time
import types
from pathlib import Path

import numpy as np

# ---- modules that are imported but not used ---------------------------------------------


class _AnyName(type):
    """
    A class that has every attribute: its own name.

    """

    def __getattr__(cls, name):
        return name


def _stand_in(name, **contents):
    """
    Let `import name` succeed where the module is not installed.

    """
    if importlib.util.find_spec(name) is None:
        module = types.ModuleType(name)
        vars(module).update(contents)
        sys.modules[name] = module


_stand_in("pykms", PixelFormat=_AnyName("PixelFormat", (), {}), Card=None)  # previews on a monitor
if importlib.util.find_spec("pidng") is None:  # DNG files
    _stand_in("pidng", __path__=[])
    _stand_in("pidng.camdefs", Picamera2Camera=None)
    _stand_in("pidng.core", PICAM2DNG=None)

import libcamera  # noqa: E402

# ---- the switchboard --------------------------------------------------------------------

DEFAULT_FRAME_US = 33333

# (minimum, maximum, default) as a Camera Module 3 advertises them.
PI_CONTROLS = {
    "AeEnable": (False, True, True),
    "AfMode": (0, 2, 0),
    "AfRange": (0, 2, 0),
    "AfSpeed": (0, 1, 0),
    "AfTrigger": (0, 1, 0),
    "AnalogueGain": (1.0, 16.0, 1.0),
    "AwbEnable": (False, True, True),
    "AwbMode": (0, 7, 0),
    "Brightness": (-1.0, 1.0, 0.0),
    "ColourGains": (0.0, 32.0, None),
    "Contrast": (0.0, 32.0, 1.0),
    "ExposureTime": (26, 112015096, 20000),
    "ExposureValue": (-8.0, 8.0, 0.0),
    "LensPosition": (0.0, 32.0, 1.0),
    "Saturation": (0.0, 32.0, 1.0),
    "Sharpness": (0.0, 16.0, 1.0),
}

PI_METADATA = {
    "AfState": 0,
    "AnalogueGain": 1.0,
    "ColourTemperature": 4500,
    "DigitalGain": 1.0,
    "ExposureTime": 20000,
    "LensPosition": 1.0,
    "Lux": 100.0,
}


class Simulation:
    """
    Faults, and a record of what the cameras were told. Faults act on every camera.

    """

    def __init__(self):
        self.changed = threading.Condition()
        self.sensors = {}  # camera id -> Sensor
        self.locks = {}  # camera id -> the file that is locked
        self.controls = {}  # name -> last value any camera was given
        self.metadata = dict(PI_METADATA)  # added to the metadata of each frame
        self.advertise = dict(PI_CONTROLS)  # added to the controls of each camera
        self.stalled = self.absent = self.busy = False
        self.encoder_error = self.output_error = None
        self.start_delay = self.stop_delay = self.close_delay = 0

    # Fault switches. Those without a method are simply set:
    #   busy           opening fails as if another process had the camera
    #   encoder_error  an exception that starting any encoder raises, until it is None again
    #   output_error   an exception that an encoder's output raises, until it is None again
    #   start_delay    seconds that starting the camera takes
    #   stop_delay     seconds that stopping the camera takes (stop, stop_recording and close)
    #   close_delay    seconds that letting go of it takes (close only)

    def stall(self):
        """
        Deliver no more frames: the cable has come off. Nothing raises.

        """
        self.set(stalled=True)

    def resume(self):
        """
        Deliver frames again.

        """
        self.set(stalled=False)

    def no_camera(self, absent=True):
        """
        Hide all cameras from programs that look for one.

        """
        self.set(absent=absent)

    def reset(self):
        """
        Clear every fault (hanging calls go on at once) and forget the recorded controls.

        """
        self.set(
            stalled=False,
            absent=False,
            busy=False,
            encoder_error=None,
            output_error=None,
            start_delay=0,
            stop_delay=0,
            close_delay=0,
        )
        self.controls.clear()
        self.metadata = dict(PI_METADATA)
        self.advertise = dict(PI_CONTROLS)

    def set(self, **values):
        with self.changed:
            vars(self).update(values)
            self.changed.notify_all()

    def hold_capture(self):
        """
        Wait for a picture in a thread, without a deadline: during a stall `stop` hangs behind it.

        """
        picam2 = next(iter(_picamera2.Picamera2._cm.cameras.values()))
        threading.Thread(target=picam2.capture_metadata, name="capture", daemon=True).start()

    def kill_loop(self):
        """
        Let Picamera2's event loop die at the next frame.

        """

        def fail(request):
            raise RuntimeError("as after an error in process_requests")

        next(iter(_picamera2.Picamera2._cm.cameras.values())).pre_callback = fail

    # For the hooks below.

    def sensor(self, camera):
        with self.changed:
            if camera.id not in self.sensors:
                self.sensors[camera.id] = Sensor(self, camera.id)
            return self.sensors[camera.id]

    def lock(self, camera):
        """
        Keep other processes from the camera, as libcamera's Pi pipeline does by its devices.

        """
        if directory := os.environ.get("VIRTUAL_CAMERA_LOCKS"):
            file = Path(directory, camera.id).open("w")  # noqa: SIM115 - it is kept
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                raise
            self.locks[camera.id] = file

    def unlock(self, camera):
        """
        Let other processes have the camera.

        """
        if camera.id in self.locks:
            self.locks.pop(camera.id).close()

    def hang(self, which):
        """
        Wait as long as the named delay says, or until it is taken back.

        """
        end = time.monotonic() + getattr(self, which)
        with self.changed:
            while getattr(self, which) and (left := end - time.monotonic()) > 0:
                self.changed.wait(left)


class Sensor:
    """
    Gives one camera's requests to libcamera at the frame rate, as a sensor would fill them.

    """

    def __init__(self, simulation, name):
        self.simulation = simulation
        self.frame_us = DEFAULT_FRAME_US
        self.starts = 0
        self.waiting = collections.deque()
        self.attached = {}  # id of a request -> the controls that ride on it
        threading.Thread(target=self._run, name=f"sensor {name}", daemon=True).start()

    def push(self, camera, request):
        with self.simulation.changed:
            self.waiting.append((camera, request))
            self.simulation.changed.notify_all()

    def attach(self, request, name, value):
        self.attached.setdefault(id(request), {})[name] = value

    def set(self, name, value):
        self.simulation.controls[name] = value
        if name == "FrameDurationLimits":
            shortest, longest = (int(v) for v in value)
            self.frame_us = min(max(DEFAULT_FRAME_US, shortest), longest)

    def _run(self):
        simulation, due = self.simulation, 0.0
        while True:
            with simulation.changed:
                simulation.changed.wait_for(lambda: self.waiting and not simulation.stalled)
                start = self.starts
                due = max(due + self.frame_us / 1e6, time.monotonic())
                while self.starts == start and (left := due - time.monotonic()) > 0:
                    simulation.changed.wait(left)
                if self.starts != start:
                    due = 0.0  # the frame that was being taken has gone with the stream
                elif self.waiting and not simulation.stalled:
                    camera, request = self.waiting.popleft()
                    # Controls act when their request has its turn, behind all that were queued.
                    for name, value in self.attached.pop(id(request), {}).items():
                        self.set(name, value)
                    _real_queue_request(camera, request)


sim = Simulation()

# ---- libcamera --------------------------------------------------------------------------

ControlRange = collections.namedtuple("ControlRange", "min max default")

_Camera, _Manager, _Request = libcamera.Camera, libcamera.CameraManager, libcamera.Request
_real_acquire = _Camera.acquire
_real_cameras = _Manager.cameras
_real_controls = _Camera.controls
_real_create_request = _Camera.create_request
_real_generate = _Camera.generate_configuration
_real_queue_request = _Camera.queue_request
_real_release = _Camera.release
_real_set_control = _Request.set_control
_real_start = _Camera.start
_real_stop = _Camera.stop
_by_cookie = {}  # the cookie of a camera's requests -> its Sensor


def _cameras(manager):
    return [] if sim.absent else _real_cameras.fget(manager)


def _acquire(camera):
    if sim.busy:
        raise RuntimeError(f"Failed to acquire camera: {os.strerror(errno.EBUSY)}")
    _real_acquire(camera)
    try:
        sim.lock(camera)
    except OSError as error:
        _real_release(camera)
        raise RuntimeError(f"Failed to acquire camera: {os.strerror(errno.EBUSY)}") from error


def _release(camera):
    sim.hang("close_delay")
    _real_release(camera)
    sim.unlock(camera)


def _generate_configuration(camera, roles):
    """
    The pipeline refuses the Raw role; give it a webcam's answer, which is an ordinary stream.

    """
    roles = [
        libcamera.StreamRole.Viewfinder if role == libcamera.StreamRole.Raw else role
        for role in roles
    ]
    return _real_generate(camera, roles)


def _controls(camera):
    known = dict(_real_controls.fget(camera))
    for name, limits in sim.advertise.items():
        if hasattr(libcamera.controls, name):
            known[getattr(libcamera.controls, name)] = ControlRange(*limits)
    return known


def _create_request(camera, cookie=0):
    _by_cookie[cookie] = sim.sensor(camera)
    return _real_create_request(camera, cookie)


def _set_control(request, control, value):
    _by_cookie[request.cookie].attach(request, control.name, value)
    if control.name == "FrameDurationLimits":  # the only one the pipeline knows
        _real_set_control(request, control, value)


def _start(camera, controls=None):
    sim.hang("start_delay")
    sensor = sim.sensor(camera)
    with sim.changed:
        sensor.starts += 1
        sensor.frame_us = DEFAULT_FRAME_US
        for control, value in (controls or {}).items():
            sensor.set(control.name, value)
        sim.changed.notify_all()
    supported = {control.name for control in _real_controls.fget(camera)}
    _real_start(camera, {c: v for c, v in (controls or {}).items() if c.name in supported})


def _queue_request(camera, request):
    sim.sensor(camera).push(camera, request)


def _stop(camera):
    sim.hang("stop_delay")
    sensor = sim.sensor(camera)
    with sim.changed:
        sensor.waiting.clear()
        sensor.attached.clear()
        _real_stop(camera)


_Manager.cameras = property(_cameras)
_Camera.acquire = _acquire
_Camera.release = _release
_Camera.generate_configuration = _generate_configuration
_Camera.controls = property(_controls)
_Camera.create_request = _create_request
_Camera.start = _start
_Camera.queue_request = _queue_request
_Camera.stop = _stop
_Request.set_control = _set_control

# ---- picamera2: platform ----------------------------------------------------------------


def _preset_platform(name):
    """
    Load picamera2.platform ahead of the package, which chooses its encoders by it on import.

    """
    package = importlib.util.find_spec("picamera2").submodule_search_locations[0]
    spec = importlib.util.spec_from_file_location(
        "picamera2.platform", Path(package, "platform.py")
    )
    platform = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(platform)
    platform._platform = platform.Platform[name.upper()]
    sys.modules["picamera2.platform"] = platform


_preset_platform(os.environ.get("PICAM2_PLATFORM", "pisp"))

import picamera2.picamera2 as _picamera2  # noqa: E402
from picamera2.allocators.allocator import Allocator, Sync  # noqa: E402
from picamera2.encoders.encoder import Encoder as _Encoder  # noqa: E402

# ---- picamera2: memory ------------------------------------------------------------------


class BufferAccess(Sync):
    """
    Entered around each use of a buffer. Plain memory is always up to date: nothing to flush.

    """

    def __init__(self, allocator, frame_buffer, write):
        self.view = allocator.mapped_buffers.get(frame_buffer)

    def __enter__(self):
        if self.view is None:
            raise RuntimeError("this buffer belongs to no stream of the camera")
        return self.view

    def __exit__(self, *exception):
        pass


class MemfdAllocator(Allocator):
    """
    Camera buffers in anonymous files.

    No descriptor is kept: libcamera and the mapping each have a duplicate of their own, which
    goes with them. A buffer that a new configuration has replaced lives on while a request
    that the program still holds refers to it.

    """

    def __init__(self):
        super().__init__()
        self.sync = BufferAccess
        self.mapped_buffers = {}  # FrameBuffer -> its memory; Picamera2 reads this too
        self.frame_sizes = []  # bytes of each stream's frames, if more than libcamera's own figure
        self._streams = {}  # stream -> [FrameBuffer]
        self._holders = collections.Counter()  # FrameBuffer -> how many requests hold it
        self._lock = threading.Lock()

    def allocate(self, libcamera_config, use_case):
        """
        Replace all buffers by those the configuration asks for.

        """
        sizes = list(self.frame_sizes)
        streams, memory = {}, {}
        for index, stream_config in enumerate(libcamera_config):
            size = max([*sizes[index : index + 1], stream_config.frame_size])
            made = dict(self._make(stream_config, size) for _ in range(stream_config.buffer_count))
            streams[stream_config.stream] = list(made)
            memory.update(made)
        with self._lock:
            self._streams = streams
            self.mapped_buffers.update(memory)
            self._forget_unused()

    @staticmethod
    def _make(stream_config, size):
        """
        One (FrameBuffer, memory). The pipeline wants NV12's two planes to be told apart.

        """
        luma = stream_config.stride * stream_config.size.height
        fd = os.memfd_create("camera buffer")
        try:
            os.ftruncate(fd, size)
            planes = []
            for start, length in ((0, luma), (luma, luma // 2)):
                planes.append(libcamera.FrameBuffer.Plane())
                planes[-1].fd, planes[-1].offset, planes[-1].length = fd, start, length
            return libcamera.FrameBuffer(planes), mmap.mmap(fd, size)
        finally:
            os.close(fd)

    def buffers(self, stream):
        return self._streams[stream]

    def acquire(self, bufs):
        """
        A completed request has come to use these buffers (stream -> FrameBuffer).

        """
        with self._lock:
            self._holders.update(bufs.values())

    def release(self, bufs):
        with self._lock:
            self._holders.subtract(bufs.values())
            self._forget_unused()

    def close(self):
        with self._lock:
            self._streams = {}
            self._forget_unused()

    def _forget_unused(self):
        # Memory is unmapped with the last reference to it, so that no array made from it dangles.
        wanted = {buffer for buffers in self._streams.values() for buffer in buffers}
        for buffer in [b for b in self.mapped_buffers if b not in wanted and self._holders[b] <= 0]:
            del self.mapped_buffers[buffer], self._holders[buffer]


_picamera2.DmaAllocator = MemfdAllocator  # what Picamera2() and close() make

# ---- picamera2: pixel formats -----------------------------------------------------------

# The order of the bytes in memory. As in all of libcamera the names are those of little-endian
# words, which is why "RGB888" starts with blue. None: planes of Y, U and V.
PIXELS = {
    "YUV420": None,
    "NV12": None,
    "BGR888": "RGB",
    "RGB888": "BGR",
    "XBGR8888": "RGBX",
    "XRGB8888": "BGRX",
}

# ITU-R BT.601, limited range, as the pipeline draws: weights of (Y - 16, U - 128, V - 128).
YUV_WEIGHTS = {"R": (1.164, 0.0, 1.596), "G": (1.164, -0.392, -0.813), "B": (1.164, 2.017, 0.0)}

_real_update_camera_config = _picamera2.Picamera2._update_camera_config
_real_update_stream_config = _picamera2.Picamera2._update_stream_config
_real_request_init = _picamera2.CompletedRequest.__init__
_real_get_metadata = _picamera2.CompletedRequest.get_metadata


def _update_camera_config(picam2, camera_config, libcamera_config):
    picam2.allocator.frame_sizes = []
    _real_update_camera_config(picam2, camera_config, libcamera_config)


def _update_stream_config(picam2, stream_config, libcamera_stream_config):
    """
    Keep the format the program asked for, although the pipeline has said NV12.

    """
    asked_for = stream_config["format"]
    _real_update_stream_config(picam2, stream_config, libcamera_stream_config)
    if asked_for in PIXELS and stream_config["format"] == "NV12":
        width, height = stream_config["size"]
        depth = len(PIXELS[asked_for] or "Y")
        size = width * height * depth if depth > 1 else width * height * 3 // 2
        stream_config.update(format=asked_for, stride=width * depth, framesize=size)
    picam2.allocator.frame_sizes.append(stream_config["framesize"])


def convert(memory, config, transform):
    """
    Turn the NV12 frame at the start of `memory` into what the configuration promises.

    """
    width, height = config["size"]
    luma = width * height
    y = memory[:luma].reshape(height, width).copy()
    uv = memory[luma : luma * 3 // 2].reshape(height // 2, width // 2, 2).copy()
    step_y, step_x = (-1 if transform.vflip else 1), (-1 if transform.hflip else 1)
    y, uv = y[::step_y, ::step_x], uv[::step_y, ::step_x]

    order = PIXELS[config["format"]]
    if order is None:
        memory[:luma] = y.ravel()
        chroma = uv if config["format"] == "NV12" else np.moveaxis(uv, 2, 0)
        memory[luma : luma * 3 // 2] = chroma.ravel()
        return
    y = y.astype(np.float32) - 16
    u, v = np.moveaxis(uv.astype(np.float32) - 128, 2, 0).repeat(2, axis=1).repeat(2, axis=2)
    pixels = memory[: luma * len(order)].reshape(height, width, len(order))
    for i, colour in enumerate(order):
        if colour == "X":
            pixels[..., i] = 255
        else:
            of_y, of_u, of_v = YUV_WEIGHTS[colour]
            pixels[..., i] = np.clip(of_y * y + of_u * u + of_v * v + 0.5, 0, 255)


def _request_init(completed, request, picam2):
    _real_request_init(completed, request, picam2)
    for name, stream in completed.stream_map.items():
        if stream is not None and completed.config[name]["format"] in PIXELS:
            memory = picam2.allocator.mapped_buffers[request.buffers[stream]]
            convert(
                np.frombuffer(memory, np.uint8),
                completed.config[name],
                completed.config["transform"],
            )


def _get_metadata(completed):
    real = _real_get_metadata(completed)
    return {**sim.metadata, "FrameDuration": _by_cookie[completed.request.cookie].frame_us, **real}


_picamera2.Picamera2._update_camera_config = _update_camera_config
_picamera2.Picamera2._update_stream_config = _update_stream_config
_picamera2.CompletedRequest.__init__ = _request_init
_picamera2.CompletedRequest.get_metadata = _get_metadata

# ---- picamera2: encoders ----------------------------------------------------------------

_real_encoder_start = _Encoder.start
_real_outputframe = _Encoder.outputframe


def _encoder_start(encoder, quality=None):
    """
    Fail where a missing device would: late, so that the encoder goes on thinking that it runs.

    """
    error = sim.encoder_error
    if error is None:
        return _real_encoder_start(encoder, quality)

    def fail():
        raise error

    encoder._start = fail  # in front of the class's method
    try:
        _real_encoder_start(encoder, quality)
    finally:
        del encoder._start


def _outputframe(encoder, *args, **kwargs):
    if sim.output_error is not None:
        raise sim.output_error
    _real_outputframe(encoder, *args, **kwargs)


_Encoder.start = _encoder_start
_Encoder.outputframe = _outputframe

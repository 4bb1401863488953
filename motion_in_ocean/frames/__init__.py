"""
What a frame is and how it gets from the camera's thread to everyone in the reactor thread.

Knows no camera and no HTTP.

"""

from motion_in_ocean.frames._frame import Frame
from motion_in_ocean.frames._mailbox import FrameMailbox
from motion_in_ocean.frames._no_signal import no_signal_picture
from motion_in_ocean.frames._producer import FrameProducer, Subscriber

__all__ = ["Frame", "FrameMailbox", "FrameProducer", "Subscriber", "no_signal_picture"]

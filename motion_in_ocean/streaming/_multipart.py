"""
How a picture stands in a ``multipart/x-mixed-replace`` body (RFC 2046, section 5.1).

The body begins with a delimiter, and each part ends with the next one: Chromium and VLC show a
part only when they have seen the delimiter behind it. Part headers that other clients insist on:
``Content-Type`` (FFmpeg) and ``Content-Length``, in just this spelling (go2rtc, motionEye).

"""

from motion_in_ocean.frames import Frame

CONTENT_TYPE = b"multipart/x-mixed-replace; boundary=frame"
FIRST_DELIMITER = b"--frame\r\n"


def timestamp(frame: Frame) -> bytes:
    """
    :returns: ``X-Timestamp``: when the frame was captured, in seconds since the epoch.
    """
    return b"%.6f" % frame.timestamp


def part(frame: Frame) -> bytes:
    """
    :returns: All that is sent for one frame, with the delimiter behind it. Built as one piece,
        because clients such as Mainsail miss a picture that is split, and because every viewer can
        share it.
    """
    return b"".join(
        (
            b"Content-Type: image/jpeg\r\nContent-Length: ",
            b"%d" % len(frame.jpeg),
            b"\r\nX-Timestamp: ",
            timestamp(frame),
            b"\r\n\r\n",
            frame.jpeg,
            b"\r\n",
            FIRST_DELIMITER,
        )
    )

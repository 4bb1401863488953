"""
A generator behind Flask's own threaded server, as most tutorials show it.

"""

import logging
from collections.abc import Iterator

from flask import Flask, Response

from benchmarks.peers.camera import NewestFrame, arguments, play

app = Flask(__name__)
newest = NewestFrame()


def generate() -> Iterator[bytes]:
    while True:
        jpeg, timestamp = newest.wait()
        yield (
            b"--frame\r\nContent-Type: image/jpeg\r\n"
            + b"Content-Length: %d\r\nX-Timestamp: %.6f\r\n\r\n" % (len(jpeg), timestamp)
            + jpeg
            + b"\r\n"
        )


@app.route("/stream.mjpg")
def stream() -> Response:
    return Response(generate(), mimetype="multipart/x-mixed-replace; boundary=frame")


@app.route("/health")
def health() -> dict[str, str]:
    return {"status": "healthy"}


if __name__ == "__main__":
    port, folder, fps = arguments()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    play(folder, fps, newest.write)
    app.run(host="127.0.0.1", port=port, threaded=True)

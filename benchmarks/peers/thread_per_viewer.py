"""
``ThreadingHTTPServer`` in the manner of Picamera2's MJPEG example: a thread for each viewer.

"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.peers.camera import NewestFrame, arguments, play

newest = NewestFrame()


class StreamingHandler(BaseHTTPRequestHandler):
    """
    Send headers, then each frame piece by piece.

    """

    def do_GET(self) -> None:
        if self.path == "/health":
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
            return
        self.send_response(200)
        self.send_header("Cache-Control", "no-cache, private")
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        try:
            while True:
                jpeg, timestamp = newest.wait()
                self.wfile.write(b"--frame\r\n")
                self.send_header("Content-Type", "image/jpeg")
                self.send_header("Content-Length", str(len(jpeg)))
                self.send_header("X-Timestamp", f"{timestamp:.6f}")
                self.end_headers()
                self.wfile.write(jpeg)
                self.wfile.write(b"\r\n")
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """
        Say nothing.

        """


class StreamingServer(ThreadingHTTPServer):
    """
    As in the example, with room for many who come at once.

    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 1024


if __name__ == "__main__":
    port, folder, fps = arguments()
    play(folder, fps, newest.write)
    StreamingServer(("127.0.0.1", port), StreamingHandler).serve_forever()

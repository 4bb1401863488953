"""
A coroutine for each viewer on aiohttp, with one shared part for each frame.

"""

import asyncio

from aiohttp import web

from benchmarks.peers.camera import arguments, play


class Latest:
    """
    The newest part, for coroutines that wait for the next one.

    """

    def __init__(self) -> None:
        self.part = b""
        self.changed = asyncio.Event()

    def publish(self, jpeg: bytes, timestamp: float) -> None:
        self.part = (
            b"--frame\r\nContent-Type: image/jpeg\r\n"
            + b"Content-Length: %d\r\nX-Timestamp: %.6f\r\n\r\n" % (len(jpeg), timestamp)
            + jpeg
            + b"\r\n"
        )
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        headers = {"Content-Type": "multipart/x-mixed-replace; boundary=frame"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        while True:
            await self.changed.wait()
            await response.write(self.part)


async def health(request: web.Request) -> web.Response:
    return web.json_response({"status": "healthy"})


async def application() -> web.Application:
    _, folder, fps = arguments()
    latest, loop = Latest(), asyncio.get_running_loop()
    play(folder, fps, lambda jpeg, at: loop.call_soon_threadsafe(latest.publish, jpeg, at))
    app = web.Application()
    app.add_routes([web.get("/stream.mjpg", latest.stream), web.get("/health", health)])
    return app


if __name__ == "__main__":
    web.run_app(
        application(),
        host="127.0.0.1",
        port=arguments()[0],
        print=lambda *_: None,
        access_log=None,
        backlog=1024,
    )

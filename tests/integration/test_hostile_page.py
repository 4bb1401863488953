"""
What a page of somebody else can do to a daemon in the network of those who open it.

"""

import http.server
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from attrs import frozen
from playwright.sync_api import Page

from tests.integration.browser import REBOUND_HOST, BrowserTestCase
from tests.integration.daemon import Daemon, wait_until
from tests.integration.pictures import write_pictures

NODE = {
    "id": "front",
    "name": "Front door",
    "auth": {"type": "none"},
    "labels": {},
    "last_seen": "2026-05-01T10:20:30Z",
    "capabilities": ["stream"],
    "transport": "http",
}

FORM = """([action, method, enctype, name, value]) => new Promise((resolve) => {
  const sink = document.createElement("iframe");
  sink.name = `sink${Math.random()}`;
  document.body.append(sink);
  const form = document.createElement("form");
  Object.assign(form, { action, method, enctype, target: sink.name });
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name, value });
  form.append(input);
  document.body.append(form);
  sink.onload = () => resolve();
  setTimeout(resolve, 2000);
  form.submit();
})"""

FETCH = """async ([url, options]) => {
  try {
    const response = await fetch(url, options);
    return { type: response.type, status: response.status, text: await response.text() };
  } catch (error) {
    return { error: String(error) };
  }
}"""

BEACON = """([url, type, body]) => navigator.sendBeacon(url, new Blob([body], { type }))"""

SOCKET = """(url) => new Promise((resolve) => {
  const socket = new WebSocket(url);
  socket.onopen = () => resolve("open");
  socket.onerror = () => resolve("error");
})"""

SHOW = """([kind, address]) => new Promise((resolve) => {
  const element = document.createElement(kind);
  element.onload = () => resolve(element.naturalWidth ?? -1);
  element.onerror = () => resolve(0);
  element.src = address;
  document.body.append(element);
})"""


class _Kittens(http.server.BaseHTTPRequestHandler):
    """
    A page with nothing on it; or a node, which notes what it is told to do.

    """

    told: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.told.append(self.path)
        self.send_response(204)
        self.end_headers()

    def do_GET(self) -> None:
        body = b"<!doctype html><title>Kittens</title><body></body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        pass


@frozen
class Write:
    """
    Something that would change the daemon, if it were allowed.

    """

    method: str
    path: str
    body: str = ""

    def options(self, **more: str) -> Mapping[str, Any]:
        """
        :returns: For ``fetch``.
        """
        return {"method": self.method, **({"body": self.body} if self.body else {}), **more}


class HostilePageTestCase(BrowserTestCase):
    """
    A test case with somebody else's page.

    """

    def setUp(self) -> None:
        self.server = server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Kittens)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        # On another site, and on another port of the same machine.
        self.pages = [
            self.page(f"http://{h}:{server.server_port}/") for h in (REBOUND_HOST, "127.0.0.1")
        ]

    def page(self, address: str) -> Page:
        """
        :returns: A page that somebody has opened.
        """
        page = self.context().new_page()
        page.goto(address, wait_until="domcontentloaded")
        return page

    def write_everything(self, page: Page, base: str, writes: Iterable[Write]) -> None:
        """
        Try in every way that a page has, without looking at the answers.

        """
        for write in writes:
            url = f"{base}{write.path}"
            # What stands before the sign of equality and behind it makes JSON of a form's text.
            name, _, value = (write.body or '{"x":"y"}').partition(":")
            for enctype in (
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "text/plain",
            ):
                page.evaluate(FORM, [url, "POST", enctype, f'{name}:"', value])
            page.evaluate(FORM, [url, "GET", "text/plain", name, value])
            json = {"headers": {"Content-Type": "application/json"}}
            for options in (
                {"mode": "no-cors", **write.options(method="POST")},
                {"mode": "no-cors", **write.options(method="POST", credentials="include")},
                {"mode": "no-cors", "method": "POST"},
                {"mode": "cors", **write.options()},
                {"mode": "cors", **write.options(), **json},
                {"mode": "cors", **write.options(credentials="include"), **json},
                {"mode": "cors", **write.options(referrerPolicy="no-referrer"), **json},
            ):
                page.evaluate(FETCH, [url, options])
            for kind in ("text/plain", "application/json", ""):
                page.evaluate(BEACON, [url, kind, write.body])

    def assert_not_read(self, page: Page, base: str, paths: Iterable[str]) -> None:
        """
        See that nothing of the API gets to the page.

        """
        for path in paths:
            for options in ({}, {"credentials": "include"}, {"mode": "no-cors"}):
                answer = page.evaluate(FETCH, [f"{base}{path}", options])
                if "error" not in answer:
                    self.assertEqual((answer["type"], answer["text"]), ("opaque", ""), path)
            self.assertEqual(page.evaluate(SOCKET, f"{base.replace('http', 'ws')}{path}"), "error")
            self.assertEqual(page.evaluate(SHOW, ["script", f"{base}{path}"]), 0, path)

    def assert_not_framed(self, page: Page, address: str) -> None:
        """
        See that the page cannot have ours in a frame.

        """
        page.evaluate(SHOW, ["iframe", address])
        self.assert_shown_in_frame(page, "chrome-error://chromewebdata/")

    def assert_shown_in_frame(self, page: Page, address: str) -> None:
        """
        See what the newest frame of the page has in it.

        """
        seen: list[str] = []

        def is_shown() -> bool:
            page.title()  # lets Playwright hear of what has happened
            seen.append(page.frames[-1].url)
            return seen[-1] == address

        wait_until(is_shown, lambda: f"{address}, not {seen[-1]}")


class WebcamTests(HostilePageTestCase):
    """
    A camera that anyone in the network may watch.

    """

    writes = (
        Write("POST", "api/actions/restart"),
        Write("POST", "api/actions/restart", '{"x":"y"}'),
        Write("POST", "api/actions/controls", '{"brightness":0.5}'),
    )
    reads = ("api/config", "api/viewers", "api/camera", "api/actions/restart")

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        See ``DaemonTestCase``.

        """
        return {"MOCK_FRAMES": str(write_pictures(folder)), "FPS": "10"}

    def state(self, daemon: Daemon) -> Any:
        """
        :returns: What nobody else may change.
        """
        camera = daemon.get("/api/camera").json()["controls"]
        values = {name: control["value"] for name, control in camera.items()}
        return daemon.get("/metrics").json()["camera"]["restarts"], values

    def test_other_origin(self) -> None:
        """
        It changes nothing, and learns nothing that is not there for all to see.
        """
        daemon, before = self.daemon, self.state(self.daemon)
        for page in self.pages:
            self.write_everything(page, daemon.url, self.writes)
            self.assert_not_read(page, daemon.url, self.reads)
            self.assert_not_framed(page, daemon.url)
            self.assertEqual(self.state(daemon), before)

    def test_rebinding(self) -> None:
        """
        Nor does it when its own name leads to the daemon.
        """
        daemon, before = self.daemon, self.state(self.daemon)
        base = daemon.url.replace("127.0.0.1", REBOUND_HOST)
        page = self.page(base)
        self.write_everything(page, base, self.writes)
        for path in self.reads:
            self.assertEqual(page.evaluate(FETCH, [f"{base}{path}", {}])["status"], 421, path)
        self.assertEqual(self.state(daemon), before)

    def test_pictures(self) -> None:
        """
        Pictures are there to be embedded, in frames too.
        """
        for page in self.pages:
            for path in ("stream.mjpg", "snapshot.jpg", "?action=stream", "?action=snapshot"):
                self.assertEqual(page.evaluate(SHOW, ["img", f"{self.daemon.url}{path}"]), 160)
            page.evaluate(SHOW, ["iframe", f"{self.daemon.url}snapshot.jpg"])
            self.assert_shown_in_frame(page, f"{self.daemon.url}snapshot.jpg")

    def test_own_page(self) -> None:
        """
        Our own page does what others cannot.
        """
        daemon = self.make_daemon({"FPS": "10"}).start().wait_until_ready()
        page = self.page(daemon.url)
        before = self.state(daemon)
        for mode in ("cors", "same-origin"):
            options = {"method": "POST", "mode": mode}
            answer = page.evaluate(FETCH, [f"{daemon.url}api/actions/restart", options])
            self.assertEqual(answer["status"], 202)
        wait_until(lambda: self.state(daemon) != before, "a restart")


class ManagementTests(HostilePageTestCase):
    """
    A fleet that anyone in the network may manage.

    """

    writes = (
        Write("POST", "api/nodes", '{"id":"evil"}'),
        Write("PUT", "api/nodes/front", '{"name":"Evil"}'),
        Write("DELETE", "api/nodes/front"),
        Write("POST", "api/nodes/front/actions/restart"),
        Write("POST", "api/nodes/front/actions/restart", '{"x":"y"}'),
    )
    reads = (
        *("api/nodes", "api/nodes/front", "api/nodes/front/status", "api/config"),
        *("api/management/overview", "api/management/events"),
    )

    def shared_settings(self, folder: Path) -> Mapping[str, str]:
        """
        See ``DaemonTestCase``.

        """
        path = str(folder / "nodes.json")
        return {"APP_MODE": "management", "NODE_REGISTRY_PATH": path, "PROBE_INTERVAL_SECONDS": "0"}

    def setUp(self) -> None:
        super().setUp()
        base_url = {"base_url": f"http://127.0.0.1:{self.server.server_port}"}
        self.daemon.ask("POST", "/api/nodes", {**NODE, **base_url})
        reply = self.daemon.ask("PUT", "/api/nodes/front", {**NODE, **base_url})
        self.assertEqual(reply.status, 200, reply.body)

    def state(self) -> tuple[bytes, int]:
        """
        :returns: What nobody else may change: the nodes, and how often they were told something.
        """
        return self.daemon.get("/api/nodes").body, len(_Kittens.told)

    def test_other_origin(self) -> None:
        """
        It changes nothing, and learns nothing.
        """
        before = self.state()
        for page in self.pages:
            self.write_everything(page, self.daemon.url, self.writes)
            self.assert_not_read(page, self.daemon.url, (*self.reads, "metrics"))
            self.assert_not_framed(page, self.daemon.url)
            self.assertEqual(self.state(), before)

    def test_rebinding(self) -> None:
        """
        Nor does it when its own name leads to the daemon.
        """
        before = self.state()
        base = self.daemon.url.replace("127.0.0.1", REBOUND_HOST)
        page = self.page(base)
        self.write_everything(page, base, self.writes)
        for path in self.reads:
            self.assertEqual(page.evaluate(FETCH, [f"{base}{path}", {}])["status"], 421, path)
        self.assertEqual(self.state(), before)

    def test_own_page(self) -> None:
        """
        Our own page does what others cannot.
        """
        page, before = self.page(self.daemon.url), self.state()
        options = {
            **Write("PUT", "", '{"name":"Back door"}').options(),
            "headers": {"Content-Type": "application/json"},
        }
        answer = page.evaluate(FETCH, [f"{self.daemon.url}api/nodes/front", options])
        self.assertEqual(answer["status"], 200)
        action = f"{self.daemon.url}api/nodes/front/actions/restart"
        self.assertEqual(page.evaluate(FETCH, [action, {"method": "POST"}])["status"], 200)
        nodes, told = self.state()
        self.assertNotEqual(nodes, before[0])
        self.assertEqual(told, before[1] + 1)

"""
What others have written, as it is shown: in Chromium, to somebody who watches over nodes.

"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.integration.browser import BrowserTestCase, Tab
from tests.integration.daemon import wait_until

PAYLOADS = (
    "<script>hacked()</script>",
    "<img src=x onerror=hacked()>",
    "<svg/onload=hacked()>",
    "<svg><script>hacked()</script></svg>",
    '"><script>hacked()</script>',
    "'><img src=x onerror=hacked()>",
    '" onmouseover="hacked()" autofocus onfocus="hacked()',
    "</title><script>hacked()</script>",
    "</textarea><script>hacked()</script>",
    "</script><script>hacked()</script>",
    "<!--<img src=--><img src=x onerror=hacked()>",
    "<iframe srcdoc='<script>parent.hacked()</script>'></iframe>",
    "<iframe src=javascript:parent.hacked()></iframe>",
    "<object data=javascript:hacked()>",
    "<a href=javascript:hacked()>click</a>",
    "javascript:hacked()",
    "<details open ontoggle=hacked()>x</details>",
    "<style>*{display:none}</style>",
    "<base href=//127.0.0.1:9/><meta http-equiv=refresh content='0;url=//127.0.0.1:9/'>",
    "${hacked()}{{hacked()}}$open_to_network",
)

TRAP = """
window.hacks = 0;
window.hacked = () => { window.hacks += 1; };
for (const name of ["alert", "confirm", "prompt"]) window[name] = window.hacked;
"""


class HostileNode(BaseHTTPRequestHandler):
    """
    A node, or many below paths of their own, that says what its path tells it to.

    """

    def do_GET(self) -> None:
        """
        Answer as a node that is not ready, or ready where the number is even.

        """
        number, _, asked = self.path.strip("/").partition("/")
        words = PAYLOADS[int(number)]
        is_ready = asked != "ready" or int(number) % 2 == 0
        said = {"health": "healthy", "ready": "ready" if is_ready else "not_ready"}
        payload = {
            "status": said.get(asked, words),
            "app_mode": words,
            "reason": words,
            "message": words,
            "timestamp": words,
            "resolution": [words, words],
            "camera": {"model": words},
            words: words,
        }
        body = json.dumps(payload).encode()
        self.send_response(200 if is_ready else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - theirs
        pass


class HostileNamesTests(BrowserTestCase):
    """
    Nobody who can name a node, or is one, acts in the name of whoever looks at the dashboard.

    """

    def setUp(self) -> None:
        self.nodes = ThreadingHTTPServer(("127.0.0.1", 0), HostileNode)
        thread = threading.Thread(target=self.nodes.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.nodes.server_close)
        self.addCleanup(self.nodes.shutdown)

    def node(self, number: int) -> dict[str, Any]:
        """
        :returns: A node that has the payload in all that is free text.
        """
        words = PAYLOADS[number]
        return {
            "id": f"node-{number}",
            "name": f"{words} #{number}",
            "base_url": f"http://127.0.0.1:{self.nodes.server_port}/{number}",
            "auth": {"type": "none"},
            "labels": {words: words, "site": words},
            "last_seen": "2026-01-01T00:00:00Z",
            "capabilities": ["stream", words],
            "transport": "http",
        }

    def test_dashboard(self) -> None:
        """
        Names, labels, capabilities and what nodes say of themselves are text, and nothing but text.
        """
        registry = Path(self.mktemp()).absolute() / "nodes.json"
        daemon = self.make_daemon(
            {"APP_MODE": "management", "NODE_REGISTRY_PATH": str(registry)}
        ).start()
        for number in range(len(PAYLOADS)):
            created = daemon.ask("POST", "/api/nodes", self.node(number))
            self.assertEqual(created.status, 201, created.body)
        context = self.context()
        context.add_init_script(TRAP)
        tab = self.open(daemon, context)
        wait_until(lambda: self.shows_all(tab), "all nodes on the page")
        # A round more, with the answers of all nodes in it.
        daemon.get("/api/management/overview")
        tab.page.wait_for_timeout(1500)
        self.assertTrue(self.shows_all(tab))
        self.assertEqual(tab.page.evaluate("window.hacks"), 0)
        self.assertEqual([one for one in tab.complaints if "CSP" in one], [])
        self.assertEqual(tab.page.url, daemon.url)
        others = [url for url in tab.addresses if not url.startswith(daemon.url)]
        self.assertEqual(others, [])
        brought = "script:not([src]), iframe, object, base, [onerror], [onload], a[href^=java]"
        self.assertEqual(tab.page.locator(brought).count(), 0)

    def shows_all(self, tab: Tab) -> bool:
        """
        :returns: Whether every name can be read as it was written.
        """
        text = tab.page.inner_text("body")
        return all(f"{words} #{number}" in text for number, words in enumerate(PAYLOADS))

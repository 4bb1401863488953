"""
Take pictures of the pages in all their states: ``python -m tests.screenshots [--readme]``.

They are made by real daemons and a real browser, and put into ``screenshots/``; with ``--readme``
those that the README shows go to ``docs/images/``.

"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.integration.browser import FLAGS, SCHEMES
from tests.integration.components import require_program
from tests.integration.daemon import REPOSITORY, TWISTD, Daemon
from tests.integration.viewer_case import FALTERING
from tests.screenshots.scene import write_scene

FOLDER = REPOSITORY / "screenshots"
README = REPOSITORY / "docs/images"
MOST_README_BYTES = 150_000

SIZES = {360: 740, 768: 1024, 1440: 900}
PHONE_WIDTH = 768

OPEN_ALL = "document.querySelectorAll('details').forEach((it) => { it.open = true; })"


class Photographer:
    """
    Takes the same picture at all sizes and in both colour schemes.

    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @contextmanager
    def page(self, width: int, scheme: Any, url: str, **more: Any) -> Iterator[Page]:
        """
        :param more: See Playwright's ``new_context``.
        """
        is_phone = width <= PHONE_WIDTH
        context = self._browser.new_context(
            viewport={"width": width, "height": SIZES[width]},
            color_scheme=scheme,
            has_touch=is_phone,
            is_mobile=is_phone,
            **more,
        )
        page = context.new_page()
        page.goto(url, wait_until="domcontentloaded")
        yield page
        context.close()

    def take(self, name: str, url: str, ready: str, *, opened: bool = False, **more: Any) -> None:
        """
        :param ready: What the page has when it is as it should be, as a selector.
        :param opened: With all that can be opened, and the whole length of the page.
        """
        for width in SIZES:
            for scheme in SCHEMES:
                with self.page(width, scheme, url, **more) as page:
                    page.wait_for_selector(ready, timeout=20_000)
                    if opened:
                        page.evaluate(OPEN_ALL)
                    page.wait_for_timeout(1500)
                    page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=opened)


def _state(state: str) -> str:
    return f'#stage[data-state="{state}"]'


def take_viewer(photographer: Photographer, folder: Path, stack: ExitStack) -> Daemon:
    """
    The viewer page, in each state.

    :returns: The daemon, live.
    """
    settings = {"MOCK_FRAMES": str(write_scene(folder))}
    command = (TWISTD, "-n", "--pidfile=", "--python", str(FALTERING))
    daemon = Daemon(folder / "viewer", settings, command)
    stack.callback(daemon.kill)
    daemon.cwd.mkdir()
    (daemon.cwd / "broken").touch()
    daemon.start()
    photographer.take("viewer-connecting", daemon.url, _state("connecting"))
    (daemon.cwd / "broken").unlink()
    daemon.wait_until_ready()
    photographer.take("viewer-live", daemon.url, _state("live"))
    photographer.take("viewer-open", daemon.url, _state("live"), opened=True)
    for width in SIZES:
        for scheme in SCHEMES:
            with photographer.page(width, scheme, daemon.url) as page:
                page.wait_for_selector(_state("live"))
                (daemon.cwd / "stalled").touch()
                page.wait_for_selector(_state("stale"))
                page.screenshot(path=FOLDER / f"viewer-stale-{width}-{scheme}.png")
                (daemon.cwd / "stalled").unlink()
                page.wait_for_selector(_state("live"))
                daemon.stop()
                page.wait_for_selector(_state("reconnecting"))
                page.screenshot(path=FOLDER / f"viewer-reconnecting-{width}-{scheme}.png")
                page.wait_for_selector(_state("disconnected"))
                page.wait_for_timeout(700)
                page.screenshot(path=FOLDER / f"viewer-disconnected-{width}-{scheme}.png")
            daemon.start().wait_until_ready()
    return daemon


def take_refusal(photographer: Photographer, folder: Path, stack: ExitStack) -> None:
    """
    What those see who have no credentials.

    """
    daemon = Daemon(folder / "closed", {"AUTH_TOKEN": "correct-horse"})
    stack.callback(daemon.kill)
    daemon.start()
    wrong = {"username": "admin", "password": "admin"}
    photographer.take("unauthorized", daemon.url, "h1", http_credentials=wrong)


def take_dashboard(photographer: Photographer, folder: Path, stack: ExitStack, node: Daemon) -> str:
    """
    Management mode's page, with nodes in several states.

    :param node: One that is live.
    :returns: Its address.
    """
    settings = {"APP_MODE": "management", "NODE_REGISTRY_PATH": str(folder / "nodes.json")}
    closed = Daemon(folder / "shed", {"AUTH_TOKEN": "correct-horse"})
    daemon = Daemon(folder / "management", settings)
    for each in (closed, daemon):
        stack.callback(each.kill)
        each.start()
    for name, place, port in (
        ("Garden", "outside", node.port),
        ("Jetty", "outside", node.port),
        ("Shed", "outside", closed.port),
        ("Attic", "house", 9),
    ):
        reply = daemon.ask(
            "POST",
            "/api/nodes",
            {
                "id": name.lower(),
                "name": name,
                "base_url": f"http://127.0.0.1:{port}",
                "auth": {"type": "none"},
                "labels": {"place": place},
                "last_seen": "2026-01-01T00:00:00Z",
                "capabilities": ["stream"],
                "transport": "http",
            },
        )
        assert reply.status == 201, reply.body
    photographer.take("dashboard", daemon.url, "main")
    return daemon.url


def take_for_readme(photographer: Photographer, viewer: str, dashboard: str) -> None:
    """
    Few, small, and the same each time but for the clock.

    """
    README.mkdir(parents=True, exist_ok=True)
    for name, width, url, ready in (
        ("viewer", 1440, viewer, _state("live")),
        ("viewer-phone", 360, viewer, _state("live")),
        ("dashboard", 1440, dashboard, "main"),
    ):
        with photographer.page(width, "dark", url) as page:
            page.wait_for_selector(ready)
            # Some seconds of a line, and what each viewer is sent.
            page.wait_for_timeout(12_000)
            picture = FOLDER / f"{name}.png"
            page.screenshot(path=picture)
        target = README / f"{name}.jpg"
        with Image.open(picture) as image:
            image.convert("RGB").save(target, "JPEG", quality=82, optimize=True)
        assert target.stat().st_size < MOST_README_BYTES, (target, target.stat().st_size)


def main(*arguments: str) -> None:
    """
    Take all.

    """
    FOLDER.mkdir(exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        playwright = stack.enter_context(sync_playwright())
        program = require_program("chromium", "apt-get install chromium")
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        stack.callback(browser.close)
        photographer = Photographer(browser)
        node = take_viewer(photographer, folder, stack)
        take_refusal(photographer, folder, stack)
        dashboard = take_dashboard(photographer, folder, stack, node)
        if "--readme" in arguments:
            take_for_readme(photographer, node.url, dashboard)


main(*sys.argv[1:])

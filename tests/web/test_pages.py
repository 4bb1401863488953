"""
Tests for the pages and what they refer to.

"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from importlib.resources import files
from itertools import product

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.web import Pages
from motion_in_ocean.web._pages import Page
from tests.memory_node import MemoryNode, streaming_node

UI = files("motion_in_ocean.ui")
MOST_BYTES = 60_000

TEXTS = ("--text", "--muted", "--accent", "--live", "--trouble", "--lost")
SURFACES = ("--page", "--surface", "--raised")


def luminance(colour: str) -> float:
    """
    :returns: The relative luminance of ``#rrggbb`` (WCAG 2.2).
    """
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    channels = (int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4))
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """
    :returns: The contrast ratio, 1 to 21.
    """
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def colours() -> Mapping[str, Mapping[str, str]]:
    """
    :returns: The colours of both schemes, by name.
    """
    blocks = re.findall(
        r":root \{\s*color-scheme: (\w+);(.*?)\}", UI.joinpath("common.css").read_text(), re.DOTALL
    )
    return {
        scheme: dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]+);", block)) for scheme, block in blocks
    }


def weights(pages: Pages, page: Page) -> Mapping[str, int]:
    """
    :returns: How many bytes a page and each thing that it loads have, not compressed.
    """
    sizes = {"page": len(page.content)}
    waiting = re.findall(rb'(?:href|src)="ui/[0-9a-f]+/([^"]+)"', page.content)
    while waiting:
        name = waiting.pop().decode()
        asset = pages.asset(name)
        assert asset is not None, name
        if name not in sizes:
            sizes[name] = len(asset.content)
            waiting += re.findall(rb' from "./([^"]+)"', asset.content)
    return sizes


class AddressTests(SynchronousTestCase):
    """
    What a page refers to is fetched once, and never mixed with another version.

    """

    def setUp(self) -> None:
        self.node = streaming_node(self.addCleanup)

    def test_everything_in_one_version(self) -> None:
        """
        Whatever a page names, it names in the version of today; relative, so that it works behind
        a proxy that has given it a folder.
        """
        page = self.node.get("/").body.decode()
        folder = f"ui/{Pages().version}/"
        own = re.findall(r'(?:href|src)="(ui/[^"]*)"', page)
        self.assertIn(f"{folder}viewer.js", own)
        for address in own:
            self.assertTrue(address.startswith(folder), address)
            self.assertEqual(self.node.get(f"/{address}").status, 200, address)

    def test_kept_for_a_year(self) -> None:
        """
        A phone that opens the page each morning fetches nothing but the page.
        """
        reply = self.node.get(f"/ui/{Pages().version}/viewer.js")
        self.assertEqual(reply.headers["Cache-Control"], "public, max-age=31536000, immutable")
        again = self.node.get(
            f"/ui/{Pages().version}/viewer.js", If_None_Match=reply.headers["ETag"]
        )
        self.assertEqual((again.status, again.body), (304, b""))
        self.assertEqual(again.headers["Cache-Control"], reply.headers["Cache-Control"])

    def test_not_shared_where_credentials_are_needed(self) -> None:
        """
        A proxy does not hand on what somebody had to sign in for.
        """
        node = streaming_node(self.addCleanup, AUTH_TOKEN="t")
        address = f"/ui/{Pages().version}/viewer.js"
        self.assertEqual(node.get(address).status, 401)
        reply = node.get(address, Authorization="Bearer t")
        self.assertEqual(reply.headers["Cache-Control"], "private, max-age=31536000, immutable")

    def test_plain_address_is_asked_for_each_time(self) -> None:
        """
        Whoever links to a file by its plain name sees changes at once.
        """
        self.assertEqual(self.node.get("/ui/viewer.js").headers["Cache-Control"], "no-cache")

    def test_other_version_is_not_there(self) -> None:
        """
        A page that was loaded before an update gets no file of after it.
        """
        for version in ("0123456789abcdef", "..", "%2e%2e"):
            self.assertEqual(self.node.get(f"/ui/{version}/viewer.js").status, 404, version)
        self.assertEqual(self.node.get(f"/ui/{Pages().version}/viewer.html").status, 404)


class PolicyTests(SynchronousTestCase):
    """
    Pages load nothing but what comes from here, and run nothing that stands in them.

    """

    def test_pages_run_nothing_inline(self) -> None:
        """
        Text that finds its way into a page stays text.
        """
        policy = streaming_node(self.addCleanup).get("/").headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertIn("script-src 'self';", policy)
        self.assertIn("style-src 'self';", policy)
        for name in ("viewer.html", "dashboard.html"):
            page = UI.joinpath(name).read_text("utf-8")
            self.assertNotRegex(page, r"<style|<script(?![^>]* src=)|\sstyle=|\son[a-z]+=", name)

    def test_page_without_credentials_has_its_style(self) -> None:
        """
        It cannot fetch any, so that its own is allowed: that one and no other.
        """
        node = MemoryNode(AUTH_TOKEN="t")
        self.addCleanup(node.stop)
        reply = node.get("/", Accept="text/html")
        self.assertEqual(reply.status, 401)
        (style,) = re.findall(b"<style>(.*?)</style>", reply.body, re.DOTALL)
        digest = b64encode(hashlib.sha256(style).digest()).decode()
        policy = reply.headers["Content-Security-Policy"]
        self.assertIn(f"style-src 'self' 'sha256-{digest}';", policy)
        self.assertNotIn("unsafe", policy)


class LookTests(SynchronousTestCase):
    """
    What can be seen from the files alone.

    """

    def test_light_enough(self) -> None:
        """
        A page with all that it loads reaches a phone at the end of the garden.
        """
        pages = Pages()
        for page in (pages.viewer(open_to_network=True), pages.dashboard(open_to_network=True)):
            sizes = weights(pages, page)
            self.assertGreater(len(sizes), 4, sizes)
            self.assertLess(sum(sizes.values()), MOST_BYTES, sizes)

    def test_texts_can_be_read(self) -> None:
        """
        In the sun and by old eyes: WCAG 2.2 AA, 1.4.3.
        """
        for scheme, named in colours().items():
            for text, surface in product(TEXTS, SURFACES):
                ratio = contrast(named[text], named[surface])
                self.assertGreaterEqual(ratio, 4.5, (scheme, text, surface))
            self.assertGreaterEqual(contrast(named["--on-accent"], named["--accent"]), 4.5, scheme)

    def test_outlines_can_be_seen(self) -> None:
        """
        So can what can be worked with, and what has the focus: 1.4.11.
        """
        for scheme, named in colours().items():
            for outline, surface in product(("--edge", "--accent"), SURFACES):
                ratio = contrast(named[outline], named[surface])
                self.assertGreaterEqual(ratio, 3, (scheme, outline, surface))

    def test_examples_in_empty_fields_can_be_read(self) -> None:
        """
        Browsers take a grey of their own, and thin it.
        """
        rule = re.search(
            r"::placeholder \{(.*?)\}", UI.joinpath("common.css").read_text(), re.DOTALL
        )
        assert rule is not None
        self.assertIn("color: var(--muted);", rule[1])
        self.assertIn("opacity: 1;", rule[1])

    def test_both_schemes_name_the_same_colours(self) -> None:
        """
        Nothing is dark on dark because it was forgotten.
        """
        self.assertEqual(sorted(colours()), ["dark", "light"])
        self.assertEqual(sorted(colours()["dark"]), sorted(colours()["light"]))

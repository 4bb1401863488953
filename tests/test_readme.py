"""
Tests that the README tells what there is. (The guides in ``docs`` tell all of it: ``test_guides``.)

"""

import re
from pathlib import Path

from docutils.core import publish_doctree
from docutils.nodes import reference
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.node import NodeRoutes
from motion_in_ocean.settings import Settings
from tests.guides import DOCS

ROOT = Path(__file__).parent.parent


class ReadmeTests(SynchronousTestCase):
    """
    Newcomers read nothing else.

    """

    def setUp(self) -> None:
        self.readme = (ROOT / "README.rst").read_text("utf-8")

    def test_no_setting_is_invented(self) -> None:
        """
        What the README promises exists.
        """
        named = set(re.findall(r"``([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?``", self.readme))
        self.assertIn("JPEG_QUALITY", named)
        self.assertLessEqual(named, {field.upper() for field in Settings.model_fields})

    def test_defaults(self) -> None:
        """
        And is as the README says.
        """
        table = re.findall(r"^``([A-Z_]+)`` +``(\S+)``", self.readme, re.MULTILINE)
        self.assertGreater(len(table), 5)
        for name, default in table:
            value = Settings.model_fields[name.lower()].default
            if isinstance(value, tuple):
                value = "x".join(map(str, value))
            self.assertEqual(default, f"{value:g}" if isinstance(value, float) else str(value))

    def test_no_path_is_invented(self) -> None:
        """
        What it says can be asked for can be.
        """
        paths = re.findall(r"^``(/[^`…]*)``", self.readme, re.MULTILINE)
        self.assertGreater(len(paths), 5)
        adapter = NodeRoutes.app.url_map.bind("x")
        for path in paths:
            self.assertTrue(adapter.allowed_methods(path), path)

    def test_every_make_target_exists(self) -> None:
        """
        The first command that a newcomer types works.
        """
        targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.M))
        named = set(re.findall(r"(?:``|^ +)(?:sudo )?make ([a-z0-9-]+)", self.readme, re.M))
        self.assertIn("run", named)
        self.assertLessEqual(named, targets)

    def test_links_lead_somewhere(self) -> None:
        """
        It is the front door of the guides.
        """
        settings = {"report_level": 5, "file_insertion_enabled": False}
        document = publish_doctree(self.readme, settings_overrides=settings)
        links = {link.get("refuri", "") for link in document.findall(reference)}
        local = {link for link in links if link and "://" not in link}
        self.assertIn("docs/index.rst", local)
        for link in local:
            self.assertTrue((ROOT / link).is_file(), link)
        main = {"quick-start", "systemd", "management", "supported", "settings", "sizing"}
        main |= {"home-assistant", "octoprint", "klipper", "frigate", "monitoring", "security"}
        main |= {"reverse-proxies", "troubleshooting"}
        self.assertEqual({path.stem for path in DOCS.glob("*.rst")} - main, {"index", "changes"})
        self.assertLessEqual({f"docs/{name}.rst" for name in main}, local)

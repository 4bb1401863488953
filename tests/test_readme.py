"""
Tests that the README tells what there is.

"""

import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.controls import CONTROLS
from motion_in_ocean.management import ManagementRoutes
from motion_in_ocean.node import ACTIONS, NodeRoutes
from motion_in_ocean.settings import Settings, setting_of
from tests.openapi import Document

ROOT = Path(__file__).parent.parent


class ReadmeTests(SynchronousTestCase):
    """
    Newcomers read nothing else.

    """

    def setUp(self) -> None:
        self.readme = (ROOT / "README.rst").read_text("utf-8")
        self.fields = [name for name in Settings.model_fields if name != "locked"]

    def test_every_setting_is_there(self) -> None:
        """
        A setting that nobody knows of helps nobody.
        """
        for field in self.fields:
            self.assertIn(f"``{field.upper()}``", self.readme)
            if setting_of(field).credential:
                self.assertIn("_FILE", self.readme)

    def test_controls_are_described_as_in_their_table(self) -> None:
        """
        What the README says of a control is what ``--help`` and ``/api/camera`` say.
        """
        readme = " ".join(self.readme.split())
        for control in CONTROLS.values():
            self.assertIn(f"``{control.name.upper()}`` {control.help}; {control.values}", readme)

    def test_no_setting_is_invented(self) -> None:
        """
        What the README promises exists.
        """
        named = set(re.findall(r"``([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?``", self.readme))
        known = {field.upper() for field in self.fields} | {"CONFIG_FILE", "AUTH_TOKEN_FILE"}
        self.assertLessEqual(named, known | self.error_codes())

    def error_codes(self) -> set[str]:
        """
        :returns: What replies have for a ``code``.
        """
        schema = Document.packaged("management").component("schemas", "ErrorCode")
        return set(schema["enum"])

    def test_every_path_is_there(self) -> None:
        """
        Integrators find all that they can ask for.
        """
        for routes in (NodeRoutes, ManagementRoutes):
            for rule in routes.app.url_map.iter_rules():
                if not rule.rule.startswith("/ui/"):
                    self.assertIn(rule.rule.partition("<action>")[0], self.readme)

    def test_every_action_is_there(self) -> None:
        """
        What a camera can be told is no secret.
        """
        for action in ACTIONS:
            self.assertIn(f"``POST /api/actions/{action}``", self.readme)

    def test_every_make_target_exists(self) -> None:
        """
        The first command that a newcomer types works.
        """
        targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.M))
        self.assertLessEqual(
            set(re.findall(r"``(?:sudo )?make ([a-z0-9-]+)", self.readme)), targets
        )

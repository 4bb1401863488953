"""
Tests of how the effective settings are shown.

"""

import yaml

from motion_in_ocean.settings import LoadedSettings, masked, to_yaml
from tests.settings.loading import LoadingTestCase
from tests.settings.table import TABLE

NAMES = [field.upper() for field in TABLE]


class ShowTests(LoadingTestCase):
    """
    ``--show-config`` and ``/api/config``.

    """

    def _assert_parses_back(self, loaded: LoadedSettings) -> None:
        self.assertEqual(masked(loaded.settings), yaml.safe_load(to_yaml(loaded)))

    def test_every_setting_is_shown(self) -> None:
        """
        What is not shown cannot be checked.
        """
        self.assertEqual(sorted(NAMES), sorted(masked(self.load().settings)))

    def test_defaults_parse_back(self) -> None:
        """
        Scripts can read what is printed.
        """
        self._assert_parses_back(self.load())

    def test_all_values_parse_back(self) -> None:
        """
        Whatever the operator has set or tried to set.
        """
        for field, cases in TABLE.items():
            for text in (cases.bad[0], *(good for good, _ in cases.good)):
                self._assert_parses_back(self.load({field.upper(): text, **cases.beside}))

    def test_text_like_numbers_parses_back_as_text(self) -> None:
        """
        A folder named ``1e3`` or ``no`` stays a name.
        """
        for text in ("1e3", "12", "0x10", "no", "null", "~", "# x", "a: b", "'", "[", "2001-01-01"):
            loaded = self.load({"MOCK_FRAMES": text, "LISTEN": text, "NODE_REGISTRY_PATH": text})
            self._assert_parses_back(loaded)

    def test_long_values_stay_on_their_line(self) -> None:
        """
        A list of many origins can be found with grep.
        """
        origins = ",".join(f"http://host-{number}.example" for number in range(500))
        loaded = self.load({"CORS_ORIGINS": origins})
        self.assertEqual(len(NAMES), len(to_yaml(loaded).splitlines()))
        self._assert_parses_back(loaded)

    def test_one_line_each_with_origin(self) -> None:
        """
        Where each value comes from stands behind it.
        """
        loaded = self.load(
            {"FPS": "10", "JPEG_QUALITY": "0", "BIND_HOST": "here"},
            file="PORT: 81",
            options={"RESOLUTION": "320x240"},
        )
        lines = to_yaml(loaded).splitlines()
        self.assertEqual(NAMES, [line.partition(":")[0] for line in lines])
        for line in (
            "FPS: 10.0  # environment",
            "JPEG_QUALITY: 100  # invalid, default used",
            "BIND_HOST: 127.0.0.1  # invalid, closed",
            "PORT: 81  # file",
            "RESOLUTION: 320x240  # option",
            "LOG_LEVEL: info  # default",
        ):
            self.assertIn(line, lines)

    def test_origins_are_for_every_setting(self) -> None:
        """
        No line lacks its origin.
        """
        self.assertEqual(sorted(NAMES), sorted(self.load().origins))

    def test_secret_is_masked(self) -> None:
        """
        That one is set can be seen, which one cannot.
        """
        shown = masked(self.load({"AUTH_TOKEN": "s3cret"}).settings)
        self.assertEqual("********", shown["AUTH_TOKEN"])

    def test_mask_does_not_tell_the_length(self) -> None:
        """
        Short secrets are not given away.
        """
        one, other = (masked(self.load({"AUTH_TOKEN": t}).settings) for t in ("x", "x" * 99))
        self.assertEqual(one, other)

    def test_secret_that_is_not_set_is_none(self) -> None:
        """
        An open daemon can be told from one with credentials.
        """
        self.assertIsNone(masked(self.load().settings)["AUTH_TOKEN"])

    def test_networks_are_shown_as_written(self) -> None:
        """
        JSON and YAML know no networks.
        """
        shown = masked(self.load({"NODE_ALLOWED_NETWORKS": "10.0.0.0/8, fd00::/8"}).settings)
        self.assertEqual(["10.0.0.0/8", "fd00::/8"], shown["NODE_ALLOWED_NETWORKS"])

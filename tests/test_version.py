"""
Tests that there is one version, and that everything that tells it tells the same.

"""

from importlib.resources import files

import yaml
from twisted.trial.unittest import SynchronousTestCase

from docs.write_reference import management_metrics, node_metrics
from motion_in_ocean import __version__


class VersionTests(SynchronousTestCase):
    """
    Whoever reports a bug can say which version has it. (``--version``: see ``test_tap``; the wheel:
    see ``integration.test_release``.)

    """

    def test_metrics(self) -> None:
        """
        Who watches over many nodes sees which are old.
        """
        for families in (node_metrics(), management_metrics()):
            told = [
                sample.labels["version"]
                for family in families
                for sample in family.samples
                if sample.name == "motion_in_ocean_build_info"
            ]
            self.assertEqual(told, [__version__])

    def test_api_documents(self) -> None:
        """
        They are those of the release that is being worked on.
        """
        release = __version__.partition(".dev")[0]
        for mode in ("webcam", "management"):
            text = files("motion_in_ocean.web").joinpath(f"openapi-{mode}.yaml").read_text("utf-8")
            self.assertEqual(yaml.safe_load(text)["info"]["version"], release)

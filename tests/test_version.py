"""
Tests that there is one version, and that everything that tells it tells the same.

"""

from importlib.resources import files
from pathlib import Path

import yaml
from twisted.trial.unittest import SynchronousTestCase

from docs.write_reference import management_metrics, node_metrics
from motion_in_ocean import __version__

ROOT = Path(__file__).parent.parent


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

    def test_release(self) -> None:
        """
        A tag that names another version is not published, and the image has the tag's for a label.
        """
        workflow = (ROOT / ".github/workflows/release.yml").read_text("utf-8")
        self.assertIn('[ "v$version" = "$GITHUB_REF_NAME" ]', workflow)
        self.assertIn('echo "version=${GITHUB_REF_NAME#v}"', workflow)
        self.assertIn("VERSION=${{ steps.names.outputs.version }}", workflow)
        dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
        self.assertIn('org.opencontainers.image.version="${VERSION}"', dockerfile)

"""
Tests of what is published: a source release, the wheel that is made of it, and its news.

"""

import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib.metadata import distributions
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean import __version__
from tests.integration.components import require_program
from tests.integration.daemon import REPOSITORY, DaemonTestCase, environment

PATIENCE_SECONDS = 300

NOT_COPIED = shutil.ignore_patterns(
    *(".*", "_trial_temp*", "build", "dist", "*.egg-info"),
    *("__pycache__", "dropin.cache"),
)


def run(*command: str | Path, cwd: Path) -> str:
    """
    :returns: What it says; it has to succeed.
    """
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment({"PYTHONPATH": "", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(kind: str, source: Path, into: Path) -> Path:
    """
    :param kind: ``sdist`` or ``wheel``.
    :returns: What setuptools has made.
    """
    into.mkdir(parents=True, exist_ok=True)
    code = f"import setuptools.build_meta as b; print(b.build_{kind}({str(into)!r}))"
    return into / run(sys.executable, "-c", code, cwd=source).splitlines()[-1]


class ReleaseTests(DaemonTestCase):
    """
    Whoever installs the wheel gets the whole daemon.

    """

    def test_from_source_to_a_running_node(self) -> None:
        """
        Each step has only what the one before it has made.
        """
        folder = Path(self.mktemp()).absolute()
        shutil.copytree(REPOSITORY, folder / "checkout", ignore=NOT_COPIED, symlinks=True)
        for hidden in (".env.example", ".dockerignore", ".ci", ".github"):
            there = REPOSITORY / hidden
            copy = shutil.copytree if there.is_dir() else shutil.copy
            copy(there, folder / "checkout" / hidden)

        sdist = build("sdist", folder / "checkout", folder)
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")
        source = folder / sdist.name.removesuffix(".tar.gz")
        self.check_source(source)

        wheel = build("wheel", source, folder)
        self.check_wheel(wheel, folder / "checkout")

        home = folder / "environment"
        self.install(wheel, home)
        self.check_installed(home)

    def check_source(self, source: Path) -> None:
        """
        Guides, tests and all that they need are in the source release.
        """
        for name in (
            *("CHANGELOG.rst", "Makefile", "constraints.txt", "docker-compose.yml"),
            *("docs/index.rst", "docs/_ext/plain_links.py", "docs/grafana/motion-in-ocean.json"),
            *("SECURITY.rst", "requirements.txt", "tests/integration/alerts_scenario.yml"),
            *("scripts/install-on-pi.sh", "systemd/motion-in-ocean.service"),
        ):
            self.assertTrue((source / name).is_file(), name)

    def check_wheel(self, wheel: Path, checkout: Path) -> None:
        """
        It has the packages with all their files, the plugin, and nothing else.
        """
        self.assertIn(f"-{__version__}-", wheel.name)
        with zipfile.ZipFile(wheel) as archive:
            packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        expected = {
            str(path.relative_to(checkout))
            for path in (checkout / "motion_in_ocean").rglob("*")
            if path.is_file()
        }
        self.assertEqual(packed, expected | {"twisted/plugins/motion_in_ocean_plugin.py"})

    def install(self, wheel: Path, home: Path) -> None:
        """
        Into an environment that had nothing, with the versions that this one has.
        """
        venv.create(home, with_pip=True)
        versions = "".join(f"{each.name}=={each.version}\n" for each in distributions())
        (home / "versions.txt").write_text(versions)
        pip = (home / "bin/python", "-m", "pip", "install", "--quiet")
        run(*pip, "--constraint", home / "versions.txt", wheel, cwd=home)

    def check_installed(self, home: Path) -> None:
        """
        The plugin is known, and both modes answer.
        """
        twistd = str(home / "bin/twistd")
        self.assertIn("motion-in-ocean", run(twistd, "--help", cwd=home))
        version = run(twistd, "motion-in-ocean", "--version", cwd=home)
        self.assertEqual(version, f"motion-in-ocean {__version__}\n")
        for app_mode in ("webcam", "management"):
            settings = {
                "PYTHONPATH": "",
                "APP_MODE": app_mode,
                "NODE_REGISTRY_PATH": str(home / "nodes.json"),
            }
            command = (twistd, "-n", "motion-in-ocean")
            daemon = self.make_daemon(settings, command=command).start().wait_until_ready()
            self.assertEqual(daemon.get("/health").json()["app_mode"], app_mode)
            page = daemon.get("/")
            self.assertEqual((page.status, b"<html" in page.body), (200, True))
            for file in ("icon.svg", "viewer.js"):
                self.assertEqual(daemon.get(f"/ui/{file}").status, 200, file)
            self.assertTrue(daemon.get("/openapi.yaml").body.startswith(b"openapi: 3.1"))


class NewsTests(SynchronousTestCase):
    """
    What a release's notes are made of.

    """

    def test_two_releases(self) -> None:
        """
        Each gets its notes, the newest first, and the fragments are used up.
        """
        towncrier = require_program("towncrier", "pip install towncrier")
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        for name in ("CHANGELOG.rst", "pyproject.toml"):
            shutil.copy(REPOSITORY / name, folder)
        before = (folder / "CHANGELOG.rst").read_text()
        fragments = folder / "newsfragments"
        fragments.mkdir()
        for version, news in (("8.1.0", "Something is new."), ("8.2.0", "Something else is.")):
            (fragments / "+it.feature.rst").write_text(news)
            run(towncrier, "build", "--yes", "--version", version, cwd=folder)
            self.assertEqual(list(fragments.iterdir()), [])
        text = (folder / "CHANGELOG.rst").read_text()
        head, marker, rest = before.partition(".. release notes start\n")
        self.assertTrue(marker)
        self.assertTrue(text.startswith(head + marker))
        self.assertTrue(text.endswith(rest))
        order = [text.index(each) for each in ("8.2.0", "else is.", "8.1.0", "is new.")]
        self.assertEqual(order, sorted(order))

    def test_fragments_are_of_kinds_that_there_are(self) -> None:
        """
        None is left out because of a slip in its name.
        """
        for path in (REPOSITORY / "newsfragments").iterdir():
            self.assertRegex(path.name, r"^\+[a-z0-9-]+\.(feature|bugfix|doc|removal|misc)\.rst$")

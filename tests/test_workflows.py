"""
Tests of what is done elsewhere when something is pushed.

"""

import re
from pathlib import Path
from typing import Any

import yaml
from twisted.trial.unittest import SynchronousTestCase

PROJECT = Path(__file__).parents[1]
WORKFLOWS = sorted((PROJECT / ".github/workflows").glob("*.yml"))


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    """
    :returns: The steps of all its jobs.
    """
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


class WorkflowTests(SynchronousTestCase):
    """
    What can be said of them without running them.

    """

    def setUp(self) -> None:
        self.workflows = {path.stem: yaml.safe_load(path.read_text()) for path in WORKFLOWS}
        self.assertEqual(set(self.workflows), {"ci", "release"})

    def test_few_rights(self) -> None:
        """
        A step that has been taken over can change no more than what its job is there to change.

        """
        for workflow in self.workflows.values():
            self.assertLessEqual(set(workflow["permissions"].items()), {("contents", "read")})
        jobs = self.workflows["release"]["jobs"]
        rights = {name: job["permissions"] for name, job in jobs.items()}
        self.assertEqual(rights["wheel"], {"contents": "read"})
        self.assertEqual(rights["image"], {"contents": "read", "packages": "write"})
        self.assertEqual(rights["tags"], {"packages": "write"})
        self.assertEqual(rights["release"], {"contents": "write"})

    def test_pinned_actions(self) -> None:
        """
        An action changes within its major version only, and is one of those whose makers we know.

        """
        for workflow in self.workflows.values():
            for step in steps(workflow):
                if action := step.get("uses"):
                    self.assertRegex(action, r"^(actions|docker)/[a-z-]+@v\d+$")

    def test_no_text_of_others_in_scripts(self) -> None:
        """
        The name of a branch or tag cannot be made a command.

        """
        for workflow in self.workflows.values():
            for step in steps(workflow):
                self.assertNotIn("${{", step.get("run", ""))

    def test_release_comes_last(self) -> None:
        """
        Nobody is told of a release whose images could not be built, do not run, or have no name
        yet.

        """
        jobs = self.workflows["release"]["jobs"]
        publishing = {
            name
            for name, job in jobs.items()
            if any("gh release" in step.get("run", "") for step in job["steps"])
        }
        self.assertEqual(publishing, {"release"})
        before, waiting = set(), ["release"]
        while waiting:
            needs = jobs[waiting.pop()].get("needs", [])
            waiting += [needs] if isinstance(needs, str) else needs
            before.update(waiting)
        self.assertEqual(before, set(jobs) - {"release"})

    def test_release_is_ready_for_use(self) -> None:
        """
        Its Compose file is packed with the name of an image that was published.

        """
        steps_of_release = self.workflows["release"]["jobs"]["release"]["steps"]
        (script,) = (step["run"] for step in steps_of_release if "run" in step)
        self.assertIn(
            'scripts/compose-archive.sh "$REPOSITORY:${GITHUB_REF_NAME#v}" motion-in', script
        )
        self.assertIn('name "$version" latest ', repr(self.workflows["release"]["jobs"]["tags"]))

    def test_build_arguments(self) -> None:
        """
        The published image says what it was made of: the arguments are those that the Dockerfile
        has.

        """
        (build,) = (
            step["with"]
            for step in steps(self.workflows["release"])
            if step.get("uses", "").startswith("docker/build-push-action@")
        )
        passed = set(re.findall(r"^([A-Z_]+)=", build["build-args"], re.MULTILINE))
        known = set(re.findall(r"^ARG ([A-Z_]+)", (PROJECT / "Dockerfile").read_text(), re.M))
        self.assertEqual(passed, known)

    def test_ci(self) -> None:
        """
        What is checked there is what anybody can check here.

        """
        self.assertIn(".ci/run", [step.get("run") for step in steps(self.workflows["ci"])])

    def test_pictures_of_the_pages_are_kept(self) -> None:
        """
        Whoever changes a page can see it, above all where a test of it has failed.

        """
        (upload,) = (
            step for step in steps(self.workflows["ci"]) if "upload" in step.get("uses", "")
        )
        self.assertEqual((upload["if"], upload["with"]["path"]), ("always()", "screenshots"))
        self.assertIn("make screenshots", (PROJECT / ".ci/run").read_text())

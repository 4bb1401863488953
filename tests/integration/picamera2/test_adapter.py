"""
Run the tests of the camera adapter in the tree, where Picamera2 is.

"""

from twisted.internet.utils import getProcessOutputAndValue

from tests.integration.picamera2.rig import PYTHON, RigTestCase, command, environment


class AdapterTests(RigTestCase):
    """
    The tests themselves are in the modules that these run.

    """

    async def run_in_tree(self, module: str, **settings: str) -> None:
        """
        Run the tests of one module, and fail with all that they have to say.

        """
        trial = [PYTHON, "-m", "twisted.trial", "--temp-directory", f"/tmp/_trial_{module}"]
        executable, *arguments = command(*trial, f"tests.integration.picamera2.{module}")
        out, err, status = await getProcessOutputAndValue(
            executable, arguments, environment(**settings)
        )
        self.assertEqual(status, 0, (out + err).decode(errors="replace"))

    async def test_adapter_in_tree(self) -> None:
        """
        What ``Picamera2Camera`` promises holds with the real Picamera2.
        """
        await self.run_in_tree("adapter_in_tree")

    async def test_controls_in_tree(self) -> None:
        """
        So does what it promises of controls, rates and choices.
        """
        await self.run_in_tree("controls_in_tree")

    async def test_pi_4_in_tree(self) -> None:
        """
        And on what looks like a Pi 4.
        """
        await self.run_in_tree("pi_4_in_tree", PICAM2_PLATFORM="vc4")

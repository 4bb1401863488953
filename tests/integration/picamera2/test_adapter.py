"""
Run the tests of the camera adapter in the tree, where Picamera2 is.

"""

from twisted.internet.utils import getProcessOutputAndValue

from tests.integration.picamera2.rig import PYTHON, RigTestCase, command, environment


class AdapterTests(RigTestCase):
    """
    ``adapter_in_tree`` holds the tests.

    """

    async def test_adapter_in_tree(self) -> None:
        """
        What ``Picamera2Camera`` promises holds with the real Picamera2.
        """
        trial = [PYTHON, "-m", "twisted.trial", "--temp-directory", "/tmp/_trial_temp"]
        executable, *arguments = command(*trial, "tests.integration.picamera2.adapter_in_tree")
        out, err, status = await getProcessOutputAndValue(executable, arguments, environment())
        self.assertEqual(status, 0, (out + err).decode(errors="replace"))

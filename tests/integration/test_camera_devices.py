"""
Tests of the script that tells Compose which camera devices a Raspberry Pi has.

"""

import os
import subprocess
from collections.abc import Sequence

from tests.integration.compose_case import PROJECT, ComposeTestCase, sources

DEVICES = [
    "dma_heap/linux,cma",
    "dma_heap/vidbuf_cached",
    *("media0", "media3", "v4l-subdev0", "v4l-subdev1", "video0", "video20"),
]


class CameraDevicesTests(ComposeTestCase):
    """
    What it writes, as Compose understands it.

    """

    group = os.getgid()

    def find_devices(self, *options: str, devices: Sequence[str] = DEVICES) -> str:
        """
        :param devices: Those of the Raspberry Pi that the script finds itself on.
        :returns: What it says.
        """
        dev = self.folder / "dev"
        for device in (*devices, "sda", "mem"):
            (dev / device).parent.mkdir(parents=True, exist_ok=True)
            (dev / device).touch()
            os.chown(dev / device, -1, self.group)
        ended = subprocess.run(
            [PROJECT / "scripts/camera-devices.sh", *options, "dev"],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
        )
        self.status = ended.returncode
        return ended.stdout + ended.stderr

    def test_devices_of_this_machine(self) -> None:
        """
        The script that people are told to run gives the container all camera devices of their
        Raspberry Pi, each once, and says which.

        """
        said = self.find_devices()
        self.assertIn("/dev/media3", said)
        self.assertEqual(said.count("\n"), 1, said)
        expected = ["/dev/dma_heap", *(f"/dev/{device}" for device in DEVICES[2:]), "/dev/media1"]
        self.assertEqual(sorted(sources(self.service("camera"))), sorted(expected))

    def test_devices_after_a_change(self) -> None:
        """
        It can be run again, when the devices have other numbers.

        """
        self.find_devices()
        self.find_devices(devices=[*DEVICES, "video99"])
        self.assertIn("/dev/video99", sources(self.service("camera")))

    def test_devices_of_another_group(self) -> None:
        """
        A system that numbers its groups in another way gives access to its devices as well.

        """
        self.find_devices()
        groups = self.service("camera")["group_add"]
        self.assertEqual(set(groups), {"video", str(self.group)} - {"44"})

    def test_devices_are_only_shown(self) -> None:
        """
        A file that somebody has written by hand is left alone, and what to add to it can be had.

        """
        override = self.folder / "docker-compose.override.yml"
        override.write_text("services: {}\n")
        self.assertIn("docker-compose.override.yml is not mine", self.find_devices())
        self.assertEqual((self.status, override.read_text()), (1, "services: {}\n"))
        self.assertIn("      - /dev/video0\n", self.find_devices("--print"))
        self.assertEqual(self.status, 0)

    def test_no_devices(self) -> None:
        """
        Where there is no camera nothing is written, and what to look at is told.

        """
        said = self.find_devices(devices=["dma_heap/system", "video10"])
        self.assertEqual(self.status, 1)
        self.assertIn("no camera in dev: is it connected", said)
        self.assertFalse((self.folder / "docker-compose.override.yml").exists())

"""
The image for the processor of a Raspberry Pi, emulated: ``sudo make test-containers``.

"""

import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tests.containers.rig import (
    PROJECT,
    STOP_SECONDS,
    STOPPED,
    ContainerTestCase,
    ask,
    docker,
    pictures,
    run,
    say,
)
from tests.integration.daemon import free_port

BINFMT = Path("/proc/sys/fs/binfmt_misc")

# As in Debian's own qemu-user-binfmt. F: the program is opened now, for containers do not have it.
MAGIC = (
    r":{name}:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:"
    r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:{program}:POF"
)


@contextmanager
def emulation() -> Iterator[None]:
    """
    Let the kernel run programs for arm64, where it does not already; afterwards it is as before.

    """
    mounted = (BINFMT / "register").exists()
    if not mounted:
        run("mount", "-t", "binfmt_misc", "binfmt_misc", str(BINFMT))
    entry = BINFMT / f"motion-in-ocean-{uuid4().hex}"
    needed = not (BINFMT / "qemu-aarch64").exists() and platform.machine() != "aarch64"
    try:
        if needed:
            program = shutil.which("qemu-aarch64")
            assert program is not None
            text = MAGIC.format(name=entry.name, program=program)
            (BINFMT / "register").write_text(text)
        yield
    finally:
        if needed:
            entry.write_text("-1")
        if not mounted:
            run("umount", str(BINFMT))


class EmulatedTests(ContainerTestCase):
    """
    What runs on a PC runs on a 64-bit Raspberry Pi.

    """

    def test_answers(self) -> None:
        """
        All that the daemon needs exists for that processor, and together it streams and stops.

        """
        with emulation():
            base = run(str(PROJECT / "tests/containers/base.sh"), "bookworm", "arm64")
            docker("import", "--platform=linux/arm64", base, "base-arm64:latest")
            docker(
                *("buildx", "build", "--network=host", "--platform=linux/arm64"),
                "--build-context=debian:bookworm-slim=docker-image://base-arm64:latest",
                *("--build-arg=CAMERA=none", "--tag=motion-in-ocean:arm64", str(PROJECT)),
            )
            port = free_port()
            container = self.start(
                *("--platform=linux/arm64", "--init", "--env=MOCK_CAMERA=true", "--env=FPS=5"),
                # Emulated, a check takes as long as others leave it time for.
                *("--health-start-interval=5s", "--health-timeout=60s"),
                *(f"--publish=127.0.0.1:{port}:8000", "motion-in-ocean:arm64"),
            )
            say(f"healthy after {container.until_health('healthy', 180):.1f} s")
            self.assertEqual(container.run("uname", "-m"), "aarch64")
            self.assertEqual(ask(port, "/ready").status, 200)
            self.assertEqual(pictures(port, 2)[1][:2], b"\xff\xd8")
            status, seconds = container.stop()
            say(f"stopped with {status} after {seconds:.1f} s")
            self.assertIn(status, STOPPED)
            self.assertLess(seconds, STOP_SECONDS)

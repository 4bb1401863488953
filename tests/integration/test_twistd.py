"""
The life of the process: how it starts, what it says, how it ends.

"""

import json
import os
import signal
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

from tests.integration.daemon import (
    TWISTD,
    DaemonTestCase,
    environment,
    run_twistd,
    wait_until,
)
from tests.integration.pictures import StreamReader

STOP_SECONDS = 6
"""Docker sends SIGKILL ten seconds after SIGTERM; the daemon promises to be gone well before."""

EXIT_HUNG_CAMERA = 75


class StartTests(DaemonTestCase):
    """
    What an operator sees who starts it, or fails to.

    """

    def folder(self) -> Path:
        """
        :returns: A new, empty folder.
        """
        folder = Path(self.mktemp()).absolute()
        folder.mkdir(parents=True)
        return folder

    def test_becomes_ready(self) -> None:
        """
        Whoever starts it with the mock camera has a picture a moment later, and a log that says
        where and of what, and nothing worse.
        """
        ready = self.daemon.get("/ready").json()
        self.assertEqual((ready["status"], ready["resolution"]), ("ready", [640, 480]))
        self.assertEqual(self.daemon.get("/snapshot.jpg").body[:2], b"\xff\xd8")
        self.assertIn("Camera is recording: mock, 640x480", self.daemon.log)
        self.assertNotIn("Traceback", self.daemon.log)

    def test_no_files_left(self) -> None:
        """
        A pid file that nobody asked for would keep a container that crashed from starting again.
        """
        folder = self.daemon.cwd
        self.assertEqual([path.name for path in folder.iterdir()], ["output.log"])

    def test_taken_port(self) -> None:
        """
        The operator who starts a second one reads one line that says what is wrong.
        """
        taken = f"--port={self.daemon.port}"
        arguments = ("-n", "motion-in-ocean", "--mock-camera", "--bind-host=127.0.0.1", taken)
        run = run_twistd(*arguments, cwd=self.folder())
        said = run.stdout + run.stderr
        complaints = [line for line in said.splitlines() if " critical " in line]
        self.assertEqual(len(complaints), 1, said)
        self.assertIn(f"Cannot listen on tcp:{self.daemon.port}", complaints[0])
        self.assertIn("Address already in use", complaints[0])
        self.assertNotIn("Traceback", said)
        self.assertGreater(run.returncode, 0)

    def test_unusable_secret(self) -> None:
        """
        A secret file that is not there must not open the camera to everyone; what container
        engines ask for still works.
        """
        daemon = self.make_daemon({"AUTH_TOKEN_FILE": "/nonexistent/token"}).start()
        self.assertEqual(daemon.get("/health").status, 200)
        wait_until(lambda: daemon.get("/ready").status == 200, "ready")
        for path in ("/", "/stream.mjpg", "/snapshot.jpg", "/metrics", "/?action=stream"):
            for authorization in ("", "Bearer ", "Basic Og=="):
                reply = daemon.get(path, {"Authorization": authorization} if authorization else {})
                self.assertEqual(reply.status, 401, (path, authorization))
        self.assertIn("AUTH_TOKEN_FILE", daemon.log)

    def test_show_config(self) -> None:
        """
        An operator can ask what holds and where it comes from, and secrets are not told.
        """
        run = run_twistd(
            "-n",
            "motion-in-ocean",
            "--show-config",
            "--fps=12.5",
            cwd=self.folder(),
            settings={"RESOLUTION": "800x600", "JPEG_QUALITY": "x", "AUTH_TOKEN": "swordfish"},
        )
        self.assertEqual(run.returncode, 0, run.stderr)
        lines = {line.partition(":")[0]: line for line in run.stdout.splitlines()}
        self.assertRegex(lines["FPS"], r"12\.5 .*option")
        self.assertRegex(lines["RESOLUTION"], r"800x600.* .*environment")
        self.assertRegex(lines["JPEG_QUALITY"], r"100 .*invalid, default used")
        self.assertRegex(lines["PORT"], r"8000 .*default")
        self.assertNotIn("swordfish", run.stdout + run.stderr)
        self.assertIn("JPEG_QUALITY", run.stderr)

    def test_help(self) -> None:
        """
        The options are listed, none of which could take a secret.
        """
        run = run_twistd("motion-in-ocean", "--help", cwd=self.folder())
        self.assertEqual(run.returncode, 0, run.stderr)
        for option in ("--config=", "--port=", "--resolution=", "--mock-camera", "--show-config"):
            self.assertIn(option, run.stdout)
        for secret in ("--auth-token", "--auth-password"):
            self.assertNotIn(secret, run.stdout)

    def test_json_from_the_first_line(self) -> None:
        """
        A log collector is never given a line that it cannot parse.
        """
        daemon = self.make_daemon({"LOG_FORMAT": "json", "LOG_LEVEL": "debug"}).start()
        daemon.wait_until_ready()
        daemon.stop()
        lines = [json.loads(line) for line in daemon.log.splitlines()]
        self.assertGreater(len(lines), 5)
        for line in lines:
            self.assertLessEqual({"timestamp", "level", "logger", "message"}, set(line))


class EndTests(DaemonTestCase):
    """
    That it ends when it is told to, however that is.

    """

    def assert_ends(self, with_signal: signal.Signals) -> None:
        """
        Stop a daemon that is being watched.

        """
        daemon = self.make_daemon().start().wait_until_ready()
        with ExitStack() as streams:
            readers = []
            for _ in range(3):
                readers.append(StreamReader(streams.enter_context(daemon.stream())))
                readers[-1].part()
            # One that reads nothing at all must not hold the others up.
            streams.enter_context(daemon.stream())
            end = daemon.stop(with_signal)
            for reader in readers:
                reader.read_to_end()
        self.assertLess(end.seconds, STOP_SECONDS)
        # Having done everything else, twistd ends by the signal that it was sent.
        self.assertEqual(end.status, -with_signal, daemon.log)
        self.assertIn("Camera is closed", daemon.log)
        self.assertNotIn("Traceback", daemon.log)

    def test_sigterm(self) -> None:
        """
        Docker and systemd can restart it without waiting, and viewers notice that it has gone.
        """
        self.assert_ends(signal.SIGTERM)

    def test_sigint(self) -> None:
        """
        So does whoever started it by hand and presses Ctrl-C.
        """
        self.assert_ends(signal.SIGINT)

    def test_hung_camera(self) -> None:
        """
        A camera that hangs does not keep a container from restarting, and the status tells of it.
        """
        program = Path(__file__).with_name("hanging_camera.py")
        daemon = self.make_daemon(command=(TWISTD, "-n", "--pidfile=", "--python", str(program)))
        daemon.start().wait_until_ready()
        end = daemon.stop()
        self.assertLess(end.seconds, STOP_SECONDS)
        self.assertEqual(end.status, EXIT_HUNG_CAMERA, daemon.log)

    def test_pid_file_when_asked_for(self) -> None:
        """
        Init scripts that want a pid file get one, as long as the daemon runs.
        """
        daemon = self.make_daemon(command=(TWISTD, "-n", "--pidfile=mio.pid", "motion-in-ocean"))
        daemon.start().wait_until_ready()
        pid_file = daemon.cwd / "mio.pid"
        self.assertEqual(int(pid_file.read_text()), daemon.pid)
        daemon.stop()
        self.assertFalse(pid_file.exists())

    def test_daemonized(self) -> None:
        """
        Without ``-n`` it goes to the background, keeps its log and its pid where it is told to,
        and ends from there.
        """
        folder = Path(self.mktemp()).absolute()
        (folder / "run").mkdir(parents=True)
        log, pid_file = folder / "mio.log", folder / "mio.pid"
        subprocess.run(
            [
                *(TWISTD, f"--logfile={log}", f"--pidfile={pid_file}"),
                *(f"--rundir={folder / 'run'}", "motion-in-ocean"),
            ],
            env=environment({"MOCK_CAMERA": "1", "PORT": "0", "BIND_HOST": "127.0.0.1"}),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=15,
            check=True,
        )
        pid = int(wait_until(lambda: pid_file.exists() and pid_file.read_text(), "a pid file"))
        self.addCleanup(_kill, pid)
        wait_until(
            lambda: log.exists() and "Camera is recording" in log.read_text(), "a log that says so"
        )
        self.assertEqual(Path(f"/proc/{pid}/cwd").readlink(), folder / "run")
        begin = time.monotonic()
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not _is_running(pid), "the end")
        self.assertLess(time.monotonic() - begin, STOP_SECONDS)
        self.assertFalse(pid_file.exists())
        self.assertIn("Camera is closed", log.read_text())


def _is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    # One that has ended stays a zombie where nobody asks for its status.
    return stat.rpartition(")")[2].split()[0] != "Z"


def _kill(pid: int) -> None:
    if _is_running(pid):
        os.kill(pid, signal.SIGKILL)

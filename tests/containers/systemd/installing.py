"""
What the install script promises.

"""

from tests.containers.rig import Failed, docker
from tests.containers.systemd.machine import (
    FOR_CAMERA,
    FOR_MANAGEMENT,
    INSTALL,
    MANAGEMENT,
    PORTS,
    PREFIX,
    SETTINGS,
    STATE,
    WEBCAM,
    Machine,
    MachineTestCase,
    bare,
    both,
)
from tests.containers.systemd.running import NODE

OURS = (PREFIX, SETTINGS, "/etc/systemd/system")
NEW = "/tmp/new/scripts/install-on-pi.sh"


class InstallTests(MachineTestCase):
    """
    Someone types the command of the README.

    """

    def refusal(self, machine: Machine, *command: str, **environ: str) -> str:
        """
        :returns: What the script says when it cannot do what it should.
        """
        return str(self.assertRaises(Failed, machine.run, *command, env=environ))

    def new_version(self, machine: Machine, change: str = "") -> None:
        """
        Have sources of another version in the machine.

        :param change: A script that does something else to them.
        """
        machine.shell(
            "mkdir /tmp/new && cd /src && cp -r LICENSE README.rst constraints.txt pyproject.toml "
            "requirements.txt setup.cfg motion_in_ocean scripts systemd twisted /tmp/new; "
            "cd /tmp/new; "
            "sed -i 's/^__version__ = .*/__version__ = \"99.0\"/' motion_in_ocean/_version.py; "
            f"{change}"
        )

    def version(self, machine: Machine, unit: str) -> str:
        """
        :returns: The one that runs.
        """
        reply = machine.get(PORTS[unit], "/openapi.yaml")
        self.assertEqual(reply.status, 200)
        program = f"{PREFIX}/current/bin/twistd"
        return machine.run("sh", "-c", f"cd / && {program} motion-in-ocean --version").split()[-1]

    def test_no_camera_software(self) -> None:
        """
        On a machine that is no Raspberry Pi the script tells what to do, and does nothing.

        """
        machine = self.boot(bare())
        said = self.refusal(machine, INSTALL)
        self.assertIn("There is no package python3-picamera2 here.", said)
        self.assertIn("add --no-camera", said)
        self.assertFalse(machine.succeeds("ls", PREFIX))

    def test_not_root(self) -> None:
        """
        Whoever forgets sudo is reminded of it, and of nothing else.

        """
        machine = self.boot(bare())
        said = self.assertRaises(Failed, docker, "exec", "--user=1000", machine.name, INSTALL)
        self.assertIn(f"This has to be root: sudo {INSTALL}", str(said))

    def test_slip(self) -> None:
        """
        A mistyped option does not install something else.

        """
        machine = self.boot(bare())
        said = self.refusal(machine, INSTALL, "--managment")
        self.assertIn("There is no option --managment", said)
        self.assertIn("--purge goes with --uninstall", self.refusal(machine, INSTALL, "--purge"))

    def test_says_where_it_is(self) -> None:
        """
        After the last line of the script the camera can be looked at, and a second run changes
        nothing, not even the process.

        """
        machine = self.boot(both())
        before, pids = machine.files(*OURS), [machine.pid(unit) for unit in PORTS]
        for command, port in ((FOR_CAMERA, 8000), (FOR_MANAGEMENT, 8001)):
            self.assertIn(f" runs: http://localhost:{port}/\n", machine.run(*command))
        self.assertEqual(machine.files(*OURS), before)
        self.assertEqual([machine.pid(unit) for unit in PORTS], pids)

    def test_secrets_are_safe(self) -> None:
        """
        Nobody but root can read what is set.

        """
        machine = self.boot(both())
        modes = machine.shell(f"stat -c '%a %U' {SETTINGS}/*.env").splitlines()
        self.assertEqual(modes, ["600 root"] * 2)

    def test_settings_say_something_else_about_the_camera(self) -> None:
        """
        Settings are never changed, so whoever has changed his mind is told which line it is.

        """
        machine, settings = self.boot(both()), f"{SETTINGS}/{WEBCAM}.env"
        self.assertNotIn("test card", machine.run(*FOR_CAMERA))
        # It need not be there to be thought so.
        machine.write("/tmp/pretend/dpkg-query", "#!/bin/sh\necho installed\n")
        machine.run("chmod", "+x", "/tmp/pretend/dpkg-query")
        path = f"/tmp/pretend:{machine.shell('echo $PATH').strip()}"
        said = machine.run(INSTALL, env={"PATH": path})
        self.assertIn(f"a test card instead of the camera, because {settings} was there", said)
        self.assertIn("    MOCK_CAMERA=true\n", f"{said}\n")
        for line in ("MOCK_CAMERA='Off'", "# MOCK_CAMERA=true"):
            machine.shell(f'sed -i "s/^.*MOCK_CAMERA=.*/{line}/" {settings}')
            kept = machine.run("cat", settings)
            self.assertIn("no test card in spite of --no-camera", machine.run(*FOR_CAMERA))
            self.assertNotIn("test card", machine.run(INSTALL, env={"PATH": path}))
            self.assertEqual(machine.run("cat", settings), kept)

    def test_update(self) -> None:
        """
        A new version takes over in both modes, and settings and nodes are as they were.

        """
        machine = self.boot(both())
        machine.get(8001, "/api/nodes", "POST", NODE)
        machine.shell(f"echo 'FPS=5' >> {SETTINGS}/{WEBCAM}.env")
        mine = machine.run("cat", f"{SETTINGS}/{WEBCAM}.env")
        self.new_version(machine, f"echo '# More.' >> systemd/{WEBCAM}.env")
        said = machine.run(NEW, "--no-camera")
        for unit in PORTS:
            self.assertEqual(self.version(machine, unit), "99.0")
            self.assertEqual(machine.show(f"{unit}.service", "NRestarts"), "0")
        self.assertEqual(machine.run("cat", f"{SETTINGS}/{WEBCAM}.env"), mine)
        self.assertIn(f"{SETTINGS}/{WEBCAM}.env stays as it is", said)
        self.assertIn("# More.", machine.run("cat", f"{SETTINGS}/{WEBCAM}.env.new"))
        self.assertFalse(machine.succeeds("ls", f"{SETTINGS}/{MANAGEMENT}.env.new"))
        nodes = machine.get(8001, "/api/nodes").json()["nodes"]
        self.assertEqual([node["id"] for node in nodes], ["garden"])
        self.assertEqual(len(machine.shell(f"ls -d {PREFIX}/version-*").split()), 1)

    def test_update_without_network(self) -> None:
        """
        An update that cannot be completed touches nothing that runs.

        """
        machine = self.boot(both())
        self.new_version(machine)
        before, pid = machine.files(*OURS), machine.pid(WEBCAM)
        said = self.refusal(machine, NEW, "--no-camera", PIP_FIND_LINKS="/nowhere")
        self.assertIn("Nothing was changed.", said)
        self.assertEqual(_without_times(machine.files(*OURS)), _without_times(before))
        self.assertEqual(machine.pid(WEBCAM), pid)
        self.assertEqual(machine.get(8000, "/health").status, 200)

    def test_update_that_does_not_run(self) -> None:
        """
        A new version that ends at its start is taken back, with its units.

        """
        machine = self.boot(both())
        old = self.version(machine, WEBCAM)
        self.new_version(
            machine,
            "sed -i 's/^    settings = loaded.settings$/    raise SystemExit(\"Oh dear\")/' "
            f"motion_in_ocean/tap.py\nsed -i s/Camera/Broken/ systemd/{WEBCAM}.service",
        )
        said = self.refusal(machine, NEW, "--no-camera")
        self.assertIn("Oh dear", said)
        self.assertIn("so the old one was started again", said)
        for unit in PORTS:
            machine.until_active(unit)
            self.assertEqual(self.version(machine, unit), old)
        self.assertEqual(machine.show(f"{WEBCAM}.service", "Description"), "Camera stream")

    def test_does_not_run(self) -> None:
        """
        Where the port is taken, the script shows the daemon's own words.

        """
        machine = self.boot(both())
        machine.run("systemctl", "stop", WEBCAM)
        machine.shell("nohup python3 -m http.server 8000 >/dev/null 2>&1 & sleep 1")
        said = self.refusal(machine, *FOR_CAMERA)
        self.assertIn("Address already in use", said)
        self.assertIn("systemd goes on trying", said)

    def test_socket_and_back(self) -> None:
        """
        Whether systemd holds the port can be changed, and one of both has it after a start.

        """
        machine = self.boot(both())
        for options, on, off in (
            (("--socket",), "socket", "service"),
            ((), "service", "socket"),
        ):
            machine.run(*FOR_CAMERA, *options)
            self.assertEqual(machine.get(8000, "/health").status, 200)
            self.assertTrue(machine.succeeds("systemctl", "is-enabled", f"{WEBCAM}.{on}"))
            self.assertFalse(machine.succeeds("systemctl", "is-enabled", f"{WEBCAM}.{off}"))
        self.assertEqual(machine.state(f"{WEBCAM}.socket"), "inactive")

    def test_uninstall(self) -> None:
        """
        Nothing is left but the settings and the list of nodes, and with --purge nothing at all.

        """
        machine = self.boot(both())
        ours = "find / -xdev -name '*motion*in*ocean*' -not -path '/var/log/*' | sort"
        self.assertIn(PREFIX, machine.shell(ours).splitlines())
        machine.get(8001, "/api/nodes", "POST", NODE)
        machine.run(INSTALL, "--uninstall")
        for unit in PORTS:
            self.assertEqual(machine.show(f"{unit}.service", "LoadState"), "not-found")
            self.assertRaises(Failed, machine.get, PORTS[unit], "/health")
        kept = [SETTINGS, *(f"{SETTINGS}/{unit}.env" for unit in PORTS)]
        kept += [STATE, STATE.replace("/lib/", "/lib/private/")]
        self.assertEqual(machine.shell(ours).splitlines(), sorted(kept))
        self.assertIn("garden", machine.run("cat", f"{STATE}/nodes.json"))
        machine.run(INSTALL, "--uninstall", "--purge")
        self.assertEqual(machine.shell(ours), "")
        # Nor what a download, or a run that was cut short, leaves behind.
        self.assertEqual(machine.shell("ls -d /root/.cache /tmp/tmp.* 2>/dev/null || :"), "")


def _without_times(files: str) -> list[str]:
    return [
        " ".join(part for i, part in enumerate(line.split(" ")) if i != 4)
        for line in files.splitlines()
    ]

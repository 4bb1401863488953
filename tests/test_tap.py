"""
Tests of the command line.

"""

import contextlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from twisted.application.service import IServiceMaker
from twisted.logger import ILogObserver, LogLevel
from twisted.plugin import getPlugins
from twisted.python.reflect import namedAny
from twisted.python.usage import UsageError
from twisted.scripts.twistd import ServerOptions  # type: ignore[attr-defined]
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from motion_in_ocean import __version__
from motion_in_ocean.settings import masked, setting_of
from motion_in_ocean.tap import Options, makeService
from tests.settings.table import TABLE

CREDENTIALS = [field for field in TABLE if setting_of(field).credential]
FLAGS = [field for field, cases in TABLE.items() if cases.taken is False]
CANARY = "canary"


def parsed(*arguments: str, **environ: str) -> Options:
    """
    :returns: What comes of a command line and an environment.
    """
    options = Options(environ)
    options.parseOptions(arguments)
    return options


def option(field: str) -> str:
    """
    :returns: The name of a setting's option.
    """
    return field.replace("_", "-")


class OptionTests(SynchronousTestCase):
    """
    The options that settings have.

    """

    def test_every_setting_that_is_no_credential(self) -> None:
        """
        Whatever can be set can be tried out on the command line.
        """
        settings = {option(field) for field in TABLE if field not in CREDENTIALS}
        self.assertEqual(settings | {"config", "show-config"}, set(Options({})))

    def test_no_credential(self) -> None:
        """
        Everyone on the machine can read the command line of a process.
        """
        for field in CREDENTIALS:
            for name in (option(field), f"{option(field)}-file"):
                self.assertRaises(UsageError, parsed, f"--{name}={CANARY}")

    def test_each_takes_what_its_setting_takes(self) -> None:
        """
        An option is read as its variable is.
        """
        wrong = []
        for field, cases in TABLE.items():
            if field not in (*CREDENTIALS, *FLAGS):
                for text, expected in cases.good:
                    loaded = parsed(f"--{option(field)}={text}").loaded
                    if getattr(loaded.settings, field) != expected or loaded.warnings:
                        wrong.append((field, text, loaded.warnings))
        self.assertEqual([], wrong)

    def test_flag(self) -> None:
        """
        What can only be switched on needs no value.
        """
        self.assertTrue(parsed("--mock-camera").loaded.settings.mock_camera)

    def test_flag_that_is_not_given(self) -> None:
        """
        The environment can switch it on as well.
        """
        self.assertTrue(parsed(MOCK_CAMERA="yes").loaded.settings.mock_camera)

    def test_option_over_environment(self) -> None:
        """
        Whoever types an option means it.
        """
        self.assertEqual(81, parsed("--port=81", PORT="82").loaded.settings.port)

    def test_empty_option_counts_as_given(self) -> None:
        """
        ``--cors-origins=`` closes what the environment opens.
        """
        loaded = parsed("--cors-origins=", CORS_ORIGINS="*").loaded
        self.assertEqual(
            ((), "option"), (loaded.settings.cors_origins, loaded.origins["CORS_ORIGINS"])
        )

    def test_empty_option_is_a_slip_where_empty_means_nothing(self) -> None:
        """
        ``--bind-host=$HOST`` with an empty variable does not open every address.
        """
        loaded = parsed("--bind-host=", BIND_HOST="0.0.0.0").loaded
        self.assertEqual("127.0.0.1", loaded.settings.bind_host)

    def test_unknown_option(self) -> None:
        """
        A slip on the command line is answered at once.
        """
        self.assertRaises(UsageError, parsed, "--prot=81")

    def test_config(self) -> None:
        """
        The settings file stands under the environment.
        """
        path = Path(self.mktemp())
        path.write_text("PORT: 81\nFPS: 5")
        settings = parsed(f"--config={path}", FPS="9").loaded.settings
        self.assertEqual((81, 9.0), (settings.port, settings.fps))

    def test_unusable_config(self) -> None:
        """
        One clear line, no traceback, and not a word of what the file holds.
        """
        path = Path(self.mktemp())
        path.write_text(f"AUTH_TOKEN: [{CANARY}")
        ended = self.assertRaises(SystemExit, parsed, f"--config={path}")
        self.assertEqual(
            f"motion-in-ocean: settings file {path}, line 1: not valid YAML", ended.code
        )

    def test_empty_config(self) -> None:
        """
        ``--config=$FILE`` with an empty variable is no wish for no file.
        """
        self.assertRaises(SystemExit, parsed, "--config=")

    def test_help_names_every_option(self) -> None:
        """
        ``--help`` is enough to find a setting.
        """
        text = Options({}).getUsage(width=200)
        self.assertEqual(
            [],
            [
                field
                for field in TABLE
                if field not in CREDENTIALS
                and not (f"--{option(field)}" in text and setting_of(field).help in text)
            ],
        )


class PrintingTests(SynchronousTestCase):
    """
    Options that print something and end.

    """

    def _printed(self, *arguments: str, **environ: str) -> tuple[str, str]:
        with (
            contextlib.redirect_stdout(io.StringIO()) as out,
            contextlib.redirect_stderr(io.StringIO()) as err,
        ):
            ended = self.assertRaises(SystemExit, parsed, *arguments, **environ)
        self.assertEqual(0, ended.code)
        return out.getvalue(), err.getvalue()

    def test_version(self) -> None:
        """
        Whoever reports a bug can say which version has it.
        """
        self.assertEqual((f"motion-in-ocean {__version__}\n", ""), self._printed("--version"))

    def test_show_config(self) -> None:
        """
        What is printed is what the daemon would run with.
        """
        out, err = self._printed("--show-config", "--port=81", FPS="9")
        expected = masked(parsed("--port=81", FPS="9").loaded.settings)
        self.assertEqual((expected, ""), (yaml.safe_load(out), err))

    def test_show_config_shows_origins(self) -> None:
        """
        And where it comes from.
        """
        out, _ = self._printed("--show-config", "--port=81", FPS="9")
        self.assertIn("PORT: 81  # option\n", out)
        self.assertIn("FPS: 9.0  # environment\n", out)

    def test_show_config_keeps_warnings_out_of_the_yaml(self) -> None:
        """
        A script can read the one, a person the other.
        """
        out, err = self._printed("--show-config", FPS="fast", PRT="1")
        self.assertEqual(0.0, yaml.safe_load(out)["FPS"])
        self.assertEqual(1, len(err.splitlines()))
        self.assertTrue(err.startswith("FPS (environment) is 'fast'"))

    def test_show_config_shows_no_secret(self) -> None:
        """
        It can be pasted into a bug report.
        """
        for environ in (
            {"AUTH_TOKEN": CANARY, "AUTH_USERNAME": "ann", "AUTH_PASSWORD": CANARY},
            {"AUTH_TOKEN": f"{CANARY}\n{CANARY}", "AUTH_PASSWORD": CANARY},
        ):
            self.assertNotIn(CANARY, "".join(self._printed("--show-config", **environ)))


class TwistdTests(SynchronousTestCase):
    """
    What the daemon changes about the twistd that runs it.

    """

    def _twistd(self, given: Mapping[str, object], **environ: str) -> ServerOptions:
        twistd = ServerOptions()
        twistd.update(given)
        options = Options(environ)
        options.parent = twistd
        options.parseOptions([])
        return twistd

    def _log_hello(self, twistd: ServerOptions, level: Any = LogLevel.info) -> None:
        observer = namedAny(twistd["logger"])()
        self.assertTrue(verifyObject(ILogObserver, observer))
        observer({"log_format": "hello", "log_level": level, "log_namespace": "test"})

    def test_no_pid_file(self) -> None:
        """
        No file that a crash leaves behind keeps a container from starting again.
        """
        self.assertEqual("", self._twistd({})["pidfile"])

    def test_pid_file_when_asked_for(self) -> None:
        """
        Who wants one gets it.
        """
        self.assertEqual("/run/x.pid", self._twistd({"pidfile": "/run/x.pid"})["pidfile"])

    def test_logs_to_standard_output_in_the_foreground(self) -> None:
        """
        Containers and systemd collect the log from there, and each line is as LOG_FORMAT says.
        """
        twistd = self._twistd({"nodaemon": 1}, LOG_FORMAT="json")
        with contextlib.redirect_stdout(io.StringIO()) as out:
            self._log_hello(twistd)
        self.assertEqual("hello", json.loads(out.getvalue())["message"])

    def test_logs_to_the_file_that_was_asked_for(self) -> None:
        """
        So it does to a file.
        """
        path = Path(self.mktemp())
        twistd = self._twistd({"nodaemon": 1, "logfile": str(path)}, LOG_FORMAT="json")
        self._log_hello(twistd)
        self.assertEqual("hello", json.loads(path.read_text())["message"])

    def test_logs_to_a_file_in_the_background(self) -> None:
        """
        A daemon has no standard output.
        """
        twistd = self._twistd({})
        self._log_hello(twistd)
        path = Path("twistd.log")
        self.addCleanup(path.unlink)
        self.assertIn("hello", path.read_text())

    def test_standard_output_in_the_background(self) -> None:
        """
        Twistd's own name for it is understood.
        """
        twistd = self._twistd({"logfile": "-"})
        with contextlib.redirect_stdout(io.StringIO()) as out:
            self._log_hello(twistd)
        self.assertIn("hello", out.getvalue())

    def test_log_level(self) -> None:
        """
        What is below LOG_LEVEL is not written, from the first line on.
        """
        twistd = self._twistd({"nodaemon": 1}, LOG_LEVEL="error")
        with contextlib.redirect_stdout(io.StringIO()) as out:
            self._log_hello(twistd, LogLevel.warn)
        self.assertEqual("", out.getvalue())

    def test_logger_when_asked_for(self) -> None:
        """
        Who brings a logger of their own keeps it.
        """
        self.assertEqual("my.logger", self._twistd({"logger": "my.logger"})["logger"])

    def test_syslog_when_asked_for(self) -> None:
        """
        Nor is syslog pushed aside.
        """
        self.assertFalse(self._twistd({"syslog": True}).get("logger"))


class PluginTests(SynchronousTestCase):
    """
    How twistd finds the daemon.

    """

    def test_found_by_name(self) -> None:
        """
        ``twistd motion-in-ocean`` is a command.
        """
        (maker,) = (
            plugin for plugin in getPlugins(IServiceMaker) if plugin.tapname == "motion-in-ocean"
        )
        self.assertTrue(verifyObject(IServiceMaker, maker))
        self.assertIs(Options, maker.options)
        self.assertIs(makeService, maker.makeService)

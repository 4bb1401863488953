"""
Tests of credentials: given directly or as a file, and shown to nobody.

"""

import os
from pathlib import Path

from motion_in_ocean.settings import ConfigFileUnusable, LoadedSettings, load_settings, to_yaml
from tests.settings.loading import LoadingTestCase
from tests.settings.table import TABLE, WRONG_TYPES

CANARY = "canary"


class SecretFileTests(LoadingTestCase):
    """
    ``AUTH_TOKEN_FILE`` and its like.

    """

    def _token(self, loaded: LoadedSettings) -> str | None:
        token = loaded.settings.auth_token
        return token.get_secret_value() if token is not None else None

    def _assert_locked(self, path: str, reason: str) -> None:
        loaded = self.load({"AUTH_TOKEN_FILE": path})
        self.assertEqual((True, None), (loaded.settings.locked, loaded.settings.auth_token))
        self.assertEqual("invalid, closed", loaded.origins["AUTH_TOKEN"])
        self.assertEqual(
            f"AUTH_TOKEN_FILE (environment): {reason}; until it is usable, all but /health and "
            "/ready is locked.",
            self.only_warning(loaded),
        )

    def test_content_is_the_secret(self) -> None:
        """
        A secret mounted by Docker or systemd works.
        """
        loaded = self.load({"AUTH_TOKEN_FILE": self.written("s3cret")})
        self.assertEqual(
            ("s3cret", "environment", ()),
            (self._token(loaded), loaded.origins["AUTH_TOKEN"], loaded.warnings),
        )

    def test_line_end_is_no_part_of_it(self) -> None:
        """
        Editors and ``echo`` end files with a line break, Windows with two characters.
        """
        for end in ("\n", "\r\n", "\n\n", " \n"):
            self.assertEqual(
                "s3cret", self._token(self.load({"AUTH_TOKEN_FILE": self.written(f"s3cret{end}")}))
            )

    def test_named_in_settings_file(self) -> None:
        """
        The settings file can be shared when the secret is somewhere else.
        """
        loaded = self.load(file=f"auth_token_file: {self.written('s3cret')}")
        self.assertEqual(("s3cret", "file"), (self._token(loaded), loaded.origins["AUTH_TOKEN"]))

    def test_every_credential_can_be_a_file(self) -> None:
        """
        A user name and a password may come as files as well as a token.
        """
        environ = {
            "AUTH_USERNAME_FILE": self.written("ann\n"),
            "AUTH_PASSWORD_FILE": self.written("x"),
        }
        settings = self.load(environ).settings
        password = settings.auth_password
        self.assertEqual(
            ("ann", "x", False),
            (settings.auth_username, password and password.get_secret_value(), settings.locked),
        )

    def test_pipe(self) -> None:
        """
        ``AUTH_TOKEN_FILE=<(pass show camera)`` works in a shell.
        """
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        os.write(writing, b"s3cret\n")
        os.close(writing)
        self.assertEqual(
            "s3cret", self._token(self.load({"AUTH_TOKEN_FILE": f"/dev/fd/{reading}"}))
        )

    def test_empty(self) -> None:
        """
        A secret that was never written locks.
        """
        self._assert_locked(self.written(""), "is set but empty")

    def test_blank(self) -> None:
        """
        A line break alone is no secret.
        """
        self._assert_locked(self.written(" \n"), "is set but empty")

    def test_missing(self) -> None:
        """
        A secret that was not mounted locks.
        """
        self._assert_locked(self.mktemp(), "No such file or directory")

    def test_directory(self) -> None:
        """
        Docker makes a directory of a file that is not there.
        """
        path = Path(self.mktemp())
        path.mkdir()
        self._assert_locked(str(path), "Is a directory")

    def test_no_name(self) -> None:
        """
        A variable that a template left empty locks.
        """
        self._assert_locked("", "Is a directory")

    def test_odd_name(self) -> None:
        """
        What cannot be the name of a file locks.
        """
        self._assert_locked("a\0b", "not a file name")

    def test_name_with_surrogates(self) -> None:
        """
        Names that are not UTF-8 reach us with placeholders, and Linux finds their files.
        """
        path = f"{self.mktemp()}\udcff"
        Path(path).write_text("s3cret")
        self.assertEqual("s3cret", self._token(self.load({"AUTH_TOKEN_FILE": path})))

    def test_binary(self) -> None:
        """
        What no client could ever send locks.
        """
        self._assert_locked(self.written(b"\xff\xfe\x00s"), "the file is not UTF-8 text")

    def test_control_characters(self) -> None:
        """
        A file of two lines is no secret; the first alone might be somebody else's.
        """
        self._assert_locked(self.written("one\ntwo"), "should not contain control characters")

    def test_byte_order_mark(self) -> None:
        """
        An invisible character before the secret would let nobody in, without a word.
        """
        self._assert_locked(self.written("\ufeffs3cret"), "should not contain control characters")

    def test_longest(self) -> None:
        """
        Tokens that are long, such as signed ones, fit.
        """
        self.assertEqual(
            "x" * 4096, self._token(self.load({"AUTH_TOKEN_FILE": self.written("x" * 4096)}))
        )

    def test_too_large(self) -> None:
        """
        A picture mistaken for a secret is not read to its end.
        """
        self._assert_locked(self.written("x" * 4097), "the file is larger than 4096 bytes")

    def test_endless(self) -> None:
        """
        Not even a device without an end stops the start.
        """
        self._assert_locked("/dev/zero", "the file is larger than 4096 bytes")

    def test_pipe_without_writer(self) -> None:
        """
        Nor does one that nobody writes to.
        """
        path = self.mktemp()
        os.mkfifo(path)
        self._assert_locked(path, "nobody writes to this pipe")

    def test_name_that_is_no_text(self) -> None:
        """
        A number in the settings file is no name; above all it is no file descriptor.
        """
        for name in ("0", "true", "[/x]", "{a: b}", ".nan", "null", "0x" + "f" * 5000):
            loaded = self.load(file=f"AUTH_TOKEN_FILE: {name}")
            self.assertTrue(loaded.settings.locked)
            self.assertIn("not a file name", self.only_warning(loaded))

    def test_both_forms(self) -> None:
        """
        Which of two secrets counts is not for us to guess.
        """
        loaded = self.load({"AUTH_TOKEN": "one", "AUTH_TOKEN_FILE": self.written("one")})
        self.assertEqual((True, None), (loaded.settings.locked, loaded.settings.auth_token))
        self.assertEqual(
            "AUTH_TOKEN and AUTH_TOKEN_FILE (environment): both are set, set one; until it is "
            "usable, all but /health and /ready is locked.",
            self.only_warning(loaded),
        )


class NameAndPasswordTests(LoadingTestCase):
    """
    ``AUTH_USERNAME`` and ``AUTH_PASSWORD`` belong together.

    """

    def test_both(self) -> None:
        """
        With both, people can come in.
        """
        loaded = self.load({"AUTH_USERNAME": "ann", "AUTH_PASSWORD": "x"})
        self.assertEqual((False, ()), (loaded.settings.locked, loaded.warnings))

    def test_name_alone(self) -> None:
        """
        A forgotten password does not open the daemon.
        """
        loaded = self.load({"AUTH_USERNAME": "ann"})
        self.assertTrue(loaded.settings.locked)
        self.assertIn("belong together", self.only_warning(loaded))

    def test_password_alone(self) -> None:
        """
        Nor does a forgotten user name.
        """
        loaded = self.load({"AUTH_PASSWORD": "x"})
        self.assertTrue(loaded.settings.locked)
        self.assertIn("belong together", self.only_warning(loaded))

    def test_half_beside_token(self) -> None:
        """
        A usable token does not excuse half a credential.
        """
        loaded = self.load({"AUTH_TOKEN": "t", "AUTH_USERNAME": "ann"})
        self.assertTrue(loaded.settings.locked)

    def test_from_different_places(self) -> None:
        """
        The name may stand in the file and the password in the environment.
        """
        loaded = self.load({"AUTH_PASSWORD": "x"}, file="AUTH_USERNAME: ann")
        self.assertEqual((False, ()), (loaded.settings.locked, loaded.warnings))

    def test_unusable_half_is_told_once(self) -> None:
        """
        One slip, one line.
        """
        loaded = self.load({"AUTH_USERNAME": "ann", "AUTH_PASSWORD": ""})
        self.assertTrue(self.only_warning(loaded).startswith("AUTH_PASSWORD (environment): "))


class CanaryTests(LoadingTestCase):
    """
    No secret is ever shown.

    """

    def _shown(self, loaded: LoadedSettings) -> str:
        return "\n".join((*loaded.warnings, to_yaml(loaded), repr(loaded), str(loaded.settings)))

    def test_usable_secrets(self) -> None:
        """
        Who may read the log or ``--show-config`` may not know the credentials.
        """
        loaded = self.load({"AUTH_TOKEN": CANARY, "AUTH_USERNAME": "ann", "AUTH_PASSWORD": CANARY})
        self.assertFalse(loaded.settings.locked)
        self.assertNotIn(CANARY, self._shown(loaded))

    def test_while_anything_else_is_wrong(self) -> None:
        """
        No other setting's warning brings them along.
        """
        secrets = {"AUTH_TOKEN": CANARY, "AUTH_USERNAME": "ann", "AUTH_PASSWORD": CANARY}
        shown = [
            field
            for field, cases in TABLE.items()
            for bad in cases.bad
            if CANARY in self._shown(self.load({**secrets, field.upper(): bad}))
        ]
        self.assertEqual([], shown)

    def test_unusable_secrets_in_environment(self) -> None:
        """
        A secret is not shown for being wrong: it may be the right one with a slip.
        """
        for name in ("AUTH_TOKEN", "AUTH_PASSWORD", "AUTH_USERNAME"):
            for bad in (f"{CANARY}\n", f"{CANARY}\0{CANARY}", f"{CANARY}:\x1b{CANARY}", CANARY):
                self.assertNotIn(CANARY, self._shown(self.load({name: f"x\n{bad}"})))

    def test_unusable_secrets_in_settings_file(self) -> None:
        """
        Nor for being of a type that is no text.
        """
        for name in ("AUTH_TOKEN", "AUTH_PASSWORD", "AUTH_USERNAME", "AUTH_TOKEN_FILE"):
            for bad in (
                f"[{CANARY}]",
                f"{{{CANARY}: {CANARY}}}",
                f"!!set {{{CANARY}}}",
                f'"{CANARY}\\n{CANARY}"',
                *WRONG_TYPES,
            ):
                loaded = self.load(file=f"{name}: {bad}")
                self.assertTrue(loaded.settings.locked)
                self.assertNotIn(CANARY, self._shown(loaded))

    def test_secrets_under_another_setting(self) -> None:
        """
        A line that is indented by mistake belongs to the setting above it, which is wrong now.
        """
        for file in (
            f"FPS:\n  AUTH_TOKEN: {CANARY}",
            f"CORS_ORIGINS:\n  - AUTH_TOKEN: {CANARY}",
            f"PORT: !!omap [AUTH_TOKEN: {CANARY}]",
            f"LISTEN: [AUTH_TOKEN: {CANARY}]",
        ):
            self.assertNotIn(CANARY, self._shown(self.load(file=file)))

    def test_unusable_secret_files(self) -> None:
        """
        Nor does a file that is too large or no text appear in the log.
        """
        for content in (CANARY * 1000, f"{CANARY}\n{CANARY}", CANARY.encode() + b"\xff"):
            loaded = self.load({"AUTH_TOKEN_FILE": self.written(content)})
            self.assertTrue(loaded.settings.locked)
            self.assertNotIn(CANARY, self._shown(loaded))

    def test_unusable_settings_file(self) -> None:
        """
        What YAML complains about is often the line with the token.
        """
        for content in (
            f"AUTH_TOKEN: '{CANARY}",
            f"AUTH_TOKEN: {CANARY}: {CANARY}",
            f"AUTH_TOKEN: [{CANARY}",
            f"AUTH_TOKEN={CANARY}\nPORT: 81",
            f"AUTH_TOKEN={CANARY}",
            f"- {CANARY}",
            f"AUTH_TOKEN: !{CANARY} {CANARY}",
            f"AUTH_TOKEN: *{CANARY}",
            f"AUTH_TOKEN: !!int {CANARY}",
            f"AUTH_TOKEN: !!bool {CANARY}",
            f"AUTH_TOKEN: !!timestamp {CANARY}",
            f"? [{CANARY}]\n: 1",
            f"AUTH_TOKEN: {CANARY}\x00",
        ):
            path = self.written(content)
            error = self.assertRaises(ConfigFileUnusable, load_settings, {}, {}, path)
            self.assertNotIn(CANARY, str(error))

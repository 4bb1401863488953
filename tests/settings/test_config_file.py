"""
Tests of settings files that can be used, and of those that cannot.

"""

import os
import sys
from pathlib import Path

from motion_in_ocean.settings import ConfigFileUnusable, load_settings
from tests.settings.loading import LoadingTestCase


class UsableTests(LoadingTestCase):
    """
    Files that are odd, but settings files.

    """

    def test_empty(self) -> None:
        """
        A file in which nothing is set yet sets nothing.
        """
        for content in ("", "\n", "# PORT: 81\n", "---\n", "--- ~\n...\n", "{}"):
            loaded = self.load(file=content)
            self.assertEqual((8000, ()), (loaded.settings.port, loaded.warnings))

    def test_byte_order_mark(self) -> None:
        """
        A file written on Windows works.
        """
        for encoding in ("utf-8-sig", "utf-16"):
            self.assertEqual(81, self.load(file="PORT: 81\r\n".encode(encoding)).settings.port)

    def test_deep_value(self) -> None:
        """
        A value that is nested too deep to make sense is just a wrong value.
        """
        loaded = self.load(file="FPS: " + "[" * 90 + "]" * 90)
        self.assertEqual("invalid, default used", loaded.origins["FPS"])

    def test_value_that_would_be_gigabytes(self) -> None:
        """
        Nor is one that is small in the file, and holds itself a trillion times over.
        """
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
        for name in ("FPS", "CORS_ORIGINS", "NODE_ALLOWED_NETWORKS", "AUTH_TOKEN"):
            loaded = self.load(file="\n".join([*lines, f"{name}: *a11"]))
            (about_it,) = (text for text in loaded.warnings if text.startswith(name))
            self.assertLess(len(about_it), 300)

    def test_value_that_holds_itself(self) -> None:
        """
        So is one that never ends.
        """
        loaded = self.load(file="FPS: &fps {FPS: *fps}")
        self.assertEqual("invalid, default used", loaded.origins["FPS"])

    def test_pipe(self) -> None:
        """
        ``--config <(sops decrypt camera.yaml)`` works in a shell.
        """
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        os.write(writing, b"FPS: 12")
        os.close(writing)
        loaded = load_settings({}, {}, f"/dev/fd/{reading}")
        self.assertEqual(loaded.settings.fps, 12)


class UnusableTests(LoadingTestCase):
    """
    Files without which it is safer not to start: they may hold the credentials.

    """

    def _refusal(self, path: str) -> str:
        return str(self.assertRaises(ConfigFileUnusable, load_settings, {}, {}, path))

    def _assert_not_yaml(self, content: str | bytes, where: str = "") -> None:
        path = self.written(content)
        self.assertEqual(f"settings file {path}{where}: not valid YAML", self._refusal(path))

    def test_missing(self) -> None:
        """
        A file that was not mounted is named.
        """
        path = self.mktemp()
        self.assertEqual(f"settings file {path}: No such file or directory", self._refusal(path))

    def test_missing_by_variable(self) -> None:
        """
        CONFIG_FILE means what ``--config`` means.
        """
        environ = {"CONFIG_FILE": self.mktemp()}
        self.assertRaises(ConfigFileUnusable, load_settings, {}, environ)

    def test_directory(self) -> None:
        """
        Docker makes a directory of a file that is not there.
        """
        path = self.mktemp()
        Path(path).mkdir()
        self.assertEqual(f"settings file {path}: Is a directory", self._refusal(path))

    def test_no_name(self) -> None:
        """
        ``--config=`` is a slip, not the wish for no file.
        """
        self.assertIn("Is a directory", self._refusal(""))

    def test_odd_name(self) -> None:
        """
        What cannot be the name of a file is refused like one that is not there.
        """
        self.assertIn("not a file name", self._refusal("a\0b"))

    def test_too_large(self) -> None:
        """
        A recording mistaken for a settings file is not read to its end.
        """
        self.assertIn("larger than 1048576 bytes", self._refusal("/dev/zero"))

    def test_pipe_without_writer(self) -> None:
        """
        The start ends instead of waiting for somebody who writes to it.
        """
        path = self.mktemp()
        os.mkfifo(path)
        self.assertIn("nobody writes to this pipe", self._refusal(path))

    def test_syntax(self) -> None:
        """
        The line is named, so that the slip can be found.
        """
        self._assert_not_yaml("PORT: 81\nFPS: [1\n", ", line 3")

    def test_tab(self) -> None:
        """
        YAML does not like tabs, which nobody can see.
        """
        self._assert_not_yaml("PORT:\n\t81", ", line 2")

    def test_several_documents(self) -> None:
        """
        Which of several documents counts is not for us to guess.
        """
        self._assert_not_yaml("PORT: 81\n---\nPORT: 82\n", ", line 2")

    def test_bytes_that_are_no_text(self) -> None:
        """
        A picture is no settings file.
        """
        self._assert_not_yaml(b"\xff\xd8\xff\xe0\x00\x10JFIF")

    def test_nested_without_end(self) -> None:
        """
        What exhausts the parser is refused, and does not kill it.
        """
        self._assert_not_yaml("[" * sys.getrecursionlimit())

    def test_python_objects(self) -> None:
        """
        A settings file runs no code.
        """
        self._assert_not_yaml("PORT: !!python/object/apply:os.getpid []", ", line 1")

    def test_tags_that_do_not_fit(self) -> None:
        """
        The parser has its own ways to fail, and none of them is a traceback for the operator.
        """
        for value in (
            "!!bool perhaps",
            "!!int ''",
            "!!int ten",
            "!!float ''",
            "!!timestamp soon",
            "!!timestamp 2001-13-01",
            "2001-02-30",
            "!!binary \u00e4",
            "!!map [1]",
            "!!omap {a: 1}",
            "!!set [a]",
            "9" * 5000,
        ):
            self.assertIn("not valid YAML", self._refusal(self.written(f"PORT: {value}")))

    def test_keys_that_cannot_be_keys(self) -> None:
        """
        A list as a name is a slip in the dashes.
        """
        self.assertIn("not valid YAML", self._refusal(self.written("? [a, b]\n: 1")))

    def test_no_mapping(self) -> None:
        """
        A file of another kind is recognised, with an example of how it should look.
        """
        for content in ("just text", "- PORT: 81", "81", "PORT=81\nFPS=10", "true", "2001-01-01"):
            path = self.written(content)
            self.assertEqual(
                f"settings file {path}: should hold lines such as 'FPS: 10'", self._refusal(path)
            )

"""
Tests of what the log looks like.

"""

import io
import json
from typing import Any

from twisted.logger import LogEvent, Logger, LogLevel, LogPublisher
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.service import make_observer
from motion_in_ocean.service._logging import as_json, as_text


def event(log_format: object = "Camera is open", **fields: Any) -> LogEvent:
    """
    :returns: An event as a ``Logger`` makes it.
    """
    return {
        "log_format": log_format,
        "log_level": LogLevel.info,
        "log_namespace": "motion_in_ocean.camera._service.CameraService",
        "log_time": 1_700_000_000.25,
        **fields,
    }


def failure(message: str) -> Failure:
    """
    :returns: What a bug leaves behind.
    """
    try:
        raise RuntimeError(message)
    except RuntimeError:
        return Failure()


class Unspeakable:
    """
    Cannot be turned into text.

    """

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


ODD_EVENTS: tuple[LogEvent, ...] = (
    {},
    {"log_format": None, "log_level": None, "log_namespace": None, "log_time": None},
    event(b"bytes"),
    event(b"\xff\xfe"),
    event(5),
    event("{missing}"),
    event("{"),
    event("{value}", value=Unspeakable()),
    event("{value}", value=b"\xff"),
    event(Unspeakable()),
    event("\ud800\udcff"),
    event(log_namespace=b"bytes"),
    event(log_namespace=Unspeakable),
    event(log_namespace="a\nb"),
    event(log_failure=failure("\ud800\x1b\n\x00")),
    event(log_failure=None),
    {"message": ("an", "old", "event"), "system": "-", "time": 0, "isError": 0},
)


class TextTests(SynchronousTestCase):
    """
    Lines for people.

    """

    def test_line(self) -> None:
        """
        Time, level, room and message, in columns that the eye can follow.
        """
        self.assertEqual(
            "2023-11-14T22:13:20.250Z info     motion_in_ocean.camera: Camera is open\n",
            as_text(event()),
        )

    def test_fields_are_filled_in(self) -> None:
        """
        Messages are read, not templates.
        """
        self.assertTrue(as_text(event("{n} frames", n=3)).endswith(": 3 frames\n"))

    def test_line_breaks_are_escaped(self) -> None:
        """
        What a client sends cannot pass for a line of the log.
        """
        line = as_text(event("{path}", path="/x\n2023-11-14T22:13:20.250Z info motion: forged"))
        self.assertEqual(1, line.count("\n"))
        self.assertIn(r"/x\n2023", line)

    def test_all_kinds_of_line_breaks_are_escaped(self) -> None:
        """
        Readers of logs break lines at more than LF.
        """
        for character in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029":
            self.assertEqual(1, len(as_text(event("{x}", x=f"a{character}b")).splitlines()))

    def test_terminal_commands_are_escaped(self) -> None:
        """
        Reading the log neither clears the screen nor changes the window's title.
        """
        for character in "\x00\x07\x08\x1b\x7f\x90\x9b\u202e":
            self.assertNotIn(character, as_text(event("{x}", x=f"a{character}b")))

    def test_words_of_all_languages_stay(self) -> None:
        """
        A camera may be called what its owner likes.
        """
        self.assertIn("Küche 厨房 📷", as_text(event("{x}", x="Küche 厨房 📷")))

    def test_traceback_follows_indented(self) -> None:
        """
        It can be told from the lines, and its last line says what happened.
        """
        first, *traceback = as_text(
            event("while drawing", log_failure=failure("boom"))
        ).splitlines()
        self.assertTrue(first.endswith(": while drawing"))
        self.assertIn("Traceback", traceback[0])
        self.assertIn("RuntimeError: boom", traceback[-1])
        self.assertTrue(all(line.startswith("    ") for line in traceback))

    def test_traceback_cannot_forge_lines(self) -> None:
        """
        Not even the text of an exception starts a line of its own.
        """
        text = as_text(event(log_failure=failure("x\n2023-11-14T22:13:20Z\r\x1b[2J\u2028forged")))
        self.assertTrue(all(line.startswith("    ") for line in text.splitlines()[1:]))
        self.assertTrue(all(line.isprintable() for line in text.splitlines()))

    def test_odd_events(self) -> None:
        """
        Whatever a library logs gives lines that a file can take.
        """
        for odd in ODD_EVENTS:
            lines = as_text(odd).encode().decode().splitlines()
            self.assertTrue(all(line.isprintable() for line in lines), lines)
            self.assertTrue(all(line.startswith("    ") for line in lines[1:]), lines)


class JSONTests(SynchronousTestCase):
    """
    Lines for machines.

    """

    def test_object(self) -> None:
        """
        The names that log collectors are told to look for.
        """
        self.assertEqual(
            {
                "timestamp": "2023-11-14T22:13:20.250Z",
                "level": "info",
                "logger": "motion_in_ocean.camera",
                "message": "Camera is open",
            },
            json.loads(as_json(event())),
        )

    def test_message_is_kept_as_it_is(self) -> None:
        """
        JSON has its own way to write line breaks, and the collector reads them back.
        """
        line = as_json(event("{x}", x="a\nb\x1b\u2028c"))
        self.assertEqual(1, len(line.splitlines()))
        self.assertEqual("a\nb\x1b\u2028c", json.loads(line)["message"])

    def test_traceback_has_its_own_field(self) -> None:
        """
        One event stays one line.
        """
        line = as_json(event("while drawing", log_failure=failure("boom")))
        self.assertEqual(1, len(line.splitlines()))
        self.assertEqual("while drawing", json.loads(line)["message"])
        self.assertIn("RuntimeError: boom", json.loads(line)["traceback"])

    def test_odd_events(self) -> None:
        """
        Whatever a library logs is one object on one line.
        """
        for odd in ODD_EVENTS:
            line = as_json(odd)
            self.assertEqual(1, len(line.splitlines()))
            self.assertLessEqual({"timestamp", "level", "logger", "message"}, set(json.loads(line)))


class ObserverTests(SynchronousTestCase):
    """
    What twistd writes its log with.

    """

    def _logged(self, log_format: str, level: str) -> str:
        output = io.StringIO()
        log = Logger("test", observer=LogPublisher(make_observer(log_format, level, output)))
        for name in ("debug", "info", "warn", "error", "critical"):
            log.emit(LogLevel.levelWithName(name), "{name}", name=name)
        return output.getvalue()

    def _messages(self, level: str) -> list[str]:
        return [json.loads(line)["message"] for line in self._logged("json", level).splitlines()]

    def test_everything(self) -> None:
        """
        Who looks for a fault sees all.
        """
        self.assertEqual(["debug", "info", "warn", "error", "critical"], self._messages("debug"))

    def test_default(self) -> None:
        """
        What happens to single viewers does not fill the card of a Raspberry Pi.
        """
        self.assertEqual(["info", "warn", "error", "critical"], self._messages("info"))

    def test_highest(self) -> None:
        """
        Even the quietest daemon says why it ends.
        """
        self.assertEqual(["critical"], self._messages("critical"))

    def test_levels_between(self) -> None:
        """
        Each level that LOG_LEVEL takes is one that twisted.logger knows.
        """
        self.assertEqual(["warn", "error", "critical"], self._messages("warn"))
        self.assertEqual(["error", "critical"], self._messages("error"))

    def test_text(self) -> None:
        """
        Text is for people.
        """
        self.assertTrue(self._logged("text", "critical").endswith("Z critical test: critical\n"))

    def test_strict_output(self) -> None:
        """
        No event is lost because the output refuses half a character.
        """
        output = io.BytesIO()
        text = io.TextIOWrapper(output, encoding="utf-8", errors="strict")
        observe = make_observer("text", "info", text)
        for odd in ODD_EVENTS:
            observe({**odd, "log_level": LogLevel.info, "log_namespace": "odd"})
        text.flush()
        lines = output.getvalue().decode().splitlines()
        self.assertEqual(len(ODD_EVENTS), len([line for line in lines if line[0] != " "]))

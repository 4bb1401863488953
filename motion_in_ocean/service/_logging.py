"""
What a line of the log looks like.

"""

import json
from datetime import UTC, datetime
from typing import IO, Any

from twisted.logger import (
    FileLogObserver,
    FilteringLogObserver,
    ILogObserver,
    LogEvent,
    LogLevel,
    LogLevelFilterPredicate,
    formatEvent,
)

from motion_in_ocean.service._shortage import ShortageObserver


def make_observer(log_format: str, level: str, output: IO[Any]) -> ILogObserver:
    """
    :param log_format: ``text`` or ``json``.
    :param level: The lowest level that is logged, as twisted.logger names it.
    :param output: Where lines go.
    """
    formatted = as_json if log_format == "json" else as_text
    threshold = LogLevelFilterPredicate(defaultLogLevel=LogLevel.levelWithName(level))
    return ShortageObserver(FilteringLogObserver(FileLogObserver(output, formatted), [threshold]))


def as_text(event: LogEvent) -> str:
    """
    One line for a person; a traceback follows, indented.

    """
    time, level, logger, message = _parts(event)
    lines = [f"{time} {level:8} {logger}: {message}"]
    lines += [f"    {line}" for line in _traceback(event).splitlines()]
    return "".join(f"{_printable(line)}\n" for line in lines)


def as_json(event: LogEvent) -> str:
    """
    One JSON object on one line: ``timestamp``, ``level``, ``logger``, ``message``, and
    ``traceback`` where there is one.

    """
    time, level, logger, message = _parts(event)
    line = {"timestamp": time, "level": level, "logger": logger, "message": message}
    traceback = _traceback(event)
    if traceback:
        line["traceback"] = traceback
    return json.dumps(line, ensure_ascii=True) + "\n"


def _parts(event: LogEvent) -> tuple[str, str, str, str]:
    moment = datetime.fromtimestamp(event.get("log_time") or 0.0, UTC)
    time = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    level = event.get("log_level") or LogLevel.info
    # The room is enough: what its private modules are called is nobody's business.
    logger = str(event.get("log_namespace", "-")).partition("._")[0]
    return time, level.name, logger, formatEvent(event).strip()


def _traceback(event: LogEvent) -> str:
    failure = event.get("log_failure")
    return failure.getTraceback().strip() if failure is not None else ""


def _printable(text: str) -> str:
    # What a terminal would obey, what could pass for the end of a line, and halves of characters,
    # which no file takes.
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )

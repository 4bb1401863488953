"""
How values, and what is wrong with them, are put to the operator: in one short line.

"""

import reprlib

from pydantic import ValidationError

LONGEST_VALUE, LONGEST_REASON = 80, 160

# An ordinary repr of a few lines of YAML with aliases can be gigabytes long.
_brief = reprlib.Repr()
_brief.maxlevel = 2
# Where something is indented by mistake, a mapping can hold other settings, secrets too.
_brief.maxdict = _brief.maxtuple = _brief.maxset = 0
_brief.maxstring = _brief.maxlong = _brief.maxother = LONGEST_VALUE


def shortened(value: object) -> str:
    """
    :returns: A value that was given, without line breaks and other control characters.
    """
    try:
        return _cut(_brief.repr(value), LONGEST_VALUE)
    except ValueError:
        return "a number of too many digits"


def shown(value: object) -> str:
    """
    :returns: A value that is taken, as the operator would write it.
    """
    if value in (None, (), ""):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ("x" if isinstance(value[0], int) else ",").join(str(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def reason(error: ValueError) -> str:
    """
    :returns: Why a value was refused. Not for secrets, unless the text is known to hold none.
    """
    if not isinstance(error, ValidationError):
        return _cut(str(error), LONGEST_REASON)
    details = error.errors(include_input=False, include_context=False, include_url=False)
    return _cut(details[0]["msg"].removeprefix("Value error, "), LONGEST_REASON)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"

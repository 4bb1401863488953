"""
Words as reStructuredText.

"""

import re
import textwrap
from collections.abc import Iterator

WIDTH = 100


def title(text: str, line: str = "-") -> str:
    """
    :param line: What it is underlined with.
    """
    return f"{text}\n{line * len(text)}\n"


def entry(term: str, *paragraphs: str) -> str:
    """
    :returns: A term and what is said of it.
    """
    text = "\n\n".join(filled(each, WIDTH - 4) for each in paragraphs)
    return f"{term}\n{textwrap.indent(text, '    ')}\n"


def filled(paragraph: str, width: int = WIDTH) -> str:
    """
    :returns: The same in lines of that length.
    """
    hanging = "  " if paragraph.startswith("* ") else ""
    return textwrap.fill(paragraph, width, subsequent_indent=hanging, break_on_hyphens=False)


def plain(text: str) -> str:
    """
    :returns: Words in which nothing is markup.
    """
    return re.sub(r"([*`_|\\])", r"\\\1", text)


def from_markdown(text: str) -> Iterator[str]:
    """
    Read what the descriptions of the API documents use of CommonMark: paragraphs, code, and tables.

    :returns: The paragraphs.
    """
    for block in text.strip().split("\n\n"):
        lines = block.splitlines()
        if block.startswith("|"):
            # Without the names of the columns and the line below them.
            for line in lines[2:]:
                cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
                yield f"* {_code(': '.join((' '.join(cells[:-1]), cells[-1])))}"
        elif block:
            yield _code(" ".join(block.split()))


def _code(text: str) -> str:
    return re.sub("`([^`]+)`", r"``\1``", text)

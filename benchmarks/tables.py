"""
Tables as text that is also reStructuredText.

"""

from collections.abc import Sequence

NOTHING = "-"


def simple_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """
    :returns: A simple table; numbers to the right, the first column to the left.
    """
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    rule = "  ".join("=" * width for width in widths)

    def text(line: Sequence[str]) -> str:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        return "  ".join(cells).rstrip()

    return "\n".join([rule, text(header), rule, *map(text, rows), rule])


def shown(value: float | None, digits: int = 3) -> str:
    """
    :returns: A number with as many digits as it deserves.
    """
    if value is None:
        return NOTHING
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:.0f}"
    return f"{value:.{digits}g}"


def titled(title: str, *paragraphs: str) -> str:
    return "\n\n".join((f"{title}\n{'-' * len(title)}", *paragraphs))

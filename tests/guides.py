"""
The guides, as tests read them.

Each block of code in them is preceded by a comment that readers of the built pages do not see:
``.. tried: HOW``, where a test does so, or ``.. untried: WHY``.

"""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

from attrs import frozen

DOCS = Path(__file__).parent.parent / "docs"

CAMERA, HUB = "camera.local:8000", "hub.local:8001"
"""What the guides call a node and what watches over it."""

_BLOCK = re.compile(
    r"(?:^\.\. (?P<kind>tried|untried): (?P<how>.+)\n)?"
    r"^\.\. code-block:: (?P<language>\w+)\n\n"
    r"(?P<code>(?:    .*\n|\n(?=    |\n    ))+)",
    re.MULTILINE,
)


@frozen
class Block:
    """
    One block of code.

    """

    page: str
    line: int
    language: str
    code: str
    tried: str | None
    """How."""
    untried: str | None
    """Why not."""

    def __str__(self) -> str:
        return f"docs/{self.page}, line {self.line}"


def pages() -> dict[str, str]:
    """
    :returns: The text of each guide by its path in ``docs``.
    """
    return {
        str(path.relative_to(DOCS)): path.read_text("utf-8") for path in sorted(DOCS.rglob("*.rst"))
    }


def blocks(tried: str | None = None) -> list[Block]:
    """
    :param tried: Only those that are tried in this way.
    """
    return [
        block
        for page, text in pages().items()
        for block in _blocks_of(page, text)
        if tried is None or block.tried == tried
    ]


def _blocks_of(page: str, text: str) -> Iterator[Block]:
    for match in _BLOCK.finditer(text):
        kind = match["kind"]
        yield Block(
            page,
            text.count("\n", 0, match.start("code")) + 1,
            match["language"],
            dedent(match["code"]),
            tried=match["how"] if kind == "tried" else None,
            untried=match["how"] if kind == "untried" else None,
        )

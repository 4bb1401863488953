"""
What axe-core has to say about a page.

"""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.integration.components import missing

AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def violations(page: Page) -> list[str]:
    """
    :returns: What is wrong with the page as it is now, and where.
    """
    if not AXE.exists():
        raise missing("axe-core", "make axe")
    # Not as a script of the page, which its policy would forbid.
    page.evaluate(f"if (!window.axe) {{ {AXE.read_text('utf-8')} }}")
    result: dict[str, Any] = page.evaluate(
        "(tags) => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })", list(RULES)
    )
    return [
        f"{rule['id']} ({rule['help']}): {node['html']} {node['failureSummary']}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]

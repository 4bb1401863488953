"""
Nodes and people that want the dashboard to run something, in Chromium.

"""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.integration.browser import Tab
from tests.integration.daemon import wait_until
from tests.integration.dashboard_case import DashboardTestCase
from tests.integration.made_up_nodes import HEALTH, READY, MadeUpNode

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script href=data:,alert(1)></script>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<a href=javascript:alert(1) autofocus onfocus=alert(1)>x</a>",
    "<style>@import 'http://127.0.0.1:9/x';</style>",
    "<link rel=stylesheet href=http://127.0.0.1:9/x>",
    "<base href=http://127.0.0.1:9/>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "<form action=http://127.0.0.1:9/><button autofocus>x",
    "</textarea><script>alert(1)</script>",
    "</pre></dialog><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "' onmouseover=alert(1) x='",
    "javascript:alert(1)",
    "${alert(1)}{{constructor.constructor('alert(1)')()}}",
    "__proto__",
    "\N{RIGHT-TO-LEFT OVERRIDE}gnp.txe",
)

UNLIKELY: Sequence[Mapping[str, Any]] = (
    {"reason": {"toString": "x", "valueOf": 1}, "message": {"a": 1}, "current_fps": "9"},
    {"reason": "__proto__", "message": None},
    {"reason": "constructor", "message": "x" * 20_000},
)


class HostileTests(DashboardTestCase):
    """
    What others have written is text, wherever it is shown.

    """

    def assert_harmless(self, tab: Tab) -> None:
        """
        Nothing was run, nothing was forbidden, nobody else was asked.

        """
        self.assertEqual(self.dialogs, [])
        self.assertEqual(tab.complaints, [])
        here = tab.page.url.partition("#")[0]
        self.assertEqual([url for url in tab.addresses if not url.startswith(here)], [])
        self.assertEqual(tab.page.locator("script").count(), 1)

    def test_everywhere(self) -> None:
        """
        In names, labels, capabilities, reasons, figures and answers; in table, wall, drawer and
        forms.
        """
        daemon = self.manage()
        for number, payload in enumerate(PAYLOADS):
            says = {"status": "not_ready", "reason": payload, "message": payload, payload: payload}
            self.add_node(
                daemon,
                f"n{number}",
                MadeUpNode(ready={**READY, **says}, action=(200, {payload: payload})),
                name=payload,
                labels={payload: payload},
                capabilities=[payload],
            )
        self.dialogs: list[str] = []
        tab = self.dashboard(daemon)
        tab.page.on("dialog", lambda dialog: self.dialogs.append(dialog.message))
        wait_until(lambda: set(self.names(tab)) == set(PAYLOADS), lambda: str(self.names(tab)))
        for payload in PAYLOADS:
            self.assertIn(f"{payload} = {payload}", tab.page.inner_text("#nodes"))
        tab.page.select_option("select[name=view]", "wall")
        self.assertEqual(len(self.names(tab)), len(PAYLOADS))
        for number, payload in enumerate(PAYLOADS):
            tab.page.locator(f"#wall a[data-node=n{number}]").click()
            self.wait_for_text(tab.page, "#drawer-name", payload)
            self.assertIn(payload, tab.page.text_content("#facts") or "")
            self.assertIn(payload, tab.page.text_content("#drawer-why") or "")
            if number % 5 == 0:
                tab.page.click("#restart")
                self.wait_for_text(tab.page, "#question", payload)
                tab.page.click("#sure")
                self.wait_for_text(tab.page, "#answer", "It answered with 200.")
                tab.page.click("#edit")
                tab.page.wait_for_selector("#editor[open]")
                self.assertIn(payload, tab.page.input_value("#form [name=labels]"))
                tab.page.keyboard.press("Escape")
            tab.page.keyboard.press("Escape")
            wait_until(lambda: tab.page.is_hidden("#drawer"), "that it is closed")
        tab.page.select_option("#label", index=3)
        tab.page.fill("#q", PAYLOADS[0])
        self.assert_harmless(tab)

    def test_unlikely_answers(self) -> None:
        """
        One node that says what makes no sense does not keep the others from being shown.
        """
        daemon = self.manage()
        for number, says in enumerate(UNLIKELY):
            ready = {**HEALTH, "status": "not_ready", **says}
            self.add_node(daemon, f"n{number}", MadeUpNode(ready=ready))
        self.add_node(daemon, "good", MadeUpNode())
        self.dialogs = []
        tab = self.dashboard(daemon, "sort=fps")
        self.assertEqual(len(self.names(tab)), 4)
        for number in range(len(UNLIKELY)):
            tab.page.click(f"#nodes a[data-node=n{number}]")
            tab.page.keyboard.press("Escape")
        self.assert_harmless(tab)

    def test_hostile_address(self) -> None:
        """
        Nor does a link to the dashboard that somebody else has made.
        """
        daemon = self.manage()
        self.add_node(daemon, "good", MadeUpNode())
        self.dialogs = []
        for fragment in (
            "view=constructor&sort=__proto__&state=__proto__&label=toString&q=%3Cscript%3E",
            "node=../../ready&sort=valueOf",
            "node=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
            "%%%&=&&",
        ):
            tab = self.dashboard(daemon, fragment)
            tab.page.on("dialog", lambda dialog: self.dialogs.append(dialog.message))
            self.assert_harmless(tab)

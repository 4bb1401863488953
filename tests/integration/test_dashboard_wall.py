"""
The wall of pictures, in Chromium.

"""

from playwright.sync_api import Route

from tests.integration.browser import Tab
from tests.integration.daemon import Daemon, wait_until
from tests.integration.dashboard_case import DashboardTestCase
from tests.integration.made_up_nodes import NOT_READY, MadeUpNode, picture

MOST_AT_ONCE = 2

CAPTIONS = "(captions) => captions.map((each) => each.textContent)"


class WallTests(DashboardTestCase):
    """
    Many cameras at a glance.

    """

    def wall(self, daemon: Daemon, size: tuple[int, int] = (1280, 800)) -> Tab:
        """
        :returns: The page, with the wall.
        """
        return self.dashboard(daemon, "view=wall", self.context(size))

    def captions(self, tab: Tab) -> list[str]:
        """
        :returns: What is said of each picture, in order.
        """
        texts: list[str] = tab.page.eval_on_selector_all("#wall figcaption", CAPTIONS)
        return texts

    def colour(self, tab: Tab) -> list[int]:
        """
        :returns: That of the middle of the first picture.
        """
        pixel: list[int] = tab.page.locator("#wall canvas").first.evaluate(
            "(canvas) => Array.from(canvas.getContext('2d').getImageData("
            "canvas.width / 2, canvas.height / 2, 1, 1).data)"
        )
        return pixel[:3]

    def test_fifty(self) -> None:
        """
        Fifty cameras need two of the six connections that a browser makes, so that the page can
        still ask how they are; and in the end all are seen.
        """
        daemon = self.manage()
        for number in range(50):
            self.add_node(daemon, f"n{number}", MadeUpNode(picture_seconds=0.05), name=f"{number}")
        tab = self.wall(daemon, (1600, 6000))
        wait_until(
            lambda: all("ago" in caption for caption in self.captions(tab)),
            lambda: str(self.captions(tab)),
            30,
        )
        self.assertEqual(len(self.captions(tab)), 50)
        self.assertEqual(self.fleet.most_pictures_at_once, MOST_AT_ONCE)
        self.assertEqual(tab.complaints, [])

    def test_seen_alone(self) -> None:
        """
        Pictures that nobody can see are not fetched, until they are scrolled to.
        """
        daemon = self.manage()
        for number in range(30):
            self.add_node(daemon, f"n{number:02}", MadeUpNode(), name=f"{number:02}")
        tab = self.wall(daemon, (400, 600))
        wait_until(lambda: "ago" in self.captions(tab)[0], "the first picture")
        # Time enough for all of them.
        tab.page.wait_for_timeout(4000)
        self.assertNotIn("ago", self.captions(tab)[29])
        self.assertLess(sum("ago" in caption for caption in self.captions(tab)), 10)
        tab.page.locator("#wall li").nth(29).scroll_into_view_if_needed()
        wait_until(lambda: "ago" in self.captions(tab)[29], "the last picture")

    def test_moves(self) -> None:
        """
        The wall shows what the cameras see now.
        """
        daemon, node = self.manage(), MadeUpNode(picture=picture((255, 0, 0)))
        self.add_node(daemon, "attic", node)
        tab = self.wall(daemon)
        wait_until(lambda: self.colour(tab)[0] > 200, "a red picture")
        node.picture = picture((0, 0, 255))
        wait_until(lambda: self.colour(tab)[2] > 200, "a blue picture")

    def test_lost_answers(self) -> None:
        """
        Two answers that never come do not keep all other pictures waiting for a minute.
        """
        daemon = self.manage()
        for number in range(4):
            self.add_node(daemon, f"n{number}", MadeUpNode(), name=f"{number}")
        context = self.context()
        lost: list[Route] = []

        def lose_first(route: Route) -> None:
            if len(lost) < MOST_AT_ONCE:
                lost.append(route)
            else:
                route.continue_()

        context.route("**/snapshot.jpg", lose_first)
        tab = self.dashboard(daemon, "view=wall", context)
        wait_until(lambda: tab.state and len(lost) == MOST_AT_ONCE, "questions")
        wait_until(
            lambda: all("ago" in caption for caption in self.captions(tab)[2:]),
            lambda: str(self.captions(tab)),
            20,
        )
        self.assertIn("The manager does not answer.", self.captions(tab)[0])
        wait_until(
            lambda: all("ago" in caption for caption in self.captions(tab)),
            lambda: str(self.captions(tab)),
        )

    def test_frozen(self) -> None:
        """
        A picture that is not how it is says so, says why and how old it is, and looks like it.
        """
        daemon, node = self.manage(), MadeUpNode()
        self.add_node(daemon, "attic", node)
        tab = self.wall(daemon)
        wait_until(lambda: "ago" in self.captions(tab)[0], "a picture")
        node.picture = None
        wait_until(
            lambda: "no picture at the moment" in self.captions(tab)[0],
            lambda: self.captions(tab)[0],
        )
        self.assertRegex(self.captions(tab)[0], r"^Frozen, \d+ s old: ")
        filters = tab.page.locator("#wall canvas").evaluate(
            "(canvas) => [getComputedStyle(canvas).filter, getComputedStyle(canvas).opacity]"
        )
        self.assertEqual(filters, ["grayscale(1)", "0.4"])
        node.picture = picture()
        wait_until(lambda: "ago" in self.captions(tab)[0], lambda: self.captions(tab)[0], 30)

    def test_not_ready(self) -> None:
        """
        Of a node whose camera has failed the last picture stays, as what it is; and the node is not
        asked for more.
        """
        daemon, node = self.manage(), MadeUpNode()
        self.add_node(daemon, "attic", node)
        tab = self.wall(daemon)
        wait_until(lambda: "ago" in self.captions(tab)[0], "a picture")
        node.ready = NOT_READY
        wait_until(lambda: "Frozen" in self.captions(tab)[0], lambda: self.captions(tab)[0])
        self.assertIn("gives no pictures any more", self.captions(tab)[0])

    def test_same_picture_again(self) -> None:
        """
        A node that gives away the same picture again and again does not make it younger.
        """
        daemon = self.manage()
        node = MadeUpNode(stamp="1000000000.000000")
        self.add_node(daemon, "attic", node)
        tab = self.wall(daemon)
        wait_until(lambda: self.fleet.pictures >= 2, "another request")
        wait_until(lambda: self.captions(tab)[0].split()[0] in ("7", "8"), "an honest age")

    def test_no_picture(self) -> None:
        """
        Where there never was one, it says why.
        """
        daemon = self.manage()
        self.add_node(daemon, "attic", None)
        self.add_node(daemon, "barn", MadeUpNode(picture=b"\xff\xd8 no JPEG \xff\xd9"))
        tab = self.wall(daemon)
        wait_until(lambda: "read" in self.captions(tab)[1], lambda: self.captions(tab)[1])
        self.assertEqual(
            self.captions(tab),
            ["No picture: nothing listens there", "No picture: It cannot be read."],
        )

    def test_manager_gone(self) -> None:
        """
        When the manager is gone, no picture passes for fresh.
        """
        daemon = self.manage()
        self.add_node(daemon, "attic", MadeUpNode())
        tab = self.wall(daemon)
        wait_until(lambda: "ago" in self.captions(tab)[0], "a picture")
        daemon.kill()
        wait_until(lambda: "Frozen" in self.captions(tab)[0], lambda: self.captions(tab)[0])

"""
Tests of what is taken for no node.

"""

from typing import Any

from motion_in_ocean.errors import NodeInvalid
from motion_in_ocean.management.registry._node import (
    MOST_PROBLEMS,
    parse_node,
)
from tests.management.node_case import NodeTestCase
from tests.management.nodes import node_payload


class RefusedTests(NodeTestCase):
    """
    What is no node, and how that is put.

    """

    def test_no_object(self) -> None:
        """
        A list, a number or nothing is refused as a whole.
        """
        payloads: tuple[Any, ...] = ([], None, 5, "x", True)
        for payload in payloads:
            error = self.assertRaises(NodeInvalid, parse_node, payload)
            self.assertEqual({"body": "must be a JSON object"}, error.problems)

    def test_all_required(self) -> None:
        """
        Someone who sends nothing is told all that is missing, at once.
        """
        error = self.assertRaises(NodeInvalid, parse_node, {})
        self.assertEqual(dict.fromkeys(node_payload(), "is required"), error.problems)

    def test_unknown_field(self) -> None:
        """
        A field with a slip in its name is not dropped silently.
        """
        self.assert_problem("lables", "not known", lables={})

    def test_not_coerced(self) -> None:
        """
        A number is no text, a string no list, and an object no list either.
        """
        for path, words, value in (
            ("id", "text", 5),
            ("name", "text", None),
            ("base_url", "text", ["http://h"]),
            ("auth", "object", "none"),
            ("labels", "object", [["a", "b"]]),
            ("labels", "object", None),
            ("last_seen", "ISO 8601", 1769860800),
            ("last_seen", "ISO 8601", "1769860800"),
            ("last_seen", "ISO 8601", "yesterday"),
            ("capabilities", "array", "stream"),
            ("capabilities", "array", {"stream": True}),
            ("transport", "http or docker", "ssh"),
            ("transport", "http or docker", None),
        ):
            self.assert_problem(path, words, **{path: value})

    def test_id(self) -> None:
        """
        An id fits into a path, whole.
        """
        for value in ("", " ", "-a", ".a", "..", "a b", "a/b", "é", "a\nb", "i" * 65):
            self.assert_problem("id", "letters, digits", id=value)

    def test_empty(self) -> None:
        """
        A name of spaces is no name.
        """
        self.assertEqual(
            {
                "name": "must not be empty",
                "base_url": "must not be empty",
                "labels. ": "must not be empty",
                "labels.site": "must not be empty",
                "capabilities.1": "must not be empty",
            },
            self.problems(
                name=" ",
                base_url="",
                labels={" ": "x", "site": ""},
                capabilities=["stream", ""],
            ),
        )

    def test_paths(self) -> None:
        """
        What is wrong inside a field is named by its place.
        """
        self.assertEqual(
            {"labels.site": "must be text", "capabilities.0": "must be text"},
            self.problems(labels={"site": 5}, capabilities=[None]),
        )

    def test_control_characters(self) -> None:
        """
        Nothing that is shown or sent later can begin another line.
        """
        for path, wrong in (
            ("name", {"name": "a\r\nb"}),
            ("labels.site", {"labels": {"site": "a\x1b[2J"}}),
            ("capabilities.0", {"capabilities": ["a\u2028b"]}),
            ("auth.token", {"auth": {"type": "bearer", "token": "a\r\nX: b"}}),
            ("base_url", {"base_url": "http://h/\x00"}),
        ):
            self.assert_problem(path, "control characters", **wrong)

    def test_half_characters(self) -> None:
        """
        Text that cannot be written as UTF-8 is none.
        """
        self.assert_problem("name", "whole characters", name="\ud800")

    def test_too_much(self) -> None:
        """
        What is stored and shown stays in bounds.
        """
        for path, wrong in (
            ("name", {"name": "n" * 257}),
            ("base_url", {"base_url": "http://h/" + "p" * 2040}),
            ("auth.token", {"auth": {"type": "bearer", "token": "t" * 4097}}),
            ("labels", {"labels": {f"k{number}": "v" for number in range(65)}}),
            ("labels.site", {"labels": {"site": "v" * 1025}}),
            ("capabilities", {"capabilities": ["c"] * 65}),
        ):
            self.assertEqual([path], list(self.problems(**wrong)))

    def test_number_of_problems(self) -> None:
        """
        A refusal is not much longer than what it refuses.
        """
        wrong: dict[str, Any] = {"x" * 1000 + str(number): 0 for number in range(1000)}
        problems = self.problems(**wrong)
        self.assertEqual(1, len(problems))  # the names are told apart by what is cut off
        problems = self.problems(**{f"x{number}": 0 for number in range(1000)})
        self.assertEqual(MOST_PROBLEMS, len(problems))

    def test_labels_alike(self) -> None:
        """
        Of two labels that differ by a space, none is dropped silently.
        """
        self.assert_problem("labels", "twice", labels={"site": "a", "site ": "b"})

    def test_base_url(self) -> None:
        """
        Each way to get an address wrong has its own words.
        """
        for value, words in (
            ("cam.local", "look like"),
            ("ftp://cam.local", "look like"),
            ("http:/cam.local", "look like"),
            ("http://", "name a host"),
            ("http:///stream", "name a host"),
            ("http://:8000", "name a host"),
            ("http://cam local", "letters, digits"),
            ("http://küche.local", "xn--"),
            ("http://-cam", "letters, digits"),
            ("http://a..b", "letters, digits"),
            ("http://" + "a." * 127 + "aa", "letters, digits"),
            ("http://me@cam.local", "no user name"),
            ("http://me:pw@cam.local", "no user name"),
            ("http://cam.local?", "no query"),
            ("http://cam.local/?a=b", "no query"),
            ("http://cam.local/#", "no fragment"),
            ("http://cam.local:", "port"),
            ("http://cam.local:0", "port"),
            ("http://cam.local:65536", "port"),
            ("http://cam.local:-1", "port"),
            ("http://cam.local:８０", "port"),  # noqa: RUF001 - those are digits too
            ("http://1.2.3", "IPv4"),
            ("http://1.2.3.256", "IPv4"),
            ("http://2130706433", "IPv4"),
            ("http://0x7f000001", "IPv4"),
            ("http://0177.0.0.1", "IPv4"),
            ("http://[::1", "brackets"),
            ("http://::1", "brackets"),
            ("http://[::1]a", "brackets"),
            ("http://[]", "IPv6"),
            ("http://[1.2.3.4]", "IPv6"),
            ("http://[fe80::1%eth0]", "IPv6"),
            ("http://cam.local/a b", "percent-encoded"),
            ("http://cam.local/é", "percent-encoded"),
            ("http://cam.local/%zz", "percent-encoded"),
            ("http://cam.local\\@evil", "no user name"),
        ):
            self.assert_problem("base_url", words, base_url=value)

    def test_last_seen_before_time(self) -> None:
        """
        A time that cannot be had in UTC is refused, not an internal error.
        """
        for value in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
            self.assert_problem("last_seen", "years", last_seen=value)

"""
Tests that the API document tells what a node is.

"""

from collections.abc import Mapping, Sequence

from twisted.trial.unittest import SynchronousTestCase

from motion_in_ocean.errors import NodeInvalid
from motion_in_ocean.management.registry import parse_node
from motion_in_ocean.management.registry._node import Node
from tests.memory_management import node
from tests.openapi import Document

TEXTS = ("x", " x ", "\tx\n", "x y", "", " ", "x\ny", "x\x00", "\x00x", "x\x7fx", "ü 🐟", 5, None)
URL = "http://h/"
VALUES: Mapping[str, Sequence[object]] = {
    "id": (
        *("a", "A.b_c-9", " a ", "x" * 64),
        *("", ".a", "_a", "a b", "a/b", "ä", "x" * 65, 5, None),
    ),
    "name": (*TEXTS, "x" * 256, "x" * 257, f" {'x' * 254} ", f" {'x' * 255} "),
    "base_url": (
        *(
            "http://h",
            "HTTPS://H.example:8000/a/",
            "http://[::1]:80",
            "http://10.0.0.1",
            " http://h ",
        ),
        *("ftp://h", "http:/h", "http://", "http://u@h", "http://h?q", "http://h/#f", "h", "", 5),
        *(URL + "x" * (2048 - len(URL)), URL + "x" * (2049 - len(URL))),
    ),
    "auth": (
        *({"type": "none"}, {"type": "none", "token": "t"}, {"type": "bearer"}, {}, None),
        *({"type": "basic"}, {"type": "basic", "username": "u", "password": "p"}),
        {"type": "bearer", "token": "t", "username": "u"},
        *({"type": "bearer", "token": text} for text in (*TEXTS, "x" * 4096, "x" * 4097)),
    ),
    "labels": (
        *({"a": text} for text in (*TEXTS, "x" * 1024, "x" * 1025)),
        *({text: "a"} for text in (*TEXTS, "x" * 256, "x" * 257) if isinstance(text, str)),
        *({str(number): "x" for number in range(count)} for count in (0, 64, 65)),
        *([], None),
    ),
    "last_seen": (
        *("2026-05-01T10:20:30Z", "2026-05-01T10:20:30.123456+02:00", "soon", "", 5, None),
    ),
    "capabilities": (
        *([text] for text in (*TEXTS, "x" * 128, "x" * 129)),
        *(["x"] * count for count in (0, 64, 65)),
        *({}, "x", None),
    ),
    "transport": ("http", "docker", "HTTP", "", None),
    "surprise": (1,),
}
"""By field: values that are just right, and values that are just wrong."""


class NodeSchemaTests(SynchronousTestCase):
    """
    Clients check what they send by the document.

    """

    def setUp(self) -> None:
        self.document = Document.packaged("management")

    def test_nodes_have_the_fields_of_the_code(self) -> None:
        """
        All of them, and all needed to register one.
        """
        for name in ("Node", "NewNode", "NodeChange"):
            schema = self.document.component("schemas", name)
            self.assertEqual(list(schema["properties"]), list(Node.model_fields))
            required = [] if name == "NodeChange" else list(Node.model_fields)
            self.assertEqual(schema.get("required", []), required)

    def test_a_node_is_valid_here_if_it_is_valid_there(self) -> None:
        """
        A client that checks is neither refused nor held back.
        """
        schema = self.document.component("schemas", "NewNode")
        for field, values in VALUES.items():
            for value in values:
                payload = node("a", **{field: value})
                problems = self.document.schema_problems(schema, payload)
                where = f"{field} {str(value)[:80]!r} {problems}"
                self.assertEqual(not problems, _is_taken(payload), where)


def _is_taken(payload: object) -> bool:
    try:
        parse_node(payload)
    except NodeInvalid:
        return False
    return True

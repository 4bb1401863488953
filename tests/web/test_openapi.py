"""
Tests that both API documents are good to read, and say the same of what both modes have.

"""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_spec_validator import validate
from twisted.trial.unittest import SynchronousTestCase

import motion_in_ocean
from motion_in_ocean import __version__
from motion_in_ocean.service import listening_on
from motion_in_ocean.settings import Settings, load_settings
from motion_in_ocean.web import config_report
from motion_in_ocean.web._errors import ROUTING_CODES
from tests.openapi import Document, Operation

MODES = ("webcam", "management")

OF_ONE_MODE = {
    "paths": {"/", "/ready", "/metrics"},
    "schemas": {"AppMode", "Figures", "Ready", "NotReady", "Metrics", "ErrorCode"},
}
"""What both documents have under the same name, and mean something else by."""


def _named(where: dict[str, Any], step: str) -> Iterator[tuple[str, Any]]:
    """
    :returns: All values of that key, wherever they are, with what they stand beside.
    """
    for key, value in where.items():
        if key == step:
            yield key, where
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                yield from _named(part, step)


def _without_examples(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            k: _without_examples(v) for k, v in part.items() if k not in ("example", "examples")
        }
    return [_without_examples(each) for each in part] if isinstance(part, list) else part


class BothDocumentsTests(SynchronousTestCase):
    """
    There are two of them, so that each can be read as it is.

    """

    def setUp(self) -> None:
        self.documents = [Document.packaged(mode) for mode in MODES]

    def operations(self) -> Iterator[tuple[Document, Operation]]:
        """
        All operations of both.

        """
        for document in self.documents:
            for operation in document.operations():
                yield document, operation

    def test_documents_are_valid(self) -> None:
        """
        Tools can read them.
        """
        for document in self.documents:
            validate(document.root)
            self.assertTrue(__version__.startswith(document.root["info"]["version"]))

    def test_what_both_have_is_the_same(self) -> None:
        """
        A client of both modes learns it once.
        """
        one, other = (document.root for document in self.documents)
        for part in ("openapi", "servers", "security"):
            self.assertEqual(one[part], other[part])
        rooms = {"paths": (one["paths"], other["paths"])}
        for kind in one["components"]:
            rooms[kind] = (one["components"][kind], other["components"][kind])
        for kind, (here, there) in rooms.items():
            for name in (here.keys() & there.keys()) - OF_ONE_MODE.get(kind, set()):
                # Only what is shown of a reply may differ: the mode in it, for one.
                same = _without_examples(here[name]) == _without_examples(there[name])
                self.assertTrue(same, f"{kind}: {name}")

    def test_introductions_are_the_same(self) -> None:
        """
        But for what the mode is about.
        """
        texts = [document.root["info"]["description"] for document in self.documents]
        one, other = (text[text.index("## Credentials") :] for text in texts)
        self.assertEqual(one, other)

    def test_operations_can_be_told_apart(self) -> None:
        """
        Generators name functions after them, and readers find them by their tags.
        """
        for document in self.documents:
            tags = [tag["name"] for tag in document.root["tags"]]
            ids = [each.described["operationId"] for each in document.operations()]
            self.assertEqual(len(ids), len(set(ids)))
            for operation in document.operations():
                self.assertRegex(operation.described["operationId"], "^[a-z]+[A-Za-z]+$")
                self.assertRegex(operation.described["summary"], r"^[A-Z].{6,70}[^.]$")
                (tag,) = operation.described["tags"]
                self.assertIn(tag, tags)

    def test_public_paths_are_those_without_security(self) -> None:
        """
        The documents do not promise what the door refuses.
        """
        public = {each.path for _, each in self.operations() if each.is_public}
        self.assertEqual(public, {"/health", "/ready"})

    def test_what_the_door_refuses_is_told_of_every_operation(self) -> None:
        """
        And bugs, which nobody can rule out.
        """
        for _, operation in self.operations():
            responses = operation.described["responses"]
            for status in (*operation.door_statuses, 500):
                self.assertTrue(
                    {str(status), f"{status // 100}XX"} & responses.keys(), f"{operation} {status}"
                )

    def test_examples_are_right(self) -> None:
        """
        They are what people read first, and copy.
        """
        for document in self.documents:
            for key in ("example", "examples"):
                for _, beside in _named(document.root, key):
                    examples = [beside["example"]] if key == "example" else beside["examples"]
                    if isinstance(examples, dict):
                        examples = [each["value"] for each in examples.values()]
                    for example in examples:
                        problems = document.schema_problems(beside.get("schema", beside), example)
                        self.assertEqual(problems, [], example)

    def test_all_json_has_an_example(self) -> None:
        """
        It says more than a schema.
        """
        for document in self.documents:
            for _, beside in _named(document.root, "application/json"):
                media = beside["application/json"]
                self.assertTrue({"example", "examples"} & media.keys(), media)

    def test_no_part_is_left_over(self) -> None:
        """
        What nothing refers to misleads.
        """
        for document in self.documents:
            used = {beside["$ref"] for _, beside in _named(document.root, "$ref")}
            there = {
                f"#/components/{kind}/{name}"
                for kind, parts in document.root["components"].items()
                for name in parts
                if kind != "securitySchemes"
            }
            self.assertEqual(used, there)

    def test_objects_in_replies_are_closed(self) -> None:
        """
        Or the tests that compare them with replies would not see what is missing.
        """
        for document in self.documents:
            schemas = document.root["components"]["schemas"]
            # What is put together of several is closed as a whole.
            parts = [schemas[name] for name in ("Figures", "StatusHead") if name in schemas]
            for _, whole in _named(schemas, "allOf"):
                self.assertIs(whole.get("unevaluatedProperties"), False, whole)
                parts += whole["allOf"]
            for _, schema in _named(schemas, "properties"):
                is_closed = schema.get("additionalProperties") is False
                self.assertTrue(is_closed or schema in parts, schema)

    def test_settings_are_those_of_the_code(self) -> None:
        """
        All of them, in their order.
        """
        names = [name.upper() for name in Settings.model_fields if name != "locked"]
        for document in self.documents:
            settings = document.component("schemas", "Config")["properties"]["settings"]
            self.assertEqual(settings["propertyNames"]["enum"], names)

    def test_origins_of_settings_are_those_of_the_code(self) -> None:
        """
        Each that there can be, and no other.
        """
        path = Path(self.mktemp())
        path.write_text("ROTATION: 180\n")
        environ = {"CONFIG_FILE": str(path), "FPS": "5", "PORT": "x", "CORS_ORIGINS": "x"}
        with socket.socket() as passed:
            loaded = listening_on(
                [passed.fileno()], load_settings({"RESOLUTION": "320x240"}, environ)
            )
        report = config_report(loaded)
        origins = {setting["origin"] for setting in report["settings"].values()}
        for document in self.documents:
            schema = document.component("schemas", "Config")
            self.assertEqual(document.schema_problems(schema, report), [])
            setting = document.component("schemas", "Setting")
            self.assertEqual(set(setting["properties"]["origin"]["enum"]), origins)

    def test_error_codes_are_those_of_the_code(self) -> None:
        """
        Programs decide by them; each is explained.
        """
        told: set[str] = set()
        for document in self.documents:
            codes = document.component("schemas", "ErrorCode")["enum"]
            text = document.root["info"]["description"] + repr(document.root["paths"])
            text += repr(document.root["components"]["responses"])
            for code in codes:
                self.assertIn(f"`{code}`", text)
            told |= set(codes)
        self.assertEqual(told, _codes_in_the_code() | set(ROUTING_CODES.values()))


def _codes_in_the_code() -> set[str]:
    """
    :returns: What stands behind a status wherever an error is made.
    """
    codes: set[str] = set()
    for path in Path(motion_in_ocean.__file__).parent.rglob("*.py"):
        codes |= set(re.findall(r'\b[45][0-9]{2},\s+"([A-Z_]+)"', path.read_text("utf-8")))
    return codes

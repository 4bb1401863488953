"""
The documents of the API, and whether a reply is one that they describe.

"""

import functools
import json
import re
from collections.abc import Iterable, Iterator, Set
from importlib.resources import files
from typing import Any

import yaml
from attrs import define, frozen
from jsonschema import Draft202012Validator
from klein import Klein

from tests.memory_node import Reply

METHODS = ("get", "put", "post", "delete")

UNDESCRIBED_HEADERS = frozenset(
    (
        # What HTTP itself is about.
        *("cache-control", "connection", "content-length", "content-type", "date"),
        *("expires", "pragma", "vary"),
        # What browsers are told with every reply.
        *("access-control-allow-origin", "access-control-expose-headers"),
        *("referrer-policy", "x-content-type-options", "x-frame-options"),
    )
)
"""Headers that replies may have though their operation does not mention them."""


@frozen
class Operation:
    """
    One method of one path.

    """

    path: str
    """As the document has it: ``/api/nodes/{node_id}``."""

    method: str
    """In small letters."""

    described: dict[str, Any]

    @property
    def is_public(self) -> bool:
        """
        Whether it never needs credentials.

        """
        return self.described.get("security") == [{}]

    @property
    def door_statuses(self) -> Set[int]:
        """
        With what statuses the door may refuse it.

        """
        statuses = {400, 413}
        if not self.is_public:
            statuses |= {401, 429}
        if self.path.startswith("/api/"):
            statuses.add(421)
        if self.method != "get":
            statuses |= {403, 415}
        return statuses

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


@define(eq=False)
class Document:
    """
    A document.

    """

    root: dict[str, Any]

    @classmethod
    @functools.cache
    def packaged(cls, app_mode: str) -> "Document":
        """
        :returns: The one that is installed, the same for all: to take it apart takes long.
        """
        return cls(yaml.safe_load(packaged_text(app_mode)))

    def operations(self) -> Iterator[Operation]:
        """
        All that can be asked.

        """
        for path, item in self.root["paths"].items():
            for method in METHODS:
                if method in item:
                    yield Operation(path, method, item[method])

    def operation(self, path: str, method: str) -> Operation:
        """
        :returns: The one with that path and method.
        """
        return Operation(path, method.lower(), self.root["paths"][path][method.lower()])

    def resolved(self, described: dict[str, Any]) -> dict[str, Any]:
        """
        :returns: What a reference stands for.
        """
        while "$ref" in described:
            found: Any = self.root
            for step in described["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            described = found
        return described

    def response(self, operation: Operation, status: int) -> dict[str, Any]:
        """
        :returns: What is said of replies with that status; nothing if it is not foreseen.
        """
        name = self.response_name(operation, status)
        return self.resolved(operation.described["responses"].get(name, {}))

    def response_name(self, operation: Operation, status: int) -> str:
        """
        :returns: Under which name replies with that status are described, such as ``4XX``.
        """
        name = str(status)
        return name if name in operation.described["responses"] else f"{name[0]}XX"

    def component(self, kind: str, name: str) -> dict[str, Any]:
        """
        :returns: A part that others refer to.
        """
        found: dict[str, Any] = self.root["components"][kind][name]
        return found

    def schema_problems(self, schema: dict[str, Any], value: object) -> list[str]:
        """
        :returns: Why a value is none that the schema allows; empty if it is one.
        """
        whole = {**schema, "components": self.root["components"]}
        checker = Draft202012Validator.FORMAT_CHECKER
        errors = Draft202012Validator(whole, format_checker=checker).iter_errors(value)
        return [f"{error.json_path}: {error.message}" for error in errors]

    def problems(self, operation: Operation, reply: Reply) -> Iterable[str]:
        """
        :returns: In what a reply is not as described; empty if it is.
        """
        response = self.response(operation, reply.status)
        if not response:
            yield "the status is not there"
            return
        yield from self._header_problems(response.get("headers", {}), reply)
        content_type = reply.headers["Content-Type"]
        if not reply.body:
            if "content" in response:
                yield "the body is missing"
        elif content_type not in response.get("content", {}):
            yield f"{content_type} is not there"
        elif content_type == "application/json":
            yield from self._body_problems(response, reply)

    def _header_problems(self, described: dict[str, Any], reply: Reply) -> Iterable[str]:
        for name, reference in described.items():
            header, value = self.resolved(reference), reply.headers[name]
            if value is None:
                if header.get("required"):
                    yield f"{name} is missing"
                continue
            if header["schema"].get("type") == "integer":
                value = int(value)
            yield from (f"{name}: {p}" for p in self.schema_problems(header["schema"], value))
        known = {name.lower() for name in described} | UNDESCRIBED_HEADERS
        yield from (f"{name} is not there" for name in reply.headers if name.lower() not in known)

    def _body_problems(self, response: dict[str, Any], reply: Reply) -> Iterable[str]:
        body = json.loads(reply.body)
        yield from self.schema_problems(response["content"]["application/json"]["schema"], body)
        code = body["error"].get("code") if isinstance(body.get("error"), dict) else None
        if code is not None and reply.status >= 400 and f"`{code}`" not in response["description"]:
            yield f"{code} is not mentioned"


@frozen
class Refused:
    """
    A request that the door refuses.

    """

    status: int
    headers: dict[str, str]
    body: bytes = b""
    credentials_are_set: bool = False
    times: int = 1
    """How often it is sent; another time with other credentials."""

    def headers_of(self, number: int) -> dict[str, str]:
        """
        :param number: How often it was sent before.
        """
        return {name: value.format(number) for name, value in self.headers.items()}


def refused_requests(operation: Operation) -> Iterator[Refused]:
    """
    :returns: One for each way in which the door refuses this operation.
    """
    for refused in (
        Refused(400, {"Host": "x" * 64}),
        Refused(401, {}, credentials_are_set=True),
        Refused(401, {"Accept": "text/html"}, credentials_are_set=True),
        Refused(403, {"Origin": "http://evil.example"}),
        Refused(413, {"Content-Type": "application/json"}, b"x" * 70_000),
        Refused(415, {"Content-Type": "text/plain"}, b"x"),
        Refused(421, {"Host": "evil.example"}),
        Refused(429, {"Authorization": "Bearer wrong{}"}, credentials_are_set=True, times=11),
    ):
        if refused.status in operation.door_statuses:
            yield refused


def packaged_text(app_mode: str) -> bytes:
    """
    :returns: The installed document as it is.
    """
    return files("motion_in_ocean.web").joinpath(f"openapi-{app_mode}.yaml").read_bytes()


def routes_of(app: Klein) -> Set[tuple[str, str]]:
    """
    :returns: Path and method, written as in a document, of all that an app answers. What it answers
        to ``HEAD`` as well goes without saying.
    """
    return {
        (re.sub("<(.*?)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }

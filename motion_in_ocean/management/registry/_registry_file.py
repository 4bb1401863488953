"""
The registry's file: what its bytes mean.

::

    {"version": 1, "next_revision": 8, "nodes": [
    {"id": "porch", …, "transport": "http", "revision": 7}
    ]}

``version`` and ``nodes`` are the format that others write too; without ``version`` it is 1. The
two kinds of revision are ours, and made up where they are missing. What else stands beside
``nodes`` is kept.

"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import define, field, frozen
from pydantic import ValidationError

from motion_in_ocean.errors import NodeInvalid
from motion_in_ocean.management.registry._contents import Contents
from motion_in_ocean.management.registry._interface import StoredNode
from motion_in_ocean.management.registry._node import (
    LEGACY_AUTH_FIELDS,
    BearerAuth,
    Node,
    parse_node,
)
from motion_in_ocean.strict_json import strict_json

VERSION = 1

_OURS = frozenset(("version", "next_revision", "nodes"))
# Beyond it, other programs' JSON loses digits.
_LARGEST_REVISION = 2**53


class NewerVersion(Exception):
    """
    The file was written by a newer motion-in-ocean.

    """


class NotARegistry(Exception):
    """
    The file is something else, or damaged.

    The message says why, without any of its content.

    """


@frozen
class RejectedNode:
    """
    What stands among the nodes and is none.

    """

    node: Any
    """As it is in the file."""

    problems: Mapping[str, str]


@frozen
class ParsedFile:
    """
    What a file says.

    """

    contents: Contents
    rejected: Sequence[RejectedNode] = ()
    is_migrated: bool = False
    """Whether the contents differ from the file because it has auth of a kind given up."""
    notices: Sequence[str] = ()
    """What the operator should know of the rejected and the migrated."""


def parse_registry(data: bytes) -> ParsedFile:
    """
    :raises NewerVersion: If it must be left alone.
    :raises NotARegistry: If there is no way to tell what it means.
    """
    document = _document(data)
    reader = _Reader()
    for number, raw in enumerate(document["nodes"], start=1):
        reader.read(number, raw)
    next_revision = max(
        (_revision(document.get("next_revision")) or 1),
        *(revision + 1 for _, revision in reader.nodes if revision),
        1,
    )
    nodes = {}
    for node, revision in reader.nodes:
        nodes[node.id] = StoredNode(node, revision or next_revision)
        next_revision += not revision
    extra = {key: value for key, value in document.items() if key not in _OURS}
    return ParsedFile(
        Contents(nodes, next_revision, extra),
        tuple(reader.rejected),
        reader.is_migrated,
        tuple(reader.notices),
    )


def registry_bytes(contents: Contents, last_seen: Mapping[str, datetime]) -> bytes:
    """
    :param last_seen: What replaces a node's own, by id.
    :returns: What ``parse_registry`` reads; a line for each node.
    """
    head = {"version": VERSION, "next_revision": contents.next_revision, **contents.extra}
    lines = ",\n".join(_line(stored, last_seen) for stored in contents.nodes.values())
    return f'{_json(head)[:-1]}, "nodes": [\n{lines}\n]}}\n'.encode()


def rejected_bytes(rejected: Iterable[RejectedNode]) -> bytes:
    """
    :returns: JSON that keeps them with the reasons: the same for the same nodes.
    """
    lines = ",\n".join(
        _json({"problems": dict(each.problems), "node": each.node}) for each in rejected
    )
    return f'{{"rejected": [\n{lines}\n]}}\n'.encode()


def _document(data: bytes) -> dict[str, Any]:
    try:
        document = strict_json(data)
    except ValueError as error:
        raise NotARegistry(f"it is no valid JSON: {error}") from None
    if not isinstance(document, dict):
        raise NotARegistry("it is no JSON object")
    version = document.get("version", VERSION)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise NotARegistry("its version is no positive whole number")
    if version > VERSION:
        raise NewerVersion(f"it has version {version}, and this program knows {VERSION}")
    if not isinstance(document.get("nodes"), list):
        raise NotARegistry("it has no array of nodes")
    return document


@define(eq=False)
class _Reader:
    """
    Sorts what stands among the nodes.

    """

    nodes: list[tuple[Node, int | None]] = field(factory=list)
    rejected: list[RejectedNode] = field(factory=list)
    is_migrated: bool = False
    notices: list[str] = field(factory=list)
    _ids: set[str] = field(factory=set)

    def read(self, number: int, raw: Any) -> None:
        """
        :param number: Counted from 1, for the operator.
        """
        who = f"node {number}"
        payload, revision, migration = raw, None, None
        if isinstance(raw, dict):
            if isinstance(raw.get("id"), str):
                who = f"{who} ({raw['id'][:64]!r})"
            payload = dict(raw)
            revision = _revision(payload.pop("revision", None))
            if "auth" in payload:
                payload["auth"], migration = _migrated(payload["auth"])
        try:
            node = parse_node(payload)
            if node.id in self._ids:
                raise NodeInvalid({"id": "is already that of an earlier node"})
        except NodeInvalid as error:
            self.rejected.append(RejectedNode(raw, error.problems))
            self.notices.append(f"{who} is not used: {error}")
            return
        self._ids.add(node.id)
        self.nodes.append((node, revision))
        if migration is not None:
            self.is_migrated = True
            self.notices.append(f"{who}: {migration}")


def _migrated(auth: Any) -> tuple[Any, str | None]:
    """
    :returns: Auth as it is now, and what became of it if it was of a kind given up.
    """
    if not isinstance(auth, dict):
        return auth, None
    if auth.get("type") != "basic" and not LEGACY_AUTH_FIELDS & auth.keys():
        return auth, None
    bearer = {"type": "bearer", "token": auth.get("token")}
    try:
        BearerAuth.model_validate(bearer)
    except ValidationError:
        return {"type": "none"}, (
            "its user name and password cannot be used any more and were dropped; "
            "if it wants credentials, give it a bearer token"
        )
    return bearer, "its legacy auth became the bearer token that it held"


def _revision(value: Any) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 1 <= value < _LARGEST_REVISION else None


def _line(stored: StoredNode, last_seen: Mapping[str, datetime]) -> str:
    node = stored.node
    if node.id in last_seen:
        node = node.seen(last_seen[node.id])
    return _json({**node.stored(), "revision": stored.revision})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

"""
What a node is, and what is taken for one.

"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from motion_in_ocean.errors import NodeInvalid
from motion_in_ocean.management.registry._base_url import parse_base_url
from motion_in_ocean.management.registry._node_types import (
    MOST_ENTRIES,
    BaseURLText,
    Capability,
    Identifier,
    Labels,
    Moment,
    Name,
    NotLegacy,
    Token,
)

LEGACY_AUTH_FIELDS = frozenset(("username", "password", "encoded"))

MOST_PROBLEMS = 50
"""How many problems one refusal names."""

_NO_OBJECT = {"body": "must be a JSON object"}
_LEGACY_AUTH = (
    'user names and passwords are not supported any more: use {"type": "bearer", "token": "…"} '
    'with the token that the node expects (its AUTH_TOKEN), or {"type": "none"}'
)
# pydantic's own words can repeat what was given; these cannot.
_REASONS = {
    "dict_type": "must be an object",
    "extra_forbidden": "is not known here",
    "legacy_auth": _LEGACY_AUTH,
    "literal_error": "must be http or docker",
    "missing": "is required",
    "model_attributes_type": "must be an object",
    "string_too_short": "must not be empty",
    "string_type": "must be text",
    "string_unicode": "must be text of whole characters",
    "too_long": f"must have at most {MOST_ENTRIES} entries",
    "tuple_type": "must be an array",
    "union_tag_invalid": "must be none or bearer",
    "union_tag_not_found": "is required: none or bearer",
}
_ABOUT_AUTH_TYPE = frozenset(("legacy_auth", "union_tag_invalid", "union_tag_not_found"))
_LONGEST_STEP = 64


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


class NoAuth(_Strict):
    """
    The node lets everybody in.

    """

    type: Literal["none"]


class BearerAuth(_Strict):
    """
    The node wants to see a token.

    """

    type: Literal["bearer"]
    token: Token


class Node(_Strict):
    """
    One camera node as the operator described it, and when it was last seen.

    All text is trimmed, not empty and free of control characters. Limits keep what is stored and
    shown in bounds: 256 characters for a name and a label's name, 1024 for a label's value, 128
    for a capability, 2048 for the URL, 4096 for a token; 64 labels and 64 capabilities.

    Read what others sent with ``parse_node``: it says in words what is wrong.

    """

    id: Identifier
    name: Name
    base_url: BaseURLText
    """Normalised: scheme and host in lower case, no slash at the end."""
    auth: Annotated[NoAuth | BearerAuth, Field(discriminator="type"), NotLegacy]
    labels: Labels
    """Read-only."""
    last_seen: Moment
    """In UTC; a time that was given without a zone is taken for UTC."""
    capabilities: Annotated[tuple[Capability, ...], Field(max_length=MOST_ENTRIES, strict=False)]
    transport: Literal["http", "docker"]

    @property
    def token(self) -> str | None:
        """
        The bearer token in clear, for requests to the node alone.

        """
        if isinstance(self.auth, NoAuth):
            return None
        return self.auth.token.get_secret_value()

    def public(self) -> dict[str, Any]:
        """
        :returns: The eight fields as JSON has them, for replies; ``auth`` without the token.
        """
        return {
            "id": self.id,
            "name": self.name,
            "base_url": self.base_url,
            "auth": {"type": self.auth.type},
            "labels": dict(self.labels),
            "last_seen": self.last_seen.isoformat().replace("+00:00", "Z"),
            "capabilities": list(self.capabilities),
            "transport": self.transport,
        }

    def stored(self) -> dict[str, Any]:
        """
        :returns: The same for the registry's file, with the token.
        """
        fields = self.public()
        if self.token is not None:
            fields["auth"]["token"] = self.token
        return fields

    def seen(self, at: datetime) -> "Node":
        """
        :param at: An aware time.
        :returns: The node, last seen then, to the millisecond.
        """
        at = at.astimezone(UTC)
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        return self.model_copy(update={"last_seen": at})


def parse_node(payload: object) -> Node:
    """
    :param payload: What JSON made of it.
    :raises NodeInvalid: With all problems at once, up to ``MOST_PROBLEMS``; what was given is
        not repeated, but for the names of fields.
    """
    if not isinstance(payload, dict):
        raise NodeInvalid(_NO_OBJECT)
    try:
        return Node.model_validate(payload)
    except ValidationError as error:
        problems = _problems(error)
    # Out here, or the refusal would have pydantic's, which holds all that was given, as context.
    raise NodeInvalid(problems)


def merge_node(node: Node, patch: object) -> Node:
    """
    Replace what the patch names; ``labels`` and ``auth`` are replaced whole.

    A stored token stays where the patch does not give one, but is never sent to another scheme,
    host or port than it was given for.

    :param node: Stays as it is.
    :param patch: Some of a node's fields, as JSON made them.
    :raises NodeInvalid: If the result would be no node, or needs a fresh token.
    """
    if not isinstance(patch, dict):
        raise NodeInvalid(_NO_OBJECT)
    payload = {**node.stored(), **patch}
    is_kept = node.token is not None and _keeps_token(patch)
    if is_kept:
        payload["auth"] = {**payload["auth"], "token": node.token}
    merged = parse_node(payload)
    if is_kept and _origin(merged) != _origin(node):
        raise NodeInvalid(
            {
                "auth.token": "is required again where the scheme, host or port of base_url "
                "changes: the stored token was given for another address"
            }
        )
    return merged


def _keeps_token(patch: Mapping[str, Any]) -> bool:
    if "auth" not in patch:
        return True
    auth = patch["auth"]
    return isinstance(auth, dict) and auth.get("type") == "bearer" and "token" not in auth


def _origin(node: Node) -> tuple[str, str, int]:
    return parse_base_url(node.base_url).origin


def _problems(error: ValidationError) -> dict[str, str]:
    problems: dict[str, str] = {}
    for detail in error.errors(include_input=False, include_context=False, include_url=False):
        path, kind = _path(detail["loc"]), detail["type"]
        if kind in _ABOUT_AUTH_TYPE:
            path += ".type"
        if kind == "value_error":
            reason = detail["msg"].removeprefix("Value error, ")
        elif path.removeprefix("auth.") in LEGACY_AUTH_FIELDS:
            reason = _LEGACY_AUTH
        else:
            reason = _REASONS.get(kind, "is not valid")
        problems.setdefault(path, reason)
        if len(problems) == MOST_PROBLEMS:
            break
    return problems


def _path(location: tuple[str | int, ...]) -> str:
    steps = list(location)
    if steps[:1] == ["auth"]:
        # pydantic names the kind of auth that it takes this for.
        del steps[1:2]
    if steps[-1:] == ["[key]"]:
        del steps[-1]
    return ".".join(_step(str(step)) for step in steps) or "body"


def _step(name: str) -> str:
    printable = "".join(char if char.isprintable() else "�" for char in name)
    return printable if len(printable) <= _LONGEST_STEP else f"{printable[:_LONGEST_STEP]}…"

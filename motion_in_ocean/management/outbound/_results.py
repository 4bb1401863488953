"""
What asking a node has brought: values, because a node that fails is nothing exceptional.

"""

from collections.abc import Mapping
from typing import Any

from attrs import frozen


@frozen
class ProbeAnswer:
    """
    What one endpoint said.

    """

    status_code: int
    payload: Mapping[str, Any]
    """The JSON object as it came; finite numbers only, of bounded size and depth."""


@frozen
class Answered:
    """
    The node is there and says how it is.

    """

    health: ProbeAnswer
    ready_probe: ProbeAnswer
    metrics: ProbeAnswer | str
    """Or why there are none, for a person."""

    ready: bool
    """Both ``/health`` and ``/ready`` said so, with status 200."""

    @property
    def stream_available(self) -> bool:
        """
        Whether it is worth while to open the stream.

        """
        return self.ready


@frozen
class Unauthorized:
    """
    The node does not accept our credentials.

    """

    path: str
    status_code: int
    """401 or 403."""


@frozen
class Unreachable:
    """
    There was no answer, or not in time.

    """

    reason: str
    """
    One of ``connection_refused``, ``connection_reset``, ``timeout``, ``dns_failure``,
    ``tls_failure``, ``address_refused``, ``network_unreachable``, ``out_of_sockets``, ``internal``.
    """

    message: str
    """The same for a person; never holds a secret, or anything that the node sent."""


@frozen
class InvalidResponse:
    """
    What came back is nothing that a node says.

    """

    reason: str
    """
    One of ``redirect``, ``too_large``, ``truncated``, ``malformed``, ``encoded``, ``not_json``,
    ``wrong_shape``, ``wrong_status``, ``wrong_type``, ``no_picture``, ``too_many_guesses``.
    """

    message: str
    """The same for a person; never holds a secret, or anything that the node sent."""

    path: str
    """What was asked for."""


@frozen
class Unsupported:
    """
    Nodes of this transport cannot be asked.

    """

    transport: str


Failed = Unauthorized | Unreachable | InvalidResponse
Outcome = Answered | Failed | Unsupported


@frozen
class ProbeResult:
    """
    How a node was, and when.

    """

    node_id: str
    outcome: Outcome
    checked_at: float
    """Seconds since the epoch: when the outcome was known."""

    duration_seconds: float

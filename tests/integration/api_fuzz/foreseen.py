"""
What the API answers by its contract, though it looks like a failure to schemathesis.

It takes 5xx for a fault of the server, 400 or 412 in reply to what the document allows for a fault
of either, and 412 in reply to what it does not allow for consent. Whether a node can be reached, an
id is free or a camera has a control is nothing that a schema can say.

"""

import re
from collections.abc import Mapping, Sequence

from attrs import frozen


@frozen
class Foreseen:
    """
    A reply that is right.

    """

    status: int
    says: str = ""
    """What is found in its body, as a regular expression."""

    def matches(self, status: int, body: bytes) -> bool:
        """
        Whether that is it.

        """
        return status == self.status and bool(re.search(self.says, body.decode()))


def _error(status: int, code: str, message: str = "") -> Foreseen:
    return Foreseen(status, rf'"code":"{code}","message":"[^"]*{message}')


_TAKEN = _error(400, "VALIDATION_ERROR", "id: is already that of another node")
_TWINS = _error(400, "VALIDATION_ERROR", "has the same name twice, but for spaces")
_NO_TOKEN = _error(400, "VALIDATION_ERROR", r"auth\.token: is required")
# schemathesis takes a number for right text in a header, whatever the pattern of the text is.
_NO_TAG = _error(400, "VALIDATION_ERROR", "If-Match: should be")
_CHANGED = _error(412, "PRECONDITION_FAILED")
_ODD = _error(502, "NODE_INVALID_RESPONSE")
_AWAY = _error(503, "NODE_UNREACHABLE")
_BUSY = _error(503, "(SNAPSHOTS|ACTIONS)_BUSY")
_DOCKER = _error(400, "TRANSPORT_UNSUPPORTED")
_RELAYED = tuple(Foreseen(status, rf'"status_code":{status},"response":') for status in (400, 503))
_NO_PICTURE = Foreseen(503, r"^(The camera|No picture|The newest picture)[^\n]*\n$")

FORESEEN: Mapping[str, Sequence[Foreseen]] = {
    # Webcam mode, while the camera is being restarted.
    "GET /": (_NO_PICTURE,),
    "GET /webcam/": (_NO_PICTURE,),
    "GET /snapshot.jpg": (_NO_PICTURE,),
    "GET /ready": (Foreseen(503, '"status":"not_ready"'),),
    "POST /api/actions/controls": (
        _error(503, "CAMERA_NOT_READY"),
        _error(400, "VALIDATION_ERROR", "is a control that this camera does not have"),
    ),
    # Management mode.
    "POST /api/nodes": (_TAKEN, _TWINS),
    "PUT /api/nodes/{node_id}": (_TAKEN, _TWINS, _NO_TOKEN, _NO_TAG, _CHANGED),
    "DELETE /api/nodes/{node_id}": (_NO_TAG, _CHANGED),
    "GET /api/nodes/{node_id}/status": (_ODD, _AWAY),
    "GET /api/nodes/{node_id}/snapshot.jpg": (_ODD, _AWAY, _BUSY, _DOCKER),
    "POST /api/nodes/{node_id}/actions/{action}": (_ODD, _AWAY, _BUSY, _DOCKER, *_RELAYED),
}
"""By operation."""

IGNORED_PARAMETERS = {"GET /": "fps", "GET /webcam/": "fps"}
"""By operation: what is not looked at unless a stream is asked for, so that nonsense is no 400."""


def is_foreseen(operation: str, status: int, body: bytes) -> bool:
    """
    :param operation: Such as ``GET /ready``.
    """
    return any(each.matches(status, body) for each in FORESEEN.get(operation, ()))

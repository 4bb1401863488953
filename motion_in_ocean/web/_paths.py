"""
What paths mean, as the router takes them: any number of slashes at the beginning for one.

"""

import re

_NODE = re.compile(r"/+api/nodes/(?P<id>[A-Za-z0-9][A-Za-z0-9._-]{0,63})(?:/.*)?")


def is_api(path: str) -> bool:
    """
    Whether it belongs to the API.

    """
    return path.lstrip("/").partition("/")[0] == "api"


def node_in(path: str) -> str | None:
    """
    :returns: The id of the node that it is about, if it is about one.
    """
    match = _NODE.fullmatch(path)
    return match["id"] if match else None

"""
All paths of management mode, for tests that walk through them.

"""

from motion_in_ocean.management import ManagementRoutes
from motion_in_ocean.web import Pages

PUBLIC = ("/health", "/ready")


def routes(node_id: str = "front") -> list[tuple[str, str]]:
    """
    :param node_id: The node that paths are about.
    :returns: Method and path of every route.
    """
    values = {
        "<node_id>": node_id,
        "<action>": "restart",
        "<version>": Pages("management").version,
        "<name>": "dashboard.css",
    }
    result: list[tuple[str, str]] = []
    for rule in ManagementRoutes.app.url_map.iter_rules():
        path = rule.rule
        for placeholder, value in values.items():
            path = path.replace(placeholder, value)
        assert "<" not in path, path
        result.extend((method, path) for method in sorted(rule.methods or ()))
    return result

"""
The paths that both modes have, and how their apps are made.

"""

from typing import Any, Protocol

from klein import Klein
from twisted.web.http import Request

from motion_in_ocean.web._errors import answer_errors
from motion_in_ocean.web._pages import Pages, asset_body, openapi_body
from motion_in_ocean.web._replies import json_body


class CommonRoutes(Protocol):
    """
    What an object has whose app ``make_app`` has made.

    """

    reports: Any
    """Has ``health``, ``ready`` and ``config``."""
    pages: Pages


def make_app(kind: type[Klein] = Klein, *, has_secrets: bool = False) -> Klein:
    """
    :param kind: The app's class.
    :param has_secrets: See ``answer_errors``.
    :returns: A Klein app, for a class that has what ``CommonRoutes`` lists.
    """
    app = kind()
    # Otherwise werkzeug answers with redirects that repeat the request's Host header.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    answer_errors(app, has_secrets=has_secrets)

    @app.route("/health", methods=["GET"])
    def health(self: CommonRoutes, request: Request) -> bytes:
        """
        Liveness: 200 as long as the daemon answers.

        """
        return json_body(request, self.reports.health())

    @app.route("/ready", methods=["GET"])
    def ready(self: CommonRoutes, request: Request) -> bytes:
        """
        Readiness: 200 only while the daemon does what it is there for.

        """
        is_ready, report = self.reports.ready()
        return json_body(request, report, 200 if is_ready else 503)

    @app.route("/api/config", methods=["GET"])
    def config(self: CommonRoutes, request: Request) -> bytes:
        """
        The effective settings.

        """
        return json_body(request, self.reports.config())

    @app.route("/ui/<name>", methods=["GET"])
    def asset(self: CommonRoutes, request: Request, name: str) -> bytes:
        """
        What the pages refer to, as it is now.

        """
        return asset_body(request, self.pages, name)

    @app.route("/ui/<version>/<name>", methods=["GET"])
    def versioned_asset(self: CommonRoutes, request: Request, version: str, name: str) -> bytes:
        """
        The same under the address that pages have for it, which changes with its content.

        """
        return asset_body(request, self.pages, name, version)

    @app.route("/openapi.yaml", methods=["GET"])
    def openapi(self: CommonRoutes, request: Request) -> bytes:
        """
        The document of all this.

        """
        return openapi_body(request, self.pages)

    return app

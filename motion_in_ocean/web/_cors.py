"""
Which pages of other origins may read our replies (Fetch standard, "CORS protocol"), or show ours in
a frame.

"""

from collections.abc import Sequence

from attrs import frozen

PREFLIGHT_SECONDS = 600
METHODS = "GET, HEAD, POST, PUT, DELETE"
REQUEST_HEADERS = "Authorization, Content-Type, If-Match, If-None-Match"
RESPONSE_HEADERS = "ETag, Last-Modified, Retry-After, X-Timestamp"


@frozen
class CrossOriginPolicy:
    """
    What ``CORS_ORIGINS`` means for a reply.

    """

    origins: Sequence[str]
    """``("*",)``, or the origins that are allowed by name; empty for none."""

    @property
    def allows_all(self) -> bool:
        """
        Whether pages of any origin may read what is not protected.

        """
        return tuple(self.origins) == ("*",)

    def lists(self, origin: str) -> bool:
        """
        Whether ``origin`` is allowed by name; ``*`` names nobody.

        """
        return not self.allows_all and origin in self.origins

    def headers(self, origin: str | None, *, open_to_all: bool) -> dict[str, str]:
        """
        :param origin: The request's ``Origin``, if it has one.
        :param open_to_all: Whether ``*`` holds for this request.
        :returns: The headers for the reply, whatever its status.
        """
        headers = {} if self.allows_all else {"Vary": "Origin"}
        if self.allows_all and open_to_all:
            headers["Access-Control-Allow-Origin"] = "*"
        elif origin is not None and self.lists(origin):
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Allow-Credentials"] = "true"
        else:
            return headers
        headers["Access-Control-Expose-Headers"] = RESPONSE_HEADERS
        return headers

    def frame_headers(self) -> dict[str, str]:
        """
        :returns: The headers for a page on which something can be done. In a frame somebody could
            be made to click on what he does not see, so that only those may have it in one who may
            do the same themselves.
        """
        if self.allows_all or not self.origins:
            return {"X-Frame-Options": "SAMEORIGIN"}
        return {"Content-Security-Policy": " ".join(("frame-ancestors 'self'", *self.origins))}

    def preflight_headers(self) -> dict[str, str]:
        """
        :returns: What a preflight is told besides, if its origin is allowed.
        """
        return {
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": REQUEST_HEADERS,
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        }

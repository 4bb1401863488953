"""
Who may come in.

"""

import base64
import binascii
import hmac
from collections.abc import Sequence

from attrs import field, frozen

from motion_in_ocean.settings import Settings

REALM = "motion-in-ocean"


def challenges(shown: Sequence[bytes]) -> Sequence[str]:
    """
    :param shown: The values of a request's ``Authorization`` headers, which were not enough.
    :returns: What it is told: how to come in, and whether its token is wrong (RFC 6750, section 3).
    """
    wrong_token = any(_parsed(value)[0] == b"bearer" for value in shown)
    error = ', error="invalid_token"' if wrong_token else ""
    return f'Bearer realm="{REALM}"{error}', f'Basic realm="{REALM}", charset="UTF-8"'


def _parsed(authorization: bytes) -> tuple[bytes, bytes]:
    """
    :returns: The scheme in small letters, and what is shown.
    """
    scheme, _, shown = authorization.partition(b" ")
    return scheme.lower(), shown.strip()


def _same(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)


@frozen
class Credentials:
    """
    What a client has to show: a bearer token (RFC 6750), or a name and password (RFC 7617).

    The token is also taken as a password with any user name, because browsers, Home Assistant
    and OctoPrint can only do Basic.

    """

    _token: bytes | None = field(default=None, repr=False)
    _username: bytes | None = field(default=None, repr=False)
    _password: bytes | None = field(default=None, repr=False)
    _locked: bool = False

    @classmethod
    def from_settings(cls, settings: Settings) -> "Credentials":
        """
        :returns: What the settings demand; nobody comes in if that cannot be used.
        """
        token, password = settings.auth_token, settings.auth_password
        username = settings.auth_username
        return cls(
            token.get_secret_value().encode() if token else None,
            username.encode() if username else None,
            password.get_secret_value().encode() if password else None,
            settings.locked,
        )

    @property
    def required(self) -> bool:
        """
        Whether anything has to be shown at all.

        """
        return self._locked or self._token is not None or self._username is not None

    def accept(self, authorization: Sequence[bytes]) -> bool:
        """
        :param authorization: The values of the request's ``Authorization`` headers.
        """
        if not self.required:
            return True
        if self._locked or len(authorization) != 1:
            return False
        scheme, shown = _parsed(authorization[0])
        if scheme == b"bearer":
            return self._is_token(shown)
        if scheme == b"basic":
            return self._is_basic(shown)
        return False

    def _is_token(self, shown: bytes) -> bool:
        return self._token is not None and _same(shown, self._token)

    def _is_basic(self, shown: bytes) -> bool:
        try:
            username, colon, password = base64.b64decode(shown, validate=True).partition(b":")
        except binascii.Error:
            return False
        if not colon:
            return False
        if self._is_token(password):
            return True
        if self._username is None or self._password is None:
            return False
        # Both are always compared: the time taken tells nothing about the user name.
        return _same(username, self._username) & _same(password, self._password)

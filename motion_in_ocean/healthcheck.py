"""
Ask the daemon how it is: ``python -m motion_in_ocean.healthcheck``, for containers.

Exits with 0 if it is well, else with 1 and one line on standard error. Asks ``/health``, or
``/ready`` where ``HEALTHCHECK_READY`` is true, at the address that the environment and the settings
file tell the daemon to listen on. Options of the daemon's command line are not known here, nor is
the address of a socket that systemd has opened.

"""

import http.client
import json
import os
import re
import socket
import ssl
import sys
from collections.abc import Mapping
from contextlib import closing
from typing import TextIO

from attrs import evolve, frozen

from motion_in_ocean.settings import ConfigFileUnusable, load_settings

TIMEOUT_SECONDS = 4.0
"""How long the daemon may be silent, when connecting and between two parts of its answer."""

MAX_ANSWER_BYTES = 64 * 1024

_IPV4_LOOPBACK = "127.0.0.1"

_ANY_ADDRESS = {"": _IPV4_LOOPBACK, "0.0.0.0": _IPV4_LOOPBACK, "::": "::1"}  # noqa: S104 - not listened on

_POSITIONAL = {
    "ssl": ("port", "privateKey", "certKey", "sslmethod", "interface"),
    "tcp": ("port", "interface"),
    "tcp6": ("port", "backlog", "interface"),
    "tls": ("path", "port", "backlog", "interface"),
    "unix": ("address",),
}
"""What arguments of a Twisted endpoint string mean that stand there without a name."""


class Unwell(Exception):
    """
    The daemon is not as it should be, or cannot be asked. The message says why.

    """


@frozen
class Address:
    """
    Where the daemon can be asked: at a host and port, or at the path of a socket.

    """

    host: str
    """With ``path``, what the request says; connected to is the socket."""

    port: int = 80
    path: str | None = None
    secure: bool = False
    fallback: str | None = None
    """The host where there is no way to the first."""

    def __str__(self) -> str:
        if self.path is not None:
            return self.path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def connection(self, timeout: float) -> http.client.HTTPConnection:
        """
        :returns: A connection that is not made yet.
        """
        if self.path is not None:
            return _UnixConnection(self.path, timeout)
        if not self.secure:
            return http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        # Whether others would believe the certificate is not asked: it is made out to the name that
        # they use.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=context)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def main(environ: Mapping[str, str], stderr: TextIO, timeout: float = TIMEOUT_SECONDS) -> int:
    """
    :param stderr: Where the reason goes, if there is one.
    :returns: The exit status.
    """
    try:
        settings = load_settings({}, environ).settings
        address = address_of(settings.endpoint)
        path = "/ready" if _is_true(environ.get("HEALTHCHECK_READY", "")) else "/health"
        ask(address, path, timeout)
    except (ConfigFileUnusable, Unwell) as error:
        stderr.write(f"healthcheck: {error}\n")
        return 1
    return 0


def address_of(endpoint: str) -> Address:
    """
    :param endpoint: A Twisted server endpoint string.
    :returns: Where what listens there can be reached from this machine.
    :raises Unwell: If that cannot be told from the string.
    """
    kind, arguments = _parsed(endpoint)
    if kind == "unix":
        if not arguments.get("address"):
            raise Unwell(f"LISTEN {endpoint!r} names no socket")
        return Address("localhost", path=arguments["address"])
    if kind in ("ssl", "tcp", "tcp6", "tls"):
        port = arguments.get("port", "443" if kind == "tls" else "")
        if not re.fullmatch("[0-9]{1,5}", port, re.ASCII) or not 0 < int(port) < 65536:
            raise Unwell(f"cannot tell the port from {endpoint!r}")
        host = arguments.get("interface", "::" if kind in ("tcp6", "tls") else "")
        return Address(
            _ANY_ADDRESS.get(host, host),
            int(port),
            secure=kind in ("ssl", "tls"),
            # Where IPv6 is switched off there is no ::1, but all addresses can be listened on.
            fallback=_IPV4_LOOPBACK if host == "::" else None,
        )
    raise Unwell(
        f"cannot tell an address from LISTEN {endpoint!r}: only ssl:, tcp:, tls: and unix: do"
    )


def ask(address: Address, path: str, timeout: float) -> None:
    """
    Do nothing if the daemon is well.

    :raises Unwell: If it is not.
    """
    try:
        with closing(_connected(address, timeout)) as connection:
            connection.request("GET", path, headers={"Connection": "close"})
            response = connection.getresponse()
            body = response.read(MAX_ANSWER_BYTES)
    except TimeoutError:
        raise Unwell(f"no answer from {address} within {timeout:g} s") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise Unwell(f"cannot ask {address}: {_in_one_line(reason)}") from None
    if response.status != http.client.OK:
        raise Unwell(f"{path} answered {response.status}{_told(body)}")


def _connected(address: Address, timeout: float) -> http.client.HTTPConnection:
    connection = address.connection(timeout)
    try:
        connection.connect()
    except OSError as error:
        connection.close()
        # Who is silent, or speaks no TLS, is there.
        if address.fallback is None or isinstance(error, TimeoutError | ssl.SSLError):
            raise
        return _connected(evolve(address, host=address.fallback, fallback=None), timeout)
    return connection


def _parsed(endpoint: str) -> tuple[str, dict[str, str]]:
    """
    :returns: The kind and its arguments. A backslash makes what follows it an ordinary character.
    """
    kind, *rest = re.findall(r"((?:[^:\\]|\\.)*)(?::|$)", endpoint)
    kind = kind.lower()
    unused = iter(_POSITIONAL.get(kind, ()))
    arguments = {}
    for argument in rest:
        match = re.fullmatch(r"((?:[^=\\]|\\.)*)=(.*)", argument)
        name, value = match.groups() if match else (next(unused, ""), argument)
        # Behind the last argument the pattern finds an empty one.
        if value:
            arguments[name] = re.sub(r"\\(.)", r"\1", value)
    return kind, arguments


def _is_true(word: str) -> bool:
    return word.strip().lower() in ("true", "1", "yes", "on")


def _told(body: bytes) -> str:
    """
    :returns: What the daemon's answer says of the reason, for a person.
    """
    try:
        report = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(report, dict):
        return ""
    parts = [str(report[key]) for key in ("reason", "message") if report.get(key)]
    return "".join(f": {_in_one_line(part)}" for part in parts)


def _in_one_line(text: str) -> str:
    return " ".join(text.split())[:200]


if __name__ == "__main__":
    sys.exit(main(os.environ, sys.stderr))

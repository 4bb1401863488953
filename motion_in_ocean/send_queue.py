"""
What has been written to a connection, and its peer has not taken yet.

"""

import fcntl
import socket
import struct
import termios
from contextlib import suppress
from typing import Any


def socket_below(transport: Any) -> socket.socket | None:
    """
    :param transport: A transport of Twisted's.
    :returns: The socket that it uses in the end, if there is one.
    """
    carrier = _carrier(transport)
    return None if carrier is None else carrier.getHandle()


def untaken(transport: Any) -> int:
    """
    :param transport: A stream transport of Twisted's, through TLS or not, that has not been lost.
    :returns: How many bytes the peer has not taken: those that wait for the kernel, and those that
        wait in it. Without a socket 0.
    """
    carrier = _carrier(transport)
    if carrier is None:
        return 0
    waiting: int = len(carrier.dataBuffer) - carrier.offset + carrier._tempDataLen
    return waiting + unsent(carrier.getHandle())


def unsent(connection: socket.socket) -> int:
    """
    :returns: How many bytes the kernel has that the peer has not taken (tcp(7), ``SIOCOUTQ``).
    """
    # A slow peer empties this for many seconds before the kernel asks for more.
    with suppress(OSError, ValueError):  # the latter if it has been closed
        answer = fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(struct.calcsize("i")))
        return int(struct.unpack("i", answer)[0])
    return 0


def _carrier(transport: Any) -> Any:
    """
    :returns: The transport that has the socket: itself, or one below.
    """
    while transport is not None:
        handle = transport.getHandle() if hasattr(transport, "getHandle") else None
        if isinstance(handle, socket.socket):
            return transport
        transport = getattr(transport, "transport", None)
    return None

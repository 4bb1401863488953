"""
A socket that systemd opened and passes on, as a socket unit has it do.

"""

import os
import socket
from collections.abc import Sequence
from itertools import count

import attrs
from twisted.internet.endpoints import serverFromString
from twisted.logger import Logger

from motion_in_ocean.settings import LoadedSettings

_log = Logger()


def passed_descriptors(reactor: object) -> Sequence[int]:
    """
    :param reactor: Provides ``IReactorSocket``.
    :returns: The sockets that are meant for this process, see ``sd_listen_fds(3)``.
    """
    # Twisted took them out of the environment when it was imported, so it has to be asked.
    descriptors: list[int] = []
    for index in count():
        try:
            endpoint = serverFromString(reactor, f"systemd:domain=UNIX:index={index}")
        except IndexError:
            break
        descriptors.append(endpoint.fileno)
    return descriptors


def listening_on(descriptors: Sequence[int], loaded: LoadedSettings) -> LoadedSettings:
    """
    Listen on what was passed, so that nobody has to write an endpoint string for that.

    :param descriptors: See ``passed_descriptors``.
    :returns: The settings with ``LISTEN`` naming the first of them, unless it is set.
    """
    if not descriptors or loaded.origins["LISTEN"] != "default":
        return loaded
    if len(descriptors) > 1:
        _log.warn(
            "{number} sockets were passed on, and only the first is listened on: nobody will "
            "answer at the others",
            number=len(descriptors),
        )
    with socket.socket(fileno=os.dup(descriptors[0])) as passed:
        domain = socket.AddressFamily(passed.family).name.removeprefix("AF_")
    return attrs.evolve(
        loaded,
        settings=loaded.settings.model_copy(update={"listen": f"systemd:domain={domain}:index=0"}),
        origins={**loaded.origins, "LISTEN": "systemd"},
    )

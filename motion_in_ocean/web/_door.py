"""
The way in: what listens, and what stands before the tree.

"""

import socket
from collections.abc import Container
from typing import Any

from twisted.web.resource import IResource

from motion_in_ocean.service import Listener
from motion_in_ocean.settings import Settings
from motion_in_ocean.web._connections import Connections
from motion_in_ocean.web._cors import CrossOriginPolicy
from motion_in_ocean.web._credentials import Credentials
from motion_in_ocean.web._guard import Guard
from motion_in_ocean.web._hosts import HostPolicy
from motion_in_ocean.web._logins import FailedLogins
from motion_in_ocean.web._pages import Pages
from motion_in_ocean.web._site import make_site


def make_door(
    settings: Settings,
    reactor: Any,
    tree: IResource,
    pages: Pages,
    connections: Connections,
    *,
    open_paths: Container[str],
    what_anyone_can: str,
) -> Listener:
    """
    :param reactor: Provides ``IReactorCore`` and ``IReactorTime``.
    :param tree: What is behind the door.
    :param connections: How many there may be.
    :param open_paths: See ``Guard``.
    :param what_anyone_can: See ``Listener``.
    """
    credentials = Credentials.from_settings(settings)
    guard = Guard(
        tree,
        credentials=credentials,
        cross_origin=CrossOriginPolicy(settings.cors_origins),
        failed_logins=FailedLogins(reactor.seconds),
        hosts=HostPolicy(socket.gethostname(), settings.allowed_hosts or ()),
        open_paths=open_paths,
        pages=pages,
    )
    return Listener(
        settings.endpoint,
        lambda: make_site(guard, connections, reactor),
        reactor,
        is_protected=credentials.required,
        what_anyone_can=what_anyone_can,
    )

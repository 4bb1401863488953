"""
A network of our own: nothing on it but what is measured.

"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

INSIDE = "BENCHMARKS_PRIVATE_NETWORK"
CONGESTION_CONTROL = Path("/proc/sys/net/ipv4/tcp_congestion_control")
SYSTEM_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def program(name: str) -> str | None:
    """
    :returns: The path of a program of the system.
    """
    return shutil.which(name, path=SYSTEM_PATH)


def is_private() -> bool:
    return INSIDE in os.environ


def enter_private_network(arguments: Sequence[str], module: str = "benchmarks") -> None:
    """
    Start over in a network namespace, or say that there is none and return.

    :param module: What to start.
    """
    if is_private():
        _prepare()
        return
    unshare = program("unshare")
    if unshare is None or program("ip") is None:
        shout("missing: apt install util-linux iproute2: the figures share the host's network")
        return
    # As root, or as anybody where users may have namespaces of their own.
    for flags in (["--net"], ["--net", "--map-root-user"]):
        if subprocess.run([unshare, *flags, "true"], capture_output=True, check=False).returncode:
            continue
        command = [unshare, *flags, sys.executable, "-m", module, *arguments]
        os.execve(unshare, command, {**os.environ, INSIDE: "1"})
    shout("no private network (unshare --net is refused): the figures share the host's network")


def _prepare() -> None:
    _run("ip", "link", "set", "lo", "up")
    # What a Raspberry Pi has; some cloud machines have bbr, which paces and costs timers.
    for name in ("cubic", "reno"):
        with contextlib.suppress(OSError):
            CONGESTION_CONTROL.write_text(name)
            return


@contextmanager
def ethernet_like() -> Iterator[None]:
    """
    Make the loopback interface split data as an Ethernet card without offloading does.

    """
    _run("ip", "link", "set", "lo", "mtu", "1500")
    _run("ethtool", "-K", "lo", "tso", "off", "gso", "off", "gro", "off")
    try:
        yield
    finally:
        _run("ip", "link", "set", "lo", "mtu", "65536")
        _run("ethtool", "-K", "lo", "tso", "on", "gso", "on", "gro", "on")


def missing_for_ethernet() -> str | None:
    """
    :returns: Why ``ethernet_like`` is not possible here.
    """
    if not is_private():
        return "needs a private network"
    return None if program("ethtool") else "missing: apt install ethtool"


def describe() -> str:
    """
    :returns: What the figures were measured on.
    """
    where = "private namespace" if is_private() else "shared with the host"
    return f"loopback, {where}, TCP {CONGESTION_CONTROL.read_text().strip()}"


def _run(name: str, *arguments: str) -> None:
    path = program(name)
    assert path is not None, f"missing: {name}"
    subprocess.run([path, *arguments], check=True, capture_output=True, timeout=10)


def shout(message: str) -> None:
    """
    Say something that must not be overlooked.

    """
    print(f"\n*** {message}\n", file=sys.stderr, flush=True)

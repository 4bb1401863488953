"""
What the figures belong to: a machine and versions, without names or places.

"""

import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import network
from benchmarks.contenders import REPOSITORY


def describe(packages: Sequence[str], **more: str) -> Mapping[str, str]:
    """
    :param packages: Whose versions matter.
    :param more: What else does.
    :returns: What to write over a table.
    """
    release = re.match(r"\d+\.\d+", platform.release())
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "code": _commit(),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{_memory_gib():.0f} GiB",
        "kernel": f"{platform.system()} {release[0] if release else ''}",
        "system": _system(),
        "python": platform.python_version(),
        "packages": ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages),
        "network": network.describe(),
        "load before": f"{os.getloadavg()[0]:.1f}",
        **more,
    }


def _commit() -> str:
    command = ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty", "--exclude=*"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    return run.stdout.strip() or "not from a checkout"


def _processor() -> str:
    # A Raspberry Pi has its name elsewhere, and nothing there.
    model = Path("/proc/device-tree/model")
    if model.exists():
        return model.read_text().strip("\0\n ")
    match = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return match[1] if match else platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def _system() -> str:
    release = Path("/etc/os-release")
    match = re.search(r'^PRETTY_NAME="?([^"\n]+)', release.read_text() if release.exists() else "")
    return match[1] if match else ""

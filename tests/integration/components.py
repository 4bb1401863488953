"""
What some tests need besides Python packages.

"""

import os
import shutil
import sys
from pathlib import Path
from unittest import SkipTest


def missing(what: str, remedy: str) -> Exception:
    """
    :param what: What is missing.
    :param remedy: How to get it.
    :returns: What a test raises: a skip that says so, or, where ``CI`` is ``true``, a failure.
    """
    message = f"MISSING: {what}. To run this test: {remedy}"
    return AssertionError(message) if os.environ.get("CI") == "true" else SkipTest(message)


def require_program(name: str, remedy: str) -> str:
    """
    :returns: The path of a program, from this environment or the system.
    """
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    path = shutil.which(name, path=search)
    if path is None:
        raise missing(name, remedy)
    return path

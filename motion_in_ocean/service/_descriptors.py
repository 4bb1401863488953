"""
How many files and connections the process may have open.

"""

import resource
from contextlib import suppress

MOST = 65536


def descriptor_limit() -> int:
    """
    :returns: How many files the process may have open now.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else soft


def raise_descriptor_limit() -> None:
    """
    Raise the soft limit to the hard one, but for what nobody needs.

    The usual soft limit, 1024, is there for programs that use ``select``, which cannot deal with
    more; this one does not, and a connection for each viewer or node takes one.

    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # Some sandboxes forbid even that; the daemon runs with less, too.
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

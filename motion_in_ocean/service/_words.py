"""
Tracebacks that can be shown to anyone who may read the log.

"""

from twisted.python.failure import Failure

WITHHELD = "(withheld: what an exception says may quote a secret)"


def without_words(failure: Failure) -> Failure:
    """
    :param failure: Of code that has secrets at hand.
    :returns: The same kind of failure at the same place in the code, without what it says.
    """
    return Failure(WITHHELD, failure.type, failure.getTracebackObject())

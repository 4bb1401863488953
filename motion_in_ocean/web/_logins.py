"""
How often somebody may guess a password.

"""

import hashlib
import math
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable

from attrs import define, field
from twisted.logger import Logger

TRIES = 10
"""Different wrong credentials that are looked at before a client has to wait."""

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30.0, 300.0

MEMORY_SECONDS = 3600.0
"""After so long without a new guess a client begins anew."""

MAX_CLIENTS = 1024
"""Who has guessed longest ago is forgotten when there are more."""


@define(eq=False)
class _Guesses:
    """
    What one client has tried.

    """

    last_at: float
    tried: deque[bytes] = field(init=False, factory=lambda: deque(maxlen=TRIES))
    count: int = field(init=False, default=0)
    wait: float = field(init=False, default=0.0)
    waits_until: float = field(init=False, default=0.0)


@define(eq=False)
class FailedLogins:
    """
    Have clients wait that try one wrong credential after the other.

    Only different ones count: a program that was not told of a new token is no guesser, and locks
    out nobody, though it may ask every second for days.

    """

    _seconds: Callable[[], float]
    _clients: OrderedDict[str, _Guesses] = field(init=False, factory=OrderedDict)
    _key: bytes = field(init=False, repr=False, factory=lambda: secrets.token_bytes(32))
    _log = Logger()

    def wait_of(self, client: str) -> int:
        """
        :returns: For how many seconds nothing that the client shows is looked at.
        """
        guesses = self._clients.get(client)
        if guesses is None:
            return 0
        return max(0, math.ceil(guesses.waits_until - self._seconds()))

    def add(self, client: str, shown: bytes) -> None:
        """
        Note that a client has shown something wrong.

        """
        now = self._seconds()
        guesses = self._clients.pop(client, None)
        if guesses is None or now - guesses.last_at > MEMORY_SECONDS:
            guesses = _Guesses(now)
        self._clients[client] = guesses
        if len(self._clients) > MAX_CLIENTS:
            self._clients.popitem(last=False)
        # It may be the password of something else.
        digest = hashlib.blake2b(shown, key=self._key, digest_size=16).digest()
        if digest in guesses.tried:
            return
        guesses.tried.append(digest)
        guesses.count += 1
        guesses.last_at = now
        if guesses.count >= TRIES:
            self._have_wait(client, guesses, now)

    def _have_wait(self, client: str, guesses: _Guesses, now: float) -> None:
        # From now on for each further guess.
        guesses.wait = min(2 * guesses.wait or FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS)
        guesses.waits_until = now + guesses.wait
        self._log.warn(
            "{client} has shown {count} different wrong credentials; nothing that it shows is "
            "looked at for {seconds:g} s",
            client=client,
            count=guesses.count,
            seconds=guesses.wait,
        )

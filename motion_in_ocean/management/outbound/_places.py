"""
How much may be under way at once.

"""

from collections import Counter

from attrs import define, field, frozen


@frozen
class Busy:
    """
    So much is under way that there is no room for more.

    """

    limit: int
    is_of_node: bool = False
    """Whether it is the one node that has no room, or all of them together."""


@define(eq=False)
class Places:
    """
    So many at once, and not all of them for the same node: one that hangs leaves some to others.

    """

    at_once: int
    of_one_node: int

    _taken: Counter[str] = field(init=False, factory=Counter)

    def take(self, base_url: str) -> Busy | None:
        """
        Take a place, until ``give_back``.

        :param base_url: Whose place; nodes under several names are one.
        :returns: Why there is none.
        """
        if self._taken[base_url] >= self.of_one_node:
            return Busy(self.of_one_node, is_of_node=True)
        if self._taken.total() >= self.at_once:
            return Busy(self.at_once)
        self._taken[base_url] += 1
        return None

    def give_back(self, base_url: str) -> None:
        """
        Let others have the place.

        """
        self._taken[base_url] -= 1
        if not self._taken[base_url]:
            del self._taken[base_url]

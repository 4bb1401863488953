"""
How much is measured.

"""

from attrs import field, frozen

from benchmarks import contenders
from benchmarks.contenders import Contender

_GIVEN_PLENTY = (contenders.FLOOR, contenders.OURS, contenders.USTREAMER)


@frozen(kw_only=True)
class Plan:
    """
    Numbers of viewers, and how long each is looked at.

    """

    name: str
    deadline_seconds: int
    """After this the whole run is given up."""

    rounds: int = 3
    viewers: tuple[int, ...]
    seconds: float
    warmup_seconds: float = 1.0
    fan_out: tuple[Contender, ...] = contenders.ALL
    ethernet: tuple[Contender, ...] = _GIVEN_PLENTY
    ethernet_viewers: tuple[int, ...]
    idle: tuple[Contender, ...] = contenders.ALL
    idle_seconds: float = 3.0
    health: tuple[Contender, ...] = tuple(one for one in contenders.ALL if one.health)
    health_viewers: int = 200
    health_seconds: float
    throttled: tuple[Contender, ...] = tuple(one for one in contenders.ALL if one.takes_stalled)
    throttled_warmup_seconds: float
    """A server that queues the past has to be given time to do it."""
    throttled_seconds: float
    stalled: tuple[Contender, ...] = tuple(one for one in contenders.ALL if one.takes_stalled)
    stalled_viewers: int
    stalled_seconds: float
    syscalls: tuple[Contender, ...] = contenders.ALL
    syscalls_seconds: float = 2.0
    churn: tuple[Contender, ...] = (contenders.OURS,)
    churn_rounds: int = 8
    churn_viewers: int = 200
    picture_size: tuple[int, int] = field(default=(640, 480))


FULL = Plan(
    name="full",
    deadline_seconds=90 * 60,
    viewers=(1, 10, 50, 200, 500, 1000, 2000),
    seconds=3.0,
    ethernet_viewers=(1, 10, 50, 200, 500),
    health_seconds=6.0,
    throttled_warmup_seconds=20.0,
    throttled_seconds=20.0,
    stalled_viewers=1000,
    stalled_seconds=60.0,
)

SHORT = Plan(
    name="short",
    deadline_seconds=6 * 60,
    viewers=(1, 10, 200),
    seconds=1.5,
    warmup_seconds=0.3,
    ethernet_viewers=(),
    idle=_GIVEN_PLENTY,
    idle_seconds=2.0,
    health=(contenders.OURS, contenders.USTREAMER),
    health_seconds=2.0,
    throttled=(contenders.OURS, contenders.USTREAMER),
    throttled_warmup_seconds=3.0,
    throttled_seconds=3.0,
    stalled=(contenders.OURS,),
    stalled_viewers=200,
    stalled_seconds=5.0,
    syscalls=_GIVEN_PLENTY,
    churn_rounds=2,
)

PLANS = {plan.name: plan for plan in (SHORT, FULL)}

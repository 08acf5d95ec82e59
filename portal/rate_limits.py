"""How often something may be done: counted in the broker, for all processes together.

A broker that is down must not stop sign-in, nor open the doors: each process then counts for itself, until the broker
answers again. Nobody waits for it longer than half a second, and after a failure nobody asks it for a while.
"""

import logging
import time
from collections.abc import Callable
from functools import cache

import redis
from django.conf import settings
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter, RateLimiter

logger = logging.getLogger(__name__)

KINDS = ("sign_ins", "wrong_tokens", "addresses", "plans", "runs")
"""What is limited; each is the variable PORTAL_LIMIT_… of this name."""
PER_ADDRESS = 10
"""How many people may share an address: so much more than one person may do is admitted from one address."""
TIMEOUT, PAUSE = 0.5, 10.0
"""Seconds: for one exchange with the broker, and until it is asked again after a failure."""
_failed_at = [-PAUSE]


def remaining(kind: str, who: str, factor: int = 1) -> float:
    """Seconds until this sender may do it again; 0 where it may now. Counts nothing."""
    item = _item(kind, factor)
    return _ask(lambda limiter: _wait(limiter, item, kind, who, limiter.test(item, kind, who)))


def count(kind: str, who: str, factor: int = 1) -> float:
    """Count one. Seconds until this sender may do it again where it was one too many, otherwise 0."""
    item = _item(kind, factor)
    return _ask(lambda limiter: _wait(limiter, item, kind, who, limiter.hit(item, kind, who)))


def _item(kind: str, factor: int) -> RateLimitItem:
    once = parse(getattr(settings.ENV, f"portal_limit_{kind}"))
    return type(once)(once.amount * factor, once.multiples)


def _wait(limiter: RateLimiter, item: RateLimitItem, kind: str, who: str, admitted: bool) -> float:
    return 0.0 if admitted else max(1.0, limiter.get_window_stats(item, kind, who).reset_time - time.time())


def _ask(question: Callable[[RateLimiter], float]) -> float:
    if time.monotonic() - _failed_at[0] >= PAUSE:
        try:
            return question(_shared(settings.ENV.redis_url))
        except redis.RedisError as error:
            _failed_at[0] = time.monotonic()
            logger.warning("rate limits are counted by each process for now: %s", error)
    return question(_own())


@cache
def _shared(url: str) -> RateLimiter:
    pool = redis.ConnectionPool.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
    return MovingWindowRateLimiter(RedisStorage("redis://", connection_pool=pool, key_prefix="onramp-limits"))


@cache
def _own() -> RateLimiter:
    return MovingWindowRateLimiter(MemoryStorage())

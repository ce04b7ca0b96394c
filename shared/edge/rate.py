"""How many requests one client may send."""
import math
import time

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from shared.errors import TooManyRequests


class Rate:
    """Counted in this process, over one second, or over as many as one request takes."""

    def __init__(self, per_s: float) -> None:
        seconds = math.ceil(1 / per_s) if per_s < 1 else 1
        self._item = RateLimitItemPerSecond(max(1, int(per_s * seconds)), seconds)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, client: str) -> None:
        """Raises TooManyRequests, which says when there is room again."""
        if not self._limiter.hit(self._item, client):
            error = TooManyRequests(f"more than {self._item.amount} requests in {self._item.multiples} s")
            error.wait_s = max(1, math.ceil(self._limiter.get_window_stats(self._item, client).reset_time - time.time()))
            raise error

"""web.security.RateLimiter over Redis: one sliding window for all web processes."""

import logging
import secrets
from datetime import timedelta

import redis

log = logging.getLogger(__name__)
# Atomic: forget what is too old, refuse when full (telling when the oldest leaves), else count.
_TAKE = """
local now = tonumber(redis.call('TIME')[1]) * 1000 + math.floor(tonumber(redis.call('TIME')[2]) / 1000)
local window, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
if redis.call('ZCARD', KEYS[1]) >= limit then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return math.max(1, tonumber(oldest[2]) + window - now)
end
redis.call('ZADD', KEYS[1], now, ARGV[3])
redis.call('PEXPIRE', KEYS[1], window)
return 0
"""


class RedisRateLimiter:
    """Counts tries under a key. A Redis that is away lets everything through: it protects comfort, not safety.

    What must not be guessed (log-in, PIN) is counted in the database.
    """

    def __init__(self, url: str, *, prefix: str = "edo:rate:") -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0)
        self._take = self._redis.register_script(_TAKE)
        self._prefix = prefix

    def take(self, key: str, *, limit: int, per: timedelta) -> timedelta | None:
        """Count one try. None when it is allowed, else how long to wait (nothing is counted then)."""
        window = int(per.total_seconds() * 1000)
        try:
            wait = self._take(keys=[self._prefix + key], args=[window, limit, secrets.token_hex(8)])
        except redis.RedisError:
            log.warning("Redis does not answer: requests are not counted")
            return None
        return timedelta(milliseconds=int(wait)) if int(wait) else None

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

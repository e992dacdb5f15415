"""Buckets for all processes that use one Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_whatsapp.client.rate_limit.gcra import MAX_WAIT_MS, Operation, Rate
from airflow_provider_whatsapp.exceptions import ConfigurationError

if TYPE_CHECKING:
    from redis import Redis

PREFIX = "airflow-provider-whatsapp:"
SERVER_TIME = 0  # as the time of an operation: Redis reads its own clock, so that those of the workers need not agree
_TIMEOUT = 1.0  # seconds for each of two attempts; then the process uses a limit of its own

# The same as ``gcra.update``, in one script that Redis runs without interruption; a test compares both. Redis deletes
# a bucket a minute after its moments have passed.
SCRIPT = """
local operation, now, amount = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local spacing, burst, max_wait = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if now == 0 then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
now = now * 1000

local stored = redis.call('HMGET', KEYS[1], 'tat', 'paused_until')
local tat, paused_until = tonumber(stored[1] or 0), tonumber(stored[2] or 0)
local tat_before, paused_before = tat, paused_until
if tat > now + (max_wait + 60000) * 1000 + burst * spacing then tat = 0 end
if paused_until > now + max_wait * 1000 then paused_until = 0 end

local wait = 0
if operation == 'acquire' then
  wait = math.floor(math.max(tat - (burst - 1) * spacing - now, 0) / 1000)
  if wait <= max_wait then tat = math.max(tat, now) + spacing end
elseif operation == 'pause' then
  local pause_end = now + math.min(amount, max_wait) * 1000
  tat = math.max(tat, pause_end + (burst - 1) * spacing)
  paused_until = math.max(paused_until, pause_end)
else
  wait = math.floor(math.max(paused_until - now, 0) / 1000)
end

if tat ~= tat_before or paused_until ~= paused_before then
  redis.call('HSET', KEYS[1], 'tat', string.format('%.0f', tat), 'paused_until', string.format('%.0f', paused_until))
  local left = math.max(math.max(tat, paused_until) - now, 0) / 1000
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', left + 60000))
end
return wait
"""


class RedisStore:
    """Keeps buckets in Redis, by Redis's clock."""

    remedy = "Check rate_limit_storage in the extra of the Airflow connection, and that Redis can be reached"

    def __init__(self, client: Redis) -> None:
        """Keep the client; it connects when it is used."""
        # One command for each operation: the script travels once, and then only its hash.
        self._script = client.register_script(SCRIPT)

    @classmethod
    def at(cls, url: str) -> RedisStore:
        """
        Return the store at ``url``.

        :raises ConfigurationError: if the package is missing, or the URL is not a valid one; the error never shows it.
        """
        try:
            from redis import Redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError:
            raise ConfigurationError(
                "rate_limit_storage: must not be a Redis URL where the package redis is missing (got one). "
                "Install 'airflow-provider-whatsapp[redis]' on this worker, or choose machine."
            ) from None
        # One retry connects again where Redis has closed the connection meanwhile.
        retry = Retry(NoBackoff(), 1)
        try:
            client = Redis.from_url(
                url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, retry=retry
            )
            # This makes no connection, but an unknown part of the URL is found only here.
            client.connection_pool.make_connection()
        except Exception:  # noqa: BLE001 - the library raises many kinds, and their texts can contain the password
            problem = ConfigurationError(
                "rate_limit_storage: must be a URL that redis can read (got one that it rejects). Write it as "
                "redis://host:6379/0, with signs such as @ or / in its password as %40 or %2F."
            )
        else:
            return cls(client)
        # Raised outside the handler, so that the library's error is not chained to it.
        raise problem

    def update(
        self,
        operation: Operation,
        key: str,
        rate: Rate,
        amount_ms: int = 0,
        now_ms: int = SERVER_TIME,
    ) -> int:
        """Carry out ``operation`` on the bucket at ``key``, and return the wait in milliseconds."""
        arguments = [
            operation.value,
            now_ms,
            amount_ms,
            rate.spacing,
            rate.burst,
            MAX_WAIT_MS,
        ]
        return int(self._script(keys=[f"{PREFIX}{key}"], args=arguments))

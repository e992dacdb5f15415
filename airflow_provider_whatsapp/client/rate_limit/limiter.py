"""
The limits that a call keeps, and the turns it waits for.

Maton admits 10 requests a second of one account, whoever makes them, and counts them over any second that has
passed: calls are spaced evenly, because two that come at once would be one too many for that second. Meta
admits one message each 6 seconds from one number to one recipient, 45 of them at once, and 80 messages a second
from one number (https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from math import ceil
from typing import NamedTuple

from pyrate_limiter import Rate

from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.calls import Call
from airflow_provider_whatsapp.client.rate_limit.gcra import MAX_WAIT_MS, Acquire, Pause, Peek
from airflow_provider_whatsapp.client.rate_limit.stores import Store, open_store
from airflow_provider_whatsapp.exceptions import RateLimitedError

# Calls that leave in time can arrive a little closer to each other than they left.
_SLACK = 1.02
_DAY = 86_400_000_000  # microseconds
_MESSAGES_PER_SECOND = 80
_OF_A_PAIR = Rate(1, 6_100, burst=45)
# Over the pace of the account or of the app; of the pair. The gateway's own refusals have no code.
_ACCOUNT_CODES = frozenset({4, 130429})
_PAIR_CODE = 131056
# A clock may run a little slower than the sleep that it measures.
_TOLERANCE_MS = 50


class Limit(NamedTuple):
    """How fast calls may follow each other that have ``key`` in common."""

    of: str
    key: str
    rate: Rate


class RateLimiter:
    """
    Lets the calls of an account leave no faster than Maton and Meta take them.

    :param storage: what shares the pace with others; the one that ``config`` names if absent.
    """

    def __init__(self, config: ClientConfig, storage: Store | None = None) -> None:
        self._given = storage
        self._setting = config.rate_limit_storage
        open_store(self._setting)  # a setting that is wrong shows here, not in the middle of a task
        self._secret = config.api_key
        account = f"{config.api_key.get_secret_value()} {config.base_url}"
        self._prefix = hashlib.sha256(account.encode()).hexdigest()[:32]
        self._account = Limit("this account", self._prefix, every_second(config.requests_per_second))
        self._is_fast = config.requests_per_second > _MESSAGES_PER_SECOND

    @property
    def _storage(self) -> Store | None:
        return self._given or open_store(self._setting)

    def take(self, call: Call, sleep: Callable[[float], None]) -> None:
        """
        Wait until ``call`` may leave.

        :raises RateLimitedError: if that would be too long; nothing was sent.
        """
        storage = self._storage
        if storage is None:
            return
        # The account's turn comes last: one that is taken before another wait would be wasted.
        waited = 0
        for limit in self._limits(call):
            waited = _wait_in_line(storage, limit, call, sleep, waited)

    def pause(self, error: Exception, call: Call, seconds: float) -> None:
        """
        Hold up all whom ``error``, the answer to ``call``, is about: an account, a sender and recipient, or nobody.

        :param seconds: the pause, at most 5 minutes.
        """
        limit, storage = self._exceeded(error, call), self._storage
        if storage is not None and limit is not None:
            storage.check(Pause(), limit.key, limit.rate, ceil(seconds * 1000))

    def _limits(self, call: Call) -> Iterator[Limit]:
        if call.sender and call.recipient:
            yield self._pair(call)
        # Below that the account's own limit is the narrower one.
        if call.sender and self._is_fast:
            yield Limit("this phone number", self._key("number", call.sender), _OF_A_NUMBER)
        yield self._account

    def _exceeded(self, error: Exception, call: Call) -> Limit | None:
        if not isinstance(error, RateLimitedError):
            return None
        if error.code == _PAIR_CODE:
            return self._pair(call) if call.sender and call.recipient else None
        return self._account if error.is_gateway or error.code in _ACCOUNT_CODES else None

    def _pair(self, call: Call) -> Limit:
        return Limit("this sender and recipient", self._key("pair", f"{call.sender} {call.recipient}"), _OF_A_PAIR)

    def _key(self, kind: str, ids: str) -> str:
        # Phone numbers are few enough to be tried out, so a hash without a secret would give them away.
        digest = hmac.digest(self._secret.get_secret_value().encode(), ids.encode(), "sha256")
        return f"{self._prefix}:{kind}:{digest.hex()[:32]}"


def every_second(calls: float) -> Rate:
    """Return the rate of evenly spaced calls; a thousand in so many milliseconds is one in so many microseconds."""
    return Rate(1000, ceil(min(max(1_000_000 * _SLACK / calls, 1), _DAY)), burst=1)


_OF_A_NUMBER = every_second(_MESSAGES_PER_SECOND)


def _wait_in_line(storage: Store, limit: Limit, call: Call, sleep: Callable[[float], None], waited: int) -> int:
    """Wait for a turn, and return the milliseconds that the call has waited in all."""
    while wait := storage.check(Acquire(), limit.key, limit.rate):
        if waited + wait > MAX_WAIT_MS:
            raise _too_long(call, limit, wait / 1000)
        sleep(wait / 1000)
        waited += wait
        # A pause that was called meanwhile is for those in the line, too: they join it again.
        if storage.check(Peek(), limit.key, limit.rate) <= _TOLERANCE_MS:
            break
    return waited


def _too_long(call: Call, limit: Limit, seconds: float) -> RateLimitedError:
    return RateLimitedError(
        f"{call.method} {call.path}: the next turn of {limit.of} is in {seconds:.0f} s, and no call waits for "
        f"longer than {MAX_WAIT_MS // 1000} s, so nothing was sent",
        permanent=False,
        retry_after=seconds,
        remedy="Send fewer at once, with an Airflow pool for example, or try again later.",
    )

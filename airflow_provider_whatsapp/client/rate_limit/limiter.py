"""
Which limits a call keeps, and how it waits for its slot.

Maton accepts 10 requests a second from one account, whichever worker makes them, and counts them over any second that
has passed. So calls are evenly spaced: two that leave at once would be one too many for that second. Meta accepts one
message each 6 seconds from one number to one recipient, 45 of them at once, and 80 messages a second from one number
(https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from math import ceil
from typing import NamedTuple

from airflow_provider_whatsapp.client.config import ClientConfig
from airflow_provider_whatsapp.client.http.calls import Call
from airflow_provider_whatsapp.client.rate_limit.gcra import MAX_WAIT_MS, Operation, Rate
from airflow_provider_whatsapp.client.rate_limit.stores import Store, open_store
from airflow_provider_whatsapp.exceptions import RateLimitedError

_MAX_MESSAGES_PER_SECOND = 80
_PHONE_NUMBER_RATE = Rate.per_second(_MAX_MESSAGES_PER_SECOND)
_PAIR_RATE = Rate(spacing=6_100_000, burst=45)
# Meta's codes for 'too many calls of this app' and 'too many messages of this number', and for a pair. The gateway's
# own 429 has no code.
_ACCOUNT_CODES = frozenset({4, 130429})
_PAIR_CODE = 131056
# A clock may run a little slower than the sleep that it measures.
_TOLERANCE_MS = 50


class Bucket(NamedTuple):
    """A rate, and the key that all calls have that share it."""

    owner: str
    key: str
    rate: Rate


class RateLimiter:
    """
    Lets the calls of an account leave no faster than Maton and Meta accept them.

    :param store: keeps the buckets; the one that ``config.rate_limit_storage`` names if absent.
    """

    def __init__(self, config: ClientConfig, store: Store | None = None) -> None:
        self._given_store = store
        self._setting = config.rate_limit_storage
        # A wrong setting fails here, and not in the middle of a task.
        open_store(self._setting)
        self._secret = config.api_key
        account = f"{config.api_key.get_secret_value()} {config.base_url}"
        self._prefix = hashlib.sha256(account.encode()).hexdigest()[:32]
        self._account = Bucket(
            "this account", self._prefix, Rate.per_second(config.requests_per_second)
        )
        self._needs_number_bucket = config.requests_per_second > _MAX_MESSAGES_PER_SECOND

    @property
    def _store(self) -> Store | None:
        # Found for each call: after a fork the child opens a store of its own.
        return self._given_store or open_store(self._setting)

    def acquire(self, call: Call, sleep: Callable[[float], None]) -> None:
        """
        Wait until ``call`` has a slot in each of its buckets, at most 5 minutes in all.

        :raises RateLimitedError: if a slot is further away; nothing was sent.
        """
        store = self._store
        if store is None:
            return
        waited_ms = 0
        for bucket in self._buckets(call):
            while wait_ms := store.update(Operation.ACQUIRE, bucket.key, bucket.rate):
                if waited_ms + wait_ms > MAX_WAIT_MS:
                    seconds = wait_ms / 1000
                    raise RateLimitedError(
                        f"{call.method} {call.path}: the next slot of {bucket.owner} is {seconds:.0f} s away, and a "
                        f"call waits at most {MAX_WAIT_MS // 1000} s, so nothing was sent",
                        permanent=False,
                        retry_after=seconds,
                        remedy="Send fewer messages at once, with an Airflow pool for example, or try again later.",
                    )
                sleep(wait_ms / 1000)
                waited_ms += wait_ms
                # A pause that began meanwhile is for this caller, too: then it asks for a new slot.
                if store.update(Operation.PEEK, bucket.key, bucket.rate) <= _TOLERANCE_MS:
                    break

    def pause(self, error: Exception, call: Call, seconds: float) -> None:
        """
        Pause the bucket that ``error``, the response to ``call``, is about: the account's, a pair's, or no bucket.

        :param seconds: length of the pause; more than 5 minutes counts as 5.
        """
        store = self._store
        if store is None or not isinstance(error, RateLimitedError):
            return
        if error.code == _PAIR_CODE and call.sender and call.recipient:
            bucket = self._pair(call)
        elif error.is_gateway or error.code in _ACCOUNT_CODES:
            bucket = self._account
        else:
            # A limit of something else, such as the edits of one template: other calls need not wait for that.
            return
        store.update(Operation.PAUSE, bucket.key, bucket.rate, ceil(seconds * 1000))

    def _buckets(self, call: Call) -> Iterator[Bucket]:
        if call.sender and call.recipient:
            yield self._pair(call)
        # At a lower rate the account's own bucket is the narrower one.
        if call.sender and self._needs_number_bucket:
            yield Bucket(
                "this phone number", self._key("number", call.sender), _PHONE_NUMBER_RATE
            )
        # The account's slot comes last: a slot that a call takes before it waits elsewhere would be wasted.
        yield self._account

    def _pair(self, call: Call) -> Bucket:
        return Bucket(
            "this sender and recipient",
            self._key("pair", f"{call.sender} {call.recipient}"),
            _PAIR_RATE,
        )

    def _key(self, kind: str, ids: str) -> str:
        # There are few enough phone numbers to try them all, so a hash without a secret would reveal them.
        digest = hmac.digest(
            self._secret.get_secret_value().encode(), ids.encode(), "sha256"
        )
        return f"{self._prefix}:{kind}:{digest.hex()[:32]}"

"""Lines of callers for all who use one Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrate_limiter import Rate, RedisStateStore

from airflow_provider_whatsapp.client.rate_limit.gcra import SERVER_TIME, Operation, wait_in
from airflow_provider_whatsapp.exceptions import ConfigurationError

if TYPE_CHECKING:
    from redis import Redis

PREFIX = "airflow-provider-whatsapp:"
_TIMEOUT = 1.0  # seconds for each of two attempts; then the process paces itself


class RedisStore:
    """Keeps lines in Redis, by Redis's clock, so that those of the workers need not agree."""

    remedy = "Check rate_limit_storage in the extra of the Airflow connection, and that Redis can be reached"

    def __init__(self, client: Redis) -> None:
        """Connect nowhere yet."""
        self._client = client

    @classmethod
    def at(cls, url: str) -> RedisStore:
        """
        Return the storage at ``url``.

        :raises ConfigurationError: if the package is missing, or the URL cannot be one; never showing it.
        """
        try:
            from redis import Redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError:
            raise ConfigurationError(
                "rate_limit_storage: Redis needs a package that is missing here; "
                "pip install 'airflow-provider-whatsapp[redis]', or choose machine"
            ) from None
        # A connection that Redis has closed meanwhile is made again, once.
        retry = Retry(NoBackoff(), 1)
        try:
            client = Redis.from_url(url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, retry=retry)
            # Connects nowhere, but a part of the URL that is not known shows only here.
            client.connection_pool.make_connection()
        except Exception:  # noqa: BLE001 - the library raises all sorts; what they say may hold the password
            problem = ConfigurationError(
                "rate_limit_storage: the URL cannot be read; write redis://host:6379/0, and signs such as @ or / in "
                "its password as %40 or %2F"
            )
        else:
            return cls(client)
        # Raised outside the handler, so that it is not chained to the library's.
        raise problem

    def check(self, operation: Operation, key: str, rate: Rate, amount: int = 1) -> int:
        """Take ``step``, in one command."""
        return wait_in(RedisStateStore(self._client, f"{PREFIX}{key}"), operation, rate, SERVER_TIME, amount)

"""The clients: one that waits, and one that lets others go on meanwhile."""

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, Unpack
from urllib.parse import quote

import httpx

from .charge import AsyncCharge, Charge, ChargeOptions
from .models import CountedBalance
from .transport import HOLDS, Steps, Transport, Unreachable, arun, run

Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)


class _Client(Generic[Http]):
    """The base of both clients.

    Args:
        base_url: Address of the service, with or without /api/v1.
        unreachable: What a charge does when the service cannot be reached: `refuse` the work, or
            `allow` that it is done uncharged.
        service_key: Key of a trusted service.
        token: A user's token, or what returns the present one.
        app_id: The calling app, where a call names none.
        timeout: Longest wait for one answer, in seconds.
        patience: How long a call is repeated in all, in seconds; 0 is never.
    """

    _connections: type[Http]

    def __init__(
        self,
        base_url: str,
        *,
        unreachable: Unreachable,
        service_key: str | None = None,
        token: str | Callable[[], str] | None = None,
        app_id: str | None = None,
        timeout: float = 10.0,
        patience: float = 10.0,
    ) -> None:
        self._transport = Transport(
            base_url=base_url,
            unreachable=unreachable,
            service_key=service_key,
            token=token,
            app_id=app_id,
            timeout=timeout,
            patience=patience,
        )
        self._http: Http = self._connections()
        self._begun: set[AsyncCharge] = set()

    def _balance(self, user_id: str) -> Steps[CountedBalance]:
        return self._transport.call("GET", f"{HOLDS}balance/{quote(user_id, safe='')}")


class CreditsClient(_Client[httpx.Client]):
    """Calls mana-credits, as a trusted service or for a user; usable from several threads."""

    _connections = httpx.Client

    def charge(self, **options: Unpack[ChargeOptions]) -> Charge:
        """Hold the most that a `with` block may cost; commit what `used` said, or all.

        What the block raises is raised, after a release. If it is left by a closed generator or
        Ctrl-C, what was said to be used by then is committed.

        Raises:
            InsufficientCreditsError: Too little, before the block.
            UnsettledError: After the block: it is done and cannot be charged.
        """
        return Charge(self._http, self._transport, options)

    def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Any:
        """Any call of the reference; `models` has the types of its bodies and answers.

        Without an idempotency key a call that moves credits is never repeated.
        """
        return run(self._http, self._transport.call(method, path, body, query=query, key=key))

    def balance(self, user_id: str) -> CountedBalance:
        """The balance of a user."""
        return run(self._http, self._balance(user_id))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()


class AsyncCreditsClient(_Client[httpx.AsyncClient]):
    """The same under asyncio."""

    _connections = httpx.AsyncClient

    def charge(self, **options: Unpack[ChargeOptions]) -> AsyncCharge:
        """As `CreditsClient.charge`, for an `async with` block; a cancellation aborts it."""
        return AsyncCharge(self._http, self._transport, options, self._begun)

    async def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Any:
        """As `CreditsClient.request`."""
        call = self._transport.call(method, path, body, query=query, key=key)
        return await arun(self._http, call)

    async def balance(self, user_id: str) -> CountedBalance:
        """The balance of a user."""
        return await arun(self._http, self._balance(user_id))

    async def close(self) -> None:
        """Settle the charges of generators that were left and not closed; close the connections."""
        await asyncio.gather(*(charge.settle() for charge in self._begun), return_exceptions=True)
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Settle what was left, and close the connections."""
        await self.close()

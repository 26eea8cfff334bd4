"""Charges: hold, run, commit what was really used."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Any, Literal, NotRequired, Required, Self, TypedDict

import httpx

from .amounts import Amount, write
from .errors import CreditsError, UnsettledError
from .generated import (
    IdempotencyKeyReusedError,
    ReservationAlreadyCommittedError,
    ReservationAlreadyReleasedError,
)
from .transport import HOLDS, Steps, Transport, arun, run

_MOST_ATTEMPTS = 100
_LONGEST_LABEL = 80


class Item(TypedDict):
    """An operation of the price list, and how much of it."""

    operation: str
    quantity: NotRequired[Amount]


class ChargeOptions(TypedDict, total=False):
    """The options of a charge: its amount, its payer, its reason.

    Attributes:
        user_id: Who pays, or uses the pool of `guild_id`.
        reason: What for, in words.
        amount: The most that it may cost.
        items: Instead of the amount: operations whose prices the service knows.
        key: Which charge it is: from one's own data, such as the id of a message.
        request_id: Instead of the key: it is made from this and what is charged.
        guild_id: The guild whose pool pays.
        app_id: The app, where it is not the client's.
        metadata: Kept with the movement.
        expected_amount: The price that was shown: another one is refused as `price_changed`.
        overrun: What becomes of a cost above the hold: refused unless named.
        hold_seconds: How long the hold outlives a process that died: 120 unless named.
        longest_seconds: When to stop extending: after 86400 seconds unless named.
    """

    user_id: Required[str]
    reason: Required[str]
    amount: Amount
    items: Sequence[Item]
    key: str
    request_id: str
    guild_id: str
    app_id: str
    metadata: Mapping[str, Any]
    expected_amount: Amount
    overrun: Literal["refuse", "available", "debt"]
    hold_seconds: int
    longest_seconds: int


@dataclass(frozen=True)
class Outcome:
    """The end of a charge.

    Attributes:
        status: `already-charged` is a key that was charged before.
        transaction_id: The movement; None where nothing moved.
        committed: What was charged.
        released: What is free again.
        uncollected: What an overrun could not get.
        error: Why it could not be settled.
    """

    status: Literal["committed", "released", "already-charged", "unsettled"]
    transaction_id: str | None = None
    committed: Decimal = Decimal(0)
    released: Decimal = Decimal(0)
    uncollected: Decimal = Decimal(0)
    error: CreditsError[object] | None = None


class _Hold:
    """The base of both kinds of charges.

    Attributes:
        reservation_id: None if the service could not be reached, or nothing is to be charged.
        already_charged: This key was charged before: it is not charged again.
        outcome: How it ended, once it has.
    """

    def __init__(self, transport: Transport, options: ChargeOptions) -> None:
        self._transport = transport
        self._options = options
        self._cost = _cost(options.get("amount"), options.get("items"))
        self._key = _key(options)
        self._metadata = None if options.get("metadata") is None else dict(options["metadata"])
        # Raises before the work, and not when it is to be settled, where it is no JSON.
        write(self._metadata, "metadata")
        self._used: dict[str, Any] | None = None
        self._captures = 0
        self._missed: list[dict[str, Any]] = []
        self._released: list[str] = []
        self._seconds = options.get("hold_seconds", 120)
        self._last = time.monotonic() + options.get("longest_seconds", 86_400)
        self.reservation_id: str | None = None
        self.already_charged = False
        self.outcome: Outcome | None = None

    def used(self, amount: Amount | None = None, *, items: Sequence[Item] | None = None) -> None:
        """Say what was really used until now; the latest word counts, without one it is all."""
        self._used = _cost(amount, items)

    def _capturing(self, amount: Amount | None, items: Sequence[Item] | None) -> Steps[None]:
        self._captures += 1
        if self.already_charged:
            return
        key = f"{self._key}:capture:{self._captures}"
        capture = {**_cost(amount, items), "idempotencyKey": key}
        try:
            if self.reservation_id is None:
                yield from self._reserve()
            yield from self._capture(capture)
        except CreditsError as error:
            if not self._forgives(error):
                raise
            self._missed.append(capture)

    def _capture(self, capture: Mapping[str, Any]) -> Steps[None]:
        """Capture once in all attempts: what an earlier one has captured is known by its hold."""
        for earlier in self._released:
            # These say that it was not captured there, or elsewhere.
            elsewhere = (ReservationAlreadyReleasedError, IdempotencyKeyReusedError)
            with contextlib.suppress(*elsewhere):
                yield from self._post("capture", **capture, reservationId=earlier)
                return
        yield from self._post("capture", **capture, reservationId=self.reservation_id)

    def _opening(self) -> Steps[None]:
        try:
            yield from self._reserve()
        except CreditsError as error:
            if not self._forgives(error):
                raise

    def _reserve(self) -> Steps[None]:
        """Reserve under the key; after an attempt whose work failed, under the next one from it."""
        options = self._options
        for attempt in range(1, _MOST_ATTEMPTS + 1):
            held = yield from self._post(
                "reserve",
                userId=options["user_id"],
                **self._cost,
                reason=options["reason"],
                guildId=options.get("guild_id"),
                appId=options.get("app_id"),
                expectedAmount=options.get("expected_amount"),
                expiresInSeconds=self._seconds,
                idempotencyKey=self._key if attempt == 1 else f"{self._key}:{attempt}",
            )
            self.reservation_id = held.get("reservationId")
            if not held.get("replayed") or self.reservation_id is None:
                return
            try:
                # It may have been made long ago: how it stands says the answer to this.
                yield from self._extending()
            except ReservationAlreadyReleasedError:
                self._released.append(self.reservation_id)
                continue
            except ReservationAlreadyCommittedError:
                self.already_charged = True
            return
        raise ValueError(f"{_MOST_ATTEMPTS} attempts under the key {self._key} were released")

    def _extending(self, *, repeatable: bool = True) -> Steps[None]:
        yield from self._post(
            "extend",
            repeatable=repeatable,
            reservationId=self.reservation_id,
            expiresInSeconds=self._seconds,
        )

    @property
    def _extends(self) -> bool:
        held = self.reservation_id is not None and not self.already_charged
        return held and time.monotonic() < self._last

    def _settling(self, raised: type[BaseException] | None) -> Steps[None]:
        try:
            self.outcome = yield from self._settle(raised)
        except ReservationAlreadyCommittedError:
            # By another that runs under the same key.
            self.outcome = Outcome("already-charged")
        except ReservationAlreadyReleasedError:
            # The work of another under the same key failed: this one is the next attempt.
            self.reservation_id = None
            yield from self._settling(raised)
        except CreditsError as error:
            self.outcome = Outcome("unsettled", error=error)
            # An error of the work goes before.
            if raised is None and not self._forgives(error):
                raise UnsettledError(self.reservation_id, error) from error

    def _settle(self, raised: type[BaseException] | None) -> Steps[Outcome]:
        if self.already_charged:
            return Outcome("already-charged")
        # Other than by an error, work is left by whoever aborts it: a cancellation, a closed
        # generator, Ctrl-C. What was used until then is used.
        failed = raised is not None and issubclass(raised, Exception)
        unused = self._captures > 0 if raised is None else True
        if self._used is not None:
            unused = _is_nothing(self._used)
        if failed or (unused and not self._missed):
            return (yield from self._release())
        # The hold of a service that was away may have been made all the same: its key finds it.
        if self.reservation_id is None:
            yield from self._reserve()
        if self.already_charged:
            return Outcome("already-charged")
        for capture in self._missed:
            yield from self._capture(capture)
        return (yield from self._release() if unused else self._commit())

    def _commit(self) -> Steps[Outcome]:
        if self.reservation_id is None:
            return Outcome("committed")  # What costs nothing has no hold.
        told = yield from self._post(
            "commit",
            reservationId=self.reservation_id,
            **(self._used or {}),
            description=self._options["reason"],
            metadata=self._metadata,
            overrun=self._options.get("overrun"),
        )
        return Outcome(
            "committed",
            told["transactionId"],
            told["committed"],
            told["released"],
            told.get("uncollected", Decimal(0)),
        )

    def _release(self) -> Steps[Outcome]:
        if self.reservation_id is not None:
            yield from self._post("refund-reservation", reservationId=self.reservation_id)
        return Outcome("released")

    def _post(self, name: str, *, repeatable: bool = True, **body: Any) -> Steps[Any]:
        return self._transport.call("POST", HOLDS + name, body, repeatable=repeatable)

    def _forgives(self, error: CreditsError[object]) -> bool:
        return error.unavailable and self._transport.unreachable == "allow"


class Charge(_Hold):
    """A charge of a `with` block: see `CreditsClient.charge`."""

    def __init__(self, http: httpx.Client, transport: Transport, options: ChargeOptions) -> None:
        super().__init__(transport, options)
        self._http = http
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        """Hold the credits."""
        run(self._http, self._opening())
        threading.Thread(target=self._keep, name="credits hold", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit what was used, or release the hold."""
        self._ended.set()
        run(self._http, self._settling(kind))

    def capture(self, amount: Amount | None = None, *, items: Sequence[Item] | None = None) -> None:
        """Turn a part of the hold into usage at once; what is not captured is free in the end."""
        run(self._http, self._capturing(amount, items))

    def _keep(self) -> None:
        while not self._ended.wait(self._seconds / 3):
            if self._extends:
                # One that fails is made good by the next, or by a commit after its time.
                with contextlib.suppress(CreditsError):
                    run(self._http, self._extending(repeatable=False))


class AsyncCharge(_Hold):
    """A charge of an `async with` block: see `AsyncCreditsClient.charge`."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        transport: Transport,
        options: ChargeOptions,
        begun: "set[AsyncCharge]",
    ) -> None:
        super().__init__(transport, options)
        self._http = http
        # Of the client: those that are not settled. It settles them when it is closed.
        self._begun = begun
        self._keeper: asyncio.Task[None] | None = None
        self._settled: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Hold the credits."""
        await arun(self._http, self._opening())
        self._keeper = asyncio.create_task(self._keep())
        self._begun.add(self)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit what was used, or release the hold; to its end, even if cancelled meanwhile."""
        await self.settle(kind)

    async def settle(self, raised: type[BaseException] | None = GeneratorExit) -> None:
        """End the charge, once: as aborted, unless the block has told how it ended."""
        if self._settled is None:
            if self._keeper is not None:
                self._keeper.cancel()
            self._settled = asyncio.create_task(arun(self._http, self._settling(raised)))
            self._settled.add_done_callback(lambda _: self._begun.discard(self))
        await asyncio.shield(self._settled)

    async def capture(
        self, amount: Amount | None = None, *, items: Sequence[Item] | None = None
    ) -> None:
        """Turn a part of the hold into usage at once; what is not captured is free in the end."""
        await arun(self._http, self._capturing(amount, items))

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._seconds / 3)
            if self._extends:
                with contextlib.suppress(CreditsError):
                    await arun(self._http, self._extending(repeatable=False))


def _cost(amount: Amount | None, items: Sequence[Item] | None) -> dict[str, Any]:
    if (amount is None) == (items is None):
        raise TypeError("name either an amount or items")
    cost = {"amount": amount} if items is None else {"items": items}
    # Raises while the work goes on, and not when it is to be settled, where one is not exact.
    write(cost)
    return cost


def _is_nothing(cost: Mapping[str, Any]) -> bool:
    amounts = (
        [cost["amount"]] if "amount" in cost else [one.get("quantity", 1) for one in cost["items"]]
    )
    return all(Decimal(amount) == 0 for amount in amounts)


def _key(options: ChargeOptions) -> str:
    if key := options.get("key"):
        return key
    if request_id := options.get("request_id"):
        operations = [item["operation"] for item in options.get("items", ())]
        return f"{request_id}:{('+'.join(operations) or options['reason'])[:_LONGEST_LABEL]}"
    raise TypeError("a charge needs a key, or the id of the request that it is made from")

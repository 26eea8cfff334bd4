"""Routes answer what the model does, whatever is asked in whatever order."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
from hypothesis import settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import integers, none

from api.database.refusals import REFUSALS
from sandbox.issuer import Issuer
from sandbox.stripe import StripeServer
from tests.api.live_api import LiveApi, StartApi, User, exact
from tests.databases import Database
from tests.model.accounts import Answer
from tests.model.agreement import Told
from tests.model.model import Call
from tests.model.sql import EMPTIABLE, Ids
from tests.model.strategies import (
    GUILDS,
    USERS,
    amounts,
    clock_moves,
    guilds,
    hold_seconds,
    keys,
    lifetimes,
    references,
    users,
)
from tests.model.world import World
from tests.sql.moments import CLOCK, IDS

CODES = {code: state for state, code in REFUSALS.items()}
GIFT_FAILURES = {
    "gift_expired": "failed_expired",
    "gift_already_claimed": "failed_already_claimed",
    "gift_not_active": "failed_depleted",
}


class HttpService:
    """Makes the model's calls through the routes."""

    def __init__(self, api: LiveApi, people: dict[str, User], ids: Ids) -> None:
        self._service = api.service
        self._people = people
        self._ids = ids

    def apply(self, made: Call) -> Answer | str:
        """Make a call; return what it tells, or the SQLSTATE of its refusal."""
        operation: Callable[..., Any] = getattr(self, made.operation)
        told = operation(**made.arguments)
        if isinstance(told, httpx.Response):
            assert told.status_code < 500, told.text
            return _told(exact(told))
        return told  # type: ignore[no-any-return]

    def _internal(self, path: str, key: str | None = None, /, **body: Any) -> httpx.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        given = {name: value for name, value in body.items() if value is not None}
        return self._service.post(f"/internal/{path}", given, headers=headers)

    def use(self, user_id: str, amount: Decimal, key: str | None = None) -> httpx.Response:
        return self._people[user_id].use(amount, key=key)

    def give(self, user_id: str, amount: Decimal, key: str | None = None) -> httpx.Response:
        body = {"userId": user_id, "amount": amount, "description": "Welcome"}
        return self._internal("credits/refund", key, **body)

    def refund(
        self, usage: str, user_id: str, amount: Decimal, key: str | None = None
    ) -> httpx.Response:
        body = {"userId": user_id, "amount": amount, "description": "Broken answer"}
        return self._internal("credits/refund", key, transactionId=str(self._ids[usage]), **body)

    def grant(
        self, user_id: str, amount: Decimal, reference: str, expires_at: Any = None
    ) -> httpx.Response:
        body = {"userId": user_id, "amount": amount, "reason": "Bonus", "referenceId": reference}
        return self._internal(
            "credits/grant", **body, expiresAt=expires_at and expires_at.isoformat()
        )

    def reserve(
        self,
        user_id: str,
        amount: Decimal,
        seconds: int,
        guild_id: str | None = None,
        key: str | None = None,
    ) -> httpx.Response:
        body = {"userId": user_id, "amount": amount, "reason": "A long answer"}
        return self._internal(
            "credits/reserve", key, **body, expiresInSeconds=seconds, guildId=guild_id
        )

    def extend(self, hold: str, seconds: int) -> httpx.Response:
        return self._internal(
            "credits/extend", reservationId=str(self._ids[hold]), expiresInSeconds=seconds
        )

    def commit(self, hold: str, amount: Decimal | None = None) -> httpx.Response:
        return self._internal("credits/commit", reservationId=str(self._ids[hold]), amount=amount)

    def release(self, hold: str) -> httpx.Response:
        return self._internal("credits/refund-reservation", reservationId=str(self._ids[hold]))

    def init_pool(self, guild_id: str) -> Answer:
        assert self._internal("guild-pool/init", organizationId=guild_id).status_code == 200
        return {}

    def fund(
        self, user_id: str, guild_id: str, amount: Decimal, key: str | None = None
    ) -> httpx.Response:
        body = {"amount": amount, **({} if key is None else {"idempotencyKey": key})}
        return self._people[user_id].post(f"/credits/guild/{guild_id}/fund", body)

    def use_guild(
        self, guild_id: str, user_id: str, amount: Decimal, key: str | None = None
    ) -> httpx.Response:
        source = {"type": "guild", "guildId": guild_id}
        return self._people[user_id].use(amount, key=key, creditSource=source)

    def create_gift(
        self, user_id: str, total: int, portions: int, expires_at: Any, key: str | None = None
    ) -> Answer | str:
        body = {"totalCredits": total, "totalPortions": portions}
        named = {} if key is None else {"idempotencyKey": key}
        answer = self._people[user_id].post(
            "/gifts", {**body, **named, "expiresAt": expires_at.isoformat()}
        )
        told = _told(exact(answer))
        if not isinstance(told, str):
            made = exact(answer)
            told["id"] = (UUID(made["id"]), made["code"])
        return told

    def redeem(self, gift: str, user_id: str, key: str | None = None) -> Answer | str:
        named = {} if key is None else {"idempotencyKey": key}
        body = exact(self._people[user_id].redeem(self._ids[gift][1], **named))
        if body.get("code") in GIFT_FAILURES:
            # A cancelled gift is refused by the same code as one that is used up.
            cancelled = (body.get("details") or {}).get("status") == "cancelled"
            return "UG002" if cancelled else Told(status=GIFT_FAILURES[body["code"]])
        return _told({**body, "status": "success"} if body.get("success") else body)

    def cancel(self, gift: str, user_id: str) -> httpx.Response:
        return self._people[user_id].delete(f"/gifts/{self._ids[gift][0]}")

    def erase(self, user_id: str) -> httpx.Response:
        return self._service.delete(f"/internal/credits/balance/{user_id}")


def _told(body: Any) -> Answer | str:
    """Bring an answer to the model's names."""
    if "statusCode" in body:
        return CODES[body["code"]]
    told = Told()
    balance = body.get("newBalance", body.get("balance"))
    if isinstance(balance, dict):
        balance = body.get("personalBalance", balance)["balance"]
    if balance is not None:
        told["balance"] = balance
    named = body.get("transaction") or {}
    names_it = named.get("id") or body.get("transactionId") or body.get("reservationId")
    ends = body.get("expiresAt")
    for name, value in (
        ("id", UUID(names_it) if names_it else None),
        ("amount", named.get("amount")),
        ("committed", body.get("committed")),
        ("late", body.get("late", False) if "committed" in body else None),
        ("expires_at", datetime.fromisoformat(ends) if ends else None),
        ("released", body.get("released")),
        ("total_credits", body.get("totalCredits")),
        ("status", body.get("status") if body.get("status") == "success" else None),
        ("credits_received", body.get("creditsReceived")),
        ("refunded_credits", body.get("refundedCredits")),
        ("forfeited_credits", body.get("forfeitedCredits")),
        ("cancelled_gifts", body.get("cancelledGifts")),
        ("released_reservations", body.get("releasedReservations")),
        ("pool_balance", (body.get("poolBalance") or {}).get("balance")),
    ):
        if value is not None:
            told[name] = value
    return told


class HttpMachine(RuleBasedStateMachine):
    """The most frequent calls of people and services."""

    world: World

    calls: Any = Bundle("calls")
    usages: Any = Bundle("usages")
    holds: Any = Bundle("holds")
    gifts: Any = Bundle("gifts")

    @initialize()
    def begin(self) -> None:
        self.world.begin()
        for user_id in USERS:
            self._make("give", user_id=user_id, amount=Decimal(20))
        for guild_id in GUILDS:
            self._make("init_pool", guild_id=guild_id)
            self._make("fund", user_id=USERS[0], guild_id=guild_id, amount=Decimal(5))

    def _make(self, operation: str, /, **arguments: Any) -> Any:
        return self.world.make(self.world.call(operation, **arguments))

    def _named(self, kind: str, operation: str, /, **arguments: Any) -> str:
        """Make a call and return the name of what it makes, also when it is refused.

        What can be drawn later must not depend on outcomes: calls at once may end either way.
        """
        call = self.world.call(operation, **arguments)
        self.world.make(call)
        return f"{kind}:{call.number}"

    def _nothing(self) -> Call:
        """Make a call that changes nothing, in the place of one about what is not there."""
        return self._kept("init_pool", guild_id=GUILDS[0])

    def _kept(self, operation: str, /, **arguments: Any) -> Call:
        call = self.world.call(operation, **arguments)
        self.world.make(call)
        return call

    @rule(target=calls, user_id=users, amount=amounts, key=keys)
    def give(self, **arguments: Any) -> Any:
        return self._kept("give", **arguments)

    @rule(target=usages, user_id=users, amount=amounts, key=keys)
    def use(self, **arguments: Any) -> Any:
        return self._named("usage", "use", **arguments)

    @rule(target=usages, guild_id=guilds, user_id=users, amount=amounts, key=keys)
    def use_guild(self, **arguments: Any) -> Any:
        return self._named("usage", "use_guild", **arguments)

    @rule(target=calls, usage=usages, user_id=users, amount=amounts, key=keys)
    def refund(self, **arguments: Any) -> Any:
        if arguments["usage"] not in self.world.model.usages:
            return self._nothing()
        return self._kept("refund", **arguments)

    @rule(
        target=calls,
        user_id=users,
        amount=amounts,
        reference=references,
        lifetime=none() | lifetimes,
    )
    def grant(self, lifetime: int | None, **arguments: Any) -> Any:
        expires_at = None if lifetime is None else self.world.after(lifetime)
        return self._kept("grant", expires_at=expires_at, **arguments)

    @rule(
        target=holds,
        user_id=users,
        amount=amounts,
        seconds=hold_seconds,
        guild_id=none() | guilds,
        key=keys,
    )
    def reserve(self, **arguments: Any) -> Any:
        return self._named("hold", "reserve", **arguments)

    @rule(hold=holds, seconds=hold_seconds)
    def extend(self, hold: str, seconds: int) -> None:
        if hold in self.world.model.holds:
            self._make("extend", hold=hold, seconds=seconds)

    @rule(target=usages, hold=holds, amount=none() | amounts)
    def commit(self, **arguments: Any) -> Any:
        hold = arguments["hold"]
        if hold in self.world.model.holds:
            self._make("commit", **arguments)
        return f"usage:{hold}"

    @rule(hold=holds)
    def release(self, hold: str) -> None:
        if hold in self.world.model.holds:
            self._make("release", hold=hold)

    @rule(target=calls, user_id=users, guild_id=guilds, amount=amounts, key=keys)
    def fund(self, **arguments: Any) -> Any:
        return self._kept("fund", **arguments)

    @rule(
        target=gifts,
        user_id=users,
        total=integers(1, 12),
        portions=integers(1, 3),
        lifetime=lifetimes,
        key=keys,
    )
    def create_gift(self, lifetime: int, **arguments: Any) -> Any:
        return self._named(
            "gift", "create_gift", expires_at=self.world.after(lifetime), **arguments
        )

    @rule(target=calls, gift=gifts, user_id=users, key=keys)
    def redeem(self, **arguments: Any) -> Any:
        if arguments["gift"] not in self.world.model.gifts:
            return self._nothing()
        return self._kept("redeem", **arguments)

    @rule(target=calls, gift=gifts, user_id=users)
    def cancel(self, **arguments: Any) -> Any:
        if arguments["gift"] not in self.world.model.gifts:
            return self._nothing()
        return self._kept("cancel", **arguments)

    @rule(user_id=users)
    def erase(self, user_id: str) -> None:
        self._make("erase", user_id=user_id)

    @rule(seconds=clock_moves)
    def move_clock(self, seconds: int) -> None:
        self._make("move_clock", seconds=seconds)

    @rule()
    def sweep(self) -> None:
        self._make("sweep")

    @rule(target=calls, call=calls)
    def make_again(self, call: Call) -> Any:
        return self._kept(call.operation, **call.arguments)

    @rule(call=calls, times=integers(2, 3))
    def make_the_same_at_once(self, call: Call, times: int) -> None:
        world = self.world
        world.make_at_once([world.call(call.operation, **call.arguments) for _ in range(times)])

    @invariant()
    def both_agree_and_the_books_close(self) -> None:
        self.world.check()


def test_routes_do_what_the_model_does(
    database: Database, common_issuer: Issuer, common_stripe: StripeServer, start_api: StartApi
) -> None:
    superuser = database.connect()
    superuser.execute(CLOCK + IDS)
    superuser.execute(EMPTIABLE)
    # Time is the test's: what runs out of it is not written down by itself.
    api = start_api(database=database, GIFT_EXPIRY_INTERVAL_SECONDS="86400")
    people = {user_id: User(api, user_id, None, None) for user_id in USERS}
    for guild_id in GUILDS:
        for user_id in USERS:
            common_issuer.set_member(guild_id, user_id, "owner")
    HttpMachine.world = World(database, lambda ids: HttpService(api, people, ids))
    run_state_machine_as_test(HttpMachine, settings=settings(max_examples=_examples() // 3))
    api.end_unused()


def _examples() -> int:
    """The number of examples that the profile asks for; each step is slower here."""
    return int(settings().max_examples)

"""SQL functions do what the model does, whatever is called in whatever order."""

from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.model.model import Call
from tests.model.strategies import (
    GUILDS,
    USERS,
    amounts,
    batches,
    batches_of_pools,
    caps,
    cents,
    clock_moves,
    dispute_ids,
    dispute_statuses,
    emails,
    failures,
    freezes,
    guilds,
    hold_seconds,
    keys,
    large_amounts,
    lifetimes,
    limits,
    references,
    riddles,
    users,
)
from tests.model.world import World


class SqlMachine(RuleBasedStateMachine):
    """The calls that services can make, on several connections."""

    world: World

    calls: Any = Bundle("calls")
    usages: Any = Bundle("usages")
    holds: Any = Bundle("holds")
    gifts: Any = Bundle("gifts")
    purchases: Any = Bundle("purchases")

    @initialize()
    def begin(self) -> None:
        """Begin with some credits, so that most calls succeed."""
        self.world.begin()
        for place, user_id in enumerate(USERS, start=1):
            self._make("give", user_id=user_id, amount=Decimal(10 * place))
        for guild_id in GUILDS:
            self._make("init_pool", guild_id=guild_id)
            self._make("fund", user_id=USERS[2], guild_id=guild_id, amount=Decimal(5))

    def _make(self, operation: str, /, **arguments: Any) -> tuple[Call, Any]:
        call = self.world.call(operation, **arguments)
        return call, self.world.make(call)

    def _keep(self, operation: str, /, **arguments: Any) -> Call:
        """Make a call and keep it, to be made again."""
        return self._make(operation, **arguments)[0]

    # Personal credits

    @rule(target=calls, user_id=users, amount=amounts | large_amounts, key=keys)
    def give(self, **arguments: Any) -> Any:
        return self._keep("give", **arguments)

    @rule(target=usages, user_id=users, amount=amounts, key=keys)
    def use(self, **arguments: Any) -> Any:
        return self._named("usage", "use", **arguments)

    def _named(self, kind: str, operation: str, /, **arguments: Any) -> str:
        """Make a call and return the name of what it makes, also when it is refused.

        What can be drawn later must not depend on outcomes: calls at once may end either way.
        """
        call = self.world.call(operation, **arguments)
        self.world.make(call)
        return f"{kind}:{call.number}"

    def _nothing(self) -> Call:
        """Make a call that changes nothing, in the place of one about what is not there."""
        return self._keep("init_pool", guild_id=GUILDS[0])

    @rule(target=calls, user_id=users, amount=amounts, key=keys.filter(bool))
    def use_with_a_key(self, **arguments: Any) -> Any:
        return self._keep("use", **arguments)

    @rule(target=usages, items=batches)
    def use_batch(self, items: Any) -> Any:
        return self._named_items("use_batch", items)

    def _named_items(self, operation: str, items: Any) -> Any:
        call = self._keep(operation, items=items)
        return multiple(*(f"usage:{call.number}.{place}" for place in range(len(items))))

    @rule(target=calls, items=batches)
    def use_batch_to_be_made_again(self, items: Any) -> Any:
        return self._keep("use_batch", items=items)

    @rule(target=calls, usage=usages, user_id=users, amount=amounts, key=keys)
    def refund(self, usage: str, user_id: str, **arguments: Any) -> Any:
        if usage not in self.world.model.usages:
            return self._nothing()
        # Mostly by whom it belongs to.
        owner = self.world.model.usages[usage].user_id
        user_id = user_id if owner not in USERS or user_id == USERS[0] else owner
        return self._keep("refund", usage=usage, user_id=user_id, **arguments)

    @rule(
        target=calls,
        user_id=users,
        amount=amounts,
        reference=references,
        lifetime=st.none() | lifetimes,
    )
    def grant(self, lifetime: int | None, **arguments: Any) -> Any:
        expires_at = None if lifetime is None else self.world.after(lifetime)
        return self._keep("grant", expires_at=expires_at, **arguments)

    # Holds

    @rule(target=holds, user_id=users, amount=amounts, seconds=hold_seconds, key=keys)
    def reserve(self, **arguments: Any) -> Any:
        return self._named("hold", "reserve", **arguments)

    @rule(
        target=holds, user_id=users, amount=amounts, seconds=hold_seconds, guild_id=guilds, key=keys
    )
    def reserve_of_a_pool(self, **arguments: Any) -> Any:
        return self._named("hold", "reserve", **arguments)

    @rule(hold=holds, seconds=hold_seconds)
    def extend(self, hold: str, seconds: int) -> None:
        if hold in self.world.model.holds:
            self._make("extend", hold=hold, seconds=seconds)

    @rule(target=usages, hold=holds, amount=st.none() | amounts)
    def commit(self, **arguments: Any) -> Any:
        hold = arguments["hold"]
        if hold in self.world.model.holds:
            self._make("commit", **arguments)
        return f"usage:{hold}"

    @rule(
        target=usages,
        hold=holds,
        amount=st.none() | amounts,
        seconds=st.none() | hold_seconds,
        later=st.integers(0, 100),
    )
    def come_late(self, hold: str, amount: Any, seconds: int | None, later: int) -> Any:
        """Let a hold run out, and commit it all the same; or extend it before."""
        if hold in self.world.model.holds:
            left = self.world.model.holds[hold].expires_at - self.world.model.now
            ahead = max(int(left.total_seconds()), 0) + later
            self._make("move_clock", seconds=ahead)
            if seconds is not None:
                self._make("extend", hold=hold, seconds=seconds)
            self._make("commit", hold=hold, amount=amount)
        return f"usage:{hold}"

    @rule(hold=holds)
    def release(self, hold: str) -> None:
        if hold in self.world.model.holds:
            self._make("release", hold=hold)

    # Pools

    @rule(target=calls, user_id=users, guild_id=guilds, amount=amounts, key=keys)
    def fund(self, **arguments: Any) -> Any:
        return self._keep("fund", **arguments)

    @rule(target=usages, guild_id=guilds, user_id=users, amount=amounts, key=keys)
    def use_guild(self, **arguments: Any) -> Any:
        return self._named("usage", "use_guild", **arguments)

    @rule(target=calls, guild_id=guilds, user_id=users, amount=amounts, key=keys.filter(bool))
    def use_guild_with_a_key(self, **arguments: Any) -> Any:
        return self._keep("use_guild", **arguments)

    @rule(target=usages, items=batches_of_pools)
    def use_guild_batch(self, items: Any) -> Any:
        return self._named_items("use_guild_batch", items)

    @rule(target=calls, items=batches_of_pools)
    def use_guild_batch_to_be_made_again(self, items: Any) -> Any:
        return self._keep("use_guild_batch", items=items)

    @rule(guild_id=guilds, user_id=users, daily=limits, monthly=limits)
    def limit(self, **arguments: Any) -> None:
        self._make("limit", **arguments)

    @rule(user_id=users, daily=limits, weekly=limits, monthly=limits)
    def limit_own(self, **arguments: Any) -> None:
        self._make("limit_own", **arguments)

    @rule(user_id=users, operation=freezes)
    def freeze(self, user_id: str, operation: str) -> None:
        self._make(operation, user_id=user_id)

    # Gifts

    @rule(
        target=gifts,
        user_id=users,
        total=st.integers(1, 12),
        portions=st.integers(1, 4),
        lifetime=lifetimes,
        email=st.none() | emails,
        riddle=st.none() | riddles,
        key=keys,
    )
    def create_gift(self, lifetime: int, **arguments: Any) -> Any:
        return self._named(
            "gift", "create_gift", expires_at=self.world.after(lifetime), **arguments
        )

    @rule(
        target=calls,
        user_id=users,
        total=st.integers(1, 12),
        lifetime=lifetimes,
        email=emails,
        key=keys.filter(bool),
    )
    def create_gift_with_a_key(self, lifetime: int, **arguments: Any) -> Any:
        expires_at = self.world.after(lifetime)
        return self._keep("create_gift", portions=1, expires_at=expires_at, **arguments)

    @rule(
        target=calls,
        gift=gifts,
        user_id=users,
        email=st.none() | emails,
        answer=st.none() | riddles,
        key=keys,
    )
    def redeem(self, **arguments: Any) -> Any:
        if arguments["gift"] not in self.world.model.gifts:
            return self._nothing()
        return self._keep("redeem", **arguments)

    @rule(target=calls, gift=gifts, user_id=users, key=keys)
    def redeem_as_invited(self, gift: str, **arguments: Any) -> Any:
        if gift not in self.world.model.gifts:
            return self._nothing()
        found = self.world.model.gifts[gift]
        # A pseudonym is nobody's address.
        email = None if (found.email or "").startswith("erased:") else found.email
        invited = {"email": email, "answer": found.riddle or None}
        return self._keep("redeem", gift=gift, **invited, **arguments)

    @rule(target=calls, user_id=users, email=emails)
    def redeem_pending(self, **arguments: Any) -> Any:
        return self._keep("redeem_pending", **arguments)

    @rule(target=calls, gift=gifts, user_id=users)
    def cancel(self, gift: str, user_id: str) -> Any:
        if gift not in self.world.model.gifts:
            return self._nothing()
        creator = self.world.model.gifts[gift].creator
        user_id = creator if creator in USERS and user_id != USERS[0] else user_id
        return self._keep("cancel", gift=gift, user_id=user_id)

    # Purchases

    @rule(target=purchases, user_id=users)
    def begin_purchase(self, user_id: str) -> Any:
        return self._named("purchase", "begin", user_id=user_id)

    @rule(target=calls, purchase=purchases)
    def complete(self, purchase: str) -> Any:
        return self._keep("complete", purchase=purchase, user_id=self.world.buyer(purchase))

    @rule(purchase=purchases, status=failures)
    def fail(self, purchase: str, status: str) -> None:
        self._make("fail", purchase=purchase, user_id=self.world.buyer(purchase), status=status)

    @rule(target=calls, purchase=purchases, cents=cents)
    def refund_payment(self, purchase: str, **arguments: Any) -> Any:
        user_id = self.world.buyer(purchase)
        return self._keep("refund_payment", purchase=purchase, user_id=user_id, **arguments)

    @rule(
        target=calls,
        purchase=purchases,
        dispute=dispute_ids,
        cents=cents,
        status=dispute_statuses,
    )
    def dispute(self, purchase: str, **arguments: Any) -> Any:
        user_id = self.world.buyer(purchase)
        return self._keep("dispute", purchase=purchase, user_id=user_id, **arguments)

    # Time, caps, persons, retries

    @rule(seconds=clock_moves)
    def move_clock(self, seconds: int) -> None:
        self._make("move_clock", seconds=seconds)

    @rule()
    def sweep(self) -> None:
        self._make("sweep")

    @rule(cap=caps)
    def cap(self, cap: Any) -> None:
        self._make("cap", cap=cap)

    @rule(user_id=users, email=st.none() | emails)
    def erase(self, **arguments: Any) -> None:
        self._make("erase", **arguments)

    @rule(target=calls, call=calls)
    def make_again(self, call: Call) -> Any:
        return self._keep(call.operation, **call.arguments)

    # At once

    @rule(call=calls, times=st.integers(2, 3))
    def make_the_same_at_once(self, call: Call, times: int) -> None:
        world = self.world
        world.make_at_once([world.call(call.operation, **call.arguments) for _ in range(times)])

    @rule(kept=st.lists(calls, min_size=2, max_size=3))
    def make_several_at_once(self, kept: list[Call]) -> None:
        world = self.world
        world.make_at_once([world.call(one.operation, **one.arguments) for one in kept])

    @rule(hold=holds, amount=amounts)
    def end_a_hold_at_once(self, hold: str, amount: Any) -> None:
        world = self.world
        if hold not in world.model.holds:
            return
        world.make_at_once(
            [
                world.call("commit", hold=hold),
                world.call("release", hold=hold),
                world.call("commit", hold=hold, amount=amount),
            ]
        )

    @rule(hold=holds, seconds=hold_seconds, call=calls)
    def extend_and_commit_a_hold_at_once(self, hold: str, seconds: int, call: Call) -> None:
        world = self.world
        if hold not in world.model.holds:
            return
        world.make_at_once(
            [
                world.call("commit", hold=hold),
                world.call("extend", hold=hold, seconds=seconds),
                world.call(call.operation, **call.arguments),
            ]
        )

    @rule(gift=gifts, user_id=users)
    def redeem_and_cancel_at_once(self, gift: str, user_id: str) -> None:
        world = self.world
        if gift not in world.model.gifts:
            return
        creator = world.model.gifts[gift].creator
        # A pseudonym is nobody's to cancel with.
        creator = creator if creator in USERS else user_id
        world.make_at_once(
            [
                world.call("redeem", gift=gift, user_id=user_id),
                world.call("redeem", gift=gift, user_id=user_id),
                world.call("cancel", gift=gift, user_id=creator),
            ]
        )

    @rule(call=calls, user_id=users, amount=amounts)
    def erase_while_others_call(self, call: Call, user_id: str, amount: Any) -> None:
        world = self.world
        if call.operation == "use_guild_batch":
            # Each of its items, not all of them, is done before the erasure or after it.
            return
        world.make_at_once(
            [
                world.call("erase", user_id=user_id),
                world.call(call.operation, **call.arguments),
                world.call("use", user_id=user_id, amount=amount),
            ]
        )

    @invariant()
    def both_agree_and_the_books_close(self) -> None:
        self.world.check()


def test_sql_functions_do_what_the_model_does(world: World) -> None:
    SqlMachine.world = world
    run_state_machine_as_test(SqlMachine, settings=settings())

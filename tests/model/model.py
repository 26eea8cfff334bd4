"""The rules of the service in plain Python: what every call has to answer, one after the other.

Amounts are exact decimals, time is `now` and moves by `move_clock` alone. Names stand for the ids
that the database gives: `usage:7` is the ledger row of call 7.
"""

import copy
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.model.accounts import ZERO, Account, Answer, Dated, Hold, Pool
from tests.model.gifts import Gift
from tests.model.refusals import Cap, Refused

MICRO = Decimal("0.000001")
PRICE_CENTS = 1000
FORGOTTEN = "of somebody erased"
PACKAGE_CREDITS = Decimal("33.333333")


@dataclass(frozen=True)
class Call:
    """One call: `operation` is a method of the model, `number` tells calls apart."""

    number: int
    operation: str
    arguments: dict[str, Any]


@dataclass
class Usage:
    """A debit that can be refunded."""

    name: str
    user_id: str
    amount: Decimal
    pool: str | None = None
    hold: Hold | None = None
    day: Any = None
    refunded: Decimal = ZERO


@dataclass
class Purchase:
    """A purchase and what Stripe has told of it."""

    name: str
    user_id: str
    status: str = "pending"
    refunded_cents: int = 0
    clawed_back: Decimal = ZERO
    disputes: dict[str, tuple[int, str]] = field(default_factory=dict)


class Model:
    """All accounts, and the calls as methods; each returns its answer or raises Refused."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self.accounts: dict[str, Account] = {}
        self.pools: dict[str, Pool] = {}
        self.usages: dict[str, Usage] = {}
        self.holds: dict[str, Hold] = {}
        self.gifts: dict[str, Gift] = {}
        self.purchases: dict[str, Purchase] = {}
        self.limited_to: Cap | None = None
        self.moved: defaultdict[Any, Decimal] = defaultdict(Decimal)
        self.dated = 0
        self.erased = 0
        self.buried: defaultdict[str, set[str]] = defaultdict(set)
        self._name = ""

    def apply(self, call: Call) -> Answer | str:
        """Make a call; return its answer, or the code of its refusal."""
        self._name = str(call.number)
        return self._try(getattr(self, call.operation), **call.arguments)

    def _try(self, operation: Callable[..., Answer], **arguments: Any) -> Answer | str:
        moved = dict(self.moved)
        try:
            return operation(**arguments)
        except Refused as refusal:
            # A refused call counts towards no cap.
            self.moved.clear()
            self.moved.update(moved)
            return refusal.code

    def move_clock(self, seconds: int) -> Answer:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)
        return {}

    def sweep(self) -> Answer:
        """Do the background work: give gifts back, write down what is overdue."""
        for gift in self.gifts.values():
            if gift.status == "active" and gift.expires_at <= self.now:
                self._return_gift(gift, "refunded")
        for account in self.accounts.values():
            account.settle(self.now)
        for pool in self.pools.values():
            pool.settle(self.now)
        return {}

    def as_seen(self) -> "Model":
        """Return what people see: with what time has done, whether written down or not."""
        seen = copy.deepcopy(self)
        for account in seen.accounts.values():
            account.settle(seen.now)
        for pool in seen.pools.values():
            pool.settle(seen.now)
        return seen

    def cap(self, cap: Cap | None) -> Answer:
        """Say what the callers, which are all one service, may do from now on."""
        self.limited_to = cap
        return {}

    # Personal credits

    def use(self, user_id: str, amount: Decimal, key: str | None = None) -> Answer:
        """Debit a user."""
        account = self._lock(user_id)
        name, what = f"usage:{self._name}", ("use", amount)
        if amount == 0:
            raise Refused("UC001")
        if (known := _known(account, key, what)) is not None:
            return known
        self._check_cap("use", "chat", amount)
        _refuse_frozen(account)
        if account is None or account.balance < amount:
            raise Refused("UC002")
        self._count_own(account, amount)
        self.usages[name] = Usage(name, user_id, amount, day=self.now.date())
        return _keep(account, key, what, account.post(-amount, name))

    def use_batch(self, items: list[tuple[str, Decimal, str | None]]) -> Answer:
        """Debit several users."""
        names = ("user_id", "amount", "key")
        return self._each(self.use, [dict(zip(names, item, strict=True)) for item in items])

    def _each(self, operation: Callable[..., Answer], items: list[dict[str, Any]]) -> Answer:
        """Make the calls of a batch, of which one that is refused leaves the others alone."""
        number, outcomes = self._name, []
        for place, item in enumerate(items):
            self._name = f"{number}.{place}"
            outcomes.append(self._try(operation, **item))
        return {"outcomes": outcomes}

    def give(self, user_id: str, amount: Decimal, key: str | None = None) -> Answer:
        """Credit a user: a refund of no known usage."""
        account, what = self._open(user_id), ("give", amount)
        if (known := _known(account, key, what)) is not None:
            return known
        self._check_cap("refund", "unknown", amount)
        return _keep(account, key, what, account.post(amount, f"refund:{self._name}"))

    def refund(self, usage: str, user_id: str, amount: Decimal, key: str | None = None) -> Answer:
        """Give back of a usage, to where it came from."""
        found = self.usages[usage]
        name, what = f"refund:{self._name}", ("refund", amount, usage, user_id)
        if found.pool is not None and found.user_id == user_id:
            pool = self._pool(found.pool)
            if (known := _known(pool, key, what)) is not None:
                return known
            self._check_cap("refund", "chat", amount)
            self._refund_of(found, amount)
            pool.balance += amount
            pool.spent -= amount
            pool.spending[user_id, found.day] -= amount
            return _keep(pool, key, what, pool.answer(name, amount))
        account = self._lock(user_id)
        if (known := _known(account, key, what)) is not None:
            return known
        if account is None or found.user_id != user_id:
            raise Refused("UC009")
        self._check_cap("refund", "chat" if found.hold is None else "unknown", amount)
        before = found.refunded
        self._refund_of(found, amount)
        answer = account.post(amount, name, reversal=True)
        account.spending[found.day] -= amount
        if found.hold is None or found.hold.late:
            account.give_back(found.name, found.amount, before, amount)
        else:
            free = found.hold.amount - found.hold.committed
            account.give_back(found.hold.cause, found.hold.amount, free + before, amount)
        account.expire(self.now)
        return _keep(account, key, what, answer)

    def grant(
        self, user_id: str, amount: Decimal, reference: str, expires_at: datetime | None = None
    ) -> Answer:
        """Grant credits, for some time or for ever."""
        account = self._open(user_id)
        if reference in account.grants:
            return {**account.grants[reference], "replayed": True}
        if reference in account.buried:
            raise Refused("UC004")
        if expires_at is not None and expires_at <= self.now:
            raise Refused("UC001")
        self._check_cap("grant", None, amount)
        posted = account.post(amount, f"grant:{self._name}")
        if expires_at is not None:
            self.dated += 1
            account.dated.append(Dated(self.dated, amount, expires_at))
            account.repay()
        answer = {name: posted[name] for name in ("id", "balance", "replayed")}
        account.grants[reference] = answer
        return answer

    # Holds

    def reserve(
        self,
        user_id: str,
        amount: Decimal,
        seconds: int,
        guild_id: str | None = None,
        key: str | None = None,
    ) -> Answer:
        """Set credits aside."""
        owner = self._lock(user_id) if guild_id is None else self._pool(guild_id)
        name, what = f"hold:{self._name}", ("reserve", user_id, amount, seconds)
        if (known := _known(owner, key, what)) is not None:
            return known
        self._check_cap("reserve", "unknown", amount)
        if owner is None:
            raise Refused("UC002")
        self._set_aside(Hold(name, name, owner, user_id, amount, self._after(seconds)))
        answer = {"id": name, "balance": owner.balance, "replayed": False}
        return _keep(owner, key, what, {**answer, "expires_at": self.holds[name].expires_at})

    def _after(self, seconds: int) -> datetime:
        return self.now + timedelta(seconds=seconds)

    def _set_aside(self, hold: Hold) -> None:
        owner, amount = hold.owner, hold.amount
        _refuse_frozen(owner)
        if owner.balance < amount:
            raise Refused("UC002")
        if isinstance(owner, Pool):
            self._count(owner, hold.user_id, amount)
        else:
            self._count_own(owner, amount)
        hold.day = self.now.date()
        owner.balance -= amount
        owner.reserved += amount
        owner.holds.append(hold)
        self.holds[hold.name] = hold
        if isinstance(owner, Account):
            owner.take(hold.cause, amount)

    def extend(self, hold: str, seconds: int) -> Answer:
        """Let a hold last from now on; one past its time is held again."""
        held, end = self._hold(hold), self._after(seconds)
        _refuse_ended(held)
        self._check_cap("reserve", "unknown")
        if held.status == "held":
            held.expires_at = end
        else:
            cause = f"{hold} again in {self._name}"
            self._set_aside(Hold(hold, cause, held.owner, held.user_id, held.amount, end))
        return {"expires_at": end}

    def commit(self, hold: str, amount: Decimal | None = None) -> Answer:
        """Use what is held, or a part of it."""
        held = self._hold(hold)
        amount = held.amount if amount is None else amount
        replayed = held.status == "committed" and held.committed == amount
        if not replayed:
            _refuse_ended(held)
            self._check_cap("commit", "unknown")
            if amount > held.amount:
                raise Refused("UC015")
            if held.status == "expired":
                _refuse_frozen(held.owner)
                if held.owner.balance < amount:
                    raise Refused("UC002")
            self._use_held(held, amount)
        return {
            "id": f"usage:{held.name}",
            "committed": held.committed,
            "released": ZERO if held.late else held.amount - held.committed,
            "balance": held.after_end,
            "replayed": replayed,
            "late": held.late,
        }

    def _use_held(self, held: Hold, amount: Decimal) -> None:
        owner, name = held.owner, f"usage:{held.name}"
        held.late = held.status == "expired"
        if isinstance(owner, Pool):
            if held.late:
                # A usage of this moment, which has to be within the limits.
                self._count(owner, held.user_id, amount)
                held.day = self.now.date()
            else:
                owner.end(held, "committed")
                owner.spending[held.user_id, held.day] += amount
            owner.balance -= amount
            owner.spent += amount
            pool = next(guild for guild, one in self.pools.items() if one is owner)
            self.usages[name] = Usage(name, held.user_id, amount, pool, held, held.day)
        else:
            if held.late:
                self._count_own(owner, amount)
                held.day = self.now.date()
            else:
                owner.end(held, "committed")
                owner.spending[held.day] += amount
            owner.post(-amount, name, dated=held.late)
            if amount < held.amount and not held.late:
                owner.give_back(held.cause, held.amount, ZERO, held.amount - amount)
                owner.expire(self.now)
            self.usages[name] = Usage(name, held.user_id, amount, hold=held, day=held.day)
        held.status, held.committed = "committed", amount
        held.after_end = owner.balance

    def release(self, hold: str) -> Answer:
        """Free what is held."""
        held = self._hold(hold)
        if held.status == "committed":
            raise Refused("UC013")
        replayed = held.after_end is not None
        if not replayed:
            self._check_cap("release", "unknown")
            if held.status == "held":
                held.freed = held.amount
                held.owner.end(held, "released")
                if isinstance(held.owner, Account):
                    held.owner.give_back(held.cause, held.amount, ZERO, held.amount)
                    held.owner.expire(self.now)
            held.status = "released"
            held.after_end = held.owner.balance
        return {"released": held.freed, "balance": held.after_end, "replayed": replayed}

    # Pools

    def init_pool(self, guild_id: str) -> Answer:
        """Open a pool."""
        self._check_cap("init", None)
        self.pools.setdefault(guild_id, Pool())
        return {}

    def fund(self, user_id: str, guild_id: str, amount: Decimal, key: str | None = None) -> Answer:
        """Move credits from a user to a pool."""
        pool = self._pool(guild_id)
        account, what = self._lock(user_id), ("fund", amount, guild_id)
        if (known := _known(account, key, what)) is not None:
            return known
        self._check_cap("fund_guild", None, amount)
        _refuse_frozen(account)
        if account is None or account.balance < amount:
            raise Refused("UC002")
        answer = account.post(-amount, f"funding:{self._name}")
        if user_id in pool.blocked:
            # Seen from now on, unless the guild has set limits since.
            pool.limits.setdefault(user_id, (ZERO, None))
        pool.balance += amount
        pool.funded += amount
        figures = {"pool_balance": pool.balance, "pool_total_funded": pool.funded}
        return _keep(account, key, what, {**answer, **figures})

    def use_guild(
        self, guild_id: str, user_id: str, amount: Decimal, key: str | None = None
    ) -> Answer:
        """Debit a pool for a member."""
        if amount == 0:
            raise Refused("UC001")
        pool = self._pool(guild_id)
        name, what = f"usage:{self._name}", ("use", amount, user_id)
        if (known := _known(pool, key, what)) is not None:
            return known
        self._check_cap("use_guild", "chat", amount)
        if pool.balance < amount:
            raise Refused("UC002")
        self._count(pool, user_id, amount)
        pool.balance -= amount
        pool.spent += amount
        self.usages[name] = Usage(name, user_id, amount, guild_id, day=self.now.date())
        return _keep(pool, key, what, pool.answer(name, -amount))

    def use_guild_batch(self, items: list[tuple[str, str, Decimal, str | None]]) -> Answer:
        """Debit several pools for several members."""
        names = ("guild_id", "user_id", "amount", "key")
        return self._each(self.use_guild, [dict(zip(names, item, strict=True)) for item in items])

    def limit(
        self, guild_id: str, user_id: str, daily: Decimal | None, monthly: Decimal | None
    ) -> Answer:
        """Set a member's limits of a pool that is there."""
        self._check_cap("set_limits", None)
        if guild_id in self.pools:
            self.pools[guild_id].limits[user_id] = daily, monthly
        return {}

    # Limits of one's own, and frozen accounts

    def limit_own(
        self,
        user_id: str,
        daily: Decimal | None,
        weekly: Decimal | None,
        monthly: Decimal | None,
    ) -> Answer:
        """Set a user's own limits."""
        account = self._open(user_id)
        self._check_cap("set_limits", None)
        account.limits = daily, weekly, monthly
        return {}

    def freeze(self, user_id: str) -> Answer:
        """Let nothing go out of a user's account."""
        self._freezable(user_id).frozen = True
        return {}

    def unfreeze(self, user_id: str) -> Answer:
        """Let credits go out of it again."""
        self._freezable(user_id).frozen = False
        return {}

    def _freezable(self, user_id: str) -> Account:
        account = self._lock(user_id)
        if account is None:
            raise Refused("UC025")
        self._check_cap("freeze", None)
        return account

    # Gifts

    def create_gift(
        self,
        user_id: str,
        total: int,
        portions: int,
        expires_at: datetime,
        email: str | None = None,
        riddle: str | None = None,
        key: str | None = None,
    ) -> Answer:
        """Make a gift, for everybody or for who has an address, with or without a riddle."""
        if portions > total:
            raise Refused("UC001")
        account, name = self._lock(user_id), f"gift:{self._name}"
        gift = Gift(name, user_id, Decimal(total // portions), portions, expires_at, email, riddle)
        what = gift.request(total)
        if (known := _known(account, key, _as_kept(account, key, what))) is not None:
            return known
        if expires_at <= self.now:
            raise Refused("UC001")
        self._check_cap("gift", "unknown", gift.total)
        _refuse_frozen(account)
        if account is None or account.balance < gift.total:
            raise Refused("UC002")
        account.post(-gift.total, name)
        self.gifts[name] = gift
        answer = {"id": name, "total_credits": gift.total, "replayed": False}
        return _keep(account, key, what, answer)

    def redeem(
        self,
        gift: str,
        user_id: str,
        email: str | None = None,
        answer: str | None = None,
        key: str | None = None,
    ) -> Answer:
        """Take a portion of a gift."""
        found, what = self.gifts[gift], ("redeem", gift)
        if key is not None and (known := _known(self._open(user_id), key, what)) is not None:
            if answer is not None and found.riddle and answer != found.riddle:
                raise Refused("UC004")
            return known
        self._check_cap("redeem", "unknown")
        before = found.portions > 1 and gift in self.buried[user_id]
        failure = found.failure(user_id, email, answer, self.now)
        failure = "failed_already_claimed" if before else failure
        if failure is not None:
            return {"status": failure, "replayed": False}
        _refuse_frozen(self.accounts.get(found.creator))
        return _keep(self._open(user_id), key, what, self._claim(found, user_id))

    def redeem_pending(self, user_id: str, email: str) -> Answer:
        """Take a portion of each gift that waits for an address."""
        self._check_cap("redeem", None)
        waiting = [
            gift
            for gift in self.gifts.values()
            if gift.email is not None
            and gift.is_for(email)
            and gift.is_open(self.now)
            and gift.riddle is None
            and user_id not in gift.redeemers
            and not self.accounts[gift.creator].frozen
        ]
        for gift in waiting:
            self._claim(gift, user_id)
        total = sum((gift.portion for gift in waiting), ZERO)
        return {"redeemed_count": len(waiting), "total_credits": total}

    def _claim(self, gift: Gift, user_id: str) -> Answer:
        account = self._open(user_id)
        posted = account.post(gift.portion, f"portion:{self._name}")
        gift.take(user_id)
        return {
            "status": "success",
            "credits_received": gift.portion,
            "balance": posted["balance"],
            "replayed": False,
        }

    def cancel(self, gift: str, user_id: str) -> Answer:
        """Take a gift back."""
        found = self.gifts[gift]
        if found.creator != user_id:
            raise Refused("UG001")
        if found.status == "cancelled":
            return {**found.returned, "replayed": True}
        if found.status != "active":
            raise Refused("UG002")
        self._check_cap("gift", None)
        return self._return_gift(found, "cancelled")

    def _return_gift(self, gift: Gift, status: str) -> Answer:
        account = self._open(gift.creator)
        unclaimed = gift.portion * (gift.portions - len(gift.redeemers))
        posted = account.post(unclaimed, f"return:{gift.name}", reversal=True)
        account.give_back(gift.name, gift.total, ZERO, unclaimed)
        account.expire(self.now)
        gift.status = status
        balance = posted["balance"]
        gift.returned = {"refunded_credits": unclaimed, "balance": balance, "replayed": False}
        return gift.returned

    # Purchases

    def begin(self, user_id: str) -> Answer:
        """Begin a purchase."""
        name = f"purchase:{self._name}"
        self.purchases[name] = Purchase(name, user_id)
        return {"id": name}

    def complete(self, purchase: str, user_id: str) -> Answer:
        """A purchase was paid."""
        found = self.purchases[purchase]
        if found.status == "completed":
            return {"outcome": "already_completed"}
        account = self._open(found.user_id)
        account.post(PACKAGE_CREDITS, purchase)
        found.status = "completed"
        self._reverse(found)
        if found.user_id.startswith("erased:"):
            _forfeit(account, self._name)
        return {"outcome": "completed", "balance": account.balance}

    def fail(self, purchase: str, user_id: str, status: str) -> Answer:
        """A payment is on its way, was refused or was cancelled."""
        found = self.purchases[purchase]
        if found.user_id != user_id and not found.user_id.startswith("erased:"):
            return {"outcome": "unknown_purchase"}
        if found.status in ("completed", "cancelled", status):
            return {"outcome": "unchanged"}
        found.status = status
        return {"outcome": "updated"}

    def refund_payment(self, purchase: str, user_id: str, cents: int) -> Answer:
        """Note how much of a payment is refunded in all, more or less than before."""
        found = self.purchases[purchase]
        if found.user_id != user_id and not found.user_id.startswith("erased:"):
            return {"outcome": "unknown_purchase"}
        found.refunded_cents = min(cents, PRICE_CENTS)
        return self._reverse(found)

    def dispute(self, purchase: str, user_id: str, dispute: str, cents: int, status: str) -> Answer:
        """A dispute about a payment stands so now, whatever it was before."""
        found = self.purchases[purchase]
        if found.user_id != user_id and not found.user_id.startswith("erased:"):
            return {"outcome": "unknown_purchase"}
        found.disputes[dispute] = min(cents, PRICE_CENTS), status
        return self._reverse(found)

    def _reverse(self, purchase: Purchase) -> Answer:
        disputed = sum(cents for cents, status in purchase.disputes.values() if status != "won")
        cents = min(purchase.refunded_cents + disputed, PRICE_CENTS)
        target = (PACKAGE_CREDITS * cents / PRICE_CENTS).quantize(MICRO, ROUND_HALF_UP)
        if purchase.status != "completed":
            return {"outcome": "pending"}
        change = target - purchase.clawed_back
        if change == 0:
            return {"outcome": "unchanged"}
        account = self._open(purchase.user_id)
        account.post(-change, purchase.name, reversal=change < 0, dated=False)
        if change > 0:
            account.take(purchase.name, change)
        else:
            account.give_back(purchase.name, purchase.clawed_back, ZERO, -change)
            account.expire(self.now)
        if purchase.user_id.startswith("erased:"):
            _forfeit(account, self._name)
        purchase.clawed_back = target
        return {"outcome": "applied", "balance": account.balance}

    # Erasure

    def erase(self, user_id: str, email: str | None = None) -> Answer:
        """Erase a person, and their address from the gifts for it."""
        self._check_cap("erase", None)
        account = self._lock(user_id)
        for pool in self.pools.values():
            if any(who == user_id for who, _ in pool.spending):
                pool.settle(self.now)
        gifts = [one for one in self.gifts.values() if one.creator == user_id]
        open_gifts = [one for one in gifts if one.status == "active"]
        for gift in open_gifts:
            self._return_gift(gift, "cancelled")
        held = [
            one for one in self.holds.values() if one.user_id == user_id and one.status == "held"
        ]
        for hold in held:
            hold.owner.end(hold, "released")
            hold.after_end = hold.owner.balance if isinstance(hold.owner, Pool) else ZERO
        forfeited = ZERO if account is None else _forfeit(account, self._name)
        self._forget_address(email, self._rename(user_id))
        return {
            "forfeited_credits": forfeited,
            "cancelled_gifts": len(open_gifts),
            "released_reservations": len(held),
        }

    def _rename(self, user_id: str) -> str:
        self.erased += 1
        pseudonym = f"erased:{self.erased}"
        if user_id in self.accounts:
            account = self.accounts[pseudonym] = self.accounts.pop(user_id)
            self.buried[user_id] |= account.answers.keys() | account.grants.keys()
            account.buried = set()
            account.answers.clear()
            account.limits = None, None, None
        theirs: list[Usage | Hold | Purchase] = [
            *self.usages.values(),
            *self.holds.values(),
            *self.purchases.values(),
        ]
        for owned in theirs:
            if owned.user_id == user_id:
                owned.user_id = pseudonym
        for gift in self.gifts.values():
            if gift.creator == user_id:
                gift.forget_creator(pseudonym)
            if user_id in gift.redeemers:
                self.buried[user_id].add(gift.name)
            gift.redeemers = [pseudonym if one == user_id else one for one in gift.redeemers]
        for pool in self.pools.values():
            _rename_in(pool, user_id, pseudonym)
        return pseudonym

    def _forget_address(self, email: str | None, pseudonym: str) -> None:
        for gift in self.gifts.values():
            waits = email is not None and gift.email is not None and gift.is_for(email)
            if waits or (gift.email is not None and pseudonym in gift.redeemers):
                gift.email = pseudonym
                answers = self.accounts[gift.creator].answers
                for key, (what, answer) in answers.items():
                    if answer.get("id") == gift.name:
                        answers[key] = (*what[:2], FORGOTTEN), answer

    # Helpers

    def _check_cap(self, operation: str, app_id: str | None, amount: Decimal = ZERO) -> None:
        today = self.now.date()
        if self.limited_to is None:
            return
        if not self.limited_to.allows(operation, app_id, amount, self.moved[today]):
            raise Refused("UC016")
        if self.limited_to.max_amount_per_day is not None:
            self.moved[today] += amount

    def _lock(self, user_id: str) -> Account | None:
        account = self.accounts.get(user_id)
        if account is not None:
            account.settle(self.now)
        return account

    def _open(self, user_id: str) -> Account:
        account = self.accounts.setdefault(user_id, Account(buried=self.buried[user_id]))
        account.settle(self.now)
        return account

    def _pool(self, guild_id: str) -> Pool:
        if guild_id not in self.pools:
            raise Refused("UC005")
        pool = self.pools[guild_id]
        pool.settle(self.now)
        return pool

    def _hold(self, name: str) -> Hold:
        hold = self.holds[name]
        hold.owner.settle(self.now)
        return hold

    def _refund_of(self, usage: Usage, amount: Decimal) -> None:
        if amount > usage.amount - usage.refunded:
            raise Refused("UC010")
        usage.refunded += amount

    def _count_own(self, account: Account, amount: Decimal) -> None:
        day = self.now.date()
        for spent, most in zip(account.windows(day), account.limits, strict=True):
            if most is not None and spent + amount > most:
                raise Refused("UC003")
        account.spending[day] += amount

    def _count(self, pool: Pool, user_id: str, amount: Decimal) -> None:
        day = self.now.date()
        windows = pool.windows(user_id, day)
        limits = pool.limits.get(user_id, (ZERO if user_id in pool.blocked else None, None))
        for spent, most in zip(windows, limits, strict=True):
            if most is not None and spent + amount > most:
                raise Refused("UC003")
        pool.spending[user_id, day] += amount


def _refuse_frozen(owner: Account | Pool | None) -> None:
    if isinstance(owner, Account) and owner.frozen:
        raise Refused("UC023")


def _rename_in(pool: Pool, user_id: str, pseudonym: str) -> None:
    if user_id in pool.limits:
        pool.blocked.discard(user_id)
        if ZERO in pool.limits.pop(user_id):
            pool.blocked.add(user_id)
    pool.buried |= {key for key, (what, _) in pool.answers.items() if user_id in what}
    pool.answers = {
        key: (what, answer) for key, (what, answer) in pool.answers.items() if user_id not in what
    }
    for who, day in list(pool.spending):
        if who == user_id:
            pool.spending[pseudonym, day] = pool.spending.pop((who, day))


def _refuse_ended(held: Hold) -> None:
    """Refuse one that has ended, but for one past its time of somebody who is still there."""
    ended = {"released": "UC012", "committed": "UC013"}
    if held.status in ended:
        raise Refused(ended[held.status])
    if held.status == "expired" and held.user_id.startswith("erased:"):
        raise Refused("UC014")


def _forfeit(account: Account, number: str) -> Decimal:
    # Forfeited credits pay for what Stripe takes back later.
    change = max(account.balance, -account.forfeited)
    if change:
        account.post(-change, f"erasure:{number}", reversal=change < 0)
        account.forfeited += change
    return change


def _known(owner: Account | Pool | None, key: str | None, what: Any) -> Answer | None:
    """Return the first answer to a key, None for a new one; refuse one of another request."""
    if owner is None or key is None or key not in owner.answers:
        if owner is not None and key in owner.buried:
            raise Refused("UC004")
        return None
    first, answer = owner.answers[key]
    if first != what:
        raise Refused("UC004")
    return {**answer, "replayed": True}


def _as_kept(account: Account | None, key: str | None, what: Any) -> Any:
    """Leave out of a request for a gift what was not kept of the first one."""
    if account is None or key is None or key not in account.answers:
        return what
    first = account.answers[key][0]
    return (*what[:2], FORGOTTEN) if first[-1] == FORGOTTEN else what


def _keep(owner: Account | Pool, key: str | None, what: Any, answer: Answer) -> Answer:
    if key is not None:
        owner.answers[key] = what, answer
    return answer

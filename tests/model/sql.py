"""The calls of the model as calls of the SQL functions, and the database's figures."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg

from tests.databases import Connection
from tests.model.accounts import Answer
from tests.model.model import PRICE_CENTS, Call, Model
from tests.model.refusals import Cap
from tests.sql.calls import Row, call, rows

START = "2099-01-30 21:00:00+00"

# Only the truncating between two examples is let through.
EMPTIABLE = """
    create table test.truncating as
    select
        tgrelid::regclass as relation, tgname as name,
        case tgenabled when 'A' then 'enable always' else 'enable' end as enable
    from pg_trigger
    where tgtype & 32 > 0;
    create function test.let_truncate(p_let boolean) returns void
    language plpgsql
    as $$
    declare
        v record;
    begin
        for v in select * from test.truncating loop
            execute format(
                'alter table %s %s trigger %I',
                v.relation, case when p_let then 'disable' else v.enable end, v.name
            );
        end loop;
    end
    $$
"""

EMPTY = """
    select test.let_truncate(true);
    truncate
        credits.accounts, credits.entries, credits.members, credits.usage_folds,
        credits.usage_marks, credits.lots, credits.lot_movements, credits.reservations,
        credits.guild_spending_limits, credits.spending_limits, credits.tombstones,
        credits.purchases, credits.purchase_disputes, gifts.gift_codes, gifts.gift_redemptions,
        credits.seals, credits.attempts, credits.service_caps,
        credits.service_cap_usage;
    select test.let_truncate(false);
"""

USAGE = {"app_id": "chat", "description": "One answer"}

Ids = dict[str, Any]


class Service:
    """Makes the model's calls on one connection; `ids` are what its names stand for."""

    def __init__(self, connection: Connection, ids: Ids, package_id: Any) -> None:
        self._db = connection
        self._ids = ids
        self._package_id = package_id

    def apply(self, made: Call) -> Answer | str:
        """Make a call; return its answer, or the SQLSTATE of its refusal."""
        operation: Callable[..., Answer] = getattr(self, made.operation)
        try:
            return operation(**made.arguments)
        except psycopg.Error as error:
            if not str(error.sqlstate).startswith(("UC", "UG")) or error.sqlstate == "UC017":
                raise
            return str(error.sqlstate)

    def _call(self, function: str, key: str | None = None, /, **arguments: object) -> Row:
        if key is not None:
            arguments["idempotency_key"] = key
        return call(self._db, function, **arguments)

    def move_clock(self, seconds: int) -> Answer:
        self._db.execute(
            "update test.clock set stands_at = stands_at + make_interval(secs => %s)", (seconds,)
        )
        return {}

    def sweep(self) -> Answer:
        while self._call("gifts.expire_gifts")["gifts_expired"]:
            pass
        while self._call("credits.expire_due")["expire_due"]:
            pass
        return {}

    def use(self, user_id: str, amount: Decimal, key: str | None = None) -> Answer:
        return self._call("credits.use_credits", key, user_id=user_id, amount=amount, **USAGE)

    def cap(self, cap: Cap | None) -> Answer:
        self._db.execute("delete from credits.service_caps")
        if cap is not None:
            self._db.execute(
                """
                insert into credits.service_caps
                    (caller, operations, app_ids, max_amount, max_amount_per_day)
                values ('test_api', %s, %s, %s, %s)
                """,
                (
                    cap.operations and list(cap.operations),
                    cap.app_ids and list(cap.app_ids),
                    cap.max_amount,
                    cap.max_amount_per_day,
                ),
            )
        return {}

    def use_batch(self, items: list[tuple[str, Decimal, str | None]]) -> Answer:
        users, amounts, keys = (list(column) for column in zip(*items, strict=True))
        return self._batch(
            "credits.use_credits_batch", user_ids=users, amounts=amounts, idempotency_keys=keys
        )

    def _batch(self, function: str, **columns: list[Any]) -> Answer:
        items = len(columns["amounts"])
        found = rows(
            self._db,
            function,
            app_ids=[USAGE["app_id"]] * items,
            descriptions=[USAGE["description"]] * items,
            **columns,
        )
        return {"outcomes": [row["refusal"] or row for row in found]}

    def give(self, user_id: str, amount: Decimal, key: str | None = None) -> Answer:
        return self._call(
            "credits.refund_credits", key, user_id=user_id, amount=amount, description="Welcome"
        )

    def refund(self, usage: str, user_id: str, amount: Decimal, key: str | None = None) -> Answer:
        return self._call(
            "credits.refund_credits",
            key,
            user_id=user_id,
            amount=amount,
            description="Broken answer",
            transaction_id=self._ids[usage],
        )

    def grant(
        self, user_id: str, amount: Decimal, reference: str, expires_at: Any = None
    ) -> Answer:
        granted = self._call(
            "credits.grant_credits",
            user_id=user_id,
            amount=amount,
            reason="Bonus",
            reference_id=reference,
            expires_at=expires_at,
        )
        return {
            "id": granted["transaction_id"],
            "balance": granted["new_balance"],
            "replayed": granted["already_granted"],
        }

    def reserve(
        self,
        user_id: str,
        amount: Decimal,
        seconds: int,
        guild_id: str | None = None,
        key: str | None = None,
    ) -> Answer:
        held = self._call(
            "credits.reserve_credits",
            key,
            user_id=user_id,
            amount=amount,
            reason="A long answer",
            expires_in_seconds=seconds,
            guild_id=guild_id,
        )
        return {**held, "id": held["reservation_id"]}

    def extend(self, hold: str, seconds: int) -> Answer:
        return self._call(
            "credits.extend_reservation",
            reservation_id=self._ids[hold],
            expires_in_seconds=seconds,
        )

    def commit(self, hold: str, amount: Decimal | None = None) -> Answer:
        done = self._call(
            "credits.commit_reservation", reservation_id=self._ids[hold], amount=amount
        )
        return {**done, "id": done["transaction_id"]}

    def release(self, hold: str) -> Answer:
        return self._call("credits.release_reservation", reservation_id=self._ids[hold])

    def init_pool(self, guild_id: str) -> Answer:
        return self._call("credits.init_guild_pool", organization_id=guild_id)

    def fund(self, user_id: str, guild_id: str, amount: Decimal, key: str | None = None) -> Answer:
        return self._call(
            "credits.fund_guild_pool",
            key,
            user_id=user_id,
            organization_id=guild_id,
            amount=amount,
        )

    def use_guild(
        self, guild_id: str, user_id: str, amount: Decimal, key: str | None = None
    ) -> Answer:
        return self._call(
            "credits.use_guild_credits",
            key,
            organization_id=guild_id,
            user_id=user_id,
            amount=amount,
            **USAGE,
        )

    def use_guild_batch(self, items: list[tuple[str, str, Decimal, str | None]]) -> Answer:
        guilds, users, amounts, keys = (list(column) for column in zip(*items, strict=True))
        return self._batch(
            "credits.use_guild_credits_batch",
            organization_ids=guilds,
            user_ids=users,
            amounts=amounts,
            idempotency_keys=keys,
        )

    def limit(
        self, guild_id: str, user_id: str, daily: Decimal | None, monthly: Decimal | None
    ) -> Answer:
        self._call(
            "credits.set_spending_limits",
            organization_id=guild_id,
            user_id=user_id,
            daily_limit=daily,
            monthly_limit=monthly,
            set_daily=True,
            set_monthly=True,
        )
        return {}

    def limit_own(
        self,
        user_id: str,
        daily: Decimal | None,
        weekly: Decimal | None,
        monthly: Decimal | None,
    ) -> Answer:
        windows = {"daily": daily, "weekly": weekly, "monthly": monthly}
        limits = {name: None if most is None else float(most) for name, most in windows.items()}
        self._call("credits.set_limits", user_id=user_id, limits=limits)
        return {}

    def freeze(self, user_id: str) -> Answer:
        self._call("credits.freeze_account", user_id=user_id, reason="Stolen")
        return {}

    def unfreeze(self, user_id: str) -> Answer:
        self._call("credits.unfreeze_account", user_id=user_id)
        return {}

    def create_gift(
        self,
        user_id: str,
        total: int,
        portions: int,
        expires_at: Any,
        email: str | None = None,
        riddle: str | None = None,
        key: str | None = None,
    ) -> Answer:
        made = self._call(
            "gifts.create_gift",
            key,
            creator_id=user_id,
            total_credits=total,
            type="split" if portions > 1 else None,
            total_portions=portions,
            target_email=email,
            riddle_question=riddle and "Who shines at night?",
            riddle_answer=riddle,
            expires_at=expires_at,
        )
        return {**made, "id": (made["id"], made["code"])}

    def redeem(
        self,
        gift: str,
        user_id: str,
        email: str | None = None,
        answer: str | None = None,
        key: str | None = None,
    ) -> Answer:
        redeemed = self._call(
            "gifts.redeem_gift",
            key,
            code=self._ids[gift][1],
            user_id=user_id,
            email=email,
            riddle_answer=answer,
        )
        return {**redeemed, "balance": redeemed["new_balance"]}

    def redeem_pending(self, user_id: str, email: str) -> Answer:
        return self._call("gifts.redeem_pending_gifts", user_id=user_id, email=email)

    def cancel(self, gift: str, user_id: str) -> Answer:
        return self._call("gifts.cancel_gift", gift_id=self._ids[gift][0], creator_id=user_id)

    def begin(self, user_id: str) -> Answer:
        begun = self._call("credits.begin_purchase", user_id=user_id, package_id=self._package_id)
        return {"id": begun["purchase_id"]}

    def complete(self, purchase: str, user_id: str) -> Answer:
        return self._call(
            "credits.complete_purchase",
            user_id=user_id,
            purchase_id=self._ids[purchase],
            amount_cents=PRICE_CENTS,
            currency="eur",
        )

    def fail(self, purchase: str, user_id: str, status: str) -> Answer:
        return self._call(
            "credits.fail_purchase",
            user_id=user_id,
            purchase_id=self._ids[purchase],
            status=status,
        )

    def refund_payment(self, purchase: str, user_id: str, cents: int) -> Answer:
        return self._call(
            "credits.record_reversal",
            user_id=user_id,
            purchase_id=self._ids[purchase],
            cents=cents,
        )

    def dispute(self, purchase: str, user_id: str, dispute: str, cents: int, status: str) -> Answer:
        return self._call(
            "credits.record_reversal",
            user_id=user_id,
            purchase_id=self._ids[purchase],
            stripe_dispute_id=dispute,
            cents=cents,
            status=status,
        )

    def erase(self, user_id: str, email: str | None = None) -> Answer:
        return self._call("credits.erase_user", user_id=user_id, email=email)


def figures(
    connection: Connection, superuser: Connection, users: list[str], guilds: list[str]
) -> Any:
    """All that callers can see, as the functions tell it and the tables keep it."""
    return {
        "users": {user_id: _user(connection, user_id) for user_id in users},
        "pools": {guild_id: _pool(connection, guild_id) for guild_id in guilds},
        "spending": {
            (guild_id, user_id): _spending(connection, guild_id, user_id)
            for guild_id in guilds
            for user_id in users
        },
        "gifts": _table(
            superuser, "select id, status::text, claimed_portions from gifts.gift_codes"
        ),
        "purchases": _table(
            superuser, "select id, status::text, clawed_back_credits from credits.purchases"
        ),
    }


def _user(connection: Connection, user_id: str) -> Any:
    row = call(connection, "credits.get_balance", user_id=user_id)
    expiring = sum(Decimal(str(one["amount"])) for one in row["expiring"] or [])
    return (row["balance"], row["total_earned"], row["total_spent"], row["reserved"], expiring)


def _pool(connection: Connection, guild_id: str) -> Any:
    try:
        row = call(connection, "credits.get_guild_balance", organization_id=guild_id)
    except psycopg.Error:
        return None
    return (row["balance"], row["total_funded"], row["total_spent"], row["reserved"])


def _spending(connection: Connection, guild_id: str, user_id: str) -> Any:
    row = call(connection, "credits.get_spending", organization_id=guild_id, user_id=user_id)
    return row["spent_today"], row["spent_this_month"]


def _table(connection: Connection, query: Any) -> Any:
    found = [tuple(row.values()) for row in connection.execute(query)]
    return {row[0]: row[1:] for row in found}


def expected_figures(model: Model, ids: Ids, users: list[str], guilds: list[str]) -> Any:
    """The `figures` that the model expects."""
    model = model.as_seen()
    return {
        "users": {user_id: _expected_user(model, user_id) for user_id in users},
        "pools": {guild_id: _expected_pool(model, guild_id) for guild_id in guilds},
        "spending": {
            (guild_id, user_id): (
                model.pools[guild_id].windows(user_id, model.now.date())
                if guild_id in model.pools
                else (0, 0)
            )
            for guild_id in guilds
            for user_id in users
        },
        "gifts": {
            ids[gift.name][0]: (gift.status, len(gift.redeemers)) for gift in model.gifts.values()
        },
        "purchases": {
            ids[one.name]: (one.status, one.clawed_back) for one in model.purchases.values()
        },
    }


def _expected_user(model: Model, user_id: str) -> Any:
    account = model.accounts.get(user_id)
    if account is None:
        return (0, 0, 0, 0, 0)
    expiring = sum(dated.remaining for dated in account.dated)
    return (account.balance, account.earned, account.spent, account.reserved, expiring)


def _expected_pool(model: Model, guild_id: str) -> Any:
    pool = model.pools.get(guild_id)
    return pool and (pool.balance, pool.funded, pool.spent, pool.reserved)

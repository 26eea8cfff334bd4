"""Databases as the predecessor left them, in its two generations, and rows in them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from uuid import UUID, uuid4

import bcrypt
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.databases import Database, Server, clone

Generation = Literal["portions", "flags"]

# Enums lie in the schema public. Of some of them, each generation has its own.
TYPES_OF_PORTIONS = """
create type public.transaction_type as enum (
    'purchase', 'usage', 'refund', 'gift', 'guild_funding'
);
create type public.gift_code_type as enum (
    'simple', 'personalized', 'split', 'first_come', 'riddle'
);
create type public.gift_redemption_status as enum (
    'success', 'failed_wrong_answer', 'failed_wrong_user', 'failed_depleted', 'failed_expired',
    'failed_already_claimed'
);
"""
TYPES_OF_FLAGS = """
create type public.transaction_type as enum ('purchase', 'usage', 'refund', 'gift', 'grant');
create type public.gift_code_type as enum ('simple', 'personalized');
create type public.gift_redemption_status as enum (
    'success', 'failed_wrong_user', 'failed_depleted', 'failed_expired', 'failed_already_claimed'
);
create type public.reservation_status as enum ('reserved', 'committed', 'refunded');
create type public.sync_billing_interval as enum ('monthly', 'quarterly', 'yearly');
"""
# Amounts are whole numbers there.
OF_BOTH = """
create schema credits;
create schema gifts;
create type public.transaction_status as enum ('pending', 'completed', 'failed', 'cancelled');
create type public.gift_code_status as enum (
    'active', 'depleted', 'expired', 'cancelled', 'refunded'
);
create table credits.stripe_customers (
    user_id text primary key,
    stripe_customer_id text not null unique,
    email text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create table credits.balances (
    user_id text primary key,
    balance integer not null default 0,
    total_earned integer not null default 0,
    total_spent integer not null default 0,
    version integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create table credits.transactions (
    id uuid primary key default gen_random_uuid(),
    user_id text not null,
    type public.transaction_type not null,
    status public.transaction_status not null default 'pending',
    amount integer not null,
    balance_before integer not null,
    balance_after integer not null,
    app_id text not null,
    description text not null,
    metadata jsonb,
    idempotency_key text unique,
    created_at timestamptz not null default now(),
    completed_at timestamptz
);
create table credits.packages (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    description text,
    credits integer not null,
    price_euro_cents integer not null,
    stripe_price_id text unique,
    active boolean not null default true,
    sort_order integer not null default 0,
    metadata jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create table credits.purchases (
    id uuid primary key default gen_random_uuid(),
    user_id text not null,
    package_id uuid references credits.packages (id),
    credits integer not null,
    price_euro_cents integer not null,
    stripe_payment_intent_id text unique,
    stripe_customer_id text,
    status public.transaction_status not null default 'pending',
    metadata jsonb,
    created_at timestamptz not null default now(),
    completed_at timestamptz
);
create table credits.usage_stats (
    id uuid primary key default gen_random_uuid(),
    user_id text not null,
    app_id text not null,
    credits_used integer not null,
    date timestamptz not null,
    metadata jsonb
);
"""
PORTIONS = """
alter table credits.transactions add column guild_id text;
create table gifts.gift_codes (
    id uuid primary key default gen_random_uuid(),
    code text not null unique,
    short_url text,
    creator_id text not null,
    creator_name text,
    total_credits integer not null,
    credits_per_portion integer not null,
    total_portions integer not null default 1,
    claimed_portions integer not null default 0,
    type public.gift_code_type not null default 'simple',
    status public.gift_code_status not null default 'active',
    target_email text,
    target_matrix_id text,
    riddle_question text,
    riddle_answer_hash text,
    message text,
    expires_at timestamptz,
    reservation_transaction_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create table gifts.gift_redemptions (
    id uuid primary key default gen_random_uuid(),
    gift_code_id uuid not null references gifts.gift_codes (id) on delete cascade,
    redeemer_user_id text not null,
    status public.gift_redemption_status not null,
    credits_received integer not null default 0,
    portion_number integer,
    credit_transaction_id uuid,
    source_app_id text,
    created_at timestamptz not null default now()
);
create table credits.guild_pools (
    organization_id text primary key,
    balance integer not null default 0,
    total_funded integer not null default 0,
    total_spent integer not null default 0,
    version integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create table credits.guild_spending_limits (
    id uuid primary key default gen_random_uuid(),
    organization_id text not null,
    user_id text not null,
    daily_limit integer,
    monthly_limit integer,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (organization_id, user_id)
);
create table credits.guild_transactions (
    id uuid primary key default gen_random_uuid(),
    organization_id text not null,
    user_id text not null,
    type text not null,
    amount integer not null,
    balance_before integer not null,
    balance_after integer not null,
    app_id text,
    description text not null,
    metadata jsonb,
    idempotency_key text unique,
    created_at timestamptz not null default now(),
    completed_at timestamptz
);
"""
FLAGS = """
create table gifts.gift_codes (
    id uuid primary key default gen_random_uuid(),
    code text not null unique,
    short_url text,
    creator_id text not null,
    creator_name text,
    total_credits integer not null,
    redeemed integer not null default 0,
    type public.gift_code_type not null default 'simple',
    status public.gift_code_status not null default 'active',
    target_email text,
    message text,
    expires_at timestamptz,
    reservation_transaction_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create table gifts.gift_redemptions (
    id uuid primary key default gen_random_uuid(),
    gift_code_id uuid not null references gifts.gift_codes (id) on delete cascade,
    redeemer_user_id text not null,
    status public.gift_redemption_status not null,
    credits_received integer not null default 0,
    credit_transaction_id uuid,
    source_app_id text,
    created_at timestamptz not null default now()
);
create table credits.reservations (
    id uuid primary key default gen_random_uuid(),
    user_id text not null,
    amount integer not null,
    reason text not null,
    status public.reservation_status not null default 'reserved',
    created_at timestamptz not null default now(),
    resolved_at timestamptz
);
create table credits.sync_subscriptions (
    user_id text primary key,
    active boolean not null default false,
    billing_interval public.sync_billing_interval not null default 'monthly',
    amount_charged integer not null default 30,
    activated_at timestamptz,
    next_charge_at timestamptz,
    paused_at timestamptz,
    is_gifted boolean not null default false,
    gifted_by text,
    gifted_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
"""


def new_code() -> str:
    """A code as the predecessor made them."""
    return "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(6))


class Predecessor:
    """A database of the predecessor."""

    def __init__(self, database: Database, generation: Generation) -> None:
        self.database = database
        self.connection = database.connect()
        self.generation = generation
        parts = {
            "portions": (TYPES_OF_PORTIONS, OF_BOTH, PORTIONS),
            "flags": (TYPES_OF_FLAGS, OF_BOTH, FLAGS),
        }
        self.connection.execute("".join(parts[generation]).encode())

    def empty(self) -> None:
        """Take all rows away, and schemas that a test has made."""
        self.connection.execute("drop schema if exists credits_before, gifts_before cascade")
        tables = self.connection.execute(
            "select format('%I.%I', schemaname, tablename) as name from pg_tables "
            "where schemaname in ('credits', 'gifts')"
        ).fetchall()
        names = ", ".join(row["name"] for row in tables)
        self.connection.execute(f"truncate {names}".encode())

    @property
    def url(self) -> str:
        """The URL of it."""
        return self.database.dsn()

    def insert(self, table: str, **values: object) -> dict[str, Any]:
        """Insert a row, and return it."""
        names = [sql.Identifier(name) for name in values]
        row = self.connection.execute(
            sql.SQL("insert into {} ({}) values ({}) returning *").format(
                sql.Identifier(*table.split(".")),
                sql.SQL(", ").join(names),
                sql.SQL(", ").join(sql.Placeholder() * len(names)),
            ),
            list(values.values()),
        ).fetchone()
        assert row is not None
        return row

    def person(self, user_id: str, balance: int = 0, **values: object) -> None:
        """Somebody with a balance, all of it earned unless told otherwise."""
        self.insert(
            "credits.balances",
            **{"user_id": user_id, "balance": balance, "total_earned": balance, **values},
        )

    def package(self, **values: object) -> UUID:
        """500 credits for 4.99 €."""
        given = {"name": "500 credits", "credits": 500, "price_euro_cents": 499, **values}
        return UUID(str(self.insert("credits.packages", **given)["id"]))

    def purchase(self, user_id: str, package_id: UUID | None = None, **values: object) -> UUID:
        """A purchase of 500 credits for 4.99 € that was paid three days ago."""
        three_days_ago = self.ago("3 days")
        given = {
            "user_id": user_id,
            "package_id": package_id or self.package(),
            "credits": 500,
            "price_euro_cents": 499,
            "stripe_payment_intent_id": f"pi_{uuid4().hex}",
            "stripe_customer_id": f"cus_{user_id}",
            "status": "completed",
            "created_at": three_days_ago,
            "completed_at": three_days_ago,
            **values,
        }
        return UUID(str(self.insert("credits.purchases", **given)["id"]))

    def gift(self, code: str, creator_id: str, total: int = 50, **values: object) -> UUID:
        """An open gift of one portion, or of others; a riddle's answer is hashed."""
        portions = int(str(values.get("total_portions", 1)))
        given: dict[str, object] = {
            "code": code,
            "creator_id": creator_id,
            "total_credits": total,
            "created_at": self.ago("1 day"),
            "expires_at": self.ago("-30 days"),
        }
        if self.generation == "portions":
            given["credits_per_portion"] = total // portions
        answer = values.pop("riddle_answer", None)
        if answer is not None:
            password = str(answer).lower().strip().encode()
            given["riddle_answer_hash"] = bcrypt.hashpw(password, bcrypt.gensalt(4)).decode()
        return UUID(str(self.insert("gifts.gift_codes", **{**given, **values})["id"]))

    def redeemed(self, gift_id: UUID, user_id: str, portion: int, received: int) -> None:
        """A portion that somebody has claimed."""
        self.insert(
            "gifts.gift_redemptions",
            gift_code_id=gift_id,
            redeemer_user_id=user_id,
            status="success",
            credits_received=received,
            portion_number=portion,
        )

    def granted(self, user_id: str, amount: int, reference_id: str) -> None:
        """A reward that somebody got, once for a reference."""
        self.insert(
            "credits.transactions",
            user_id=user_id,
            type="grant",
            status="completed",
            amount=amount,
            balance_before=0,
            balance_after=amount,
            app_id="community",
            description="Reward",
            metadata=Jsonb({"referenceId": reference_id, "reason": "shipped"}),
        )

    def moved_pool(self, guild: str, user_id: str, amount: int, **values: object) -> None:
        """A transaction of a pool, a usage unless told otherwise."""
        given = {"type": "usage", "balance_before": -amount, "balance_after": 0, **values}
        self.insert(
            "credits.guild_transactions",
            organization_id=guild,
            user_id=user_id,
            amount=amount,
            description="Something",
            **given,
        )

    def ago(self, interval: str) -> object:
        """A moment before now."""
        row = self.connection.execute(
            "select now() - %s::interval as moment", (interval,)
        ).fetchone()
        assert row is not None
        return row["moment"]


@contextmanager
def predecessor(
    server: Server, generation: Generation, name: str = "mana_before"
) -> Iterator[Predecessor]:
    """A database of the predecessor with nothing in it."""
    with clone(server, "template1", f"{name}_{generation}") as database:
        yield Predecessor(database, generation)


def make_room(connection: "psycopg.Connection[Any]") -> None:
    """Rename the predecessor's schemas, as the deployment says."""
    connection.execute("alter schema credits rename to credits_before")
    connection.execute("alter schema gifts rename to gifts_before")

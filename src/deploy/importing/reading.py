"""Rows read of the predecessor: a query for each kind of row, and the table that takes it in.

Amounts are whole numbers there today; whatever they are, they are read as exact decimals and
rounded to six digits.
"""

from collections.abc import Callable
from dataclasses import dataclass

from psycopg import sql

from deploy.importing.source import Period, Predecessor

# Gifts that could still be redeemed there, or cancelled by their creator: also those past their
# time, whose credits nobody has got back.
PORTIONED = """
    select code::text, creator_id::text, creator_name::text, type::text,
        round(credits_per_portion::numeric, 6) as credits_per_portion, total_portions,
        claimed_portions, nullif(target_email::text, '') as target_email,
        nullif(target_matrix_id::text, '') as target_matrix_id, riddle_question::text,
        riddle_answer_hash::text, message::text, expires_at, created_at, id
    from {gifts}.gift_codes
    where status::text = 'active' and claimed_portions < total_portions
"""
FLAGGED = """
    select code::text, creator_id::text, creator_name::text, type::text,
        round(total_credits::numeric, 6) as credits_per_portion, 1 as total_portions,
        0 as claimed_portions, nullif(target_email::text, '') as target_email,
        null as target_matrix_id,
        null as riddle_question, null as riddle_answer_hash, message::text, expires_at, created_at,
        id
    from {gifts}.gift_codes
    where status::text = 'active' and redeemed::integer < 1
"""
NO_GIFTS = """
    select null as code, null as creator_id, null as creator_name, null as type,
        0::numeric as credits_per_portion, 0 as total_portions, 0 as claimed_portions,
        null as target_email, null as target_matrix_id, null as riddle_question,
        null as riddle_answer_hash, null as message, null::timestamptz as expires_at,
        null::timestamptz as created_at, null::uuid as id
    where false
"""
# Whoever grants under one of these references again has to hear that it was done.
GRANTS = """
    select distinct user_id::text, metadata ->> 'referenceId' as reference_id
    from {credits}.transactions
    where type::text = 'grant'
        and char_length(metadata ->> 'referenceId') between 1 and 255
        and metadata ->> 'referenceId' <> 'opening'
"""
NO_GRANTS = """
    select null as user_id, null as reference_id where false
"""
HOLDS = """
    select id, user_id::text, round(amount::numeric, 6) as amount, reason::text
    from {credits}.reservations
    where status::text = 'reserved'
"""
NO_HOLDS = """
    select null::uuid as id, null as user_id, 0::numeric as amount, null as reason where false
"""
# One row for everybody who has something that is brought.
PEOPLE = """
    select u.user_id as account_id, coalesce(round(b.balance::numeric, 6), 0) as balance,
        b.total_earned::numeric as total_earned, b.total_spent::numeric as total_spent
    from (
        select user_id::text from {{credits}}.balances
        union select user_id::text from {{credits}}.purchases
        union select creator_id from ({gifts}) g
        union select user_id from ({holds}) h
        union select user_id from ({grants}) t
    ) u
    left join {{credits}}.balances b on b.user_id = u.user_id
    order by u.user_id collate "C"
"""
POOLS = """
    select organization_id::text as account_id, round(balance::numeric, 6) as balance,
        total_funded::numeric as total_earned, total_spent::numeric as total_spent
    from {credits}.guild_pools
    order by organization_id collate "C"
"""
SPENDING = """
    select organization_id::text, user_id::text, (created_at at time zone {zone})::date as day,
        sum(abs(round(amount::numeric, 6))) as amount
    from {credits}.guild_transactions
    where type::text = 'usage' and created_at >= {first_day}::timestamp at time zone {zone}
        and isfinite(created_at)
    group by 1, 2, 3
    having sum(abs(round(amount::numeric, 6))) > 0
    order by 1, 2, 3
"""
LIMITS = """
    select organization_id::text, user_id::text, round(daily_limit::numeric, 6),
        round(monthly_limit::numeric, 6)
    from {credits}.guild_spending_limits
"""
PACKAGES = """
    select id, name::text, description::text, round(credits::numeric, 6) as credits,
        price_euro_cents, stripe_price_id::text, active, sort_order, metadata, created_at
    from {credits}.packages
"""
CUSTOMERS = """
    select user_id::text, stripe_customer_id::text, email::text, created_at
    from {credits}.stripe_customers
"""
# One that was credited stays so, even if a failure was reported after it.
PURCHASES = """
    select p.id, p.user_id::text, p.package_id, k.name::text as package_name,
        round(p.credits::numeric, 6) as credits, p.price_euro_cents,
        case when p.completed_at is not null then 'completed' else p.status::text end as status,
        nullif(p.stripe_payment_intent_id::text, '') as stripe_payment_intent_id,
        nullif(p.stripe_customer_id::text, '') as stripe_customer_id, p.metadata, p.created_at,
        p.completed_at
    from {credits}.purchases p
    left join {credits}.packages k on k.id = p.package_id
"""
REDEMPTIONS = """
    select g.code, r.redeemer_user_id::text, g.credits_per_portion, r.portion_number,
        r.source_app_id::text, r.created_at
    from {{gifts}}.gift_redemptions r
    join ({gifts}) g on g.id = r.gift_code_id
    where r.status::text = 'success'
    order by r.created_at
"""

Query = Callable[[Predecessor, Period], sql.Composed | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of one kind.

    Attributes:
        name: Of the temporary table that takes them in.
        columns: Of that table, in the order of the query, with their types.
        query: The statement; None where the predecessor has nothing of the kind.
    """

    name: str
    columns: str
    query: Query


def _gifts(predecessor: Predecessor) -> str:
    if not predecessor.has_gifts():
        return NO_GIFTS
    return PORTIONED if predecessor.has_gifts("claimed_portions") else FLAGGED


def _holds(predecessor: Predecessor) -> str:
    return HOLDS if predecessor.has("reservations") else NO_HOLDS


def _grants(predecessor: Predecessor) -> str:
    return GRANTS if predecessor.has("transactions") else NO_GRANTS


def _people(predecessor: Predecessor, _period: Period) -> sql.Composed:
    text = PEOPLE.format(
        gifts=_gifts(predecessor), holds=_holds(predecessor), grants=_grants(predecessor)
    )
    return predecessor.query(text)


def _redemptions(predecessor: Predecessor, _period: Period) -> sql.Composed | None:
    # Where a code is redeemed as a whole, an open one has no redemption yet.
    if not predecessor.has_gifts("claimed_portions"):
        return None
    return predecessor.query(REDEMPTIONS.format(gifts=PORTIONED))


def _spending(predecessor: Predecessor, period: Period) -> sql.Composed | None:
    if not predecessor.has("guild_transactions"):
        return None
    return sql.SQL(SPENDING).format(
        credits=sql.Identifier(predecessor.credits),
        zone=sql.Literal(period.zone),
        first_day=sql.Literal(period.first_day.isoformat()),
    )


def _of_table(table: str, text: str) -> Query:
    return lambda predecessor, _period: predecessor.query(text) if predecessor.has(table) else None


ACCOUNT = "account_id text, balance numeric, total_earned numeric, total_spent numeric"

READINGS = (
    Reading("pools", ACCOUNT, _of_table("guild_pools", POOLS)),
    Reading("people", ACCOUNT, _people),
    Reading("spending", "organization_id text, user_id text, day date, amount numeric", _spending),
    Reading(
        "limits",
        "organization_id text, user_id text, daily_limit numeric, monthly_limit numeric",
        _of_table("guild_spending_limits", LIMITS),
    ),
    Reading(
        "packages",
        "id uuid, name text, description text, credits numeric, price_euro_cents integer, "
        "stripe_price_id text, active boolean, sort_order integer, metadata jsonb, "
        "created_at timestamptz",
        _of_table("packages", PACKAGES),
    ),
    Reading(
        "customers",
        "user_id text, stripe_customer_id text, email text, created_at timestamptz",
        _of_table("stripe_customers", CUSTOMERS),
    ),
    Reading(
        "purchases",
        "id uuid, user_id text, package_id uuid, package_name text, credits numeric, "
        "price_euro_cents integer, status text, stripe_payment_intent_id text, "
        "stripe_customer_id text, metadata jsonb, created_at timestamptz, completed_at timestamptz",
        _of_table("purchases", PURCHASES),
    ),
    Reading(
        "gift_codes",
        "code text, creator_id text, creator_name text, type text, credits_per_portion numeric, "
        "total_portions integer, claimed_portions integer, target_email text, "
        "target_matrix_id text, riddle_question text, riddle_answer_hash text, message text, "
        "expires_at timestamptz, created_at timestamptz, id uuid",
        lambda predecessor, _period: predecessor.query(_gifts(predecessor)),
    ),
    Reading(
        "redemptions",
        "code text, user_id text, credits numeric, portion_number integer, source_app_id text, "
        "created_at timestamptz",
        _redemptions,
    ),
    Reading(
        "grants",
        "user_id text, reference_id text",
        lambda predecessor, _period: predecessor.query(_grants(predecessor)),
    ),
    Reading(
        "holds",
        "id uuid, user_id text, amount numeric, reason text",
        lambda predecessor, _period: predecessor.query(_holds(predecessor)),
    ),
)

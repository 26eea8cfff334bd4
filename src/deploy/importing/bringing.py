"""Brings what was read: each kind of row by one statement, large ones some thousand at a time."""

from typing import Final, NamedTuple

import psycopg
from psycopg import sql

from deploy.progress import Progress

ROWS_A_STEP = 10_000


class Step(NamedTuple):
    """The way in which one kind of row is brought.

    Attributes:
        table: The temporary table that has them.
        statement: Brings those whose number is in a range, which is put in as {rows}.
    """

    table: str
    statement: str


# Gifts, holds and spending come if their account comes now.
STEPS: Final = (
    Step(
        "packages",
        """
        insert into credits.packages (
            id, name, description, credits, price_euro_cents, stripe_price_id, active, sort_order,
            metadata, created_at, updated_at
        )
        select
            t.id, t.name, coalesce(t.description, ''), t.credits, t.price_euro_cents,
            t.stripe_price_id, t.active, t.sort_order,
            case when jsonb_typeof(t.metadata) = 'object' then t.metadata else '{{}}' end,
            t.created_at, t.created_at
        from pg_temp.packages t
        where {rows}
        on conflict (id) do nothing
        """,
    ),
    Step(
        "pools",
        """
        update pg_temp.pools t
        set brought = credits.import_account(
            t.account_id, 'pool', t.balance + t.set_aside,
            jsonb_strip_nulls(jsonb_build_object(
                'totalFunded', t.total_earned, 'totalSpent', t.total_spent
            ))
        )
        where {rows}
        """,
    ),
    Step(
        "spending",
        """
        update pg_temp.spending t
        set brought = credits.import_usage(
            t.organization_id,
            case
                when credits._erased_since(t.user_id) then credits._new_pseudonym(t.user_id)
                else t.user_id
            end,
            t.day, t.amount
        )
        where {rows}
            and exists (
                select from pg_temp.pools p where p.account_id = t.organization_id and p.brought
            )
        """,
    ),
    Step(
        "limits",
        """
        insert into credits.guild_spending_limits (
            organization_id, user_id, daily_limit, monthly_limit
        )
        select t.organization_id, t.user_id, t.daily_limit, t.monthly_limit
        from pg_temp.limits t
        where {rows} and not credits._erased_since(t.user_id)
        on conflict (organization_id, user_id) do nothing
        """,
    ),
    Step(
        "people",
        """
        update pg_temp.people t
        set brought = credits.import_account(
            t.account_id, 'person', t.balance + t.set_aside,
            jsonb_strip_nulls(jsonb_build_object(
                'totalEarned', t.total_earned, 'totalSpent', t.total_spent
            ))
        )
        where {rows}
        """,
    ),
    Step(
        "grants",
        """
        update pg_temp.grants t
        set brought = credits.import_account(
            t.user_id, 'person', 0, p_reference_id => t.reference_id,
            p_description => 'Granted before the opening'
        )
        where {rows}
            and exists (select from pg_temp.people p where p.account_id = t.user_id and p.brought)
        """,
    ),
    Step(
        "customers",
        """
        insert into credits.stripe_customers (user_id, stripe_customer_id, email, created_at)
        select t.user_id, t.stripe_customer_id, t.email, t.created_at
        from pg_temp.customers t
        where {rows} and not credits._erased_since(t.user_id)
        on conflict (user_id) do nothing
        """,
    ),
    # The credits of a completed one are in the opening entry: it points there, so that a refund
    # finds both. Of any other, Stripe may still report the end.
    Step(
        "purchases",
        """
        insert into credits.purchases (
            user_id, id, package_id, package_name, credits, price_euro_cents, status,
            stripe_payment_intent_id, stripe_customer_id, transaction_id, metadata, created_at,
            updated_at, completed_at
        )
        select
            t.user_id, t.id, coalesce(t.package_id, '00000000-0000-0000-0000-000000000000'),
            coalesce(t.package_name, ''), t.credits, t.price_euro_cents,
            t.status::credits.purchase_status, t.stripe_payment_intent_id, t.stripe_customer_id,
            e.id, case when jsonb_typeof(t.metadata) = 'object' then t.metadata else '{{}}' end,
            t.created_at, coalesce(e.created_at, t.created_at),
            case when t.status = 'completed' then least(t.completed_at, e.created_at) end
        from pg_temp.purchases t
        left join credits.entries e
            on t.status = 'completed' and e.account_id = t.user_id and e.kind = 'person'
            and e.type = 'grant' and e.reference_id = 'opening'
        where {rows} and not credits._erased_since(t.user_id)
        on conflict do nothing
        """,
    ),
    # Of the parts of a gift those count that the predecessor asked for.
    Step(
        "gift_codes",
        """
        update pg_temp.gift_codes t
        set brought = gifts.import_gift(
            t.code, t.creator_id, t.creator_name,
            case
                when t.type = 'riddle' and t.riddle_answer_hash is not null then 'riddle'
                when t.total_portions > 1 and t.type = 'first_come' then t.type
                when t.total_portions > 1 then 'split'
                when t.type = 'personalized'
                    and coalesce(t.target_email, t.target_matrix_id) is not null then t.type
                else 'simple'
            end::gifts.gift_type,
            t.credits_per_portion, t.total_portions, t.claimed_portions,
            case when t.type = 'personalized' then t.target_email end,
            case when t.type = 'personalized' then t.target_matrix_id end,
            case
                when t.type = 'riddle' and t.riddle_answer_hash is not null
                    then left(coalesce(t.riddle_question, ''), 200)
            end,
            case when t.type = 'riddle' then t.riddle_answer_hash end,
            t.message, least(t.expires_at, now() + interval '3650 days'), t.created_at
        )
        where {rows}
            and exists (
                select from pg_temp.people p where p.account_id = t.creator_id and p.brought
            )
        """,
    ),
    Step(
        "redemptions",
        """
        insert into gifts.gift_redemptions (
            code, id, gift_code_id, redeemer_user_id, status, credits_received, portion_number,
            source_app_id, created_at, brought
        )
        select
            t.code, credits._id_at(t.created_at), g.id, t.user_id, 'success', t.credits,
            coalesce(t.portion_number, t.row_number),
            case when credits._is_id(t.source_app_id) then t.source_app_id end, t.created_at, true
        from pg_temp.redemptions t
        join gifts.gift_codes g on g.code = t.code
        where {rows}
            and exists (select from pg_temp.gift_codes c where c.code = t.code and c.brought)
            and not credits._erased_since(t.user_id)
        on conflict do nothing
        """,
    ),
    Step(
        "holds",
        """
        update pg_temp.holds t
        set brought = credits.import_hold(
            t.user_id, t.id, t.amount, coalesce(t.reason, ''),
            coalesce(
                (select a from split_part(t.reason, ':', 1) a where credits._is_id(a)), 'unknown'
            ),
            now() + interval '24 hours'
        )
        where {rows}
            and exists (select from pg_temp.people p where p.account_id = t.user_id and p.brought)
        """,
    ),
)


# Those that are in use here already, in the order in which everybody locks: pools, then people.
LOCK: Final = """
    select from credits.accounts a
    where a.kind = 'pool' and a.account_id in (select account_id from pg_temp.pools)
        or a.kind = 'person' and a.account_id in (select account_id from pg_temp.people)
    order by a.kind desc, a.account_id
    for no key update
"""


class Brought(NamedTuple):
    """The number of accounts that came."""

    people: int
    pools: int


def bring(connection: psycopg.Connection, progress: Progress) -> Brought:
    """Bring all rows that are not here yet. The connection acts as the owner."""
    with progress.step("locking the accounts that are here"):
        connection.execute(LOCK)
    # Functions plan their statements once in a session. Where there is next to nothing here yet,
    # that would be to read tables as a whole, which are large in the end. What this makes of
    # costs would have PostgreSQL compile each statement.
    connection.execute("set local enable_seqscan = off")
    connection.execute("set local jit = off")
    for step in STEPS:
        most = _count(connection, step.table, "true")
        for first in range(1, most + 1, ROWS_A_STEP):
            last = min(first + ROWS_A_STEP - 1, most)
            with progress.step(f"{step.table.replace('_', ' ')} {first} to {last} of {most}"):
                rows = sql.SQL("t.row_number between {} and {}").format(first, last)
                connection.execute(sql.SQL(step.statement).format(rows=rows))
    connection.execute("set local enable_seqscan = on")
    return Brought(_count(connection, "people", "brought"), _count(connection, "pools", "brought"))


def _count(connection: psycopg.Connection, table: str, condition: str) -> int:
    row = connection.execute(
        sql.SQL("select count(*) from pg_temp.{} where {}").format(
            sql.Identifier(table), sql.SQL(condition)
        )
    ).fetchone()
    return int(row[0]) if row else 0

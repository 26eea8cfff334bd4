"""Old and new totals, side by side: counted apart, each where its rows are."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import psycopg
from psycopg import sql

from deploy.importing.reading import READINGS
from deploy.importing.source import Period, Predecessor

# By kind: how many there are, and how many credits. Of what is kept here for good, whatever has
# become of it since.
HERE = """
    with opened as (
        select e.account_id, e.kind, e.sequence, e.amount
        from (
            select account_id, 'pool'::credits.account_kind as kind from pg_temp.pools
            union all
            select account_id, 'person' from pg_temp.people
        ) a
        join credits.entries e
            on e.account_id = a.account_id and e.kind = a.kind
            and e.type = 'grant' and e.reference_id = 'opening'
        union all
        -- Erased since: nobody knows any more which entry was theirs.
        select t.account_id, 'person', null, t.balance + t.set_aside
        from pg_temp.people t
        where credits._erased_since(t.account_id)
    ),
    held as (
        select count(*) as number, coalesce(sum(e.reserved - coalesce(p.reserved, 0)), 0) as credits
        from pg_temp.holds t
        join credits.reservations r on r.id = t.id
        cross join lateral (
            select l.sequence, l.reserved
            from credits.entries l
            where l.account_id = r.account_id and l.kind = r.kind and l.type = 'hold'
                and l.reference_id = r.id::text
            order by l.sequence
            limit 1
        ) e
        left join credits.entries p
            on p.account_id = r.account_id and p.kind = r.kind and p.sequence = e.sequence - 1
    ),
    given as (
        select
            count(*) as number,
            coalesce(sum(g.total_credits - g.credits_per_portion * g.claimed_before), 0) as credits,
            coalesce(sum(g.claimed_before), 0) as claimed
        from pg_temp.gift_codes t
        join gifts.gift_codes g on g.code = t.code and g.created_at = t.created_at
    ),
    bought as (
        select
            count(*) as number,
            coalesce(sum(p.credits), 0) as credits,
            count(*) filter (where d.done) as completed,
            coalesce(sum(p.credits) filter (where d.done), 0) as credited
        from pg_temp.purchases t
        join credits.purchases p on p.id = t.id
        cross join lateral (select t.status = 'completed' and p.status = 'completed' as done) d
    ),
    spent as (
        select coalesce(-sum(e.amount), 0) as credits
        from opened o
        join credits.entries e
            on e.account_id = o.account_id and e.kind = o.kind and e.sequence > o.sequence
        where o.kind = 'pool' and e.type = 'usage' and e.app_id is null
    )
    select
        'people' as what, count(*) as number,
        coalesce(sum(o.amount), 0) - (select credits from held) - (select credits from given)
    from opened o where o.kind = 'person'
    union all
    select 'references of grants', count(*), null
    from pg_temp.grants t
    where credits._erased_since(t.user_id) or exists (
        select from credits.entries e
        where e.account_id = t.user_id and e.kind = 'person' and e.type = 'grant'
            and e.reference_id = t.reference_id
    )
    union all select 'open gift codes', number, credits from given
    union all select 'portions claimed of them', claimed, null from given
    union all select 'open holds', number, credits from held
    union all
    select 'guild pools', count(*), coalesce(sum(o.amount), 0) - (select credits from spent)
    from opened o where o.kind = 'pool'
    union all
    select 'limits of members', count(*), null
    from pg_temp.limits t
    where credits._erased_since(t.user_id) or exists (
        select from credits.guild_spending_limits l
        where l.organization_id = t.organization_id and l.user_id = t.user_id
    )
    union all
    select 'packages', count(*), null
    from pg_temp.packages t join credits.packages p on p.id = t.id
    union all select 'purchases', number, credits from bought
    union all select 'completed purchases', completed, credited from bought
    union all
    select 'Stripe customers', count(*), null
    from pg_temp.customers t
    where credits._erased_since(t.user_id)
        or exists (select from credits.stripe_customers c where c.user_id = t.user_id)
"""

# The same of the predecessor's rows: what to count and what to add up of each reading.
THERE = (
    ("people", "people", "count(*)", "sum(balance)"),
    ("references of grants", "grants", "count(*)", None),
    (
        "open gift codes",
        "gift_codes",
        "count(*)",
        "sum(credits_per_portion * (total_portions - claimed_portions))",
    ),
    ("portions claimed of them", "gift_codes", "sum(claimed_portions)", None),
    ("open holds", "holds", "count(*)", "sum(amount)"),
    ("guild pools", "pools", "count(*)", "sum(balance)"),
    ("limits of members", "limits", "count(*)", None),
    ("packages", "packages", "count(*)", None),
    ("purchases", "purchases", "count(*)", "sum(credits)"),
    (
        "completed purchases",
        "purchases",
        "count(*) filter (where status = 'completed')",
        "sum(credits) filter (where status = 'completed')",
    ),
    ("Stripe customers", "customers", "count(*)", None),
)

Figures = tuple[int, Decimal | None]


@dataclass(frozen=True, slots=True)
class Total:
    """One line: what the predecessor has of a kind, and what is here of it."""

    what: str
    there: Figures
    here: Figures

    @property
    def agrees(self) -> bool:
        """True if both are the same."""
        return self.there == self.here


def totals(predecessor: Predecessor, connection: psycopg.Connection, period: Period) -> list[Total]:
    """Count on both sides."""
    there = {what: _count(predecessor, period, *asked) for what, *asked in THERE}
    rows = connection.execute(HERE).fetchall()
    return [Total(what, there[what], (int(number), amount)) for what, number, amount in rows]


def table_of(lines: Sequence[Total]) -> list[str]:
    """Return the totals side by side, a line each."""
    return [
        f"{'':25}{'predecessor':>30}{'here':>30}",
        f"{'':25}{'number':>12}{'credits':>18}{'number':>12}{'credits':>18}",
        *(
            f"{line.what:25}{_told(*line.there)}{_told(*line.here)}"
            f"{'' if line.agrees else '  differs'}".rstrip()
            for line in lines
        ),
    ]


def rounding(predecessor: Predecessor) -> Decimal:
    """Return what balances lose by being rounded to six digits after the point."""
    query = predecessor.query(
        "select coalesce(sum(balance::numeric - round(balance::numeric, 6)), 0) "
        "from {credits}.balances"
    )
    row = predecessor.connection.execute(query).fetchone()
    return Decimal(row[0]) if row else Decimal(0)


def _count(
    predecessor: Predecessor, period: Period, reading: str, number: str, amount: str | None
) -> Figures:
    (one,) = (each for each in READINGS if each.name == reading)
    query = one.query(predecessor, period)
    if query is None:
        return 0, Decimal(0) if amount else None
    row = predecessor.connection.execute(
        sql.SQL("select coalesce({}, 0), {} from ({}) rows").format(
            sql.SQL(number), sql.SQL(f"coalesce({amount}, 0)" if amount else "null"), query
        )
    ).fetchone()
    assert row is not None  # noqa: S101  # An aggregate has one row.
    return int(row[0]), row[1]


def _told(number: int, amount: Decimal | None) -> str:
    told = "" if amount is None else f"{amount.normalize():,f}"
    return f"{number:>12,}{told:>18}"

"""Rows that cannot be brought as they are: which, why, and what to do about each."""

from typing import Final, NamedTuple

import psycopg
from psycopg import sql

MOST_TOLD = 50


class Rule(NamedTuple):
    """Problems of rows.

    Attributes:
        table: The temporary table that they are in.
        row: An expression that names a row as the predecessor has it.
        is_wrong: A condition.
        problem: The mistake, and how to mend it.
    """

    table: str
    row: str
    is_wrong: str
    problem: str


LARGEST: Final = "999999999999.999999"
ID_FORM: Final = "must be 1 to 128 characters without control characters: change or delete the row"
PSEUDONYM: Final = "looks like somebody erased here: change or delete the row"

_OPENING = """(
    select e.amount - coalesce((
        select -sum(u.amount) from credits.entries u
        where u.account_id = e.account_id and u.kind = e.kind and e.kind = 'pool'
            and u.type = 'usage' and u.app_id is null
    ), 0)
    from credits.entries e
    where e.account_id = t.account_id and e.kind = '{kind}' and e.type = 'grant'
        and e.reference_id = 'opening'
)"""


def _account_rules(table: str, key: str, kind: str) -> tuple[Rule, ...]:
    row = f"format('{key}=%L', t.account_id)"
    owned = "t.balance + t.set_aside" if kind == "person" else "t.balance"
    return (
        Rule(table, row, "credits._is_id(t.account_id) is not true", f"the id {ID_FORM}"),
        Rule(table, row, "t.account_id like 'erased:%'", f"the id {PSEUDONYM}"),
        Rule(
            table,
            f"format('{key}=%L balance=%s', t.account_id, trim_scale(t.balance))",
            f"(t.balance between 0 and {LARGEST}) is not true",
            f"the balance must be from 0 to {LARGEST}: set it right there",
        ),
        Rule(
            table,
            row,
            f"(t.balance + t.set_aside <= {LARGEST}) is false and t.balance <= {LARGEST}",
            "the balance with open gifts and holds is too large: lower it there",
        ),
        Rule(
            table,
            row,
            f"{_OPENING.format(kind=kind)} <> {owned}",
            "is here already with another balance, from an earlier run or another predecessor: end "
            "what still writes there, settle the difference by a grant or a debit here, and set "
            "the balance there back to what was brought",
        ),
    )


_GIFT = "format('code=%L', t.code)"
_PURCHASE = "format('id=%s', t.id)"
_LIMIT = "format('organization_id=%L user_id=%L', t.organization_id, t.user_id)"
_CUSTOMER = "format('user_id=%L', t.user_id)"
_REDEMPTION = "format('code=%L redeemer_user_id=%L', t.code, t.user_id)"
_LIMIT_FORM = "must be null or from 0 to 999999999.999999: set it right there"


def _time_rule(table: str, row: str, column: str) -> Rule:
    # Others cannot be told in an answer. That a gift ends later than ten years from now is mended.
    first, last = "0001-01-01", "infinity" if column == "expires_at" else "9999-12-31"
    return Rule(
        table,
        row,
        f"(t.{column} between '{first}' and '{last}') is false",
        f"{column} must lie in the years 1 to 9999: set it right there",
    )


RULES: Final = (
    *_account_rules("people", "user_id", "person"),
    *_account_rules("pools", "organization_id", "pool"),
    Rule("limits", _LIMIT, "credits._is_id(t.organization_id) is not true", f"the guild {ID_FORM}"),
    Rule("limits", _LIMIT, "credits._is_id(t.user_id) is not true", f"the user {ID_FORM}"),
    Rule(
        "limits",
        _LIMIT,
        "(t.daily_limit between 0 and 999999999.999999) is false "
        "or (t.monthly_limit between 0 and 999999999.999999) is false",
        f"a limit {_LIMIT_FORM}",
    ),
    Rule("spending", _LIMIT, "credits._is_id(t.user_id) is not true", f"the user {ID_FORM}"),
    Rule(
        "spending",
        _LIMIT,
        "not exists (select from pg_temp.pools p where p.account_id = t.organization_id)",
        "used credits of a pool that is not there: delete these rows of guild_transactions",
    ),
    Rule(
        "packages",
        "format('id=%s', t.id)",
        "(t.credits > 0 and t.credits <= 999999999.999999 and t.price_euro_cents > 0) is not true",
        "a package has to have credits and a price: give it both, or delete it there",
    ),
    Rule(
        "customers",
        _CUSTOMER,
        "credits._is_id(t.user_id) is not true",
        f"the user {ID_FORM}",
    ),
    Rule("purchases", _PURCHASE, "credits._is_id(t.user_id) is not true", f"the user {ID_FORM}"),
    Rule(
        "purchases",
        _PURCHASE,
        "(t.credits > 0 and t.credits <= 999999999.999999 and t.price_euro_cents > 0) is not true",
        "a purchase has to have credits and a price: give it both, or delete it there",
    ),
    Rule(
        "purchases",
        _PURCHASE,
        "t.status <> all (enum_range(null::credits.purchase_status)::text[])",
        "its status is not known here: make it pending, completed, failed or cancelled there",
    ),
    Rule(
        "purchases",
        _PURCHASE,
        "t.status = 'completed' and t.completed_at is null",
        "it is completed and nobody knows when: set completed_at there",
    ),
    Rule(
        "purchases",
        _PURCHASE,
        "exists (select from credits.purchases p "
        "where p.stripe_payment_intent_id = t.stripe_payment_intent_id and p.id <> t.id)",
        "another purchase here has its PaymentIntent: find out at Stripe whose it is, and delete "
        "the other",
    ),
    Rule(
        "gift_codes",
        _GIFT,
        "(t.code ~ '^[A-HJ-NP-Z2-9]{6}$') is not true",
        "a code is 6 letters or digits without I, O, 0 and 1: give it such a one, or cancel it "
        "there",
    ),
    Rule(
        "gift_codes",
        _GIFT,
        "exists (select from gifts.gift_codes g "
        "where g.code = t.code and g.created_at <> t.created_at)",
        "another gift has this code here: give it another one there, and tell who holds it",
    ),
    Rule("gift_codes", _GIFT, "credits._is_id(t.creator_id) is not true", f"the creator {ID_FORM}"),
    Rule(
        "gift_codes",
        _GIFT,
        "(t.total_portions between 1 and 100 and t.claimed_portions >= 0 "
        "and t.credits_per_portion >= 1 "
        "and t.credits_per_portion = trunc(t.credits_per_portion) "
        "and t.credits_per_portion * t.total_portions <= 10000) is not true",
        "a gift has 1 to 100 portions of whole credits, at most 10000 in all: cancel it there, "
        "which gives its credits back",
    ),
    Rule(
        "gift_codes",
        _GIFT,
        "t.type = 'personalized' and credits._is_email(t.target_email) is false",
        "nobody can have the e-mail address that it is for: correct it, or cancel the gift there",
    ),
    Rule(
        "gift_codes",
        _GIFT,
        "t.type = 'riddle' and (t.riddle_answer_hash ~ '^\\$2[aby]\\$[0-9]{2}\\$.{53}$') is false",
        "the answer to its riddle is kept in a form that is not known: cancel it there",
    ),
    Rule(
        "redemptions",
        _REDEMPTION,
        "credits._is_id(t.user_id) is not true",
        f"the user {ID_FORM}",
    ),
    Rule(
        "holds",
        _PURCHASE,
        "(t.amount > 0 and t.amount <= 999999999.999999) is not true",
        "a hold is of more than 0 and at most 999999999.999999 credits: end it there",
    ),
    _time_rule("packages", _PURCHASE, "created_at"),
    _time_rule("customers", _CUSTOMER, "created_at"),
    _time_rule("purchases", _PURCHASE, "created_at"),
    _time_rule("purchases", _PURCHASE, "completed_at"),
    _time_rule("gift_codes", _GIFT, "created_at"),
    _time_rule("gift_codes", _GIFT, "expires_at"),
    _time_rule("redemptions", _REDEMPTION, "created_at"),
)

NAMES: Final = {
    "people": "balances",
    "pools": "guild_pools",
    "limits": "guild_spending_limits",
    "spending": "guild_transactions",
    "customers": "stripe_customers",
    "redemptions": "gift_redemptions",
    "holds": "reservations",
}


def problems(connection: psycopg.Connection) -> list[str]:
    """Return a line for each row that cannot be brought."""
    return [line for rule in RULES for line in _told(connection, rule)]


def _told(connection: psycopg.Connection, rule: Rule) -> list[str]:
    table = NAMES.get(rule.table, rule.table)
    query = sql.SQL("select {} from pg_temp.{} t where {} order by t.row_number").format(
        sql.SQL(rule.row), sql.Identifier(rule.table), sql.SQL(rule.is_wrong)
    )
    return [f"{table} {row}: {rule.problem}" for (row,) in connection.execute(query)]

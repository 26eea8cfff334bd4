"""Checks of the books find without a snapshot of all machines what they find elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.citus.conftest import Nodes
from tests.sql.calls import call, rows

ANN, GUILD = "books-ann", "books-guild"
DEBIT = {"app_id": "chat", "description": "One answer"}
OF_ANN = f"where account_id = '{ANN}' and kind = 'person' and type"
CHARGED = """charge = '{"amount": 1, "pricedAt": "2026-01-31T12:00:00Z", "lines": []}'"""
# For each check that compares rows of a whole ledger or two accounts: the rows that are changed by
# hand, and how they become again what they were.
CHANGES = {
    "charges_off_prices": (
        "credits.entries",
        ANN,
        f"{CHARGED} {OF_ANN} = 'usage'",
        f"charge = null {OF_ANN} = 'usage'",
    ),
    "entries_without_cause": (
        "credits.entries",
        ANN,
        f"other_id = 'x', reference_id = 'x' {OF_ANN} = 'usage'",
        f"other_id = null, reference_id = null {OF_ANN} = 'usage'",
    ),
    "lots_off_entries": (
        "credits.lots",
        ANN,
        f"remaining = remaining - 500 where account_id = '{ANN}'",
        f"remaining = remaining + 500 where account_id = '{ANN}'",
    ),
    "member_spending_off_entries": (
        "credits.entries",
        GUILD,
        f"spent_that_day = spent_that_day + 1 where account_id = '{GUILD}' and type = 'usage'",
        f"spent_that_day = spent_that_day - 1 where account_id = '{GUILD}' and type = 'usage'",
    ),
    "purchases_off_entries": (
        "credits.purchases",
        ANN,
        f"credits = credits + 1 where user_id = '{ANN}'",
        f"credits = credits - 1 where user_id = '{ANN}'",
    ),
    "transfers_without_other_side": (
        "credits.entries",
        GUILD,
        f"reference_id = '0' || reference_id where account_id = '{GUILD}' and type = 'funding'",
        f"reference_id = substr(reference_id, 2) where account_id = '{GUILD}' and type = 'funding'",
    ),
    "usage_stats_off_entries": (
        "credits.usage_folds",
        ANN,
        f"credits_used = credits_used + 1 where user_id = '{ANN}'",
        f"credits_used = credits_used - 1 where user_id = '{ANN}'",
    ),
}


@pytest.fixture(scope="module")
def books(nodes: Nodes) -> Nodes:
    """A person with dated credits, a purchase, folded statistics, and a pool that they used."""
    with nodes.api() as api:
        grant = {"user_id": ANN, "amount": 1000, "reason": "bonus"}
        call(api, "credits.grant_credits", **grant, reference_id="1")
        call(api, "credits.grant_credits", **grant, reference_id="2", expires_at="2090-01-01")
        call(api, "credits.init_guild_pool", organization_id=GUILD)
        call(api, "credits.fund_guild_pool", user_id=ANN, organization_id=GUILD, amount=10)
        call(
            api, "credits.use_guild_credits", user_id=ANN, organization_id=GUILD, amount=1, **DEBIT
        )
        package = rows(api, "credits.list_packages")[0]["id"]
        begun = call(api, "credits.begin_purchase", user_id=ANN, package_id=package)
        call(
            api,
            "credits.complete_purchase",
            user_id=ANN,
            purchase_id=begun["purchase_id"],
            amount_cents=begun["price_euro_cents"],
            currency="eur",
        )
    _, holder = nodes.place(ANN)
    with nodes.api(holder) as api:
        rows(
            api,
            "credits.use_credits_batch",
            user_ids=[ANN] * 300,
            amounts=[1] * 300,
            app_ids=["chat"] * 300,
            descriptions=["One"] * 300,
        )
    return nodes


@contextmanager
def changed(nodes: Nodes, table: str, key: str, forth: str, back: str) -> Iterator[None]:
    """Change rows by hand in the block."""
    nodes.change(table, key, forth)
    try:
        yield
    finally:
        nodes.change(table, key, back)


def found(nodes: Nodes, check: str) -> int:
    """Return how many discrepancies a check finds."""
    with nodes.connect() as owner:
        [row] = owner.execute(
            "select discrepancies from credits.reconcile(p_check_name => %s)", (check,)
        ).fetchall()
    return int(row["discrepancies"])


def test_nothing_is_off_when_all_is_well(books: Nodes) -> None:
    with books.connect() as owner:
        ran = owner.execute("select check_name, discrepancies from credits.reconcile()").fetchall()
        views = owner.execute(
            "select relname from pg_class where relnamespace = 'reconcile'::regnamespace"
        ).fetchall()
    assert {row["check_name"] for row in ran} == {view["relname"] for view in views}
    assert [row for row in ran if row["discrepancies"]] == []


@pytest.mark.parametrize("check", CHANGES)
def test_what_was_changed_by_hand_is_found(books: Nodes, check: str) -> None:
    with changed(books, *CHANGES[check]):
        assert found(books, check) > 0
    assert found(books, check) == 0

"""Moving in from databases of the predecessor: what comes, what it is here, and what stops it."""

from collections.abc import Iterator

import pytest

from databases import Database, Server
from deployments import move_in
from predecessor import Predecessor, predecessor
from sql.books import gift_row


@pytest.fixture
def portions(server: Server) -> Iterator[Predecessor]:
    with predecessor(server, "portions") as before:
        yield before


@pytest.fixture
def flags(server: Server) -> Iterator[Predecessor]:
    with predecessor(server, "flags") as before:
        yield before


def test_thread(portions: Predecessor, database: Database) -> None:
    portions.person("ada", 100)
    portions.person("bob", 0)
    portions.purchase("ada")
    gift = portions.gift("ABC234", "ada", 50, total_portions=5, claimed_portions=2, type="split")
    portions.redeemed(gift, "bob", 1, 10)
    portions.redeemed(gift, "cleo", 2, 10)
    portions.insert("credits.guild_pools", organization_id="g", balance=70)
    portions.insert("credits.guild_spending_limits", organization_id="g", user_id="ada", daily_limit=10)
    portions.insert("credits.guild_transactions", organization_id="g", user_id="ada", type="usage", amount=-7)
    outcome = move_in(portions.url, database)
    print(outcome.output, outcome.complaint)
    assert outcome.status == 0
    admin = database.connect()
    print(gift_row(admin, "ABC234"))
    print(admin.execute("select * from credits.entries").fetchall())
    outcome = move_in(portions.url, database)
    print(outcome.output, outcome.complaint)
    assert outcome.status == 0

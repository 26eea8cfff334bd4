"""credits.init_guild_pool and credits.get_guild_balance."""

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import pool_ledger
from tests.sql.calls import call, pool, rows, use_guild
from tests.sql.conftest import Api


def test_pool_springs_up_empty(db: Connection) -> None:
    answer = call(db, "credits.init_guild_pool", organization_id="g1")
    figures = ("balance", "total_funded", "total_spent", "reserved")
    assert [answer[name] for name in figures] == [0] * 4


def test_opening_moves_nothing(db: Connection, owner: Owner) -> None:
    call(db, "credits.init_guild_pool", organization_id="g1")
    assert pool_ledger(owner, "g1") == []


def test_pool_that_is_there_stays_as_it_is(db: Connection, api: Api) -> None:
    pool(db, "g1", 7)
    before = call(api, "credits.get_guild_balance", organization_id="g1")
    assert call(db, "credits.init_guild_pool", organization_id="g1") == before


def test_balance_of_a_pool_follows_its_ledger(db: Connection, api: Api) -> None:
    pool(db, "g1", 7)
    use_guild(db, "g1", "u1", 2)
    answer = call(api, "credits.get_guild_balance", organization_id="g1")
    assert (answer["balance"], answer["total_funded"], answer["total_spent"]) == (5, 7, 2)


@pytest.mark.parametrize("organization_id", ["g2", "", None])
def test_balance_of_a_pool_that_does_not_exist_is_refused(
    db: Connection, api: Api, organization_id: str | None
) -> None:
    pool(db, "g1", 7)
    with refused(db, "UC005") as refusal:
        rows(api, "credits.get_guild_balance", organization_id=organization_id)
    assert refusal.details == {"organizationId": organization_id}

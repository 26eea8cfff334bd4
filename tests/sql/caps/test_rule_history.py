"""The history of rules tells afterwards who could do how much, and since when."""

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import add_package
from tests.sql.calls import Row, limit
from tests.sql.caps.conftest import Cap


def history(owner: Owner, table: str) -> list[Row]:
    """The changes of the rules of a table, oldest first."""
    return owner.execute(
        "select * from credits.rule_history where table_name = %s order by id", (table,)
    ).fetchall()


def test_limits_of_a_member_keep_their_history(db: Connection, owner: Owner) -> None:
    limit(db, "g1", "u1", daily_limit=5)
    limit(db, "g1", "u1", daily_limit=0, monthly_limit=7)
    first, second = history(owner, "guild_spending_limits")
    assert (first["account_id"], first["subject_id"]) == ("g1", "u1")
    assert first["called_by"] == "test_service"
    assert first["before"] is None
    assert second["before"] == first["after"]
    told = [(row["after"]["daily_limit"], row["after"]["monthly_limit"]) for row in (first, second)]
    assert told == [(5, None), (0, 7)]


def test_setting_what_is_set_already_is_no_history(db: Connection, owner: Owner) -> None:
    limit(db, "g1", "u1", daily_limit=5)
    limit(db, "g1", "u1", daily_limit=5)
    assert len(history(owner, "guild_spending_limits")) == 1


def test_caps_of_a_caller_keep_their_history(owner: Owner, cap: Cap) -> None:
    cap("research", max_amount=5)
    owner.execute("update credits.service_caps set max_amount = null where caller = 'research'")
    owner.execute("delete from credits.service_caps where caller = 'research'")
    rows = history(owner, "service_caps")
    assert {row["subject_id"] for row in rows} == {"research"}
    assert [row["after"] and row["after"]["max_amount"] for row in rows] == [5, None, None]
    assert rows[-1]["after"] is None


def test_settings_keep_their_history(owner: Owner) -> None:
    owner.execute("update credits.settings set limits_time_zone = 'Europe/Berlin'")
    [row] = history(owner, "settings")
    zones = [row[side]["limits_time_zone"] for side in ("before", "after")]
    assert (row["account_id"], zones) == ("", ["UTC", "Europe/Berlin"])


def test_packages_keep_what_they_cost(owner: Owner) -> None:
    package = add_package(owner, name="Small", price_euro_cents=499)
    owner.execute("update credits.packages set price_euro_cents = 599, updated_at = now()")
    owner.execute("update credits.packages set updated_at = now() + interval '1 day'")
    made, changed = history(owner, "packages")
    assert (made["before"], made["after"]["price_euro_cents"]) == (None, 499)
    assert changed["before"] == made["after"]
    assert changed["after"]["price_euro_cents"] == 599
    assert changed["after"]["id"] == str(package["id"])


@pytest.mark.parametrize("change", ["update {} set after = null", "delete from {}", "truncate {}"])
def test_history_is_never_changed(db: Connection, owner: Owner, cap: Cap, change: str) -> None:
    cap("research", max_amount=5)
    with refused(db, "UC017"):
        owner.execute(change.format("credits.rule_history"))

"""Singletons stay: the settings, with a zone that the server knows, and a key."""

import pytest

from tests.sql.invariants.conftest import Edit


@pytest.mark.parametrize(
    "edit",
    [
        "delete from credits.settings",
        "truncate credits.settings",
        "update credits.settings set limits_time_zone = 'Nowhere/X'",
        "insert into credits.settings default values",
    ],
)
def test_settings_cannot_be_lost_or_broken(noticed_edit: Edit, edit: str) -> None:
    noticed_edit(edit)


@pytest.mark.parametrize(
    "edit",
    [
        "delete from credits.address_key",
        "truncate credits.address_key",
        "update credits.address_key set key = sha256('another')",
        "insert into credits.address_key (key) values (sha256('another'))",
    ],
)
def test_key_of_addresses_cannot_be_lost_or_changed(noticed_edit: Edit, edit: str) -> None:
    noticed_edit(edit)


@pytest.mark.parametrize("number", ["NaN", "-1"])
def test_limit_is_a_number(noticed_edit: Edit, number: str) -> None:
    noticed_edit(
        "insert into credits.guild_spending_limits (organization_id, user_id, daily_limit)"
        f" values ('g1', 'u1', '{number}')"
    )


@pytest.mark.parametrize("number", ["NaN", "0"])
def test_package_is_worth_a_number(noticed_edit: Edit, number: str) -> None:
    noticed_edit(
        "insert into credits.packages (name, credits, price_euro_cents)"
        f" values ('Odd', '{number}', 100)"
    )

"""credits.reconcile and its views: nothing that is off goes unnoticed, were protection dropped."""

import pytest

from tests.databases import Connection, Database, Owner, refused
from tests.sql.calls import Row, give, rows
from tests.sql.lifecycle import reserve
from tests.sql.prices.calls import items, price
from tests.sql.reconcile.breaches import BREACHES, breach
from tests.sql.seals.forgery import unprotected


def reconcile(owner: Owner) -> dict[str, Row]:
    return {row["check_name"]: row for row in rows(owner, "credits.reconcile", scope="full")}


def test_nothing_is_off_when_all_is_well(owner: Owner) -> None:
    found = reconcile(owner)
    assert {row["discrepancies"] for row in found.values()} == {0}
    assert {row["sample"] for row in found.values()} == {None}


def test_every_check_is_run_described_and_timed(owner: Owner) -> None:
    found = reconcile(owner)
    views = owner.execute("select viewname from pg_views where schemaname = 'reconcile'")
    assert set(found) == {row["viewname"] for row in views}
    for row in found.values():
        assert row["description"]
        assert row["milliseconds"] >= 0


def test_one_check_may_be_run_alone(owner: Owner) -> None:
    found = rows(owner, "credits.reconcile", check_name="broken_chains")
    assert [row["check_name"] for row in found] == ["broken_chains"]


def test_every_check_has_a_breach_that_it_must_notice(owner: Owner) -> None:
    assert set(reconcile(owner)) == set(BREACHES)


@pytest.mark.off_books
@pytest.mark.parametrize("check", BREACHES)
def test_breach_is_noticed(owner: Owner, check: str) -> None:
    breach(owner, check)
    found = reconcile(owner)[check]
    assert found["discrepancies"] >= 1
    assert {"account", "what", "expected", "actual", "difference"} <= found["sample"][0].keys()


@pytest.mark.off_books
@pytest.mark.parametrize(
    "change",
    [
        "update credits.accounts set limited = false where account_id = 'u1'",
        "update credits.accounts set limited = true where account_id = 'u2'",
    ],
)
def test_account_that_is_marked_wrongly_is_found(owner: Owner, change: str) -> None:
    owner.execute(change)
    assert reconcile(owner)["own_spending_off_entries"]["discrepancies"] == 1


@pytest.mark.off_books
def test_hold_that_names_another_entry_than_its_own_is_found(db: Connection, owner: Owner) -> None:
    price(owner, "word", 1)
    reserve(db, "u1", None, items=items(("word", 1)))
    with unprotected(owner) as superuser:
        superuser.execute("update credits.reservations set sequence = 1 where user_id = 'u1'")
    assert reconcile(owner)["charges_off_prices"]["discrepancies"] == 1


@pytest.mark.off_books
def test_committed_hold_that_names_another_usage_is_found(owner: Owner) -> None:
    with unprotected(owner) as superuser:
        superuser.execute(
            """
            update credits.reservations set transaction_id = e.id
            from credits.entries e
            where e.account_id = 'u1' and e.kind = 'person' and e.type = 'usage' and e.amount = -40
            """
        )
    assert reconcile(owner)["reservations_off_entries"]["discrepancies"] == 1


@pytest.mark.off_books
def test_entry_whose_id_is_out_of_order_is_found(owner: Owner) -> None:
    with unprotected(owner) as superuser:
        superuser.execute(
            """
            update credits.entries set id = '00000000-0000-7000-8000-000000000000'
            where account_id = 'u1' and kind = 'person' and sequence = 2
            """
        )
    assert reconcile(owner)["broken_chains"]["discrepancies"] == 1


@pytest.mark.off_books
def test_finding_about_gifts_tells_no_code(owner: Owner) -> None:
    """Whoever has the code of an open gift has its credits."""
    breach(owner, "gifts_off_entries")
    found = reconcile(owner)["gifts_off_entries"]["sample"]
    gifts = owner.execute("select id::text as id, code from gifts.gift_codes").fetchall()
    assert {row["account"] for row in found} <= {made["id"] for made in gifts}
    assert not [made for made in gifts if made["code"] in str(found)]


@pytest.mark.off_books
@pytest.mark.parametrize(
    ("name", "value"),
    [("session_replication_role", "replica"), ("standard_conforming_strings", "off")],
)
def test_setting_that_has_triggers_stand_back_is_noticed_where_it_is_kept(
    owner: Owner, name: str, value: str
) -> None:
    owner.execute(f"alter role test_service set {name} = '{value}'")
    found = reconcile(owner)["protection_off"]
    assert [row["account"] for row in found["sample"]] == [f"{name} of test_service"]


@pytest.mark.off_books
def test_sample_has_at_most_five_rows(db: Connection, owner: Owner) -> None:
    for n in range(7):
        give(db, f"many {n}", 1)
    with unprotected(owner) as superuser:
        superuser.execute(
            "update credits.entries set available = available + 1 where account_id like 'many%'"
        )
    found = reconcile(owner)["broken_chains"]
    assert (found["discrepancies"], len(found["sample"])) == (7, 5)


@pytest.mark.parametrize("name", ["", "broken_chain", "credits.holdings"])
def test_check_that_there_is_not_is_refused(owner: Owner, name: str) -> None:
    with owner.rights() as superuser, refused(superuser, "UC001") as refusal:
        rows(superuser, "credits.reconcile", check_name=name)
    assert refusal.details == {"checkName": "must be that of a check"}


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_run_on_an_old_snapshot_is_refused(database: Database, level: str) -> None:
    auditor = database.connect("auditor", autocommit=False)
    auditor.execute(f"set transaction isolation level {level}")
    with refused(auditor, "UC001"):
        rows(auditor, "credits.reconcile")

"""credits.reconcile in the scope new: it looks at what came since the last clean run."""

import pytest
from psycopg import errors

from tests.concurrency import in_background, wait_until_blocked
from tests.databases import Connection, Database, Owner, refused
from tests.sql.calls import call, gift, give, pool, redeem, rows, use, use_guild
from tests.sql.lifecycle import commit, refund, reserve
from tests.sql.reconcile.breaches import BREACHES, ENTRY, breach
from tests.sql.seals.forgery import unprotected

# These change rows that were verified, of accounts that have not moved since.
SEEN_BY_A_FULL_RUN_ONLY = {
    "broken_chains",
    "charges_off_prices",
    "lots_off_entries",
    "member_spending_off_entries",
    "own_spending_off_entries",
    "reservations_off_entries",
    "usage_stats_off_entries",
}


def run(owner: Owner, scope: str = "new") -> tuple[str, set[str]]:
    """Run all checks; return the scope that it took and what is off."""
    found = rows(owner, "credits.reconcile", scope=scope)
    (taken,) = {row["scope"] for row in found}
    return taken, {row["check_name"] for row in found if row["discrepancies"]}


def move_everything(db: Connection) -> None:
    """Go on after the history, in the accounts that it made and in new ones."""
    used = use(db, "u1", 3)
    refund(db, "u1", used["id"], 1)
    give(db, "u3", 50)
    commit(db, reserve(db, "u3", 5), amount=2)
    pool(db, "g2", 20)
    used = use_guild(db, "g1", "u1", 2)
    refund(db, "u1", used["id"], 1)
    commit(db, reserve(db, "u1", 5, guild_id="g1"))
    redeem(db, gift(db, "u3", 4, total_portions=2)["code"], "u2")


def test_first_run_is_full_and_the_next_one_new(owner: Owner) -> None:
    assert run(owner) == ("full", set())
    assert run(owner) == ("new", set())


def test_full_run_can_be_asked_for(owner: Owner) -> None:
    run(owner)
    assert run(owner, "full") == ("full", set())


def test_unknown_scope_is_refused(db: Connection, owner: Owner) -> None:
    with owner.rights() as superuser, refused(superuser, "UC001"):
        rows(superuser, "credits.reconcile", scope="some")


def test_movements_after_a_clean_run_are_clean(db: Connection, owner: Owner) -> None:
    run(owner)
    move_everything(db)
    assert run(owner) == ("new", set())
    assert run(owner) == ("new", set())


def forget(owner: Owner) -> None:
    """Make everything new: nothing is remembered as verified."""
    run(owner)
    owner.execute("delete from credits.reconciled_accounts")
    owner.execute("update credits.reconciliations set credits_held = 0")


def test_history_is_clean_where_everything_is_new(owner: Owner) -> None:
    forget(owner)
    assert run(owner) == ("new", set())


@pytest.mark.off_books
@pytest.mark.parametrize("check", BREACHES)
def test_breach_among_new_rows_is_noticed(owner: Owner, check: str) -> None:
    forget(owner)
    breach(owner, check)
    scope, off = run(owner)
    assert scope == "new"
    assert check in off


@pytest.mark.off_books
@pytest.mark.parametrize("check", BREACHES)
def test_breach_of_what_was_verified_is_left_to_a_full_run_in_few_cases(
    owner: Owner, check: str
) -> None:
    run(owner)
    breach(owner, check)
    _, off = run(owner)
    assert bool(off) == (check not in SEEN_BY_A_FULL_RUN_ONLY)
    assert check in run(owner, "full")[1]


@pytest.mark.off_books
def test_entry_that_was_verified_last_is_read_again(db: Connection, owner: Owner) -> None:
    run(owner)
    use(db, "u1", 1)
    with unprotected(owner) as superuser:
        superuser.execute(
            """
            update credits.entries e set available = e.available + 1
            from credits.reconciled_accounts r
            where r.account_id = 'u1' and r.kind = 'person'
                and (e.account_id, e.kind, e.sequence) = (r.account_id, r.kind, r.sequence)
            """
        )
    assert {"verified_and_changed", "broken_chains"} <= run(owner)[1]


@pytest.mark.off_books
@pytest.mark.parametrize(
    ("change", "check"),
    [
        (
            "delete from credits.reservations where status = 'held'",
            "reservations_off_entries",
        ),
        ("delete from credits.seals where account_id = 'u1'", "verified_and_changed"),
        (
            ENTRY.format(
                account="u2",
                values="'grant', false, 5, available + 6, reserved, debt, clawed_back, "
                "total_spent, 'late'",
            ).replace("clock_timestamp()", "'2020-01-01'"),
            "broken_chains",
        ),
    ],
    ids=["hold ended by hand", "seal gone", "entry of an old time"],
)
def test_change_by_hand_in_an_account_that_rests_is_noticed(
    db: Connection, owner: Owner, change: str, check: str
) -> None:
    reserve(db, "u5", 5)
    run(owner)
    assert run(owner) == ("new", set())
    with unprotected(owner) as superuser:
        superuser.execute(change)
    assert check in run(owner)[1]


@pytest.mark.off_books
def test_entries_gone_from_the_end_of_an_account_are_noticed(owner: Owner) -> None:
    run(owner)
    with unprotected(owner) as superuser:
        superuser.execute(
            "delete from credits.entries where account_id = 'u1' and kind = 'person' "
            "and sequence > 2"
        )
    assert "verified_and_changed" in run(owner)[1]


@pytest.mark.off_books
def test_what_is_off_stays_off_until_it_is_mended(db: Connection, owner: Owner) -> None:
    run(owner)
    move_everything(db)
    breach(owner, "ends_overlooked")
    first = run(owner)
    assert "ends_overlooked" in first[1]
    assert run(owner) == first


@pytest.mark.off_books
def test_after_a_full_run_that_was_not_clean_every_run_is_full(owner: Owner) -> None:
    run(owner)
    breach(owner, "purchases_off_entries")
    off = {"entries_without_cause", "purchases_off_entries"}
    assert run(owner, "full") == ("full", off)
    assert run(owner) == ("full", off)


def test_erasure_between_two_runs_is_clean_and_finds_nothing_to_erase(
    db: Connection, owner: Owner
) -> None:
    run(owner)
    use(db, "u1", 1)
    call(db, "credits.erase_user", user_id="u1")
    assert run(owner) == ("new", set())
    for table in ("reconciliations", "reconciled_accounts"):
        kept = owner.execute(f"select r::text as row from credits.{table} r").fetchall()
        assert kept
        assert not [row for row in kept if "u1" in row["row"]]


def test_erasure_during_a_run_leaves_nobody_in_its_record(database: Database) -> None:
    service, superuser = database.connect("service"), database.connect()
    give(service, "a1", 10)
    give(service, "u1", 10)
    run_all = "select from credits.reconcile(p_scope => 'full')"
    superuser.execute(run_all)
    use(service, "a1", 1)
    use(service, "u1", 1)
    # The run has looked at everything, and waits when it writes down how far it came: so does the
    # erasure of whoever it has verified.
    holder, runner = database.connect(autocommit=False), database.connect()
    holder.execute("select from credits.reconciled_accounts where account_id = 'a1' for update")
    with in_background(lambda: runner.execute(run_all)) as ended:
        wait_until_blocked(superuser, runner.info.backend_pid)
        with in_background(lambda: call(service, "credits.erase_user", user_id="u1")) as erased:
            wait_until_blocked(superuser, service.info.backend_pid)
            holder.commit()
            ended.result()
            erased.result()
    kept = superuser.execute("select from credits.reconciled_accounts where account_id = 'u1'")
    assert kept.rowcount == 0


def test_each_account_is_remembered_once(db: Connection, owner: Owner) -> None:
    run(owner)
    move_everything(db)
    run(owner)
    found = owner.execute(
        """
        select user_id, sequence from credits.balances where sequence > 0
        union all
        select organization_id, sequence from credits.guild_pools where sequence > 0
        except all
        select account_id, sequence from credits.reconciled_accounts
        """
    ).fetchall()
    assert found == []


def test_run_is_kept(db: Connection, owner: Owner) -> None:
    run(owner)
    (kept,) = owner.execute("select * from credits.reconciliations").fetchall()
    (held,) = owner.execute("select total from credits.holdings").fetchall()
    assert (kept["scope"], kept["clean"]) == ("full", True)
    assert kept["credits_held"] == held["total"]
    assert kept["finished_at"] >= kept["started_at"]
    assert set(kept["details"]) == set(BREACHES)


@pytest.mark.off_books
def test_run_that_is_not_clean_is_kept_as_such(owner: Owner) -> None:
    breach(owner, "entries_without_cause")
    run(owner)
    (kept,) = owner.execute("select * from credits.reconciliations").fetchall()
    assert not kept["clean"]
    assert kept["details"]["entries_without_cause"]["discrepancies"] == 1
    assert owner.execute("select from credits.reconciled_accounts").rowcount == 0


def test_one_check_alone_is_not_kept(owner: Owner) -> None:
    rows(owner, "credits.reconcile", check_name="broken_chains")
    assert owner.execute("select from credits.reconciliations").rowcount == 0


def test_auditor_runs_it_and_cannot_write_its_record(database: Database) -> None:
    give(database.connect("service"), "a1", 5)
    auditor = database.connect("auditor")
    rows(auditor, "credits.reconcile")
    (kept,) = auditor.execute("select * from credits.reconciliations").fetchall()
    assert (kept["clean"], kept["called_by"]) == (True, "test_auditor")
    for table in ("reconciliations", "reconciled_accounts"):
        with pytest.raises(errors.InsufficientPrivilege):
            auditor.execute(f"delete from credits.{table}")


def test_read_only_transaction_checks_and_keeps_nothing(database: Database) -> None:
    give(database.connect("service"), "a1", 5)
    auditor = database.connect("auditor")
    auditor.execute("set default_transaction_read_only = on")
    found = rows(auditor, "credits.reconcile")
    assert {row["discrepancies"] for row in found} == {0}
    assert auditor.execute("select from credits.reconciliations").rowcount == 0


@pytest.mark.off_books
def test_what_was_open_during_a_clean_run_is_looked_at_by_the_next(database: Database) -> None:
    service = database.connect("service", autocommit=False)
    give(service, "a1", 5)
    service.commit()
    used = use(service, "a1", 2)
    auditor = database.connect("auditor")
    give(database.connect("service"), "a2", 5)
    assert {row["discrepancies"] for row in rows(auditor, "credits.reconcile")} == {0}
    service.commit()

    owner = database.connect()
    owner.execute("alter table credits.entries disable trigger user")
    owner.execute("select credits._fold_usage('a1', 2)")
    owner.execute(
        "update credits.entries set amount = -3, available = 2 where id = %s", (used["id"],)
    )
    found = rows(auditor, "credits.reconcile")
    assert {row["scope"] for row in found} == {"new"}
    off = {row["check_name"] for row in found if row["discrepancies"]}
    assert {"broken_chains", "usage_stats_off_entries"} <= off

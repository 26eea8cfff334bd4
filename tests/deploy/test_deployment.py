"""The real folder, deployed as in production."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.checkout import differences, find
from deploy.connection import LOCK_KEY
from deploy.deployment import DATABASE_FOLDER
from deploy.deployment import deploy as deploy_folder
from deploy.errors import DeploymentError
from deploy.progress import Progress
from sandbox.cluster import Cluster
from tests.databases import Database, temporary_cluster
from tests.deployments import assert_stopped, deploy, finish, run, start

DEPLOYER = "deployer"
DATABASE = "mana_credits"
ANOTHER = "another_deployer"
ANOTHER_DATABASE = "mana_credits_too"


def test_database_that_is_up_to_date_stays_as_it_is(database: Database) -> None:
    objects = """
        select oid::int8, null as version from pg_proc
        where pronamespace = any('{credits, gifts}'::regnamespace[])
        union all
        select oid::int8, xmin::text from pg_trigger
        order by oid
    """
    admin = database.connect()
    before = admin.execute(objects).fetchall()
    assert deploy(database).status == 0
    assert admin.execute(objects).fetchall() == before


def test_transactions_under_way_are_not_waited_for(database: Database) -> None:
    with database.connect("service", autocommit=False) as caller:
        caller.execute("select credits.init_balance(p_user_id => 'u1')")
        assert deploy(database).status == 0
        caller.commit()
    row = database.connect("service").execute("select * from credits.get_balance('u1')").fetchone()
    assert row


def test_two_first_deployments_at_once_both_end_well(empty_database: Database) -> None:
    admin = empty_database.connect()
    admin.execute("select pg_advisory_lock(%s)", (LOCK_KEY,))
    both = [start(empty_database) for _ in range(2)]
    for process in both:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert f"(process {admin.info.backend_pid} of postgres): waiting" in said
    admin.execute("select pg_advisory_unlock(%s)", (LOCK_KEY,))
    assert [finish(process).status for process in both] == [0, 0]


@pytest.fixture(scope="module")
def unprivileged() -> Iterator[Cluster]:
    """A server of its own, with a login that may make roles, and schemas in one database."""
    with temporary_cluster() as cluster:
        cluster.create_database(DATABASE)
        cluster.create_login(DEPLOYER, "test")
        with psycopg.connect(cluster.dsn()) as admin:
            admin.execute(f"alter role {DEPLOYER} createrole")
            admin.execute(f"grant create on database {DATABASE} to {DEPLOYER}")
        yield cluster


def test_deployer_needs_to_be_no_superuser_and_makes_no_login(unprivileged: Cluster) -> None:
    environ = {"MIGRATION_DATABASE_URL": unprivileged.dsn(DATABASE, DEPLOYER, "test")}
    for _ in range(2):
        outcome = run(environ)
        assert outcome.status == 0, outcome
    with psycopg.connect(unprivileged.dsn()) as admin:
        rows = admin.execute(
            "select rolname from pg_authid where rolcanlogin or rolpassword is not null"
        ).fetchall()
    assert {name for (name,) in rows} == {"postgres", DEPLOYER}


@pytest.mark.nightly
def test_deployers_may_take_turns(unprivileged: Cluster) -> None:
    for url in (
        unprivileged.dsn(DATABASE, DEPLOYER, "test"),
        unprivileged.dsn(DATABASE),
        unprivileged.dsn(DATABASE, DEPLOYER, "test"),
    ):
        outcome = run({"MIGRATION_DATABASE_URL": url})
        assert outcome.status == 0, outcome


@pytest.mark.nightly
def test_another_deployer_needs_to_be_an_admin_of_the_owner(unprivileged: Cluster) -> None:
    """For another database of the same server, whose roles are there already."""
    first = unprivileged.dsn(DATABASE, DEPLOYER, "test")
    assert run({"MIGRATION_DATABASE_URL": first}).status == 0
    unprivileged.create_database(ANOTHER_DATABASE)
    unprivileged.create_login(ANOTHER, "test")
    with psycopg.connect(unprivileged.dsn()) as admin:
        admin.execute(f"alter role {ANOTHER} createrole")
        admin.execute(f"grant create on database {ANOTHER_DATABASE} to {ANOTHER}")
        admin.execute(f"grant credits_owner, credits_ledger to {ANOTHER} with admin option")
    second = unprivileged.dsn(ANOTHER_DATABASE, ANOTHER, "test")
    assert run({"MIGRATION_DATABASE_URL": second}).status == 0


def test_the_zone_of_limits_is_kept_in_the_database(database: Database) -> None:
    run({"MIGRATION_DATABASE_URL": database.dsn(), "LIMITS_TIME_ZONE": "Europe/Berlin"})

    kept = database.connect("api").execute("select credits.limits_time_zone()").fetchone()

    assert kept == {"limits_time_zone": "Europe/Berlin"}


def test_an_unknown_zone_is_named(database: Database) -> None:
    outcome = run({"MIGRATION_DATABASE_URL": database.dsn(), "LIMITS_TIME_ZONE": "Mars/Olympus"})

    assert_stopped(outcome, "LIMITS_TIME_ZONE", "Mars/Olympus")


def test_an_unknown_zone_stops_before_anything_is_done(empty_database: Database) -> None:
    run({"MIGRATION_DATABASE_URL": empty_database.dsn(), "LIMITS_TIME_ZONE": "Mars/Olympus"})

    made = "select from pg_namespace where nspname in ('deployment', 'credits', 'gifts')"
    assert not empty_database.connect().execute(made).fetchall()


def test_triggers_that_are_off_or_on_in_other_sessions_are_switched_back(
    database: Database,
) -> None:
    admin = database.connect()
    admin.execute("alter table credits.seals enable trigger protect_ledger")
    for table in ("credits.settings", "gifts.gift_codes"):
        admin.execute(f"alter table {table} disable trigger user")

    assert deploy(database).status == 0

    assert admin.execute("select * from reconcile.protection_off").fetchall() == []


def test_triggers_that_were_dropped_or_replaced_are_made_anew(database: Database) -> None:
    admin = database.connect()
    admin.execute(
        """
        drop trigger refuse_other_writers on credits.entries;
        create or replace trigger protect_ledger before update on credits.seals
        for each row when (false) execute function credits._protect_ledger()
        """
    )

    assert deploy(database).status == 0

    assert admin.execute("select * from reconcile.protection_off").fetchall() == []


def test_trigger_of_an_earlier_version_goes_with_its_function(database: Database) -> None:
    admin = database.connect()
    admin.execute("""
        create function credits._fold_transactions() returns trigger language plpgsql as $$
        begin
            return null;
        end
        $$;
        alter function credits._fold_transactions() owner to credits_owner;
        create trigger fold_transactions after insert on credits.entries
            for each row execute function credits._fold_transactions()
    """)

    assert deploy(database).status == 0

    left = admin.execute("select from pg_trigger where tgname = 'fold_transactions'")
    assert left.rowcount == 0
    function = admin.execute("select to_regproc('credits._fold_transactions') as oid").fetchone()
    assert function == {"oid": None}


def test_only_a_table_whose_file_has_changed_is_touched(database: Database, tmp_path: Path) -> None:
    folder = shutil.copytree(DATABASE_FOLDER, tmp_path / "db")
    path = folder / "triggers" / "credits" / "settings.sql"
    text = path.read_text().replace("trigger protect_settings", "trigger protect_row")
    path.write_text(text)
    (folder / "triggers" / "credits" / "service_caps.sql").unlink()
    triggers = """
        select tgrelid::regclass::text as relation,
               array_agg(tgname::text order by tgname) as names,
               array_agg(xmin::text::bigint order by tgname) as made
        from pg_trigger where not tgisinternal group by tgrelid
    """
    admin = database.connect()
    before = {row["relation"]: row for row in admin.execute(triggers)}

    deploy_folder(database.dsn(), folder, Progress(io.StringIO()))

    after = {row["relation"]: row for row in admin.execute(triggers)}
    del before["credits.service_caps"]
    assert after.keys() == before.keys()
    changed = [relation for relation in after if after[relation] != before[relation]]
    assert changed == ["credits.settings"]
    assert after["credits.settings"]["names"] == [
        "note_rule",
        "protect_from_truncate",
        "protect_row",
    ]
    assert admin.execute("select * from reconcile.protection_off").fetchall() == []


def test_what_somebody_else_did_is_left_alone_and_stays_reported(database: Database) -> None:
    """A deployment records what it has made, and not what it finds."""
    admin = database.connect()
    admin.execute("""
        create function public.audit() returns trigger language plpgsql as $$
        begin
            return null;
        end
        $$;
        create trigger audit after insert on credits.packages
            for each row execute function public.audit();
        alter table credits.lots drop constraint lots_remain_in_range;
        alter table credits.lots add constraint lots_remain_in_range check (remaining >= 0);
        alter table credits.seals drop constraint seals_are_sha256;
        grant select on credits.seals to test_service;
        grant execute on function credits.seal to credits_ledger;
        create or replace function credits._now() returns timestamptz
        language sql as 'select now()'
    """)

    assert deploy(database).status == 0

    off = admin.execute("select account, what from reconcile.protection_off").fetchall()
    assert {(row["account"], row["what"]) for row in off} == {
        ("audit on credits.packages", "trigger: foreign"),
        ("lots_remain_in_range on credits.lots", "constraint: changed"),
        ("seals_are_sha256 on credits.seals", "constraint: missing"),
        ("test_service on table credits.seals", "right: foreign"),
    }


def test_migration_of_a_deployment_that_stopped_is_no_change_by_hand(
    database: Database, tmp_path: Path
) -> None:
    folder = shutil.copytree(DATABASE_FOLDER, tmp_path / "db")
    (folder / "migrations" / "9999_more.sql").write_text(
        "set local role credits_owner; create table credits.more (n integer);"
    )
    grants = folder / "functions" / "grants.sql"
    text = grants.read_text()
    grants.write_text("grant nothing;")
    with pytest.raises(DeploymentError):
        deploy_folder(database.dsn(), folder, Progress(io.StringIO()))
    grants.write_text(text)

    deploy_folder(database.dsn(), folder, Progress(io.StringIO()))

    off = database.connect().execute("select * from reconcile.protection_off").fetchall()
    assert off == []


@pytest.mark.nightly
def test_only_who_deploys_may_be_a_member_of_the_owner(unprivileged: Cluster) -> None:
    url = unprivileged.dsn(DATABASE, DEPLOYER, "test")
    unprivileged.create_login("stranger", "test")
    with psycopg.connect(unprivileged.dsn(DATABASE), autocommit=True) as admin:
        for _ in range(2):
            assert run({"MIGRATION_DATABASE_URL": url}).status == 0
            admin.execute("grant credits_owner, credits_ledger to stranger")
            off = {
                account
                for (account,) in admin.execute("select account from reconcile.protection_off")
            }
            for role in ("credits_owner", "credits_ledger"):
                assert f"stranger of {role}" in off
                assert f"{DEPLOYER} of {role}" not in off
        assert differences(DATABASE_FOLDER, find(admin, DATABASE_FOLDER)) == []

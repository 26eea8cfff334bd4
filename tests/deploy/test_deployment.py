"""The real folder, deployed as in production."""

from collections.abc import Iterator

import psycopg
import pytest

from databases import Database, temporary_cluster
from deploy.connection import LOCK_KEY
from deployments import assert_stopped, deploy, finish, run, start
from sandbox.cluster import Cluster

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
        assert "waiting" in process.stdout.readline()
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


def test_deployer_needs_to_be_no_superuser(unprivileged: Cluster) -> None:
    environ = {"MIGRATION_DATABASE_URL": unprivileged.dsn(DATABASE, DEPLOYER, "test")}
    for _ in range(2):
        outcome = run(environ)
        assert outcome.status == 0, outcome


def test_deployers_may_take_turns(unprivileged: Cluster) -> None:
    for url in (
        unprivileged.dsn(DATABASE, DEPLOYER, "test"),
        unprivileged.dsn(DATABASE),
        unprivileged.dsn(DATABASE, DEPLOYER, "test"),
    ):
        outcome = run({"MIGRATION_DATABASE_URL": url})
        assert outcome.status == 0, outcome


def test_another_deployer_needs_to_be_an_admin_of_the_owner(unprivileged: Cluster) -> None:
    """For another database of the same server, whose roles are there already."""
    first = unprivileged.dsn(DATABASE, DEPLOYER, "test")
    assert run({"MIGRATION_DATABASE_URL": first}).status == 0
    unprivileged.create_database(ANOTHER_DATABASE)
    unprivileged.create_login(ANOTHER, "test")
    with psycopg.connect(unprivileged.dsn()) as admin:
        admin.execute(f"alter role {ANOTHER} createrole")
        admin.execute(f"grant create on database {ANOTHER_DATABASE} to {ANOTHER}")
        admin.execute(f"grant credits_owner to {ANOTHER} with admin option")
    second = unprivileged.dsn(ANOTHER_DATABASE, ANOTHER, "test")
    assert run({"MIGRATION_DATABASE_URL": second}).status == 0


def test_deployment_makes_no_login_and_no_password(unprivileged: Cluster) -> None:
    assert run({"MIGRATION_DATABASE_URL": unprivileged.dsn(DATABASE)}).status == 0
    with psycopg.connect(unprivileged.dsn()) as admin:
        rows = admin.execute(
            "select rolname from pg_authid where rolcanlogin or rolpassword is not null"
        ).fetchall()
    assert {name for (name,) in rows} <= {"postgres", DEPLOYER, ANOTHER}


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
    triggers = admin.execute("select relation, name, enabled from credits._triggers").fetchall()
    for trigger in triggers:
        setting = "enable" if trigger["enabled"] == "A" else "disable"
        admin.execute(f"alter table {trigger['relation']} {setting} trigger {trigger['name']}")
    oids = "select oid::int8 from pg_trigger order by oid"
    before = admin.execute(oids).fetchall()

    assert deploy(database).status == 0

    assert admin.execute("select * from reconcile.protection_off").fetchall() == []
    assert admin.execute(oids).fetchall() == before


def test_triggers_that_were_dropped_or_replaced_are_made_anew(database: Database) -> None:
    admin = database.connect()
    admin.execute(
        """
        drop trigger check_counterpart on credits.transactions;
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
        create trigger fold_transactions after insert on credits.transactions
            for each row execute function credits._fold_transactions();
        comment on trigger fold_transactions on credits.transactions is
            'after insert for each row execute function credits._fold_transactions()';
    """)

    assert deploy(database).status == 0

    left = admin.execute("select from pg_trigger where tgname = 'fold_transactions'")
    assert left.rowcount == 0
    function = admin.execute("select to_regproc('credits._fold_transactions') as oid").fetchone()
    assert function == {"oid": None}


def test_trigger_of_somebody_else_is_left_alone(database: Database) -> None:
    admin = database.connect()
    admin.execute("""
        create function public.audit() returns trigger language plpgsql as $$
        begin
            return null;
        end
        $$;
        create trigger audit after insert on credits.packages
            for each row execute function public.audit()
    """)

    assert deploy(database).status == 0

    assert admin.execute("select from pg_trigger where tgname = 'audit'").rowcount == 1

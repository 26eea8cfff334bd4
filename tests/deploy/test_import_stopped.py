"""A move from the predecessor's database that is stopped leaves nothing behind."""

import os
import signal

import pytest

from tests.concurrency import wait_until_blocked_by
from tests.databases import Connection, Database, Server
from tests.deployments import Outcome, assert_stopped, deploy, move_in, start_to_move_in
from tests.predecessor import Predecessor, make_room, predecessor
from tests.sql.calls import call, give, use
from tests.sql.lifecycle import figures, grant


@pytest.fixture
def service(database: Database) -> Connection:
    return database.connect("service")


def is_untouched(database: Database) -> bool:
    """Return True if nothing of the predecessor is here."""
    row = (
        database.connect()
        .execute(
            "select (select count(*) from credits.entries) + (select count(*) "
            "from credits.accounts) + (select count(*) from credits.packages) as rows"
        )
        .fetchone()
    )
    return row is not None and row["rows"] == 0


def complaints(outcome: Outcome) -> list[str]:
    """The lines about rows that cannot be brought."""
    assert outcome.status == 1, outcome
    return [line for line in outcome.complaint.splitlines() if ": " in line]


def test_odd_rows_are_told_each_and_nothing_is_brought(
    portions: Predecessor, database: Database
) -> None:
    portions.person("fine", 10)
    portions.person("owes", -5)
    portions.person("x" * 129, 5)
    portions.person("erased:somebody", 5)
    portions.gift("short", "fine")
    portions.gift("ABC22A", "fine", 20000)
    portions.gift("ABC22B", "fine", type="personalized", target_email="no address")
    portions.gift("ABC22C", "fine", type="riddle", riddle_question="?", riddle_answer_hash="md5")
    portions.purchase("fine", credits=0)
    portions.package(price_euro_cents=0)
    portions.insert("credits.guild_pools", organization_id="pool", balance=-1)
    portions.insert(
        "credits.guild_spending_limits", organization_id="pool", user_id="fine", daily_limit=-1
    )
    portions.moved_pool("gone", "fine", -1)

    told = complaints(move_in(portions.url, database))

    beginnings = (
        "balances user_id='owes' balance=-5: ",
        f"balances user_id='{'x' * 129}': ",
        "balances user_id='erased:somebody': ",
        "guild_pools organization_id='pool' balance=-1: ",
        "guild_spending_limits organization_id='pool' user_id='fine': ",
        "guild_transactions organization_id='gone' user_id='fine': ",
        "packages id=",
        "purchases id=",
        "gift_codes code='short': ",
        "gift_codes code='ABC22A': ",
        "gift_codes code='ABC22B': ",
        "gift_codes code='ABC22C': ",
    )
    for beginning in beginnings:
        assert [line for line in told if line.startswith(beginning)], beginning
    assert len(told) == len(beginnings) + 1
    assert "12 rows cannot be brought" in told[-1]
    assert is_untouched(database)


def test_times_that_no_answer_could_tell_are_told(
    portions: Predecessor, database: Database
) -> None:
    portions.person("ada", 10)
    package = portions.package()
    portions.insert("credits.stripe_customers", user_id="ada", stripe_customer_id="cus_1")
    for number in (1, 2):
        portions.purchase("ada", package, stripe_payment_intent_id=f"pi_{number}")
        portions.gift(f"ABC22{number + 1}", "ada")
    for changed in (
        "packages set created_at = 'infinity'",
        "stripe_customers set created_at = '4712-01-01 BC'",
        "purchases set created_at = '-infinity' where stripe_payment_intent_id = 'pi_1'",
        "purchases set completed_at = 'infinity' where stripe_payment_intent_id = 'pi_2'",
    ):
        portions.connection.execute(f"update credits.{changed}".encode())
    for changed in (
        "created_at = 'infinity' where code = 'ABC222'",
        "expires_at = '-infinity' where code = 'ABC223'",
    ):
        portions.connection.execute(f"update gifts.gift_codes set {changed}".encode())

    told = complaints(move_in(portions.url, database))

    assert [line.split()[0] for line in told if "in the years 1 to 9999" in line] == [
        "packages", "stripe_customers", "purchases", "purchases", "gift_codes", "gift_codes",
    ]  # fmt: skip
    assert is_untouched(database)


def test_one_row_that_cannot_be_brought_is_told_in_the_singular(
    portions: Predecessor, database: Database
) -> None:
    portions.person("owes", -5)
    told = complaints(move_in(portions.url, database))
    assert "1 row cannot be brought as it is;" in told[-1]


def test_code_and_payment_that_are_here_already_are_told(
    portions: Predecessor, flags: Predecessor, database: Database
) -> None:
    for before in (portions, flags):
        before.person("ada", 10)
    portions.gift("ABC234", "ada")
    portions.purchase("ada", stripe_payment_intent_id="pi_1")
    assert move_in(portions.url, database).status == 0
    flags.gift("ABC234", "bob", created_at=flags.ago("9 days"))
    flags.purchase("ada", stripe_payment_intent_id="pi_1")

    told = complaints(move_in(flags.url, database))

    assert told[0].startswith("balances user_id='ada': ")
    assert told[1].startswith("purchases id=")
    assert told[2].startswith("gift_codes code='ABC234': ")


def test_balance_that_has_changed_there_since_is_told(
    portions: Predecessor, database: Database, service: Connection
) -> None:
    portions.person("ada", 10)
    portions.insert("credits.guild_pools", organization_id="g", balance=5)
    assert move_in(portions.url, database).status == 0
    portions.connection.execute("update credits.balances set balance = 20")
    portions.connection.execute("update credits.guild_pools set balance = 6")

    told = complaints(move_in(portions.url, database))

    assert [line.partition(":")[0] for line in told[:2]] == [
        "balances user_id='ada'", "guild_pools organization_id='g'",
    ]  # fmt: skip
    assert figures(service, "ada")["balance"] == 10


def test_totals_that_differ_undo_it_all(portions: Predecessor, database: Database) -> None:
    portions.person("ada", 10)
    admin = database.connect()
    # Somebody's trigger that keeps a row away.
    admin.execute(
        "create function public.lose() returns trigger language plpgsql "
        "as 'begin return null; end';"
        "create trigger lose before insert on credits.packages for each row execute function lose()"
    )
    portions.package()

    outcome = move_in(portions.url, database)

    assert outcome.status == 1
    assert [line.split()[0] for line in outcome.output.splitlines() if "differs" in line] == [
        "packages"
    ]
    assert "the totals differ" in outcome.complaint
    assert is_untouched(database)


def test_dry_run_shows_the_totals_and_leaves_nothing(
    flags: Predecessor, database: Database
) -> None:
    flags.person("ada", 10)
    flags.gift("ABC234", "ada")

    outcome = move_in(flags.url, database, DRY_RUN="1")

    assert outcome.status == 0
    assert "it would bring 1 person" in outcome.output
    assert is_untouched(database)
    assert move_in(flags.url, database, DRY_RUN="0").status == 0
    assert not is_untouched(database)


def test_run_that_is_killed_leaves_nothing(
    flags: Predecessor, database: Database, service: Connection
) -> None:
    give(service, "zoe", 1)
    flags.person("ada", 10)
    flags.person("zoe", 10)
    with database.connect(autocommit=False) as holder:
        holder.execute("select from credits.accounts where account_id = 'zoe' for update")
        process = start_to_move_in(flags.url, database)
        admin = database.connect()
        waiting = _importer(admin)
        wait_until_blocked_by(admin, waiting, holder.info.backend_pid)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        holder.rollback()
    assert figures(service, "zoe")["balance"] == 1
    assert move_in(flags.url, database).status == 0
    assert [figures(service, user)["balance"] for user in ("ada", "zoe")] == [10, 11]


def _importer(admin: Connection) -> int:
    """Return the backend of the run, as soon as it waits."""
    while True:
        row = admin.execute(
            "select pid from pg_stat_activity where datname = current_database() "
            "and wait_event_type = 'Lock'"
        ).fetchone()
        if row is not None:
            return int(row["pid"])


def test_same_database_once_the_old_schemas_are_renamed(server: Server) -> None:
    with predecessor(server, "portions", "mana_before_and_after") as before:
        _move_within(before)


def _move_within(before: Predecessor) -> None:
    before.person("ada", 10)
    before.gift("ABC234", "ada", 4)
    database = before.database
    assert_stopped(
        deploy(database), "rename to credits_before", "rename to gifts_before", "make import"
    )
    make_room(before.connection)
    assert deploy(database).status == 0

    assert move_in(before.url, database).status == 0

    admin = database.connect()
    assert call(admin, "credits.get_balance", user_id="ada")["balance"] == 10
    assert call(admin, "gifts.redeem_gift", code="ABC234", user_id="bob")["credits_received"] == 4
    # Our own tables are not taken for the predecessor's.
    assert move_in(before.url, database).status == 0
    make_gone = "drop schema credits_before cascade; drop schema gifts_before cascade"
    admin.execute(make_gone)
    assert_stopped(move_in(before.url, database), "this service's own tables", "credits_before")


def test_empty_schemas_of_the_old_names_are_no_obstacle(
    flags: Predecessor, empty_database: Database, database: Database
) -> None:
    admin = empty_database.connect()
    admin.execute("create schema credits; create schema gifts")
    assert_stopped(deploy(empty_database), "drop those that are empty")
    assert_stopped(move_in(empty_database.dsn(), database), "no tables of the predecessor")
    # Where the predecessor is, and where it goes: by other names, too.
    flags.person("ada", 10)
    for schema in ("credits_before", "gifts_before"):
        flags.connection.execute(f"create schema {schema}".encode())
        database.connect().execute(f"create schema {schema}".encode())
    assert move_in(flags.url, database).status == 0
    assert not is_untouched(database)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", ("FROM is missing",)),
        ("mysql://somewhere/else", ("FROM is malformed",)),
        ("postgresql://u@127.0.0.1:1/mana", ("FROM", "cannot connect")),
    ],
)
def test_source_that_cannot_be_read_is_told_in_a_line(
    database: Database, source: str, words: tuple[str, ...]
) -> None:
    assert_stopped(move_in(source, database), *words)


def test_database_that_is_not_deployed_or_not_the_predecessors_is_told(
    flags: Predecessor, empty_database: Database, database: Database, service: Connection
) -> None:
    assert_stopped(move_in(flags.url, empty_database), "run make migrate first")
    assert_stopped(move_in(empty_database.dsn(), database), "no tables of the predecessor")
    grant(service, "ada", 1)
    use(service, "ada", 1)
    assert_stopped(move_in(database.dsn(), database), "this service's own tables")

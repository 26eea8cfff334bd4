"""Functions and views: all of them as their files say, after every deployment."""

from typing import LiteralString

import pytest

from tests.concurrency import in_background, wait_until_blocked
from tests.databases import Connection, Database
from tests.deployments import Folder, assert_stopped, deploy

PRICE = "create or replace function shop.price() returns integer language sql return 1;"
PRICES = "create or replace view shop.prices as select shop.price() as price;"

TABLE = "create table shop.t (n integer); alter table shop.t owner to credits_owner;"
REFUSE = """
    create or replace function shop.refuse() returns trigger language plpgsql
    as $$ begin return null; end $$;
"""
TRIGGER = """
    create trigger refuse before insert on shop.t for each row execute function shop.refuse();
"""


@pytest.fixture
def deployed(empty_database: Database, folder: Folder) -> Database:
    """A database with the function shop.price() and the view shop.prices, which uses it."""
    folder.function("price", PRICE)
    folder.function("prices", PRICES)
    assert deploy(empty_database, folder).status == 0
    return empty_database


@pytest.fixture
def admin(empty_database: Database) -> Connection:
    """A superuser's connection."""
    return empty_database.connect()


def signatures(admin: Connection) -> set[str]:
    """The functions and views of the schema, functions with the types of their arguments."""
    rows = admin.execute(
        """
        select oid::regprocedure::text as object from pg_proc
        where pronamespace = 'shop'::regnamespace
        union
        select oid::regclass::text from pg_class
        where relnamespace = 'shop'::regnamespace and relkind = 'v'
        """
    )
    return {row["object"] for row in rows}


def answer(admin: Connection, query: LiteralString) -> object:
    """The first column of the query's first row."""
    row = admin.execute(query).fetchone()
    assert row is not None
    return next(iter(row.values()))


def oids(admin: Connection) -> list[object]:
    return [
        answer(admin, "select 'shop.price()'::regprocedure::oid"),
        answer(admin, "select 'shop.prices'::regclass::oid"),
    ]


def privileges(admin: Connection) -> object:
    return answer(
        admin, "select proacl::text from pg_proc where oid = 'shop.price()'::regprocedure"
    )


def test_everything_belongs_to_the_owner_role(deployed: Database, admin: Connection) -> None:
    owner = "select proowner::regrole::text from pg_proc where oid = 'shop.price()'::regprocedure"
    assert answer(admin, owner) == "credits_owner"


def test_unchanged_objects_stay_the_same_objects(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    before = oids(admin), privileges(admin)
    assert deploy(deployed, folder).status == 0
    assert (oids(admin), privileges(admin)) == before


def test_edited_body_is_replaced_in_place(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    before = oids(admin)
    folder.function("price", PRICE.replace("return 1", "return 2"))
    assert deploy(deployed, folder).status == 0
    assert answer(admin, "select price from shop.prices") == 2
    assert oids(admin) == before


def test_edit_made_by_hand_is_undone(deployed: Database, folder: Folder, admin: Connection) -> None:
    admin.execute("create or replace function shop.price() returns integer language sql return 9")
    assert deploy(deployed, folder).status == 0
    assert answer(admin, "select shop.price()") == 1


def test_function_made_anew_by_another_owner_is_taken_back(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    admin.execute("alter function shop.price() owner to current_user")
    assert deploy(deployed, folder).status == 0
    assert "credits_owner" in str(privileges(admin))


def test_changed_result_type_takes_effect(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    folder.function("price", PRICE.replace("integer", "text").replace("return 1", "return 'one'"))
    assert deploy(deployed, folder).status == 0
    assert answer(admin, "select price from shop.prices") == "one"


def test_changed_function_keeps_the_privileges_that_grants_give(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    before = privileges(admin)
    folder.function("price", PRICE.replace("integer", "bigint"))
    assert deploy(deployed, folder).status == 0
    assert privileges(admin) == before


def test_changed_arguments_leave_no_overload_behind(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    folder.function("prices", PRICES.replace("price()", "price(1)"))
    folder.function(
        "price",
        """
        create or replace function shop.price(p_n integer) returns integer language sql return p_n;
        comment on function shop.price is 'A price';
        """,
    )
    assert deploy(deployed, folder).status == 0
    assert signatures(admin) == {"shop.price(integer)", "shop.prices"}


def test_overload_that_makes_a_call_ambiguous_is_gone_in_the_end(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    folder.function("price", PRICE.replace("price()", "price(p_n integer default 1)"))
    assert deploy(deployed, folder).status == 0
    assert signatures(admin) == {"shop.price(integer)", "shop.prices"}
    assert answer(admin, "select price from shop.prices") == 1


def test_renamed_argument_takes_effect(
    empty_database: Database, folder: Folder, admin: Connection
) -> None:
    text = """
        create or replace function shop.twice(n integer) returns integer language sql return 2 * n;
    """
    folder.function("twice", text)
    assert deploy(empty_database, folder).status == 0
    folder.function("twice", text.replace("n integer", "p_n integer").replace("* n", "* p_n"))
    assert deploy(empty_database, folder).status == 0
    assert answer(admin, "select shop.twice(p_n => 2)") == 4


def test_overload_made_by_hand_is_dropped(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    admin.execute("create function shop.price(integer) returns integer language sql return 5")
    assert deploy(deployed, folder).status == 0
    assert signatures(admin) == {"shop.price()", "shop.prices"}


def test_view_that_loses_a_column_takes_effect_with_what_is_built_on_it(
    empty_database: Database, folder: Folder, admin: Connection
) -> None:
    folder.function("a_sum", "create or replace view shop.a_sum as select sum(x) from shop.points;")
    folder.function("points", "create or replace view shop.points as select 0 as y, 1 as x;")
    assert deploy(empty_database, folder).status == 0
    folder.function("points", "create or replace view shop.points as select 3 as x;")
    assert deploy(empty_database, folder).status == 0
    assert answer(admin, "select sum from shop.a_sum") == 3


def test_object_that_became_another_kind_takes_effect(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    folder.function("prices", "create or replace procedure shop.prices() language sql as '';")
    assert deploy(deployed, folder).status == 0
    assert signatures(admin) == {"shop.price()", "shop.prices()"}


def test_removed_files_drop_their_objects(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    folder.function("price", "").unlink()
    folder.function("prices", "").unlink()
    folder.function("kept", PRICE.replace("price", "kept"))
    assert deploy(deployed, folder).status == 0
    assert signatures(admin) == {"shop.kept()"}


def test_removed_function_that_a_table_needs_stops_the_deployment(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    folder.migration("0002_table", "create table shop.t (n integer default shop.price());")
    folder.function("price", "").unlink()
    folder.function("prices", "").unlink()
    folder.function("kept", PRICE.replace("price", "kept"))
    assert_stopped(deploy(deployed, folder), "shop.price()")
    assert "shop.price()" in signatures(admin)


def test_failing_file_is_named_and_changes_nothing(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    folder.function("price", PRICE.replace("return 1", "return 2"))
    folder.function("wrong", "-- first line\n\ncreate function shop.wrong;")
    assert_stopped(deploy(deployed, folder), "wrong.sql:3", "42601")
    assert answer(admin, "select shop.price()") == 1


def test_failing_grants_change_nothing(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    folder.function("price", PRICE.replace("return 1", "return 2"))
    (folder.path / "functions" / "grants.sql").write_text("grant usage on schema shop to nobody;")
    assert_stopped(deploy(deployed, folder), "grants.sql")
    assert answer(admin, "select shop.price()") == 1


@pytest.mark.parametrize(
    "text",
    [
        "-- nothing",
        PRICE,
        f"{PRICE.replace('price', 'other')}\n{PRICE.replace('price', 'another')}",
        PRICE.replace("price()", "other()") + PRICE.replace("price()", "other(integer)"),
    ],
    ids=["nothing", "another object", "a second object", "an overload"],
)
def test_file_defines_the_object_it_is_named_after_and_no_other(
    deployed: Database, folder: Folder, text: str
) -> None:
    folder.function("other", text)
    assert_stopped(deploy(deployed, folder), "other.sql")


def test_file_outside_a_schema_folder_stops_the_deployment(
    deployed: Database, folder: Folder
) -> None:
    (folder.path / "functions" / "stray.sql").write_text("select 1;")
    assert_stopped(deploy(deployed, folder), "stray.sql")


def test_object_may_lie_in_a_room_of_its_schema(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    before = oids(admin)
    (folder.path / "functions" / "shop" / "price.sql").unlink()
    folder.function("money/in/price", PRICE)
    (folder.path / "functions" / "shop" / "money" / "README.md").write_text("What calls what.")

    assert deploy(deployed, folder).status == 0
    assert oids(admin) == before


def test_object_in_two_rooms_stops_the_deployment(deployed: Database, folder: Folder) -> None:
    folder.function("money/price", PRICE)
    assert_stopped(deploy(deployed, folder), "money/price.sql", "shop/price.sql")


def test_missing_grants_stop_the_deployment(deployed: Database, folder: Folder) -> None:
    (folder.path / "functions" / "grants.sql").unlink()
    assert_stopped(deploy(deployed, folder), "grants.sql")


def test_triggers_come_after_functions(
    deployed: Database, folder: Folder, admin: Connection
) -> None:
    folder.migration("0002_table", TABLE)
    folder.function("refuse", REFUSE)
    folder.triggers("t", TRIGGER)
    assert deploy(deployed, folder).status == 0
    assert admin.execute("insert into shop.t values (1)").rowcount == 0


@pytest.mark.parametrize("name", ["../stray", "u"], ids=["no schema", "another table"])
def test_triggers_lie_in_the_file_of_their_table(
    deployed: Database, folder: Folder, name: str
) -> None:
    folder.migration("0002_table", TABLE)
    folder.function("refuse", REFUSE)
    path = folder.triggers(name, TRIGGER)
    assert_stopped(deploy(deployed, folder), path.name)


def test_call_under_way_is_not_disturbed(
    empty_database: Database, folder: Folder, admin: Connection
) -> None:
    text = """
        create or replace function shop.slow() returns text language plpgsql
        as $$ begin perform pg_advisory_xact_lock(1); return '{}'; end $$;
    """
    folder.function("slow", text.format("old"))
    assert deploy(empty_database, folder).status == 0
    folder.function("slow", text.format("new"))
    caller = empty_database.connect()
    with empty_database.connect(autocommit=False) as in_the_way:
        in_the_way.execute("select pg_advisory_xact_lock(1)")
        with in_background(lambda: answer(caller, "select shop.slow()")) as call:
            wait_until_blocked(admin, caller.info.backend_pid)
            assert deploy(empty_database, folder).status == 0
            in_the_way.rollback()
    assert call.result() == "old"
    assert answer(caller, "select shop.slow()") == "new"

"""A caller's own objects and search path change nothing in what the functions do."""

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import ledger
from tests.sql.calls import balance, give, pool, redeem, use, use_guild
from tests.sql.calls import gift as make_gift

PATHS = [
    "impostors, pg_catalog",
    "impostors, pg_temp, credits, gifts",
    "pg_temp, impostors, pg_catalog",
    "''",
]
RELATIONS = [
    "accounts (account_id text)",
    "entries (account_id text, id uuid)",
    "balances (user_id text, balance numeric)",
    "settings (limits_time_zone text)",
    "gift_codes (code text)",
    "gift_redemptions (code text)",
    "new_rows (user_id text)",
]
FUNCTIONS = [
    "now() returns timestamptz",
    "clock_timestamp() returns timestamptz",
    "gen_random_uuid() returns uuid",
    "sha256(bytea) returns bytea",
    "lower(text) returns text",
    "btrim(text) returns text",
    "char_length(text) returns integer",
    "round(numeric, integer) returns numeric",
    "trunc(numeric) returns numeric",
    "impostor(numeric, numeric) returns boolean",
]


@pytest.fixture
def impostors(db: Connection, owner: Owner) -> None:
    """A schema of the service's own with objects named like what the functions use."""
    owner.execute("create schema impostors authorization test_service")
    db.execute("grant usage on schema impostors to public")
    for relation in RELATIONS:
        db.execute(f"create temporary table {relation}")
        db.execute(f"create table impostors.{relation}")
    for function in FUNCTIONS:
        db.execute(
            f"""
            create function impostors.{function} language plpgsql as $$
            begin
                raise exception 'an impostor was called';
            end
            $$
            """
        )
    for operator in (">=", ">", "<", "<=", "="):
        db.execute(
            f"""
            create operator impostors.{operator} (
                function = impostors.impostor, leftarg = numeric, rightarg = numeric
            )
            """
        )


@pytest.mark.parametrize("path", PATHS)
def test_everything_works_as_ever(db: Connection, owner: Owner, impostors: None, path: str) -> None:
    db.execute(f"set local search_path = {path}")
    give(db, "u1", 100)
    use(db, "u1", 1)
    pool(db, "g1", 10)
    use_guild(db, "g1", "u1", 1)
    made = make_gift(db, "u1", 9, riddle_question="Who?", riddle_answer="I")
    redeem(db, made["code"], "u2", riddle_answer="I")
    db.execute("set constraints all immediate")
    assert [balance(db, "u1"), balance(db, "u2")] == [90, 9]
    db.execute("set local search_path to default")
    assert len(ledger(owner, "u1")) == 3

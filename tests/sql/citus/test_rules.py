"""Rules of functions by which the tables can be spread by account, as their text shows.

docs/scale.md has the rules. Whoever is left out of one is named here, with the reason.
"""

import re
from typing import NamedTuple

import pytest

from deploy.deployment import DATABASE_FOLDER
from tests.databases import Database

SCRIPT = (DATABASE_FOLDER / "distribute" / "citus.sql").read_text(encoding="utf-8")
# The tables that are spread, and by which column.
SPREAD: dict[str, str] = dict(re.findall(r"\('((?:credits|gifts)\.\w+)', '(\w+)'\)", SCRIPT))

# Gifts lie by their code, and are a person's by another column.
CHANGES_OF_ALL = {
    "credits._lock_accounts": "a batch; where accounts are spread, each is locked by itself",
}
READS_OF_ALL = {
    "credits.admin_cancel_gift": "whose a gift is",
    "credits.admin_find": "whose something is",
    "credits.admin_refund": "whose an entry is",
    "credits._erase": "gifts by the person and redeemed by them",
    "credits._has_other_side": "whose gift it is, or who redeemed it",
    "credits._lock_person": "gifts by and for the person",
    "credits._lock_purchase": "a purchase of somebody erased, whose pseudonym Stripe does not know",
    "credits._reservation": "whose a hold is",
    "credits.account_of_hold": "whose a hold is",
    "credits.continue_erasure": "gifts by the person",
    "credits.complete_purchase": "whether a PaymentIntent is another purchase's",
    "credits.export_seals": "on whose accounts the desk has acted",
    "credits.expire_attempts": "a job: all that are free again",
    "credits.expire_due": "a job: all that is over",
    "credits.find_purchase": "by Stripe's ids",
    "credits.get_metrics": "a job: what is due in all accounts",
    "credits.list_open_disputes": "a job: compared with Stripe",
    "credits.list_purchases_to_compare": "a job: compared with Stripe",
    "credits.measure": "a job: sums of all accounts",
    "credits.order_events": "a job: all that waits",
    "credits.reprice": "an auditor's question about all charges",
    "gifts.cancel_gift": "a gift by its creator and id",
    "gifts.create_gift": "a repeated gift, by its creator; how many an address got",
    "gifts.expire_gifts": "a job: all that is over",
    "gifts.list_created_gifts": "gifts by the person",
}

COMMENT = re.compile(r"--[^\n]*")
PARENTHESES = re.compile(r"\([^()]*\)")
TEXT = re.compile(r"'(?:[^']|'')*'")
# Where a statement of PL/pgSQL begins, in a body without comments and texts.
BOUNDARY = re.compile(
    r";|\b(?:begin|loop|declare|exception)\b"
    r"|\b(?:then|else)\s(?=\s*(?:perform|select|insert|update\s+\w+\.|delete|for|if|return)\b)"
    r"|\b(?:then|else)\s(?=\s*(?:raise\b|\w+ :=))"
)
TABLE = re.compile(
    r"\b(?:from|join|update|using)\s+((?:credits|gifts)\.\w+)\b(?!\s*\()"
    r"|\binsert\s+into\s+((?:credits|gifts)\.\w+)"
)
CALL = re.compile(r"\b((?:credits|gifts)\.\w+)\s*\(")
CHANGE = re.compile(rf"\b(?:update|delete\s+from)\s+(?:{'|'.join(map(re.escape, SPREAD))})\b")
WITHOUT_COLUMNS = re.compile(r"\bselect\s+from\b")
UPSERT = re.compile(r"\bdo\s+update\b")
LOCK = re.compile(r"\bfor\s+(?:no\s+key\s+)?update\b")
ONE_ACCOUNT = re.compile(rf"\b(?:{'|'.join(sorted({*SPREAD.values()}))})\s*=(?!\s*any\b)")
OF_THE_ROW = re.compile(
    rf"\b(?:{'|'.join(sorted({*SPREAD.values()}))})\s*=\s*(?:new|old)\.|\binsert\s+into\b"
)
SELECT_IN_VALUES = re.compile(r"\bvalues\s*\((?:(?!\bon\s+conflict\b).)*\(\s*select\b", re.DOTALL)
UNSTEADY = re.compile(
    r"\b(?:now|clock_timestamp|statement_timestamp|gen_random_uuid|random|to_char|make_interval)\s*\("
    r"|\b(?:interval|current_\w+)\b|\bat\s+time\s+zone\b"
)


class Function(NamedTuple):
    """A function of ours."""

    name: str
    language: str
    body: str

    def statements(self) -> list[str]:
        """Cut the body where statements begin, those that name a spread table."""
        plain = TEXT.sub("''", COMMENT.sub("", self.body))
        return [part for part in BOUNDARY.split(plain) if spread_in(part)]


def tables_in(statement: str) -> set[str]:
    """Return the tables that a statement names."""
    return {one or other for one, other in TABLE.findall(statement)}


def spread_in(statement: str) -> set[str]:
    """Return those of them that are spread."""
    return SPREAD.keys() & tables_in(statement)


QUERY = """
    select p.oid::regproc::text as name, l.lanname as language, p.prosrc as body
    from pg_proc p join pg_language l on l.oid = p.prolang
    where p.pronamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
    order by 1
"""


@pytest.fixture(scope="module")
def functions(shared_database: Database) -> list[Function]:
    with shared_database.connect() as connection:
        return [Function(**row) for row in connection.execute(QUERY)]


def test_the_tables_are_those_of_the_functions(functions: list[Function]) -> None:
    assert len(SPREAD) > 15
    assert sum(len(function.statements()) for function in functions) > 150


def test_what_is_changed_or_locked_is_of_one_account(functions: list[Function]) -> None:
    """Rules 1 and 3: it may be found without a lock, then each is locked by its key."""
    found = {
        function.name
        for function in functions
        for statement in function.statements()
        if (CHANGE.search(statement) or LOCK.search(statement))
        and not ONE_ACCOUNT.search(statement)
    }
    assert found == CHANGES_OF_ALL.keys()


def test_what_is_read_is_of_one_account(functions: list[Function]) -> None:
    """Rule 1: or it asks all workers."""
    found = {
        function.name
        for function in functions
        for statement in function.statements()
        if not CHANGE.search(statement)
        and not LOCK.search(statement)
        and "insert into" not in statement
        and not ONE_ACCOUNT.search(statement)
    }
    assert found == READS_OF_ALL.keys()


def test_what_is_looked_for_in_all_accounts_has_a_column(functions: list[Function]) -> None:
    """Rule 1: rows of several parts are brought together by their columns."""
    found = {
        function.name
        for function in functions
        for statement in function.statements()
        if WITHOUT_COLUMNS.search(statement) and not ONE_ACCOUNT.search(statement)
    }
    assert found == set()


def test_no_check_calls_a_function_that_returns_a_row_type(shared_database: Database) -> None:
    """A view that hangs on a type keeps the tables below it from being changed there."""
    with shared_database.connect() as connection:
        found = connection.execute(
            """
            select distinct d.objid::regproc::text as name
            from pg_depend v
            join pg_rewrite r on r.oid = v.objid
            join pg_class c on c.oid = r.ev_class
            join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = v.refobjid
            join pg_type t on t.oid = d.refobjid and d.refclassid = 'pg_type'::regclass
            where v.classid = 'pg_rewrite'::regclass
                and v.refclassid = 'pg_proc'::regclass
                and c.relnamespace = 'reconcile'::regnamespace
                and t.typtype = 'c'
            """
        ).fetchall()
    assert found == []


def test_no_query_of_spread_tables_calls_a_function_over_them(functions: list[Function]) -> None:
    """Rule 1."""
    over = {function.name for function in functions if function.statements()}
    while True:
        more = {
            function.name
            for function in functions
            if over.intersection(CALL.findall(COMMENT.sub("", function.body)))
        }
        if more <= over:
            break
        over |= more
    found = {
        function.name
        for function in functions
        for statement in function.statements()
        if over.intersection(CALL.findall(statement))
    }
    assert found == set()


def test_no_change_computes_a_moment_over_columns(functions: list[Function]) -> None:
    """Rule 2: what is volatile or stable is computed into a variable first."""
    found = {
        function.name
        for function in functions
        for statement in function.statements()
        for change in (*CHANGE.finditer(statement), *UPSERT.finditer(statement))
        if UNSTEADY.search(statement, change.start())
    }
    assert found == set()


def test_values_hold_no_query(functions: list[Function]) -> None:
    """Rule 2."""
    found = {
        function.name
        for function in functions
        for statement in function.statements()
        if SELECT_IN_VALUES.search(statement)
    }
    assert found == set()


def test_functions_over_spread_tables_are_written_in_plpgsql(functions: list[Function]) -> None:
    """Rule 4: SQL functions with parameters are refused."""
    found = {
        function.name
        for function in functions
        if function.language == "sql" and function.statements()
    }
    assert found == set()


def test_row_triggers_look_at_no_other_account(
    shared_database: Database, functions: list[Function]
) -> None:
    """Rule 5."""
    with shared_database.connect() as connection:
        rows = connection.execute(
            """
            select distinct t.tgfoid::regproc::text as name
            from pg_trigger t
            where not t.tgisinternal and t.tgtype & 1 = 1
                and t.tgrelid::regclass::text = any (%s)
            """,
            ([*SPREAD],),
        ).fetchall()
    called = {row["name"] for row in rows}
    assert len(called) > 3
    found = {
        function.name
        for function in functions
        if function.name in called
        for statement in function.statements()
        if not OF_THE_ROW.search(statement)
    }
    assert found == set()


def test_keys_begin_with_the_account(shared_database: Database) -> None:
    """Rule 8."""
    with shared_database.connect() as connection:
        keys = connection.execute(
            """
            select i.indrelid::regclass::text as relation, i.indexrelid::regclass::text as name,
                a.attname as first
            from pg_index i
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
            where i.indisunique
            """
        ).fetchall()
    found = {
        key["name"] for key in keys if key["first"] != SPREAD.get(key["relation"], key["first"])
    }
    assert found == set()


def test_a_migration_changes_a_constraint_by_itself() -> None:
    together = [
        f"{file.name}: {statement.strip()[:80]}"
        for file in sorted((DATABASE_FOLDER / "migrations").glob("*.sql"))
        # Those before are there when the tables are spread.
        if file.name >= "0018"
        for statement in TEXT.sub("''", COMMENT.sub("", file.read_text("utf-8"))).split(";")
        if statement.strip().startswith("alter table")
        and " constraint " in statement
        and "," in PARENTHESES.sub("", PARENTHESES.sub("", PARENTHESES.sub("", statement)))
    ]
    assert not together, "Citus takes no constraint beside anything else"

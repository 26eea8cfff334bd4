"""The extent of a run: everything that a full, a quick and a tiny run differ in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class History:
    """The contents of a database before anything is measured.

    Attributes:
        accounts: People, `user-1` to `user-N`; all of them are members of a guild, with limits.
        guilds: `guild-1` to `guild-M`; `user-N` is in `guild-((N - 1) % M + 1)`.
        active: The first so many accounts are those that calls are spread over.
        readers: The first so many accounts have a history of `reader_rows`.
        rows: Ledger rows of each other active account.
        other_rows: Ledger rows of each account that is not active.
        guild_rows: Uses of the pool by each member.
        lots: People beyond `accounts` with credits that expire, and again as many without.
    """

    accounts: int
    guilds: int
    active: int
    readers: int
    reader_rows: int = 60
    rows: int = 10
    other_rows: int = 10
    guild_rows: int = 2
    lots: int = 0

    @property
    def ledger_rows(self) -> int:
        """The number of rows in the ledger of personal balances."""
        return (
            self.readers * self.reader_rows
            + (self.active - self.readers) * self.rows
            + (self.accounts - self.active) * self.other_rows
            + self.guilds
        )


class Part(StrEnum):
    """The parts of a run that can be measured alone."""

    SQL = "sql"
    BACKEND = "backend"
    SNAPSHOT = "snapshot"
    DEPTH = "depth"
    HTTP = "http"


@dataclass(frozen=True, slots=True)
class Plan:
    """The measurements of a run.

    Attributes:
        name: The name of the run in its results.
        main: The database that most is measured on.
        shallow: Few rows behind each call; None where the depth is not measured.
        deep: Many rows behind the same calls.
        rounds: The number of rounds that count.
        sql_seconds: Length of one run of pgbench, a whole number.
        http_seconds: Length of one run of the HTTP load.
        clients: Numbers of pgbench's clients.
        connections: Numbers of HTTP connections, with one API process.
        users: People with tokens.
        two_processes: True if two API processes are measured too.
        shared_buffers: PostgreSQL's.
        warm_up_calls: The number of calls by each client before a contest in SQL.
        whole_layer: True if the HTTP layer is measured alone with every route, else with two.
        backend_calls: The number of accounts that one backend goes through in a run.
        snapshot_seconds: The time of debits beside a snapshot; 0 where that is not measured.
        many: Many accounts, over all of which sums and reconciliation go; None where not measured.
        calls: So many calls by each client of pgbench, in place of a length.
        left_out: Contestants in SQL that this run has no time for.
        parts: The parts that are measured at all.
    """

    name: str
    main: History
    shallow: History | None
    deep: History | None
    rounds: int
    sql_seconds: int
    http_seconds: float
    clients: tuple[int, ...]
    connections: tuple[int, ...]
    users: int
    two_processes: bool = True
    shared_buffers: str = "1GB"
    warm_up_calls: int = 25
    whole_layer: bool = True
    backend_calls: int = 2_000
    snapshot_seconds: int = 0
    many: History | None = None
    calls: int | None = None
    left_out: frozenset[str] = frozenset()
    parts: frozenset[Part] = frozenset(Part)

    def portions_of(self, clients: int) -> int:
        """The portions of gifts that each client redeems in a run: whole gifts of a hundred."""
        if self.calls is not None:
            return 100
        return 1000 if clients == 1 else max(100, 4000 // clients // 100 * 100)


_MAIN = History(accounts=100_000, guilds=1_000, active=100_000, readers=1_000, lots=2_000)

# The same calls on the same accounts; only what lies in the ledgers behind them differs.
_SHALLOW = History(
    accounts=100_000,
    guilds=1_000,
    active=3_000,
    readers=100,
    rows=1,
    other_rows=0,
    guild_rows=0,
)
# Two million: ten take longer to make up than a run may; --deep-rows asks for them.
_DEEP = replace(_SHALLOW, rows=20, reader_rows=100, other_rows=20, guild_rows=2)

FULL = Plan(
    name="full",
    main=_MAIN,
    shallow=_SHALLOW,
    deep=_DEEP,
    rounds=5,
    sql_seconds=1,
    http_seconds=1.0,
    clients=(1, 8, 32),
    connections=(8, 32, 64),
    users=1_000,
    snapshot_seconds=60,
)
QUICK = Plan(
    name="quick",
    main=History(accounts=5_000, guilds=50, active=5_000, readers=1_000, lots=1_000),
    shallow=None,
    deep=None,
    rounds=3,
    sql_seconds=1,
    http_seconds=1.0,
    clients=(8,),
    connections=(32,),
    users=1_000,
    two_processes=False,
    whole_layer=False,
    shared_buffers="512MB",
    left_out=frozenset({"redeem", "history", "bare_history"}),
)
TINY = Plan(
    name="tiny",
    main=History(accounts=1_000, guilds=10, active=1_000, readers=20, lots=20),
    shallow=None,
    deep=None,
    rounds=1,
    sql_seconds=1,
    http_seconds=0.2,
    clients=(2,),
    connections=(4,),
    users=20,
    two_processes=False,
    shared_buffers="128MB",
    warm_up_calls=0,
    whole_layer=False,
    backend_calls=20,
    snapshot_seconds=1,
    calls=5,
)


def with_ledger_behind(plan: Plan, rows: int) -> Plan:
    """Return the plan with about so many ledger rows in its deep database, if it has one."""
    if plan.deep is None:
        return plan
    each = max(1, rows // plan.deep.accounts)
    deep = replace(plan.deep, rows=each, other_rows=each)
    return replace(plan, deep=deep)


def with_many_accounts(plan: Plan, accounts: int) -> Plan:
    """Return the plan with sums and reconciliation over so many accounts, of two rows each."""
    guilds = max(1, accounts // 100)
    many = History(accounts, guilds, active=accounts, readers=0, rows=2, guild_rows=0)
    return replace(plan, many=many)

"""The cost of a call to its backend: processor time and WAL, in one session, account by account."""

from __future__ import annotations

import re
import time

import psycopg

from bench import cpu
from bench.contests import Sample
from bench.pgbench import SCRIPTS

SETTLING_CALLS = 30

_COMMANDS = re.compile(r"^\\.*$", re.MULTILINE)
_VARIABLES = re.compile(r"(?<![:\w]):(\w+)")
_LOOP = """
do $loop$
declare
    account bigint;
    guild bigint;
    key text;
    answer record;
begin
    for account in {first}..{last} loop
        guild := (account - 1) % {guilds} + 1;
        key := random(1, 9000000000000000000);
        {statement} into answer;
        commit;
    end loop;
end
$loop$
"""


def measure(script: str, dsn: str, accounts: range, guilds: int) -> Sample:
    """Call a script of the folder `scripts` once for each account, in a session of its own.

    The calls are made inside the session, since the network costs as much as a debit and is not the
    function's work. Commits do not wait for the disk.
    """
    loop = loop_of(script, accounts, guilds)
    with psycopg.connect(dsn, autocommit=True) as session:
        session.execute("set synchronous_commit = off")
        # Till every statement of a function has the plan that it keeps.
        session.execute(loop_of(script, accounts[:SETTLING_CALLS], guilds))
        pid = session.info.backend_pid
        wal, processor, started = _wal(session), cpu.nanoseconds_of(pid), time.perf_counter()
        session.execute(loop)
        took, ended = time.perf_counter() - started, cpu.nanoseconds_of(pid)
        calls = len(accounts)
        return Sample(
            rate=calls / took,
            backend_us=None
            if processor is None or ended is None
            else (ended - processor) / 1000 / calls,
            wal_bytes=(_wal(session) - wal) / calls,
        )


def calls_of(accounts: range) -> int:
    """The number of calls that `measure` makes for so many accounts."""
    return len(accounts) + len(accounts[:SETTLING_CALLS])


def loop_of(script: str, accounts: range, guilds: int) -> bytes:
    """Return a block that calls a script's statement for each account, each in a transaction."""
    text = (SCRIPTS / f"{script}.pgb").read_text(encoding="utf-8")
    statement = _VARIABLES.sub(r"\1", _COMMANDS.sub("", text)).strip().rstrip(";")
    return _LOOP.format(
        first=accounts[0], last=accounts[-1], guilds=guilds, statement=statement
    ).encode()


def _wal(session: psycopg.Connection) -> int:
    """Return how much WAL the session has written; statistics are told between statements."""
    session.execute("select pg_stat_force_next_flush()")
    row = session.execute(
        "select wal_bytes from pg_stat_get_backend_wal(pg_backend_pid())"
    ).fetchone()
    return int(row[0]) if row is not None else 0

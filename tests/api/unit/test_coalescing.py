"""Calls that wait go together: what that changes, and all that it does not."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from api.database.calls import Calls, Target
from api.database.connections import Connections, Values
from api.http.errors import ApiError
from tests.databases import Connection, Database

from .conftest import eventually

pytestmark = pytest.mark.anyio

USE = Target("credits.use_credits", ("user_id", "amount", "replayed"), None)
USE_POOL = Target("credits.use_guild_credits", ("organization_id", "amount", "replayed"), None)
BALANCE = Target("credits.get_balance", ("user_id", "balance"), None)
REFUND = Target("credits.refund_credits", ("user_id", "amount"), None)
PAGE = Target("credits.list_transactions", ("count(*)", "min(user_id)"), None)
HISTORY = Target("credits.list_transactions", ("user_id", "amount"), None)

# Nothing that a database can hold.
UNREADABLE = msgspec.Raw(b'{"a": 1e999999}')


_FUNCTION = re.compile(r"from credits\.([a-z_]+)\(")


class Bank:
    """Makes calls over eight connections while it is open, and notes the functions called."""

    def __init__(self, connections: Connections, owner: Connection) -> None:
        self._connections = connections
        self._calls = Calls(self._fetch, most_overdue=4)
        self.owner = owner
        self.called: list[str] = []
        self.in_flight = 0
        self.is_open = asyncio.Event()
        self.is_open.set()

    async def _fetch(self, statement: bytes, values: dict[str, Any]) -> list[Values]:
        self.called += _FUNCTION.findall(statement.decode())
        await self.is_open.wait()
        self.in_flight += 1
        try:
            return await self._connections.fetch(statement, values)
        finally:
            self.in_flight -= 1

    def open(self, *users: str, balance: int = 10) -> None:
        """Give each of these users so many credits."""
        for user in users:
            self.owner.execute(
                "select credits.refund_credits(%s, %s, 'To begin with')", [user, balance]
            )

    def lock(self, database: Database, *users: str) -> Connection:
        """Hold accounts until the connection is rolled back."""
        holder = database.connect(autocommit=False)
        holder.execute(
            "select from credits.accounts where account_id = any(%s) for update", [list(users)]
        )
        return holder

    async def use(self, user: str, amount: Any = 1, **more: Any) -> Values:
        """Use credits of a user."""
        arguments = {
            "p_user_id": user,
            "p_amount": Decimal(amount),
            "p_app_id": "chat",
            "p_description": "One answer",
            "p_idempotency_key": None,
            "p_metadata": None,
            **more,
        }
        return await self._calls.row(USE, arguments)

    async def use_pool(self, guild: str, amount: Any = 1) -> Values:
        """Use credits of a guild."""
        arguments = {
            "p_organization_id": guild,
            "p_user_id": "u",
            "p_amount": Decimal(amount),
            "p_app_id": "chat",
            "p_description": "One answer",
        }
        return await self._calls.row(USE_POOL, arguments)

    async def balance(self, user: str, **more: Any) -> Values:
        """Read a user's balance."""
        return await self._calls.row(BALANCE, {"p_user_id": user, **more})

    async def refund(self, user: str) -> Values:
        """Give a credit back."""
        arguments = {"p_user_id": user, "p_amount": Decimal(1), "p_description": "Sorry"}
        return await self._calls.row(REFUND, arguments)

    async def page(self, user: str, **more: Any) -> Values:
        """Count the rows of the first page of a user's ledger."""
        return await self._calls.row(PAGE, {"p_user_id": user, "p_limit": 50, **more})

    async def history(self, user: str) -> list[Values]:
        """Read a user's ledger."""
        return list(await self._calls.rows(HISTORY, {"p_user_id": user}))

    async def first_entry(self, user: str) -> Values:
        """Read the only entry of a user's ledger."""
        return await self._calls.row(HISTORY, {"p_user_id": user})

    async def blocked(self, count: int) -> None:
        """Return as soon as so many calls wait for a lock."""
        await eventually(lambda: self.count_blocked() >= count)

    def count_blocked(self) -> int:
        """Return how many calls wait for a lock."""
        row = self.owner.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and usename = 'test_api' and wait_event_type = 'Lock'"
        ).fetchone()
        return int(row["count"]) if row else 0


@pytest.fixture
async def bank(database: Database) -> AsyncIterator[Bank]:
    async with Connections(database.dsn("api"), size=8, prepare="auto") as connections:
        bank = Bank(connections, database.connect())
        await bank.balance("nobody")
        bank.called.clear()
        yield bank


def told(error: BaseException) -> tuple[Any, ...]:
    """Return what a caller is told."""
    assert isinstance(error, ApiError)
    details = error.details
    if isinstance(details, msgspec.Raw):
        details = msgspec.json.decode(details)
    return error.status, error.code, error.message, details, error.retry_after


async def together(*calls: Any) -> list[Any]:
    """Make calls at the same moment and return what became of each."""
    return await asyncio.gather(*calls, return_exceptions=True)


async def test_calls_one_after_the_other_go_alone(bank: Bank) -> None:
    bank.open("u")
    for _ in range(3):
        await bank.use("u")
        await bank.balance("u")
    assert bank.called == ["use_credits", "get_balance"] * 3


async def test_two_at_once_go_alone(bank: Bank) -> None:
    bank.open("u0", "u1")
    assert await together(bank.use("u0"), bank.use("u1")) == [("u0", -1, False), ("u1", -1, False)]
    assert bank.called == ["use_credits", "use_credits"]


async def test_what_arrives_at_once_goes_together(bank: Bank) -> None:
    users = [f"u{i}" for i in range(20)]
    bank.open(*users)
    rows = await together(*map(bank.use, users))
    assert rows == [(user, -1, False) for user in users]
    assert bank.called == ["use_credits_batch"]


async def test_what_arrives_while_more_are_in_flight_goes_together_behind_them(bank: Bank) -> None:
    users = [f"u{i}" for i in range(7)]
    bank.open(*users)
    bank.is_open.clear()
    calls = [asyncio.create_task(bank.use(user)) for user in users[:4]]
    await eventually(lambda: bank.called == ["use_credits_batch"])
    for user in users[4:]:
        calls.append(asyncio.create_task(bank.use(user)))
        await asyncio.sleep(0)
    bank.is_open.set()
    assert await asyncio.gather(*calls) == [(user, -1, False) for user in users]
    assert bank.called == ["use_credits_batch", "use_credits_batch"]


async def test_as_many_as_are_in_flight_need_not_wait(bank: Bank, database: Database) -> None:
    users = [f"u{i}" for i in range(4)]
    bank.open("locked", *users)
    holder = bank.lock(database, "locked")
    calls = [asyncio.create_task(bank.use("locked"))]
    await bank.blocked(1)
    rows = await together(*map(bank.use, users))
    assert rows == [(user, -1, False) for user in users]
    assert bank.called == ["use_credits", "use_credits_batch"]
    holder.rollback()
    await asyncio.gather(*calls)


async def test_many_calls_for_one_account_go_together_too(bank: Bank) -> None:
    bank.open("u", balance=100)
    rows = await together(*(bank.use("u") for _ in range(60)))
    assert rows == [("u", -1, False)] * 60
    assert len(bank.called) <= 5
    assert await bank.balance("u") == ("u", 40)


async def test_reads_go_together(bank: Bank) -> None:
    users = [f"u{i}" for i in range(20)]
    bank.open(*users[::2])
    rows = await together(*map(bank.balance, users))
    assert rows == [(user, 10 if i % 2 == 0 else 0) for i, user in enumerate(users)]
    assert bank.called == ["get_balance"]


async def test_first_pages_go_together_a_few_at_once(bank: Bank) -> None:
    users = [f"u{i}" for i in range(20)]
    bank.open(*users)
    rows = await together(*map(bank.page, users))
    assert rows == [(1, user) for user in users]
    assert bank.called == ["list_transactions"] * 3


async def test_a_page_that_passes_over_rows_goes_alone(bank: Bank) -> None:
    bank.open("u")
    rows = await together(*(bank.page("u", p_offset=1) for _ in range(3)))
    assert rows == [(0, None)] * 3
    assert bank.called == ["list_transactions"] * 3


async def test_what_a_batch_cannot_say_goes_alone(bank: Bank) -> None:
    moment = "2026-01-01T00:00:00Z"
    await together(*(bank.balance("u", p_at=moment) for _ in range(10)))
    assert bank.called == ["get_balance"] * 10


async def test_pools_go_together(bank: Bank) -> None:
    bank.open("u")
    bank.owner.execute("select credits.init_guild_pool('g')")
    bank.owner.execute("select credits.fund_guild_pool('u', 'g', 10)")
    rows = await together(*(bank.use_pool("g") for _ in range(12)))
    # Which two of the twelve come too late is not said.
    assert rows.count(("g", -1, False)) == 10
    refused = [row for row in rows if isinstance(row, ApiError)]
    assert [told(error)[:2] for error in refused] == [(402, "insufficient_credits")] * 2
    assert "use_guild_credits_batch" in bank.called


@pytest.mark.parametrize(
    "bad",
    [
        {"amount": 11},
        {"amount": -1},
        {"amount": "0.0000001"},
        {"p_idempotency_key": "taken"},
        {"p_app_id": "a\tb"},
        {"p_metadata": msgspec.Raw(b"[]")},
        {"p_metadata": msgspec.Raw(b'{"a": "\\u0000"}')},
        {"p_description": "a\0b"},
        {"user": ""},
    ],
    ids=lambda bad: next(iter(bad)),
)
async def test_a_refusal_within_a_batch_is_the_one_of_a_single_call(
    bank: Bank, bad: dict[str, Any]
) -> None:
    users = [f"u{i}" for i in range(6)]
    bank.open("bad", *users)
    await bank.use("bad", 1, p_idempotency_key="taken", p_app_id="other")
    bad = {"user": "bad", **bad}
    [alone] = await together(bank.use(**bad))
    [*fine, refused] = await together(*map(bank.use, users), bank.use(**bad))
    assert fine == [(user, -1, False) for user in users]
    assert told(refused) == told(alone)
    assert "use_credits_batch" in bank.called


async def test_one_key_many_times_moves_once(bank: Bank) -> None:
    bank.open("u")
    rows = await together(*(bank.use("u", p_idempotency_key="k") for _ in range(40)))
    assert sorted(rows, key=lambda row: bool(row[2])) == [
        ("u", -1, False),
        *[("u", -1, True)] * 39,
    ]
    assert await bank.balance("u") == ("u", 9)


async def test_whoever_leaves_a_batch_leaves_the_others_in_it(bank: Bank) -> None:
    users = [f"u{i}" for i in range(10)]
    bank.open(*users)
    calls = [asyncio.create_task(bank.use(user)) for user in users]
    await asyncio.sleep(0)
    calls[5].cancel()
    await eventually(lambda: "use_credits_batch" in bank.called)
    calls[6].cancel()
    rows = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(row, asyncio.CancelledError) for row in rows] == [
        i in (5, 6) for i in range(10)
    ]
    assert await bank.balance("u5") == ("u5", 10)


async def test_a_locked_account_in_a_batch_holds_the_others_up_for_a_moment(
    bank: Bank, database: Database
) -> None:
    users = [f"u{i}" for i in range(10)]
    bank.open("locked", *users)
    holder = bank.lock(database, "locked")
    started = time.monotonic()
    calls = [asyncio.create_task(bank.use(user)) for user in (*users[:2], "locked", *users[2:])]
    locked = calls.pop(2)
    assert await asyncio.gather(*calls) == [(user, -1, False) for user in users]
    assert time.monotonic() - started < 2
    assert not locked.done()
    holder.rollback()
    assert await locked == ("locked", -1, False)


async def test_several_locked_accounts_stop_nobody_else(bank: Bank, database: Database) -> None:
    locked, users = ["l1", "l2"], [f"u{i}" for i in range(10)]
    bank.open(*locked, *users)
    holder = bank.lock(database, *locked)
    waiting = [asyncio.create_task(bank.use(user)) for user in locked * 4]
    await bank.blocked(2)
    started = time.monotonic()
    for _ in range(3):
        assert await asyncio.gather(*map(bank.use, users)) == [(user, -1, False) for user in users]
        assert await bank.balance("l1") == ("l1", 10)
    assert time.monotonic() - started < 2
    holder.rollback()
    assert len(await asyncio.gather(*waiting)) == 8


async def test_a_crowd_behind_a_locked_account_shuts_nobody_else_out(
    bank: Bank, database: Database
) -> None:
    bank.open("locked", "u", balance=1000)
    holder = bank.lock(database, "locked")
    crowd = [asyncio.create_task(bank.use("locked")) for _ in range(2)]
    await bank.blocked(2)
    crowd += [asyncio.create_task(bank.use("locked")) for _ in range(598)]
    await eventually(lambda: any(call.done() for call in crowd))
    # Until the two that wait for the lock give their places away; long before the crowd gives up.
    started = time.monotonic()
    while isinstance(row := (await together(bank.use("u")))[0], ApiError):
        assert time.monotonic() - started < 3
    assert row == ("u", -1, False)
    holder.rollback()
    rows = await asyncio.gather(*crowd, return_exceptions=True)
    turned_away = [told(row)[:2] for row in rows if isinstance(row, ApiError)]
    assert set(turned_away) == {(503, "overloaded")}
    assert await bank.balance("locked") == ("locked", 1000 - 600 + len(turned_away))


async def test_a_locked_account_takes_three_connections_at_most(
    bank: Bank, database: Database
) -> None:
    bank.open("locked", "u")
    holder = bank.lock(database, "locked")
    calls = [asyncio.create_task(call("locked")) for call in [bank.use, bank.refund] * 6]
    await bank.blocked(3)
    # In the queue behind those: when the first is done, whoever could go has gone; when the second
    # is, they have come to the lock.
    for _ in range(2):
        assert await bank.use("u") == ("u", -1, False)
    assert (bank.in_flight, bank.count_blocked()) == (3, 3)
    holder.rollback()
    await asyncio.gather(*calls)
    assert await bank.balance("locked") == ("locked", 10)


async def test_what_spoils_a_batch_is_found_where_each_goes_alone(bank: Bank) -> None:
    users = [f"u{i}" for i in range(64)]
    bank.open("bad", *users)
    *fine, refused = await together(
        *map(bank.use, users), *(bank.use("bad", p_metadata=UNREADABLE) for _ in range(20))
    )
    assert fine[:64] == [(user, -1, False) for user in users]
    assert all(told(row)[:2] == (400, "invalid_request") for row in [*fine[64:], refused])
    assert bank.called == ["use_credits_batch"] + ["use_credits"] * 84


async def test_who_has_spoilt_a_batch_is_in_none_for_a_while(bank: Bank) -> None:
    users = [f"u{i}" for i in range(20)]
    bank.open("bad", *users)
    await together(*map(bank.use, users), bank.use("bad", p_metadata=UNREADABLE))
    bank.called.clear()
    *fine, refused = await together(
        *map(bank.use, users), *(bank.use("bad", p_metadata=UNREADABLE) for _ in range(5))
    )
    assert fine[:20] == [(user, -1, False) for user in users]
    assert told(refused)[:2] == (400, "invalid_request")
    assert sorted(bank.called) == ["use_credits"] * 5 + ["use_credits_batch"]
    assert await bank.use("bad") == ("bad", -1, False)


async def test_who_goes_alone_does_so_one_call_at_a_time(bank: Bank) -> None:
    users = [f"u{i}" for i in range(20)]
    bank.open("bad", *users)
    await together(*map(bank.use, users), bank.use("bad", p_metadata=UNREADABLE))
    bank.called.clear()
    bank.is_open.clear()
    crowd = [asyncio.create_task(bank.use("bad", p_metadata=UNREADABLE)) for _ in range(64)]
    await eventually(lambda: bank.called == ["use_credits"])
    others = [asyncio.create_task(bank.use(user)) for user in users]
    await eventually(lambda: len(bank.called) == 2)
    assert bank.called == ["use_credits", "use_credits_batch"]
    bank.is_open.set()
    assert await asyncio.gather(*others) == [(user, -1, False) for user in users]
    await together(*crowd)


async def test_a_function_that_returns_no_row_in_place_of_one_is_named(bank: Bank) -> None:
    with pytest.raises(LookupError, match=HISTORY.function):
        await bank.first_entry("nobody")


async def test_who_reads_much_reads_twice_at_a_time(bank: Bank) -> None:
    bank.open("greedy", "u")
    bank.is_open.clear()
    crowd = [asyncio.create_task(bank.history("greedy")) for _ in range(600)]
    await eventually(lambda: len(bank.called) == 2)
    other = asyncio.create_task(bank.history("u"))
    await eventually(lambda: len(bank.called) == 3)
    assert bank.called == ["list_transactions"] * 3
    bank.is_open.set()
    assert await other == [("u", 10)]
    assert await asyncio.gather(*crowd) == [[("greedy", 10)]] * 600


async def test_who_waits_for_a_lock_can_read(bank: Bank, database: Database) -> None:
    bank.open("locked")
    holder = bank.lock(database, "locked")
    calls = [asyncio.create_task(bank.refund("locked")) for _ in range(5)]
    await bank.blocked(1)
    assert await bank.history("locked") == [("locked", 10)]
    assert await bank.balance("locked") == ("locked", 10)
    holder.rollback()
    await asyncio.gather(*calls)

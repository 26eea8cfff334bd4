import asyncio
import hashlib
from datetime import UTC, datetime

import pytest

from api.database.refusals import database_unavailable
from api.http.errors import ApiError
from api.identity.service_keys import (
    FRESH_SECONDS,
    PAUSE_SECONDS,
    USABLE_SECONDS,
    KnownServiceKey,
    ServiceKeys,
)
from api.settings import ServiceKey

from .conftest import Clock, eventually

pytestmark = pytest.mark.anyio

ENVIRONMENT = [ServiceKey("memo", "k-1"), ServiceKey("chat", "k-2"), ServiceKey("memo", "k-3")]


def row(name: str, key: str | None, number: int = 1, *, revoked: bool = False) -> KnownServiceKey:
    """Return the row of a key; without one, of those of the environment."""
    key_hash = hashlib.sha256(key.encode()).hexdigest() if key else None
    at = datetime(2026, 6, 1, tzinfo=UTC) if revoked else None
    return KnownServiceKey(name, number if key else 0, key_hash, at)


class Table:
    """The rows of the database; counts who reads them."""

    def __init__(self, *rows: KnownServiceKey) -> None:
        self.rows = list(rows)
        self.used: list[list[str]] = []
        self.error: Exception | None = None
        self.is_open = asyncio.Event()
        self.is_open.set()

    @property
    def reads(self) -> int:
        """The number of times that they were read."""
        return len(self.used)

    async def read(self, used: list[str]) -> list[KnownServiceKey]:
        self.used.append(used)
        rows = list(self.rows)
        await self.is_open.wait()
        if self.error is not None:
            raise self.error
        return rows


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def keys(table: Table, clock: Clock) -> ServiceKeys:
    return ServiceKeys(ENVIRONMENT, table.read, clock)


async def refused(keys: ServiceKeys, key: str) -> int:
    """Return the status with which a key is refused."""
    with pytest.raises(ApiError) as caught:
        await keys.name_of(key)
    return caught.value.status


@pytest.mark.parametrize(("key", "name"), [("k-1", "memo"), ("k-2", "chat"), ("k-3", "memo")])
async def test_a_key_has_a_name(keys: ServiceKeys, key: str, name: str) -> None:
    assert await keys.name_of(key) == name


@pytest.mark.parametrize(
    "key", ["", "k-", "k-11", "K-1", "memo", "memo:k-1", "k-1,k-2", "schlüssel"]
)
async def test_any_other_key_is_refused(keys: ServiceKeys, key: str) -> None:
    assert await refused(keys, key) == 401


async def test_a_key_that_was_made_has_a_name_until_it_is_revoked(
    keys: ServiceKeys, table: Table, clock: Clock
) -> None:
    table.rows = [row("cron", "k-4"), row("cron", "k-5", 2)]
    assert await keys.name_of("k-4") == "cron"
    table.rows[0] = row("cron", "k-4", revoked=True)
    clock.advance(USABLE_SECONDS)
    assert await refused(keys, "k-4") == 401
    assert await keys.name_of("k-5") == "cron"


async def test_keys_of_the_environment_are_revoked_by_their_name(
    keys: ServiceKeys, table: Table
) -> None:
    table.rows = [row("memo", None, revoked=True), row("memo", "k-4")]
    assert await refused(keys, "k-1") == 401
    assert await refused(keys, "k-3") == 401
    assert await keys.name_of("k-2") == "chat"
    assert await keys.name_of("k-4") == "memo"


async def test_a_revoked_key_is_refused_in_the_environment_too(
    keys: ServiceKeys, table: Table
) -> None:
    table.rows = [row("other", "k-2", revoked=True)]
    assert await refused(keys, "k-2") == 401


async def test_a_key_of_the_environment_that_was_made_outlasts_the_name(
    keys: ServiceKeys, table: Table
) -> None:
    table.rows = [row("chat", None, revoked=True), row("chat", "k-2")]
    assert await keys.name_of("k-2") == "chat"


async def test_what_was_read_is_relied_on_for_a_while(
    keys: ServiceKeys, table: Table, clock: Clock
) -> None:
    await keys.name_of("k-1")
    clock.advance(FRESH_SECONDS - 0.1)
    await keys.name_of("k-1")
    assert table.reads == 1


async def test_what_is_no_longer_fresh_is_read_anew_and_nobody_waits(
    keys: ServiceKeys, table: Table, clock: Clock
) -> None:
    await keys.name_of("k-1")
    table.is_open.clear()
    table.rows = [row("memo", None, revoked=True)]
    clock.advance(FRESH_SECONDS)
    assert await keys.name_of("k-1") == "memo"
    await eventually(lambda: table.reads == 2)
    table.is_open.set()
    await keys.reading.get()
    assert await refused(keys, "k-1") == 401
    await keys.reading.close()


async def test_a_flood_of_unknown_keys_is_one_look_a_second(
    keys: ServiceKeys, table: Table, clock: Clock
) -> None:
    await keys.name_of("k-1")
    clock.advance(PAUSE_SECONDS)
    for reads in (2, 3):
        for _ in range(2):
            flood = [refused(keys, f"wrong-{each}") for each in range(100)]
            assert set(await asyncio.gather(*flood)) == {401}
        assert table.reads == reads
        clock.advance(PAUSE_SECONDS)


async def test_a_new_key_is_taken_after_a_pause(
    keys: ServiceKeys, table: Table, clock: Clock
) -> None:
    assert await refused(keys, "k-4") == 401
    table.rows = [row("cron", "k-4")]
    clock.advance(PAUSE_SECONDS)
    assert await keys.name_of("k-4") == "cron"


@pytest.mark.parametrize("error", [database_unavailable(), RuntimeError("a table is missing")])
async def test_without_the_database_known_keys_go_on_and_others_wait(
    keys: ServiceKeys, table: Table, clock: Clock, error: Exception
) -> None:
    table.rows = [row("cron", "k-4"), row("cron", "k-5", 2, revoked=True)]
    await keys.name_of("k-4")
    table.error = error
    clock.advance(USABLE_SECONDS)
    for _ in range(2):
        assert await keys.name_of("k-4") == "cron"
        assert await keys.name_of("k-1") == "memo"
        assert await refused(keys, "k-5") == 401
        assert await refused(keys, "k-6") == 503
        assert await refused(keys, "") == 401
        clock.advance(100)
    table.error = None
    clock.advance(PAUSE_SECONDS)
    assert await refused(keys, "k-6") == 401


async def test_those_of_the_environment_work_before_the_database_was_ever_there(
    keys: ServiceKeys, table: Table
) -> None:
    table.error = database_unavailable()
    assert await keys.name_of("k-1") == "memo"
    assert await refused(keys, "k-4") == 503


async def test_while_the_database_is_away_nobody_waits_who_is_known(
    keys: ServiceKeys, table: Table, clock: Clock
) -> None:
    table.error = database_unavailable()
    await keys.name_of("k-1")
    table.is_open.clear()
    clock.advance(PAUSE_SECONDS)
    assert await keys.name_of("k-1") == "memo"
    await keys.reading.close()


async def test_which_made_keys_were_used_is_told_with_the_next_reading(
    keys: ServiceKeys, table: Table, clock: Clock
) -> None:
    table.rows = [row("cron", "k-4"), row("cron", "k-5", 2)]
    await keys.name_of("k-4")
    await keys.name_of("k-1")
    table.error = database_unavailable()
    for _ in range(2):
        clock.advance(USABLE_SECONDS)
        await keys.name_of("k-1")
        await keys.reading.get()
        table.error = None
    told = [table.rows[0].key_hash]
    assert table.used == [[], told, told]


async def test_a_caller_that_gives_up_leaves_the_others_waiting(
    keys: ServiceKeys, table: Table
) -> None:
    table.is_open.clear()
    callers = [asyncio.create_task(keys.name_of("k-1")) for _ in range(2)]
    await eventually(lambda: table.reads == 1)
    callers[0].cancel()
    table.is_open.set()
    assert await callers[1] == "memo"

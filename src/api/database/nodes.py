"""The nodes that the accounts lie on, where they are spread (docs/scale.md).

Every node answers every call about an account; the one that holds it does without asking another.
So a map that is behind costs time, and nothing else.
"""

import asyncio
import logging
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import NamedTuple, Self

import psycopg

from api.database.calls import Fetch
from api.database.connections import Connections
from api.database.gates import OF_SOMEBODY, Account
from api.http.errors import ApiError
from api.remembered import Remembered
from api.settings import Settings

logger = logging.getLogger("api.database")

_MOST_HASHES = 100_000

_GROUP = b"select groupid from pg_dist_local_group"
_HASH = b"select hashtext(%(account)s::text)"
_PARTS = b"""
    select s.shardminvalue::int, p.groupid
    from pg_dist_shard s
    join pg_dist_placement p on p.shardid = s.shardid
    where s.logicalrelid = 'credits.accounts'::regclass
    order by 1
"""


class _Parts(NamedTuple):
    """The first hash of each part of the accounts, and the group of nodes that has the part."""

    firsts: list[int]
    groups: list[int]


class Nodes:
    """Holds connections to the coordinator and to other nodes, and finds the one of an account.

    A context manager: entering it begins to connect and waits for nothing.

    Attributes:
        all: The connections to all nodes, the coordinator's (or the one server's) first.
    """

    def __init__(self, settings: Settings) -> None:
        size, prepare = settings.database_pool_size, settings.database_prepare
        urls = (settings.database_url, *settings.database_nodes)
        self.all = [Connections(url, size=size, prepare=prepare) for url in urls]
        self.coordinator, *self._others = self.all
        self._stack = AsyncExitStack()
        self._parts = Remembered(self._read)
        self._hashes: dict[str, int] = {}
        self._by_group: dict[int, Connections] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Begin to connect."""
        for connections in self.all:
            await self._stack.enter_async_context(connections)
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close every connection."""
        for task in self._asking:
            task.cancel()
        await self._stack.aclose()

    async def fetch_for(self, accounts: Sequence[Account]) -> Fetch:
        """Return what executes statements on the node that has the last of the accounts.

        For what is no account's, or where that cannot be told, it is the coordinator.
        """
        account = next((each for each in reversed(accounts) if each.kind in OF_SOMEBODY), None)
        if account is None:
            return self.coordinator.fetch
        try:
            parts = await self._parts.get()
            part = bisect_right(parts.firsts, await self._hash(account.id)) - 1
        except (psycopg.Error, ApiError) as error:
            logger.warning("where accounts lie cannot be read", extra={"reason": str(error)})
            return self.coordinator.fetch
        group = parts.groups[part] if part >= 0 else 0
        return self._by_group.get(group, self.coordinator).fetch

    async def _hash(self, account_id: str) -> int:
        found = self._hashes.get(account_id)
        if found is None:
            [(found,)] = await self.coordinator.fetch(_HASH, {"account": account_id})
            if len(self._hashes) >= _MOST_HASHES:
                self._hashes.clear()
            self._hashes[account_id] = found
        return int(found)

    async def _read(self) -> _Parts:
        if not self._asking:
            known = self._by_group.values()
            for connections in self._others:
                if connections not in known:
                    task = asyncio.create_task(self._ask(connections))
                    self._asking.add(task)
                    task.add_done_callback(self._asking.discard)
        rows = await self.coordinator.fetch(_PARTS, {})
        return _Parts([first for first, _ in rows], [group for _, group in rows])

    async def _ask(self, connections: Connections) -> None:
        """Ask a node which it is; one that is away is asked again."""
        try:
            [(group,)] = await connections.fetch(_GROUP, {})
        except (psycopg.Error, ApiError) as error:
            logger.warning("a node does not answer", extra={"reason": str(error)})
        else:
            self._by_group[group] = connections

"""People who use credits without a pause, each use repeated with its key until it is answered."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from tests.api.live_api import PATIENCE_SECONDS, User, unique
from tests.databases import Connection, Database, assert_books_balance

# Enough for calls to go together.
WORKERS = 20


class Load:
    """The calls that were acknowledged, and those that were not.

    Attributes:
        acknowledged: The keys of uses that were acknowledged, by user.
        refusals: Answers that acknowledged nothing.
        unanswered: How many requests had no answer at all.
    """

    def __init__(self) -> None:
        self.acknowledged: dict[str, set[str]] = defaultdict(set)
        self.refusals: list[httpx.Response] = []
        self.unanswered = 0
        self.enough = threading.Event()

    @property
    def count(self) -> int:
        """The number of uses that were acknowledged so far."""
        return sum(map(len, list(self.acknowledged.values())))

    def run(self, user: User) -> None:
        """Go on until it is enough; `user.api` may be replaced meanwhile."""
        while not self.enough.is_set():
            key = unique("use")
            self._use_until_acknowledged(user, key)
            self.acknowledged[user.id].add(key)

    def assert_each_exactly_once(self, database: Database) -> None:
        """Assert that what was acknowledged is in the ledger once, and that the books are even."""
        owner = database.connect()
        self.assert_each_written_once(owner)
        assert_books_balance(owner)

    def assert_each_written_once(self, owner: Connection) -> None:
        """Assert that what was acknowledged is in the ledger once, and nothing else is."""
        for user_id, acknowledged in self.acknowledged.items():
            rows = owner.execute(
                "select idempotency_key from credits.transactions"
                " where user_id = %s and type = 'usage'",
                [user_id],
            ).fetchall()
            keys = [row["idempotency_key"] for row in rows]
            assert len(keys) == len(set(keys))
            assert set(keys) == acknowledged

    def _use_until_acknowledged(self, user: User, key: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = user.use(1, key=key)
            except httpx.TransportError:
                self.unanswered += 1
            else:
                if answer.status_code == httpx.codes.OK:
                    return
                self.refusals.append(answer)
            assert time.monotonic() < deadline, "the service did not recover by itself"
            time.sleep(0.05)


@contextmanager
def running_load(users: list[User]) -> Iterator[Load]:
    """Let twenty people use the credits of these users while the block runs."""
    load = Load()
    with ThreadPoolExecutor(WORKERS) as executor:
        workers = [executor.submit(load.run, users[i % len(users)]) for i in range(WORKERS)]
        try:
            yield load
        finally:
            load.enough.set()
        for worker in workers:
            worker.result()

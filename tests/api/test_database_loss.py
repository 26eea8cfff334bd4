"""The database is killed under load and comes back: nothing acknowledged is lost or done twice."""

import io
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from gift_pages import Document, visit
from live_api import PREFIX, LiveApi, StartApi, User, ok, refused, unique, wait_until

from databases import LOGIN_PASSWORD, SETTINGS, Database, Server, assert_books_balance
from deploy.deployment import deploy
from deploy.progress import Progress
from sandbox.cluster import Cluster
from sandbox.stripe import StripeServer

# Enough for calls to go together.
WORKERS = 20
PATIENCE_SECONDS = 30.0


@pytest.fixture
def mortal() -> Iterator[Cluster]:
    """A server of one's own that keeps what it has acknowledged: our death, not the machine's."""
    settings = {**SETTINGS, "synchronous_commit": "on"}
    with TemporaryDirectory(prefix="mana-test-") as folder:
        Path(folder).chmod(0o755)
        with Cluster(Path(folder) / "data", settings=settings) as cluster:
            yield cluster


@pytest.fixture
def mortal_database(mortal: Cluster) -> Iterator[Database]:
    """A deployed database on it."""
    mortal.create_database("mana_credits")
    deploy(mortal.dsn("mana_credits"), progress=Progress(io.StringIO()))
    for name in ("api", "auditor"):
        mortal.create_login(f"test_{name}", LOGIN_PASSWORD, f"credits_{name}")
    database = Database(Server.of(mortal), "mana_credits")
    yield database
    database.close()


class Load:
    """People who use credits one by one, each use repeated with its key until it is answered."""

    def __init__(self, users: list[User]) -> None:
        self.acknowledged: dict[str, set[str]] = {user.id: set() for user in users}
        self.refusals: list[httpx.Response] = []
        self.enough = threading.Event()
        self._users = users

    @property
    def count(self) -> int:
        """How many uses were acknowledged so far."""
        return sum(map(len, self.acknowledged.values()))

    def run(self, worker: int) -> None:
        """Go on until it is enough."""
        user = self._users[worker % len(self._users)]
        while not self.enough.is_set():
            key = unique("use")
            self._use_until_acknowledged(user, key)
            self.acknowledged[user.id].add(key)

    def _use_until_acknowledged(self, user: User, key: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (answer := user.use(1, key=key)).status_code != httpx.codes.OK:
            self.refusals.append(answer)
            assert time.monotonic() < deadline, "the service did not recover by itself"
            time.sleep(0.05)


def test_a_database_that_is_killed_under_load_loses_and_repeats_nothing(
    mortal: Cluster, mortal_database: Database, start_api: StartApi
) -> None:
    api = start_api(database=mortal_database)
    users = [api.user(100_000) for _ in range(2)]
    load = Load(users)
    with ThreadPoolExecutor(WORKERS) as executor:
        workers = [executor.submit(load.run, worker) for worker in range(WORKERS)]
        try:
            wait_until(lambda: load.count >= 200)
            mortal.kill()
            wait_until(lambda: len(load.refusals) >= WORKERS)
            before = load.count
            mortal.start()
            wait_until(lambda: load.count >= before + 200, timeout=PATIENCE_SECONDS)
        finally:
            load.enough.set()
        for worker in workers:
            worker.result()
    for answer in load.refusals:
        refused(answer, 503, answer.json()["code"])
        assert answer.json()["code"] in ("database_unavailable", "overloaded")
    _assert_each_exactly_once(mortal_database, users, load)


def _assert_each_exactly_once(database: Database, users: list[User], load: Load) -> None:
    owner = database.connect()
    for user in users:
        rows = owner.execute(
            "select idempotency_key from credits.transactions"
            " where user_id = %s and type = 'usage'",
            [user.id],
        ).fetchall()
        keys = [row["idempotency_key"] for row in rows]
        assert len(keys) == len(set(keys))
        assert set(keys) == load.acknowledged[user.id]
        assert user.balance() == 100_000 - len(keys)
    assert_books_balance(owner)


def test_a_process_without_its_database_lives_is_not_ready_and_recovers(
    mortal: Cluster, mortal_database: Database, start_api: StartApi
) -> None:
    api: LiveApi = start_api(database=mortal_database)
    user = api.user(10)
    mortal.kill()
    ok(api.client.get("/health"))
    refused(user.use(1), 503, "database_unavailable")
    headers = {"Origin": "https://shop.example"}
    refused(api.client.get("/health/ready", headers=headers), 503, "database_unavailable")
    mortal.start()
    wait_until(lambda: api.client.get("/health/ready").status_code == 200)
    ok(user.use(1))
    assert user.balance() == 9


def test_a_gift_that_cannot_be_looked_up_now_has_a_page_that_says_so(
    mortal: Cluster, mortal_database: Database, start_api: StartApi
) -> None:
    api = start_api(database=mortal_database)
    code = api.user(10).give(5)["code"]
    mortal.kill()
    answer = visit(api, code)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    page = Document.of(answer)
    assert len(page.headings) == 1
    assert page.links == [""]
    mortal.start()
    wait_until(lambda: visit(api, code).status_code == 200)


def test_a_payment_reported_while_the_database_is_away_is_credited_later(
    mortal: Cluster, mortal_database: Database, stripe: StripeServer, start_api: StartApi
) -> None:
    api = start_api(database=mortal_database, stripe=stripe)
    stripe.webhook_url = f"{api.url}{PREFIX}/webhooks/stripe"
    user = api.user()
    purchase = user.purchase(user.buy(api.package(550, 499))["purchaseId"])
    mortal.kill()
    stripe.pay(purchase["stripePaymentIntentId"])
    wait_until(lambda: [each.status for each in stripe.deliveries].count(503) >= 1)
    mortal.start()
    stripe.wait_delivered()
    assert [row["amount"] for row in ok(user.get("/credits/transactions"))] == [550]

"""Processes are replaced one after the other behind the nginx of deploy/nginx: nobody notices."""

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest

from sandbox.servers import free_port
from tests.api.live_api import PREFIX, SHOP, LiveApi, StartApi, User, refused
from tests.api.reverse_proxy import needs_nginx, nginx
from tests.databases import Database, assert_books_balance

pytestmark = [pytest.mark.nightly, needs_nginx]

CALLERS = 8
ROUNDS = 2
REQUESTS = 1500


class Callers:
    """People who use credits without a pause, without keys, and never repeat a request."""

    def __init__(self, url: str, users: list[User]) -> None:
        self.answered = 0
        self.failures: list[str] = []
        self._url = url + PREFIX
        self._enough = threading.Event()
        self._executor = ThreadPoolExecutor(len(users))
        self._uses = {user.id: self._executor.submit(self._call, user) for user in users}

    def end(self) -> dict[str, int]:
        """Call no more, and tell how often each has used a credit."""
        self._enough.set()
        uses = {user_id: work.result() for user_id, work in self._uses.items()}
        self._executor.shutdown()
        return uses

    def _call(self, user: User) -> int:
        body = {"amount": 1, "appId": "chat", "description": "One answer"}
        uses = 0
        headers = user.headers
        with httpx.Client(base_url=self._url, headers=headers, trust_env=False) as client:
            while not self._enough.is_set():
                self._note(client.post("/credits/use", json=body))
                self._note(client.get("/credits/balance"))
                uses += 1
        return uses

    def _note(self, answer: httpx.Response) -> None:
        self.answered += 1
        if answer.status_code != httpx.codes.OK:
            self.failures.append(f"{answer.request.method}: {answer.status_code} {answer.text}")


def test_refusals_of_the_api_come_through_and_metrics_do_not(api: LiveApi) -> None:
    port = urlsplit(api.url).port or 0
    with nginx([port, port]) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/metrics").status_code == 404
        headers = {**api.service.headers, "Origin": SHOP, "Content-Type": "application/json"}
        path = f"{PREFIX}/internal/credits/use"
        refused(client.post(path, content=b" " * 500_000, headers=headers), 413, "body_too_large")


def test_no_request_fails_while_processes_are_replaced(
    database: Database, start_api: StartApi
) -> None:
    ports = [free_port(), free_port()]
    apis = [start_api(database=database, PORT=str(port)) for port in ports]
    users = [apis[0].user(100_000) for _ in range(CALLERS)]
    with nginx(ports) as url:
        callers = Callers(url, users)
        rounds = 0
        while rounds < ROUNDS or callers.answered < REQUESTS:
            for n, port in enumerate(ports):
                assert apis[n].end_unused() is not None
                apis[n] = start_api(database=database, PORT=str(port))
            rounds += 1
        uses = callers.end()
    assert callers.failures == []
    owner = database.connect()
    spent = owner.execute("select user_id, total_spent from credits.balances").fetchall()
    assert {row["user_id"]: row["total_spent"] for row in spent} == uses
    assert_books_balance(owner)

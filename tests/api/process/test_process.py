"""A process under pressure, and at its end."""

import signal
import socket
import subprocess
import sys
from contextlib import suppress
from decimal import Decimal
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from sandbox.locks import is_alive
from sandbox.processes import clean_environment, log_tail
from tests.api.live_api import LiveApi, StartApi, lock_account, ok, refused, wait_until
from tests.api.wire import has_ipv6, wired
from tests.concurrency import in_background
from tests.databases import Database


@pytest.fixture(scope="module")
def own(start_module_api: StartApi) -> LiveApi:
    """A process and a database of this module's own."""
    return start_module_api()


def refuses_connections(api: LiveApi) -> bool:
    parts = urlsplit(api.url)
    try:
        socket.create_connection((str(parts.hostname), parts.port or 0), timeout=5).close()
    except OSError:
        return True
    return False


def heard(api: LiveApi) -> set[str]:
    """Return by which addresses of this machine the API answers."""
    port, answered = urlsplit(api.url).port, set()
    for address in ("127.0.0.1", "[::1]"):
        with suppress(httpx.ConnectError):
            ok(httpx.get(f"http://{address}:{port}/health", trust_env=False))
            answered.add(address)
    return answered


@pytest.mark.skipif(not has_ipv6(), reason="there is no IPv6 here")
def test_it_listens_everywhere_or_where_it_is_told(api: LiveApi, start_api: StartApi) -> None:
    assert heard(api) == {"127.0.0.1", "[::1]"}
    assert heard(start_api(HOST="127.0.0.1")) == {"127.0.0.1"}


def test_all_that_is_missing_is_told_in_one_line() -> None:
    needed = ("DATABASE_URL", "MANA_AUTH_URL", "MANA_SERVICE_KEY")
    environment = clean_environment({**dict.fromkeys(needed, ""), "PORT": "http"})
    done = subprocess.run(
        [sys.executable, "-m", "api"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert [name for name in (*needed, "PORT") if name not in line] == []


def test_a_request_under_way_is_answered_before_the_process_ends(
    module_database: Database, start_api: StartApi
) -> None:
    api = start_api(database=module_database)
    user = api.user(10)
    holder = lock_account(module_database, user)
    with in_background(lambda: user.use(4)) as use:
        api.wait_for_blocked_call()
        with in_background(api.end) as ending:
            wait_until(lambda: refuses_connections(api))
            assert not use.done()
            holder.rollback()
            assert ok(use.result())["newBalance"]["balance"] == 6
            assert ending.result() is not None
    assert user.amounts() == [10, -4]


def test_an_idle_process_ends_at_once_and_leaves_no_connection(
    database: Database, start_api: StartApi
) -> None:
    api = start_api(database=database)
    ok(api.user(10).use(1))
    api.client.close()
    # As a terminal that goes away does it.
    api.process.send(signal.SIGHUP)
    api.process.wait(5)
    assert api.process.returncode is not None
    query = (
        "select 1 from pg_stat_activity where datname = current_database() and usename = 'test_api'"
    )
    owner = database.connect()
    wait_until(lambda: not owner.execute(query).fetchall())


def test_what_comes_on_connections_that_were_made_before_the_end_is_answered(
    start_api: StartApi,
) -> None:
    api = start_api()
    with wired(api) as used, wired(api) as fresh, wired(api) as late:
        used.begin("GET", "/credits/packages")
        assert used.answer().status_code == 200
        api.process.send(signal.SIGTERM)
        wait_until(lambda: refuses_connections(api))
        for wire in (used, fresh):
            wire.begin("GET", "/credits/packages")
            answer = wire.answer()
            assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        assert late.is_closed()
    api.process.wait(5)
    assert api.process.returncode is not None


def test_a_connection_that_the_database_ended_goes_unnoticed(
    module_database: Database, own: LiveApi
) -> None:
    user = own.user(10)
    ended = module_database.connect().execute(
        "select pid, pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and usename = 'test_api'"
    )
    backends = [row["pid"] for row in ended]
    wait_until(lambda: not any(map(is_alive, backends)))
    for _ in range(20):
        ok(user.use(Decimal("0.1")))
    assert user.balance() == 8


def test_a_client_that_goes_away_leaves_nothing_half_done(
    module_database: Database, own: LiveApi
) -> None:
    user = own.user(10)
    holder = lock_account(module_database, user)
    body = b'{"amount": 4, "appId": "chat", "description": "d", "idempotencyKey": "k"}'
    with wired(own) as wire:
        fields = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        wire.send(wire.head("POST", "/credits/use", {**user.headers, **fields}) + body)
        own.wait_for_blocked_call()
    holder.rollback()
    ok(user.post("/credits/use", body))
    assert user.amounts() == [10, -4]


@pytest.mark.off_books
def test_a_process_does_not_start_on_a_database_that_is_not_deployed(
    database: Database, start_api: StartApi
) -> None:
    with psycopg.connect(database.dsn(), autocommit=True) as owner:
        owner.execute("drop schema gifts cascade; drop schema credits cascade")
    with pytest.raises(AssertionError):
        start_api(database=database)


def test_the_log_names_neither_people_nor_codes(own: LiveApi) -> None:
    user = own.user(50, email="ann@example.com")
    code = user.give(10)["code"]
    ok(own.service.get(f"/internal/credits/balance/{user.id}"))
    ok(user.redeem(code))
    refused(user.use(1000), 402, "insufficient_credits")
    # The last of them is logged after it was answered.
    wait_until(lambda: '"status":402' in log_tail(own.process.log, 1000).replace(" ", ""))
    log = log_tail(own.process.log, 1000)
    for private in (user.id, code, "ann@example.com", user.headers["Authorization"][7:]):
        assert private not in log


def test_an_api_that_could_do_anything_does_not_start(
    module_database: Database, start_api: StartApi
) -> None:
    with pytest.raises(AssertionError, match="DATABASE_URL"):
        start_api(database=module_database, DATABASE_URL=module_database.dsn())

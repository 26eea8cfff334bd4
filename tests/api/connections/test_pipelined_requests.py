"""Requests sent without waiting for the answers to those before them: a few at a time."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.api.live_api import LiveApi, StartApi, lock_account, ok
from tests.api.wire import wired

# Behind the one under way.
MOST_WAITING = 8

FLOODS = 40
FLOOD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 10_000

MOST_MEGABYTES = 60.0
MOST_SECONDS = 1.0


def test_as_many_as_may_wait_are_answered_in_order(api: LiveApi) -> None:
    user = api.user(100)
    with wired(api) as wire:
        for _ in range(3):
            numbers = [str(number) for number in range(1 + MOST_WAITING)]
            heads = (
                wire.head("GET", "/credits/balance", {**user.headers, "X-Request-Id": number})
                for number in numbers
            )
            wire.send(b"".join(heads))
            answers = wire.answers(len(numbers))
            assert [ok(answer)["balance"] for answer in answers] == [100] * len(numbers)
            assert [answer.headers["x-request-id"] for answer in answers] == numbers
            assert not any("connection" in answer.headers for answer in answers)


@pytest.fixture(scope="module")
def own(start_module_api: StartApi) -> LiveApi:
    """A process and a database of this module's own."""
    return start_module_api()


def test_with_more_the_connection_ends_after_those_that_may_wait(
    own: LiveApi,
) -> None:
    user = own.user(100)
    body = b'{"amount": 1, "appId": "chat", "description": "One answer"}'
    holder = lock_account(own.database, user)
    with wired(own) as wire:
        fields = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        use = wire.head("POST", "/credits/use", {**user.headers, **fields}) + body
        wire.send(use)
        own.wait_for_blocked_call()
        wire.send(use * 20)
        assert not wire.has_news(0.2)
        holder.rollback()
        answers = wire.answers(1 + MOST_WAITING)
        assert [ok(answer)["newBalance"]["balance"] for answer in answers] == [
            *range(99, 99 - len(answers), -1)
        ]
        closing = [answer.headers.get("connection") == "close" for answer in answers]
        assert closing == [False] * MOST_WAITING + [True]
        assert wire.is_closed()
    assert len(user.amounts()) == 1 + len(answers)


def test_a_flood_of_them_takes_little_memory_and_stops_nobody(
    own: LiveApi,
) -> None:
    with pauses(own) as longest, ThreadPoolExecutor(FLOODS) as executor:
        before = megabytes(own)
        had_enough = list(executor.map(lambda _: flood(own), range(FLOODS)))
        ok(own.client.get("/health"))
        assert megabytes(own) - before < MOST_MEGABYTES
    assert max(longest) < MOST_SECONDS
    assert had_enough == [True] * FLOODS


def flood(api: LiveApi) -> bool:
    """Send ten thousand requests at once; tell whether the API had enough after a few."""
    with wired(api) as wire:
        with suppress(OSError):
            wire.send(FLOOD)
        return wire.closes_within(64 * 1024)


def megabytes(api: LiveApi) -> float:
    """Return the most memory that the process has held at any time."""
    status = Path(f"/proc/{api.process.pid}/status")
    if not status.exists():
        pytest.skip("this system does not tell what a process has held")
    [line] = [each for each in status.read_text().splitlines() if each.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


@contextmanager
def pauses(api: LiveApi) -> Iterator[list[float]]:
    """Note how long each of many requests takes while the block runs."""
    seconds, enough = [0.0], threading.Event()

    def ask() -> None:
        while not enough.is_set():
            started = time.monotonic()
            ok(api.client.get("/health"))
            seconds.append(time.monotonic() - started)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield seconds
    finally:
        enough.set()
        thread.join()

"""Requests begin a few at a time, one of each caller's before another of any."""

import asyncio
from functools import partial

import pytest

from api.server.turns import Turns, caller_of

pytestmark = pytest.mark.anyio

AT_ONCE = 8


class Begun:
    """The requests that have begun, in which step of the loop."""

    def __init__(self) -> None:
        self.turns = Turns(asyncio.get_running_loop())
        self.names: list[str] = []

    def ask(self, caller: str, count: int) -> None:
        for number in range(count):
            self.turns.take(caller, partial(self.names.append, f"{caller}{number}"))


async def test_a_few_begin_at_once() -> None:
    begun = Begun()
    begun.ask("a", AT_ONCE)
    assert len(begun.names) == AT_ONCE


async def test_the_others_begin_a_few_in_each_step() -> None:
    begun = Begun()
    begun.ask("a", 20)
    counts = []
    while len(begun.names) < 20:
        counts.append(len(begun.names))
        await asyncio.sleep(0)
    assert counts == [8, 16]


async def test_who_asks_once_waits_for_one_of_each_other() -> None:
    begun = Begun()
    begun.ask("a", 100)
    begun.ask("b", 50)
    begun.ask("c", 1)
    await asyncio.sleep(0)
    assert begun.names[AT_ONCE:][:5] == ["a8", "b0", "c0", "a9", "b1"]


async def test_each_step_has_room_again() -> None:
    begun = Begun()
    for step in range(3):
        begun.ask("a", AT_ONCE)
        assert len(begun.names) == (step + 1) * AT_ONCE
        await asyncio.sleep(0)


async def test_nothing_is_left_out() -> None:
    begun = Begun()
    for caller in "abcde":
        begun.ask(caller, 30)
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(set(begun.names)) == 150


CLIENT = ("192.0.2.1", 50000)
OTHER_CONNECTION = ("192.0.2.1", 50001)
TOKEN = (b"authorization", b"Bearer a.b.c")
KEY = (b"x-service-key", b"k")


async def test_a_user_is_one_caller_on_every_connection() -> None:
    same = [
        [TOKEN],
        [(b"authorization", b"bEARER   a.b.c ")],
        [TOKEN, KEY],
        [KEY, TOKEN],
    ]
    told = {caller_of(headers, client) for headers in same for client in (CLIENT, OTHER_CONNECTION)}
    assert len(told) == 1


async def test_strangers_are_told_apart_by_their_address() -> None:
    assert caller_of([], CLIENT) == caller_of([], OTHER_CONNECTION) == CLIENT[0]


async def test_a_service_has_a_turn_for_each_connection() -> None:
    assert caller_of([KEY], CLIENT) != caller_of([KEY], OTHER_CONNECTION)

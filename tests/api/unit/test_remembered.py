"""Values that many ask for are found once a second."""

import asyncio

import pytest

from api.remembered import Remembered

from .conftest import Clock, eventually

pytestmark = pytest.mark.anyio


class Shelf:
    """A value that takes until it is open to be found; counts who looks."""

    def __init__(self) -> None:
        self.looked = 0
        self.is_open = asyncio.Event()
        self.error: Exception | None = None

    async def find(self) -> int:
        self.looked += 1
        await self.is_open.wait()
        if self.error is not None:
            raise self.error
        return self.looked


async def test_whoever_asks_meanwhile_gets_what_is_found() -> None:
    shelf = Shelf()
    value = Remembered(shelf.find)
    asking = [asyncio.create_task(value.get()) for _ in range(10)]
    await eventually(lambda: shelf.looked == 1)
    asking.pop().cancel()
    shelf.is_open.set()
    assert await asyncio.gather(*asking) == [1] * 9
    assert await value.get() == 1


async def test_it_is_looked_for_again_after_a_while(clock: Clock) -> None:
    shelf = Shelf()
    shelf.is_open.set()
    value = Remembered(shelf.find, 5.0, clock)
    assert await value.get() == 1
    clock.advance(4.9)
    assert await value.get() == 1
    clock.advance(0.1)
    assert await value.get() == 2


async def test_in_the_background_nobody_waits_for_it() -> None:
    shelf = Shelf()
    value = Remembered(shelf.find)
    value.begin()
    value.begin()
    await eventually(lambda: shelf.looked == 1)
    await value.close()
    assert shelf.looked == 1


async def test_that_it_was_not_found_is_not_remembered() -> None:
    shelf = Shelf()
    shelf.is_open.set()
    shelf.error = LookupError()
    value = Remembered(shelf.find)
    with pytest.raises(LookupError):
        await value.get()
    shelf.error = None
    assert await value.get() == 2

"""Nodes die and parts move while they are used: nothing acknowledged is lost or done twice."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import psycopg
import pytest

from api.database.refusals import had_no_effect, refusal_of
from tests.api.live_api import LiveApi, refused, unique, wait_until
from tests.api.load import running_load
from tests.citus.conftest import Nodes
from tests.citus.serving import Asked, assert_books_are_even, serving, users_everywhere
from tests.databases import Connection
from tests.sql.calls import call

WORKERS = (1, 2)

Serve = Callable[[Asked], AbstractContextManager[LiveApi]]


@pytest.fixture(scope="module")
def lasting(nodes: Nodes) -> Iterator[Nodes]:
    """The nodes, on which nothing is left in doubt at the end."""
    yield nodes
    nodes.end_what_is_in_doubt()


@pytest.fixture
def serve(lasting: Nodes, tmp_path: Path) -> Serve:
    """Serves the API, which asks the right node, or the coordinator alone."""
    return lambda asked: serving(lasting, tmp_path / "api.log", asked)


@pytest.mark.parametrize("asked", ["right node", "coordinator"])
def test_a_worker_that_dies_under_load_loses_and_repeats_nothing(
    lasting: Nodes, serve: Serve, asked: Asked
) -> None:
    with serve(asked) as api:
        users = users_everywhere(api, lasting)
        with running_load(users) as load:
            wait_until(lambda: load.count >= 200)
            with lasting.locked(users[0].id):
                wait_until(partial(lasting.waits, WORKERS[0], "transactionid"))
                lasting.crash(WORKERS[0])
            wait_until(partial(lasting.is_up, WORKERS[0]))
            before = len(load.acknowledged[users[0].id])
            wait_until(lambda: len(load.acknowledged[users[0].id]) >= before + 100)
    lasting.end_what_is_in_doubt()
    assert load.refusals
    for answer in load.refusals:
        refused(answer, 503, answer.json()["code"])
    with lasting.connect() as owner:
        load.assert_each_written_once(owner)
        assert_books_are_even(owner)


@pytest.mark.parametrize("mode", ["force_logical", "block_writes"])
def test_a_part_that_is_moved_under_load_loses_and_repeats_nothing(
    lasting: Nodes, serve: Serve, mode: str
) -> None:
    with serve("right node") as api:
        users = users_everywhere(api, lasting)
        part, source = lasting.place(users[0].id)
        with running_load(users) as load:
            wait_until(lambda: load.count >= 200)
            lasting.move(part, source, WORKERS[1], mode)
            before = len(load.acknowledged[users[0].id])
            wait_until(lambda: len(load.acknowledged[users[0].id]) >= before + 100)
    with lasting.connect() as owner:
        load.assert_each_written_once(owner)
        assert_books_are_even(owner)
    lasting.move(part, WORKERS[1], source, "block_writes")


def test_a_funding_that_waits_for_a_move_is_written_on_both_sides(lasting: Nodes) -> None:
    if len(lasting.urls) <= len(WORKERS) + 1:
        pytest.skip("it takes a third worker, to which a part moves that neither side is asked at")
    person, pool = (lasting.on(node, unique("waits")) for node in WORKERS)
    part, source = lasting.place(person)
    with lasting.api(WORKERS[1]) as api, lasting.connect() as owner:
        call(
            api,
            "credits.grant_credits",
            user_id=person,
            amount=10,
            reason="bonus",
            reference_id="1",
        )
        call(api, "credits.init_guild_pool", organization_id=pool)
        fund = partial(
            call,
            api,
            "credits.fund_guild_pool",
            user_id=person,
            organization_id=pool,
            amount=1,
        )
        fund()
        with ThreadPoolExecutor(1) as executor:
            with lasting.moving(part, source, len(lasting.urls) - 1):
                waiting = executor.submit(fund)
                wait_until(partial(lasting.waits, WORKERS[1], "advisory"))
            waiting.result()
        sides = owner.execute(
            "select type, count(*) from credits.entries where account_id = any (%s)"
            " and type in ('funding', 'guild_funding') group by type order by type::text",
            ([person, pool],),
        ).fetchall()
        lasting.move(part, len(lasting.urls) - 1, source, "block_writes")
    assert [(row["type"], row["count"]) for row in sides] == [("funding", 2), ("guild_funding", 2)]


@pytest.mark.parametrize("at", ["statement", "commit"])
@pytest.mark.parametrize("sides", [1, 2])
def test_what_a_lost_node_makes_fail_is_told_as_its_absence(
    lasting: Nodes, sides: int, at: str
) -> None:
    people = [lasting.on(node, unique("lost")) for node in WORKERS[-sides:]]

    def give(api: Connection, person: str) -> None:
        call(
            api,
            "credits.grant_credits",
            user_id=person,
            amount=1,
            reason="bonus",
            reference_id=unique("gift"),
        )

    with lasting.api() as api:
        api.autocommit = False
        for person in people:
            give(api, person)
        lasting.crash(WORKERS[-1])
        # Till then a session of before may be there for a moment more.
        wait_until(partial(lasting.is_up, WORKERS[-1]))
        fail = partial(give, api, people[-1]) if at == "statement" else api.commit
        with pytest.raises(psycopg.Error) as raised:
            fail()
        api.rollback()
    told = refusal_of(raised.value)
    assert told is not None
    assert (told.status, told.code) == (503, "database_unavailable")
    assert not had_no_effect(raised.value)

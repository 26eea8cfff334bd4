"""Many requests at the same moment, which the service serves together: each as if it were alone."""

from decimal import Decimal
from functools import partial

import pytest

from tests.api.live_api import PREFIX, LiveApi, StartApi, at_once, ok, refused, unique, wait_until
from tests.databases import Connection, Database


def test_one_key_forty_times_moves_once_and_all_get_the_result(api: LiveApi) -> None:
    user, key = api.user(10), unique("key")
    answers = [ok(answer) for answer in at_once(40, lambda _: user.use(3, key=key))]
    assert user.amounts() == [10, -3]
    assert len({answer["transaction"]["id"] for answer in answers}) == 1
    assert {answer["newBalance"]["balance"] for answer in answers} == {7}
    assert sum("message" in answer for answer in answers) == 39


def test_the_last_credit_is_spent_once(api: LiveApi) -> None:
    user = api.user(1)
    answers = at_once(40, lambda _: user.use(1))
    assert [answer.status_code for answer in answers].count(200) == 1
    for answer in answers:
        if answer.status_code != 200:
            details = refused(answer, 402, "insufficient_credits")
            assert details == {"required": 1, "available": 0}
    assert user.balance() == 0


def test_each_of_many_gets_its_own_answer(api: LiveApi) -> None:
    users = [api.user(i + 1) for i in range(32)]
    answers = at_once(32, lambda i: users[i].use(Decimal(f"{i}.5"), description=f"Answer {i}"))
    for i, answer in enumerate(answers):
        told = ok(answer)
        assert told["transaction"]["userId"] == users[i].id
        assert told["transaction"]["description"] == f"Answer {i}"
        assert told["newBalance"] == {"balance": Decimal("0.5"), "totalSpent": Decimal(f"{i}.5")}
    assert [user.balance() for user in users] == [Decimal("0.5")] * 32


def test_one_who_is_refused_spoils_nothing_for_the_others(api: LiveApi) -> None:
    users = [api.user(0 if i % 4 == 0 else 5) for i in range(32)]
    answers = at_once(32, lambda i: users[i].use(2))
    for i, answer in enumerate(answers):
        if i % 4 == 0:
            refused(answer, 402, "insufficient_credits")
        else:
            assert ok(answer)["newBalance"]["balance"] == 3


def test_metadata_that_cannot_be_stored_is_refused_to_the_one_who_sent_it(api: LiveApi) -> None:
    users = [api.user(5) for _ in range(32)]
    bad, good = {"x": Decimal("1e999999")}, {"x": "y"}
    answers = at_once(32, lambda i: users[i].use(2, metadata=bad if i == 7 else good))
    refused(answers[7], 400, "invalid_request")
    assert {ok(answer)["transaction"]["metadata"]["x"] for answer in answers[8:]} == {"y"}
    assert [user.balance() for user in users] == [5 if i == 7 else 3 for i in range(32)]


def test_balances_are_those_of_whoever_asks(api: LiveApi) -> None:
    users = [api.user(i) for i in range(32)]
    assert at_once(32, lambda i: users[i].balance()) == list(range(32))


# Routes whose answer is the same for all, and the functions that are called for them.
COMMON = {f"{PREFIX}/credits/packages": "list_packages", "/health/ready": "limits_time_zone"}


def ask(api: LiveApi, path: str, _number: int) -> None:
    ok(api.client.get(path))


@pytest.fixture(scope="module")
def asked(module_database: Database, start_module_api: StartApi) -> Connection:
    """The database of a process that was asked a hundred times for each of them."""
    owner = module_database.connect()
    owner.execute(f"alter database {module_database.name} set track_functions = 'all'")
    api = start_module_api()
    for path in COMMON:
        for _ in range(5):
            at_once(20, partial(ask, api, path))
    api.end_unused()
    return owner


@pytest.mark.parametrize("function", COMMON.values())
def test_for_what_is_the_same_for_all_the_database_is_asked_once_a_second(
    asked: Connection, function: str
) -> None:
    query = "select calls from pg_stat_user_functions where funcname = %s and calls > 0"
    [row] = wait_until(lambda: asked.execute(query, [function]).fetchall())
    assert row["calls"] < 50

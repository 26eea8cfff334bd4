"""Ids of requests lead to the ledger rows that they wrote."""

import pytest

from tests.api.live_api import LiveApi, StartApi, at_once, ok
from tests.databases import Database


@pytest.fixture
def own(database: Database, start_api: StartApi) -> LiveApi:
    """A process and a database of one's own."""
    return start_api(database=database)


def written_by(database: Database, request_id: str) -> list[tuple[str, int]]:
    """The owners of the rows that a request wrote, and their amounts."""
    with database.connect() as owner:
        found = owner.execute(
            "select user_id, amount from credits.transactions where request_id = %s order by id",
            (request_id,),
        ).fetchall()
    return [(row["user_id"], row["amount"]) for row in found]


def test_row_has_the_id_that_the_request_came_with(database: Database, own: LiveApi) -> None:
    user = own.user(5)
    answer = user.post(
        "/credits/use",
        {"amount": 2, "appId": "chat", "description": "One answer"},
        headers={"X-Request-Id": "a-request"},
    )
    ok(answer)
    assert written_by(database, "a-request") == [(user.id, -2)]


def test_row_has_the_id_that_the_answer_tells(database: Database, own: LiveApi) -> None:
    user = own.user(5)
    answer = user.use(2)
    assert written_by(database, answer.headers["x-request-id"]) == [(user.id, -2)]


def test_requests_that_are_served_together_have_their_own(database: Database, own: LiveApi) -> None:
    users = [own.user(i + 1) for i in range(32)]
    answers = at_once(32, lambda i: users[i].use(i + 1))
    for i, answer in enumerate(answers):
        ok(answer)
        assert written_by(database, answer.headers["x-request-id"]) == [(users[i].id, -i - 1)]

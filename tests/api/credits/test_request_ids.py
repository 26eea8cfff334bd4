"""Ids of requests lead to the ledger rows that they wrote."""

from tests.api.live_api import LiveApi, at_once, ok, unique


def written_by(api: LiveApi, request_id: str) -> list[tuple[str, int]]:
    """The owners of the rows that a request wrote, and their amounts."""
    found = api.audit(
        "select user_id, amount from credits.transactions where request_id = %s order by id",
        request_id,
    )
    return [(row["user_id"], row["amount"]) for row in found]


def test_row_has_the_id_that_the_request_came_with(api: LiveApi) -> None:
    user, request_id = api.user(5), unique("request")
    body = {"amount": 2, "appId": "chat", "description": "One answer"}
    ok(user.post("/credits/use", body, headers={"X-Request-Id": request_id}))
    assert written_by(api, request_id) == [(user.id, -2)]


def test_row_has_the_id_that_the_answer_tells(api: LiveApi) -> None:
    user = api.user(5)
    answer = user.use(2)
    assert written_by(api, answer.headers["x-request-id"]) == [(user.id, -2)]


def test_requests_that_are_served_together_have_their_own(api: LiveApi) -> None:
    users = [api.user(i + 1) for i in range(32)]
    answers = at_once(32, lambda i: users[i].use(i + 1))
    for i, answer in enumerate(answers):
        ok(answer)
        assert written_by(api, answer.headers["x-request-id"]) == [(users[i].id, -i - 1)]

"""A person's story, as services see it."""

import pytest

from tests.api.live_api import LiveApi, ok, unique

LISTS = ("transactions", "purchases", "gifts", "gifts?side=taken")


def test_a_service_sees_what_the_user_sees(api: LiveApi) -> None:
    user, friend = api.user(50), api.user(50)
    user.give(10)
    ok(user.redeem(friend.give(7)["code"]))
    user.buy(api.package())
    own = {
        "transactions": "/credits/transactions",
        "purchases": "/credits/purchases",
        "gifts": "/gifts/me/created",
        "gifts?side=taken": "/gifts/me/received",
    }
    for path, of_user in own.items():
        told = ok(api.service.get(f"/internal/credits/accounts/{user.id}/{path}"))
        assert told
        assert told == ok(user.get(of_user))


def test_lists_have_pages_and_filters(api: LiveApi) -> None:
    user = api.user(10)
    for _ in range(3):
        ok(user.use(1))
    path = f"/internal/credits/accounts/{user.id}/transactions"
    first = api.service.get(path, limit=2)
    following = api.client.get(first.links["next"]["url"], headers=api.service.headers)
    assert ok(first) + ok(following) == ok(user.get("/credits/transactions"))
    assert len(ok(api.service.get(path, type="usage"))) == 3


@pytest.mark.parametrize("path", LISTS)
def test_only_services_may_ask(api: LiveApi, path: str) -> None:
    user = api.user()
    for caller in (user, api.anyone):
        answer = caller.get(f"/internal/credits/accounts/{user.id}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("path", LISTS)
def test_of_somebody_never_seen_there_is_nothing(api: LiveApi, path: str) -> None:
    assert ok(api.service.get(f"/internal/credits/accounts/{unique('nobody')}/{path}")) == []


@pytest.mark.parametrize("path", ["gifts?side=both", "purchases?limit=0", "transactions?type=x"])
def test_what_is_asked_wrongly_is_refused(api: LiveApi, path: str) -> None:
    answer = api.service.get(f"/internal/credits/accounts/anna/{path}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")

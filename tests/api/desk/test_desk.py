"""The routes of the support desk: what each does, for whom, and what it refuses."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.desk_calls import Admin
from tests.api.live_api import LiveApi, at_once, ok, unique
from tests.api.service_calls import erase, hold

NOTHING = "01900000-0000-7000-8000-000000000001"
ACTS = (
    "accounts/somebody/grant",
    "accounts/somebody/take",
    "accounts/somebody/freeze",
    "accounts/somebody/unfreeze",
    f"transactions/{NOTHING}/refund",
    f"reservations/{NOTHING}/release",
    f"gifts/{NOTHING}/cancel",
    "packages",
    "prices",
    "service-keys",
    "service-keys/chat/revoke",
)
READINGS = (
    "accounts?query=x",
    "accounts/somebody",
    "packages",
    "prices",
    "service-keys",
    "actions",
)


@pytest.fixture
def admin(api: LiveApi) -> Admin:
    return Admin(api)


def code(answer: Any, status: int) -> str:
    """Return the code of an error."""
    assert answer.status_code == status, answer.text
    return str(answer.json()["code"])


def test_a_grant_a_taking_and_what_the_log_says_of_them(api: LiveApi, admin: Admin) -> None:
    user = api.user(5)
    granted = ok(admin.act(f"accounts/{user.id}/grant", amount=2.5))
    taken = ok(admin.act(f"accounts/{user.id}/take", amount=1, description="Too much"))
    assert (granted["action"]["balance"], taken["action"]["balance"]) == (7.5, 6.5)
    newest = ok(user.get("/credits/transactions"))[0]
    assert (newest["type"], newest["amount"], newest["description"]) == (
        "adjustment",
        -1,
        "Too much",
    )
    assert newest["id"] == taken["action"]["transactionId"]
    listed = ok(admin.get("/admin/actions", account=user.id))
    assert listed == [taken["action"], granted["action"]]
    assert [row["admin"] for row in listed] == [admin.id, admin.id]
    assert ok(admin.get("/admin/actions", admin=unique("admin"))) == []


def test_the_log_has_pages(api: LiveApi, admin: Admin) -> None:
    user = api.user()
    acts = [ok(admin.act(f"accounts/{user.id}/grant", amount=1))["action"] for _ in range(3)]
    first = admin.get("/admin/actions", account=user.id, limit=2)
    following = api.client.get(first.links["next"]["url"], headers=admin.headers)
    assert ok(first) + ok(following) == acts[::-1]


def test_a_usage_goes_back_where_it_came_from(api: LiveApi, admin: Admin) -> None:
    user = api.user(5)
    usage = ok(user.use(3))["transaction"]["id"]
    assert ok(admin.act(f"transactions/{usage}/refund", amount=1))["action"]["balance"] == 3
    assert ok(admin.act(f"transactions/{usage}/refund"))["action"]["amount"] == 2
    assert code(admin.act(f"transactions/{usage}/refund"), 400) == "amount_exceeds_refundable"
    guild = api.guild(10)
    used = ok(guild.use(guild.member, 4))["transaction"]["id"]
    ok(admin.act(f"transactions/{used}/refund"))
    assert guild.balance() == 10
    assert code(admin.act(f"transactions/{uuid4()}/refund"), 404) == "transaction_not_found"


def test_a_hold_and_a_gift_are_ended(api: LiveApi, admin: Admin) -> None:
    user = api.user(20)
    held = hold(api, user.id, 5)
    gift = user.give(10)
    assert ok(admin.act(f"reservations/{held}/release"))["action"]["balance"] == 10
    assert ok(admin.act(f"gifts/{gift['id']}/cancel"))["action"]["balance"] == 20
    assert code(admin.act(f"reservations/{uuid4()}/release"), 404) == "reservation_not_found"
    assert code(admin.act(f"gifts/{uuid4()}/cancel"), 404) == "gift_not_found"


def test_a_frozen_account_gives_nothing_until_it_is_lifted(api: LiveApi, admin: Admin) -> None:
    user = api.user(5)
    ok(admin.act(f"accounts/{user.id}/freeze", reason="Reported stolen"))
    assert code(user.use(1), 403) == "account_frozen"
    story = ok(admin.get(f"/admin/accounts/{user.id}"))
    assert (story["frozen"], story["frozenReason"]) == (True, "Reported stolen")
    ok(admin.act(f"accounts/{user.id}/unfreeze"))
    ok(user.use(1))


@pytest.mark.parametrize("change", ["freeze", "unfreeze"])
def test_an_id_that_nobody_has_is_neither_frozen_nor_freed(admin: Admin, change: str) -> None:
    answer = admin.act(f"accounts/mistyped/{change}", reason="Reported stolen")
    assert code(answer, 404) == "not_found"
    assert answer.json()["details"] == {"userId": "mistyped"}


def test_who_was_erased_while_frozen_is_shown_as_frozen(api: LiveApi, admin: Admin) -> None:
    user = api.user(5)
    ok(admin.act(f"accounts/{user.id}/freeze", reason="Reported stolen"))
    ok(erase(api, user.id))
    story = ok(admin.get(f"/admin/accounts/{user.id}"))
    assert (story["frozen"], story["frozenAt"]) == (True, None)
    assert story["frozenReason"] == "Frozen before its person was erased"
    ok(admin.act(f"accounts/{user.id}/unfreeze"))
    story = ok(admin.get(f"/admin/accounts/{user.id}"))
    assert (story["frozen"], story["frozenReason"]) == (False, None)


def test_everything_leads_to_the_account(api: LiveApi, admin: Admin) -> None:
    user = api.user(20)
    gift = user.give(10)
    key = unique("key")
    answer = user.use(1, key=key)
    usage = ok(answer)["transaction"]["id"]
    request = answer.headers["X-Request-Id"]
    for query, found_by in {
        user.id: "account",
        gift["code"]: "gift",
        usage: "transaction",
        hold(api, user.id): "reservation",
        key: "idempotencyKey",
        request: "requestId",
    }.items():
        found = ok(admin.get("/admin/accounts", query=query))
        assert [(row["accountId"], row["foundBy"]) for row in found] == [(user.id, found_by)]
    assert ok(admin.get("/admin/accounts", query=unique("nothing"))) == []
    assert code(admin.get("/admin/accounts"), 400) == "invalid_request"


def test_a_payment_leads_to_the_account(api: LiveApi, admin: Admin) -> None:
    user = api.user()
    bought = user.purchase(user.buy(api.package())["purchaseId"])
    found = ok(admin.get("/admin/accounts", query=bought["stripePaymentIntentId"]))
    assert [(row["accountId"], row["foundBy"]) for row in found] == [(user.id, "purchase")]


def test_a_story_has_everything(api: LiveApi, admin: Admin) -> None:
    user, friend = api.user(50), api.user(50)
    user.give(10)
    ok(user.redeem(friend.give(7)["code"]))
    user.buy(api.package())
    held = hold(api, user.id, 2)
    story = ok(admin.get(f"/admin/accounts/{user.id}"))
    assert (story["balance"], story["reserved"], story["debt"]) == (45, 2, 0)
    assert [row["reservationId"] for row in story["holds"]] == [held]
    assert [row["totalCredits"] for row in story["giftsGiven"]] == [10]
    assert [row["creditsReceived"] for row in story["giftsTaken"]] == [7]
    assert [row["status"] for row in story["purchases"]] == ["pending"]
    assert [row["type"] for row in story["entries"]] == ["hold", "gift", "gift", "refund"]
    assert {row["calledBy"] for row in story["entries"]} == {"test_api"}
    assert "code" not in story["giftsGiven"][0]
    nobody = ok(admin.get(f"/admin/accounts/{unique('nobody')}"))
    assert (nobody["balance"], nobody["createdAt"], nobody["entries"]) == (0, None, [])


def test_packages_and_prices_keep_their_history(api: LiveApi, admin: Admin) -> None:
    name = unique("package")
    made = ok(admin.act("packages", name=name, credits=100, priceEuroCents=499))["action"]
    path = f"/admin/packages/{made['after']['id']}"
    body = {"priceEuroCents": 599, "active": False, "reason": "Dearer"}
    body["idempotencyKey"] = unique("act")
    changed = ok(admin.request("PATCH", path, body))["action"]
    assert changed["before"] == made["after"]
    assert (changed["after"]["priceEuroCents"], changed["after"]["name"]) == (599, name)
    [listed] = [row for row in ok(admin.get("/admin/packages")) if row["name"] == name]
    assert not listed["active"]
    body["idempotencyKey"] = unique("act")
    unknown = admin.request("PATCH", f"/admin/packages/{uuid4()}", body)
    assert code(unknown, 404) == "package_not_found"
    operation = unique("operation")
    ok(admin.act("prices", operation=operation, unitPrice=2, unit="token", per=1000))
    ok(admin.act("prices", operation=operation, unitPrice=3, validFrom="2999-01-01T00:00:00Z"))
    prices = ok(admin.get("/admin/prices", operation=operation))
    assert [(row["unitPrice"], row["unit"]) for row in prices] == [(3, "token"), (2, "token")]
    refused = admin.act("prices", operation=operation, validFrom="2001-01-01T00:00:00Z")
    assert code(refused, 400) == "invalid_request"


@pytest.mark.parametrize("role", ["admin", "user,admin", "user, admin", ["user", "admin"]])
def test_the_role_may_be_one_of_several(api: LiveApi, role: Any) -> None:
    ok(Admin(api, role).get("/admin/packages"))


@pytest.mark.parametrize("role", ["user", "administrator", "", None, 1, {"admin": True}])
def test_nobody_else_is_let_in(api: LiveApi, role: Any) -> None:
    assert code(Admin(api, role).get("/admin/packages"), 403) == "admin_required"


@pytest.mark.parametrize("path", ACTS)
def test_acts_are_for_administrators(api: LiveApi, path: str) -> None:
    body = {"reason": "Ticket 17", "idempotencyKey": "k"}
    assert code(api.user().post(f"/admin/{path}", body), 403) == "admin_required"
    assert code(api.service.post(f"/admin/{path}", body), 401) == "unauthenticated"
    assert code(api.anyone.post(f"/admin/{path}", body), 401) == "unauthenticated"


@pytest.mark.parametrize("path", READINGS)
def test_readings_are_for_administrators(api: LiveApi, path: str) -> None:
    assert code(api.user().get(f"/admin/{path}"), 403) == "admin_required"
    assert code(api.service.get(f"/admin/{path}"), 401) == "unauthenticated"
    assert code(api.anyone.get(f"/admin/{path}"), 401) == "unauthenticated"


@pytest.mark.parametrize("missing", ["reason", "idempotencyKey"])
def test_a_reason_and_a_key_are_needed(api: LiveApi, admin: Admin, missing: str) -> None:
    user = api.user()
    body = {"amount": 1, "reason": "Ticket 17", "idempotencyKey": "k"}
    del body[missing]
    refused = admin.post(f"/admin/accounts/{user.id}/grant", body)
    assert code(refused, 400) == "invalid_request"
    assert missing in refused.json()["details"]
    assert user.balance() == 0


def test_nobody_acts_on_their_own_account(api: LiveApi, admin: Admin) -> None:
    assert code(admin.act(f"accounts/{admin.id}/grant", amount=1), 403) == "own_account"


def test_more_than_is_there_is_not_taken(api: LiveApi, admin: Admin) -> None:
    user = api.user(5)
    assert code(admin.act(f"accounts/{user.id}/take", amount=6), 402) == "insufficient_credits"
    assert user.balance() == 5


def test_a_repetition_gets_the_first_answer(api: LiveApi, admin: Admin) -> None:
    user = api.user()
    path, key = f"accounts/{user.id}/grant", unique("key")
    first = ok(admin.act(path, amount=5, idempotencyKey=key))
    second = ok(admin.act(path, amount=5, idempotencyKey=key))
    assert second["replayed"]
    assert second["action"] == first["action"]
    reused = admin.act(path, amount=6, idempotencyKey=key)
    assert code(reused, 409) == "idempotency_key_reused"
    assert user.balance() == 5


@pytest.mark.parametrize("known", [True, False])
def test_of_two_acts_with_one_key_one_moves(api: LiveApi, admin: Admin, known: bool) -> None:
    user = api.user(1) if known else api.user()
    key = unique("key")
    path = f"accounts/{user.id}/grant"
    answers = at_once(4, lambda _: ok(admin.act(path, amount=5, idempotencyKey=key)))
    assert len({answer["action"]["id"] for answer in answers}) == 1
    assert user.balance() == 5 + known


def test_of_two_packages_with_one_key_one_is_made(api: LiveApi, admin: Admin) -> None:
    name, key = unique("package"), unique("key")
    fields = {"name": name, "credits": 1, "priceEuroCents": 1, "idempotencyKey": key}
    at_once(4, lambda _: ok(admin.act("packages", **fields)))
    assert len([row for row in ok(admin.get("/admin/packages")) if row["name"] == name]) == 1


def test_acts_at_once_are_one_after_the_other(api: LiveApi, admin: Admin) -> None:
    user = api.user()
    at_once(4, lambda _: ok(admin.act(f"accounts/{user.id}/grant", amount=1)))
    assert len(ok(admin.get("/admin/actions", account=user.id))) == 4
    assert api.audit("select * from reconcile.broken_acts") == []

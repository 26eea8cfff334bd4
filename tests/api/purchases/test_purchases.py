"""Buying credits: what is on sale, and how a purchase begins."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.servers import ServerThread
from sandbox.stripe import StripeServer
from tests.api.live_api import (
    SHOP,
    LiveApi,
    StartApi,
    User,
    at_once,
    ok,
    refused,
    unique,
    wait_until,
)

URLS = {"successUrl": f"{SHOP}/thanks?id=1#top", "cancelUrl": f"{SHOP}/cart"}


def listed(api: LiveApi, *package_ids: str) -> list[dict[str, Any]]:
    """Return those of these packages that are shown, as soon as the last one is."""

    def shown() -> list[dict[str, Any]]:
        everything = ok(api.anyone.get("/credits/packages"))
        found = [package for package in everything if package["id"] in package_ids]
        return found if package_ids[-1] in {package["id"] for package in found} else []

    return wait_until(shown)


def test_packages_on_sale_are_shown_to_anyone(api: LiveApi) -> None:
    package_id = api.package(
        Decimal("100.5"), 499, name="Small", description="To try things out", sort_order=7
    )
    assert listed(api, package_id) == [
        {
            "id": package_id,
            "name": "Small",
            "description": "To try things out",
            "credits": Decimal("100.5"),
            "priceEuroCents": 499,
            "stripePriceId": None,
            "active": True,
            "sortOrder": 7,
            "metadata": {},
        }
    ]


def test_packages_are_sorted_and_only_active_ones_are_shown(api: LiveApi) -> None:
    hidden = api.package(active=False)
    third, first, second = (api.package(sort_order=order) for order in (-1, -3, -2))
    shown = listed(api, hidden, third, first, second)
    assert [package["id"] for package in shown] == [first, second, third]


def test_a_purchase_without_urls_is_a_payment_intent(api: LiveApi, stripe: StripeServer) -> None:
    user = api.user(email="ann@example.com")
    answer = user.buy(api.package(550, 499))
    assert answer.keys() == {"purchaseId", "clientSecret", "amount", "credits"}
    assert (answer["amount"], answer["credits"]) == (499, 550)
    purchase = user.purchase(answer["purchaseId"])
    intent = stripe.object(purchase["stripePaymentIntentId"])
    assert intent["client_secret"] == answer["clientSecret"]
    assert (intent["amount"], intent["currency"]) == (499, "eur")
    assert stripe.object(intent["customer"])["email"] == "ann@example.com"


def test_a_purchase_with_urls_is_a_checkout_session(api: LiveApi, stripe: StripeServer) -> None:
    user = api.user()
    answer = user.buy(api.package(550, 499), **URLS)
    assert answer.keys() == {"purchaseId", "checkoutUrl", "amount", "credits"}
    session = stripe.object(answer["checkoutUrl"].rpartition("/")[2])
    assert (session["amount_total"], session["currency"]) == (499, "eur")
    assert (session["success_url"], session["cancel_url"]) == (
        URLS["successUrl"],
        URLS["cancelUrl"],
    )


def test_a_purchase_begins_pending_and_moves_nothing(api: LiveApi, stripe: StripeServer) -> None:
    user = api.user()
    package_id = api.package(550, 499)
    answer = user.buy(package_id)
    purchase = user.purchase(answer["purchaseId"])
    assert purchase["status"] == "pending"
    assert purchase["packageId"] == package_id
    assert (purchase["credits"], purchase["priceEuroCents"]) == (550, 499)
    assert purchase["completedAt"] is None
    assert user.amounts() == []


def test_a_purchase_keeps_the_price_that_it_had(api: LiveApi, stripe: StripeServer) -> None:
    user = api.user()
    package_id = api.package(550, 499)
    answer = user.buy(package_id)
    with api.database.connect() as owner:
        owner.execute(
            "update credits.packages set credits = 1, price_euro_cents = 99999 where id = %s",
            [package_id],
        )
    purchase = user.purchase(answer["purchaseId"])
    assert (purchase["credits"], purchase["priceEuroCents"]) == (550, 499)
    stripe.pay(purchase["stripePaymentIntentId"])
    stripe.wait_delivered()
    assert user.balance() == 550


def price_at(stripe: StripeServer, cents: int, currency: str = "eur") -> str:
    """Return the id of a new price there."""
    answer = httpx.post(
        f"{stripe.url}/v1/prices",
        headers={"Authorization": f"Bearer {stripe.secret_key}"},
        data={"currency": currency, "unit_amount": f"{cents}", "product_data[name]": "Credits"},
        trust_env=False,
    )
    return str(ok(answer)["id"])


@pytest.mark.parametrize(("cents", "currency"), [(498, "eur"), (500, "eur"), (499, "usd")])
def test_nobody_is_sent_to_pay_what_would_not_be_credited(
    api: LiveApi, stripe: StripeServer, cents: int, currency: str
) -> None:
    package = api.package(550, 499, stripe_price_id=price_at(stripe, cents, currency))
    user = api.user()
    answer = user.post("/credits/purchase", {"packageId": package, **URLS})
    refused(answer, 503, "payments_unavailable")
    assert [row["status"] for row in ok(user.get("/credits/purchases"))] == ["failed"]


def test_a_package_with_a_price_of_its_own_at_stripe_is_bought_at_that(
    api: LiveApi, stripe: StripeServer
) -> None:
    user = api.user()
    begun = user.buy(api.package(550, 499, stripe_price_id=price_at(stripe, 499)), **URLS)
    stripe.pay(begun["checkoutUrl"].rpartition("/")[2])
    stripe.wait_delivered()
    assert user.balance() == 550


@pytest.mark.parametrize("package", ["unknown", "withdrawn"])
def test_what_is_not_on_sale_cannot_be_bought(api: LiveApi, package: str) -> None:
    package_id = (
        "01900000-0000-7000-8000-00000000ffff"
        if package == "unknown"
        else api.package(active=False)
    )
    user = api.user()
    answer = user.post("/credits/purchase", {"packageId": package_id})
    refused(answer, 404, "package_not_found")
    assert ok(user.get("/credits/purchases")) == []


FOREIGN = [
    "https://evil.example/",
    f"{SHOP}.evil.example/",
    f"{SHOP}@evil.example/",
    f"{SHOP}:8443/",
    "http://shop.example/",
    "//shop.example/",
    "/thanks",
    "javascript:alert(1)",
    "https:shop.example",
    f"https://evil.example\\@{SHOP.removeprefix('https://')}/",
    f"{SHOP}\\.evil.example/",
    "https://shop.example\t.evil.example/",
    "",
    " ",
]


@pytest.mark.parametrize("url", FOREIGN)
@pytest.mark.parametrize("field", ["successUrl", "cancelUrl"])
def test_nobody_is_sent_back_to_a_foreign_place(
    api: LiveApi, stripe: StripeServer, field: str, url: str
) -> None:
    user = api.user()
    body = {"packageId": api.package(), **URLS, field: url}
    details = refused(user.post("/credits/purchase", body), 400, "invalid_request")
    assert details.keys() == {field}
    assert ok(user.get("/credits/purchases")) == []


def test_stripe_sees_the_urls_that_were_checked(api: LiveApi, stripe: StripeServer) -> None:
    urls = {"successUrl": "HTTPS://shop.example/thanks", "cancelUrl": "https://SHOP.example:443/"}
    answer = api.user().buy(api.package(), **urls)
    session = stripe.object(answer["checkoutUrl"].rpartition("/")[2])
    assert (session["success_url"], session["cancel_url"]) == (f"{SHOP}/thanks", f"{SHOP}/")


@dataclass
class Refusing:
    """An API whose Stripe refuses each Checkout Session, and what it says then."""

    api: LiveApi
    error: dict[str, str]

    def says(self, error: dict[str, str]) -> None:
        """The answer to the next ones."""
        self.error.clear()
        self.error.update(error)


@pytest.fixture(scope="module")
def refusing(start_other_api: StartApi) -> Iterator[Refusing]:
    """A server of the part of Stripe that a purchase meets."""
    error: dict[str, str] = {}

    async def create_customer(_: Request) -> Response:
        return JSONResponse({"object": "customer", "id": unique("cus")})

    async def refuse(_: Request) -> Response:
        told = {"type": "invalid_request_error", "message": "No", **error}
        return JSONResponse({"error": told}, 400)

    routes = [
        Route("/v1/customers", create_customer, methods=["POST"]),
        Route("/v1/checkout/sessions", refuse, methods=["POST"]),
    ]
    with ServerThread(Starlette(routes=routes)) as server:
        yield Refusing(start_other_api(STRIPE_API_BASE=server.url), error)


@pytest.mark.parametrize(
    ("error", "fields"),
    [
        ({"param": "success_url", "code": "url_invalid"}, {"successUrl"}),
        ({"param": "cancel_url"}, {"cancelUrl"}),
        ({"code": "url_invalid"}, {"successUrl", "cancelUrl"}),
    ],
)
def test_a_url_that_stripe_refuses_is_the_callers_mistake(
    refusing: Refusing, error: dict[str, str], fields: set[str]
) -> None:
    refusing.says(error)
    user = refusing.api.user()
    answer = user.post("/credits/purchase", {"packageId": refusing.api.package(), **URLS})
    assert refused(answer, 400, "invalid_request").keys() == fields
    assert [row["status"] for row in ok(user.get("/credits/purchases"))] == ["failed"]


@pytest.mark.parametrize(
    "error",
    [
        {"param": "line_items[0][price]", "code": "resource_missing"},
        {"param": "line_items[0][price_data][unit_amount]", "code": "amount_too_small"},
        {"code": "parameter_unknown"},
    ],
)
def test_what_else_stripe_refuses_is_not_the_callers_mistake(
    refusing: Refusing, error: dict[str, str]
) -> None:
    refusing.says(error)
    api = refusing.api
    answer = api.user().post("/credits/purchase", {"packageId": api.package(), **URLS})
    refused(answer, 503, "payments_unavailable")


@pytest.mark.parametrize("missing", ["successUrl", "cancelUrl"])
def test_both_urls_belong_together(api: LiveApi, missing: str) -> None:
    urls = {name: url for name, url in URLS.items() if name != missing}
    answer = api.user().post("/credits/purchase", {"packageId": api.package(), **urls})
    assert refused(answer, 400, "invalid_request").keys() == {missing}


def test_a_purchase_is_its_buyers_own(api: LiveApi, stripe: StripeServer) -> None:
    purchase_id = api.user().buy(api.package())["purchaseId"]
    other = api.user()
    refused(other.get(f"/credits/purchase/{purchase_id}"), 404, "purchase_not_found")
    assert ok(other.get("/credits/purchases")) == []


def test_purchases_come_in_pages(api: LiveApi, stripe: StripeServer) -> None:
    user, package_id = api.user(), api.package()
    made = [user.buy(package_id)["purchaseId"] for _ in range(3)]
    answer = user.get("/credits/purchases", limit=2)
    seen = [row["id"] for row in ok(answer)]
    link = answer.links["next"]["url"]
    seen += [row["id"] for row in ok(api.client.get(link, headers=user.headers))]
    assert seen == made[::-1]


def customers_of(stripe: StripeServer, user: User) -> set[str]:
    return {
        event["data"]["object"]["id"]
        for event in stripe.events_of("customer.created")
        if event["data"]["object"]["metadata"].get("userId") == user.id
    }


def test_a_user_has_one_customer_for_all_purchases(api: LiveApi, stripe: StripeServer) -> None:
    user, package_id = api.user(), api.package()
    intents = [
        user.purchase(user.buy(package_id)["purchaseId"])["stripePaymentIntentId"] for _ in range(2)
    ]
    assert {stripe.object(intent)["customer"] for intent in intents} == customers_of(stripe, user)


def test_two_purchases_at_once_have_one_customer(api: LiveApi, stripe: StripeServer) -> None:
    user, package_id = api.user(email="ann@example.com"), api.package()
    stripe.faults.path, stripe.faults.delay = "/v1/customers", 0.2
    answers = at_once(2, lambda _: user.buy(package_id))
    assert answers[0]["purchaseId"] != answers[1]["purchaseId"]
    assert len(customers_of(stripe, user)) == 1
    kept = api.audit("select * from credits.stripe_customers where user_id = %s", user.id)
    assert {row["stripe_customer_id"] for row in kept} == customers_of(stripe, user)


def test_a_stripe_that_is_down_is_told_and_the_purchase_has_failed(
    api: LiveApi, stripe: StripeServer
) -> None:
    user, package_id = api.user(), api.package()
    stripe.faults.fail_with = 500
    answer = user.post("/credits/purchase", {"packageId": package_id})
    refused(answer, 503, "payments_unavailable")
    assert [row["status"] for row in ok(user.get("/credits/purchases"))] == ["failed"]
    stripe.faults.reset()
    assert user.buy(package_id)["clientSecret"]


def test_a_stripe_that_is_down_hinders_nothing_else(api: LiveApi, stripe: StripeServer) -> None:
    stripe.faults.fail_with = 500
    ok(api.user(5).use(1))
    ok(api.anyone.get("/credits/packages"))


def test_a_hiccup_of_stripe_goes_unnoticed(api: LiveApi, stripe: StripeServer) -> None:
    user, package_id = api.user(), api.package()
    stripe.faults.path = "/v1/payment_intents"
    stripe.faults.fail_next(1)
    assert user.buy(package_id)["clientSecret"]


def test_an_answer_that_was_lost_makes_no_second_payment(
    api: LiveApi, stripe: StripeServer
) -> None:
    user, package_id = api.user(), api.package()
    stripe.faults.path = "/v1/payment_intents"
    stripe.faults.lose_next(1)
    purchase = user.purchase(user.buy(package_id)["purchaseId"])
    created = [
        event["data"]["object"]["id"] for event in stripe.events_of("payment_intent.created")
    ]
    assert created == [purchase["stripePaymentIntentId"]]


def test_a_payment_of_a_purchase_that_was_given_up_still_counts(
    api: LiveApi, stripe: StripeServer
) -> None:
    """Stripe made the intent, no answer came through, and somebody pays it all the same."""
    user, package_id = api.user(), api.package(550, 499)
    stripe.faults.path = "/v1/payment_intents"
    stripe.faults.lose_next(10)
    answer = user.post("/credits/purchase", {"packageId": package_id})
    refused(answer, 503, "payments_unavailable")
    [event] = stripe.events_of("payment_intent.created")
    stripe.pay(event["data"]["object"]["id"])
    stripe.wait_delivered()
    assert user.amounts() == [550]


def test_without_stripe_nothing_can_be_bought(start_api: StartApi) -> None:
    api = start_api(STRIPE_SECRET_KEY="", STRIPE_API_BASE="")
    user = api.user(5)
    answer = user.post("/credits/purchase", {"packageId": api.package()})
    refused(answer, 503, "payments_unavailable")
    assert ok(user.get("/credits/purchases")) == []
    ok(user.use(1))


def test_the_name_of_a_package_may_be_anything(api: LiveApi, stripe: StripeServer) -> None:
    package_id = api.package(name=f"{unique('Größe')} & <b> 'x' 🙂")
    assert api.user().buy(package_id, **URLS)["checkoutUrl"]


def test_a_customer_that_stripe_no_longer_knows_is_replaced(
    api: LiveApi, stripe: StripeServer
) -> None:
    user, package_id = api.user(), api.package()
    user.buy(package_id)
    (gone,) = customers_of(stripe, user)
    httpx.delete(
        f"{stripe.url}/v1/customers/{gone}",
        headers={"Authorization": f"Bearer {stripe.secret_key}"},
    ).raise_for_status()

    bought = user.buy(package_id)

    intent = user.purchase(bought["purchaseId"])["stripePaymentIntentId"]
    kept = api.audit("select * from credits.stripe_customers where user_id = %s", user.id)
    assert [row["stripe_customer_id"] for row in kept] == [stripe.object(intent)["customer"]]
    assert stripe.object(intent)["customer"] != gone


# Begun once for a key


def begun(user: User, package_id: str, key: str, **more: Any) -> httpx.Response:
    return user.post("/credits/purchase", {"packageId": package_id, "idempotencyKey": key, **more})


def intents_of(stripe: StripeServer, user: User) -> list[str]:
    created = stripe.events_of("payment_intent.created")
    objects = [event["data"]["object"] for event in created]
    return [one["id"] for one in objects if one["metadata"].get("userId") == user.id]


@pytest.mark.parametrize("way", ["intent", "page"])
def test_a_double_click_begins_one_purchase(api: LiveApi, stripe: StripeServer, way: str) -> None:
    user, package_id, key = api.user(), api.package(550, 499), unique("key")
    urls = URLS if way == "page" else {}
    stripe.faults.path, stripe.faults.delay = "/v1/", 0.1
    answers = at_once(2, lambda _: ok(begun(user, package_id, key, **urls)))
    stripe.faults.reset()
    told = [
        {name: value for name, value in answer.items() if name not in ("message", "replayed")}
        for answer in answers
    ]
    assert told[0] == told[1]
    assert [answer.get("replayed", False) for answer in answers].count(True) == 1
    assert len(ok(user.get("/credits/purchases"))) == 1
    assert len(intents_of(stripe, user)) == (0 if way == "page" else 1)
    again = ok(begun(user, package_id, key, **urls))
    assert again == {**told[0], "message": "Transaction already processed", "replayed": True}


def test_a_key_counts_in_the_header_too(api: LiveApi, stripe: StripeServer) -> None:
    user, body = api.user(), {"packageId": api.package()}
    first, again = (
        ok(user.post("/credits/purchase", body, headers={"Idempotency-Key": "k"})) for _ in range(2)
    )
    assert first["purchaseId"] == again["purchaseId"]


def test_a_key_gives_the_same_purchase_whatever_has_changed(
    api: LiveApi, stripe: StripeServer
) -> None:
    user, package_id = api.user(), api.package(550, 499)
    first = ok(begun(user, package_id, "k"))
    stripe.pay(first["clientSecret"].partition("_secret_")[0])
    stripe.wait_delivered()
    with api.database.connect() as owner:
        owner.execute(
            "update credits.packages set active = false, price_euro_cents = 1 where id = %s",
            [package_id],
        )
    again = ok(begun(user, package_id, "k"))
    assert {name: again[name] for name in first} == first
    assert user.amounts() == [550]


@pytest.mark.parametrize("other", ["package", "page"])
def test_a_key_used_for_another_purchase_is_refused(
    api: LiveApi, stripe: StripeServer, other: str
) -> None:
    user, package_id = api.user(), api.package()
    ok(begun(user, package_id, "k"))
    answer = (
        begun(user, api.package(), "k")
        if other == "package"
        else begun(user, package_id, "k", **URLS)
    )
    refused(answer, 409, "idempotency_key_reused")


def test_a_key_is_its_users_own(api: LiveApi, stripe: StripeServer) -> None:
    package_id = api.package()
    purchases = {ok(begun(api.user(), package_id, "k"))["purchaseId"] for _ in range(2)}
    assert len(purchases) == 2


def test_a_key_whose_purchase_failed_for_stripe_begins_it_again(
    api: LiveApi, stripe: StripeServer
) -> None:
    user, package_id = api.user(), api.package(550, 499)
    stripe.faults.fail_with = 500
    refused(begun(user, package_id, "k"), 503, "payments_unavailable")
    stripe.faults.reset()
    answer = ok(begun(user, package_id, "k"))
    [purchase] = ok(user.get("/credits/purchases"))
    assert (purchase["id"], purchase["status"]) == (answer["purchaseId"], "pending")
    stripe.pay(answer["clientSecret"].partition("_secret_")[0])
    stripe.wait_delivered()
    assert user.amounts() == [550]


def test_who_comes_again_after_an_erasure_is_somebody_else_at_stripe(
    api: LiveApi, stripe: StripeServer
) -> None:
    user, package_id = api.user(email="ann@example.com"), api.package()
    first = ok(begun(user, package_id, "k"))
    (before,) = customers_of(stripe, user)
    ok(api.service.delete(f"/internal/credits/balance/{user.id}"))
    second = ok(begun(user, package_id, "k"))
    assert second["purchaseId"] != first["purchaseId"]
    customer = stripe.object(second["clientSecret"].partition("_secret_")[0])["customer"]
    assert customer != before
    kept = api.audit("select * from credits.stripe_customers where user_id = %s", user.id)
    assert [row["stripe_customer_id"] for row in kept] == [customer]

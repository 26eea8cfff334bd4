"""Payments that an erased person could still make are ended before Stripe's customer is deleted."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox.issuer import Issuer
from sandbox.stripe import StripeServer
from tests.api.live_api import SHOP, LiveApi, User, ok, refused, serve_api, unique, wait_until
from tests.api.service_calls import erase
from tests.databases import Server, assert_books_balance, clone

URLS = {"successUrl": f"{SHOP}/paid", "cancelUrl": f"{SHOP}/cart"}
# Longer than what a test does meanwhile, shorter than we wait for an answer of Stripe's.
PAUSE_SECONDS = 6.0

each_way_to_pay = pytest.mark.parametrize("urls", [{}, URLS], ids=["intent", "checkout"])


@dataclass(frozen=True)
class Sale:
    """A purchase that was begun, and its PaymentIntent or Checkout Session."""

    api: LiveApi
    user: User
    purchase_id: str
    payment: str

    @property
    def customer(self) -> str:
        return str(self.at_stripe()["customer"])

    def at_stripe(self) -> Any:
        return self.api.stripe.object(self.payment)

    def row(self) -> dict[str, Any]:
        [row] = self.api.audit("select * from credits.purchases where id = %s", self.purchase_id)
        return row

    def erase(self) -> None:
        """Erase the buyer, and wait until Stripe has been told."""
        customer = self.customer
        ok(erase(self.api, self.user.id))
        wait_until_deleted(self.api, customer)


def wait_until_deleted(api: LiveApi, customer: str) -> None:
    waiting = "select from credits.stripe_customer_deletions where stripe_customer_id = %s"
    wait_until(lambda: not api.audit(waiting, customer))
    with pytest.raises(KeyError):
        api.stripe.object(customer)


@pytest.fixture(scope="module")
def busy_api(
    server: Server,
    migrated: str,
    common_issuer: Issuer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LiveApi]:
    """An API whose background work with Stripe is done all the time; no event reaches it."""
    stripe = StripeServer()
    with clone(server, migrated, "mana_credits_erased") as database, stripe.serve():
        log = tmp_path_factory.mktemp("erased") / "api.log"
        with serve_api(
            database, common_issuer, stripe, log, STRIPE_RECONCILE_INTERVAL_SECONDS="0.2"
        ) as api:
            yield api
            assert_books_balance(database.connect())


@pytest.fixture
def shop(busy_api: LiveApi) -> Iterator[LiveApi]:
    yield busy_api
    busy_api.stripe.faults.reset()


def begin(shop: LiveApi, **urls: str) -> Sale:
    user = shop.user(email=f"{unique('somebody')}@example.com")
    begun = user.buy(shop.package(100, 500), **urls)
    payment = (
        begun["checkoutUrl"].rpartition("/")[2]
        if urls
        else begun["clientSecret"].partition("_secret_")[0]
    )
    return Sale(shop, user, begun["purchaseId"], payment)


def at_stripe(shop: LiveApi, path: str, **form: str) -> Any:
    """Do something at Stripe as somebody else who has the account's key."""
    headers = {"Authorization": f"Bearer {shop.stripe.secret_key}"}
    answer = httpx.post(f"{shop.stripe.url}{path}", headers=headers, data=form, trust_env=False)
    return ok(answer)


def end_of(sale: Sale, urls: dict[str, str]) -> str:
    """The path of the request that ends a payment."""
    kind, verb = ("checkout/sessions", "expire") if urls else ("payment_intents", "cancel")
    return f"/v1/{kind}/{sale.payment}/{verb}"


def refused_by_stripe(sale: Sale) -> None:
    """The payment can no longer be made."""
    with pytest.raises(Exception, match="status of"):
        sale.api.stripe.pay(sale.payment)


@each_way_to_pay
def test_what_was_begun_can_no_longer_be_paid(shop: LiveApi, urls: dict[str, str]) -> None:
    sale = begin(shop, **urls)
    sale.erase()
    assert sale.at_stripe()["status"] == ("expired" if urls else "canceled")
    refused_by_stripe(sale)


@each_way_to_pay
def test_its_purchase_ends_cancelled(shop: LiveApi, urls: dict[str, str]) -> None:
    sale = begin(shop, **urls)
    sale.erase()
    row = sale.row()
    assert (row["status"], row["stripe_customer_id"]) == ("cancelled", None)
    assert row["user_id"].startswith("erased:")


def test_a_checkout_whose_card_was_declined_takes_its_intent_along(shop: LiveApi) -> None:
    sale = begin(shop, **URLS)
    shop.stripe.decline(sale.payment)
    sale.erase()
    intent = shop.stripe.object(sale.at_stripe()["payment_intent"])
    assert intent["status"] == "canceled"
    assert "userId" not in intent["metadata"]


def test_a_cancelled_intent_no_longer_names_the_person(shop: LiveApi) -> None:
    sale = begin(shop)
    sale.erase()
    assert sale.at_stripe()["metadata"] == {"purchaseId": sale.purchase_id}


def test_the_report_of_its_end_comes_late_and_changes_nothing(shop: LiveApi) -> None:
    sale = begin(shop)
    sale.erase()
    before = sale.row()
    shop.stripe.webhook_url = f"{shop.url}/api/v1/webhooks/stripe"
    [event] = [
        event
        for event in shop.stripe.events_of("payment_intent.canceled")
        if event["data"]["object"]["id"] == sale.payment
    ]
    [delivery] = shop.stripe.deliver(event)
    shop.stripe.webhook_url = None
    assert delivery.status == 200
    assert sale.row() == before


@each_way_to_pay
def test_a_debit_in_processing_is_left_to_its_end(shop: LiveApi, urls: dict[str, str]) -> None:
    sale = begin(shop, **urls)
    shop.stripe.debit(sale.payment)
    sale.erase()
    shop.stripe.pay(sale.payment)
    wait_until(lambda: sale.row()["status"] == "completed")
    amounts = shop.audit(
        "select amount from credits.transactions where user_id = %s order by id",
        sale.row()["user_id"],
    )
    assert [row["amount"] for row in amounts] == [100, -100]


def test_what_was_paid_is_left_as_it_is(shop: LiveApi) -> None:
    sale = begin(shop)
    shop.stripe.pay(sale.payment)
    wait_until(lambda: sale.row()["status"] == "completed")
    before = sale.at_stripe()
    sale.erase()
    assert sale.at_stripe() == before


def test_what_is_not_ours_is_left_alone(shop: LiveApi) -> None:
    sale = begin(shop)
    intent = at_stripe(
        shop, "/v1/payment_intents", amount="100", currency="eur", customer=sale.customer
    )
    session = at_stripe(
        shop,
        "/v1/checkout/sessions",
        mode="payment",
        customer=sale.customer,
        success_url=SHOP,
        **{
            "line_items[0][price_data][currency]": "eur",
            "line_items[0][price_data][unit_amount]": "100",
            "line_items[0][price_data][product_data][name]": "Something else",
            "line_items[0][quantity]": "1",
        },
    )
    sale.erase()
    assert shop.stripe.object(intent["id"])["status"] == "requires_payment_method"
    assert shop.stripe.object(session["id"])["status"] == "open"


def test_others_keep_their_customers_and_can_still_pay(shop: LiveApi) -> None:
    sale, other = begin(shop), begin(shop)
    shop.stripe.faults.fail_next(4)
    sale.erase()
    assert shop.stripe.object(other.customer)["id"] == other.customer
    shop.stripe.pay(other.payment)
    wait_until(lambda: other.user.balance() == 100)


@pytest.mark.nightly
def test_what_does_not_fit_on_the_first_page_is_ended_too(shop: LiveApi) -> None:
    sale = begin(shop)
    customer = sale.customer
    # Newer, hence listed before ours.
    for _ in range(100):
        at_stripe(shop, "/v1/payment_intents", amount="500", currency="eur", customer=customer)
    sale.erase()
    refused_by_stripe(sale)


@each_way_to_pay
def test_what_is_paid_at_that_moment_is_no_error(shop: LiveApi, urls: dict[str, str]) -> None:
    sale = begin(shop, **urls)
    customer, path = sale.customer, end_of(sale, urls)
    shop.stripe.faults.path, shop.stripe.faults.delay = path, PAUSE_SECONDS
    ok(erase(shop, sale.user.id))
    wait_until(lambda: shop.stripe.faults.count(path))
    shop.stripe.pay(sale.payment)
    shop.stripe.faults.reset()
    wait_until_deleted(shop, customer)
    wait_until(lambda: sale.row()["status"] == "completed")


@each_way_to_pay
def test_a_failure_at_stripe_is_tried_again(shop: LiveApi, urls: dict[str, str]) -> None:
    sale = begin(shop, **urls)
    customer, path = sale.customer, end_of(sale, urls)
    shop.stripe.faults.path, shop.stripe.faults.fail_with = path, 500
    ok(erase(shop, sale.user.id))
    # One attempt is three requests.
    wait_until(lambda: shop.stripe.faults.count(path) > 3)
    assert shop.stripe.object(customer)["id"] == customer
    shop.stripe.faults.reset()
    wait_until_deleted(shop, customer)
    refused_by_stripe(sale)


def test_a_failure_for_one_does_not_keep_the_others(shop: LiveApi) -> None:
    stuck, other = begin(shop), begin(shop)
    customer = stuck.customer
    shop.stripe.faults.path, shop.stripe.faults.fail_with = end_of(stuck, {}), 403
    ok(erase(shop, stuck.user.id))
    other.erase()
    assert shop.stripe.object(customer)["id"] == customer
    shop.stripe.faults.reset()
    wait_until_deleted(shop, customer)


def test_a_run_that_ended_on_the_way_is_taken_up_again(shop: LiveApi) -> None:
    sale = begin(shop)
    customer = sale.customer
    shop.stripe.faults.path, shop.stripe.faults.fail_with = f"/v1/customers/{customer}", 500
    at_stripe(shop, f"/v1/payment_intents/{sale.payment}/cancel")
    ok(erase(shop, sale.user.id))
    wait_until(lambda: shop.stripe.faults.count(f"/v1/customers/{customer}", "DELETE") > 3)
    shop.stripe.faults.reset()
    wait_until_deleted(shop, customer)
    assert sale.row()["status"] == "cancelled"
    assert "userId" not in sale.at_stripe()["metadata"]


# A purchase that is begun at the moment of the erasure


def begin_while_erased(
    shop: LiveApi, user: User, path: str, urls: dict[str, str]
) -> httpx.Response:
    """Begin a purchase, whose buyer is erased while a request to Stripe is under way."""
    body = {"packageId": shop.package(100, 500), **urls}
    before = shop.stripe.faults.count(path, "POST")
    shop.stripe.faults.path, shop.stripe.faults.delay = path, PAUSE_SECONDS
    with ThreadPoolExecutor() as pool:
        answer: Future[httpx.Response] = pool.submit(user.post, "/credits/purchase", body)
        wait_until(lambda: shop.stripe.faults.count(path, "POST") > before)
        ok(erase(shop, user.id))
        shop.stripe.faults.reset()
        return answer.result()


def nothing_is_left_of(shop: LiveApi, user: User) -> None:
    """True if no customer of the person waits for deletion or is remembered, here or at Stripe."""
    wait_until(lambda: not shop.audit("select from credits.stripe_customer_deletions"))
    assert not shop.audit("select from credits.stripe_customers where user_id = %s", user.id)
    created = [
        event["data"]["object"]
        for event in shop.stripe.events_of("customer.created")
        if event["data"]["object"]["metadata"].get("userId") == user.id
    ]
    assert created
    for customer in created:
        with pytest.raises(KeyError):
            shop.stripe.object(customer["id"])


@each_way_to_pay
@pytest.mark.parametrize("known", [True, False], ids=["customer", "new customer"])
def test_a_purchase_begun_while_its_buyer_is_erased_is_told_to_nobody(
    shop: LiveApi, urls: dict[str, str], known: bool
) -> None:
    user = begin(shop).user if known else shop.user(email="ann@example.com")
    kind = "/v1/checkout/sessions" if urls else "/v1/payment_intents"
    path = kind if known else "/v1/customers"
    refused(begin_while_erased(shop, user, path, urls), 404, "purchase_not_found")
    nothing_is_left_of(shop, user)

"""Payments of lost webhooks are healed by asking Stripe; what cannot be healed is told."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import stripe as stripe_client

from sandbox.issuer import Issuer
from sandbox.stripe import StripeServer
from tests.api.live_api import (
    SERVICE_KEY,
    SHOP,
    LiveApi,
    StartApi,
    User,
    at_once,
    ok,
    serve_api,
    wait_until,
)
from tests.databases import Database, Server, assert_books_balance, clone
from worker.stripe.__main__ import main

CREDITS, CENTS = 100, 500
# Between a run's own beginning and ours, on a busy machine.
MARGIN_SECONDS = 5.0
# Less than a second: nothing of a second that is over is in a list.
A_MOMENT = ("--days", "0.00000001")
URLS = {"successUrl": f"{SHOP}/paid", "cancelUrl": f"{SHOP}/cart"}


@dataclass(frozen=True)
class Report:
    """The output of the command, and its exit status."""

    status: int
    findings: list[tuple[str, str]]
    summary: str
    complaint: str

    @classmethod
    def of(cls, status: int, out: str, err: str) -> "Report":
        lines = out.splitlines()
        told = [line for line in lines if line.startswith(("healed", "off"))]
        verdicts = [(line.split()[0], line.split()[1].rstrip(":")) for line in told]
        return cls(status, verdicts, lines[-1] if lines else "", err)


TRIGGERS_OF_PURCHASES = """
    select format('alter table credits.purchases enable always trigger %I', tgname) as enable
    from pg_trigger where tgrelid = 'credits.purchases'::regclass and not tgisinternal
"""


@dataclass
class Shop:
    """An API of one's own whose Stripe reports nothing by itself."""

    api: LiveApi
    stripe: StripeServer
    package: str
    capture: pytest.CaptureFixture[str]
    begun_at: float = field(default_factory=time.time)

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.api.database.dsn("api"),
            "MANA_AUTH_URL": self.api.issuer.url,
            "MANA_SERVICE_KEY": SERVICE_KEY,
            "STRIPE_SECRET_KEY": self.stripe.secret_key,
            "STRIPE_API_BASE": self.stripe.url,
        }

    def reconcile(self, *arguments: str, **environment: str) -> Report:
        """Run the command, if nothing else is said over the span of this test and little more."""
        self.capture.readouterr()
        days = (time.time() - self.begun_at + MARGIN_SECONDS) / 86400
        arguments = arguments or ("--days", str(days))
        status = main(arguments, {**self.environment(), **environment})
        return Report.of(status, *self.capture.readouterr())

    def begin(self, **urls: str) -> "Sale":
        """Begin a purchase by PaymentIntent, or with URLs by Checkout Session."""
        user = self.api.user()
        begun = user.buy(self.package, **urls)
        payment = (
            begun["checkoutUrl"].rpartition("/")[2]
            if urls
            else begun["clientSecret"].partition("_secret_")[0]
        )
        return Sale(self.stripe, user, begun["purchaseId"], payment)

    def sold(self) -> "Sale":
        """A purchase that was paid and credited."""
        sale = self.begin()
        self.stripe.pay(sale.payment)
        assert self.reconcile().findings == [("healed", "completed")]
        return sale

    def client(self) -> httpx.Client:
        """Talk to Stripe as somebody else who has the account's key."""
        headers = {"Authorization": f"Bearer {self.stripe.secret_key}"}
        return httpx.Client(base_url=self.stripe.url, headers=headers, trust_env=False)

    def execute(self, query: Any, *values: Any) -> None:
        """Do something by hand as a superuser, past the triggers."""
        with self.api.database.connect() as owner, owner.transaction():
            owner.execute("alter table credits.purchases disable trigger user")
            owner.execute(query, values)
            for row in owner.execute(TRIGGERS_OF_PURCHASES).fetchall():
                owner.execute(row["enable"])


@dataclass
class Sale:
    """A purchase and what Stripe has of it: a PaymentIntent, or a Checkout Session."""

    stripe: StripeServer
    user: User
    purchase_id: str
    payment: str

    @property
    def status(self) -> str:
        return str(self.user.purchase(self.purchase_id)["status"])

    def state(self) -> tuple[str, Any]:
        return self.status, self.user.balance()


@pytest.fixture(scope="module")
def silent_stripe() -> Iterator[StripeServer]:
    stripe = StripeServer()
    with stripe.serve():
        yield stripe


@pytest.fixture(scope="module")
def common_shop(
    server: Server,
    migrated: str,
    common_issuer: Issuer,
    silent_stripe: StripeServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LiveApi]:
    """The API of the tests that leave nothing behind which is off."""
    with clone(server, migrated, "mana_credits_shop") as database:
        log = tmp_path_factory.mktemp("shop") / "api.log"
        with serve_api(database, common_issuer, silent_stripe, log) as api:
            yield api
            assert_books_balance(database.connect())


@pytest.fixture
def shop(
    common_shop: LiveApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    # Stripe's client pauses for seconds before it asks again.
    monkeypatch.setattr(stripe_client.HTTPClient, "INITIAL_DELAY", 0.01)
    monkeypatch.setattr(stripe_client.HTTPClient, "MAX_DELAY", 0.02)
    stripe = common_shop.stripe
    stripe.hold = True
    shop = Shop(common_shop, stripe, common_shop.package(CREDITS, CENTS), capsys)
    yield shop
    stripe.faults.reset()
    assert shop.reconcile().status == 0


@pytest.fixture
def own_stripe() -> Iterator[StripeServer]:
    """A Stripe of one's own that reports nothing by itself."""
    stripe = StripeServer()
    with stripe.serve():
        yield stripe


@pytest.fixture
def own_shop(
    database: Database,
    own_stripe: StripeServer,
    start_api: StartApi,
    capsys: pytest.CaptureFixture[str],
) -> Shop:
    """A shop of one's own, for what cannot be healed."""
    api = start_api(database=database, stripe=own_stripe)
    return Shop(api, own_stripe, api.package(CREDITS, CENTS), capsys)


# Purchases that a lost webhook leaves open


def test_a_lost_success_is_credited(shop: Shop) -> None:
    sale = shop.begin()
    shop.stripe.pay(sale.payment)
    report = shop.reconcile()
    assert (report.status, report.findings) == (0, [("healed", "completed")])
    assert sale.state() == ("completed", CREDITS)


def test_a_lost_success_of_a_checkout_is_credited_once(shop: Shop) -> None:
    sale = shop.begin(**URLS)
    shop.stripe.pay(sale.payment)
    assert shop.reconcile().findings == [("healed", "completed")]
    assert sale.user.amounts() == [CREDITS]
    assert sale.user.purchase(sale.purchase_id)["stripePaymentIntentId"] is not None


def test_a_lost_failure_is_noted(shop: Shop) -> None:
    sale = shop.begin()
    shop.stripe.decline(sale.payment)
    assert shop.reconcile().findings == [("healed", "updated")]
    assert sale.state() == ("failed", 0)


def test_a_lost_expiry_of_a_checkout_is_noted(shop: Shop) -> None:
    sale = shop.begin(**URLS)
    shop.stripe.expire(sale.payment)
    assert shop.reconcile().findings == [("healed", "updated")]
    assert sale.state() == ("cancelled", 0)


@pytest.mark.parametrize("urls", [{}, URLS], ids=["intent", "checkout"])
def test_a_debit_is_followed_to_its_end(shop: Shop, urls: dict[str, str]) -> None:
    sale = shop.begin(**urls)
    shop.stripe.debit(sale.payment)
    shop.reconcile()
    assert sale.state() == ("processing", 0)
    shop.stripe.pay(sale.payment)
    shop.reconcile()
    assert sale.state() == ("completed", CREDITS)


@pytest.mark.parametrize("urls", [{}, URLS], ids=["intent", "checkout"])
def test_a_debit_settled_long_after_it_was_begun_is_asked_after(
    shop: Shop, urls: dict[str, str]
) -> None:
    sale = shop.begin(**urls)
    shop.stripe.debit(sale.payment)
    shop.reconcile()
    shop.stripe.pay(sale.payment)
    # Nothing of it is new enough to be in a list.
    wait_until_a_second_is_over()
    shop.reconcile(*A_MOMENT)
    assert sale.state() == ("completed", CREDITS)


def test_a_debit_whose_metadata_were_edited_is_asked_after(shop: Shop) -> None:
    sale = shop.begin()
    shop.stripe.debit(sale.payment)
    shop.reconcile()
    without = {"metadata[userId]": "", "metadata[purchaseId]": ""}
    with shop.client() as client:
        edited = ok(client.post(f"/v1/payment_intents/{sale.payment}", data=without))
    assert edited["metadata"] == {}
    shop.stripe.pay(sale.payment)
    assert shop.reconcile().findings == [("healed", "completed")]
    assert sale.state() == ("completed", CREDITS)


def test_an_open_dispute_of_a_payment_whose_metadata_were_edited_is_asked_after(
    shop: Shop,
) -> None:
    sale = shop.sold()
    dispute = shop.stripe.dispute(sale.payment)
    shop.reconcile()
    without = {"metadata[userId]": "", "metadata[purchaseId]": ""}
    with shop.client() as client:
        ok(client.post(f"/v1/payment_intents/{sale.payment}", data=without))
    shop.stripe.close_dispute(dispute["id"], "won")
    assert shop.reconcile().findings == [("healed", "applied")]
    assert sale.user.balance() == CREDITS


def test_a_lost_refund_takes_the_credits_back(shop: Shop) -> None:
    sale = shop.sold()
    shop.stripe.refund(sale.payment, CENTS // 4)
    assert shop.reconcile().findings == [("healed", "applied")]
    assert sale.state() == ("completed", CREDITS * 3 // 4)
    shop.stripe.refund(sale.payment)
    assert shop.reconcile().findings == [("healed", "applied")]
    assert sale.state() == ("completed", 0)


def test_a_lost_dispute_takes_the_credits_and_its_lost_end_gives_them_back(shop: Shop) -> None:
    sale = shop.sold()
    dispute = shop.stripe.dispute(sale.payment)
    assert shop.reconcile().findings == [("healed", "applied")]
    assert sale.user.balance() == 0
    shop.stripe.close_dispute(dispute["id"], "won")
    assert shop.reconcile().findings == [("healed", "applied")]
    assert sale.user.balance() == CREDITS


def test_a_lost_dispute_that_the_shop_lost_keeps_the_credits_taken(shop: Shop) -> None:
    sale = shop.sold()
    dispute = shop.stripe.dispute(sale.payment)
    shop.stripe.close_dispute(dispute["id"], "lost")
    assert shop.reconcile().findings == [("healed", "applied")]
    assert sale.user.balance() == 0


def test_an_old_dispute_that_is_open_here_is_asked_after(shop: Shop) -> None:
    sale = shop.sold()
    dispute = shop.stripe.dispute(sale.payment)
    shop.reconcile()
    shop.stripe.close_dispute(dispute["id"], "won")
    wait_until_a_second_is_over()
    shop.reconcile(*A_MOMENT)
    assert sale.user.balance() == CREDITS


def test_a_lost_dispute_that_was_won_long_after_gives_the_credits_back(shop: Shop) -> None:
    sale = shop.sold()
    dispute = shop.stripe.dispute(sale.payment)
    shop.stripe.close_dispute(dispute["id"], "lost")
    shop.reconcile()
    assert sale.user.balance() == 0
    shop.stripe.close_dispute(dispute["id"], "won")
    wait_until_a_second_is_over()
    assert shop.reconcile(*A_MOMENT).findings == [("healed", "applied")]
    assert sale.user.balance() == CREDITS


def test_a_dispute_that_became_smaller_takes_no_more_than_that(shop: Shop) -> None:
    sale = shop.sold()
    dispute = shop.stripe.dispute(sale.payment)
    shop.reconcile()
    shop.stripe.update_dispute(dispute["id"], amount=200)
    assert shop.reconcile().findings == [("healed", "applied")]
    assert sale.user.balance() == 60


def test_a_refund_that_failed_long_after_gives_the_credits_back(shop: Shop) -> None:
    sale = shop.sold()
    refund = shop.stripe.refund(sale.payment, CENTS // 4)
    shop.reconcile()
    assert sale.user.balance() == CREDITS * 3 // 4
    shop.stripe.fail_refund(refund["id"])
    wait_until_a_second_is_over()
    assert shop.reconcile(*A_MOMENT).findings == [("healed", "applied")]
    assert sale.user.balance() == CREDITS


def test_a_refund_that_stripe_does_not_know_gives_the_credits_back(shop: Shop) -> None:
    sale = shop.sold()
    with shop.api.database.connect("api") as api:
        api.execute(
            "select credits.record_reversal(%s, %s, %s)", (sale.user.id, sale.purchase_id, CENTS)
        )
    assert shop.reconcile().findings == [("healed", "applied")]
    assert sale.user.balance() == CREDITS


def test_a_payment_whose_metadata_name_somebody_else_is_credited_to_its_buyer(shop: Shop) -> None:
    sale, other = shop.begin(), shop.api.user()
    with shop.client() as client:
        edited = {"metadata[userId]": other.id}
        ok(client.post(f"/v1/payment_intents/{sale.payment}", data=edited))
    shop.stripe.pay(sale.payment)
    assert shop.reconcile().findings == [("healed", "completed")]
    assert (sale.state(), other.amounts()) == (("completed", CREDITS), [])


def test_a_purchase_that_never_got_to_stripe_fails_after_an_hour(shop: Shop) -> None:
    sale = shop.begin()
    forget = """
        update credits.purchases
        set stripe_payment_intent_id = null, created_at = created_at - %s * interval '1 minute',
            user_id = user_id
        where id = %s
    """
    shop.execute(forget, 50, sale.purchase_id)
    # Stripe has it after all: whoever began it ended before that was noted.
    shop.reconcile()
    assert sale.status == "pending"
    shop.execute(forget, 20, sale.purchase_id)
    assert shop.reconcile().findings == [("healed", "attached")]
    assert sale.user.purchase(sale.purchase_id)["stripePaymentIntentId"] == sale.payment

    with shop.api.database.connect("api") as api:
        row = api.execute(
            "select purchase_id::text from credits.begin_purchase(%s, %s)",
            (sale.user.id, shop.package),
        ).fetchone()
    assert row is not None
    assert shop.reconcile().findings == []
    shop.execute(forget, 61, row["purchase_id"])
    assert shop.reconcile().findings == [("healed", "failed")]
    assert sale.user.purchase(row["purchase_id"])["status"] == "failed"


# Repeated, at once, and many


def test_a_second_run_finds_nothing(shop: Shop) -> None:
    sale = shop.sold()
    shop.stripe.refund(sale.payment, 1)
    shop.reconcile()
    assert shop.reconcile().findings == []


def test_several_runs_at_once_heal_once(shop: Shop) -> None:
    sales = [shop.begin() for _ in range(4)]
    for sale in sales:
        shop.stripe.pay(sale.payment)
    assert at_once(4, lambda _: main([], shop.environment())) == [0] * 4
    printed = shop.capture.readouterr().out
    assert printed.count("healed  completed") == len(sales)
    assert [sale.user.amounts() for sale in sales] == [[CREDITS]] * len(sales)


def test_a_webhook_that_comes_late_acts_no_more(shop: Shop) -> None:
    sale = shop.sold()
    shop.stripe.webhook_url = f"{shop.api.url}/api/v1/webhooks/stripe"
    [delivery] = shop.stripe.deliver(shop.stripe.events_of("payment_intent.succeeded")[-1])
    assert delivery.status == 200
    assert sale.user.amounts() == [CREDITS]
    shop.stripe.webhook_url = None


def test_what_is_not_on_the_first_page_is_healed_and_what_is_not_ours_left_alone(
    shop: Shop,
) -> None:
    sale = shop.begin()
    shop.stripe.pay(sale.payment)
    with shop.client() as client:
        for _ in range(110):
            body = {"amount": "100", "currency": "eur"}
            ok(client.post("/v1/payment_intents", data=body))
        foreign = client.post("/v1/payment_intents", data=body).json()["id"]
    shop.stripe.pay(foreign)
    shop.stripe.dispute(foreign)
    shop.stripe.faults.requests.clear()
    assert shop.reconcile().findings == [("healed", "completed")]
    assert shop.stripe.faults.requests["GET /v1/payment_intents"] >= 2
    # Not even asked after, one by one.
    assert shop.stripe.faults.requests[f"GET /v1/payment_intents/{foreign}"] == 0
    assert sale.state() == ("completed", CREDITS)


# Differences that cannot be healed


def test_stripe_that_does_not_answer_is_told_and_the_next_run_heals(shop: Shop) -> None:
    sale = shop.begin()
    shop.stripe.pay(sale.payment)
    shop.stripe.faults.fail_with = 500
    report = shop.reconcile()
    assert report.status == 1
    assert len(report.complaint.splitlines()) == 1
    shop.stripe.faults.reset()
    assert shop.reconcile().status == 0
    assert sale.state() == ("completed", CREDITS)


@pytest.mark.parametrize("name", ["STRIPE_SECRET_KEY", "DATABASE_URL"])
def test_what_is_not_configured_is_told(shop: Shop, name: str) -> None:
    report = shop.reconcile(**{name: ""})
    assert report.status == 1
    assert len(report.complaint.splitlines()) == 1
    assert f"{name} is missing" in report.complaint


def test_a_key_that_stripe_refuses_is_named_and_not_repeated(shop: Shop) -> None:
    report = shop.reconcile(STRIPE_SECRET_KEY="sk_test_s3cret")
    assert report.status == 1
    assert "STRIPE_SECRET_KEY (status 401)" in report.complaint
    assert "s3cret" not in report.complaint


def test_stripe_that_is_away_is_no_fault_of_the_key(shop: Shop) -> None:
    report = shop.reconcile(STRIPE_API_BASE="http://127.0.0.1:1")
    assert report.status == 1
    assert "does not answer" in report.complaint
    assert "STRIPE_SECRET_KEY" not in report.complaint


def test_a_payment_of_another_amount_is_off_until_it_is_put_right(shop: Shop) -> None:
    sale = shop.begin()
    price = "update credits.purchases set price_euro_cents = %s where id = %s"
    shop.execute(price, CENTS - 1, sale.purchase_id)
    shop.stripe.pay(sale.payment)
    report = shop.reconcile()
    assert (report.status, report.findings) == (1, [("off", "amount_mismatch")])
    assert sale.state() == ("pending", 0)
    shop.execute(price, CENTS, sale.purchase_id)
    assert shop.reconcile().findings == [("healed", "completed")]


def test_a_payment_for_a_purchase_that_is_gone_is_off(shop: Shop) -> None:
    sale = shop.begin()
    [row] = shop.api.uncover(
        "select to_jsonb(p)::text as row from credits.purchases p where id = %s", sale.purchase_id
    )
    shop.execute("delete from credits.purchases where id = %s", sale.purchase_id)
    shop.stripe.pay(sale.payment)
    report = shop.reconcile()
    assert (report.status, report.findings) == (1, [("off", "unknown_purchase")])
    shop.execute(
        "insert into credits.purchases"
        " select * from jsonb_populate_record(null::credits.purchases, %s::jsonb)",
        row["row"],
    )
    assert shop.reconcile().findings == [("healed", "completed")]


def test_a_purchase_credited_without_a_payment_is_off(own_shop: Shop) -> None:
    sale = own_shop.begin()
    with own_shop.api.database.connect("api") as api:
        api.execute(
            "select credits.complete_purchase(%s, %s, %s, 'eur', %s)",
            (sale.user.id, sale.purchase_id, CENTS, sale.payment),
        )
    report = own_shop.reconcile()
    assert (report.status, report.findings) == (1, [("off", "not_paid_at_stripe")])
    own_shop.stripe.reset()
    assert own_shop.reconcile().findings == [("off", "not_known_at_stripe")]


def test_a_second_payment_of_a_purchase_is_off(own_shop: Shop) -> None:
    sale = own_shop.sold()
    with own_shop.client() as client:
        body = {"amount": str(CENTS), "currency": "eur"}
        named = own_shop.stripe.object(sale.payment)["metadata"]
        body |= {f"metadata[{name}]": value for name, value in named.items()}
        second = ok(client.post("/v1/payment_intents", data=body))["id"]
    own_shop.stripe.pay(second)
    report = own_shop.reconcile()
    assert (report.status, report.findings) == (1, [("off", "another_payment")])
    assert "1 paid at Stripe (5.00), 1 completed here (5.00)" in report.summary
    assert sale.state() == ("completed", CREDITS)


# By itself


def test_several_processes_heal_by_themselves_one_at_a_time(
    database: Database, own_stripe: StripeServer, start_api: StartApi
) -> None:
    own_stripe.hold = True
    seconds = {"STRIPE_RECONCILE_INTERVAL_SECONDS": "0.3"}
    first = start_api(database=database, stripe=own_stripe, **seconds)
    start_api(database=database, stripe=own_stripe, **seconds)
    user = first.user()
    begun = user.buy(first.package(CREDITS, CENTS))
    own_stripe.faults.fail_next(3)
    own_stripe.pay(begun["clientSecret"].partition("_secret_")[0])
    wait_until(lambda: user.balance() == CREDITS)
    assert user.amounts() == [CREDITS]
    claims = "select claimed_at from credits.job_claims where name = 'reconcile_stripe'"
    claimed = first.audit(claims)
    wait_until(lambda: first.audit(claims) != claimed)


def test_a_process_that_is_comparing_can_be_ended(
    database: Database, own_stripe: StripeServer, start_api: StartApi
) -> None:
    api = start_api(database=database, stripe=own_stripe, STRIPE_RECONCILE_INTERVAL_SECONDS="0.1")
    own_stripe.faults.delay = 6
    own_stripe.faults.requests.clear()
    wait_until(lambda: own_stripe.faults.count("/v1/"), timeout=30)
    assert api.end_unused(patience=5) is not None
    own_stripe.faults.reset()


def wait_until_a_second_is_over() -> None:
    """Stripe counts in whole seconds: wait until everything before lies in another one."""
    end = int(time.time()) + 1.01
    wait_until(lambda: time.time() >= end)

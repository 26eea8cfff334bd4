"""Money that goes back: refunds and disputes, in whatever order Stripe reports them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations
from typing import Any

import httpx
import pytest

from sandbox.stripe import StripeServer
from tests.api.live_api import SHOP, LiveApi, User, at_once, exact, ok, refused

CREDITS, CENTS = 100, 500


@dataclass
class Bought:
    """A purchase that was paid, and what of it Stripe has reported."""

    stripe: StripeServer
    user: User
    purchase_id: str
    intent: str

    def state(self) -> tuple[Any, Any, Any]:
        """Return the buyer's balance, and the cents refunded and credits taken back."""
        purchase = self.user.purchase(self.purchase_id)
        return self.user.balance(), purchase["refundedCents"], purchase["clawedBackCredits"]

    def clawbacks(self) -> list[Decimal]:
        """Return what was taken back (negative) and given back."""
        return [row["amount"] for row in self.user.ledger() if row["type"] == "clawback"]


@pytest.fixture
def package(api: LiveApi) -> str:
    return api.package(CREDITS, CENTS)


@pytest.fixture
def bought(api: LiveApi, stripe: StripeServer, package: str) -> Bought:
    """A purchase paid by a PaymentIntent and credited; what comes next is held back."""
    user = api.user()
    begun = user.buy(package)
    intent = begun["clientSecret"].partition("_secret_")[0]
    stripe.pay(intent)
    stripe.wait_delivered()
    stripe.hold = True
    return Bought(stripe, user, begun["purchaseId"], intent)


@pytest.fixture
def paid_by_checkout(api: LiveApi, stripe: StripeServer, package: str) -> Bought:
    """A purchase paid on a Checkout page, of which nothing was reported yet."""
    stripe.hold = True
    user = api.user()
    begun = user.buy(package, successUrl=f"{SHOP}/paid", cancelUrl=f"{SHOP}/cancelled")
    session = begun["checkoutUrl"].rpartition("/")[2]
    stripe.pay(session)
    intent = stripe.object(session)["payment_intent"]
    return Bought(stripe, user, begun["purchaseId"], intent)


def deliver(stripe: StripeServer, *events: Any) -> None:
    assert [delivery.status for delivery in stripe.deliver(*events)] == [200] * len(events)


def report(stripe: StripeServer, kind: str) -> None:
    """Deliver the latest event of a type."""
    deliver(stripe, stripe.events_of(kind)[-1])


def test_a_refund_takes_the_credits_back(bought: Bought) -> None:
    bought.stripe.refund(bought.intent)
    report(bought.stripe, "charge.refunded")
    assert bought.state() == (0, CENTS, CREDITS)
    row = bought.user.ledger()[-1]
    assert (row["type"], row["amount"], row["reference_id"]) == (
        "clawback",
        -CREDITS,
        bought.purchase_id,
    )


def test_a_purchase_that_was_never_refunded_says_so(bought: Bought) -> None:
    [purchase] = ok(bought.user.get("/credits/purchases"))
    assert (purchase["refundedCents"], purchase["clawedBackCredits"]) == (0, 0)


def test_a_part_of_the_money_takes_that_part_of_the_credits(bought: Bought) -> None:
    bought.stripe.refund(bought.intent, 125)
    report(bought.stripe, "charge.refunded")
    assert bought.state() == (75, 125, 25)


def test_several_refunds_add_up(bought: Bought) -> None:
    for cents in (100, 50, 350):
        bought.stripe.refund(bought.intent, cents)
        report(bought.stripe, "charge.refunded")
    assert bought.clawbacks() == [-20, -10, -70]
    assert bought.state() == (0, CENTS, CREDITS)


def test_refunds_in_any_order_and_repeated_end_alike(bought: Bought) -> None:
    for cents in (100, 50, 100):
        bought.stripe.refund(bought.intent, cents)
    first, second, third = bought.stripe.events_of("charge.refunded")
    deliver(bought.stripe, second)
    # The event is old; Stripe has the present state.
    assert bought.state() == (50, 250, 50)
    deliver(bought.stripe, third, third, first, second)
    assert bought.clawbacks() == [-50]


def test_the_same_refund_many_times_at_once_acts_once(bought: Bought) -> None:
    bought.stripe.refund(bought.intent, 125)
    deliver(bought.stripe, *bought.stripe.events_of("charge.refunded") * 10)
    assert bought.clawbacks() == [-25]


def test_what_is_spent_becomes_a_debt_that_is_repaid_first(api: LiveApi, bought: Bought) -> None:
    ok(bought.user.use(80))
    bought.stripe.refund(bought.intent)
    report(bought.stripe, "charge.refunded")
    assert bought.user.balance() == -80
    refused(bought.user.use(Decimal("0.000001")), 402, "insufficient_credits")
    api.fund(bought.user.id, 100)
    assert bought.user.balance() == 20
    ok(bought.user.use(20))


def test_an_open_dispute_takes_the_credits_and_a_won_one_returns_them(bought: Bought) -> None:
    dispute = bought.stripe.dispute(bought.intent)
    report(bought.stripe, "charge.dispute.created")
    assert bought.state() == (0, 0, CREDITS)
    bought.stripe.close_dispute(dispute["id"], "won")
    report(bought.stripe, "charge.dispute.closed")
    assert bought.state() == (CREDITS, 0, 0)
    assert ok(bought.user.get("/credits/balance"))["totalSpent"] == 0


def test_a_lost_dispute_keeps_the_credits(bought: Bought) -> None:
    dispute = bought.stripe.dispute(bought.intent, 250)
    report(bought.stripe, "charge.dispute.created")
    bought.stripe.close_dispute(dispute["id"], "lost")
    report(bought.stripe, "charge.dispute.closed")
    assert bought.state() == (50, 0, 50)
    assert bought.clawbacks() == [-50]


@pytest.mark.parametrize(("outcome", "balance"), [("won", 80), ("lost", 40)])
@pytest.mark.parametrize(
    "one_in", [3, pytest.param(1, marks=pytest.mark.nightly)], ids=["a third", "all"]
)
def test_a_refund_and_a_dispute_in_every_order_end_alike(
    api: LiveApi, stripe: StripeServer, package: str, outcome: str, balance: int, one_in: int
) -> None:
    stripe.hold = True
    for order in list(permutations(range(4)))[::one_in]:
        user = api.user()
        begun = user.buy(package)
        intent = begun["clientSecret"].partition("_secret_")[0]
        stripe.pay(intent)
        stripe.refund(intent, 100)
        dispute = stripe.dispute(intent, 200)
        stripe.close_dispute(dispute["id"], outcome)
        kinds = (
            "payment_intent.succeeded",
            "charge.refunded",
            "charge.dispute.created",
            "charge.dispute.closed",
        )
        events = [stripe.events_of(kind)[-1] for kind in kinds]
        for position in order:
            deliver(stripe, events[position])
        assert user.balance() == balance, order


def test_all_events_of_a_purchase_at_once_end_alike(paid_by_checkout: Bought) -> None:
    stripe = paid_by_checkout.stripe
    stripe.refund(paid_by_checkout.intent, 100)
    dispute = stripe.dispute(paid_by_checkout.intent, 200)
    stripe.close_dispute(dispute["id"], "lost")
    deliver(stripe, *stripe.events * 2)
    assert paid_by_checkout.state() == (40, 100, 60)


def test_a_refund_reported_before_the_payment_counts_when_that_comes(
    paid_by_checkout: Bought,
) -> None:
    paid_by_checkout.stripe.refund(paid_by_checkout.intent, 125)
    report(paid_by_checkout.stripe, "charge.refunded")
    assert paid_by_checkout.state() == (0, 125, 0)
    report(paid_by_checkout.stripe, "checkout.session.completed")
    assert paid_by_checkout.state() == (75, 125, 25)


def test_a_dispute_reported_before_the_payment_counts_when_that_comes(
    paid_by_checkout: Bought,
) -> None:
    paid_by_checkout.stripe.dispute(paid_by_checkout.intent, 125)
    report(paid_by_checkout.stripe, "charge.dispute.created")
    report(paid_by_checkout.stripe, "checkout.session.completed")
    assert paid_by_checkout.state() == (75, 0, 25)


def test_while_stripe_cannot_be_asked_the_dispute_is_to_come_again(
    paid_by_checkout: Bought,
) -> None:
    stripe = paid_by_checkout.stripe
    stripe.dispute(paid_by_checkout.intent)
    [event] = stripe.events_of("charge.dispute.created")
    stripe.faults.fail_with = 500
    [delivery] = stripe.deliver(event)
    assert delivery.status == 503
    stripe.faults.reset()
    deliver(stripe, event)
    report(stripe, "checkout.session.completed")
    assert paid_by_checkout.user.balance() == 0


@pytest.mark.parametrize("status", ["warning_needs_response", "warning_under_review"])
def test_an_inquiry_takes_nothing(bought: Bought, status: str) -> None:
    inquiry = bought.stripe.dispute(bought.intent, status="warning_needs_response")
    bought.stripe.update_dispute(inquiry["id"], status=status)
    report(bought.stripe, "charge.dispute.created")
    report(bought.stripe, "charge.dispute.updated")
    assert bought.clawbacks() == []
    bought.stripe.update_dispute(inquiry["id"], status="warning_closed")
    report(bought.stripe, "charge.dispute.updated")
    assert bought.state() == (CREDITS, 0, 0)


def test_an_inquiry_that_becomes_a_dispute_takes_the_credits(bought: Bought) -> None:
    inquiry = bought.stripe.dispute(bought.intent, status="warning_needs_response")
    report(bought.stripe, "charge.dispute.created")
    bought.stripe.update_dispute(inquiry["id"], status="needs_response")
    report(bought.stripe, "charge.dispute.funds_withdrawn")
    assert bought.state() == (0, 0, CREDITS)


@pytest.mark.parametrize("status", ["needs_response", "under_review", "new_word"])
def test_any_other_dispute_that_is_not_closed_takes_the_credits(
    bought: Bought, status: str
) -> None:
    bought.stripe.dispute(bought.intent, status=status)
    report(bought.stripe, "charge.dispute.created")
    assert bought.state() == (0, 0, CREDITS)


# Disputes and refunds that turn or shrink


def test_a_lost_dispute_that_is_won_after_all_gives_the_credits_back(bought: Bought) -> None:
    dispute = bought.stripe.dispute(bought.intent)
    bought.stripe.close_dispute(dispute["id"], "lost")
    report(bought.stripe, "charge.dispute.closed")
    assert bought.state() == (0, 0, CREDITS)
    bought.stripe.reinstate(dispute["id"])
    report(bought.stripe, "charge.dispute.funds_reinstated")
    assert bought.state() == (CREDITS, 0, 0)
    bought.stripe.close_dispute(dispute["id"], "won")
    report(bought.stripe, "charge.dispute.closed")
    assert bought.clawbacks() == [-CREDITS, CREDITS]


def test_a_dispute_that_becomes_smaller_takes_no_more_than_that(bought: Bought) -> None:
    dispute = bought.stripe.dispute(bought.intent)
    report(bought.stripe, "charge.dispute.created")
    bought.stripe.update_dispute(dispute["id"], amount=200)
    report(bought.stripe, "charge.dispute.updated")
    assert bought.state() == (60, 0, 40)
    bought.stripe.close_dispute(dispute["id"], "lost")
    report(bought.stripe, "charge.dispute.closed")
    assert bought.state() == (60, 0, 40)


def test_a_dispute_that_was_prevented_takes_nothing(bought: Bought) -> None:
    bought.stripe.dispute(bought.intent, status="prevented")
    report(bought.stripe, "charge.dispute.created")
    assert bought.state() == (CREDITS, 0, 0)


def test_a_dispute_prevented_by_giving_the_money_back_takes_the_credits(bought: Bought) -> None:
    dispute = bought.stripe.dispute(bought.intent, 250, status="prevented")
    bought.stripe.withdraw(dispute["id"])
    report(bought.stripe, "charge.dispute.funds_withdrawn")
    assert bought.state() == (50, 0, 50)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("failed", "refund.failed"),
        ("failed", "charge.refund.updated"),
        ("canceled", "refund.updated"),
        ("canceled", "charge.refund.updated"),
    ],
)
def test_a_refund_that_fails_later_gives_the_credits_back(
    bought: Bought, status: str, kind: str
) -> None:
    bought.stripe.refund(bought.intent, 100)
    refund = bought.stripe.refund(bought.intent, 250)
    report(bought.stripe, "charge.refunded")
    assert bought.state() == (30, 350, 70)
    bought.stripe.fail_refund(refund["id"], status)
    report(bought.stripe, kind)
    assert bought.state() == (80, 100, 20)


def test_what_was_repaid_of_a_debt_comes_back_when_the_refund_fails(
    api: LiveApi, bought: Bought
) -> None:
    ok(bought.user.use(80))
    refund = bought.stripe.refund(bought.intent)
    report(bought.stripe, "charge.refunded")
    api.fund(bought.user.id, 50)
    assert bought.user.balance() == -30
    bought.stripe.fail_refund(refund["id"])
    report(bought.stripe, "refund.failed")
    assert bought.user.balance() == 70


@pytest.mark.parametrize(
    "changes",
    [{"currency": "usd"}, {"amount_refunded": 1}, {"amount_refunded": "x"}, {"metadata": None}],
    ids=repr,
)
def test_what_an_event_says_of_a_refund_is_not_believed(
    bought: Bought, changes: dict[str, Any]
) -> None:
    bought.stripe.refund(bought.intent, 250)
    charge = bought.stripe.events_of("charge.refunded")[-1]["data"]["object"]
    deliver(bought.stripe, bought.stripe.make_event("charge.refunded", {**charge, **changes}))
    assert bought.state() == (50, 250, 50)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("charge.refunded", {"payment_intent": None, "metadata": {}}),
        ("charge.refunded", {"payment_intent": {"id": "pi_1"}, "metadata": None}),
        ("charge.refunded", {"payment_intent": "pi_unknown", "metadata": {}}),
        ("refund.failed", {"payment_intent": None}),
        ("refund.failed", {"payment_intent": ["pi_unknown"]}),
        ("charge.dispute.created", {"id": None}),
        ("charge.dispute.created", {"id": "dp_unknown"}),
        ("charge.dispute.created", {"payment_intent": "pi_unknown"}),
        ("charge.dispute.created", {"payment_intent": None}),
    ],
)
def test_what_is_not_about_a_purchase_of_ours_has_no_effect(
    bought: Bought, kind: str, changes: dict[str, Any]
) -> None:
    stripe = bought.stripe
    if kind.startswith("charge.dispute."):
        stripe.dispute(bought.intent)
        [event] = stripe.events_of("charge.dispute.created")
    else:
        stripe.refund(bought.intent)
        [event] = stripe.events_of("charge.refunded")
    item = event["data"]["object"]
    deliver(stripe, stripe.make_event(kind, {**item, **changes}))
    assert bought.state() == (CREDITS, 0, 0)


def test_a_dispute_of_another_payment_takes_nothing_from_this_one(
    api: LiveApi, bought: Bought
) -> None:
    other = api.user().buy(api.package(CREDITS, CENTS))["clientSecret"].partition("_secret_")[0]
    bought.stripe.pay(other)
    dispute = bought.stripe.dispute(other)
    event = {**dispute, "payment_intent": bought.intent}
    deliver(bought.stripe, bought.stripe.make_event("charge.dispute.created", event))
    assert bought.state() == (CREDITS, 0, 0)


def test_a_refund_of_somebody_elses_payment_has_no_effect(
    api: LiveApi, stripe: StripeServer
) -> None:
    stripe.hold = True
    user = api.user(5)
    created = httpx.post(
        f"{stripe.url}/v1/payment_intents",
        headers={"Authorization": f"Bearer {stripe.secret_key}"},
        data={
            "amount": "500",
            "currency": "eur",
            "metadata[userId]": user.id,
            "metadata[purchaseId]": "01900000-0000-7000-8000-000000000009",
        },
    )
    intent = exact(created)["id"]
    stripe.pay(intent)
    stripe.refund(intent)
    report(stripe, "charge.refunded")
    assert user.amounts() == [5]


def test_uses_and_a_clawback_at_once_close_the_books(bought: Bought) -> None:
    bought.stripe.refund(bought.intent, 250)
    [event] = bought.stripe.events_of("charge.refunded")

    def work(i: int) -> int:
        if i % 2:
            return bought.user.use(10).status_code
        deliver(bought.stripe, event)
        return 200

    statuses = at_once(16, work)
    spent = 10 * statuses[1::2].count(200)
    assert bought.user.balance() == CREDITS - 50 - spent
    assert bought.clawbacks() == [-50]


@pytest.fixture(autouse=True)
def _released(stripe: StripeServer) -> Iterator[None]:
    """Let go of what is held back before the next test."""
    yield
    stripe.hold = False

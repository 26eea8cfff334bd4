"""Rows brought from the predecessor, as clients and Stripe meet them over HTTP."""

import pytest

from sandbox.stripe import StripeServer
from sandbox.stripe.params import Params
from tests.api.live_api import LiveApi, ok, refused, unique
from tests.deployments import moved
from tests.predecessor import Predecessor, new_code


def test_code_in_somebodys_hand_opens(portions: Predecessor, api: LiveApi) -> None:
    ada, bob, code = api.user(), api.user(), new_code()
    portions.person(ada.id, 7)
    gift = portions.gift(
        code, ada.id, 50, total_portions=5, claimed_portions=2, type="split", creator_name="Ada"
    )
    portions.redeemed(gift, bob.id, 1, 10)
    moved(portions, api.database)

    shown = ok(api.user().get(f"/gifts/{code.lower()}"))
    assert (shown["totalPortions"], shown["claimedPortions"], shown["creatorName"]) == (5, 2, "Ada")
    assert ok(api.user().redeem(f"{code[:3]}-{code[3:]}"))["credits"] == 10
    refused(bob.redeem(code), 400, "gift_already_claimed")
    [received] = ok(bob.get("/gifts/me/received"))
    assert (received["code"], received["credits"]) == (code, 10)
    [created] = ok(ada.get("/gifts/me/created"))
    assert ok(ada.delete(f"/gifts/{created['id']}"))["refundedCredits"] == 20
    assert ada.balance() == 27


def test_personal_gift_opens_for_the_holder_of_the_address(
    portions: Predecessor, api: LiveApi
) -> None:
    code, address = new_code(), f"{unique('bob')}@example.org"
    portions.gift(code, unique("ada"), 50, type="personalized", target_email=address)
    moved(portions, api.database)
    refused(api.user(email="eve@example.org").redeem(code), 403, "gift_for_someone_else")
    assert ok(api.user(email=address.upper()).redeem(code))["credits"] == 50


@pytest.mark.parametrize("typed", ["Straßenbahn", "  STRAßENBAHN\u00a0"])
def test_riddle_opens_with_the_answer_that_opened_it_there(
    portions: Predecessor, api: LiveApi, typed: str
) -> None:
    code = new_code()
    portions.gift(
        code,
        unique("ada"),
        50,
        type="riddle",
        riddle_question="What?",
        riddle_answer="Straßenbahn ",
    )
    moved(portions, api.database)
    bob = api.user()

    assert ok(bob.get(f"/gifts/{code}"))["riddleQuestion"] == "What?"
    refused(bob.redeem(code), 400, "riddle_answer_required")
    refused(bob.redeem(code, riddleAnswer="Bus"), 400, "wrong_riddle_answer")
    first = ok(bob.redeem(code, answer=typed, idempotencyKey="k"))
    assert first["credits"] == 50
    assert ok(bob.redeem(code, answer=typed, idempotencyKey="k"))["replayed"] is True


def test_long_answer_is_hashed_as_far_as_it_was_there(portions: Predecessor, api: LiveApi) -> None:
    code = new_code()
    portions.gift(
        code, unique("ada"), 50, type="riddle", riddle_question="?", riddle_answer="x" * 72
    )
    moved(portions, api.database)
    assert ok(api.user().redeem(code, riddleAnswer="X" * 100))["credits"] == 50


def test_guesses_at_a_riddle_have_an_end(portions: Predecessor, api: LiveApi) -> None:
    code = new_code()
    portions.gift(code, unique("ada"), 50, type="riddle", riddle_question="?", riddle_answer="yes")
    moved(portions, api.database)
    guesser = api.user()
    for guess in "abcde":
        refused(guesser.redeem(code, riddleAnswer=guess), 400, "wrong_riddle_answer")
    refused(guesser.redeem(code, riddleAnswer="yes"), 429, "too_many_attempts")


def test_refund_and_late_payment_reported_by_stripe(
    portions: Predecessor, api: LiveApi, stripe: StripeServer
) -> None:
    ada, bob = api.user(), api.user()
    portions.person(ada.id, 500)
    package = portions.package()
    paid, late = (
        stripe.create_intent(Params({"amount": "499", "currency": "eur"}))["id"] for _ in range(2)
    )
    stripe.hold = True
    stripe.pay(paid)
    bought = portions.purchase(ada.id, package, stripe_payment_intent_id=paid)
    portions.purchase(
        bob.id, package, status="pending", completed_at=None, stripe_payment_intent_id=late
    )
    moved(portions, api.database)
    # A payment there is not credited again.
    stripe.deliver(*stripe.events_of("payment_intent.succeeded"))
    assert ada.balance() == 500

    stripe.refund(paid)
    stripe.deliver(*stripe.events_of("charge.refunded"))
    assert ada.balance() == 0
    [row] = [row for row in ada.ledger() if row["type"] == "clawback"]
    assert (row["amount"], row["reference_id"]) == (-500, str(bought))
    stripe.pay(late)
    stripe.deliver(*stripe.events_of("payment_intent.succeeded"))
    assert bob.balance() == 500
    [purchase] = ok(ada.get("/credits/purchases"))
    assert (purchase["id"], purchase["refundedCents"]) == (str(bought), 499)


def test_purchase_without_a_payment_there_is_known_by_what_the_payment_says(
    portions: Predecessor, api: LiveApi, stripe: StripeServer
) -> None:
    ada = api.user()
    portions.person(ada.id, 500)
    none = {"stripe_payment_intent_id": None, "stripe_customer_id": None}
    paid = portions.purchase(ada.id, **none)
    late = portions.purchase(ada.id, status="pending", completed_at=None, **none)
    moved(portions, api.database)

    # As the predecessor told Stripe whose a payment is.
    payments = {
        purchase: stripe.create_intent(
            Params(
                {
                    "amount": "499",
                    "currency": "eur",
                    "metadata": {"userId": ada.id, "purchaseId": str(purchase)},
                }
            )
        )["id"]
        for purchase in (paid, late)
    }
    stripe.hold = True
    for payment in payments.values():
        stripe.pay(payment)
    stripe.deliver(*stripe.events_of("payment_intent.succeeded"))
    assert ada.balance() == 1000
    stripe.refund(payments[paid])
    stripe.deliver(*stripe.events_of("charge.refunded"))
    assert ada.balance() == 500


def test_pool_shows_its_opening_to_who_may_see_all(portions: Predecessor, api: LiveApi) -> None:
    guild = api.guild(0)
    portions.insert("credits.guild_pools", organization_id=guild.id, balance=70)
    moved(portions, api.database)
    assert guild.balance() == 70
    [opening] = ok(guild.owner.get(f"/credits/guild/{guild.id}/transactions"))
    assert (opening["type"], opening["amount"], opening["userId"]) == ("grant", 70, None)

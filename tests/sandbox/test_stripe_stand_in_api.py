"""The stand-in of Stripe's API, used through Stripe's own client."""

import asyncio
from typing import Any

import httpx
import pytest
import stripe

from sandbox.stripe import ApiError
from tests.sandbox.stripe_shop import Shop, client_of

pytestmark = pytest.mark.anyio

PRICE: Any = {
    "price_data": {
        "currency": "eur",
        "unit_amount": 499,
        "product_data": {"name": "500 credits"},
    },
    "quantity": 2,
}
SESSION: Any = {
    "mode": "payment",
    "line_items": [PRICE],
    "success_url": "http://localhost:3000/ok?session={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://localhost:3000/no",
    "metadata": {"purchaseId": "p1"},
    "payment_intent_data": {"metadata": {"purchaseId": "p1"}},
}


async def new_intent(shop: Shop, amount: int = 499, **params: Any) -> stripe.PaymentIntent:
    form: Any = {"amount": amount, "currency": "eur", "metadata": {"purchaseId": "p1"}, **params}
    return await shop.client.v1.payment_intents.create_async(form)


def metadata(item: Any) -> dict[str, str]:
    values: dict[str, str] = item.metadata.to_dict()
    return values


async def test_a_customer_is_created_and_deleted(shop: Shop) -> None:
    customers = shop.client.v1.customers
    made = await customers.create_async({"email": "a@b.c", "metadata": {"userId": "u1"}})
    assert made.id.startswith("cus_")
    assert shop.stand_in.object(made.id)["metadata"] == {"userId": "u1"}
    await customers.delete_async(made.id)
    with pytest.raises(KeyError):
        shop.stand_in.object(made.id)


async def test_an_intent_begins_unpaid(shop: Shop) -> None:
    customer = await shop.client.v1.customers.create_async({})
    intent = await new_intent(
        shop, customer=customer.id, automatic_payment_methods={"enabled": True}
    )
    assert intent.id.startswith("pi_")
    assert str(intent.client_secret).startswith(f"{intent.id}_secret_")
    assert intent.status == "requires_payment_method"
    assert (intent.amount, intent.amount_received, intent.currency) == (499, 0, "eur")
    assert intent.customer == customer.id
    assert intent.livemode is False
    assert shop.stand_in.events_of("payment_intent.created")[0]["data"]["object"]["id"] == intent.id


async def test_a_paid_intent_has_a_paid_charge_with_its_metadata(shop: Shop) -> None:
    intent = await new_intent(shop)
    shop.stand_in.pay(intent.id)
    paid = await shop.client.v1.payment_intents.retrieve_async(intent.id)
    assert (paid.status, paid.amount_received) == ("succeeded", 499)
    charges = await shop.client.v1.charges.list_async({"payment_intent": intent.id})
    [charge] = charges.data
    assert charge.id == paid.latest_charge
    assert charge.id.startswith("ch_")
    assert (charge.paid, charge.amount, charge.status) == (True, 499, "succeeded")
    assert metadata(charge) == {"purchaseId": "p1"}


async def test_a_declined_card_can_be_followed_by_another(shop: Shop) -> None:
    intent = await new_intent(shop)
    intents = shop.client.v1.payment_intents
    for pay, status, code in (
        (shop.stand_in.decline, "requires_payment_method", "card_declined"),
        (shop.stand_in.pay, "succeeded", None),
    ):
        pay(intent.id)
        read = await intents.retrieve_async(intent.id)
        error = read.last_payment_error
        assert (read.status, error and error.code) == (status, code)


async def test_a_debit_is_processing_until_it_is_settled(shop: Shop) -> None:
    intents = shop.client.v1.payment_intents
    for settle, status in (
        (shop.stand_in.pay, "succeeded"),
        (shop.stand_in.decline, "requires_payment_method"),
    ):
        intent = await new_intent(shop)
        shop.stand_in.debit(intent.id)
        assert (await intents.retrieve_async(intent.id)).status == "processing"
        settle(intent.id)
        assert (await intents.retrieve_async(intent.id)).status == status


async def test_a_cancelled_intent_cannot_be_paid_nor_a_paid_one_cancelled(shop: Shop) -> None:
    intents = shop.client.v1.payment_intents
    cancelled = await intents.cancel_async((await new_intent(shop)).id)
    assert cancelled.status == "canceled"
    with pytest.raises(ApiError) as refusal:
        shop.stand_in.pay(cancelled.id)
    assert refusal.value.body["error"]["code"] == "payment_intent_unexpected_state"
    paid = await new_intent(shop)
    shop.stand_in.pay(paid.id)
    with pytest.raises(stripe.InvalidRequestError) as error:
        await intents.cancel_async(paid.id)
    assert error.value.code == "payment_intent_unexpected_state"


async def test_a_paid_session_has_an_intent_with_the_metadata_meant_for_it(shop: Shop) -> None:
    sessions = shop.client.v1.checkout.sessions
    session = await sessions.create_async(SESSION)
    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.amount_total, session.currency) == (998, "eur")
    assert session.url == f"{shop.url}/checkout/{session.id}"
    assert session.payment_intent is None
    shop.stand_in.pay(session.id)
    paid = await sessions.retrieve_async(session.id, {"expand": ["payment_intent"]})
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert metadata(paid.payment_intent) == {"purchaseId": "p1"}
    assert paid.payment_intent.amount_received == 998
    found = await sessions.list_async({"payment_intent": paid.payment_intent.id})
    assert [item.id for item in found.data] == [session.id]


async def test_a_session_sells_at_a_price_that_was_made_before(shop: Shop) -> None:
    price = await shop.client.v1.prices.create_async(
        {"currency": "eur", "unit_amount": 499, "product_data": {"name": "500 credits"}}
    )
    form: Any = {**SESSION, "line_items": [{"price": price.id, "quantity": 3}]}
    session = await shop.client.v1.checkout.sessions.create_async(form)
    assert (session.amount_total, session.currency) == (3 * 499, "eur")
    form["line_items"][0]["price"] = "price_unknown"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await shop.client.v1.checkout.sessions.create_async(form)
    assert (caught.value.http_status, caught.value.code) == (400, "resource_missing")


async def test_the_intent_of_a_session_ends_with_it_and_not_by_itself(shop: Shop) -> None:
    sessions, intents = shop.client.v1.checkout.sessions, shop.client.v1.payment_intents
    session = await sessions.create_async(SESSION)
    shop.stand_in.decline(session.id)
    intent = (await sessions.retrieve_async(session.id)).payment_intent
    assert isinstance(intent, str)
    with pytest.raises(stripe.InvalidRequestError) as error:
        await intents.cancel_async(intent)
    assert error.value.http_status == 400
    await sessions.expire_async(session.id)
    ended = await intents.retrieve_async(intent)
    assert (ended.status, ended.cancellation_reason) == ("canceled", "expired")
    assert len(shop.stand_in.events_of("payment_intent.canceled")) == 1


async def test_sessions_are_listed_by_customer_and_status(shop: Shop) -> None:
    sessions = shop.client.v1.checkout.sessions
    customer = (await shop.client.v1.customers.create_async({})).id
    of_customer: Any = {**SESSION, "customer": customer}
    opened, expired = [(await sessions.create_async(of_customer)).id for _ in range(2)]
    await sessions.create_async(SESSION)
    await sessions.expire_async(expired)
    for status, expected in (("open", opened), ("expired", expired)):
        listed: Any = {"customer": customer, "status": status}
        assert [item.id for item in (await sessions.list_async(listed)).data] == [expected]


async def test_an_expired_session_cannot_be_paid(shop: Shop) -> None:
    sessions = shop.client.v1.checkout.sessions
    session = await sessions.create_async(SESSION)
    assert (await sessions.expire_async(session.id)).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        await sessions.expire_async(session.id)
    async with httpx.AsyncClient() as browser:
        answer = await browser.post(f"{shop.url}/checkout/{session.id}/pay")
    assert answer.status_code == 400


async def test_refunds_add_up_to_the_charge(shop: Shop) -> None:
    intent = await new_intent(shop)
    shop.stand_in.pay(intent.id)
    refunds, charges = shop.client.v1.refunds, shop.client.v1.charges
    first = await refunds.create_async({"payment_intent": intent.id, "amount": 99})
    assert first.id.startswith("re_")
    charge = await charges.retrieve_async(str(first.charge))
    assert (charge.amount_refunded, charge.refunded) == (99, False)
    with pytest.raises(stripe.InvalidRequestError):
        await refunds.create_async({"charge": charge.id, "amount": 401})
    await refunds.create_async({"charge": charge.id})
    charge = await charges.retrieve_async(charge.id)
    assert (charge.amount_refunded, charge.refunded) == (499, True)
    with pytest.raises(stripe.InvalidRequestError) as error:
        await refunds.create_async({"charge": charge.id})
    assert error.value.code == "charge_already_refunded"


async def test_disputes_are_opened_and_closed_by_the_sandbox(shop: Shop) -> None:
    intent = await new_intent(shop)
    shop.stand_in.pay(intent.id)
    async with httpx.AsyncClient(base_url=shop.url) as person:
        opened = await person.post(
            "/sandbox/disputes", data={"payment_intent": intent.id, "amount": "100"}
        )
        dispute = opened.json()
        closed = await person.post(
            f"/sandbox/disputes/{dispute['id']}/close", data={"status": "lost"}
        )
    assert dispute["id"].startswith("dp_")
    assert (dispute["amount"], dispute["status"]) == (100, "needs_response")
    assert closed.json()["status"] == "lost"
    found = await shop.client.v1.disputes.list_async({"payment_intent": intent.id})
    assert [item.id for item in found.data] == [dispute["id"]]


async def test_a_dispute_moves_money_as_it_turns(shop: Shop) -> None:
    intent = await new_intent(shop)
    shop.stand_in.pay(intent.id)
    dispute = shop.stand_in.dispute(intent.id)["id"]
    shop.stand_in.update_dispute(dispute, amount=200)
    shop.stand_in.close_dispute(dispute, "lost")
    shop.stand_in.close_dispute(dispute, "won")
    found = await shop.client.v1.disputes.retrieve_async(dispute)
    assert (found.amount, found.status) == (200, "won")
    assert [moved.amount for moved in found.balance_transactions] == [-499, 499]
    kinds = [event["type"] for event in shop.stand_in.events]
    assert [kind.removeprefix("charge.dispute.") for kind in kinds if ".dispute." in kind] == [
        "created",
        "funds_withdrawn",
        "updated",
        "closed",
        "funds_reinstated",
        "closed",
    ]


@pytest.mark.parametrize("status", ["warning_needs_response", "prevented"])
async def test_a_dispute_may_begin_without_anybodys_money(shop: Shop, status: str) -> None:
    intent = await new_intent(shop)
    shop.stand_in.pay(intent.id)
    dispute = shop.stand_in.dispute(intent.id, status=status)["id"]
    found = await shop.client.v1.disputes.retrieve_async(dispute)
    assert (found.status, found.balance_transactions) == (status, [])
    assert shop.stand_in.events_of("charge.dispute.funds_withdrawn") == []


@pytest.mark.parametrize("status", ["failed", "canceled"])
async def test_a_refund_that_fails_is_no_longer_counted(shop: Shop, status: str) -> None:
    intent = await new_intent(shop)
    shop.stand_in.pay(intent.id)
    refund = shop.stand_in.refund(intent.id)
    async with httpx.AsyncClient(base_url=shop.url) as person:
        path = f"/sandbox/refunds/{refund['id']}/fail"
        failed = await person.post(path, data={"status": status})
        again = await person.post(path, data={"status": status})
    assert (failed.json()["status"], again.status_code) == (status, 400)
    charge = await shop.client.v1.charges.retrieve_async(refund["charge"])
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    [listed] = (await shop.client.v1.refunds.list_async({"payment_intent": intent.id})).data
    assert listed.status == status


async def test_lists_are_newest_first_in_pages_and_by_time(shop: Shop) -> None:
    made = [(await new_intent(shop, amount)).id for amount in (100, 200, 300)]
    intents = shop.client.v1.payment_intents
    page = await intents.list_async({"limit": 2})
    assert [intent.id for intent in page.data] == [made[2], made[1]]
    assert page.has_more
    rest = await intents.list_async({"limit": 2, "starting_after": made[1]})
    assert [intent.id for intent in rest.data] == [made[0]]
    assert not rest.has_more
    assert [intent.id async for intent in page.auto_paging_iter()] == made[::-1]
    future = await intents.list_async({"created": {"gte": 4_000_000_000}})
    assert future.data == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"amount": 49, "currency": "eur"}, "amount_too_small"),
        ({"amount": 100_000_000, "currency": "eur"}, "amount_too_large"),
        ({"amount": -5, "currency": "eur"}, "parameter_invalid_integer"),
        ({"amount": "4.99", "currency": "eur"}, "parameter_invalid_integer"),
        ({"currency": "eur"}, "parameter_missing"),
        ({"amount": 499}, "parameter_missing"),
        ({"amount": 499, "currency": "xyz"}, None),
        ({"amount": 499, "currency": "eur", "colour": "red"}, "parameter_unknown"),
        ({"amount": 499, "currency": "eur", "customer": "cus_none"}, "resource_missing"),
        ({"amount": 499, "currency": "eur", "metadata": {"k": "v" * 501}}, None),
    ],
)
async def test_bad_parameters_are_400(shop: Shop, params: Any, code: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as error:
        await shop.client.v1.payment_intents.create_async(params)
    assert (error.value.http_status, error.value.code) == (400, code)


async def test_unknown_ids_are_404(shop: Shop) -> None:
    intent = await new_intent(shop)
    for read in (
        shop.client.v1.customers.delete_async("cus_none"),
        shop.client.v1.customers.delete_async(intent.id),
        shop.client.v1.payment_intents.retrieve_async("pi_none"),
        shop.client.v1.checkout.sessions.retrieve_async("cs_test_none"),
        shop.client.v1.charges.retrieve_async("ch_none"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as error:
            await read
        assert (error.value.http_status, error.value.code) == (404, "resource_missing")


async def test_a_wrong_secret_key_is_401(shop: Shop) -> None:
    stranger = client_of(shop.stand_in, shop.url, secret_key="sk_test_wrong")
    with pytest.raises(stripe.AuthenticationError):
        await stranger.v1.customers.create_async({})


async def test_the_same_key_and_parameters_give_the_first_answer_again(shop: Shop) -> None:
    first = await shop.client.v1.payment_intents.create_async(
        {"amount": 499, "currency": "eur"}, {"idempotency_key": "k1"}
    )
    shop.stand_in.pay(first.id)
    again = await shop.client.v1.payment_intents.create_async(
        {"amount": 499, "currency": "eur"}, {"idempotency_key": "k1"}
    )
    assert (again.id, again.status) == (first.id, "requires_payment_method")
    assert again.last_response is not None
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert len(shop.stand_in.events_of("payment_intent.created")) == 1


async def test_the_same_key_with_other_parameters_or_another_address_is_400(shop: Shop) -> None:
    v1 = shop.client.v1
    options: Any = {"idempotency_key": "k1"}
    await v1.payment_intents.create_async({"amount": 499, "currency": "eur"}, options)
    with pytest.raises(stripe.IdempotencyError) as error:
        await v1.payment_intents.create_async({"amount": 500, "currency": "eur"}, options)
    assert error.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError):
        await v1.customers.create_async({}, options)


async def test_a_key_whose_parameters_were_refused_can_be_used_again(shop: Shop) -> None:
    options: Any = {"idempotency_key": "k1"}
    intents = shop.client.v1.payment_intents
    with pytest.raises(stripe.InvalidRequestError):
        await intents.create_async({"amount": 1, "currency": "eur"}, options)
    made = await intents.create_async({"amount": 499, "currency": "eur"}, options)
    assert made.amount == 499


async def test_a_key_in_flight_is_409(shop: Shop) -> None:
    shop.stand_in.faults.delay = 0.5
    options: Any = {"idempotency_key": "k1"}
    answers = await asyncio.gather(
        *(shop.client.v1.customers.create_async({}, options) for _ in range(3)),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, stripe.StripeError)]
    assert [error.http_status for error in refused] == [409, 409]
    assert len(shop.stand_in.events_of("customer.created")) == 1


async def test_the_client_retries_through_failures_and_lost_answers(shop: Shop) -> None:
    patient = client_of(shop.stand_in, shop.url, retries=2)
    shop.stand_in.faults.fail_next(1, 503)
    shop.stand_in.faults.lose_next(1)
    customer = await patient.v1.customers.create_async({})
    assert shop.stand_in.faults.count("/v1/customers", "POST") == 3
    [event] = shop.stand_in.events_of("customer.created")
    assert event["data"]["object"]["id"] == customer.id

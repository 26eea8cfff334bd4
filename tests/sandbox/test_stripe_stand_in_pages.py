"""The pages of the Stripe stand-in, pressed as a browser or curl would."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.sandbox.stripe_shop import Shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def person(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=shop.url) as browser:
        yield browser


async def new_session(shop: Shop, name: str = "Credits", **params: Any) -> str:
    product = {"currency": "eur", "unit_amount": 1234, "product_data": {"name": name}}
    form: Any = {
        "mode": "payment",
        "line_items": [{"price_data": product, "quantity": 1}],
        "success_url": "http://localhost/ok?s={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost/no",
        **params,
    }
    return (await shop.client.v1.checkout.sessions.create_async(form)).id


async def new_intent(shop: Shop, description: str = "Credits") -> str:
    form: Any = {"amount": 1234, "currency": "eur", "description": description}
    return (await shop.client.v1.payment_intents.create_async(form)).id


async def test_checkout_shows_what_is_bought_and_three_buttons(
    shop: Shop, person: httpx.AsyncClient
) -> None:
    session = await new_session(shop)
    page = await person.get(f"/checkout/{session}")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "Credits" in page.text
    assert "12.34 EUR" in page.text
    for action in ("pay", "decline", "debit"):
        assert f'method="post" action="/checkout/{session}/{action}"' in page.text


async def test_pay_completes_the_session_and_leads_to_the_success_page(
    shop: Shop, person: httpx.AsyncClient
) -> None:
    session = await new_session(shop)
    for _ in range(2):
        answer = await person.post(f"/checkout/{session}/pay")
        assert answer.status_code == 303
        assert answer.headers["location"] == f"http://localhost/ok?s={session}"
    assert shop.stand_in.object(session)["payment_status"] == "paid"
    assert len(shop.stand_in.events_of("checkout.session.completed")) == 1


async def test_decline_fails_the_payment_and_leads_back(
    shop: Shop, person: httpx.AsyncClient
) -> None:
    session = await new_session(shop)
    answer = await person.post(f"/checkout/{session}/decline")
    assert (answer.status_code, answer.headers["location"]) == (303, "http://localhost/no")
    assert shop.stand_in.object(session)["status"] == "open"
    assert len(shop.stand_in.events_of("payment_intent.payment_failed")) == 1
    await person.post(f"/checkout/{session}/pay")
    assert shop.stand_in.object(session)["status"] == "complete"
    assert len(shop.stand_in.events_of("payment_intent.created")) == 1


async def test_an_intent_has_the_same_buttons(shop: Shop, person: httpx.AsyncClient) -> None:
    intent = await new_intent(shop)
    assert "12.34 EUR" in (await person.get(f"/pay/{intent}")).text
    declined = await person.post(f"/pay/{intent}/decline")
    assert (declined.status_code, declined.headers["location"]) == (303, f"/pay/{intent}")
    assert (await person.post(f"/pay/{intent}/pay")).status_code == 303
    assert shop.stand_in.object(intent)["status"] == "succeeded"
    assert "<button" not in (await person.get(f"/pay/{intent}")).text
    assert (await person.post(f"/pay/{intent}/pay")).status_code == 400


async def test_a_debit_shows_buttons_for_its_outcome(shop: Shop, person: httpx.AsyncClient) -> None:
    intent = await new_intent(shop)
    await person.post(f"/pay/{intent}/debit")
    page = (await person.get(f"/pay/{intent}")).text
    assert f'action="/pay/{intent}/pay"' in page
    assert f'action="/pay/{intent}/debit"' not in page
    await person.post(f"/pay/{intent}/pay")
    assert shop.stand_in.object(intent)["status"] == "succeeded"


async def test_everything_from_outside_is_escaped(shop: Shop, person: httpx.AsyncClient) -> None:
    evil = '<script>alert("1")</script>'
    session = await new_session(shop, evil, cancel_url='http://localhost/"><script>')
    intent = await new_intent(shop, evil)
    for path in (f"/checkout/{session}", f"/pay/{intent}", f"/pay/{evil}", f"/checkout/{evil}"):
        assert "<script" not in (await person.get(path)).text


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/checkout/cs_none"), ("GET", "/pay/pi_none"), ("POST", "/pay/pi_none/pay")],
)
async def test_unknown_payments_are_404(person: httpx.AsyncClient, method: str, path: str) -> None:
    assert (await person.request(method, path)).status_code == 404


async def test_there_are_no_other_buttons(shop: Shop, person: httpx.AsyncClient) -> None:
    assert (await person.post(f"/pay/{await new_intent(shop)}/steal")).status_code == 404

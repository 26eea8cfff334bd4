import time

import pytest
import stripe

from api.http.errors import ApiError
from api.payments.objects import reference_of
from api.payments.webhooks import TOLERANCE_SECONDS, verified_event

SECRET = "whsec_of_the_test"
EVENT = b'{"id": "evt_1", "type": "charge.refunded", "data": {"object": {"id": "ch_1"}}}'


def sign(body: bytes, secret: str = SECRET, age: int = 0) -> str:
    signed_at = int(time.time()) - age
    return str(stripe.WebhookSignature.generate_signature_header(body.decode(), secret, signed_at))


def refusal(body: bytes, signature: str | None, secret: str = SECRET) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        verified_event(body, signature, secret)
    return caught.value.status, caught.value.code


def test_a_signed_event_is_read() -> None:
    event = verified_event(EVENT, sign(EVENT), SECRET)

    assert event is not None
    assert (event.type, event.data.object) == ("charge.refunded", {"id": "ch_1"})


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "nonsense",
        "t=1",
        "t=,v1=",
        "t=soon,v1=ab",
        f"t={int(time.time())},v1=00",
        f"t={int(time.time())},v1=ä",
        f"t={'9' * 5000},v1=00",
    ],
    ids=range(9),
)
def test_a_malformed_signature_is_refused(signature: str | None) -> None:
    assert refusal(EVENT, signature) == (400, "invalid_request")


def test_a_signature_of_another_body_is_refused() -> None:
    assert refusal(EVENT + b" ", sign(EVENT)) == (400, "invalid_request")


def test_a_signature_with_another_secret_is_refused() -> None:
    assert refusal(EVENT, sign(EVENT, "whsec_other")) == (400, "invalid_request")


def test_a_stale_signature_is_refused() -> None:
    assert refusal(EVENT, sign(EVENT, age=TOLERANCE_SECONDS + 1)) == (400, "invalid_request")


def test_without_a_secret_nothing_is_accepted() -> None:
    assert refusal(EVENT, sign(EVENT, "x"), "") == (503, "payments_unavailable")


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"[]",
        b"{}",
        b'{"type": 5, "data": {"object": {}}}',
        b'{"type": "x", "data": null}',
        b'{"type": "x", "data": {"object": []}}',
    ],
)
def test_a_signed_body_of_another_shape_is_no_event_of_ours(body: bytes) -> None:
    assert verified_event(body, sign(body), SECRET) is None


@pytest.mark.parametrize(
    "body",
    [b"", b'{"type": "x", "data": {"object": {"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}}"],
)
def test_a_signed_body_that_is_no_json_is_refused(body: bytes) -> None:
    assert refusal(body, sign(body)) == (400, "invalid_request")


def test_a_body_that_is_no_text_is_refused() -> None:
    assert refusal(b"\xff\xfe", sign(EVENT)) == (400, "invalid_request")


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        [],
        {},
        {"purchaseId": "01890000-0000-7000-8000-000000000000"},
        {"userId": "u"},
        {"userId": "u", "purchaseId": "1"},
        {"userId": "u", "purchaseId": 1},
        {"userId": "", "purchaseId": "01890000-0000-7000-8000-000000000000"},
        {"userId": 5, "purchaseId": "01890000-0000-7000-8000-000000000000"},
        {"userId": "a\0", "purchaseId": "01890000-0000-7000-8000-000000000000"},
        {"userId": "u", "purchaseId": "{01890000-0000-7000-8000-000000000000}"},
    ],
)
def test_an_object_without_our_metadata_is_not_ours(metadata: object) -> None:
    assert reference_of({"id": "pi_1", "metadata": metadata}) is None

"""Tokens that were tampered with, or say odd things: refused, and never more than that."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.live_api import PREFIX, SHOP, LiveApi, ok, refused

ODD: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    1e308,
    10**400,
    "",
    "1",
    "\x00",
    "\ud800",
    "x" * 3000,
    [],
    [[]],
    {},
    {"a": 1},
    ["mana", 1, None],
]

# Claims that a token is no worse for when they are odd: it says less about its user.
OPTIONAL = ("email", "name", "role", "matrix_id", "matrixId", "iat", "jti")


@pytest.fixture(scope="module")
def ask(api: LiveApi) -> Callable[[str | bytes], Any]:
    """Ask for a balance with a token."""

    def with_token(token: str | bytes) -> Any:
        raw = token.encode() if isinstance(token, str) else token
        headers: Any = {b"Origin": SHOP.encode(), b"Authorization": b"Bearer " + raw}
        return api.client.get(f"{PREFIX}/credits/balance", headers=headers)

    return with_token


def part(value: Any) -> str:
    """Return a segment of a token."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(api: LiveApi, **changed: Any) -> dict[str, Any]:
    """Return claims that hold, but for those that are changed."""
    now = int(time.time())
    good = {"sub": "someone", "iss": api.issuer.url, "aud": "mana", "iat": now, "exp": now + 600}
    return {**good, **changed}


def signed(api: LiveApi, payload: Any, **header: Any) -> str:
    """Return a token whose signature holds, whatever it says."""
    head = part({"alg": "EdDSA", "typ": "JWT", "kid": api.issuer.kid, **header})
    body = part(payload)
    signature = api.issuer.private_key.sign(f"{head}.{body}".encode())
    return f"{head}.{body}.{part(signature)}"


def test_what_they_are_made_from_would_be_taken(api: LiveApi, ask: Callable[..., Any]) -> None:
    ok(ask(signed(api, claims(api))))


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("name", ["exp", "sub", "iss", "aud", "nbf"])
def test_an_odd_claim_is_never_an_error_of_ours(
    api: LiveApi, ask: Callable[..., Any], name: str, value: Any
) -> None:
    answer = ask(signed(api, claims(api, **{name: value})))
    if answer.status_code != 200:
        refused(answer, 401, "unauthenticated")
        return
    # Ids may be any text, a token may hold for very long, and may have begun to hold long ago.
    assert (name, value) in [("sub", "1"), ("exp", 1e308), ("aud", ["mana", 1, None])] or (
        name == "nbf" and float(value) <= time.time()
    )


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_odd_claim_that_nobody_needs_does_no_harm(
    api: LiveApi, ask: Callable[..., Any], name: str
) -> None:
    for value in ODD:
        answer = ask(signed(api, claims(api, **{name: value})))
        if answer.status_code != 200:
            refused(answer, 401, "unauthenticated")


@pytest.mark.parametrize(
    "end",
    [
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1e400",
        b"-1e400",
        b"9" * 5000,
        b"1e-400",
        b"true",
        b"-0",
    ],
    ids=lambda end: repr(end)[:20],
)
def test_an_end_that_is_no_time_is_refused(
    api: LiveApi, ask: Callable[..., Any], end: bytes
) -> None:
    payload = json.dumps(claims(api, exp=0)).encode().replace(b'"exp": 0', b'"exp": ' + end)
    refused(ask(signed(api, payload)), 401, "unauthenticated")


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"[]", b"1", b'"x"', b"{", b"\xff", b"[" * 5000, b'{"exp":' * 500],
    ids=lambda payload: repr(payload)[:20],
)
def test_claims_that_are_no_object_are_refused(
    api: LiveApi, ask: Callable[..., Any], payload: bytes
) -> None:
    refused(ask(signed(api, payload)), 401, "unauthenticated")


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("name", ["alg", "kid"])
def test_an_odd_header_is_refused(
    api: LiveApi, ask: Callable[..., Any], name: str, value: Any
) -> None:
    refused(ask(signed(api, claims(api), **{name: value})), 401, "unauthenticated")


@pytest.mark.parametrize("name", ["typ", "crit", "b64", "jwk", "jku", "x5u", "zip", "cty"])
def test_an_odd_header_that_nobody_needs_does_no_harm(
    api: LiveApi, ask: Callable[..., Any], name: str
) -> None:
    for value in [*ODD, "http://127.0.0.1:9/keys", ["exp"]]:
        answer = ask(signed(api, claims(api), **{name: value}))
        if answer.status_code != 200:
            refused(answer, 401, "unauthenticated")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", "HS256", "HS512"])
def test_a_token_that_chooses_how_it_is_checked_is_refused(
    api: LiveApi, ask: Callable[..., Any], algorithm: str
) -> None:
    public = api.issuer.private_key.public_key().public_bytes_raw()
    for signature in _signatures(api, algorithm, public):
        refused(ask(signature), 401, "unauthenticated")


def _signatures(api: LiveApi, algorithm: str, public: bytes) -> Iterator[str]:
    head = part({"alg": algorithm, "typ": "JWT", "kid": api.issuer.kid})
    body = part(claims(api))
    yield f"{head}.{body}."
    yield f"{head}.{body}.{part(b'x' * 64)}"
    if algorithm.startswith("HS"):
        key = jwt.get_algorithm_by_name(algorithm)
        yield f"{head}.{body}.{part(key.sign(f'{head}.{body}'.encode(), public))}"


@given(data=st.data())
def test_a_token_changed_anywhere_is_refused(
    api: LiveApi, ask: Callable[..., Any], data: st.DataObject
) -> None:
    good = signed(api, claims(api)).encode()
    at = data.draw(st.integers(0, len(good) - 2))
    with_what = data.draw(
        st.sampled_from(
            [b"", b"A", b".", b"..", b"=", b"%", b"\xff", b"A" * 100, good[at : at + 9]]
        )
    )
    length = data.draw(st.integers(0, 3))
    changed = good[:at] + with_what + good[at + length :]
    if changed != good:
        refused(ask(changed), 401, "unauthenticated")


@pytest.mark.parametrize("size", [8192, 20_000, 40_000])
def test_a_huge_token_is_refused(api: LiveApi, ask: Callable[..., Any], size: int) -> None:
    refused(ask(signed(api, claims(api, more="x" * size))), 401, "unauthenticated")
    refused(ask("." * size), 401, "unauthenticated")

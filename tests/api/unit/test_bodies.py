from typing import Any

import msgspec
import pytest

from api.http.bodies import Body
from api.http.errors import ApiError
from api.routes.desk import PackageChange
from api.routes.guilds import NewLimits
from api.routes.internal import InitPool
from api.routes.usage import UserUse

USE = Body(UserUse)


def refusal(body: Body[Any], raw: bytes) -> ApiError:
    with pytest.raises(ApiError) as caught:
        body.decode(raw)
    return caught.value


def test_every_wrong_field_is_named() -> None:
    error = refusal(USE, b'{"amount": "5", "appId": 7, "metadata": {}, "creditSource": []}')

    assert (error.status, error.code) == (400, "invalid_request")
    assert set(error.details) == {"amount", "appId", "creditSource", "description"}


@pytest.mark.parametrize(
    ("items", "named"),
    [
        ('[{"operation": "a"}, {"operation": "b", "quantity": "2"}]', "item 2 quantity"),
        ('[{"operation": "a"}, 2]', "item 2"),
        ("[{}]", "item 1 operation"),
        ('{"operation": "a"}', "must be a list"),
    ],
)
def test_an_item_that_is_wrong_is_named(items: str, named: str) -> None:
    error = refusal(USE, f'{{"items": {items}, "appId": "c", "description": "d"}}'.encode())

    assert error.details["items"].startswith(named)


def test_an_unknown_field_is_ignored() -> None:
    use = USE.decode(b'{"amount": 1, "appId": "chat", "description": "d", "color": "red"}')

    assert use.app_id == "chat"


def test_an_optional_field_may_be_null() -> None:
    use = USE.decode(
        b'{"amount": 1, "appId": "chat", "description": "d", "idempotencyKey": null,'
        b' "creditSource": null, "metadata": null}'
    )

    assert (use.idempotency_key, use.credit_source) == (None, None)


def test_metadata_keeps_its_text() -> None:
    use = USE.decode(
        b'{"amount": 1, "appId": "c", "description": "d", "metadata": {"n": 0.10, "b": 1e2}}'
    )

    assert bytes(use.metadata) == b'{"n": 0.10, "b": 1e2}'


@pytest.mark.parametrize("text", ["", "a" * 129, r"a\u0000", r"a\nb", r"a\u007fb", r"a\u0085b"])
def test_an_id_is_short_and_has_no_control_characters(text: str) -> None:
    error = refusal(Body(InitPool), f'{{"organizationId": "{text}"}}'.encode())

    assert set(error.details) == {"organizationId"}


@pytest.mark.parametrize("text", ["a", "ä" * 128, "a b/c?d#e", "👩‍👩‍👧"])
def test_an_id_is_opaque(text: str) -> None:
    body = Body(InitPool).decode(f'{{"organizationId": "{text}"}}'.encode())

    assert body.organization_id == text


def test_an_absent_limit_differs_from_a_removed_one() -> None:
    limits = Body(NewLimits).decode(b'{"dailyLimit": null}')

    assert (limits.daily_limit, limits.monthly_limit) == (None, msgspec.UNSET)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("appId", rb'"\ud800"'),
        ("idempotencyKey", rb'"\udc00\ud800"'),
        ("creditSource", rb'{"type": "\ud800"}'),
    ],
)
def test_a_field_with_half_a_character_is_named(field: str, value: bytes) -> None:
    fields = {"amount": b"1", "appId": b'"a"', "description": rb'"\ud800"', field: value}
    body = b",".join(b'"%s": %s' % (name.encode(), value) for name, value in fields.items())
    error = refusal(USE, b"{%s}" % body)

    assert set(error.details) == {field}


def test_the_first_field_that_is_wrong_is_what_the_message_tells() -> None:
    error = refusal(USE, b'{"description": "d", "appId": "", "amount": "5"}')

    assert list(error.details) == ["amount", "appId"]
    assert error.message == "amount must be a number of credits, written as a JSON number"


def test_a_name_that_is_no_text_is_told_what_it_must_be() -> None:
    error = refusal(Body(PackageChange), b'{"reason": "A typo", "name": 5}')

    assert error.details == {"name": "must be a text"}


@pytest.mark.parametrize(
    "raw",
    [
        rb'{"\ud800": "\ud800"}',
        b'{"x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"x": "\xff"}',
        b"[]",
    ],
    ids=["half a character in a name", "nested deeply", "no UTF-8", "no object"],
)
def test_only_what_is_malformed_is_called_so(raw: bytes) -> None:
    assert refusal(USE, raw).message != refusal(USE, b"{").message


def test_what_is_wrong_within_an_object_is_told() -> None:
    body = b'{"amount": 1, "appId": "chat", "description": "d", "creditSource": %s}'
    lacking = refusal(USE, body % b'{"guildId": "g"}').details
    wrong = refusal(USE, body % b'{"type": "guild", "guildId": 7}').details

    assert set(lacking) == set(wrong) == {"creditSource"}
    assert "type is missing" in lacking["creditSource"]
    assert "guildId must be" in wrong["creditSource"]


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"organizationId": "\xff"}',
        rb'{"organizationId": "\ud800"}',
        b'{"organizationId": "g"} {}',
        b'{"organizationId": NaN}',
        b"[" * 60_000,
        b'{"organizationId": "g", "x": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'\xef\xbb\xbf{"organizationId": "g"}',
    ],
)
def test_hostile_bodies_are_refused(raw: bytes) -> None:
    error = refusal(Body(InitPool), raw)

    assert (error.status, error.code) == (400, "invalid_request")

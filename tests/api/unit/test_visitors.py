import pytest
from starlette.requests import Request

from api.pages.gift_codes import address_of


def request_from(host: str) -> Request:
    return Request({"type": "http", "client": (host, 1234), "headers": []})


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        ("x" * 500, "x" * 128),
    ],
)
def test_an_address_is_counted_by_its_holder(host: str, key: str) -> None:
    assert address_of(request_from(host)) == key

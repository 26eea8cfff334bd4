import pytest

from api.origins import lies_under, origin_of

ALLOWED = ("https://app.example", "http://localhost:5173")


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example",
        "https://app.example/",
        "https://app.example/paid?session={CHECKOUT_SESSION_ID}#done",
        "https://app.example:443/paid",
        "HTTPS://APP.EXAMPLE/paid",
        "http://localhost:5173/paid",
    ],
)
def test_a_page_of_an_allowed_origin_is_accepted(url: str) -> None:
    assert lies_under(url, ALLOWED)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/paid",
        "//app.example/paid",
        "app.example",
        "http://app.example/",
        "https://app.example:8443/",
        "https://app.example.evil.example/",
        "https://evil.example/https://app.example/",
        "https://evil.example#https://app.example",
        "https://evil.example?https://app.example",
        "https://app.example@evil.example/",
        "https://user:password@app.example/",
        "https://evil.example\\@app.example/",
        "https:\\\\app.example/",
        "https://app.example\\.evil.example/",
        "https://app.example/\npaid",
        " https://app.example/",
        "https://app\t.example/",
        "https://äpp.example/",
        "https://app.example:port/",
        "https://app.example:99999/",
        "https://[::1/",
        "javascript:alert(1)//https://app.example",
        "data:text/html,https://app.example",
        "https://",
        "https://app.example/" + "a" * 3000,
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    assert not lies_under(url, ALLOWED)


def test_an_ipv6_origin_keeps_its_brackets() -> None:
    assert origin_of("http://[::1]:3000/x") == "http://[::1]:3000"

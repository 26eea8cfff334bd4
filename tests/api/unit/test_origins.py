import pytest

from api.http.origins import AddressError, address_under, origin_of

ALLOWED = ("https://app.example", "http://localhost:5173")


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example",
        "https://app.example/",
        "https://app.example//twice/",
        "https://app.example/paid?session={CHECKOUT_SESSION_ID}#done",
        "https://app.example/Paid?To=%C3%A9&to=HTTPS://APP.EXAMPLE:443",
        "http://localhost:5173/paid",
    ],
)
def test_a_page_of_an_allowed_origin_is_accepted_as_it_is(url: str) -> None:
    assert address_under(url, ALLOWED) == url


@pytest.mark.parametrize(
    "url",
    [
        "HTTPS://app.example/Paid",
        "https://APP.example/Paid",
        "https://app.example:443/Paid",
        "https://app.example:/Paid",
    ],
)
def test_an_origin_is_written_in_its_one_form(url: str) -> None:
    assert address_under(url, ALLOWED) == "https://app.example/Paid"


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
    with pytest.raises(AddressError):
        address_under(url, ALLOWED)


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example/é",
        "https://app.example/two words",
        "https://app.example/" + "a" * 6000,
        "https://ann@app.example/",
        "/paid",
    ],
)
def test_an_address_is_not_called_foreign_for_another_problem(url: str) -> None:
    foreign, other = problem("https://evil.example/"), problem(url)

    assert other != foreign


def problem(url: str) -> str:
    with pytest.raises(AddressError) as caught:
        address_under(url, ALLOWED)
    return str(caught.value)


def test_an_ipv6_origin_keeps_its_brackets() -> None:
    assert origin_of("http://[::1]:3000/x") == "http://[::1]:3000"

from decimal import Decimal

import pytest

from api.http.answers import json_answer
from api.http.bodies import Body
from api.http.errors import ApiError
from api.routes.guilds import Fund

FUND = Body(Fund)


def read(number: str) -> Decimal:
    return FUND.decode(f'{{"amount": {number}}}'.encode()).amount


def refusal(number: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        read(number)
    return caught.value


@pytest.mark.parametrize(
    ("number", "amount"),
    [
        ("5", "5"),
        ("0.02", "0.02"),
        ("0.1", "0.1"),
        ("999999999.999999", "999999999.999999"),
        ("1e2", "100"),
        ("25e-2", "0.25"),
        ("-3", "-3"),
        ("0.12345678901234567890", "0.12345678901234567890"),
    ],
)
def test_a_json_number_is_read_exactly(number: str, amount: str) -> None:
    assert read(number) == Decimal(amount)


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    assert read("0.1") + read("0.2") == read("0.3")


@pytest.mark.parametrize("value", ['"5"', '"0.5"', "true", "false", "null", "[1]", "{}"])
def test_anything_but_a_number_is_refused(value: str) -> None:
    error = refusal(value)

    assert (error.code, set(error.details)) == ("invalid_request", {"amount"})


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1.", ".5", "01", "+1", "0x1"])
def test_what_json_does_not_know_is_refused(word: str) -> None:
    assert refusal(word).code == "invalid_request"


@pytest.mark.parametrize(
    "number",
    [
        "1e400",
        "1e999999999",
        "1e-400",
        "1e99999999999999999999999",
        "0e99999",
        "9" * 40,
        "9" * 5000,
        "0." + "1" * 5000,
    ],
)
def test_a_number_that_no_amount_can_be_is_refused(number: str) -> None:
    error = refusal(number)

    assert (error.code, set(error.details)) == ("invalid_request", {"amount"})


@pytest.mark.parametrize(
    "amount", ["0", "5", "0.5", "-0.02", "0.000001", "999999999999.999999", "123456789"]
)
def test_an_amount_goes_out_as_a_plain_number(amount: str) -> None:
    assert json_answer({"amount": Decimal(amount)}).body == f'{{"amount":{amount}}}'.encode()

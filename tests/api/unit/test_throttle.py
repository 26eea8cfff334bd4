import pytest
from starlette.requests import Request

from api.errors import ApiError
from api.throttle import TokenBuckets, address_of

from .conftest import Clock

pytestmark = pytest.mark.anyio


async def refusal(throttle: TokenBuckets, key: str) -> ApiError | None:
    try:
        await throttle.check(key)
    except ApiError as error:
        return error
    return None


@pytest.fixture
def throttle(clock: Clock) -> TokenBuckets:
    return TokenBuckets(most=3, seconds=30, clock=clock)


async def attempts_until_refused(throttle: TokenBuckets, key: str) -> int:
    attempts = 0
    while await refusal(throttle, key) is None:
        await throttle.count(key)
        attempts += 1
    return attempts


async def test_only_so_many_attempts_are_free(throttle: TokenBuckets) -> None:
    assert await attempts_until_refused(throttle, "a") == 3


async def test_a_refusal_tells_how_long_to_wait(throttle: TokenBuckets, clock: Clock) -> None:
    await attempts_until_refused(throttle, "a")
    clock.advance(4)

    error = await refusal(throttle, "a")

    assert error is not None
    assert (error.status, error.code, error.retry_after) == (429, "too_many_attempts", 6)


async def test_after_the_wait_one_more_attempt_is_free(
    throttle: TokenBuckets, clock: Clock
) -> None:
    await attempts_until_refused(throttle, "a")
    clock.advance(10)

    assert await attempts_until_refused(throttle, "a") == 1


async def test_no_more_attempts_gather_than_at_first(throttle: TokenBuckets, clock: Clock) -> None:
    await attempts_until_refused(throttle, "a")
    clock.advance(10_000)

    assert await attempts_until_refused(throttle, "a") == 3


async def test_keys_do_not_share_their_attempts(throttle: TokenBuckets) -> None:
    await attempts_until_refused(throttle, "a")

    assert await attempts_until_refused(throttle, "b") == 3


async def test_what_was_checked_is_not_yet_counted(throttle: TokenBuckets) -> None:
    for _ in range(10):
        assert await refusal(throttle, "a") is None


async def test_attempts_counted_late_are_waited_for_all_the_same(
    throttle: TokenBuckets,
) -> None:
    for _ in range(5):
        await throttle.count("a")

    error = await refusal(throttle, "a")

    assert error is not None
    assert error.retry_after == 30


def request_from(host: str) -> Request:
    return Request({"type": "http", "client": (host, 1234), "headers": []})


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
async def test_an_address_is_counted_by_its_holder(host: str, key: str) -> None:
    assert address_of(request_from(host)) == key

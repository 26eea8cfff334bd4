"""clients/python: charges that hold, run, and commit or release; exact amounts; errors by code."""

import asyncio
import contextlib
import json
import re
import shutil
import sys
import time
from collections.abc import AsyncIterator, Generator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

import clients
from mana_credits_client import (
    AsyncCreditsClient,
    CreditsClient,
    CreditsError,
    GuildPoolNotFoundError,
    InsufficientCreditsError,
    PriceChangedError,
    UnauthenticatedError,
    UnreachableError,
    UnsettledError,
    WebhookError,
    read_events,
    read_webhook,
)
from mana_credits_client.amounts import read, write
from tests.api import client_packages
from tests.api.disturbed_line import Instead, Line
from tests.api.live_api import SERVICE_KEY, LiveApi, unique, wait_until

USE = "/api/v1/internal/credits/use"
PACKAGE = clients.PYTHON


class ModelDownError(Exception):
    """A model that does not answer."""


@pytest.fixture
def mana(api: LiveApi) -> Iterator[CreditsClient]:
    with client(api.url) as one:
        yield one


@pytest.fixture
def line(api: LiveApi) -> Iterator[Line]:
    line = Line(api.url)
    with line.serve():
        yield line


def client(url: str, **options: Any) -> CreditsClient:
    return CreditsClient(
        url, **{"service_key": SERVICE_KEY, "app_id": "chat", "unreachable": "refuse", **options}
    )


def answer(user_id: str, amount: Any = 4, **more: Any) -> Any:
    """The options of a charge."""
    given = {"user_id": user_id, "amount": amount, "reason": "One answer", "key": unique("key")}
    return {**given, **more}


def there(api: LiveApi, user_id: str) -> tuple[Decimal, Decimal]:
    """The credits that can be spent, and those that are held."""
    with client(api.url) as one:
        balance = one.balance(user_id)
    return balance["balance"], balance["reserved"]


def test_commits_what_was_used_and_frees_the_rest(api: LiveApi, mana: CreditsClient) -> None:
    user = api.user(10)
    with mana.charge(**answer(user.id)) as charge:
        assert there(api, user.id) == (6, 4)
        charge.used(Decimal("1.250001"))
    assert there(api, user.id) == (Decimal("8.749999"), 0)
    assert charge.outcome is not None
    assert charge.outcome.status == "committed"
    assert charge.outcome.released == Decimal("2.749999")


def test_commits_all_if_nothing_is_said(api: LiveApi, mana: CreditsClient) -> None:
    user = api.user(10)
    with mana.charge(**answer(user.id, "0.02")):
        pass
    assert there(api, user.id) == (Decimal("9.98"), 0)


def test_releases_if_the_block_raises(api: LiveApi, mana: CreditsClient) -> None:
    user = api.user(10)
    charge = mana.charge(**answer(user.id))
    charge.used(1)
    with pytest.raises(ModelDownError), charge:
        raise ModelDownError
    assert there(api, user.id) == (10, 0)
    assert charge.outcome is not None
    assert charge.outcome.status == "released"


def test_refuses_before_the_block(api: LiveApi, mana: CreditsClient) -> None:
    user = api.user(Decimal("3.5"))
    with (
        pytest.raises(InsufficientCreditsError) as refused,
        mana.charge(**answer(user.id)),
    ):
        pytest.fail("it ran")
    error = refused.value
    assert (error.status, error.code) == (402, "insufficient_credits")
    assert error.details == {"required": 4, "available": Decimal("3.5")}
    assert all(isinstance(figure, Decimal) for figure in error.details.values())
    assert error.request_id


def test_moves_once_under_one_key(api: LiveApi, mana: CreditsClient) -> None:
    user = api.user(10)
    options = answer(user.id)
    seen = []
    for _ in range(2):
        with mana.charge(**options) as charge:
            seen.append(charge.already_charged)
    assert seen == [False, True]
    assert there(api, user.id) == (6, 0)


def test_charges_the_attempt_after_one_that_failed(
    api: LiveApi,
    mana: CreditsClient,
) -> None:
    user = api.user(10)
    options = answer(user.id)
    for _ in range(2):
        with pytest.raises(ModelDownError), mana.charge(**options):
            raise ModelDownError
    for already in (False, True):
        with mana.charge(**options) as charge:
            assert charge.already_charged == already
    assert there(api, user.id) == (6, 0)


def test_two_at_once_under_one_key_are_charged_once(api: LiveApi, mana: CreditsClient) -> None:
    user = api.user(10)
    options = answer(user.id)
    with mana.charge(**options) as slow:
        with mana.charge(**options) as quick:
            quick.used(1)
        slow.used(2)
    outcomes = [charge.outcome.status for charge in (quick, slow) if charge.outcome]
    assert outcomes == ["committed", "already-charged"]
    assert there(api, user.id) == (9, 0)


def test_goes_on_as_the_next_attempt_if_another_has_failed(
    api: LiveApi, mana: CreditsClient
) -> None:
    user = api.user(10)
    options = answer(user.id)
    with mana.charge(**options) as charge:
        with pytest.raises(ModelDownError), mana.charge(**options):
            raise ModelDownError
        charge.used(1)
    assert charge.outcome is not None
    assert charge.outcome.status == "committed"
    assert there(api, user.id) == (9, 0)


def test_says_before_the_block_that_metadata_is_none(mana: CreditsClient) -> None:
    with pytest.raises(TypeError):
        mana.charge(**answer("u", metadata={"cost": Decimal(1)}))


def test_makes_its_key_from_a_request(api: LiveApi, mana: CreditsClient) -> None:
    user = api.user(10)
    options = answer(user.id, 1, key="", request_id=unique("request"))
    for reason in ("One answer", "One answer", "Another thing"):
        with mana.charge(**{**options, "reason": reason}):
            pass
    assert there(api, user.id) == (8, 0)
    with pytest.raises(TypeError):
        mana.charge(user_id=user.id, amount=1, reason="One answer")


def test_extends_its_hold(api: LiveApi, mana: CreditsClient) -> None:
    user = api.user(10)
    with mana.charge(**answer(user.id, hold_seconds=2)):
        time.sleep(2.6)
        assert there(api, user.id) == (6, 4)


def test_a_generator_that_is_closed_costs_what_was_used(
    api: LiveApi,
    mana: CreditsClient,
) -> None:
    user = api.user(10)

    def words() -> Generator[str, None, None]:
        with mana.charge(**answer(user.id)) as charge:
            for used in range(1, 4):
                charge.used(used)
                yield "word"

    stream = words()
    next(stream)
    next(stream)
    stream.close()
    assert there(api, user.id) == (8, 0)


def test_says_what_was_not_to_be_charged(api: LiveApi, mana: CreditsClient) -> None:
    user = api.user(10)
    with pytest.raises(UnsettledError) as unsettled, mana.charge(**answer(user.id)) as charge:
        charge.used(5)
    assert isinstance(unsettled.value.__cause__, CreditsError)
    assert unsettled.value.status == 400


def test_charges_by_items(api: LiveApi, mana: CreditsClient) -> None:
    user, operation = api.user(10), client_packages.addresses(api)["OPERATION"]
    items: list[Any] = [{"operation": operation, "quantity": 4}]
    options = answer(user.id, None, items=items)
    with mana.charge(**options, expected_amount=2) as charge:
        assert there(api, user.id) == (8, 2)
        charge.used(items=[{"operation": operation, "quantity": "3"}])
    assert there(api, user.id) == (Decimal("8.5"), 0)
    with (
        pytest.raises(PriceChangedError),
        mana.charge(**{**options, "key": "x"}, expected_amount=3),
    ):
        pytest.fail("it ran")


def test_says_while_the_block_runs_that_a_quantity_is_not_exact(
    api: LiveApi, mana: CreditsClient
) -> None:
    user, operation = api.user(10), client_packages.addresses(api)["OPERATION"]
    inexact: Any = [{"operation": operation, "quantity": 0.5}]
    with (
        pytest.raises(TypeError),
        mana.charge(**answer(user.id, None, items=[{"operation": operation}])) as charge,
    ):
        charge.used(items=inexact)
    assert there(api, user.id) == (10, 0)


def test_takes_what_is_there_above_the_hold(api: LiveApi, mana: CreditsClient) -> None:
    user = api.user(10)
    with mana.charge(**answer(user.id), overrun="available") as charge:
        charge.used(12)
    assert there(api, user.id) == (0, 0)
    assert charge.outcome is not None
    assert charge.outcome.uncollected == 2


def test_captures_a_budget_call_by_call(api: LiveApi, line: Line) -> None:
    user = api.user(10)
    line.faults = [None, "lost answer", "lost request"]
    with client(line.url, patience=0, unreachable="allow").charge(**answer(user.id, 8)) as charge:
        charge.capture(1)
        charge.capture("2.5")
    assert there(api, user.id) == (Decimal("6.5"), 0)
    assert charge.outcome is not None
    assert charge.outcome.status == "released"


def test_captures_each_call_once_in_all_attempts(api: LiveApi, mana: CreditsClient) -> None:
    user = api.user(10)
    options = answer(user.id, 8)
    for calls in (1, 2, 3):
        with contextlib.suppress(ModelDownError), mana.charge(**options) as charge:
            for _ in range(calls):
                charge.capture(1)
            if calls == 1:
                raise ModelDownError
    assert there(api, user.id) == (7, 0)


def test_a_service_that_is_away_refuses_or_allows(api: LiveApi, line: Line) -> None:
    user = api.user(10)
    refusing = client(line.url, patience=0)
    line.lasting = "lost request"
    with pytest.raises(UnreachableError), refusing.charge(**answer(user.id)):
        pytest.fail("it ran")
    allowing = client(line.url, patience=0, unreachable="allow")
    with allowing.charge(**answer(user.id)) as charge:
        assert charge.reservation_id is None
    assert charge.outcome is not None
    assert charge.outcome.status == "unsettled"
    line.lasting = None
    line.faults = ["lost answer"]
    with allowing.charge(**answer(user.id)) as charge:
        assert charge.reservation_id is None
        charge.used(1)
    # The reservation had been made: it is found by its key, and no second one.
    assert there(api, user.id) == (9, 0)
    with pytest.raises(ValueError, match="refuse"):
        client(line.url, unreachable=None)


def test_repeats_with_the_same_key(api: LiveApi, line: Line) -> None:
    user = api.user(10)
    line.faults = ["lost answer", Instead(503, retry_after="1")]
    body = {"userId": user.id, "amount": "4", "description": "One answer"}
    told = client(line.url).request("POST", USE, body, key=unique("key"))
    assert told["replayed"] is True
    assert there(api, user.id) == (6, 0)
    assert line.asked[2] - line.asked[1] > 1


def test_repeats_nothing_that_moves_without_a_key(line: Line) -> None:
    line.lasting = Instead(503)
    with pytest.raises(CreditsError):
        client(line.url).request("POST", USE, {"userId": "u", "amount": 4, "description": "d"})
    assert len(line.asked) == 1


@pytest.mark.parametrize("status", [400, 402, 404, 409, 429])
def test_never_repeats_after_a_no(line: Line, status: int) -> None:
    body = b'{"code": "of_tomorrow", "message": "No", "details": {"amount": 1.50, "count": 2}}'
    line.lasting = Instead(status, body, retry_after="7")
    with pytest.raises(CreditsError) as refused:
        client(line.url).balance("nobody")
    error = refused.value
    assert (error.status, error.code, error.retry_after) == (status, "of_tomorrow", 7)
    assert error.details == {"amount": Decimal("1.50"), "count": 2}
    assert len(line.asked) == 1


def test_an_error_has_the_class_of_its_code(api: LiveApi, mana: CreditsClient) -> None:
    source = {"type": "guild", "guildId": unique("guild")}
    body = {"userId": "u", "amount": 1, "description": "One", "creditSource": source}
    with pytest.raises(GuildPoolNotFoundError):
        mana.request("POST", USE, body, key=unique("key"))
    with pytest.raises(UnauthenticatedError):
        client(api.url, service_key="wrong").balance("nobody")


def test_a_user_calls_with_a_token(api: LiveApi) -> None:
    user = api.user(7)
    token = api.issuer.token(user.id)
    with CreditsClient(api.url, unreachable="refuse", token=lambda: token) as mine:
        rows = mine.request("GET", "/api/v1/credits/transactions", query={"limit": 1})
    assert [row["amount"] for row in rows] == [7]


@pytest.mark.parametrize("amount", [0.5, True, None])
def test_takes_nothing_that_is_not_exact(amount: Any) -> None:
    with pytest.raises(TypeError):
        client("http://localhost").charge(**answer("u", amount))


@pytest.mark.parametrize("amount", ["", "1,5", "NaN", "0.1234567", Decimal("Infinity")])
def test_takes_no_amount_that_is_none(amount: Any) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        client("http://localhost").charge(**answer("u", amount))


def test_amounts_keep_their_digits_and_metadata_is_the_callers() -> None:
    sent = {"amount": Decimal("999999999.999999"), "metadata": {"amount": "1"}, "note": None}
    assert write(sent) == '{"amount":999999999.999999,"metadata":{"amount": "1"}}'
    told = read(
        '{"balance": 100000000000.000001, "reserved": 0, "metadata": {"amount": 1}, "n": 3}'
    )
    assert told == {
        "balance": Decimal("100000000000.000001"),
        "reserved": 0,
        "metadata": {"amount": 1},
        "n": 3,
    }
    kinds = type(told["reserved"]), type(told["metadata"]["amount"]), type(told["n"])
    assert kinds == (Decimal, int, int)


def test_asyncio_is_charged_alike(api: LiveApi) -> None:
    user = api.user(10)

    async def words(one: AsyncCreditsClient) -> AsyncIterator[str]:
        async with one.charge(**answer(user.id, hold_seconds=2)) as charge:
            charge.used("0.5")
            yield "word"
            await asyncio.sleep(3600)

    async def main() -> None:
        async with AsyncCreditsClient(
            api.url, unreachable="refuse", service_key=SERVICE_KEY
        ) as one:
            async with one.charge(**answer(user.id)) as charge:
                charge.used(1)
            with pytest.raises(ModelDownError):
                async with one.charge(**answer(user.id)):
                    raise ModelDownError

            begun = asyncio.Event()

            async def read_on() -> None:
                async for _ in words(one):
                    begun.set()

            reader = asyncio.create_task(read_on())
            await begun.wait()
            # Longer than the hold that is extended meanwhile.
            await asyncio.sleep(2.6)
            assert (await one.balance(user.id))["reserved"] == 4
            reader.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reader
            balance = await one.balance(user.id)
            assert (balance["balance"], balance["reserved"]) == (Decimal("8.5"), 0)

    asyncio.run(main())


def test_what_a_loop_left_is_settled_when_the_client_is_closed(api: LiveApi) -> None:
    user = api.user(10)

    async def words(one: AsyncCreditsClient) -> AsyncIterator[str]:
        async with one.charge(**answer(user.id)) as charge:
            for used in range(1, 5):
                charge.used(used)
                yield "word"

    async def main() -> None:
        async with AsyncCreditsClient(
            api.url, unreachable="refuse", service_key=SERVICE_KEY
        ) as one:
            async for _ in words(one):
                break

    asyncio.run(main())
    assert there(api, user.id) == (9, 0)


@pytest.mark.parametrize("address", [None, "", "localhost:3061"])
def test_an_address_is_needed(address: Any) -> None:
    with pytest.raises(ValueError, match="base_url"):
        client(address)


# Also where it says that all is well.
@pytest.mark.parametrize("status", [404, 200])
def test_an_answer_of_another_server_is_told_as_such(line: Line, status: int) -> None:
    line.faults = [Instead(status, b"<html>Not here</html>")]
    with client(line.url) as one, pytest.raises(CreditsError, match="base_url") as refused:
        one.balance("ada")
    assert (refused.value.code, refused.value.status) == ("unknown", status)


@pytest.mark.parametrize("missing", ["", "whsec_", [""], None])
def test_nothing_is_verified_without_a_secret(missing: Any) -> None:
    headers = {
        "webhook-id": "1",
        "webhook-timestamp": str(int(time.time())),
        "webhook-signature": "v1,",
    }
    with pytest.raises(ValueError, match="secret"):
        read_webhook(b"{}", headers, missing)


def test_webhooks_are_verified_and_read(api: LiveApi, tmp_path: Path) -> None:
    with client_packages.message(api, tmp_path) as file:
        told = json.loads(file.read_text())
    body, headers, secret = told["body"], told["headers"], told["secret"]
    event = read_webhook(body.encode(), headers, ["whsec_AAAA", secret])
    assert (event.type, event.data["userId"]) == ("balance.changed", told["userId"])
    assert event.data["amount"] == Decimal("12.500001")
    forged = [
        (body.replace("12.5", "99.5"), headers, secret, None),
        (body, {**headers, "webhook-id": "another"}, secret, None),
        (body, {}, secret, None),
        (body, headers, "whsec_AAAA", None),
        (body, headers, secret, time.time() + 600),
    ]
    for one_body, one_headers, one_secret, now in forged:
        with pytest.raises(WebhookError):
            read_webhook(one_body, one_headers, one_secret, now=now)


def test_events_are_read_over_sql(api: LiveApi) -> None:
    with (
        client_packages.consumer(api, "balance.changed") as consumer,
        psycopg.connect(api.database.dsn("service"), autocommit=True) as connection,
    ):
        user = api.user(Decimal("0.000001"))
        api.fund(user.id, 2)
        # Not acknowledged, so it comes again.
        first = wait_until(lambda: next(read_events(connection, consumer), None))
        read_on = [first]
        while len(read_on) < 3:
            read_on += read_events(connection, consumer, limit=1)
        assert list(read_events(connection, consumer)) == []
    assert [event.data["amount"] for event in read_on] == [Decimal("0.000001")] * 2 + [2]
    assert {event.data["userId"] for event in read_on} == {user.id}
    assert first == read_on[1]


@pytest.mark.parametrize("package", [clients.PYTHON, clients.TYPESCRIPT], ids=lambda one: one.name)
def test_its_page_leads_nowhere_that_is_not_packed(package: Path) -> None:
    page = (package / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((?!https://)[^)]*\)", page) == []


def test_what_is_generated_is_up_to_date(tmp_path: Path) -> None:
    clients.write_python(tmp_path)
    for name in clients.PYTHON_FILES:
        assert (tmp_path / name).read_text() == (PACKAGE / name).read_text(), "run `make clients`"


@pytest.mark.nightly
def test_its_examples_are_strictly_typed(tmp_path: Path) -> None:
    for number, block in enumerate(client_packages.examples(PACKAGE / "README.md", "python")):
        (tmp_path / f"example{number}.py").write_text(block)
    files = sorted(tmp_path.glob("*.py"))
    command: list[str | Path] = [sys.executable, "-m", "mypy", "--strict", *files]
    client_packages.run(command, tmp_path, {"MYPYPATH": str(PACKAGE / "src")})


@pytest.mark.nightly
def test_it_installs_in_an_empty_project_and_its_examples_run(api: LiveApi, tmp_path: Path) -> None:
    # Elsewhere, so that nothing is left in the package's folder.
    source, project = tmp_path / "source", tmp_path / "project"
    shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("dist", "build", "*.egg-info"))
    built = ("--no-isolation", "--outdir", str(tmp_path), str(source))
    client_packages.run([sys.executable, "-m", "build", *built], tmp_path)
    [wheel], [_sdist] = tmp_path.glob("*.whl"), tmp_path.glob("*.tar.gz")
    client_packages.run([sys.executable, "-m", "venv", "--without-pip", project], tmp_path)
    python = project / "bin" / "python"
    client_packages.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--quiet",
            "--python",
            python,
            "install",
            wheel,
            "psycopg[binary]",
        ],
        tmp_path,
    )
    blocks = client_packages.examples(PACKAGE / "README.md", "python")
    printed = []
    with client_packages.consumer(api, "balance.changed") as consumer:
        user = api.user(100)
        client_packages.wait_for_events(api, user.id)
        environment = {
            **client_packages.addresses(api),
            "USER_ID": user.id,
            "CONSUMER": consumer,
            "SERVICE_DATABASE_URL": api.database.dsn("service"),
        }
        for number, block in enumerate(blocks):
            file = project / f"example{number}.py"
            file.write_text(block)
            printed.append(client_packages.run([python, file], project, environment))
    answered, streamed, asked, handled, followed = printed
    assert "Rayleigh" in answered
    assert "committed=Decimal('0.04')" in streamed
    assert "0 movements" in asked
    assert handled == ""
    assert f"{user.id} has 100\n" in followed

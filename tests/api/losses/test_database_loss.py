"""The database is killed under load and comes back: nothing acknowledged is lost or done twice."""

from collections.abc import Iterator

import pytest

from sandbox.cluster import Cluster
from sandbox.stripe import StripeServer
from tests.api.gift_pages import Document, visit
from tests.api.lasting import deployed_database, lasting_cluster
from tests.api.live_api import PREFIX, LiveApi, StartApi, ok, refused, wait_until
from tests.api.load import running_load
from tests.databases import Database


@pytest.fixture(scope="module")
def mortal() -> Iterator[Cluster]:
    """A server of this module's own that keeps what it has acknowledged: its death, no power cut.

    Each test leaves it running.
    """
    with lasting_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def mortal_database(mortal: Cluster) -> Iterator[Database]:
    """A deployed database on it."""
    with deployed_database(mortal) as database:
        yield database


def test_a_database_that_is_killed_under_load_loses_and_repeats_nothing(
    mortal: Cluster, mortal_database: Database, start_api: StartApi
) -> None:
    api = start_api(database=mortal_database)
    users = [api.user(100_000) for _ in range(2)]
    with running_load(users) as load:
        wait_until(lambda: load.count >= 200)
        mortal.kill()
        wait_until(lambda: len(load.refusals) >= len(users))
        before = load.count
        mortal.start()
        wait_until(lambda: load.count >= before + 200)
    for answer in load.refusals:
        refused(answer, 503, answer.json()["code"])
        assert answer.json()["code"] in ("database_unavailable", "overloaded")
    load.assert_each_exactly_once(mortal_database)


def test_a_process_without_its_database_lives_is_not_ready_and_recovers(
    mortal: Cluster, mortal_database: Database, start_api: StartApi
) -> None:
    api: LiveApi = start_api(database=mortal_database)
    user = api.user(10)
    mortal.kill()
    ok(api.client.get("/health"))
    refused(user.use(1), 503, "database_unavailable")
    headers = {"Origin": "https://shop.example"}
    refused(api.client.get("/health/ready", headers=headers), 503, "database_unavailable")
    mortal.start()
    wait_until(lambda: api.client.get("/health/ready").status_code == 200)
    ok(user.use(1))
    assert user.balance() == 9


@pytest.mark.nightly
def test_a_gift_that_cannot_be_looked_up_now_has_a_page_that_says_so(
    mortal: Cluster, mortal_database: Database, start_api: StartApi
) -> None:
    api = start_api(database=mortal_database)
    code = api.user(10).give(5)["code"]
    mortal.kill()
    answer = visit(api, code)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    page = Document.of(answer)
    assert len(page.headings) == 1
    assert page.links == [""]
    mortal.start()
    wait_until(lambda: visit(api, code).status_code == 200)


def test_a_payment_reported_while_the_database_is_away_is_credited_later(
    mortal: Cluster, mortal_database: Database, stripe: StripeServer, start_api: StartApi
) -> None:
    api = start_api(database=mortal_database, stripe=stripe)
    stripe.webhook_url = f"{api.url}{PREFIX}/webhooks/stripe"
    user = api.user()
    purchase = user.purchase(user.buy(api.package(550, 499))["purchaseId"])
    mortal.kill()
    stripe.pay(purchase["stripePaymentIntentId"])
    wait_until(lambda: [each.status for each in stripe.deliveries].count(503) >= 1)
    mortal.start()
    stripe.wait_delivered()
    assert [row["amount"] for row in ok(user.get("/credits/transactions"))] == [550]

"""Metrics of a process, and who may read them."""

import io
from collections.abc import Iterator

import httpx
import pytest

from deploy.deployment import deploy
from deploy.progress import Progress
from sandbox.cluster import Cluster
from sandbox.stripe import StripeServer
from tests.api.exposition import Exposition, scrape
from tests.api.gift_pages import visit
from tests.api.live_api import (
    PREFIX,
    SHOP,
    Caller,
    LiveApi,
    StartApi,
    at_once,
    forbidden,
    ok,
    refused,
    wait_until,
)
from tests.concurrency import in_background
from tests.databases import LOGIN_PASSWORD, Database, Server, temporary_cluster
from tests.sql.calls import call, fund, gift, give, use
from tests.sql.lifecycle import reserve

TOKEN = "a-token-for-metrics"


@pytest.fixture(scope="module")
def own(start_module_api: StartApi) -> LiveApi:
    """A process and a database of this module's own."""
    return start_module_api()


@pytest.fixture(scope="module")
def configured(start_module_api: StartApi) -> LiveApi:
    """A process that asks who reads, and is told which apps there are."""
    return start_module_api(METRICS_TOKEN=TOKEN, METRICS_APPS="chat, images")


def read_as(api: LiveApi, **headers: str) -> httpx.Response:
    sent = {"Origin": SHOP, **{name.replace("_", "-"): text for name, text in headers.items()}}
    return api.client.get("/metrics", headers=sent)


def test_metrics_have_the_form_that_prometheus_asks_for(api: LiveApi) -> None:
    answer = read_as(api)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    wanted = "application/openmetrics-text; version=1.0.0"
    openmetrics = read_as(api, Accept=wanted)
    assert openmetrics.headers["content-type"].startswith(wanted)
    assert openmetrics.text.endswith("# EOF\n")


def test_without_a_token_only_this_machine_reads_metrics(api: LiveApi) -> None:
    assert read_as(api).status_code == 200
    for proxied in (
        {"X_Forwarded_For": "192.0.2.7"},
        {"X_Forwarded_For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
    ):
        refused(read_as(api, **proxied), 401, "unauthenticated")


def test_with_a_token_whoever_has_it_reads_metrics(configured: LiveApi) -> None:
    refused(read_as(configured), 401, "unauthenticated")
    refused(read_as(configured, Authorization="Bearer another"), 401, "unauthenticated")
    refused(read_as(configured, Authorization=TOKEN), 401, "unauthenticated")
    answer = read_as(configured, Authorization=f"Bearer {TOKEN}", X_Forwarded_For="192.0.2.7")
    assert answer.status_code == 200


def test_requests_are_counted_by_route_and_status(own: LiveApi) -> None:
    before = scrape(own)
    user = own.user(10)
    for _ in range(3):
        ok(user.use(2))
    refused(user.use(100), 402, "insufficient_credits")
    metrics = scrape(own)
    route = {"method": "POST", "route": f"{PREFIX}/credits/use"}
    assert metrics.growth(before, "mana_credits_requests_total", **route, status="200") == 3
    assert metrics.growth(before, "mana_credits_requests_total", **route, status="402") == 1
    assert metrics.growth(before, "mana_credits_request_seconds_count", **route) == 4
    assert metrics.growth(before, "mana_credits_request_seconds_bucket", **route, le="+Inf") == 4


def test_a_visitor_cannot_make_new_series(own: LiveApi) -> None:
    before, name = scrape(own), "mana_credits_requests_total"
    user = own.user()
    for number in range(5):
        own.client.get(f"/no/such/route/{number}")
        own.client.request("MKCOL", f"/no/such/route/{number}")
        own.client.request("PURGE", f"{PREFIX}/credits/balance")
        user.get(f"/credits/guild/guild-{number}/balance")
        Caller(own, {}).get(f"/gifts/CODE{number}")
    metrics, told = scrape(own), before.values(name)
    series = [each for each, n in metrics.values(name).items() if n > told.get(each, 0)]
    seen = {(dict(labels)["method"], dict(labels)["route"]) for labels in series}
    assert seen == {
        ("GET", "/metrics"),
        ("GET", "other"),
        ("other", "other"),
        ("other", f"{PREFIX}/credits/balance"),
        ("GET", f"{PREFIX}/credits/guild/{{guildId}}/balance"),
        ("GET", f"{PREFIX}/gifts/{{code}}"),
    }
    assert metrics.growth(before, name, method="GET", route="other", status="404") == 5
    for private in (user.id, "guild-1", "CODE1", "/such/"):
        assert private not in metrics.text


def test_refusals_are_counted_by_code(own: LiveApi) -> None:
    before = scrape(own)
    user = own.user(1)
    for _ in range(2):
        refused(user.use(5), 402, "insufficient_credits")
    refused(user.use(-1), 400, "invalid_request")
    metrics, name = scrape(own), "mana_credits_refusals_total"
    assert metrics.growth(before, name, code="insufficient_credits", app="chat") == 2
    assert metrics.growth(before, name, code="invalid_request", app="chat") == 1


def refusals(api: LiveApi, code: str, **headers: str) -> dict[str, float]:
    """Return how often a code was answered, by app."""
    values = Exposition(read_as(api, **headers).text).values("mana_credits_refusals_total")
    found = {
        labels["app"]: n for each, n in values.items() if (labels := dict(each))["code"] == code
    }
    return {app: number for app, number in found.items() if number}


def test_refusals_are_counted_by_few_apps_however_many_are_named(start_api: StartApi) -> None:
    fresh = start_api()
    user = fresh.user(1)
    for number in range(30):
        body = {"amount": 5, "appId": f"app-{number}", "description": "d"}
        refused(user.post("/credits/use", body), 402, "insufficient_credits")
    told = refusals(fresh, "insufficient_credits")
    assert told == {**{f"app-{number}": 1 for number in range(20)}, "other": 10}


def test_refusals_are_counted_by_the_apps_that_the_environment_names(
    configured: LiveApi,
) -> None:
    asked = {"userId": "u1", "amount": 5, "description": "d"}
    for app in ("images", "images", "made-up"):
        answer = configured.service.post("/internal/credits/use", asked, headers={"X-App-Id": app})
        refused(answer, 402, "insufficient_credits")
    told = refusals(configured, "insufficient_credits", Authorization=f"Bearer {TOKEN}")
    assert told == {"images": 2, "other": 1}


def test_refusals_that_are_pages_are_counted_too(own: LiveApi) -> None:
    before, name = scrape(own), "mana_credits_refusals_total"
    visit(own, "ABCDEFGHJK")
    assert scrape(own).growth(before, name, code="gift_not_found", app="") == 1


def test_a_mistake_of_ours_that_is_told_on_a_page_is_counted(own: LiveApi) -> None:
    before, name = scrape(own), "mana_credits_refusals_total"
    with forbidden(own, "gifts.get_gift"):
        visit(own, "ABCDEFGHJK")
    assert scrape(own).growth(before, name, code="internal_error", app="") == 1


def test_debits_are_counted_once_each(own: LiveApi) -> None:
    before = scrape(own)
    user, guild = own.user(10), own.guild(10)
    ok(user.use(1.5, key="k"))
    ok(user.use(1.5, key="k"))
    ok(user.use(2))
    ok(guild.use(guild.member, 4))
    held = {"userId": user.id, "amount": 3, "reason": "r", "appId": "chat"}
    reservation = ok(own.service.post("/internal/credits/reserve", held))["reservationId"]
    commit = {"reservationId": reservation, "amount": 0.5}
    ok(own.service.post("/internal/credits/commit", commit))
    ok(own.service.post("/internal/credits/commit", commit))
    metrics = scrape(own)
    kinds = ("personal", "guild", "reservation")
    debits = [metrics.growth(before, "mana_credits_debits_total", kind=kind) for kind in kinds]
    amounts = [
        metrics.growth(before, "mana_credits_debited_credits_total", kind=kind) for kind in kinds
    ]
    assert (debits, amounts) == ([2, 1, 1], [3.5, 4, 0.5])


def test_credits_are_told_by_where_they_are(database: Database, start_api: StartApi) -> None:
    service = database.connect("service")
    give(service, "u1", 100)
    use(service, "u1", 7)
    call(service, "credits.init_guild_pool", organization_id="g1")
    fund(service, "u1", "g1", 20)
    reserve(service, "u1", 5)
    reserve(service, "u2", 3, guild_id="g1")
    gift(service, "u1", 10, total_portions=2)
    api = start_api(database=database)
    # Gauges that were asked for too early would stay as they are for some seconds.
    wait_until(lambda: api.audit("select from credits.figures where measured_at is not null"))
    metrics, name = scrape(api), "mana_credits_credits"
    places = ("balances", "pools", "reservations", "gifts")
    assert [metrics.value(name, place=place) for place in places] == [58, 17, 8, 10]
    assert metrics.value("mana_credits_open_reservations") == 2
    assert metrics.value("mana_credits_open_gifts") == 1
    assert metrics.value("mana_credits_database_up") == 1
    assert metrics.value("mana_credits_expiry_lag_seconds") == 0
    age = metrics.value("mana_credits_figures_age_seconds")
    assert age is not None
    assert 0 <= age < 60


def test_the_lag_of_stripe_is_told(own: LiveApi, stripe: StripeServer) -> None:
    before = scrape(own)
    stripe.webhook_url = f"{own.url}{PREFIX}/webhooks/stripe"
    stripe.hold = True
    user = own.user()
    purchase = user.buy(own.package())["purchaseId"]
    stripe.pay(user.purchase(purchase)["stripePaymentIntentId"])
    event = stripe.events_of("payment_intent.succeeded")[-1]
    late = {**event, "created": event["created"] - 600}
    assert [delivery.status for delivery in stripe.deliver(event, late)] == [200, 200]
    metrics = scrape(own)
    name = "mana_credits_stripe_event_lag_seconds"
    assert metrics.growth(before, f"{name}_bucket", le="300.0") == 1
    assert metrics.growth(before, f"{name}_bucket", le="900.0") == 2


def test_connections_in_use_are_told(own: LiveApi) -> None:
    user = own.user(10)
    holder = own.database.connect(autocommit=False)
    holder.execute("select from credits.accounts where account_id = %s for update", [user.id])
    with in_background(lambda: user.use(1)) as blocked:
        own.wait_for_blocked_call()
        metrics = scrape(own)
        holder.rollback()
        ok(blocked.result())
    in_use = metrics.value("mana_credits_database_connections", state="in_use")
    assert in_use is not None
    assert in_use >= 1
    assert metrics.value("mana_credits_database_waiting") == 0


def test_however_many_read_the_database_is_asked_once(
    database: Database, start_api: StartApi
) -> None:
    owner = database.connect()
    owner.execute(f"alter database {database.name} set track_functions = 'all'")
    api = start_api(database=database)
    at_once(20, lambda _: scrape(api))
    calls = "select calls from pg_stat_user_functions where funcname = 'get_metrics' and calls > 0"
    told = wait_until(lambda: owner.execute(calls).fetchall())
    assert told == [{"calls": 1}]


@pytest.mark.off_books
def test_metrics_are_told_where_the_database_refuses_its_figures(
    database: Database, start_api: StartApi
) -> None:
    database.connect().execute("revoke execute on function credits.get_metrics from credits_api")
    metrics = scrape(start_api(database=database))
    assert metrics.value("mana_credits_database_up") == 0
    assert metrics.values("mana_credits_requests_total")


def test_jobs_are_counted(own: LiveApi) -> None:
    done = {"name": "expire_gifts", "outcome": "done"}
    wait_until(lambda: scrape(own).value("mana_credits_job_runs_total", **done))


@pytest.fixture
def mortal() -> Iterator[Cluster]:
    """A server that may be stopped."""
    with temporary_cluster() as cluster:
        yield cluster


@pytest.mark.nightly
def test_metrics_are_told_when_the_database_is_away(mortal: Cluster, start_api: StartApi) -> None:
    mortal.create_database("mana_credits")
    deploy(mortal.dsn("mana_credits"), progress=Progress(io.StringIO()))
    for name in ("api", "auditor"):
        mortal.create_login(f"test_{name}", LOGIN_PASSWORD, f"credits_{name}")
    database = Database(Server.of(mortal), "mana_credits")
    api = start_api(database=database)
    wait_until(lambda: scrape(api).values("mana_credits_credits"))
    database.close()
    mortal.stop()
    wait_until(lambda: scrape(api).value("mana_credits_database_up") == 0)
    metrics = scrape(api)
    assert metrics.values("mana_credits_credits") == {}
    assert metrics.values("mana_credits_requests_total")
    failed = {"name": "expire_gifts", "outcome": "failed"}
    wait_until(lambda: scrape(api).value("mana_credits_job_runs_total", **failed))

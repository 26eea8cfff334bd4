"""Whether the process lives, and whether it can serve."""

from datetime import UTC, datetime, timedelta

from live_api import SHOP, LiveApi, StartApi, ok, refused

from sandbox.issuer import Issuer
from sandbox.servers import ServerThread


def test_a_living_process_says_so(api: LiveApi) -> None:
    answer = ok(api.client.get("/health"))
    moment = datetime.fromisoformat(answer.pop("timestamp"))
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)
    assert answer == {"status": "ok", "service": "mana-credits"}


def test_a_process_that_can_serve_says_so(api: LiveApi) -> None:
    assert ok(api.client.get("/health/ready"))["status"] == "ok"


def test_a_process_without_signing_keys_lives_and_is_not_ready(
    idle_issuer_server: tuple[Issuer, ServerThread], start_api: StartApi
) -> None:
    issuer, _ = idle_issuer_server
    api = start_api(issuer=issuer, ready=False)
    ok(api.client.get("/health"))
    refused(api.client.get("/health/ready", headers={"Origin": SHOP}), 503, "auth_unavailable")


def test_an_outage_of_mana_auth_leaves_a_process_with_keys_ready(
    api: LiveApi, issuer: Issuer
) -> None:
    issuer.faults.fail_with = 503
    ok(api.client.get("/health/ready"))

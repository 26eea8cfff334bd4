"""Health: the process lives, and can serve."""

import json
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from sandbox.issuer import Issuer
from tests.api.exposition import scrape
from tests.api.live_api import LiveApi, ok


def test_a_living_process_says_so(api: LiveApi) -> None:
    answer = ok(api.client.get("/health"))
    moment = datetime.fromisoformat(answer.pop("timestamp"))
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)
    assert answer == {
        "status": "ok",
        "service": "mana-credits",
        "version": version("mana-credits"),
    }


def test_metrics_and_the_log_say_which_version_it_is(api: LiveApi) -> None:
    number = version("mana-credits")
    assert scrape(api).value("mana_credits_build_info", version=number) == 1
    first = json.loads(api.process.log.read_text(encoding="utf-8").splitlines()[0])
    assert first["version"] == number


def test_a_process_that_can_serve_says_so(api: LiveApi) -> None:
    checks = {"database": "ok", "signingKeys": "ok"}
    assert ok(api.client.get("/health/ready")) == {"status": "ok", "checks": checks}


def test_an_outage_of_mana_auth_leaves_a_process_with_keys_ready(
    api: LiveApi, issuer: Issuer
) -> None:
    issuer.faults.fail_with = 503
    ok(api.client.get("/health/ready"))

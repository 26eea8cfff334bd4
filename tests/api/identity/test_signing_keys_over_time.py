"""The keys of mana-auth: rotated, unknown, and away."""

import time

from sandbox.issuer import Issuer
from sandbox.servers import ServerThread
from tests.api.live_api import Caller, LiveApi, StartApi, at_once, ok, refused, unique, wait_until

# Between two fetches for the sake of keys that nobody knows.
PAUSE_SECONDS = 5


def caller(api: LiveApi, **headers: str) -> Caller:
    token = api.issuer.token(unique("user"), headers=headers)
    return Caller(api, {"Authorization": f"Bearer {token}"})


def test_a_rotated_key_is_honoured_within_ten_seconds(
    own_issuer: Issuer, start_api: StartApi
) -> None:
    api = start_api(issuer=own_issuer)
    old = caller(api)
    ok(old.get("/credits/balance"))
    own_issuer.rotate()
    new = caller(api)
    wait_until(lambda: new.get("/credits/balance").status_code == 200, timeout=10)
    refused(old.get("/credits/balance"), 401, "unauthenticated")


def test_a_flood_of_unknown_keys_asks_for_the_keys_only_a_few_times(
    own_issuer: Issuer, start_api: StartApi
) -> None:
    api = start_api(issuer=own_issuer)
    callers = [caller(api, kid=unique("kid")) for _ in range(20)]
    before = own_issuer.jwks_requests
    started = time.monotonic()
    for _ in range(10):
        for answer in at_once(20, lambda i: callers[i].get("/credits/balance")):
            refused(answer, 401, "unauthenticated")
    seconds = time.monotonic() - started
    assert own_issuer.jwks_requests - before <= 2 + seconds // PAUSE_SECONDS


def test_an_outage_is_survived_with_the_keys_at_hand(api: LiveApi, issuer: Issuer) -> None:
    issuer.faults.fail_with = 503
    ok(caller(api).get("/credits/balance"))


def test_a_process_without_keys_is_ready_and_turns_nobody_away_for_good(
    idle_issuer_server: tuple[Issuer, ServerThread], start_api: StartApi
) -> None:
    issuer, server = idle_issuer_server
    api = start_api(issuer=issuer)

    def signing_keys() -> str:
        return str(ok(api.client.get("/health/ready"))["checks"]["signingKeys"])

    someone = caller(api)
    assert signing_keys() == "unavailable"
    refused(someone.get("/credits/balance"), 503, "auth_unavailable")
    ok(api.service.get("/internal/credits/balance/somebody"))
    with server:
        wait_until(lambda: someone.get("/credits/balance").status_code == 200)
        assert signing_keys() == "ok"

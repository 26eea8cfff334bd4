"""Throttles hold for all processes together, since the database counts."""

import time
from collections import Counter
from functools import partial

import pytest

from tests.api.gift_pages import LOOK_UPS, until_refused
from tests.api.live_api import Caller, LiveApi, StartApi, User, at_once, ok, refused, wait_until

UNKNOWN = "AAAAAAAAAA"


@pytest.fixture(scope="module")
def processes(start_module_api: StartApi) -> tuple[LiveApi, LiveApi]:
    """Two processes of the API on one database."""
    return start_module_api(), start_module_api()


def twin(user: User, api: LiveApi) -> Caller:
    """The same user as a caller of another process."""
    return Caller(api, user.headers)


def test_look_ups_by_an_address_share_one_budget(processes: tuple[LiveApi, LiveApi]) -> None:
    visitors = [Caller(api, {"X-Forwarded-For": "198.51.100.7"}) for api in processes]
    started = time.monotonic()
    answers = at_once(100, lambda i: visitors[i % 2].get(f"/gifts/{UNKNOWN}"))
    statuses = Counter(answer.status_code for answer in answers)
    # One a second becomes free meanwhile.
    assert LOOK_UPS <= statuses[404] <= LOOK_UPS + time.monotonic() - started
    assert statuses[404] + statuses[429] == 100
    for visitor in visitors:
        answer = until_refused(partial(visitor.get, f"/gifts/{UNKNOWN}"))[-1]
        refused(answer, 429, "too_many_attempts")


def test_guesses_by_a_user_share_one_budget(processes: tuple[LiveApi, LiveApi]) -> None:
    user = processes[0].user()
    callers = user, twin(user, processes[1])
    answers = at_once(30, lambda i: callers[i % 2].post(f"/gifts/{UNKNOWN}/redeem"))
    assert Counter(answer.status_code for answer in answers) == {404: 10, 429: 20}


def test_wrong_answers_at_a_gift_share_one_budget(processes: tuple[LiveApi, LiveApi]) -> None:
    giver, user = processes[0].user(10), processes[0].user()
    code = giver.give(10, riddleQuestion="Who?", riddleAnswer="I")["code"]
    callers = user, twin(user, processes[1])
    body = {"riddleAnswer": "You"}
    answers = at_once(20, lambda i: callers[i % 2].post(f"/gifts/{code}/redeem", body))
    assert Counter(answer.status_code for answer in answers) == {400: 5, 429: 15}


def test_purchases_by_a_user_share_one_budget(processes: tuple[LiveApi, LiveApi]) -> None:
    user = processes[0].user()
    callers = user, twin(user, processes[1])
    body = {"packageId": processes[0].package()}
    answers = at_once(30, lambda i: callers[i % 2].post("/credits/purchase", body))
    assert Counter(answer.status_code for answer in answers) == {200: 20, 429: 10}
    waiting = refused(callers[1].post("/credits/purchase", body), 429, "too_many_attempts")
    assert 1 <= waiting["retryAfterSeconds"] <= 30
    ok(processes[1].user().post("/credits/purchase", body))


@pytest.mark.parametrize("path", ["%FF", "A" * 65, "a%00b", "0" * 10])
def test_what_cannot_be_a_code_counts_as_a_look_up(api: LiveApi, path: str) -> None:
    visitor = Caller(api, {"X-Forwarded-For": f"203.0.113.{sum(path.encode()) % 250}"})
    *unknown, last = until_refused(lambda: visitor.get(f"/gifts/{path}"))
    assert len(unknown) >= LOOK_UPS
    for answer in unknown:
        refused(answer, 404, "gift_not_found")
    refused(last, 429, "too_many_attempts")


def test_attempts_are_forgotten_by_themselves(processes: tuple[LiveApi, LiveApi]) -> None:
    api = processes[0]
    refused(Caller(api, {}).get(f"/gifts/{UNKNOWN}"), 404, "gift_not_found")
    with api.database.connect() as owner:
        owner.execute("update credits.attempts set free_at = now()")
        owner.execute("delete from credits.job_claims where name = 'expire_attempts'")
        wait_until(lambda: not owner.execute("select from credits.attempts").fetchall())

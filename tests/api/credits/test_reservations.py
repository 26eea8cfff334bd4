"""Two-phase debits: credits set aside, for longer, then used or freed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.api.live_api import LiveApi, User, at_once, ok, refused, replay_of, unique, wait_until
from tests.api.service_calls import commit, erase, extend, grant, hold, release, reserve

ROUTES = ["reserve", "extend", "commit", "refund-reservation"]


@pytest.mark.parametrize("route", ROUTES)
def test_a_service_key_is_needed(api: LiveApi, route: str) -> None:
    path = f"/internal/credits/{route}"
    refused(api.anyone.post(path, {}), 401, "unauthenticated")
    refused(api.user().post(path, {}), 401, "unauthenticated")


def test_a_reservation_leaves_the_balance_at_once(api: LiveApi) -> None:
    user = api.user(10)
    answer = ok(reserve(api, user.id, Decimal("2.5")))
    assert answer.keys() == {"reservationId", "balance", "expiresAt"}
    assert UUID(answer["reservationId"]).version == 7
    assert answer["balance"] == Decimal("7.5")
    assert ok(user.get("/credits/balance")) == {
        "balance": Decimal("7.5"),
        "totalEarned": 10,
        "totalSpent": 0,
        "reserved": Decimal("2.5"),
    }
    assert user.amounts() == [10]


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [({}, 86400), ({"expiresInSeconds": 60}, 60), ({"expiresInSeconds": 2592000}, 2592000)],
)
def test_a_reservation_has_a_time_limit(api: LiveApi, fields: dict[str, Any], seconds: int) -> None:
    expires_at = datetime.fromisoformat(ok(reserve(api, api.user(1).id, **fields))["expiresAt"])
    left = expires_at - datetime.now(UTC)
    assert timedelta(seconds=seconds - 30) < left <= timedelta(seconds=seconds)


def test_what_is_committed_becomes_one_usage(api: LiveApi) -> None:
    user = api.user(10)
    reservation = hold(api, user.id, 4, appId="research")
    answer = ok(commit(api, reservation, amount=Decimal("1.5"), metadata={"tokens": 7}))
    usage = user.ledger()[-1]
    assert answer == {
        "success": True,
        "transactionId": str(usage["id"]),
        "committed": Decimal("1.5"),
        "released": Decimal("2.5"),
    }
    assert (usage["type"], usage["amount"], usage["app_id"]) == (
        "usage",
        Decimal("-1.5"),
        "research",
    )
    assert (usage["balance_before"], usage["balance_after"]) == (10, Decimal("8.5"))
    assert (usage["description"], usage["metadata"]) == ("A long answer", {"tokens": 7})
    assert user.balance() == Decimal("8.5")


def test_without_an_amount_all_of_it_is_committed(api: LiveApi) -> None:
    user = api.user(10)
    answer = ok(commit(api, hold(api, user.id, 4), description="Done"))
    assert (answer["committed"], answer["released"]) == (4, 0)
    assert user.ledger()[-1]["description"] == "Done"


def test_what_is_released_can_be_spent_again(api: LiveApi) -> None:
    user = api.user(10)
    assert ok(release(api, hold(api, user.id, 4))) == {"success": True, "balance": 10}
    assert user.amounts() == [10]


def test_the_app_may_be_named_in_the_header(api: LiveApi) -> None:
    user = api.user(1)
    body = {"userId": user.id, "amount": 1, "reason": "A long answer"}
    headers = {"X-App-Id": "search"}
    reserved = ok(api.service.post("/internal/credits/reserve", body, headers=headers))
    ok(commit(api, reserved["reservationId"]))
    assert user.ledger()[-1]["app_id"] == "search"


def test_a_guilds_credits_can_be_reserved(api: LiveApi) -> None:
    guild = api.guild(10)
    answer = ok(reserve(api, guild.member.id, 4, guildId=guild.id))
    assert (answer["balance"], guild.balance()) == (6, 6)
    ok(commit(api, answer["reservationId"], amount=3))
    assert guild.balance() == 7
    assert guild.ledger()[-1]["amount"] == -3


def test_a_reservation_counts_towards_the_members_limit(api: LiveApi) -> None:
    guild = api.guild(10)
    guild.limit(guild.member, dailyLimit=5)
    ok(reserve(api, guild.member.id, 4, guildId=guild.id))
    details = refused(
        reserve(api, guild.member.id, 2, guildId=guild.id), 400, "spending_limit_exceeded"
    )
    assert (details["limit"], details["spent"], details["requested"]) == (5, 4, 2)


def test_a_pool_that_does_not_exist_is_not_found(api: LiveApi) -> None:
    answer = reserve(api, api.user(1).id, guildId=unique("guild"))
    refused(answer, 404, "guild_pool_not_found")


def test_more_than_there_is_cannot_be_reserved(api: LiveApi) -> None:
    details = refused(reserve(api, api.user(3).id, 5), 402, "insufficient_credits")
    assert details == {"required": 5, "available": 3}


def test_what_is_reserved_cannot_be_spent(api: LiveApi) -> None:
    user = api.user(3)
    hold(api, user.id, 2)
    assert refused(user.use(2), 402, "insufficient_credits")["available"] == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": "1"}, "amount"),
        ({"expiresInSeconds": 0}, "expiresInSeconds"),
        ({"expiresInSeconds": 2592001}, "expiresInSeconds"),
        ({"expiresInSeconds": 1.5}, "expiresInSeconds"),
        ({"reason": None}, "reason"),
        ({"userId": ""}, "userId"),
        ({"guildId": "\n"}, "guildId"),
        ({"idempotencyKey": ""}, "idempotencyKey"),
    ],
)
def test_a_malformed_reservation_is_refused(
    api: LiveApi, fields: dict[str, Any], wrong: str
) -> None:
    body = {"userId": api.user(1).id, "amount": 1, "reason": "A long answer", **fields}
    answer = api.service.post("/internal/credits/reserve", body)
    assert refused(answer, 400, "invalid_request").keys() == {wrong}


def end_of(answer: Any) -> datetime:
    return datetime.fromisoformat(ok(answer)["expiresAt"])


@pytest.mark.parametrize("seconds", [30, 7200])
def test_an_extension_counts_from_now_on(api: LiveApi, seconds: int) -> None:
    user = api.user(5)
    reservation = hold(api, user.id, 4, expiresInSeconds=3600)
    answer = ok(extend(api, reservation, seconds))
    assert answer.keys() == {"reservationId", "expiresAt"}
    assert answer["reservationId"] == reservation
    left = datetime.fromisoformat(answer["expiresAt"]) - datetime.now(UTC)
    assert timedelta(seconds=seconds - 30) < left <= timedelta(seconds=seconds)
    assert user.balance() == 1


def test_a_repeated_extension_counts_from_its_own_moment(api: LiveApi) -> None:
    user = api.user(5)
    reservation = hold(api, user.id, 4)
    first, again = (end_of(extend(api, reservation)) for _ in range(2))
    assert timedelta() < again - first < timedelta(seconds=30)
    assert user.balance() == 1
    assert ok(commit(api, reservation))["committed"] == 4


@pytest.mark.parametrize("seconds", [None, 0, -1, 2592001, 1.5, "60"])
def test_a_malformed_extension_is_refused(api: LiveApi, seconds: Any) -> None:
    answer = extend(api, hold(api, api.user(1).id), seconds)
    assert refused(answer, 400, "invalid_request").keys() == {"expiresInSeconds"}


def test_what_has_ended_cannot_be_extended(api: LiveApi) -> None:
    user = api.user(5)
    committed, released = hold(api, user.id, 2), hold(api, user.id, 2)
    ok(commit(api, committed))
    ok(release(api, released))
    refused(extend(api, committed), 409, "reservation_already_committed")
    refused(extend(api, released), 409, "reservation_already_released")


@pytest.mark.parametrize("route", ["extend", "commit", "refund-reservation"])
@pytest.mark.parametrize("reservation", [None, 7, "", "nonsense", "{" + "0" * 32 + "}"])
def test_a_malformed_reservation_id_is_refused(api: LiveApi, route: str, reservation: Any) -> None:
    body = {"reservationId": reservation, "expiresInSeconds": 60}
    answer = api.service.post(f"/internal/credits/{route}", body)
    assert refused(answer, 400, "invalid_request").keys() == {"reservationId"}


@pytest.mark.parametrize("route", ["extend", "commit", "refund-reservation"])
def test_an_unknown_reservation_is_not_found(api: LiveApi, route: str) -> None:
    unknown = "01900000-0000-7000-8000-000000000001"
    body = {"reservationId": unknown, "expiresInSeconds": 60}
    answer = api.service.post(f"/internal/credits/{route}", body)
    assert refused(answer, 404, "reservation_not_found") == {"reservationId": unknown}


def test_more_than_what_is_reserved_cannot_be_committed(api: LiveApi) -> None:
    user = api.user(10)
    reservation = hold(api, user.id, 2)
    details = refused(commit(api, reservation, amount=3), 400, "amount_exceeds_reservation")
    assert details == {"requested": 3, "reserved": 2}
    assert ok(commit(api, reservation, amount=2))["committed"] == 2


def test_a_released_reservation_cannot_be_committed(api: LiveApi) -> None:
    reservation = hold(api, api.user(1).id)
    ok(release(api, reservation))
    refused(commit(api, reservation), 409, "reservation_already_released")


def test_a_committed_reservation_cannot_be_released(api: LiveApi) -> None:
    reservation = hold(api, api.user(1).id)
    ok(commit(api, reservation))
    refused(release(api, reservation), 409, "reservation_already_committed")


def test_a_committed_reservation_cannot_be_committed_with_another_amount(api: LiveApi) -> None:
    reservation = hold(api, api.user(2).id, 2)
    ok(commit(api, reservation, amount=2))
    refused(commit(api, reservation, amount=1), 409, "reservation_already_committed")


@pytest.fixture
def run_out(api: LiveApi) -> tuple[User, str]:
    """Somebody with 5 credits, 4 of which were reserved for a time that is over."""
    user = api.user(5)
    reservation = hold(api, user.id, 4, expiresInSeconds=1)
    wait_until(lambda: user.balance() == 5)
    return user, reservation


def test_past_its_time_a_reservation_is_free_and_still_committed(
    api: LiveApi, run_out: tuple[User, str]
) -> None:
    user, reservation = run_out
    first = ok(commit(api, reservation, amount=3))
    usage = user.ledger()[-1]
    assert first == {
        "success": True,
        "transactionId": str(usage["id"]),
        "committed": 3,
        # What was set aside was free before.
        "released": 0,
        "late": True,
    }
    assert (usage["type"], usage["amount"], user.balance()) == ("usage", -3, 2)
    assert ok(commit(api, reservation, amount=3)) == replay_of(first)


def test_a_late_commit_needs_the_credits_and_can_be_tried_again(
    api: LiveApi, run_out: tuple[User, str]
) -> None:
    user, reservation = run_out
    ok(user.use(2))
    details = refused(commit(api, reservation), 402, "insufficient_credits")
    assert details == {"required": 4, "available": 3}
    ok(grant(api, user.id, 1))
    assert ok(commit(api, reservation))["late"] is True
    assert user.balance() == 0


def test_past_its_time_a_reservation_can_be_extended(
    api: LiveApi, run_out: tuple[User, str]
) -> None:
    user, reservation = run_out
    assert ok(extend(api, reservation))["reservationId"] == reservation
    assert user.balance() == 1
    assert "late" not in ok(commit(api, reservation))


def test_past_its_time_a_reservation_is_not_extended_without_its_credits(
    api: LiveApi, run_out: tuple[User, str]
) -> None:
    user, reservation = run_out
    ok(user.use(2))
    details = refused(extend(api, reservation), 402, "insufficient_credits")
    assert details == {"required": 4, "available": 3}


def test_what_is_released_past_its_time_is_given_up(
    api: LiveApi, run_out: tuple[User, str]
) -> None:
    user, reservation = run_out
    first = ok(release(api, reservation))
    assert first["balance"] == 5
    refused(commit(api, reservation), 409, "reservation_already_released")
    refused(extend(api, reservation), 409, "reservation_already_released")
    ok(user.use(1))
    assert ok(release(api, reservation)) == replay_of(first)


def test_what_ran_out_of_an_erased_person_is_not_committed(
    api: LiveApi, run_out: tuple[User, str]
) -> None:
    user, reservation = run_out
    ok(erase(api, user.id))
    details = refused(commit(api, reservation), 409, "reservation_expired")
    assert details == {"reservationId": reservation, "status": "expired"}


def test_a_late_commit_does_not_exceed_the_members_limit(api: LiveApi) -> None:
    guild = api.guild(10)
    reservation = hold(api, guild.member.id, 4, guildId=guild.id, expiresInSeconds=1)
    wait_until(lambda: guild.balance() == 10)
    guild.limit(guild.member, dailyLimit=3)
    details = refused(commit(api, reservation), 400, "spending_limit_exceeded")
    assert (details["limit"], details["spent"], details["requested"]) == (3, 0, 4)
    assert ok(commit(api, reservation, amount=3))["late"] is True
    assert guild.balance() == 7


def test_of_many_late_commits_at_once_one_moves(api: LiveApi, run_out: tuple[User, str]) -> None:
    user, reservation = run_out
    answers = at_once(10, lambda _: ok(commit(api, reservation)))
    assert len({answer["transactionId"] for answer in answers}) == 1
    assert sum("message" not in answer for answer in answers) == 1
    assert user.amounts() == [5, -4]


def test_a_repeated_reservation_returns_the_first_one_also_after_an_extension(
    api: LiveApi,
) -> None:
    user = api.user(5)
    first = ok(reserve(api, user.id, 3, idempotencyKey="one"))
    ok(extend(api, first["reservationId"]))
    again = ok(reserve(api, user.id, 3, idempotencyKey="one"))
    assert again == replay_of(first)


def test_a_repeated_reservation_returns_the_first_one(api: LiveApi) -> None:
    user = api.user(5)
    first = ok(reserve(api, user.id, 3, idempotencyKey="one"))
    ok(commit(api, first["reservationId"]))
    ok(user.use(2))
    again = ok(reserve(api, user.id, 3, idempotencyKey="one"))
    assert again == replay_of(first)


def test_the_key_of_a_reservation_may_come_in_the_header(api: LiveApi) -> None:
    user = api.user(5)
    body = {"userId": user.id, "amount": 3, "reason": "A long answer"}
    for _ in range(2):
        headers = {"Idempotency-Key": "one"}
        ok(api.service.post("/internal/credits/reserve", body, headers=headers))
    assert user.balance() == 2


def test_a_reservations_key_is_not_good_for_another_one(api: LiveApi) -> None:
    user = api.user(5)
    ok(reserve(api, user.id, 3, idempotencyKey="one"))
    answer = reserve(api, user.id, 2, idempotencyKey="one")
    assert refused(answer, 409, "idempotency_key_reused") == {"idempotencyKey": "one"}
    refused(user.use(3, key="one"), 409, "idempotency_key_reused")


def test_a_repeated_commit_returns_the_first_result(api: LiveApi) -> None:
    user = api.user(5)
    reservation = hold(api, user.id, 4)
    first = ok(commit(api, reservation, amount=3))
    assert ok(commit(api, reservation, amount=3)) == replay_of(first)
    assert user.amounts() == [5, -3]


def test_a_repeated_release_returns_the_first_result(api: LiveApi) -> None:
    user = api.user(5)
    reservation = hold(api, user.id, 4)
    first = ok(release(api, reservation))
    ok(user.use(5))
    assert ok(release(api, reservation)) == replay_of(first)


def test_of_many_commits_at_once_one_moves_and_all_have_its_result(api: LiveApi) -> None:
    user = api.user(5)
    reservation = hold(api, user.id, 4)
    answers = at_once(10, lambda _: ok(commit(api, reservation)))
    assert len({answer["transactionId"] for answer in answers}) == 1
    assert sum("message" not in answer for answer in answers) == 1
    assert user.amounts() == [5, -4]


def test_commit_and_release_at_once_end_in_exactly_one_of_them(api: LiveApi) -> None:
    user = api.user(5)
    reservation = hold(api, user.id, 4)
    calls = [commit, release] * 5
    answers = at_once(len(calls), lambda i: calls[i](api, reservation))
    committed = {answer.status_code for answer in answers[0::2]}
    released = {answer.status_code for answer in answers[1::2]}
    assert {200, 409} == committed | released
    assert committed != released
    assert user.balance() == (1 if committed == {200} else 5)


def test_reservations_at_once_never_set_more_aside_than_there_is(api: LiveApi) -> None:
    user = api.user(5)
    answers = at_once(12, lambda _: reserve(api, user.id, 1))
    assert sum(answer.status_code == 200 for answer in answers) == 5
    assert user.balance() == 0

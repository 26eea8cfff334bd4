"""Giving: what a gift is made of, how it is shown, taken back and listed."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.api.gift_pages import LOOK_UPS, anyone, until_refused
from tests.api.live_api import LiveApi, User, ok, refused, replay_of, unique, wait_until

PUBLIC_FIELDS = {
    "code",
    "type",
    "status",
    "totalCredits",
    "creditsPerPortion",
    "totalPortions",
    "claimedPortions",
    "remainingPortions",
    "redeemed",
    "hasRiddle",
    "riddleQuestion",
    "isPersonalized",
    "message",
    "creatorName",
    "expiresAt",
}

TYPES: dict[str, dict[str, Any]] = {
    "simple": {},
    "personalized": {"targetEmail": "ann@example.com"},
    "split": {"totalPortions": 5},
    "first_come": {"totalPortions": 5},
    "riddle": {"riddleQuestion": "1 + 1?", "riddleAnswer": "2"},
}


def look_up(api: LiveApi, code: str) -> Any:
    return ok(anyone(api).get(f"/gifts/{code}"))


def test_a_gift_is_answered_with_its_code_and_link(api: LiveApi) -> None:
    user = api.user(50)
    gift = user.give(10, message="For you")
    assert re.fullmatch("[A-HJ-NP-Z2-9]{10}", gift["code"])
    assert gift["url"] == gift["shortUrl"] == f"{api.url}/g/{gift['code']}"
    shown = ("totalCredits", "creditsPerPortion", "totalPortions", "claimedPortions")
    assert [gift[name] for name in shown] == [10, 10, 1, 0]
    assert (gift["type"], gift["status"], gift["message"]) == ("simple", "active", "For you")


def test_the_creator_is_charged(api: LiveApi) -> None:
    user = api.user(50)
    user.give(10)
    row = user.ledger()[-1]
    assert (row["type"], row["amount"], row["balance_after"]) == ("gift", -10, 40)


def test_nobody_gives_what_they_do_not_have(api: LiveApi) -> None:
    user = api.user(5)
    answer = user.post("/gifts", {"totalCredits": 10})
    assert refused(answer, 402, "insufficient_credits") == {"required": 10, "available": 5}
    assert ok(user.get("/gifts/me/created")) == []


@pytest.mark.parametrize(("kind", "fields"), TYPES.items(), ids=TYPES)
def test_every_type_can_be_given(api: LiveApi, kind: str, fields: dict[str, Any]) -> None:
    gift = api.user(50).give(10, type=kind, **fields)
    assert gift["type"] == kind
    assert look_up(api, gift["code"])["type"] == kind


@pytest.mark.parametrize("kind", ["simple", "personalized", "riddle", "split"])
def test_without_a_type_it_follows_from_the_rest(api: LiveApi, kind: str) -> None:
    assert api.user(50).give(10, **TYPES[kind])["type"] == kind


def test_a_split_charges_what_can_be_claimed(api: LiveApi) -> None:
    user = api.user(200)
    gift = user.give(100, totalPortions=3)
    assert (gift["totalCredits"], gift["creditsPerPortion"]) == (99, 33)
    assert user.balance() == 101


def test_fields_go_by_their_other_names_too(api: LiveApi) -> None:
    user = api.user(50)
    body = {"credits": 10, "portions": 2, "expirationDays": 3}
    gift = ok(user.post("/gifts", body), 201)
    assert (gift["totalCredits"], gift["totalPortions"], gift["type"]) == (10, 2, "split")


def test_two_names_of_one_field_must_not_contradict(api: LiveApi) -> None:
    user = api.user(50)
    answer = user.post("/gifts", {"totalCredits": 10, "credits": 20})
    refused(answer, 400, "invalid_request")
    assert user.balance() == 50


def test_a_gift_lasts_ninety_days_by_default(api: LiveApi) -> None:
    gift = api.user(50).give(10)
    lasts = datetime.fromisoformat(gift["expiresAt"]) - datetime.fromisoformat(gift["createdAt"])
    assert lasts == timedelta(days=90)


def test_a_gift_lasts_as_many_days_as_wanted(api: LiveApi) -> None:
    gift = api.user(50).give(10, expirationDays=7)
    lasts = datetime.fromisoformat(gift["expiresAt"]) - datetime.fromisoformat(gift["createdAt"])
    assert lasts == timedelta(days=7)


def test_a_gift_lasts_until_the_time_wanted(api: LiveApi) -> None:
    until = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    gift = api.user(50).give(10, expiresAt=until.isoformat())
    assert datetime.fromisoformat(gift["expiresAt"]) == until


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("totalCredits", {"totalCredits": None}),
        ("type", {"type": "loan"}),
        ("type", {"type": 7}),
        ("totalPortions", {"totalPortions": 0}),
        ("totalPortions", {"totalPortions": 101}),
        ("totalPortions", {"totalPortions": -1}),
        ("totalPortions", {"totalPortions": "2"}),
        ("totalPortions", {"totalPortions": 2**40}),
        ("totalPortions", {"totalPortions": 11}),
        ("totalPortions", {"totalPortions": 2, "type": "simple"}),
        ("targetEmail", {"type": "personalized"}),
        ("targetEmail", {"targetEmail": "nobody"}),
        ("riddleQuestion", {"type": "riddle"}),
        ("riddleQuestion", {"riddleAnswer": "2"}),
        ("riddleAnswer", {"riddleQuestion": "1 + 1?"}),
        ("riddleAnswer", {"riddleQuestion": "1 + 1?", "riddleAnswer": " "}),
        ("riddleQuestion", {"riddleQuestion": "x" * 201, "riddleAnswer": "2"}),
        ("message", {"message": 7}),
        ("expirationDays", {"expirationDays": 0}),
        ("expirationDays", {"expirationDays": 100_000}),
        ("expiresAt", {"expiresAt": "2020-01-01T00:00:00Z"}),
        ("expiresAt", {"expiresAt": "9999-12-31T00:00:00Z"}),
        ("expiresAt", {"expiresAt": "tomorrow"}),
        ("expiresAt", {"expiresAt": "2030-01-01T00:00:00"}),
        ("sourceAppId", {"sourceAppId": ""}),
    ],
    ids=repr,
)
def test_a_gift_that_cannot_be_is_refused(api: LiveApi, field: str, fields: dict[str, Any]) -> None:
    user = api.user(50)
    details = refused(user.post("/gifts", {"totalCredits": 10, **fields}), 400, "invalid_request")
    assert details.keys() == {field}
    assert user.amounts() == [50]


def test_anyone_may_look_a_gift_up(api: LiveApi) -> None:
    user = api.user(50, name="Ann")
    gift = user.give(10, message="For you", totalPortions=2)
    shown = look_up(api, gift["code"])
    assert shown == {
        "code": gift["code"],
        "type": "split",
        "status": "active",
        "totalCredits": 10,
        "creditsPerPortion": 5,
        "totalPortions": 2,
        "claimedPortions": 0,
        "remainingPortions": 2,
        "redeemed": False,
        "hasRiddle": False,
        "riddleQuestion": None,
        "isPersonalized": False,
        "message": "For you",
        "creatorName": "Ann",
        "expiresAt": gift["expiresAt"],
    }


def test_a_look_up_gives_no_address_and_no_answer_away(api: LiveApi) -> None:
    user = api.user(50, email="creator@example.com", name="creator@example.com")
    gift = user.give(
        10,
        type="riddle",
        targetEmail="ann@example.com",
        targetMatrixId="@ann:example.org",
        riddleQuestion="Who?",
        riddleAnswer="the-answer",
    )
    answer = anyone(api).get(f"/gifts/{gift['code']}")
    shown = ok(answer)
    assert shown.keys() == PUBLIC_FIELDS
    assert (shown["hasRiddle"], shown["isPersonalized"]) == (True, True)
    assert shown["riddleQuestion"] == "Who?"
    kept = api.uncover("select * from gifts.gift_codes where code = %s", gift["code"])[0]
    for secret in ("@", "the-answer", kept["riddle_answer_hash"], user.id, str(kept["id"])):
        assert secret not in answer.text


def test_the_creator_is_not_shown_the_hash_of_the_answer(api: LiveApi) -> None:
    user = api.user(50)
    answer = user.post("/gifts", {"totalCredits": 10, **TYPES["riddle"]})
    code = ok(answer, 201)["code"]
    [kept] = api.uncover("select riddle_answer_hash from gifts.gift_codes where code = %s", code)
    for text in (answer.text, user.get("/gifts/me/created").text):
        assert "riddleAnswer" not in text
        assert kept["riddle_answer_hash"] not in text


@pytest.mark.parametrize("spell", [str.lower, lambda code: f" {code[:5]}-{code[5:]} "])
def test_a_code_is_forgiven_how_it_is_typed(api: LiveApi, spell: Any) -> None:
    code = api.user(50).give(10)["code"]
    assert look_up(api, spell(code))["code"] == code


@pytest.mark.parametrize(
    "code",
    ["AAAAAAAAAA", "x", "%00", "%FF", "A" * 500, "'%20or%201=1", "me%2Fcreated", "%F0%9F%99%82"],
)
def test_an_unknown_code_is_not_found(api: LiveApi, code: str) -> None:
    refused(anyone(api).get(f"/gifts/{code}"), 404, "gift_not_found")
    refused(api.user().redeem(code), 404, "gift_not_found")


def test_look_ups_are_throttled_by_address(api: LiveApi) -> None:
    code = api.user(50).give(10)["code"]
    busy = anyone(api)
    answers = until_refused(lambda: busy.get(f"/gifts/{code}"))
    assert [answer.status_code for answer in answers[:LOOK_UPS]] == [200] * LOOK_UPS
    assert refused(answers[-1], 429, "too_many_attempts")["retryAfterSeconds"] >= 1
    look_up(api, code)


def test_a_gift_is_taken_back(api: LiveApi) -> None:
    user = api.user(50)
    gift = user.give(10)
    assert ok(user.delete(f"/gifts/{gift['id']}")) == {"success": True, "refundedCredits": 10}
    assert user.amounts() == [50, -10, 10]
    assert look_up(api, gift["code"])["status"] == "cancelled"


def test_only_what_nobody_claimed_is_taken_back(api: LiveApi) -> None:
    user = api.user(50)
    gift = user.give(10, totalPortions=5)
    ok(api.user().redeem(gift["code"]))
    assert ok(user.delete(f"/gifts/{gift['id']}"))["refundedCredits"] == 8
    assert user.balance() == 48


def shown_name(api: LiveApi, gift: Any) -> Any:
    """Return whose gift it is, as whoever has the code and who redeems it are told."""
    shown = look_up(api, gift["code"])["creatorName"]
    assert ok(api.user().redeem(gift["code"]))["creatorName"] == shown
    return shown


def test_the_creator_may_tell_a_name(api: LiveApi) -> None:
    assert shown_name(api, api.user(50).give(10, creatorName="Ann")) == "Ann"


def test_the_name_of_the_token_counts_before_another_one(api: LiveApi) -> None:
    user = api.user(50, name="Ann")
    assert shown_name(api, user.give(10, creatorName="Somebody else")) == "Ann"


@pytest.mark.parametrize("name", [None, "", "  ", "ann@example.com"])
def test_a_gift_needs_no_name(api: LiveApi, name: str | None) -> None:
    assert shown_name(api, api.user(50).give(10, creatorName=name)) is None


def test_what_is_taken_back_was_not_spent(api: LiveApi) -> None:
    user = api.user(50)
    ok(user.delete(f"/gifts/{user.give(10)['id']}"))
    account = ok(user.get("/credits/balance"))
    assert (account["totalEarned"], account["totalSpent"]) == (50, 0)


def test_taking_back_again_returns_the_first_result(api: LiveApi) -> None:
    user = api.user(50)
    gift = user.give(10)
    first = ok(user.delete(f"/gifts/{gift['id']}"))
    again = ok(user.delete(f"/gifts/{gift['id']}"))
    assert again == replay_of(first)
    assert user.amounts() == [50, -10, 10]


def test_nobody_takes_back_the_gift_of_another(api: LiveApi) -> None:
    user = api.user(50)
    gift = user.give(10)
    refused(api.user().delete(f"/gifts/{gift['id']}"), 404, "gift_not_found")
    assert look_up(api, gift["code"])["status"] == "active"


def test_a_gift_that_is_used_up_is_not_taken_back(api: LiveApi) -> None:
    user = api.user(50)
    gift = user.give(10)
    ok(api.user().redeem(gift["code"]))
    answer = user.delete(f"/gifts/{gift['id']}")
    assert refused(answer, 400, "gift_not_active") == {"status": "depleted"}


def test_an_expired_gift_pays_back_without_anyone_asking(api: LiveApi) -> None:
    user = api.user(50)
    soon = datetime.now(UTC) + timedelta(seconds=3)
    gift = user.give(10, totalPortions=5, expiresAt=soon.isoformat())
    ok(api.user().redeem(gift["code"]))
    wait_until(lambda: user.balance() == 48)
    assert user.amounts() == [50, -10, 8]
    assert look_up(api, gift["code"])["status"] == "refunded"
    refused(api.user().redeem(gift["code"]), 400, "gift_expired")


def test_the_creator_has_a_list(api: LiveApi) -> None:
    user = api.user(50)
    first = user.give(10, message="One")
    second = user.give(20, totalPortions=4)
    ok(api.user().redeem(first["code"]))
    rows = ok(user.get("/gifts/me/created"))
    assert [row["code"] for row in rows] == [second["code"], first["code"]]
    assert rows[1].keys() == {
        *("id", "code", "url", "shortUrl", "type", "status", "totalCredits", "creditsPerPortion"),
        *("totalPortions", "claimedPortions", "redeemed", "message", "expiresAt", "createdAt"),
    }
    assert [row["redeemed"] for row in rows] == [False, True]
    assert [row["status"] for row in rows] == ["active", "depleted"]
    assert rows[1]["url"] == first["url"]


def test_the_receiver_has_a_list_of_successes(api: LiveApi) -> None:
    receiver = api.user(email="bob@example.com")
    gift = api.user(50, name="Ann").give(10, message="For you")
    refused_gift = api.user(50).give(10, targetEmail="ann@example.com")
    ok(receiver.redeem(gift["code"]))
    refused(receiver.redeem(refused_gift["code"]), 403, "gift_for_someone_else")
    [row] = ok(receiver.get("/gifts/me/received"))
    assert row.pop("id")
    assert row.pop("redeemedAt") == row.pop("createdAt")
    assert row == {
        "giftCodeId": gift["id"],
        "code": gift["code"],
        "credits": 10,
        "creditsReceived": 10,
        "portionNumber": 1,
        "message": "For you",
        "creatorName": "Ann",
        "status": "success",
    }


@pytest.mark.parametrize("side", ["created", "received"])
def test_both_lists_come_in_pages(api: LiveApi, side: str) -> None:
    giver, receiver = api.user(50), api.user()
    codes = [giver.give(1)["code"] for _ in range(5)]
    for code in codes:
        ok(receiver.redeem(code))
    who: User = giver if side == "created" else receiver
    answer = who.get(f"/gifts/me/{side}", limit=2)
    seen = [row["code"] for row in ok(answer)]
    while "next" in answer.links:
        answer = _follow(who, answer)
        seen += [row["code"] for row in ok(answer)]
    assert seen == codes[::-1]


def _follow(who: User, answer: httpx.Response) -> httpx.Response:
    return who.api.client.get(answer.links["next"]["url"], headers=who.headers)


def test_an_address_is_given_fifty_gifts_a_day(api: LiveApi) -> None:
    email = f"{unique('ann')}@example.com"
    givers = [api.user(100), api.user(100)]
    for n in range(50):
        givers[n % 2].give(1, targetEmail=email)
    answer = givers[0].post("/gifts", {"totalCredits": 1, "targetEmail": email.upper()})
    told = refused(answer, 429, "too_many_attempts")
    assert answer.headers["Retry-After"] == str(told["retryAfterSeconds"])
    assert givers[0].balance() == 75

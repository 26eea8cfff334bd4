"""Redeeming: who gets a portion, who does not, and what is remembered of it."""

from collections import Counter
from typing import Any

import httpx
import pytest

from tests.api.live_api import LiveApi, User, at_once, ok, refused, unique


def attempts(api: LiveApi, code: str) -> list[str]:
    """Return how the attempts at a gift ended, the first one first."""
    query = "select status from gifts.gift_redemptions where code = %s order by id"
    rows = api.uncover(query, code)
    return [row["status"] for row in rows]


def test_a_redemption_is_answered_with_what_was_received(api: LiveApi) -> None:
    gift = api.user(50, name="Ann").give(10, message="For you")
    receiver = api.user(5)
    assert ok(receiver.redeem(gift["code"])) == {
        "success": True,
        "credits": 10,
        "creditsReceived": 10,
        "newBalance": 15,
        "message": "For you",
        "creatorName": "Ann",
    }


def test_a_redemption_credits_the_receiver(api: LiveApi) -> None:
    receiver = api.user()
    code = api.user(50).give(10)["code"]
    ok(receiver.redeem(code, sourceAppId="chat"))
    [row] = receiver.ledger()
    assert (row["type"], row["amount"], row["app_id"]) == ("gift", 10, "chat")
    assert attempts(api, code) == ["success"]


def test_a_redemption_without_a_body_is_one(api: LiveApi) -> None:
    code = api.user(50).give(10)["code"]
    assert ok(api.user().post(f"/gifts/{code}/redeem"))["credits"] == 10


def test_a_code_is_forgiven_how_it_is_typed(api: LiveApi) -> None:
    code = api.user(50).give(10)["code"]
    typed = f"{code[:3].lower()}-{code[3:6]}%20{code[6:]}"
    assert ok(api.user().redeem(typed))["credits"] == 10


def test_a_creator_may_redeem_their_own_gift(api: LiveApi) -> None:
    user = api.user(50)
    assert ok(user.redeem(user.give(10)["code"]))["newBalance"] == 50


def test_a_gift_that_is_used_up_is_refused_and_recorded(api: LiveApi) -> None:
    code = api.user(50).give(10)["code"]
    ok(api.user().redeem(code))
    late = api.user()
    details = refused(late.redeem(code), 400, "gift_not_active")
    assert details == {"status": "depleted"}
    assert attempts(api, code) == ["success", "failed_depleted"]
    assert late.amounts() == []


def test_one_portion_a_person(api: LiveApi) -> None:
    code = api.user(50).give(10, totalPortions=5)["code"]
    greedy = api.user()
    ok(greedy.redeem(code))
    refused(greedy.redeem(code), 400, "gift_already_claimed")
    assert attempts(api, code) == ["success", "failed_already_claimed"]
    assert greedy.balance() == 2


def test_a_cancelled_gift_is_refused(api: LiveApi) -> None:
    giver = api.user(50)
    gift = giver.give(10)
    ok(giver.delete(f"/gifts/{gift['id']}"))
    details = refused(api.user().redeem(gift["code"]), 400, "gift_not_active")
    assert details == {"status": "cancelled"}


def test_a_personal_gift_is_for_the_holder_of_the_address(api: LiveApi) -> None:
    code = api.user(50).give(10, targetEmail="Ann@Example.com")["code"]
    assert ok(api.user(email="aNN@example.COM").redeem(code))["credits"] == 10


@pytest.mark.parametrize("email", [None, "bob@example.com", "ann@example.com.evil.example"])
def test_a_personal_gift_is_for_nobody_else(api: LiveApi, email: str | None) -> None:
    code = api.user(50).give(10, targetEmail="ann@example.com")["code"]
    thief = api.user(email=email)
    refused(thief.redeem(code, email="ann@example.com"), 403, "gift_for_someone_else")
    assert attempts(api, code) == ["failed_wrong_user"]
    assert thief.amounts() == []


def test_a_personal_gift_may_name_a_matrix_id(api: LiveApi) -> None:
    code = api.user(50).give(10, targetMatrixId="@ann:example.org")["code"]
    refused(api.user().redeem(code), 403, "gift_for_someone_else")
    ann = api.user()
    token = api.issuer.token(ann.id, matrix_id="@ann:example.org")
    ann.headers["Authorization"] = f"Bearer {token}"
    assert ok(ann.redeem(code))["credits"] == 10


def riddle(api: LiveApi) -> str:
    fields = {"riddleQuestion": "The capital of France?", "riddleAnswer": "Paris"}
    return str(api.user(50).give(10, **fields)["code"])


@pytest.mark.parametrize("field", ["riddleAnswer", "answer"])
@pytest.mark.parametrize("said", ["Paris", " paris ", "PARIS"])
def test_the_right_answer_opens_a_riddle(api: LiveApi, field: str, said: str) -> None:
    assert ok(api.user().redeem(riddle(api), **{field: said}))["credits"] == 10


@pytest.mark.parametrize("body", [{}, {"answer": ""}, {"riddleAnswer": "  "}])
def test_a_riddle_asks_for_its_answer(api: LiveApi, body: dict[str, Any]) -> None:
    refused(api.user().redeem(riddle(api), **body), 400, "riddle_answer_required")


def test_a_wrong_answer_is_refused_and_recorded(api: LiveApi) -> None:
    code, user = riddle(api), api.user()
    refused(user.redeem(code, riddleAnswer="London"), 400, "wrong_riddle_answer")
    assert attempts(api, code) == ["failed_wrong_answer"]
    assert user.amounts() == []


def test_guessing_an_answer_is_throttled(api: LiveApi) -> None:
    code, user = riddle(api), api.user()
    for _ in range(5):
        refused(user.redeem(code, riddleAnswer="London"), 400, "wrong_riddle_answer")
    answer = user.redeem(code, riddleAnswer="Paris")
    waiting = refused(answer, 429, "too_many_attempts")["retryAfterSeconds"]
    assert abs(int(answer.headers["retry-after"]) - waiting) <= 1
    assert user.amounts() == []
    ok(api.user().redeem(code, riddleAnswer="Paris"))


def test_guessing_at_once_is_throttled_too(api: LiveApi) -> None:
    code, user = riddle(api), api.user()
    answers = at_once(20, lambda _: user.redeem(code, riddleAnswer="London"))
    assert Counter(answer.status_code for answer in answers) == {400: 5, 429: 15}
    assert attempts(api, code) == ["failed_wrong_answer"] * 5


def test_guessing_codes_is_throttled_by_user(api: LiveApi) -> None:
    guesser = api.user()
    answers = [guesser.redeem("AAAAAAAAAA") for _ in range(15)]
    assert Counter(answer.status_code for answer in answers)[404] >= 10
    refused(answers[-1], 429, "too_many_attempts")
    refused(api.user().redeem("AAAAAAAAAA"), 404, "gift_not_found")


def test_ten_portions_for_sixty_people_at_once(api: LiveApi) -> None:
    giver = api.user(100)
    code = giver.give(100, type="first_come", totalPortions=10)["code"]
    people = [api.user() for _ in range(60)]
    answers = at_once(60, lambda i: people[i].redeem(code))
    assert Counter(answer.status_code for answer in answers) == {200: 10, 400: 50}
    outcomes = attempts(api, code)
    assert (outcomes.count("success"), outcomes.count("failed_depleted")) == (10, 50)
    assert sorted(person.balance() for person in people) == [0] * 50 + [10] * 10


def test_one_person_ten_times_at_once_gets_one_portion(api: LiveApi) -> None:
    code = api.user(100).give(100, totalPortions=10)["code"]
    person = api.user()
    answers = at_once(10, lambda _: person.redeem(code))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 9}
    assert person.amounts() == [10]


def test_a_gift_redeemed_and_taken_back_at_once_goes_one_way(api: LiveApi) -> None:
    for _ in range(10):
        giver, receiver = api.user(10), api.user()
        gift = giver.give(10)

        def one(
            i: int, giver: User = giver, receiver: User = receiver, gift: Any = gift
        ) -> httpx.Response:
            return giver.delete(f"/gifts/{gift['id']}") if i else receiver.redeem(gift["code"])

        assert Counter(answer.status_code for answer in at_once(2, one)) == {200: 1, 400: 1}
        assert sorted([giver.balance(), receiver.balance()]) == [0, 10]


def test_gifts_wait_for_whom_they_are_meant(api: LiveApi) -> None:
    email = f"{unique('ann')}@example.com"
    giver = api.user(50)
    codes = [giver.give(10, targetEmail=email)["code"] for _ in range(2)]
    giver.give(10, targetEmail="somebody-else@example.com")
    newcomer = api.user()
    body = {"userId": newcomer.id, "email": email.upper()}
    answer = ok(api.service.post("/internal/gifts/redeem-pending", body))
    assert answer == {"redeemed": 2, "redeemedCount": 2, "totalCredits": 20}
    assert newcomer.amounts() == [10, 10]
    assert [attempts(api, code) for code in codes] == [["success"]] * 2


@pytest.mark.parametrize(
    "email", ["", "ann", "@example.com", "Ann <ann@example.com>", "ann@example.com,bob@b.example"]
)
def test_an_address_that_is_none_is_named(api: LiveApi, email: str) -> None:
    body = {"userId": api.user().id, "email": email}
    answer = api.service.post("/internal/gifts/redeem-pending", body)
    assert refused(answer, 400, "invalid_request").keys() == {"email"}


def test_pending_gifts_are_given_once_however_often_asked(api: LiveApi) -> None:
    email = f"{unique('ann')}@example.com"
    api.user(50).give(10, targetEmail=email)
    newcomer = api.user()
    body = {"userId": newcomer.id, "email": email}
    answers = at_once(5, lambda _: api.service.post("/internal/gifts/redeem-pending", body))
    assert sorted(ok(answer)["redeemedCount"] for answer in answers) == [0, 0, 0, 0, 1]
    assert newcomer.amounts() == [10]


def test_a_pending_riddle_waits_for_its_answer(api: LiveApi) -> None:
    email = f"{unique('ann')}@example.com"
    fields = {"riddleQuestion": "1 + 1?", "riddleAnswer": "2"}
    api.user(50).give(10, targetEmail=email, **fields)
    body = {"userId": api.user().id, "email": email}
    assert ok(api.service.post("/internal/gifts/redeem-pending", body))["redeemedCount"] == 0

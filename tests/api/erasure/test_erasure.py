"""Erasing a person: everything that names them goes, the books stay."""

from typing import Any

import httpx
from psycopg import sql

from sandbox.stripe import StripeServer
from tests.api.live_api import SHOP, LiveApi, ok, refused, unique, wait_until
from tests.api.service_calls import erase, grant, hold, make_gifts, reserve


def traces(api: LiveApi, *words: str) -> list[str]:
    """Return the tables in which a row has one of the words anywhere."""
    with api.database.connect() as owner:
        tables = owner.execute(
            "select schemaname, tablename from pg_catalog.pg_tables"
            " where schemaname in ('credits', 'gifts')"
        ).fetchall()
        found = []
        for table in tables:
            name = sql.Identifier(table["schemaname"], table["tablename"])
            query = sql.SQL("select from {} as t where t::text ilike any (%s) limit 1").format(name)
            if owner.execute(query, ([f"%{word}%" for word in words],)).fetchall():
                found.append(f"{table['schemaname']}.{table['tablename']}")
    return found


def test_a_service_key_is_needed(api: LiveApi) -> None:
    user = api.user(1)
    path = f"/internal/credits/balance/{user.id}"
    refused(api.anyone.delete(path), 401, "unauthenticated")
    refused(user.delete(path), 401, "unauthenticated")
    assert user.balance() == 1


def test_nothing_in_any_table_names_the_person_afterwards(
    api: LiveApi, stripe: StripeServer
) -> None:
    secret, email = unique("secret"), f"{unique('Somebody')}@example.com"
    user = api.user(100, email=email, name=secret)
    guild = api.guild(10)
    api.issuer.set_member(guild.id, user.id, "member")
    ok(user.use(1, description=secret, metadata={"is": secret}, key=secret))
    ok(grant(api, user.id, 1, reason=secret, referenceId=secret, description=secret))
    ok(reserve(api, user.id, 1, reason=secret, idempotencyKey=f"{secret}-1"))
    ok(guild.use(user, 1, description=secret, idempotencyKey=f"{secret}-2"))
    guild.limit(user, dailyLimit=5)
    user.give(2, message=secret, riddleQuestion=secret, riddleAnswer=secret)
    api.fund(guild.owner.id, 5)
    kept = guild.owner.give(2)
    ok(user.redeem(kept["code"], idempotencyKey=f"{secret}-3"))
    guild.owner.give(2, type="personalized", targetEmail=email)
    begun = user.buy(api.package(), successUrl=f"{SHOP}/a", cancelUrl=f"{SHOP}/b")
    stripe.pay(begun["checkoutUrl"].rpartition("/")[2])
    stripe.wait_delivered()
    assert traces(api, user.id, secret, email)

    ok(erase(api, user.id, email=email))
    assert traces(api, user.id, secret, email) == []


def test_the_address_need_not_be_named(api: LiveApi) -> None:
    email = f"{unique('nora')}@example.com"
    user, friend = api.user(email=email), api.user(10)
    body = {"userId": user.id, "email": email.title()}
    ok(api.service.post("/internal/gifts/redeem-pending", body))
    friend.give(2, targetEmail=email.upper())
    ok(erase(api, user.id))
    assert traces(api, user.id, email) == []


def test_the_answer_tells_what_was_given_up_and_not_the_pseudonym(api: LiveApi) -> None:
    user = api.user(10)
    hold(api, user.id, 2)
    user.give(3)
    answer = ok(erase(api, user.id))
    assert answer.pop("deletedCount") > 0
    assert answer == {"forfeitedCredits": 10, "cancelledGifts": 1, "releasedReservations": 1}


def test_a_second_call_finds_nobody(api: LiveApi) -> None:
    user = api.user(10)
    ok(erase(api, user.id))
    nothing = {
        "deletedCount": 0,
        "forfeitedCredits": 0,
        "cancelledGifts": 0,
        "releasedReservations": 0,
    }
    assert ok(erase(api, user.id)) == nothing
    assert ok(erase(api, unique("user"))) == nothing


def test_the_id_is_free_for_a_new_person(api: LiveApi) -> None:
    user = api.user(10)
    ok(erase(api, user.id))
    assert ok(user.get("/credits/transactions")) == []
    api.fund(user.id, 3)
    assert (user.balance(), user.amounts()) == (3, [3])


def test_a_late_repetition_moves_nothing_for_who_has_the_id_now(api: LiveApi) -> None:
    user = api.user(10)
    body = {"userId": user.id, "amount": 2, "description": "Sorry", "idempotencyKey": "sorry"}
    ok(api.service.post("/internal/credits/refund", body))
    ok(grant(api, user.id, 5, referenceId="welcome"))
    ok(erase(api, user.id))
    for _ in range(2):
        refused(grant(api, user.id, 5, referenceId="welcome"), 409, "idempotency_key_reused")
        again = api.service.post("/internal/credits/refund", body)
        refused(again, 409, "idempotency_key_reused")
    assert ok(user.get("/credits/transactions")) == []
    ok(grant(api, user.id, 3, referenceId="welcome back"))
    refused(grant(api, user.id, 5, referenceId="welcome"), 409, "idempotency_key_reused")
    assert (user.balance(), user.amounts()) == (3, [3])


def test_who_was_blocked_comes_back_blocked(api: LiveApi) -> None:
    guild = api.guild(10)
    ok(guild.use(guild.member, 1))
    guild.limit(guild.member, dailyLimit=0)
    ok(erase(api, guild.member.id))
    refused(guild.use(guild.member, 1), 400, "spending_limit_exceeded")
    guild.limit(guild.member, dailyLimit=1)
    ok(guild.use(guild.member, 1))


def test_an_erasure_changes_no_amount(api: LiveApi) -> None:
    user = api.user(10)
    ok(user.use(4))
    [use] = [row for row in user.ledger() if row["type"] == "usage"]
    ok(erase(api, user.id))
    rows = api.audit(
        "select * from credits.transactions where user_id ="
        " (select user_id from credits.transactions where id = %s) order by id",
        use["id"],
    )
    assert [row["amount"] for row in rows] == [10, -4, -6]
    assert rows[0]["user_id"] != user.id


def test_credits_of_a_gift_to_others_that_is_not_claimed_go_with_the_person(
    api: LiveApi,
) -> None:
    giver, friend = api.user(10), api.user()
    gift = giver.give(3)
    ok(erase(api, giver.id))
    refused(friend.redeem(gift["code"]), 400, "gift_not_active")


def test_a_refund_reported_after_an_erasure_takes_back_from_the_pseudonym(
    api: LiveApi, stripe: StripeServer
) -> None:
    user = api.user()
    begun = user.buy(api.package(100, 500))
    intent: Any = begun["clientSecret"].partition("_secret_")[0]
    stripe.pay(intent)
    stripe.wait_delivered()
    ok(erase(api, user.id))
    stripe.refund(intent)
    stripe.wait_delivered()
    assert {delivery.status for delivery in stripe.deliveries} == {200}
    [row] = api.audit("select * from credits.purchases where stripe_payment_intent_id = %s", intent)
    assert row["clawed_back_credits"] == 100
    assert user.ledger() == []


def test_a_malformed_id_is_refused(api: LiveApi) -> None:
    refused(api.service.delete("/internal/credits/balance/%0A"), 400, "invalid_request")
    details = refused(erase(api, unique("user"), email="a\0b"), 400, "invalid_request")
    assert details.keys() == {"email"}


def test_a_pseudonym_cannot_be_erased_again(api: LiveApi) -> None:
    answer = erase(api, "erased:01900000-0000-7000-8000-000000000001")
    refused(answer, 400, "invalid_request")


def test_who_has_very_much_is_cut_off_at_once_and_erased_in_the_background(api: LiveApi) -> None:
    user = api.user(1000)
    make_gifts(api, user, 501)
    begun = ok(erase(api, user.id), 202)
    assert begun["pending"] is True
    done = wait_until(lambda: answered(erase(api, user.id)))
    assert done.pop("deletedCount") > 1000
    assert done == {"forfeitedCredits": 1000, "cancelledGifts": 501, "releasedReservations": 0}
    assert traces(api, user.id) == []


def answered(answer: httpx.Response) -> Any:
    """Return what an erasure answers when it is done."""
    return ok(answer) if answer.status_code == 200 else None

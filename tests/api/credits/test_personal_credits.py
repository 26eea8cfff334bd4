"""A user's own balance and its use."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from tests.api.live_api import LiveApi, ok, refused, unique


def test_a_user_never_seen_has_zeros_and_nothing_is_written(api: LiveApi) -> None:
    user = api.user()
    zeros = {"balance": 0, "totalEarned": 0, "totalSpent": 0, "reserved": 0}
    assert ok(user.get("/credits/balance")) == zeros
    assert not api.audit("select * from credits.balances where user_id = %s", user.id)


def test_a_use_is_answered_with_its_transaction_and_the_new_balance(api: LiveApi) -> None:
    user = api.user(10)
    answer = ok(user.use(Decimal("2.5"), metadata={"model": "small"}))
    assert answer["success"] is True
    assert "message" not in answer
    assert answer["newBalance"] == {"balance": Decimal("7.5"), "totalSpent": Decimal("2.5")}
    transaction = answer["transaction"]
    assert UUID(transaction.pop("id")).version == 7
    for moment in (transaction.pop("createdAt"), transaction.pop("completedAt")):
        assert datetime.fromisoformat(moment).utcoffset() == timedelta(0)
    assert transaction == {
        "userId": user.id,
        "type": "usage",
        "status": "completed",
        "amount": Decimal("-2.5"),
        "balanceBefore": 10,
        "balanceAfter": Decimal("7.5"),
        "appId": "chat",
        "description": "One answer",
        "metadata": {"model": "small"},
        "idempotencyKey": None,
        "guildId": None,
    }


def test_a_use_writes_one_ledger_row(api: LiveApi) -> None:
    user = api.user(10)
    answer = ok(user.use(3))
    [_, row] = user.ledger()
    assert str(row["id"]) == answer["transaction"]["id"]
    assert (row["amount"], row["balance_before"], row["balance_after"]) == (-3, 10, 7)


def test_what_comes_in_and_goes_out_is_totalled(api: LiveApi) -> None:
    user = api.user(10)
    ok(user.use(4))
    assert ok(user.get("/credits/balance")) == {
        "balance": 6,
        "totalEarned": 10,
        "totalSpent": 4,
        "reserved": 0,
    }


def test_more_than_there_is_is_refused_and_nothing_moves(api: LiveApi) -> None:
    user = api.user(3)
    details = refused(user.use(Decimal("12.5")), 402, "insufficient_credits")
    assert details == {"required": Decimal("12.5"), "available": 3}
    assert user.amounts() == [3]


def test_a_user_never_seen_has_nothing_to_use(api: LiveApi) -> None:
    user = api.user()
    details = refused(user.use(1), 402, "insufficient_credits")
    assert details == {"required": 1, "available": 0}
    assert not api.audit("select * from credits.balances where user_id = %s", user.id)


def test_the_last_credit_can_be_used(api: LiveApi) -> None:
    user = api.user(3)
    assert ok(user.use(3))["newBalance"]["balance"] == 0


def test_uses_are_counted_by_app_and_day(api: LiveApi) -> None:
    user = api.user(10)
    for app in ("chat", "chat", "search"):
        ok(user.use(2, appId=app))
    rows = api.audit(
        "select app_id, credits_used from credits.usage_stats where user_id = %s order by app_id",
        user.id,
    )
    assert [(row["app_id"], row["credits_used"]) for row in rows] == [("chat", 4), ("search", 2)]


def test_metadata_goes_in_and_out_as_it_is(api: LiveApi) -> None:
    user = api.user(1)
    metadata = {"deep": {"list": [1, Decimal("0.1"), None, True, 'ä 🙂 \\ "']}, "": ""}
    answer = ok(user.use(1, metadata=metadata))
    assert answer["transaction"]["metadata"] == metadata
    assert user.ledger()[-1]["metadata"]["deep"]["list"][4] == 'ä 🙂 \\ "'


def test_metadata_beyond_8_kib_are_refused(api: LiveApi) -> None:
    user = api.user(1)
    details = refused(user.use(1, metadata={"text": "x" * 9000}), 400, "invalid_request")
    assert details.keys() == {"metadata"}


def test_a_personal_source_is_ones_own_balance(api: LiveApi) -> None:
    user = api.user(5)
    assert ok(user.use(2, creditSource={"type": "personal"}))["newBalance"]["balance"] == 3


def test_texts_in_any_script_survive(api: LiveApi) -> None:
    user = api.user(1)
    text = "Größe 数 🙂 ' \" \\ -- ; \u202e"
    assert ok(user.use(1, description=text))["transaction"]["description"] == text
    assert user.ledger()[-1]["description"] == text


def test_an_app_id_of_128_characters_is_taken(api: LiveApi) -> None:
    user = api.user(1)
    app = unique("app").ljust(128, "x")
    assert ok(user.use(1, appId=app))["transaction"]["appId"] == app

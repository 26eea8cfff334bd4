"""The holder of the caps: a login, or a service key that the HTTP layer names."""

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import call, gift, use
from tests.sql.caps.conftest import Cap
from tests.sql.conftest import Api
from tests.sql.lifecycle import grant


def test_login_of_the_http_layer_is_capped_by_its_own_name(
    db: Connection, api: Api, cap: Cap
) -> None:
    cap("test_api", max_amount=5)
    with refused(db, "UC016"):
        use(api, "u1", 6)


def test_service_key_is_capped_by_its_name(db: Connection, api: Api, cap: Cap) -> None:
    cap("research", max_amount=5)
    with refused(db, "UC016"):
        use(api, "u1", 6, caller="research")


def test_service_key_is_not_capped_like_another(api: Api, cap: Cap) -> None:
    cap("research", max_amount=5)
    assert use(api, "u1", 6, caller="billing")["balance"] == 94


def test_service_key_is_not_capped_like_the_login(api: Api, cap: Cap) -> None:
    cap("test_api", max_amount=5)
    assert use(api, "u1", 6, caller="billing")["balance"] == 94


@pytest.mark.parametrize("name", ["", "research"])
def test_service_cannot_speak_for_another(db: Connection, cap: Cap, name: str) -> None:
    cap(max_amount=5)
    cap("research", max_amount=1000)
    with refused(db, "UC016"):
        use(db, "u1", 6, caller=name)


def test_service_does_not_get_anothers_caps_either(db: Connection, cap: Cap) -> None:
    cap("research", max_amount=5)
    assert use(db, "u1", 6, caller="research")["balance"] == 94


def test_caps_hold_whatever_role_the_login_has_set(db: Connection, owner: Owner, cap: Cap) -> None:
    cap(max_amount=5)
    db.execute("set local role credits_service")
    with refused(db, "UC016"):
        grant(db, "u1", 6)
    db.execute("reset role")


CALLS: dict[str, dict[str, object]] = {
    "credits.use_guild_credits": {
        "organization_id": "g1",
        "user_id": "u1",
        "amount": 6,
        "app_id": "chat",
        "description": "",
    },
    "credits.refund_credits": {"user_id": "u1", "amount": 6, "description": ""},
    "credits.grant_credits": {"user_id": "u1", "amount": 6, "reason": "x", "reference_id": "r"},
    "credits.fund_guild_pool": {"user_id": "u1", "organization_id": "g1", "amount": 6},
    "credits.set_spending_limits": {"organization_id": "g1", "user_id": "u1"},
    "credits.init_balance": {"user_id": "u2"},
    "credits.init_guild_pool": {"organization_id": "g2"},
    "gifts.create_gift": {"creator_id": "u1", "total_credits": 6},
    "gifts.redeem_pending_gifts": {"user_id": "u1", "email": "u1@example.org"},
}


@pytest.mark.parametrize("function", CALLS)
def test_every_function_holds_the_caller_that_it_is_told(
    db: Connection, api: Api, cap: Cap, function: str
) -> None:
    cap("research", operations=[])
    with refused(db, "UC016"):
        call(api, function, caller="research", **CALLS[function])


@pytest.mark.parametrize("typed", [False, True])
def test_redeeming_holds_the_caller_that_it_is_told(
    db: Connection, api: Api, cap: Cap, typed: bool
) -> None:
    made = gift(db, "u1", 10)
    cap("research", operations=[])
    with refused(db, "UC016"):
        call(
            api,
            "gifts.redeem_gift",
            code=made["code"],
            user_id="u2",
            typed=typed,
            caller="research",
        )
    with refused(db, "UC016"):
        call(api, "gifts.cancel_gift", gift_id=made["id"], creator_id="u1", caller="research")

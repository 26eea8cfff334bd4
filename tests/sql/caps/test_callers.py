"""Whose caps count: a login's, or a service key's that the HTTP layer names."""

from collections.abc import Callable

import pytest

from databases import Connection, Owner, refused
from sql.calls import use
from sql.caps.conftest import Cap
from sql.conftest import Api
from sql.lifecycle import grant

Speak = Callable[[str], None]


@pytest.fixture
def key(db: Connection) -> Speak:
    """Name the service key that calls, for the rest of the transaction."""

    def name(caller: str) -> None:
        db.execute("select set_config('credits.caller', %s, true)", (caller,))

    return name


def test_login_of_the_http_layer_is_capped_by_its_own_name(
    db: Connection, api: Api, cap: Cap
) -> None:
    cap("test_api", max_amount=5)
    with refused(db, "UC016"):
        use(api, "u1", 6)


def test_service_key_is_capped_by_its_name(db: Connection, api: Api, cap: Cap, key: Speak) -> None:
    cap("research", max_amount=5)
    key("research")
    with refused(db, "UC016"):
        use(api, "u1", 6)


def test_service_key_is_not_capped_like_another(api: Api, cap: Cap, key: Speak) -> None:
    cap("research", max_amount=5)
    key("billing")
    assert use(api, "u1", 6)["balance"] == 94


def test_service_key_is_not_capped_like_the_login(api: Api, cap: Cap, key: Speak) -> None:
    cap("test_api", max_amount=5)
    key("billing")
    assert use(api, "u1", 6)["balance"] == 94


@pytest.mark.parametrize("name", ["", "research"])
def test_service_cannot_speak_for_another(db: Connection, cap: Cap, key: Speak, name: str) -> None:
    cap(max_amount=5)
    cap("research", max_amount=1000)
    key(name)
    with refused(db, "UC016"):
        use(db, "u1", 6)


def test_service_does_not_get_anothers_caps_either(db: Connection, cap: Cap, key: Speak) -> None:
    cap("research", max_amount=5)
    key("research")
    assert use(db, "u1", 6)["balance"] == 94


def test_caps_hold_whatever_role_the_login_has_set(db: Connection, owner: Owner, cap: Cap) -> None:
    cap(max_amount=5)
    db.execute("set local role credits_service")
    with refused(db, "UC016"):
        grant(db, "u1", 6)
    db.execute("reset role")

"""credits.register_consumer and credits.register_webhook: who can be made a consumer."""

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import Session, call, give
from tests.sql.events.consumers import read, register


def register_webhook(dba: Session, consumer: str, url: str = "https://crm.example/hook") -> None:
    call(dba, "credits.register_webhook", consumer=consumer, url=url, types=["balance.changed"])


def consumers(owner: Owner) -> list[tuple[str, str | None, str | None]]:
    """Each consumer with its login and its URL."""
    found = owner.execute(
        """
        select consumer, login, url
        from credits.event_consumers left join credits.webhooks using (consumer) order by consumer
        """
    )
    return [(row["consumer"], row["login"], row["url"]) for row in found]


def test_login_takes_the_place_of_another(db: Connection, owner: Owner) -> None:
    register(owner, "mirror", "gift.redeemed", login="test_api")
    register(owner, "mirror", "balance.changed", login="test_service")
    give(db, "u1", 1)
    assert [event["type"] for event in read(db, "mirror")] == ["balance.changed"]
    assert consumers(owner) == [("mirror", "test_service", None)]


def test_url_takes_the_place_of_another(db: Connection, owner: Owner) -> None:
    register_webhook(owner, "crm")
    register_webhook(owner, "crm", "https://crm.example/other")
    assert consumers(owner) == [("crm", None, "https://crm.example/other")]


def test_webhook_is_not_made_a_login(db: Connection, owner: Owner) -> None:
    register_webhook(owner, "crm")
    with owner.rights() as dba, refused(dba, "UC001") as refusal:
        register(dba, "crm")
    assert list(refusal.details) == ["consumer"]
    assert consumers(owner) == [("crm", None, "https://crm.example/hook")]


def test_login_is_not_made_a_webhook(db: Connection, owner: Owner) -> None:
    register(owner, "mirror")
    with owner.rights() as dba, refused(dba, "UC001") as refusal:
        register_webhook(dba, "mirror")
    assert list(refusal.details) == ["consumer"]
    assert consumers(owner) == [("mirror", "test_service", None)]


def test_dropped_name_is_free_for_the_other_kind(db: Connection, owner: Owner) -> None:
    register(owner, "mirror")
    call(owner, "credits.drop_consumer", consumer="mirror")
    register_webhook(owner, "mirror")
    assert consumers(owner) == [("mirror", None, "https://crm.example/hook")]


@pytest.mark.parametrize(
    "login",
    ["nobody_at_all", "test_auditor", "credits_service", "Test_Service"],
    ids=["no role", "may not read events", "cannot log in", "other case"],
)
def test_login_that_could_not_read_is_refused(owner: Owner, login: str) -> None:
    with owner.rights() as dba, refused(dba, "UC001") as refusal:
        register(dba, "mirror", login=login)
    assert list(refusal.details) == ["login"]


def test_consumer_is_the_login_unless_one_is_named(db: Connection, owner: Owner) -> None:
    types = ["gift.redeemed"]
    call(owner, "credits.register_consumer", consumer="test_service", types=types)
    assert read(db, "test_service") == []
    with owner.rights() as dba, refused(dba, "UC001") as refusal:
        call(dba, "credits.register_consumer", consumer="nobody_at_all", types=types)
    assert list(refusal.details) == ["login"]

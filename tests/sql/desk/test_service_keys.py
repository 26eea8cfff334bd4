"""Keys of services that are made and revoked, by the desk or a DBA."""

import hashlib
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import Row, rows
from tests.sql.conftest import Api
from tests.sql.desk.test_acts import ADMIN, act, acts
from tests.sql.moments import Clock


def keys(session: Any, *used: str) -> dict[tuple[str, int], Row]:
    """Return the keys by name and number, having told which were used."""
    listed = rows(session, "credits.list_service_keys", used=[hash_of(key) for key in used])
    return {(row["name"], row["number"]): row for row in listed}


def make(session: Any, name: str = "chat") -> Row:
    """Make a key and return what the act tells of it, and the key."""
    made = act(session, "make_service_key", name=name, reason="New app")
    return {**made["after"], "service_key": made["service_key"]}


def revoke(session: Any, name: str = "chat", **which: Any) -> list[int]:
    """Revoke keys, and return their numbers."""
    revoked = act(session, "revoke_service_key", name=name, reason="Leaked", **which)
    numbers: list[int] = revoked["after"]["numbers"]
    return numbers


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def test_of_a_key_only_the_hash_is_kept(owner: Owner) -> None:
    made = make(owner)
    assert (made["name"], made["number"]) == ("chat", 1)
    assert len(made["service_key"]) == len("mana_") + 64
    (row,) = owner.execute("select * from credits.service_keys").fetchall()
    assert row["key_hash"].hex() == hash_of(made["service_key"])
    assert made["service_key"] not in str(row)
    assert (row["reason"], row["revoked_at"], row["used_on"]) == ("New app", None, None)


def test_keys_of_one_name_are_told_apart_by_their_numbers(owner: Owner) -> None:
    made = [make(owner), make(owner), make(owner, "cron")]
    assert [row["number"] for row in made] == [1, 2, 1]
    assert len({row["service_key"] for row in made}) == 3
    assert revoke(owner, number=1) == [1]
    assert [key for key, row in keys(owner).items() if not row["revoked_at"]] == [
        ("chat", 2),
        ("cron", 1),
    ]


def test_a_name_is_revoked_as_a_whole(owner: Owner) -> None:
    for name in ("chat", "chat", "cron"):
        make(owner, name)
    assert revoke(owner) == [0, 1, 2]
    assert make(owner)["number"] == 3
    assert [key for key, row in keys(owner).items() if not row["revoked_at"]] == [
        ("chat", 3),
        ("cron", 1),
    ]


def test_those_of_the_environment_are_revoked_under_a_name_without_keys(owner: Owner) -> None:
    assert revoke(owner, number=0) == [0]
    assert revoke(owner, "cron", in_environment=True) == [0]
    make(owner)
    assert revoke(owner, number=0) == [0]
    listed = keys(owner)
    assert listed["chat", 0]["key_hash"] is None
    assert listed["chat", 0]["revoked_reason"] == "Leaked"
    assert listed["chat", 1]["revoked_at"] is None


def test_what_is_revoked_keeps_its_time_and_reason(owner: Owner, clock: Clock) -> None:
    make(owner)
    revoke(owner, number=1)
    before = keys(owner)
    clock.advance(60)
    act(owner, "revoke_service_key", name="chat", reason="Again", number=1)
    assert keys(owner) == before


def test_the_day_of_the_last_use_is_kept(owner: Owner, clock: Clock) -> None:
    key = make(owner)["service_key"]
    make(owner)
    clock.move_to(datetime(2026, 6, 1, 23, 59, 30, tzinfo=UTC))
    assert keys(owner, key, "another")["chat", 1]["used_on"] == date(2026, 6, 1)
    clock.advance(60)
    listed = keys(owner, key)
    assert (listed["chat", 1]["used_on"], listed["chat", 2]["used_on"]) == (date(2026, 6, 2), None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": None},
        {"name": ""},
        {"name": "two words"},
        {"name": "a,b"},
        {"name": "a:b"},
        {"name": "ä"},
        {"name": "x" * 129},
        {"reason": " "},
        {"reason": None},
    ],
)
@pytest.mark.parametrize("function", ["make", "revoke"])
def test_a_name_that_no_service_has_is_refused(
    db: Connection, owner: Owner, function: str, wrong: dict[str, Any]
) -> None:
    arguments = {"name": "chat", "reason": "New app", **wrong}
    with refused(db, "UC001"):
        act(owner, f"{function}_service_key", **arguments)


@pytest.mark.parametrize(
    ("which", "details"),
    [
        ({"number": 2}, {"number": "2"}),
        ({"number": -1, "in_environment": True}, {"number": "-1"}),
        ({"name": "chta"}, {"name": "chta"}),
        ({"name": "chta", "in_environment": None}, {"name": "chta"}),
    ],
)
def test_a_name_or_number_without_a_key_is_refused(
    db: Connection, owner: Owner, which: dict[str, Any], details: dict[str, str]
) -> None:
    make(owner)
    with refused(db, "UC025") as refusal:
        revoke(owner, **which)
    assert refusal.details == details
    assert len(keys(owner)) == 1


def test_the_desk_keeps_who_made_and_who_revoked_a_key(api: Api, owner: Owner) -> None:
    made = act(api, "make_service_key", name="chat")
    assert made["after"] == {"name": "chat", "number": 1}
    revoked = act(api, "revoke_service_key", name="chat", number=1, admin="admin-2")
    assert revoked["after"] == {"name": "chat", "numbers": [1]}
    log = acts(owner)
    assert [(row["admin_id"], row["action"], row["subject_id"]) for row in log] == [
        (ADMIN, "make_key", "chat"),
        ("admin-2", "revoke_key", "chat"),
    ]
    assert made["service_key"] not in str(log)
    assert owner.execute("select * from reconcile.broken_acts").fetchall() == []


def test_a_repetition_makes_no_key_and_shows_none(db: Connection, api: Api, owner: Owner) -> None:
    asked = {"name": "chat", "idempotency_key": "k"}
    first = act(api, "make_service_key", **asked)
    again = act(api, "make_service_key", **asked)
    assert again == {**first, "service_key": None, "replayed": True}
    assert len(keys(owner)) == 1
    with refused(db, "UC004"):
        act(api, "make_service_key", name="cron", idempotency_key="k")


@pytest.mark.parametrize(
    ("cap", "makes", "revokes"),
    [
        ({"operations": ["keys"]}, True, True),
        ({"operations": ["grant"]}, False, False),
        ({"max_amount": 500}, False, True),
        ({"max_amount_per_day": 500}, False, True),
    ],
)
def test_whose_amounts_are_capped_makes_no_key(
    db: Connection, api: Api, owner: Owner, cap: dict[str, Any], makes: bool, revokes: bool
) -> None:
    """Whoever has a key may move any amount."""
    columns = {"caller": f"admin:{ADMIN}", "operations": None, "max_amount": None, **cap}
    owner.execute(
        "insert into credits.service_caps ({}) values ({})".format(
            ", ".join(columns), ", ".join(f"%({name})s" for name in columns)
        ),
        columns,
    )
    for function, which, allowed in (
        ("make_service_key", {}, makes),
        ("revoke_service_key", {"number": 0}, revokes),
    ):
        if allowed:
            act(api, function, name="chat", **which)
            continue
        with refused(db, "UC016"):
            act(api, function, name="chat", **which)

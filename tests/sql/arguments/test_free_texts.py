"""Texts that only decorate a movement never stop it: they are cut, and mended where need be."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.arguments.operations import OPERATIONS, make_rich, move
from tests.sql.books import gift_row, ledger, pool_ledger
from tests.sql.calls import Row, gift, use_batch, use_guild_batch
from tests.sql.lifecycle import commit, grant, hold_row, reserve

MENDED = "\ufffd"
WITH_CONTROL_CHARACTERS = "a\x01b\x1b[1m\x7f\x85\x9f"
# Line breaks and tabs belong to a text.
WITHOUT_THEM = f"a{MENDED}b{MENDED}[1m{MENDED}{MENDED}{MENDED}"


class Kept(NamedTuple):
    """A free text: how to send it, how it was kept, and after how many characters it is cut."""

    send: Callable[[Connection, Owner, str], str]
    most: int


def _description(function: str) -> Kept:
    def send(db: Connection, _: Owner, text: str) -> str:
        return str(move(db, function, description=text)["description"])

    return Kept(send, 1000)


def _of_grant(**arguments: str) -> Row:
    return {"user_id": "u2", "amount": 1, **arguments}


def _grant_description(db: Connection, owner: Owner, text: str) -> str:
    grant(db, **_of_grant(description=text))
    return str(ledger(owner, "u2")[-1]["description"])


def _grant_reason(db: Connection, owner: Owner, text: str) -> str:
    grant(db, **_of_grant(reason=text))
    row = ledger(owner, "u2")[-1]
    assert row["metadata"] == {"reason": row["description"]}
    return str(row["description"])


def _reserve_reason(db: Connection, owner: Owner, text: str) -> str:
    return str(hold_row(owner, reserve(db, "u1", 1, reason=text))["reason"])


def _commit_description(db: Connection, owner: Owner, text: str) -> str:
    commit(db, reserve(db, "u1", 1), description=text)
    return str(ledger(owner, "u1")[-1]["description"])


def _gift_message(db: Connection, owner: Owner, text: str) -> str:
    made = gift(db, "u1", 1, message=text)
    assert made["message"] == gift_row(owner, made["code"])["message"]
    return str(made["message"])


def _creator_name(db: Connection, owner: Owner, text: str) -> str:
    return str(gift_row(owner, gift(db, "u1", 1, creator_name=text)["code"])["creator_name"])


FREE_TEXTS = {
    **{f"description of {function}": _description(function) for function in OPERATIONS},
    "description of a grant": Kept(_grant_description, 1000),
    "reason of a grant": Kept(_grant_reason, 255),
    "reason of a hold": Kept(_reserve_reason, 1000),
    "description of a commit": Kept(_commit_description, 1000),
    "message of a gift": Kept(_gift_message, 500),
    "name of a gift's creator": Kept(_creator_name, 80),
}
each_free_text = pytest.mark.parametrize("text", FREE_TEXTS.values(), ids=FREE_TEXTS)


@pytest.fixture(autouse=True)
def rich(db: Connection) -> None:
    """The user u1 and the pool g1 have credits."""
    make_rich(db)


@each_free_text
@pytest.mark.parametrize("letter", ["x", "\U0001fa99"], ids=ascii)
def test_too_long_is_cut_at_a_whole_character(
    db: Connection, owner: Owner, text: Kept, letter: str
) -> None:
    assert text.send(db, owner, letter * text.most) == letter * text.most
    assert text.send(db, owner, letter * (text.most + 1)) == letter * text.most
    assert text.send(db, owner, letter * 20_000) == letter * text.most


@each_free_text
def test_control_characters_are_replaced(db: Connection, owner: Owner, text: Kept) -> None:
    assert text.send(db, owner, WITH_CONTROL_CHARACTERS) == WITHOUT_THEM


@each_free_text
def test_line_breaks_and_tabs_are_kept(db: Connection, owner: Owner, text: Kept) -> None:
    assert text.send(db, owner, "One\r\n\tanswer") == "One\r\n\tanswer"


@pytest.mark.parametrize("function", OPERATIONS)
def test_retry_is_compared_by_what_is_kept(db: Connection, function: str) -> None:
    first = move(db, function, description="x\x02" * 1000, idempotency_key="k")
    again = move(db, function, description="x\x03" * 500, idempotency_key="k")
    assert again == {**first, "replayed": True}
    with refused(db, "UC004"):
        move(db, function, description="x", idempotency_key="k")


def test_retry_of_a_hold_is_compared_by_what_is_kept(db: Connection) -> None:
    first = reserve(db, "u1", 1, reason="x" * 1001, idempotency_key="k")
    again = reserve(db, "u1", 1, reason="x" * 1002, idempotency_key="k")
    assert again == {**first, "replayed": True}


def test_retry_of_a_gift_is_compared_by_what_is_kept(db: Connection) -> None:
    first = gift(db, "u1", 1, message="x" * 501, idempotency_key="k")
    again = gift(db, "u1", 1, message="x" * 502, idempotency_key="k")
    assert again == {**first, "replayed": True}


def test_batch_does_the_same_item_by_item(db: Connection, owner: Owner) -> None:
    items: list[dict[str, Any]] = [
        {"description": "x" * 1001},
        {"description": WITH_CONTROL_CHARACTERS},
        {"description": "One answer"},
    ]
    kept = ["x" * 1000, WITHOUT_THEM, "One answer"]
    assert [row["description"] for row in use_batch(db, *items)] == kept
    assert [row["description"] for row in use_guild_batch(db, *items)] == kept
    written = [row["description"] for row in pool_ledger(owner, "g1")[-3:]]
    assert sorted(written) == sorted(kept)


@pytest.mark.parametrize("name", ["", " \t\n", "ann@example.com", "Ann <ann@example.com>"])
def test_name_that_is_none_or_tells_an_address_is_left_out(
    db: Connection, owner: Owner, name: str
) -> None:
    made = gift(db, "u1", 1, creator_name=name)
    assert gift_row(owner, made["code"])["creator_name"] is None

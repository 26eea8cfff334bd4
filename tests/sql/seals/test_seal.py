"""Sealing: every row of every ledger, in steps of any size."""

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import seal
from tests.sql.calls import Row, call, give, pool, use
from tests.sql.lifecycle import erase
from tests.sql.seals.forgery import broken


def heads(owner: Owner) -> list[Row]:
    """The newest seal of every ledger."""
    return owner.execute(
        """
        select distinct on (account_id, kind)
            account_id, kind, sequence, encode(hash, 'hex') as hash
        from credits.seals
        order by account_id, kind, sequence desc
        """
    ).fetchall()


def seals_of(owner: Owner, user_id: str) -> list[Row]:
    """A person's seals, oldest first."""
    return owner.execute(
        "select * from credits.seals where account_id = %s order by sequence", (user_id,)
    ).fetchall()


@pytest.mark.usefixtures("history")
def test_every_ledger_is_sealed_to_its_newest_row(owner: Owner) -> None:
    seal(owner)
    ends = owner.execute(
        """
        select account_id, kind, max(sequence) as sequence from credits.entries
        group by account_id, kind
        order by account_id, kind
        """
    ).fetchall()
    assert [
        {**end, "hash": head["hash"]} for end, head in zip(ends, heads(owner), strict=True)
    ] == heads(owner)


def test_person_and_pool_of_one_id_are_both_sealed(db: Connection, owner: Owner) -> None:
    give(db, "same", 1)
    pool(db, "same", 5)
    seal(owner, limit=1)
    assert [row["kind"] for row in seals_of(owner, "same")] == ["person", "pool"]


@pytest.mark.usefixtures("history")
def test_sealing_again_changes_nothing(owner: Owner) -> None:
    seal(owner)
    before = heads(owner)
    with owner.rights() as superuser:
        assert call(superuser, "credits.seal") == {"rows_sealed": 0, "next_after": None}
    assert heads(owner) == before


@pytest.mark.usefixtures("history")
def test_rows_that_came_since_are_sealed_and_old_seals_stay(db: Connection, owner: Owner) -> None:
    seal(owner)
    (first,) = seals_of(owner, "u2")
    use(db, "u2", 1)
    with owner.rights() as superuser:
        assert call(superuser, "credits.seal")["rows_sealed"] == 1
    kept, second = seals_of(owner, "u2")
    assert kept == first
    assert (first["sequence"], second["sequence"]) == (3, 4)


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_hash_does_not_depend_on_when_rows_were_sealed(
    db: Connection, owner: Owner, limit: int
) -> None:
    with db.transaction(force_rollback=True):
        seal(owner)
        at_once = heads(owner)
    seal(owner, limit)
    assert heads(owner) == at_once
    assert broken(owner) == []


@pytest.mark.usefixtures("history")
def test_one_call_seals_no_more_rows_than_it_may(owner: Owner) -> None:
    with owner.rights() as superuser:
        first = call(superuser, "credits.seal", limit=2)
        assert first["rows_sealed"] == 2
        again = call(superuser, "credits.seal", after=first["next_after"], limit=2)
        assert again["rows_sealed"] == 2
    assert sum(head["sequence"] for head in heads(owner)) == 4


def test_account_without_rows_is_not_sealed(db: Connection, owner: Owner) -> None:
    call(db, "credits.init_balance", user_id="u1")
    call(db, "credits.init_guild_pool", organization_id="g1")
    seal(owner)
    assert heads(owner) == []


@pytest.mark.parametrize("limit", [0, -1, None])
def test_limit_must_be_positive(db: Connection, owner: Owner, limit: int | None) -> None:
    with owner.rights() as superuser, refused(superuser, "UC001"):
        call(superuser, "credits.seal", limit=limit)


@pytest.mark.parametrize("limit", [0, -1])
def test_limit_of_a_hash_must_be_positive(db: Connection, owner: Owner, limit: int) -> None:
    with owner.rights() as superuser, refused(superuser, "UC001"):
        superuser.execute(
            "select * from credits.hash_entries('u1', 'person', p_limit => %s)", (limit,)
        )


@pytest.mark.usefixtures("history")
def test_erased_persons_ledger_keeps_its_seals_and_goes_on(db: Connection, owner: Owner) -> None:
    seal(owner)
    before = seals_of(owner, "u1")
    pseudonym = erase(db, "u1")["pseudonym"]
    assert seals_of(owner, "u1") == []
    assert [row["hash"] for row in seals_of(owner, pseudonym)] == [row["hash"] for row in before]
    assert broken(owner) == []
    seal(owner)
    assert seals_of(owner, pseudonym)[-1]["sequence"] > before[-1]["sequence"]
    assert broken(owner) == []


@pytest.mark.usefixtures("history")
def test_somebody_new_under_the_id_of_an_erased_person_has_a_chain_of_their_own(
    db: Connection, owner: Owner
) -> None:
    seal(owner)
    erase(db, "u1")
    give(db, "u1", 1)
    seal(owner)
    assert [row["sequence"] for row in seals_of(owner, "u1")] == [1]
    assert broken(owner) == []

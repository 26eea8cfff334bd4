"""Heads that were exported prove what the ledgers were, whatever was done to the seals since."""

import json
from typing import Any, LiteralString

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import seal
from tests.sql.calls import Row, give, use, use_guild
from tests.sql.conftest import Api
from tests.sql.desk.test_acts import act
from tests.sql.lifecycle import erase
from tests.sql.seals.forgery import TABLES, broken, lower_a_debit, unprotected

pytestmark = [pytest.mark.off_books, pytest.mark.usefixtures("history")]


def export(owner: Owner) -> list[Row]:
    seal(owner)
    return owner.execute("select * from credits.export_seals()").fetchall()


def changed(owner: Owner, heads: Any) -> set[str]:
    """The accounts whose ledgers no longer pass through the heads."""
    found = owner.execute(
        "select * from credits.compare_seals(%s::jsonb)", (json.dumps(heads, default=str),)
    )
    return {row["account"] for row in found}


def seal_anew(owner: Owner) -> None:
    with unprotected(owner) as superuser:
        superuser.execute("delete from credits.seals")
    seal(owner)


def test_ledgers_that_have_only_grown_pass(db: Connection, owner: Owner) -> None:
    heads = export(owner)
    assert changed(owner, heads) == set()
    use(db, "u1", 1)
    use_guild(db, "g1", "u2", 1)
    assert changed(owner, heads) == set()
    assert changed(owner, export(owner)) == set()


def test_export_is_what_sealing_gives_and_writes_nothing(db: Connection, owner: Owner) -> None:
    def heads() -> list[Row]:
        return owner.execute("select * from credits.export_seals()").fetchall()

    before = heads()
    assert {row["account"] for row in before} >= {"u1", "u2", "g1", "g2"}
    assert owner.execute("select from credits.seals").rowcount == 0
    assert export(owner) == before
    use(db, "u1", 1)
    use_guild(db, "g1", "u2", 1)
    moved = heads()
    assert [row["account"] for row in moved if row not in before] == ["u1", "g1"]
    assert export(owner) == moved


def test_forgery_with_its_seals_rewritten_is_named(owner: Owner) -> None:
    heads = export(owner)
    with unprotected(owner) as superuser:
        lower_a_debit(superuser, "u1", 3)
        superuser.execute("update credits.entries set app_id = 'x' where account_id = 'g1'")
    seal_anew(owner)
    assert broken(owner) == []
    assert changed(owner, heads) == {"u1", "g1"}


def test_seal_put_back_beside_a_forged_ledger_does_not_help(owner: Owner) -> None:
    heads = export(owner)
    with unprotected(owner) as superuser:
        lower_a_debit(superuser, "u1", 3)
    assert changed(owner, heads) == {"u1"}


def test_ledger_cut_short_with_its_seals_is_named(owner: Owner) -> None:
    heads = export(owner)
    with unprotected(owner) as superuser:
        superuser.execute("delete from credits.entries where account_id = 'u2' and sequence = 3")
    seal_anew(owner)
    assert changed(owner, heads) == {"u2"}


def test_account_that_is_gone_without_a_trace_is_named(owner: Owner) -> None:
    heads = export(owner)
    with unprotected(owner) as superuser:
        for table in TABLES:
            superuser.execute(f"delete from {table} where account_id in ('u1', 'g1')")
    assert changed(owner, heads) == {"u1", "g1"}


def test_accounts_that_were_exchanged_as_a_whole_are_named(owner: Owner) -> None:
    heads = export(owner)
    with unprotected(owner) as superuser:
        for table in TABLES:
            for old, new in (("u1", "-"), ("u2", "u1"), ("-", "u2")):
                superuser.execute(
                    f"update {table} set account_id = %s where account_id = %s", (new, old)
                )
    assert broken(owner) == []
    assert changed(owner, heads) == {"u1", "u2"}


def test_person_erased_since_is_found_under_their_pseudonym(db: Connection, owner: Owner) -> None:
    heads = export(owner)
    erase(db, "u1")
    give(db, "u1", 5)
    assert changed(owner, heads) == set()


def test_erased_ledger_that_was_forged_is_named(db: Connection, owner: Owner) -> None:
    heads = export(owner)
    pseudonym = erase(db, "u1")["pseudonym"]
    with unprotected(owner) as superuser:
        superuser.execute(
            "update credits.entries set app_id = 'images' where account_id = %s and sequence = 3",
            (pseudonym,),
        )
    assert changed(owner, heads) == {"u1"}


def test_forged_export_is_named_too(owner: Owner) -> None:
    heads = export(owner)
    heads[0]["hash"] = "0" * 64
    heads[-1]["sequence"] += 1
    assert changed(owner, heads) == {heads[0]["account"], heads[-1]["account"]}


def rewrite_acts(owner: Owner, change: LiteralString) -> None:
    """Change the acts of the desk, and all of their hashes after it."""
    with unprotected(owner) as superuser:
        superuser.execute(change)
        superuser.execute(
            """
            update credits.admin_actions a
            set words_hash = credits._words_hash(to_jsonb(a), k.key)
            from credits.address_key k
            """
        )
        superuser.execute(
            """
            do $$
            declare
                v_act credits.admin_actions;
                v_hash bytea;
            begin
                for v_act in select * from credits.admin_actions order by account_id, sequence
                loop
                    v_hash := credits._act_hash(
                        to_jsonb(v_act), case when v_act.sequence > 1 then v_hash end
                    );
                    update credits.admin_actions set hash = v_hash where id = v_act.id;
                end loop;
            end
            $$
            """
        )


@pytest.fixture
def acts(api: Api) -> None:
    """Two acts on u1, one on u2, and one on a price."""
    act(api, "grant", user_id="u1", amount=5)
    act(api, "freeze", user_id="u1", frozen=False)
    act(api, "grant", user_id="u2", amount=5)
    act(api, "set_price", operation="chat.word", unit_price=1)


@pytest.mark.usefixtures("acts")
def test_acts_of_the_desk_are_exported_and_may_grow(api: Api, owner: Owner) -> None:
    heads = export(owner)
    desk = [(row["account"], row["sequence"]) for row in heads if row["ledger"] == "desk"]
    assert desk == [("", 1), ("u1", 2), ("u2", 1)]
    act(api, "grant", user_id="u1", amount=5)
    assert changed(owner, heads) == set()


@pytest.mark.usefixtures("acts")
@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("update credits.admin_actions set reason = 'R' where account_id = 'u1'", {"u1"}),
        ("update credits.admin_actions set admin_id = 'somebody' where sequence = 2", {"u1"}),
        ("update credits.admin_actions set subject_id = 'x' where account_id = ''", {""}),
        ("delete from credits.admin_actions where account_id = 'u2'", {"u2"}),
        ("delete from credits.admin_actions where sequence = 2", {"u1"}),
    ],
)
def test_a_log_of_the_desk_that_was_rewritten_is_named(
    owner: Owner, change: LiteralString, found: set[str]
) -> None:
    heads = export(owner)
    rewrite_acts(owner, change)
    assert owner.execute("select * from reconcile.broken_acts").fetchall() == []
    assert changed(owner, heads) == found


@pytest.mark.usefixtures("acts")
def test_words_that_were_changed_alone_are_named(owner: Owner) -> None:
    heads = export(owner)
    with unprotected(owner) as superuser:
        superuser.execute("update credits.admin_actions set reason = 'R' where account_id = 'u1'")
    assert changed(owner, heads) == {"u1"}


@pytest.mark.usefixtures("acts")
def test_acts_on_a_person_erased_since_are_found(db: Connection, owner: Owner) -> None:
    heads = export(owner)
    pseudonym = erase(db, "u1")["pseudonym"]
    assert changed(owner, heads) == set()
    with unprotected(owner) as superuser:
        superuser.execute(
            "update credits.admin_actions set amount = 6 where account_id = %s and sequence = 1",
            (pseudonym,),
        )
    assert changed(owner, heads) == {"u1"}


HEAD = {
    "ledger": "personal",
    "account": "u1",
    "sequence": 1,
    "id": "01a20572-b45b-7a43-8353-559b0b987c07",
    "hash": "0" * 64,
}


@pytest.mark.parametrize(
    "heads",
    [
        *[{}, "u1", None, [{}], [1], [{**HEAD, "ledger": "both"}]],
        *[[{**HEAD, key: None}] for key in HEAD],
        *[[{**HEAD, key: "x"}] for key in ("sequence", "id")],
    ],
)
def test_what_is_no_export_is_refused(db: Connection, owner: Owner, heads: Any) -> None:
    with owner.rights() as superuser, refused(superuser, "UC001"):
        superuser.execute("select * from credits.compare_seals(%s::jsonb)", (json.dumps(heads),))

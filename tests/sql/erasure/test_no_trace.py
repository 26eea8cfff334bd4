"""No column of any table names an erased person."""

from collections.abc import Callable, Iterable

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import gift_row
from tests.sql.calls import call, gift, give, redeem, rows
from tests.sql.conftest import Api
from tests.sql.erasure.conftest import EMAIL, MATRIX_ID, NORA, Traces
from tests.sql.lifecycle import erase

COLUMNS = """
    select c.oid::regclass::text as relation, quote_ident(a.attname) as name
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'm')
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
        and a.attnum > 0
        and not a.attisdropped
    order by 1, 2
"""


def columns_with(owner: Owner, text: str) -> set[str]:
    """Every column in which the text occurs, in any case, as `schema.table.column`."""
    with owner.rights() as superuser:
        tables: dict[str, list[str]] = {}
        for column in superuser.execute(COLUMNS).fetchall():
            tables.setdefault(column["relation"], []).append(column["name"])
        has = "bool_or(strpos(lower({}::text), lower(%(text)s)) > 0) as {}"
        return {
            f"{table}.{name}"
            for table, names in tables.items()
            for name, found in _row(
                superuser,
                f"select {', '.join(has.format(name, name) for name in names)} from {table}",
                text,
            )
            if found
        }


def _row(superuser: Connection, query: str, text: str) -> Iterable[tuple[str, bool | None]]:
    (row,) = superuser.execute(query, {"text": text}).fetchall()
    return row.items()


# Where the person is to be found as long as they are there.
TRACES = {
    "credits.accounts.account_id",
    "credits.attempts.subject",
    "credits.entries.account_id",
    "credits.entries.description",
    "credits.entries.idempotency_key",
    "credits.entries.metadata",
    "credits.entries.other_id",
    "credits.entries.reference_id",
    "credits.entries.request_id",
    "credits.events.data",
    "credits.events.user_id",
    "credits.guild_spending_limits.user_id",
    "credits.known_addresses.user_id",
    "credits.lot_movements.account_id",
    "credits.lots.account_id",
    "credits.members.user_id",
    "credits.outbox.account_id",
    "credits.outbox.data",
    "credits.outbox.user_id",
    "credits.purchase_disputes.user_id",
    "credits.purchases.stripe_customer_id",
    "credits.purchases.user_id",
    "credits.reservations.account_id",
    "credits.reservations.reason",
    "credits.reservations.user_id",
    "credits.rule_history.account_id",
    "credits.rule_history.subject_id",
    "credits.seals.account_id",
    "credits.spending_limits.account_id",
    "credits.stripe_customers.email",
    "credits.stripe_customers.stripe_customer_id",
    "credits.stripe_customers.user_id",
    "credits.usage_folds.user_id",
    "credits.usage_marks.user_id",
    "gifts.gift_codes.creator_id",
    "gifts.gift_codes.creator_name",
    "gifts.gift_codes.message",
    "gifts.gift_codes.riddle_question",
    "gifts.gift_codes.target_email",
    "gifts.gift_codes.target_matrix_id",
    "gifts.gift_redemptions.redeemer_user_id",
}


def test_person_is_named_in_many_places_before(owner: Owner, nora: Traces) -> None:
    assert columns_with(owner, "nora") == TRACES


@pytest.mark.parametrize("name", [NORA, EMAIL, MATRIX_ID, "quist"])
def test_person_is_named_nowhere_afterwards(
    db: Connection, owner: Owner, nora: Traces, name: str
) -> None:
    erase(db, NORA, EMAIL)
    assert columns_with(owner, name) == set()


def test_only_the_id_of_a_stripe_customer_stays_until_it_is_deleted_there(
    db: Connection, owner: Owner, api: Api, nora: Traces
) -> None:
    erase(db, NORA, EMAIL)
    assert columns_with(owner, "nora") == {"credits.stripe_customer_deletions.stripe_customer_id"}
    assert rows(api, "credits.list_customer_deletions") == [{"stripe_customer_id": "cus_nora"}]
    call(api, "credits.confirm_customer_deletion", stripe_customer_id="cus_nora")
    assert columns_with(owner, "nora") == set()


def test_address_that_stripe_knew_is_removed_from_gifts_without_being_told(
    db: Connection, owner: Owner, nora: Traces
) -> None:
    erase(db, NORA)
    assert columns_with(owner, EMAIL) == set()


def test_address_of_somebody_who_never_paid_is_removed_when_told(
    db: Connection, owner: Owner, nora: Traces
) -> None:
    db.execute("set session authorization default")
    db.execute("delete from credits.stripe_customers")
    db.execute("set session authorization test_service")
    erase(db, NORA, EMAIL.swapcase())
    assert columns_with(owner, EMAIL) == set()


def test_address_that_a_gift_was_redeemed_with_is_removed_from_all_without_being_told(
    db: Connection, owner: Owner
) -> None:
    give(db, "friend", 20)
    redeemed = gift(db, "friend", 2, target_email=EMAIL)
    for address in (EMAIL, EMAIL.upper(), "other@example.org"):
        gift(db, "friend", 2, target_email=address)
    redeem(db, redeemed["code"], NORA, email=EMAIL.lower())
    erase(db, NORA)
    assert columns_with(owner, EMAIL) == set()
    assert columns_with(owner, "other@example.org") == {"gifts.gift_codes.target_email"}


def redeems_pending_gifts(db: Connection, api: Api) -> None:
    call(db, "gifts.redeem_pending_gifts", user_id=NORA, email=EMAIL)


def redeems_a_gift_for_everybody(db: Connection, api: Api) -> None:
    redeem(db, gift(db, "friend", 1)["code"], NORA, email=EMAIL)


def fails_to_redeem(db: Connection, api: Api) -> None:
    redeem(db, gift(db, "friend", 1, target_matrix_id="@other")["code"], NORA, email=EMAIL)


def has_another_address_at_stripe_since(db: Connection, api: Api) -> None:
    for customer, email, replaces in (("cus_1", EMAIL, None), ("cus_2", "n@example.org", "cus_1")):
        call(
            api,
            "credits.save_stripe_customer",
            user_id=NORA,
            stripe_customer_id=customer,
            email=email,
            replaces=replaces,
        )


@pytest.mark.parametrize(
    "meet",
    [
        redeems_pending_gifts,
        redeems_a_gift_for_everybody,
        fails_to_redeem,
        has_another_address_at_stripe_since,
    ],
    ids=lambda meet: meet.__name__,
)
def test_address_by_which_a_person_was_met_is_removed_from_gifts_without_being_told(
    db: Connection, owner: Owner, api: Api, meet: Callable[[Connection, Api], None]
) -> None:
    give(db, "friend", 20)
    meet(db, api)
    for address in (EMAIL.upper(), "other@example.org"):
        gift(db, "friend", 2, target_email=address)
    assert erase(db, NORA)["deleted_count"] > 0
    assert columns_with(owner, EMAIL) == columns_with(owner, NORA) == set()
    assert columns_with(owner, "other@example.org") == {"gifts.gift_codes.target_email"}


def test_address_of_an_erased_person_is_not_known_as_that_of_the_next_one(
    db: Connection, owner: Owner, api: Api
) -> None:
    redeems_pending_gifts(db, api)
    erase(db, NORA)
    give(db, "friend", 20)
    gift(db, "friend", 2, target_email=EMAIL)
    erase(db, NORA)
    assert columns_with(owner, EMAIL) == {"gifts.gift_codes.target_email"}


def test_address_by_which_a_person_was_met_is_kept_as_a_hash_alone(
    db: Connection, owner: Owner, api: Api
) -> None:
    redeems_pending_gifts(db, api)
    assert columns_with(owner, EMAIL) == set()


def test_matrix_id_that_a_gift_was_redeemed_with_goes_from_other_gifts(
    db: Connection, owner: Owner
) -> None:
    give(db, "friend", 10)
    redeemed = gift(db, "friend", 2, target_matrix_id=MATRIX_ID)
    waiting = gift(db, "friend", 2, target_matrix_id=MATRIX_ID)
    redeem(db, redeemed["code"], NORA, matrix_id=MATRIX_ID)
    erase(db, NORA)
    row = owner.execute(
        "select target_email, target_matrix_id from gifts.gift_codes where code = %s",
        (waiting["code"],),
    ).fetchone()
    assert row is not None
    assert MATRIX_ID not in row.values()


def test_matrix_id_beside_the_address_that_a_gift_was_redeemed_with_may_be_somebody_elses(
    db: Connection, owner: Owner
) -> None:
    give(db, "friend", 10)
    shared = gift(db, "friend", 2, target_email=EMAIL, target_matrix_id="@other:example.org")
    waiting = gift(db, "friend", 2, target_matrix_id="@other:example.org")
    redeem(db, shared["code"], NORA, email=EMAIL)
    erase(db, NORA)
    row = owner.execute(
        "select target_matrix_id from gifts.gift_codes where code = %s", (waiting["code"],)
    ).fetchone()
    assert row == {"target_matrix_id": "@other:example.org"}


@pytest.mark.parametrize("email", ["", "x", "a b@example.org"])
def test_what_is_no_address_is_refused(db: Connection, email: str) -> None:
    with refused(db, "UC001") as refusal:
        erase(db, NORA, email=email)
    assert list(refusal.details) == ["email"]


def test_address_beside_the_matrix_id_that_a_gift_was_redeemed_with_may_be_somebody_elses(
    db: Connection, owner: Owner
) -> None:
    give(db, "friend", 20)
    shared = gift(db, "friend", 2, target_email="other@example.org", target_matrix_id=MATRIX_ID)
    waiting = gift(db, "friend", 2, target_email="other@example.org")
    redeem(db, shared["code"], NORA, matrix_id=MATRIX_ID)
    pseudonym = erase(db, NORA)["pseudonym"]
    assert gift_row(owner, shared["code"])["target_email"] == pseudonym
    assert gift_row(owner, waiting["code"])["target_email"] == "other@example.org"


def test_what_an_erasure_left_of_a_redeemed_gift_is_nobodys_address(
    db: Connection, owner: Owner
) -> None:
    for creator in ("friend", "other"):
        give(db, creator, 20)
    redeemed = gift(db, "friend", 2, target_email=EMAIL)
    gift(db, "other", 2, target_email="somebody@example.org")
    redeem(db, redeemed["code"], NORA, email=EMAIL)
    pseudonym_of_other = erase(db, "other")["pseudonym"]
    erase(db, "friend")
    pseudonym = erase(db, NORA)["pseudonym"]
    targets = owner.execute(
        "select creator_id, target_email from gifts.gift_codes where target_email is not null"
    ).fetchall()
    by_other = [row["target_email"] for row in targets if row["creator_id"] == pseudonym_of_other]
    assert by_other == [""]
    assert pseudonym in {row["target_email"] for row in targets}


def test_digests_of_what_they_wrote_are_removed(db: Connection, owner: Owner, nora: Traces) -> None:
    pseudonym = erase(db, NORA, EMAIL)["pseudonym"]
    found = owner.execute(
        """
        select request_digest, coalesce(riddle_answer_hash, '') as hash from gifts.gift_codes
        where creator_id = %s
        """,
        (pseudonym,),
    ).fetchall()
    assert len(found) == 3
    assert {(bytes(row["request_digest"]), row["hash"]) for row in found} == {(b"", "")}


def test_pseudonym_cannot_be_found_from_the_person(
    db: Connection, owner: Owner, nora: Traces
) -> None:
    with db.transaction(force_rollback=True):
        first = erase(db, NORA)["pseudonym"]
    assert erase(db, NORA)["pseudonym"] != first


def test_others_keep_what_names_them(db: Connection, owner: Owner, nora: Traces) -> None:
    before = columns_with(owner, "friend"), columns_with(owner, "treasurer")
    erase(db, NORA, EMAIL)
    theirs = {"gifts.gift_codes.target_email", "gifts.gift_codes.target_matrix_id"}
    after = columns_with(owner, "friend"), columns_with(owner, "treasurer")
    assert after == (before[0] - theirs, before[1])

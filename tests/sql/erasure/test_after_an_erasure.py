"""What arrives for somebody who has been erased, and what they had received."""

from databases import Connection, Owner
from sql.books import add_package
from sql.calls import call, gift, give, redeem
from sql.conftest import Api

MATRIX_ID = "@zoe:example.org"


def test_purchase_paid_after_the_erasure_is_credited_and_forfeited(
    db: Connection, owner: Owner, api: Api
) -> None:
    package = add_package(owner)
    begun = call(api, "credits.begin_purchase", user_id="zoe", package_id=package["id"])
    call(db, "credits.erase_user", user_id="zoe")

    paid = call(
        api,
        "credits.complete_purchase",
        user_id="zoe",
        purchase_id=begun["purchase_id"],
        amount_cents=499,
        currency="eur",
    )

    assert (paid["outcome"], paid["balance"]) == ("completed", 0)
    rows = owner.execute(
        "select user_id like 'erased:%' as erased, type::text, balance_after"
        " from credits.transactions where type in ('purchase', 'erasure') order by id"
    ).fetchall()
    assert [(row["erased"], row["type"]) for row in rows] == [(True, "purchase"), (True, "erasure")]
    assert rows[-1]["balance_after"] == 0


def test_addresses_of_gifts_that_were_redeemed_go(db: Connection, owner: Owner) -> None:
    give(db, "friend", 10)
    by_mail = gift(db, "friend", 1, target_email="zoe@example.org")
    by_matrix = gift(db, "friend", 1, target_matrix_id=MATRIX_ID)
    redeem(db, by_mail["code"], "zoe", email="Zoe@example.org")
    redeem(db, by_matrix["code"], "zoe", matrix_id=MATRIX_ID)

    call(db, "credits.erase_user", user_id="zoe")

    kept = owner.execute("select target_email, target_matrix_id from gifts.gift_codes").fetchall()
    assert len(kept) == 2
    assert not any("zoe" in str(row) for row in kept)

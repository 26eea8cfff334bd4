"""credits.get_balance."""

from decimal import Decimal

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import call, gift, give, use


def test_user_never_seen_has_zeros(db: Connection) -> None:
    answer = call(db, "credits.get_balance", user_id="nobody")
    figures = ("balance", "total_earned", "total_spent", "reserved", "transactions_count")
    assert [answer[name] for name in figures] == [0] * 5


def test_reading_writes_nothing(db: Connection, owner: Owner) -> None:
    call(db, "credits.get_balance", user_id="nobody")
    found = owner.execute("select from credits.balances where user_id = 'nobody'").fetchall()
    assert not found


def test_figures_follow_what_came_in_and_went_out(db: Connection) -> None:
    give(db, "u1", Decimal("10.5"))
    use(db, "u1", Decimal("0.02"))
    answer = call(db, "credits.get_balance", user_id="u1")
    assert answer["balance"] == Decimal("10.48")
    assert answer["total_earned"] == Decimal("10.5")
    assert answer["total_spent"] == Decimal("0.02")
    assert answer["reserved"] == 0


def test_transactions_are_counted(db: Connection) -> None:
    give(db, "u1", 10)
    use(db, "u1", 1)
    gift(db, "u1", 2)
    assert call(db, "credits.get_balance", user_id="u1")["transactions_count"] == 3


def test_one_user_does_not_see_another_ones_credits(db: Connection) -> None:
    give(db, "u1", 10)
    assert call(db, "credits.get_balance", user_id="u2")["balance"] == 0


@pytest.mark.parametrize("user_id", ["", "x" * 129, "a\nb", None])
def test_what_cannot_be_a_user_is_refused(db: Connection, user_id: str | None) -> None:
    with refused(db, "UC001") as refusal:
        call(db, "credits.get_balance", user_id=user_id)
    assert list(refusal.details) == ["userId"]

"""Holds, dated grants, payments that go back and erasures: calls, and what only time can do."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.sql.books import add_package
from tests.sql.calls import Row, Session, call, rows

HOUR = 3600.0

Call = Callable[..., Row]


def reserve(session: Session, user_id: str, amount: object, **more: object) -> Row:
    """Set credits of a user aside, or with guild_id credits of a pool."""
    return call(
        session,
        "credits.reserve_credits",
        **{"user_id": user_id, "amount": amount, "reason": "A long answer", **more},
    )


def extend(session: Session, held: Row, seconds: object) -> Row:
    """Let what was set aside stay so from now on."""
    return call(
        session,
        "credits.extend_reservation",
        reservation_id=held["reservation_id"],
        expires_in_seconds=seconds,
    )


def commit(session: Session, held: Row, **more: object) -> Row:
    """Use what was set aside."""
    return call(
        session,
        "credits.commit_reservation",
        **{"reservation_id": held["reservation_id"], **more},
    )


def release(session: Session, held: Row) -> Row:
    """Free what was set aside."""
    return call(session, "credits.release_reservation", reservation_id=held["reservation_id"])


def grant(
    session: Session, user_id: str, amount: object, reference_id: str = "r", **more: object
) -> Row:
    """Give credits to a user; with expires_in, for so many seconds."""
    expires_in = more.pop("expires_in", None)
    if expires_in is not None:
        row = session.execute(
            "select clock_timestamp() + make_interval(secs => %s) as at", (expires_in,)
        ).fetchone()
        assert row is not None
        more["expires_at"] = row["at"]
    return call(
        session,
        "credits.grant_credits",
        **{
            "user_id": user_id,
            "amount": amount,
            "reason": "Bonus",
            "reference_id": reference_id,
            **more,
        },
    )


def refund(session: Session, user_id: str, usage: UUID, amount: object, **more: object) -> Row:
    """Give back of a usage."""
    return call(
        session,
        "credits.refund_credits",
        **{
            "user_id": user_id,
            "amount": amount,
            "description": "Broken answer",
            "transaction_id": usage,
            **more,
        },
    )


def figures(session: Session, user_id: str, at: datetime | None = None) -> Row:
    """The balance of a user, now or at a moment."""
    return call(session, "credits.get_balance", user_id=user_id, at=at)


def expiring(session: Session, user_id: str) -> list[Any]:
    """The amounts that will expire, soonest first."""
    return [entry["amount"] for entry in figures(session, user_id)["expiring"] or []]


def expire_due(session: Session) -> int:
    """Write down what time has done; how many accounts that was."""
    return int(call(session, "credits.expire_due")["expire_due"])


def erase(session: Session, user_id: str, email: str | None = None) -> Row:
    """Erase a person."""
    return call(session, "credits.erase_user", user_id=user_id, email=email)


def spending(session: Session, organization_id: str, user_id: str) -> Row:
    """The credits of a pool that a member has spent."""
    return call(session, "credits.get_spending", organization_id=organization_id, user_id=user_id)


def hold_row(superuser: Session, held: Row) -> Row:
    """A reservation as it is kept."""
    row = superuser.execute(
        "select * from credits.reservations where id = %s", (held["reservation_id"],)
    ).fetchone()
    assert row is not None
    return row


def remaining(superuser: Session, user_id: str) -> list[Any]:
    """The rest of each of a user's dated credits, in the order in which they were granted."""
    found = superuser.execute(
        """
        select case when e.lot_id = l.id then e.lot_left else l.remaining end as remaining
        from credits.lots l
        join lateral (
            select * from credits.entries e
            where e.account_id = l.account_id and e.kind = 'person'
            order by e.sequence desc
            limit 1
        ) e on true
        where l.account_id = %s
        order by l.id
        """,
        (user_id,),
    )
    return [row["remaining"] for row in found.fetchall()]


def let_hold_run_out(superuser: Session, held: Row) -> None:
    """Let a hold's time be over, as if it had been made for less."""
    _end_now(superuser, "reservations", held["reservation_id"])


def let_grant_run_out(superuser: Session, granted: Row) -> None:
    """Let the date of granted credits be over, as if they had been granted for less."""
    _end_now(superuser, "lots", granted["transaction_id"])


# Columns that say when a hold or a lot ends; entries say it as well.
_END_NOW = """
    with over as materialized (
        update credits.{table} t set expires_at = credits._now() where t.id = %s
        returning t.account_id, {kind} as kind, t.id, t.expires_at
    )
    update credits.entries e
    set
        ends_at = case when e.sequence = s.sequence then o.expires_at else e.ends_at end,
        due_after = least(e.due_after, o.expires_at)
    from over o
    cross join lateral (
        select max(m.sequence) as sequence
        from credits.entries m
        where m.account_id = o.account_id and m.kind = o.kind
            and ((m.type = 'hold' and m.reference_id = o.id::text) or m.id = o.id)
    ) s
    where e.account_id = o.account_id and e.kind = o.kind and e.sequence >= s.sequence
"""


def _end_now(superuser: Session, table: str, which: object) -> None:
    kind = "t.kind" if table == "reservations" else "'person'::credits.account_kind"
    switch = "alter table credits.{} {} trigger protect_ledger"
    for protected in ("entries", table):
        superuser.execute(switch.format(protected, "disable"))
    superuser.execute(_END_NOW.format(table=table, kind=kind), (which,))
    for protected in ("entries", table):
        superuser.execute(switch.format(protected, "enable always"))


class Payments:
    """Purchases, and what Stripe tells of them. The session has the rights of the HTTP layer."""

    def __init__(self, api: Session, package: Row) -> None:
        self._api = api
        self._package = package

    @classmethod
    def for_a_package(cls, superuser: Session, api: Session, **columns: object) -> "Payments":
        """A purchase of a package of 500 credits for 10.00 €, unless told otherwise."""
        return cls(api, add_package(superuser, **{"price_euro_cents": 1000, **columns}))

    def begin(self, user_id: str) -> Row:
        """Begin a purchase."""
        begun = call(
            self._api,
            "credits.begin_purchase",
            user_id=user_id,
            package_id=self._package["id"],
        )
        return {**begun, "user_id": user_id}

    def complete(self, purchase: Row) -> Row:
        """Report that it was paid."""
        return call(
            self._api,
            "credits.complete_purchase",
            user_id=purchase["user_id"],
            purchase_id=purchase["purchase_id"],
            amount_cents=purchase["price_euro_cents"],
            currency="eur",
        )

    def buy(self, user_id: str) -> Row:
        """Begin and complete a purchase."""
        purchase = self.begin(user_id)
        self.complete(purchase)
        return purchase

    def refunded(self, purchase: Row, cents: object, seen: object = None) -> Row:
        """Report how much of it is refunded in all."""
        return call(
            self._api,
            "credits.record_reversal",
            user_id=purchase["user_id"],
            purchase_id=purchase["purchase_id"],
            cents=cents,
            seen=seen,
        )

    def disputed(
        self,
        purchase: Row,
        status: str | None,
        cents: int | None = 1000,
        dispute: str = "dp_1",
        seen: object = None,
    ) -> Row:
        """Report how a dispute about it stands."""
        return call(
            self._api,
            "credits.record_reversal",
            user_id=purchase["user_id"],
            purchase_id=purchase["purchase_id"],
            stripe_dispute_id=dispute,
            cents=cents,
            status=status,
            seen=seen,
        )

    def seen(self, purchase: Row) -> object:
        """Return how often refunds and disputes of it were noted."""
        found = call(
            self._api,
            "credits.find_purchase",
            user_id=purchase["user_id"],
            purchase_id=purchase["purchase_id"],
        )
        return found["reversals_version"]

    def list(self, user_id: str) -> list[Row]:
        """A user's purchases."""
        return rows(self._api, "credits.list_purchases", user_id=user_id)

"""Looking into the tables, and doing by hand what only a superuser can."""

from decimal import Decimal

from tests.sql.calls import Row, Session


def ledger(superuser: Session, user_id: str) -> list[Row]:
    """A user's ledger, oldest row first."""
    return superuser.execute(
        "select * from credits.transactions where user_id = %s order by sequence", (user_id,)
    ).fetchall()


def pool_ledger(superuser: Session, organization_id: str) -> list[Row]:
    """A pool's ledger, oldest row first."""
    return superuser.execute(
        "select * from credits.guild_transactions where organization_id = %s order by sequence",
        (organization_id,),
    ).fetchall()


def pool_balance(superuser: Session, organization_id: str) -> Decimal:
    """The credits of a pool."""
    row = superuser.execute(
        "select balance from credits.guild_pools where organization_id = %s", (organization_id,)
    ).fetchone()
    assert row is not None
    return Decimal(row["balance"])


def attempts(superuser: Session, code: str) -> list[tuple[str, str]]:
    """Attempts to redeem a gift: by whom and how they ended, oldest first."""
    found = superuser.execute(
        "select redeemer_user_id, status from gifts.gift_redemptions where code = %s order by id",
        (code,),
    ).fetchall()
    return [(row["redeemer_user_id"], row["status"]) for row in found]


def gift_row(superuser: Session, code: str) -> Row:
    """A gift as it is kept."""
    row = superuser.execute("select * from gifts.gift_codes where code = %s", (code,)).fetchone()
    assert row is not None
    return row


def run_out(superuser: Session, code: str) -> None:
    """Let a gift's time be over."""
    superuser.execute(
        """
        update gifts.gift_codes set expires_at = clock_timestamp() - interval '1 second'
        where code = %s
        """,
        (code,),
    )


def fill_balance(superuser: Session, user_id: str, *, room: int = 0) -> None:
    """Bring a user's balance to the most that one can hold, less the room that is left."""
    superuser.execute(
        """
        select credits._post(
            b.user_id, 'person', 'refund', 999999999999.999999 - b.balance - b.reserved - %s,
            p_description => 'Filled'
        )
        from credits.balances b where b.user_id = %s
        """,
        (room, user_id),
    )


def fill_pool(superuser: Session, organization_id: str) -> None:
    """Bring a pool to the most that one can hold; the user `tycoon` has funded it."""
    superuser.execute("select credits._open_account('tycoon', 'person')")
    fill_balance(superuser, "tycoon")
    (row,) = superuser.execute(
        """
        select 999999999999.999999 - balance - reserved as amount, (sequence + 1)::text as next
        from credits.guild_pools where organization_id = %s
        """,
        (organization_id,),
    ).fetchall()
    superuser.execute(
        """
        with own as materialized (
            select (credits._post(
                'tycoon', 'person', 'guild_funding', -%(amount)s, p_description => 'Filled',
                p_other_id => %(guild)s, p_reference_id => %(next)s
            )).sequence
        )
        select credits._post(
            %(guild)s, 'pool', 'funding', %(amount)s, p_description => 'Filled',
            p_other_id => 'tycoon', p_reference_id => own.sequence::text
        )
        from own
        """,
        {**row, "guild": organization_id},
    )


def add_package(superuser: Session, **columns: object) -> Row:
    """Insert a package as a DBA does; 500 credits for 4.99 € unless told otherwise."""
    values = {"name": "500 credits", "credits": 500, "price_euro_cents": 499, **columns}
    row = superuser.execute(
        "insert into credits.packages ({}) values ({}) returning *".format(
            ", ".join(values), ", ".join(f"%({name})s" for name in values)
        ),
        values,
    ).fetchone()
    assert row is not None
    return row


def purchase_row(superuser: Session, purchase_id: object) -> Row:
    """A purchase as it is kept."""
    row = superuser.execute(
        "select * from credits.purchases where id = %s", (purchase_id,)
    ).fetchone()
    assert row is not None
    return row


def fold_usage(superuser: Session, user_id: str) -> None:
    """Fold all of a user's usage, as the writers do it at every 256th entry."""
    superuser.execute(
        "select credits._fold_usage(user_id, sequence) from credits.balances where user_id = %s",
        (user_id,),
    )


def seal(superuser: Session, limit: int = 1000) -> None:
    """Seal every ledger as it is now."""
    after: str | None = ""
    while after is not None:
        row = superuser.execute(
            "select next_after from credits.seal(%s, %s)", (after, limit)
        ).fetchone()
        assert row is not None
        after = row["next_after"]

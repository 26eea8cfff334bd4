"""Moving in from databases of the predecessor: what comes, and what it is here."""

import time
from collections.abc import Iterator
from decimal import Decimal
from uuid import uuid4

import psycopg
import pytest

from tests.databases import (
    LOGIN_PASSWORD,
    Connection,
    Database,
    Server,
    assert_books_balance,
    clone,
    refused,
)
from tests.deployments import Outcome, move_in, moved, reconcile
from tests.predecessor import Predecessor, new_code
from tests.sql.books import gift_row, ledger, pool_balance, pool_ledger, purchase_row
from tests.sql.calls import call, rows, use, use_guild
from tests.sql.lifecycle import commit, figures, grant, spending


@pytest.fixture(scope="module")
def database(server: Server, migrated: str) -> Iterator[Database]:
    """The database into which everybody of this module moves."""
    with clone(server, migrated, "mana_credits_import") as copy:
        yield copy
        assert_books_balance(copy.connect())


@pytest.fixture(scope="module")
def admin(database: Database) -> Connection:
    return database.connect()


@pytest.fixture(scope="module")
def service(database: Database) -> Connection:
    return database.connect("service")


@pytest.fixture
def ada() -> str:
    return f"ada-{uuid4().hex}"


@pytest.fixture
def bob() -> str:
    return f"bob-{uuid4().hex}"


@pytest.fixture
def cleo() -> str:
    return f"cleo-{uuid4().hex}"


@pytest.fixture
def newcomer() -> str:
    return f"new-{uuid4().hex}"


@pytest.fixture
def guild() -> str:
    return f"guild-{uuid4().hex}"


@pytest.fixture
def code() -> str:
    return new_code()


@pytest.fixture
def other_code() -> str:
    return new_code()


def figures_of(outcome: Outcome, what: str) -> list[str]:
    """A line of the totals: number and credits there, then here."""
    (line,) = (line for line in outcome.output.splitlines() if line.startswith(what))
    return line.removeprefix(what).split()


def test_each_person_has_one_opening_entry(
    portions: Predecessor,
    database: Database,
    admin: Connection,
    service: Connection,
    ada: str,
    bob: str,
) -> None:
    portions.person(ada, 100, total_earned=340, total_spent=240)
    portions.person(bob, 0)

    outcome = moved(portions, database)

    assert figures_of(outcome, "people") == ["2", "100", "2", "100"]
    (opening,) = ledger(admin, ada)
    assert (opening["type"], opening["reference_id"], opening["amount"]) == (
        "grant",
        "opening",
        100,
    )
    assert opening["metadata"] == {"totalEarned": 340, "totalSpent": 240}
    assert opening["called_by"] == database.server.user
    # A balance of nothing has an entry, too, so that nobody comes twice, but no statement.
    assert ledger(admin, bob) == []
    assert figures(service, bob)["balance"] == 0
    assert use(service, ada, 100)["balance"] == 0


def test_older_generation_comes_with_pools_and_portions(
    portions: Predecessor, database: Database, admin: Connection, ada: str, guild: str, code: str
) -> None:
    package = portions.package(name="A lot", stripe_price_id="price_1", sort_order=3)
    portions.person(ada, 100)
    portions.purchase(ada, package)
    portions.insert("credits.stripe_customers", user_id=ada, stripe_customer_id=f"cus_{ada}")
    portions.gift(code, ada, 50, total_portions=5, claimed_portions=2, type="split")
    portions.insert("credits.guild_pools", organization_id=guild, balance=70, total_funded=90)
    portions.insert(
        "credits.guild_spending_limits", organization_id=guild, user_id=ada, daily_limit=9
    )

    outcome = moved(portions, database)

    assert figures_of(outcome, "open gift codes") == ["1", "30", "1", "30"]
    assert figures_of(outcome, "portions claimed of them") == ["2", "2"]
    assert figures_of(outcome, "guild pools") == ["1", "70", "1", "70"]
    assert figures_of(outcome, "purchases") == ["1", "500", "1", "500"]
    assert pool_balance(admin, guild) == 70
    kept = admin.execute(
        """
        select p.name, p.stripe_price_id, p.sort_order, c.stripe_customer_id, l.daily_limit
        from credits.packages p, credits.stripe_customers c, credits.guild_spending_limits l
        where p.id = %s and c.user_id = %s and l.organization_id = %s
        """,
        (package, ada, guild),
    ).fetchall()
    assert [tuple(row.values()) for row in kept] == [("A lot", "price_1", 3, f"cus_{ada}", 9)]


def test_newer_generation_comes_with_holds(
    flags: Predecessor,
    database: Database,
    admin: Connection,
    service: Connection,
    ada: str,
    code: str,
    other_code: str,
) -> None:
    flags.person(ada, 70)
    flags.gift(code, ada, 50)
    flags.gift(other_code, ada, 5, redeemed=1)
    held = flags.insert("credits.reservations", user_id=ada, amount=30, reason="research:deep")
    flags.insert("credits.reservations", user_id=ada, amount=9, reason="x", status="refunded")

    outcome = moved(flags, database)

    assert figures_of(outcome, "open holds") == ["1", "30", "1", "30"]
    assert figures_of(outcome, "open gift codes") == ["1", "50", "1", "50"]
    now = figures(service, ada)
    assert (now["balance"], now["reserved"]) == (70, 30)
    # Whoever holds it commits it under the id that it has.
    commit(service, {"reservation_id": held["id"]})
    assert [row["amount"] for row in ledger(admin, ada)] == [150, -50, -30]
    assert ledger(admin, ada)[-1]["app_id"] == "research"


def test_grant_of_before_is_not_given_again(
    flags: Predecessor, database: Database, admin: Connection, service: Connection, ada: str
) -> None:
    flags.person(ada, 5)
    flags.granted(ada, 5, "wish-17")

    outcome = moved(flags, database)

    assert figures_of(outcome, "references of grants") == ["1", "1"]
    again = grant(service, ada, 500, "wish-17")
    assert (again["already_granted"], again["new_balance"]) == (True, 5)
    assert [row["amount"] for row in ledger(admin, ada)] == [5]


def test_grant_of_before_is_not_given_again_to_who_has_no_balance(
    flags: Predecessor, database: Database, admin: Connection, service: Connection, ada: str
) -> None:
    flags.granted(ada, 5, "wish-17")

    moved(flags, database)

    assert grant(service, ada, 500, "wish-17")["already_granted"]
    assert figures(service, ada)["balance"] == 0


def test_app_of_a_hold_is_told_by_its_reason_if_that_is_an_id(
    flags: Predecessor, database: Database, admin: Connection, ada: str
) -> None:
    reasons = {"research:deep": "research", "": "unknown", "a\nb:": "unknown", "x" * 129: "unknown"}
    flags.person(ada, 0)
    held = {
        flags.insert("credits.reservations", user_id=ada, amount=1, reason=reason)["id"]: app
        for reason, app in reasons.items()
    }
    moved(flags, database)
    found = admin.execute("select id, app_id from credits.reservations where user_id = %s", (ada,))
    assert {row["id"]: row["app_id"] for row in found} == held


@pytest.mark.parametrize("kind", ["double precision", "numeric(20, 8)"])
def test_fractions_are_exact_and_what_is_rounded_is_told(
    portions: Predecessor, database: Database, service: Connection, kind: str, ada: str, bob: str
) -> None:
    portions.connection.execute(
        f"alter table credits.balances alter column balance type {kind}".encode()
    )
    portions.insert("credits.balances", user_id=ada, balance=Decimal("0.1"))
    portions.insert("credits.balances", user_id=bob, balance=Decimal("0.20000004"))

    outcome = moved(portions, database)

    assert figures_of(outcome, "people") == ["2", "0.3", "2", "0.3"]
    assert "balances are 0.00000004 less" in outcome.output
    portions.connection.execute("alter table credits.balances alter column balance type integer")
    assert figures(service, bob)["balance"] == Decimal("0.2")


def test_what_was_claimed_of_a_gift_counts(
    portions: Predecessor,
    database: Database,
    admin: Connection,
    service: Connection,
    ada: str,
    bob: str,
    cleo: str,
    code: str,
) -> None:
    portions.person(ada, 0)
    gift = portions.gift(code, ada, 100, total_portions=3, claimed_portions=2, type="split")
    portions.redeemed(gift, bob, 1, 33)
    # Nothing there kept somebody from claiming twice.
    portions.redeemed(gift, bob, 2, 33)
    moved(portions, database)

    again = call(service, "gifts.redeem_gift", code=f"{code[:3].lower()} {code[3:]}", user_id=bob)
    assert again["status"] == "failed_already_claimed"
    last = call(service, "gifts.redeem_gift", code=f"{code[:3].lower()} {code[3:]}", user_id=cleo)
    assert (last["status"], last["credits_received"], last["portion_number"]) == ("success", 33, 3)
    assert gift_row(admin, code)["status"] == "depleted"
    (received,) = rows(admin, "gifts.list_received_gifts", user_id=bob)
    assert (received["code"], received["credits"]) == (code, 33)


def test_cancelled_gift_gives_back_what_nobody_claimed(
    portions: Predecessor,
    database: Database,
    admin: Connection,
    service: Connection,
    ada: str,
    code: str,
) -> None:
    portions.person(ada, 5)
    portions.gift(code, ada, 100, total_portions=3, claimed_portions=1, type="first_come")
    moved(portions, database)
    assert figures(service, ada)["balance"] == 5

    gift = gift_row(admin, code)
    back = call(service, "gifts.cancel_gift", gift_id=gift["id"], creator_id=ada)
    assert (back["refunded_credits"], back["balance"]) == (66, 71)


def test_gift_past_its_time_goes_back_to_its_creator(
    flags: Predecessor, database: Database, service: Connection, ada: str, bob: str, code: str
) -> None:
    flags.person(ada, 5)
    flags.gift(code, ada, 50, expires_at=flags.ago("1 hour"))
    moved(flags, database)

    assert call(service, "gifts.redeem_gift", code=code, user_id=bob)["status"] == "failed_expired"
    call(service, "gifts.expire_gifts")
    assert figures(service, ada)["balance"] == 55


def test_closed_gifts_stay_there(
    portions: Predecessor, database: Database, admin: Connection, ada: str, code: str
) -> None:
    portions.person(ada, 5)
    for status in ("cancelled", "depleted", "expired"):
        portions.gift(new_code(), ada, 50, status=status)
    # Its last portion was claimed.
    portions.gift(code, ada, 50, claimed_portions=1)

    outcome = moved(portions, database)

    assert figures_of(outcome, "open gift codes") == ["0", "0", "0", "0"]
    assert rows(admin, "gifts.list_created_gifts", user_id=ada) == []


def test_parts_of_a_gift_count_that_counted_there(
    portions: Predecessor, database: Database, admin: Connection, ada: str
) -> None:
    portions.person(ada, 5)
    given: dict[str, dict[str, object]] = {
        "ABC22A": {"type": "personalized", "target_email": "Bob@Example.org"},
        "ABC22B": {"type": "personalized", "target_matrix_id": "@bob:example.org"},
        "ABC22C": {"type": "personalized"},
        "ABC22D": {"type": "simple", "target_email": "not read"},
        "ABC22E": {"type": "riddle", "riddle_question": "Who?"},
        "ABC22F": {"type": "simple", "total_portions": 5},
        "ABC22G": {"type": "simple", "expires_at": None, "message": "x" * 900},
        # Any number of days could be asked for there.
        "ABC22H": {"type": "simple", "expires_at": portions.ago("-100000 days")},
    }
    for code, parts in given.items():
        portions.gift(code, ada, 50, **parts)
    moved(portions, database)

    gifts = {code: gift_row(admin, code) for code in given}
    kinds = [gift["type"] for gift in gifts.values()]
    assert kinds == ["personalized"] * 2 + ["simple"] * 3 + ["split", "simple", "simple"]
    assert gifts["ABC22A"]["target_email"] == "Bob@Example.org"
    assert gifts["ABC22B"]["target_matrix_id"] == "@bob:example.org"
    assert gifts["ABC22D"]["target_email"] is None
    assert gifts["ABC22E"]["riddle_question"] is None
    assert gifts["ABC22F"]["credits_per_portion"] == 10
    assert len(gifts["ABC22G"]["message"]) == 500
    assert gifts["ABC22H"]["expires_at"] == gifts["ABC22G"]["expires_at"]
    listed = rows(admin, "gifts.list_created_gifts", user_id=ada)
    assert {gift["code"] for gift in listed} == given.keys()


def test_gift_for_nobody_in_particular_opens_for_everybody(
    portions: Predecessor,
    database: Database,
    admin: Connection,
    service: Connection,
    ada: str,
    bob: str,
    code: str,
) -> None:
    portions.person(ada, 100)
    portions.gift(code, ada, type="personalized", target_email="", target_matrix_id="")
    portions.connection.execute("update gifts.gift_codes set expires_at = 'infinity'")
    moved(portions, database)
    assert gift_row(admin, code)["expires_at"].year < 9999
    assert call(service, "gifts.redeem_gift", code=code, user_id=bob)["status"] == "success"


def test_payments_without_a_name_are_each_a_purchase(
    portions: Predecessor, flags: Predecessor, database: Database, admin: Connection, ada: str
) -> None:
    bought = []
    for before in (portions, flags):
        before.person(ada, 0) if before is portions else None
        bought.append(before.purchase(ada, stripe_payment_intent_id="", status="pending"))
    assert move_in(portions.url, database).status == 0
    assert move_in(flags.url, database).status == 0
    kept = [purchase_row(admin, purchase)["stripe_payment_intent_id"] for purchase in bought]
    assert kept == [None, None]


def test_gift_for_an_address_waits_for_who_registers(
    flags: Predecessor, database: Database, service: Connection, ada: str, bob: str, code: str
) -> None:
    flags.person(ada, 5)
    flags.gift(code, ada, 50, type="personalized", target_email=f"{bob}@example.org")
    moved(flags, database)

    found = call(
        service, "gifts.redeem_pending_gifts", user_id=bob, email=f"{bob.upper()}@example.org"
    )
    assert (found["redeemed_count"], found["total_credits"]) == (1, 50)


def test_refund_reported_later_takes_the_credits_of_a_purchase(
    flags: Predecessor, database: Database, admin: Connection, ada: str
) -> None:
    flags.person(ada, 300)
    bought = flags.purchase(ada, stripe_payment_intent_id="pi_1")
    moved(flags, database)

    found = call(admin, "credits.find_purchase", stripe_payment_intent_id="pi_1")
    assert (found["user_id"], found["purchase_id"]) == (ada, bought)
    taken = call(admin, "credits.record_reversal", user_id=ada, purchase_id=bought, cents=499)
    # 200 of them are spent: a debt.
    assert (taken["clawed_back"], taken["balance"]) == (500, -200)


def test_open_purchase_is_credited_when_it_is_paid(
    flags: Predecessor,
    database: Database,
    admin: Connection,
    service: Connection,
    ada: str,
    bob: str,
) -> None:
    # They have never had a balance.
    pending = flags.purchase(ada, status="pending", completed_at=None)
    failed = flags.purchase(bob, status="failed", completed_at=None)
    moved(flags, database)

    for user_id, bought in ((ada, pending), (bob, failed)):
        done = call(
            admin,
            "credits.complete_purchase",
            user_id=user_id,
            purchase_id=bought,
            amount_cents=499,
            currency="eur",
            stripe_payment_intent_id=purchase_row(admin, bought)["stripe_payment_intent_id"],
        )
        assert done["outcome"] == "completed"
        assert figures(service, user_id)["balance"] == 500


def test_failure_after_success_left_the_credits_and_the_purchase_is_completed(
    flags: Predecessor, database: Database, admin: Connection, ada: str
) -> None:
    flags.person(ada, 500)
    bought = flags.purchase(ada, status="failed")
    moved(flags, database)
    assert purchase_row(admin, bought)["status"] == "completed"
    again = call(
        admin,
        "credits.complete_purchase",
        user_id=ada,
        purchase_id=bought,
        amount_cents=499,
        currency="eur",
    )
    assert again["outcome"] == "already_completed"


def test_purchases_are_listed_newest_first_whatever_their_ids(
    flags: Predecessor, database: Database, admin: Connection, ada: str
) -> None:
    ids = [flags.purchase(ada, created_at=flags.ago(f"{days} days")) for days in range(6)]
    moved(flags, database)
    found = []
    cursor = None
    while page := rows(admin, "credits.list_purchases", user_id=ada, limit=2, cursor=cursor):
        found += [row["id"] for row in page]
        cursor = found[-1]
    assert found == ids


def test_what_members_spent_this_month_counts_for_their_limits(
    portions: Predecessor,
    database: Database,
    admin: Connection,
    service: Connection,
    ada: str,
    guild: str,
) -> None:
    portions.insert("credits.guild_pools", organization_id=guild, balance=100)
    portions.insert(
        "credits.guild_spending_limits", organization_id=guild, user_id=ada, daily_limit=10
    )
    for amount, kind, moment in (
        (-4, "usage", portions.ago("0")),
        (-4, "usage", portions.ago("0")),
        (-50, "usage", portions.ago("40 days")),
        (70, "funding", portions.ago("0")),
    ):
        portions.moved_pool(guild, ada, amount, type=kind, created_at=moment)
    moved(portions, database)

    assert spending(service, guild, ada)["spent_today"] == 8
    with refused(service, "UC003"):
        use_guild(service, guild, ada, 3)
    use_guild(service, guild, ada, 2)
    assert [row["amount"] for row in pool_ledger(admin, guild)] == [108, -8, -2]
    assert pool_ledger(admin, guild)[0]["user_id"] is None


def test_second_run_brings_nothing_twice(
    portions: Predecessor,
    database: Database,
    admin: Connection,
    service: Connection,
    ada: str,
    bob: str,
    guild: str,
    newcomer: str,
    code: str,
) -> None:
    portions.person(ada, 100)
    portions.purchase(ada, status="pending", completed_at=None)
    portions.gift(code, ada, 50)
    portions.insert("credits.guild_pools", organization_id=guild, balance=70)
    portions.moved_pool(guild, ada, -4)
    moved(portions, database)
    use(service, ada, 1)
    use_guild(service, guild, ada, 1)
    call(service, "gifts.redeem_gift", code=code, user_id=bob)
    before = admin.execute("select count(*) from credits.entries").fetchall()

    portions.person(newcomer, 9)
    outcome = moved(portions, database)

    assert "brought 1 person and 0 guild pools" in outcome.output
    assert figures_of(outcome, "people") == ["2", "109", "2", "109"]
    assert admin.execute("select count(*) - 1 as count from credits.entries").fetchall() == before


def test_who_was_erased_here_is_not_brought_again(
    flags: Predecessor,
    database: Database,
    admin: Connection,
    service: Connection,
    ada: str,
    bob: str,
    code: str,
) -> None:
    flags.person(bob, 7)
    flags.person(ada, 100)
    flags.purchase(ada)
    flags.gift(code, ada, 50)
    flags.insert("credits.stripe_customers", user_id=ada, stripe_customer_id=f"cus_{ada}")
    moved(flags, database)
    for user_id in (ada, bob):
        call(service, "credits.erase_user", user_id=user_id)
    # One of the two is gone there, too.
    flags.connection.execute("delete from credits.balances where user_id = %s", (bob,))

    outcome = moved(flags, database)

    assert "brought 0 people" in outcome.output
    traces = admin.execute(
        """
        select account_id::text from credits.accounts where account_id = %(ada)s
        union all select user_id::text from credits.purchases where user_id = %(ada)s
        union all select user_id::text from credits.stripe_customers where user_id = %(ada)s
        """,
        {"ada": ada},
    ).fetchall()
    assert traces == []


def test_what_was_claimed_and_used_by_who_was_erased_here_names_nobody(
    portions: Predecessor,
    database: Database,
    admin: Connection,
    service: Connection,
    ada: str,
    bob: str,
    guild: str,
    code: str,
) -> None:
    portions.person(bob, 5)
    moved(portions, database)
    call(service, "credits.erase_user", user_id=bob)
    portions.person(ada, 100)
    gift = portions.gift(code, ada, 50, total_portions=5, claimed_portions=1, type="split")
    portions.redeemed(gift, bob, 1, 10)
    portions.insert("credits.guild_pools", organization_id=guild, balance=70)
    portions.moved_pool(guild, bob, -4)

    moved(portions, database)

    assert pool_balance(admin, guild) == 70
    traces = admin.execute(
        """
        select redeemer_user_id from gifts.gift_redemptions where redeemer_user_id = %(bob)s
        union all select other_id from credits.entries where other_id = %(bob)s
        """,
        {"bob": bob},
    ).fetchall()
    assert traces == []


def test_two_predecessors_move_into_one_database(
    portions: Predecessor,
    flags: Predecessor,
    database: Database,
    service: Connection,
    ada: str,
    bob: str,
) -> None:
    portions.person(ada, 100)
    flags.person(bob, 50)
    moved(portions, database)
    moved(flags, database)
    assert [figures(service, user)["balance"] for user in (ada, bob)] == [100, 50]


def test_cost_of_an_account_does_not_grow_with_those_before_it(
    server: Server, migrated: str, portions: Predecessor
) -> None:
    many = 200
    portions.connection.execute(
        "insert into credits.balances (user_id, balance) select 'u' || i, i "
        "from generate_series(1, %s) i",
        (many,),
    )
    with clone(server, migrated, "mana_credits_import_small") as database:
        admin = database.connect()
        # The planner knows that there is next to nothing.
        grant(database.connect("service"), "ada", 1)
        admin.execute("vacuum analyze")
        read_before, written_before = rows_of(admin)
        moved(portions, database)
        # The statistics of a session come when it ends, all of them together.
        while rows_of(admin)[1] < written_before + many:
            time.sleep(0.01)
        assert rows_of(admin)[0] - read_before < 10 * many


def rows_of(admin: Connection) -> tuple[int, int]:
    """The rows read by reading accounts or entries as a whole, and those written to entries."""
    row = admin.execute(
        """
        select
            sum(seq_tup_read)::integer as read,
            sum(n_tup_ins) filter (where relname = 'entries')::integer as written
        from pg_stat_all_tables
        where schemaname = 'credits' and relname in ('accounts', 'entries')
        """
    ).fetchone()
    assert row is not None
    return row["read"], row["written"]


def test_login_that_may_only_read_is_enough(
    portions: Predecessor, database: Database, service: Connection, ada: str
) -> None:
    portions.person(ada, 100)
    portions.connection.execute("grant usage on schema credits, gifts to test_auditor")
    portions.connection.execute(
        "grant select on all tables in schema credits, gifts to test_auditor"
    )
    reader = portions.database.server.dsn(portions.database.name, "test_auditor", LOGIN_PASSWORD)
    assert move_in(reader, database).status == 0
    assert figures(service, ada)["balance"] == 100


def test_login_that_may_act_as_the_owner_is_enough(
    portions: Predecessor, database: Database, admin: Connection, ada: str
) -> None:
    portions.person(ada, 100)
    admin.execute("create role mana_mover login noinherit password 'test' in role credits_owner")
    try:
        mover = database.server.dsn(database.name, "mana_mover", "test")
        outcome = move_in(portions.url, database, MIGRATION_DATABASE_URL=mover)
        assert outcome.status == 0, outcome
    finally:
        admin.execute("drop role mana_mover")
    assert ledger(admin, ada)[0]["called_by"] == "mana_mover"


def test_books_are_clean_after_it_and_protected(
    portions: Predecessor,
    database: Database,
    admin: Connection,
    service: Connection,
    ada: str,
    bob: str,
    code: str,
) -> None:
    portions.person(ada, 100)
    gift = portions.gift(code, ada, 50, total_portions=5, claimed_portions=1, type="split")
    portions.redeemed(gift, bob, 1, 10)
    bought = portions.purchase(ada)
    moved(portions, database)
    assert reconcile({"RECONCILE_DATABASE_URL": database.dsn()}, "--full").status == 0

    # A later purchase needs an entry of its own.
    later = uuid4()
    copied = (
        "insert into credits.purchases (user_id, id, package_id, package_name, credits, "
        "price_euro_cents, status, transaction_id, completed_at) select user_id, %s, package_id, "
        "package_name, credits, price_euro_cents, status, transaction_id, clock_timestamp() "
        "from credits.purchases where id = %s"
    )
    with refused(admin, "UC017"):
        admin.execute(copied, (later, bought))
    with pytest.raises(psycopg.Error):
        admin.execute("update gifts.gift_codes set claimed_before = 0")
    grant(service, ada, 1, "opening")
    assert figures(service, ada)["balance"] == 100

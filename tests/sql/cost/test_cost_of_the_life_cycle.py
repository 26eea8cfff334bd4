"""The cost of a hold, a refund or a look back does not grow with history either."""

from uuid import uuid4

import pytest

from tests.databases import Connection, Database
from tests.sql.books import add_package
from tests.sql.calls import call, give, pool, use, use_guild
from tests.sql.cost.test_cost import TOLERANCE, grow, pages
from tests.sql.moments import Clock

pytestmark = pytest.mark.nightly

HISTORY = 300

# An entry that is found by its id costs a look-up more in a history twice as long.
BISECTION = 6

UNFOLDED = 250


@pytest.fixture
def superuser(database: Database) -> Connection:
    """A superuser's connection; u1 and the pool g1 have plenty of credits."""
    connection = database.connect()
    give(connection, "u1", 10**6)
    pool(connection, "g1", 10**6)
    return connection


HOLD = "credits.commit_reservation((credits.reserve_credits('u1', 2, 'Asked')).reservation_id, 1)"
EXTENSION = """
    credits.commit_reservation(
        h.reservation_id,
        extract(epoch from (credits.extend_reservation(h.reservation_id, 60)).expires_at) * 0 + 1
    )
    from credits.reserve_credits('u1', 2, 'Asked') h
"""
GUILD_HOLD = HOLD.replace("'Asked'", "'Asked', p_guild_id => 'g1'")
DATED = """
    credits.use_credits(
        'u1',
        (
            credits.grant_credits(
                'u1', 1, 'Bonus', gen_random_uuid()::text,
                p_expires_at => clock_timestamp() + interval '1 hour'
            )
        ).new_balance * 0 + 1,
        'chat', 'One answer'
    )
"""
REFUND = """
    credits.refund_credits(
        'u1', 1, 'Sorry',
        p_transaction_id => (credits.use_credits('u1', 1, 'chat', 'One answer')).id
    )
"""
GUILD_REFUND = REFUND.replace("use_credits('u1'", "use_guild_credits('g1', 'u1'")
USE = "credits.use_credits('u1', 1, 'chat', 'One answer')"


@pytest.mark.parametrize(
    "statement",
    [HOLD, EXTENSION, GUILD_HOLD, DATED, REFUND, GUILD_REFUND],
    ids=["commit", "extension", "commit of a guild", "dated", "refund", "refund of a guild"],
)
def test_call_reads_no_more_after_many_of_its_kind(superuser: Connection, statement: str) -> None:
    # Indexes of more than one page.
    grow(superuser, statement, HISTORY)
    before = pages(superuser, f"select {statement}")
    grow(superuser, statement, HISTORY)
    assert pages(superuser, f"select {statement}") <= before + TOLERANCE + BISECTION


def test_capture_reads_no_more_after_many_of_the_same_hold(superuser: Connection) -> None:
    held = call(superuser, "credits.reserve_credits", user_id="u1", amount=999, reason="Asked")
    key = "gen_random_uuid()::text"
    statement = f"credits.capture_reservation('{held['reservation_id']}', 1, {key})"
    grow(superuser, statement, 10)
    before = pages(superuser, f"select {statement}")
    grow(superuser, statement, HISTORY)
    assert pages(superuser, f"select {statement}") <= before + TOLERANCE + BISECTION


@pytest.mark.parametrize("statement", [HOLD, DATED], ids=["holds", "dated credits"])
def test_debit_reads_no_more_after_many_holds_and_grants(
    superuser: Connection, statement: str
) -> None:
    superuser.execute(f"select {USE}")
    before = pages(superuser, f"select {USE}")
    grow(superuser, statement, HISTORY)
    assert pages(superuser, f"select {USE}") <= before + TOLERANCE


def test_balance_of_a_moment_reads_no_more_however_much_came_before_and_after(
    superuser: Connection,
) -> None:
    clock = Clock.install(superuser)
    balance = "select * from credits.get_balance('u1', %s)"
    moments = []
    read = []
    for _ in range(2):
        grow(superuser, USE, HISTORY)
        moments.append(clock.now())
        # Rows of the second after a moment are looked at.
        clock.advance(1.1)
        grow(superuser, USE, HISTORY)
        read.append([pages(superuser, balance, at) for at in moments])
    assert max(read[1]) <= read[0][0] + TOLERANCE


def test_balance_of_a_moment_reads_no_more_after_many_holds_of_long_ago(
    superuser: Connection,
) -> None:
    clock = Clock.install(superuser)
    balance = "select * from credits.get_balance('u1', %s)"
    superuser.execute(f"select {HOLD}")
    before = pages(superuser, balance, clock.now())
    grow(superuser, HOLD, HISTORY)
    # Longer than a hold lasts that was not extended.
    clock.advance(40 * 86_400)
    superuser.execute(f"select {USE}")
    assert pages(superuser, balance, clock.now()) <= before + TOLERANCE


def test_usage_of_one_guild_of_many_is_found_without_reading_the_others(
    superuser: Connection,
) -> None:
    for n in range(20):
        pool(superuser, f"h{n}", 10)
        use_guild(superuser, f"h{n}", "u1", 1)
    grow(superuser, "credits.use_guild_credits('g1', 'u1', 1, 'chat', 'One answer')", HISTORY)
    usage = use_guild(superuser, "g1", "u1", HISTORY)["id"]
    read = pages(
        superuser, "select credits.refund_credits('u1', 1, 'Sorry', p_transaction_id => %s)", usage
    )
    # A few pages down the index for each guild.
    assert read <= 21 * 8


def test_usage_of_a_month_is_read_from_its_counters(superuser: Connection) -> None:
    # As many rows as are not folded yet at most.
    for _ in range(UNFOLDED):
        use(superuser, "u1", 1)
    statement = "select * from credits.list_usage('u1')"
    before = pages(superuser, statement)
    grow(superuser, USE, HISTORY)
    assert pages(superuser, statement) <= before + TOLERANCE
    (row,) = superuser.execute(statement).fetchall()
    used = HISTORY + UNFOLDED
    assert row["transactions_count"] == used
    assert call(superuser, "credits.get_balance", user_id="u1")["total_spent"] == used


GIFTS_FOR_OTHERS = """
    insert into gifts.gift_codes (
        code, id, creator_id, total_credits, credits_per_portion, total_portions, type,
        target_email, target_hash, target_matrix_id, expires_at, reservation_transaction_id,
        request_digest
    )
    select
        'AA' || translate(lpad(n::text, 8, '0'), '01', 'AB'), gen_random_uuid(), 'u1', 1, 1, 1,
        'personalized', n || '@example.org', sha256(n::text::bytea), '@' || n, now(),
        gen_random_uuid(), ''
    from generate_series(%s::integer, %s) n
"""


@pytest.mark.off_books
def test_erasure_reads_no_more_with_many_gifts_for_others(superuser: Connection) -> None:
    # Quicker than one by one.
    superuser.execute("set session_replication_role = replica")
    read = []
    for numbers in ((1, 2000), (2001, 10000)):
        superuser.execute(GIFTS_FOR_OTHERS, numbers)
        superuser.execute("vacuum analyze gifts.gift_codes")
        erasure = "select credits.erase_user('ada', 'ada@example.org')"
        # Until plans are kept: making them reads more pages than there are to read.
        superuser.execute(f"{erasure} from generate_series(1, 6)")
        read.append(pages(superuser, erasure))
    few, many = read
    # A page more down each index is nothing to the hundreds of the table.
    assert many <= few + 5 * TOLERANCE


@pytest.mark.parametrize(
    "statement",
    [
        "credits.use_credits(%s, 1, 'chat', 'One answer')",
        "credits.use_guild_credits('g1', %s, 1, 'chat', 'One answer')",
        "credits.grant_credits(%s, 1, 'Bonus', gen_random_uuid()::text,"
        " p_expires_at => clock_timestamp() + interval '1 day')",
    ],
    ids=["own", "of a pool", "dated"],
)
def test_erasure_reads_as_much_more_as_there_is_more(superuser: Connection, statement: str) -> None:
    read = []
    for user, rows in (("few", 100), ("many", 800)):
        give(superuser, user, 1000)
        calls = f"select {statement} from generate_series(1, %s)"
        superuser.execute(calls, (user, rows))
        superuser.execute("vacuum analyze")
        read.append(pages(superuser, "select credits.erase_user(%s)", user))
    few, many = read
    assert many <= 2 * 8 * few


@pytest.mark.parametrize("guild_id", [None, "g1"])
def test_an_explanation_looks_at_each_hold_once(
    superuser: Connection, guild_id: str | None
) -> None:
    superuser.execute(
        "select credits.reserve_credits('u1', 1, 'Asked', 1000 + i, p_guild_id => %s)"
        " from generate_series(1, 2000) i",
        (guild_id,),
    )
    # To look at each of them for each of them takes ten times as long.
    superuser.execute("set statement_timeout = '1s'")
    explained = call(
        superuser,
        "credits.explain_use",
        user_id="u1",
        amount=999_999_999,
        app_id="chat",
        guild_id=guild_id,
    )
    assert (explained["allowed"], explained["passes_at"]) == (False, None)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from credits.find_purchase("
        "p_stripe_payment_intent_id => 'pi_1', p_user_id => 'u1', p_purchase_id => %s)",
        "select credits._lock_purchase('u1', %s)",
    ],
    ids=["find", "lock"],
)
def test_a_payment_that_is_not_known_reads_no_more_after_many_erasures(
    superuser: Connection, statement: str
) -> None:
    package, unknown = add_package(superuser), uuid4()
    superuser.execute(statement, [unknown])
    before = pages(superuser, statement, unknown)
    superuser.execute(
        "insert into credits.purchases"
        " (user_id, id, package_id, package_name, credits, price_euro_cents)"
        " select 'erased:' || i, gen_random_uuid(), %s, 'x', 1, 1 from generate_series(1, 3000) i",
        [package["id"]],
    )
    superuser.execute("vacuum analyze credits.purchases")
    assert pages(superuser, statement, unknown) <= before + TOLERANCE


def test_balance_with_many_dates_lists_the_first_and_reads_no_more(superuser: Connection) -> None:
    dated = (
        "select credits.grant_credits('u1', 1, 'Bonus', gen_random_uuid()::text,"
        " p_expires_at => clock_timestamp() + make_interval(mins => i))"
        " from generate_series(%s::integer, %s) i"
    )
    balance = "select * from credits.get_balance('u1')"
    superuser.execute(dated, (1, 200))
    superuser.execute("vacuum analyze")
    before = pages(superuser, balance)
    superuser.execute(dated, (201, 2000))
    superuser.execute("vacuum analyze")
    assert pages(superuser, balance) <= before + TOLERANCE
    found = call(superuser, "credits.get_balance", user_id="u1")
    assert len(found["expiring"]) == 100
    assert found["balance"] == 10**6 + 2000

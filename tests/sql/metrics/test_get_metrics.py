"""Figures for gauges: measured now and then by one of many, read at a constant cost."""

import pytest

from tests.concurrency import run_parallel
from tests.databases import Connection, Database, Owner
from tests.sql.calls import call, fund, gift, give, redeem, rows, use_guild
from tests.sql.conftest import Api
from tests.sql.events.consumers import order, read_all, register
from tests.sql.lifecycle import HOUR, commit, grant, let_hold_run_out, release, reserve


def measure(api: Api) -> dict[str, float]:
    """Measure whether it is time or not, and return every figure."""
    rows(api, "credits.claim_measurement")
    rows(api, "credits.measure")
    return figures(api)


def figures(api: Api) -> dict[str, float]:
    return {
        row["metric"] + (f" {row['label']}" if row["label"] else ""): row["value"]
        for row in rows(api, "credits.get_metrics")
    }


def claim(api: Api) -> bool:
    return bool(call(api, "credits.claim_measurement")["claim_measurement"])


def test_an_empty_database_has_figures(api: Api) -> None:
    found = measure(api)
    assert found.pop("figures_age_seconds") >= 0
    assert found == {
        "credits balances": 0,
        "credits pools": 0,
        "credits reservations": 0,
        "credits gifts": 0,
        "open_reservations": 0,
        "open_gifts": 0,
        "expiry_lag_seconds": 0,
        "erasure_lag_seconds": 0,
        "events_lag_seconds": 0,
        "lost_event_consumers": 0,
    }


def test_figures_that_nobody_has_measured_are_left_out(api: Api) -> None:
    assert figures(api) == {
        "expiry_lag_seconds": 0,
        "erasure_lag_seconds": 0,
        "events_lag_seconds": 0,
        "lost_event_consumers": 0,
    }


def let_an_hour_pass_for_jobs(owner: Owner) -> None:
    owner.execute(
        "update credits.job_claims"
        " set claimed_at = claimed_at - interval '1 hour', done_at = done_at - interval '1 hour'"
    )


def test_a_job_ages_from_its_first_claim_until_it_is_done(api: Api, owner: Owner) -> None:
    rows(api, "credits.claim_job", name="seal", seconds=900)
    let_an_hour_pass_for_jobs(owner)
    rows(api, "credits.claim_job", name="seal", seconds=900)
    assert figures(api)["job_age_seconds seal"] >= 3600
    rows(api, "credits.end_job", name="seal")
    assert figures(api)["job_age_seconds seal"] < 3600


def test_credits_are_counted_where_they_are(db: Connection, api: Api) -> None:
    give(db, "u1", 100)
    call(db, "credits.init_guild_pool", organization_id="g1")
    fund(db, "u1", "g1", 30)
    use_guild(db, "g1", "u2", 4)
    commit(db, reserve(db, "u1", 6), amount=1)
    release(db, reserve(db, "u1", 6))
    reserve(db, "u1", 2)
    reserve(db, "u2", 3, guild_id="g1")
    made = gift(db, "u1", 30, total_portions=3)
    redeem(db, made["code"], "u3")
    found = measure(api)
    # 100 came in, 4 and 1 were used.
    assert found["credits balances"] == 100 - 30 - 1 - 2 - 30 + 10
    assert found["credits pools"] == 30 - 4 - 3
    assert (found["credits reservations"], found["open_reservations"]) == (5, 2)
    assert (found["credits gifts"], found["open_gifts"]) == (20, 1)


def test_what_waits_to_be_written_down_is_told(db: Connection, owner: Owner, api: Api) -> None:
    give(db, "u1", 10)
    grant(db, "u1", 5, "r1", expires_in=HOUR)
    held = reserve(db, "u1", 1)
    assert figures(api)["expiry_lag_seconds"] == 0
    let_hold_run_out(owner, held)
    assert figures(api)["expiry_lag_seconds"] > 0
    rows(api, "credits.expire_due")
    assert figures(api)["expiry_lag_seconds"] == 0


def test_measuring_is_due_again_after_a_while(owner: Owner, api: Api) -> None:
    assert claim(api)
    assert not claim(api)
    rows(api, "credits.measure")
    assert not claim(api)
    owner.execute("update credits.figures set due_at = due_at - interval '2 minutes'")
    assert claim(api)


def test_measuring_that_was_cut_off_is_not_tried_again_at_once(owner: Owner, api: Api) -> None:
    assert claim(api)
    owner.execute("update credits.figures set due_at = due_at - interval '9 minutes'")
    assert not claim(api)


def test_of_many_at_once_one_measures(database: Database) -> None:
    claims = run_parallel(
        database, 20, lambda api, _: call(api, "credits.claim_measurement"), role="api"
    )
    told = [claim["claim_measurement"] for claim in claims if isinstance(claim, dict)]
    assert sorted(told) == [False] * 19 + [True]


@pytest.mark.parametrize("table", ["credits.transactions", "credits.guild_transactions"])
def test_no_ledger_is_read(owner: Owner, api: Api, table: str) -> None:
    before = reads(owner, table)
    measure(api)
    assert reads(owner, table) == before


def reads(owner: Owner, table: str) -> tuple[int, int]:
    row = owner.execute(
        "select pg_stat_get_xact_numscans(%s::regclass) as scans,"
        " pg_stat_get_xact_tuples_returned(%s::regclass) as rows",
        (table, table),
    ).fetchone()
    assert row is not None
    return row["scans"], row["rows"]


def test_event_that_waits_for_its_slowest_consumer_shows(
    db: Connection, owner: Owner, api: Api
) -> None:
    register(owner, "quick", "balance.changed")
    register(owner, "slow", "balance.changed")
    give(db, "u1", 1)
    assert figures(api)["events_lag_seconds"] > 0
    read_all(db, "quick")
    owner.execute("update credits.events set created_at = created_at - interval '1 hour'")
    assert 3600 <= figures(api)["events_lag_seconds"] < 3660
    read_all(db, "slow")
    assert figures(api)["events_lag_seconds"] == 0


def test_lost_consumers_show(db: Connection, owner: Owner, api: Api) -> None:
    register(owner, "slow", "balance.changed")
    give(db, "u1", 1)
    order(db)
    call(api, "credits.trim_events", max_events=0)
    assert figures(api)["lost_event_consumers"] == 1

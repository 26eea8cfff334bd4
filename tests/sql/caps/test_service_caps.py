"""credits.service_caps: which operations, which apps, how much at once."""

from decimal import Decimal

import psycopg
import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger
from tests.sql.calls import balance, call, gift, give, use, use_guild
from tests.sql.caps.conftest import Cap
from tests.sql.caps.operations import FOR_AN_APP, MOVING, OPERATIONS
from tests.sql.lifecycle import Call, commit, extend, let_hold_run_out, refund, release, reserve

ENDS: dict[str, Call] = {"commit": commit, "release": release}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_who_has_no_row_is_not_capped(db: Connection, cap: Cap, operation: str) -> None:
    cap("somebody_else", operations=[], max_amount=0)
    OPERATIONS[operation](db, 5)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_row_without_caps_caps_nothing(db: Connection, cap: Cap, operation: str) -> None:
    cap()
    OPERATIONS[operation](db, 5)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operation_that_is_not_named_is_refused(db: Connection, cap: Cap, operation: str) -> None:
    allowed = sorted(set(OPERATIONS) - {operation})
    cap(operations=allowed)
    with refused(db, "UC016") as refusal:
        OPERATIONS[operation](db, 5)
    expected = {"cap": "operations", "operation": operation, "allowed": allowed}
    assert refusal.details == expected


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operation_that_is_named_passes(db: Connection, cap: Cap, operation: str) -> None:
    cap(operations=[operation])
    OPERATIONS[operation](db, 5)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_operation_at_all_can_be_named(db: Connection, cap: Cap, operation: str) -> None:
    cap(operations=[])
    with refused(db, "UC016"):
        OPERATIONS[operation](db, 5)


@pytest.mark.parametrize("end", ENDS)
def test_ends_of_a_hold_are_operations_of_their_own(db: Connection, cap: Cap, end: str) -> None:
    held = reserve(db, "u1", 5)
    cap(operations=["reserve"])
    with refused(db, "UC016") as refusal:
        ENDS[end](db, held)
    assert refusal.details["operation"] == end


def test_what_is_refused_moves_nothing(db: Connection, owner: Owner, cap: Cap) -> None:
    cap(operations=[])
    with refused(db, "UC016"):
        use(db, "u1", 5)
    assert len(ledger(owner, "u1")) == 1


@pytest.mark.parametrize("allowed", [["images", "music"], ["images", None]])
@pytest.mark.parametrize("operation", FOR_AN_APP)
def test_another_app_is_refused(
    db: Connection, cap: Cap, operation: str, allowed: list[str | None]
) -> None:
    cap(app_ids=allowed)
    with refused(db, "UC016") as refusal:
        FOR_AN_APP[operation](db, 5)
    assert refusal.details == {"cap": "app_ids", "appId": "chat", "allowed": allowed}


@pytest.mark.parametrize("past_its_time", [False, True])
@pytest.mark.parametrize(
    ("columns", "named"),
    [({"operations": ["commit"]}, "operations"), ({"app_ids": ["images"]}, "app_ids")],
)
def test_who_may_not_reserve_may_not_extend(
    db: Connection,
    owner: Owner,
    cap: Cap,
    columns: dict[str, list[str]],
    named: str,
    past_its_time: bool,
) -> None:
    held = reserve(db, "u1", 5, app_id="chat")
    if past_its_time:
        let_hold_run_out(owner, held)
    cap(**columns)
    with refused(db, "UC016") as refusal:
        extend(db, held, 60)
    assert refusal.details["cap"] == named


def test_who_may_reserve_may_extend(db: Connection, cap: Cap) -> None:
    held = reserve(db, "u1", 5)
    cap(operations=["reserve"], max_amount=1)
    assert extend(db, held, 60)["reservation_id"] == held["reservation_id"]


@pytest.mark.parametrize("operation", FOR_AN_APP)
def test_named_app_passes(db: Connection, cap: Cap, operation: str) -> None:
    cap(app_ids=["images", "chat"])
    FOR_AN_APP[operation](db, 5)


@pytest.mark.parametrize("end", ENDS)
def test_hold_of_another_app_cannot_be_ended(db: Connection, cap: Cap, end: str) -> None:
    held = reserve(db, "u1", 5, app_id="images")
    cap(app_ids=["chat"])
    with refused(db, "UC016") as refusal:
        ENDS[end](db, held)
    assert refusal.details["cap"] == "app_ids"


@pytest.mark.parametrize("operation", MOVING)
def test_largest_amount_passes(db: Connection, cap: Cap, operation: str) -> None:
    cap(max_amount=5)
    MOVING[operation](db, 5)


@pytest.mark.parametrize("operation", MOVING)
def test_larger_amount_is_refused(db: Connection, cap: Cap, operation: str) -> None:
    cap(max_amount=Decimal("5.5"))
    with refused(db, "UC016") as refusal:
        MOVING[operation](db, 6)
    assert refusal.details == {"cap": "max_amount", "limit": 5.5, "requested": 6}


def test_refund_of_a_usage_is_capped_like_any_other(db: Connection, cap: Cap) -> None:
    usages = [use(db, "u1", 9)["id"], use_guild(db, "g1", "u1", 9)["id"]]
    cap(max_amount=5)
    for usage in usages:
        with refused(db, "UC016"):
            refund(db, "u1", usage, 6)
        refund(db, "u1", usage, 5)


def test_gift_is_capped_by_what_is_charged(db: Connection, cap: Cap) -> None:
    cap(max_amount=99)
    assert gift(db, "u1", 100, total_portions=3)["total_credits"] == 99


def test_smallest_amount_above_the_cap_is_refused(db: Connection, cap: Cap) -> None:
    cap(max_amount=5)
    with refused(db, "UC016"):
        use(db, "u1", Decimal("5.000001"))


def test_operation_is_reported_before_app_and_amount(db: Connection, cap: Cap) -> None:
    cap(operations=["grant"], app_ids=["images"], max_amount=1, max_amount_per_day=1)
    with refused(db, "UC016") as refusal:
        use(db, "u1", 5)
    assert refusal.details["cap"] == "operations"


def test_app_is_reported_before_amount(db: Connection, cap: Cap) -> None:
    cap(app_ids=["images"], max_amount=1, max_amount_per_day=1)
    with refused(db, "UC016") as refusal:
        use(db, "u1", 5)
    assert refusal.details["cap"] == "app_ids"


def test_amount_is_reported_before_the_day(db: Connection, cap: Cap) -> None:
    cap(max_amount=1, max_amount_per_day=1)
    with refused(db, "UC016") as refusal:
        use(db, "u1", 5)
    assert refusal.details["cap"] == "max_amount"


def test_cap_is_reported_before_missing_credits(db: Connection, cap: Cap) -> None:
    cap(max_amount=5)
    with refused(db, "UC016"):
        use(db, "u1", 1000)


def test_what_cannot_be_is_reported_before_a_cap(db: Connection, cap: Cap) -> None:
    cap(operations=[])
    with refused(db, "UC001"):
        use(db, "u1", -5)


def test_reused_key_is_reported_before_a_cap(db: Connection, cap: Cap) -> None:
    use(db, "u1", 5, idempotency_key="k")
    cap(operations=[])
    with refused(db, "UC004"):
        use(db, "u1", 6, idempotency_key="k")


def test_retry_of_what_passed_before_returns_the_first_result(db: Connection, cap: Cap) -> None:
    first = use(db, "u1", 5, idempotency_key="k")
    held = reserve(db, "u1", 5)
    committed = commit(db, held)
    cap(operations=[])
    assert use(db, "u1", 5, idempotency_key="k") == {**first, "replayed": True}
    assert commit(db, held) == {**committed, "replayed": True}


def test_what_only_reads_is_not_capped(db: Connection, cap: Cap) -> None:
    made = gift(db, "u1", 5)
    cap(operations=[], app_ids=[], max_amount=0, max_amount_per_day=0)
    assert balance(db, "u1") == 95
    call(db, "credits.get_spending", organization_id="g1", user_id="u1")
    assert call(db, "gifts.get_gift", code=made["code"])["status"] == "active"


@pytest.mark.parametrize(
    "columns",
    [
        {"operations": ["use", "fly"]},
        {"max_amount": -1},
        {"max_amount_per_day": -1},
        {"caller": None},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_cap_that_means_nothing_is_refused(
    db: Connection, cap: Cap, columns: dict[str, object]
) -> None:
    with pytest.raises(psycopg.errors.IntegrityError), db.transaction():
        cap(**columns)


def test_caller_has_one_row(db: Connection, cap: Cap) -> None:
    cap()
    with pytest.raises(psycopg.errors.UniqueViolation), db.transaction():
        cap()


def test_change_of_a_cap_takes_effect_at_once(db: Connection, owner: Owner, cap: Cap) -> None:
    cap(max_amount=5)
    owner.execute("update credits.service_caps set max_amount = 6")
    assert use(db, "u1", 6)["balance"] == 94
    owner.execute("delete from credits.service_caps")
    give(db, "u1", 1000)

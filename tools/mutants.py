"""Rules broken on purpose, one at a time, and the few tests that have to notice.

To add one: take a text that stands exactly once in the function as it is deployed (or a statement
that takes a protection away), and name the tests that should fail without the rule. `make check`
says so if the text is gone, if the tests fail without the mutation, or if none fails with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql


class MutantError(Exception):
    """The mutation does not fit the database: the message says which and why."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """In the body of a function `schema.name`, put one text in the place of another."""

    function: str
    old: str
    new: str

    def apply(self, connection: psycopg.Connection) -> None:
        """Rewrite the function.

        Raises:
            MutantError: There is no such function, or the text does not stand in it exactly once.
        """
        rows = connection.execute(
            "select oid, pg_get_functiondef(oid) from pg_proc where oid = to_regproc(%s)",
            (self.function,),
        ).fetchall()
        if len(rows) != 1:
            raise MutantError(f"there are {len(rows)} functions {self.function}")
        ((_, source),) = rows
        found = source.count(self.old)
        if found != 1:
            raise MutantError(f"{self.function} has {found} times {self.old!r}, and not once")
        connection.execute(source.replace(self.old, self.new).encode())


@dataclass(frozen=True, slots=True)
class Statement:
    """Take a protection away by a statement, which fails where there is none to take."""

    text: str

    def apply(self, connection: psycopg.Connection) -> None:
        """Execute the statement."""
        connection.execute(self.text.encode())


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken rule."""

    name: str
    change: Rewrite | Statement
    tests: Sequence[str]

    def infect(self, url: str) -> None:
        """Break the rule in the database at a superuser's URL.

        The check that protection is in place goes too: it would notice every dropped constraint,
        and here it is asked whether anything else does.

        Raises:
            MutantError: The mutation does not fit any more.
        """
        with psycopg.connect(url) as connection:
            connection.execute("drop view reconcile.protection_off")
            connection.execute(sql.SQL("set local role credits_owner"))
            try:
                self.change.apply(connection)
            except psycopg.Error as error:
                raise MutantError(str(error).splitlines()[0]) from error


MUTANTS = (
    Mutant(
        "an idempotency key is not looked up",
        Rewrite(
            "credits._find_movement",
            "idempotency_key = p_idempotency_key;",
            "idempotency_key = p_idempotency_key and false;",
        ),
        [
            "tests/sql/balances/test_refund_credits.py"
            "::test_retry_returns_the_first_result_after_later_movements"
        ],
    ),
    Mutant(
        "two ledger rows may have one idempotency key",
        Statement("drop index credits.transactions_idempotency_key"),
        [
            "tests/sql/invariants/test_whole_rows_by_hand.py"
            "::test_key_is_used_once_even_where_the_trigger_stands_back"
        ],
    ),
    Mutant(
        "ledger rows can be deleted",
        Statement("drop trigger protect_ledger on credits.transactions"),
        ["tests/sql/invariants/test_ledgers_are_append_only.py::test_row_cannot_be_deleted"],
    ),
    Mutant(
        "seals do not cover the time of a row",
        Rewrite("credits._transaction_text", "p_row.created_at", "p_row.completed_at"),
        ["tests/sql/seals/test_tampering.py::test_forged_personal_ledger_is_found"],
    ),
    Mutant(
        "an account is renamed while it is sealed",
        Rewrite("credits.seal", " for key share;", ";"),
        ["tests/sql/seals/test_concurrency.py::test_erasure_waits_for_a_seal_and_takes_it_along"],
    ),
    Mutant(
        "balances can be written directly",
        Statement("drop trigger protect_amounts on credits.balances"),
        [
            "tests/sql/invariants/test_balances_follow_their_ledger.py"
            "::test_balance_cannot_be_changed"
        ],
    ),
    Mutant(
        "credits move without their other side",
        Statement("drop trigger check_counterpart on credits.transactions"),
        ["tests/sql/invariants/test_conservation.py::test_credit_from_no_gift_is_refused"],
    ),
    Mutant(
        "the refunds of a usage are not added up",
        Rewrite(
            "credits.refund_credits",
            "if p_amount > -v_usage.amount - v_refunded then",
            "if p_amount > -v_usage.amount then",
        ),
        ["tests/sql/refunds/test_linked_refund.py::test_more_than_is_left_is_refused"],
    ),
    Mutant(
        "a refund of a guild's usage does not count for its day",
        Rewrite(
            "credits._refund_guild_usage",
            "true, p_usage.spending_day",
            "true, p_usage.spending_day - 1",
        ),
        ["tests/sql/refunds/test_refund_of_guild_usage.py::test_counted_spending_goes_down"],
    ),
    Mutant(
        "a daily limit is wider than it was set",
        Rewrite(
            "credits._check_limits",
            "v.spent_today > v.daily_limit then",
            "v.spent_today > v.daily_limit + 0.000001 then",
        ),
        ["tests/sql/guilds/test_limits.py::test_limit_can_be_used_up_to_the_last_digit"],
    ),
    Mutant(
        "a hold outlives its time",
        Rewrite(
            "credits._settle_balance",
            "and expires_at <= credits._now()",
            "and expires_at <= credits._now() - interval '1 hour'",
        ),
        ["tests/sql/reservations/test_hold_past_its_time.py::test_credits_can_be_spent"],
    ),
    Mutant(
        "more than is held can be committed",
        Rewrite(
            "credits.commit_reservation",
            "if v_amount > v_held.amount then",
            "if v_amount > v_held.amount + 1 then",
        ),
        ["tests/sql/reservations/test_commit_reservation.py::test_more_than_reserved_is_refused"],
    ),
    Mutant(
        "a late commit takes more than there is",
        Rewrite(
            "credits.commit_reservation",
            "if v_available < v_amount then",
            "if v_available < v_amount - 1 then",
        ),
        [
            "tests/sql/reservations/test_late_commit.py"
            "::test_too_little_leaves_it_as_it_is_and_it_can_be_committed_later"
        ],
    ),
    Mutant(
        "a late commit goes beyond the member's limit",
        Rewrite("credits._post_commit", "perform credits._check_limits(", "perform format('', "),
        ["tests/sql/reservations/test_late_commit.py::test_it_does_not_exceed_the_members_limit"],
    ),
    Mutant(
        "what expires last is spent first",
        Rewrite("credits._take_dated", "order by expires_at, id", "order by expires_at desc, id"),
        ["tests/sql/grants/test_spending_order.py::test_one_debit_after_the_other"],
    ),
    Mutant(
        "a debt is not repaid from dated credits",
        Rewrite("credits._repay_from_dated", "if v_excess > 0 is not true then", "if true then"),
        ["tests/sql/clawbacks/test_debt.py"],
    ),
    Mutant(
        "a dispute that is won gives nothing back",
        Rewrite("credits._apply_reversals", "and d.status <> 'won'", "and true"),
        ["tests/sql/clawbacks/test_debt.py::test_dispute_that_is_won_ends_the_debt"],
    ),
    Mutant(
        "what was asked of Stripe too early is noted all the same",
        Rewrite("credits.record_refund", "if p_seen <> v_purchase.reversals_version", "if false"),
        ["tests/sql/clawbacks/test_order_of_events.py::test_what_was_asked_before_is_asked_again"],
    ),
    Mutant(
        "what was forfeited is taken back a second time",
        Rewrite(
            "credits._forfeit",
            "greatest(v_last.available - v_last.debt, -v_forfeited)",
            "v_last.available - v_last.debt",
        ),
        ["tests/sql/erasure/test_erase_user.py"],
    ),
    Mutant(
        "another payment than the one that was noted completes a purchase",
        Rewrite(
            "credits.complete_purchase",
            "if p_stripe_payment_intent_id <> v_purchase.stripe_payment_intent_id",
            "if false",
        ),
        ["tests/sql/purchases/test_complete_purchase.py"],
    ),
    Mutant(
        "a payment of another amount completes a purchase",
        Rewrite(
            "credits.complete_purchase",
            "v_purchase.price_euro_cents is distinct from p_amount_cents or ",
            "",
        ),
        [
            "tests/sql/purchases/test_complete_purchase.py::test_another_amount_or_currency_moves_nothing"
        ],
    ),
    Mutant(
        "claimed portions of a gift are not counted",
        Rewrite(
            "gifts._fold_redemption",
            "claimed_portions = g.claimed_portions + 1,",
            "claimed_portions = g.claimed_portions,",
        ),
        ["tests/sql/gifts/test_redeem_gift.py::test_last_portion_depletes_the_gift"],
    ),
    Mutant(
        "a gift is not locked while it is redeemed",
        Rewrite("gifts.redeem_gift", "(p_code) for no key update;", "(p_code);"),
        ["tests/sql/concurrency/test_gifts.py::test_redeeming_after_a_cancellation_is_refused"],
    ),
    Mutant(
        "a purchase is not locked while it is completed",
        Rewrite(
            "credits._lock_purchase",
            "where user_id = p_user_id and id = p_purchase_id for no key update;",
            "where user_id = p_user_id and id = p_purchase_id;",
        ),
        ["tests/sql/concurrency/test_purchases.py::test_five_deliveries_at_once_credit_once"],
    ),
    Mutant(
        "one guess more is allowed at a riddle",
        Rewrite("gifts._check_attempts", "then 19 else 4 end", "then 19 else 5 end"),
        ["tests/sql/gifts/test_attempts.py::test_sixth_attempt_at_a_riddle_must_wait"],
    ),
    Mutant(
        "a service may move more in a day than its cap",
        Rewrite(
            "credits._check_cap",
            "if v_used > v_cap.max_amount_per_day then",
            "if v_used > v_cap.max_amount_per_day + p_amount then",
        ),
        ["tests/sql/caps/test_daily_caps.py::test_up_to_the_cap_passes_and_more_is_refused"],
    ),
    Mutant(
        "ids do not sort after the last one when the clock goes back",
        Rewrite("credits._id_after", "p_last is null or p_id > p_last", "true"),
        ["tests/sql/ids/test_id_after.py"],
    ),
    Mutant(
        "an erasure leaves what people wrote",
        Rewrite(
            "credits._rewrite_identity",
            "user_id = p_pseudonym,\n        description = '',\n        metadata = '{}',",
            "user_id = p_pseudonym,",
        ),
        ["tests/sql/erasure/test_no_trace.py"],
    ),
    Mutant(
        "everybody may call a function that writes the ledger",
        Statement("grant execute on all functions in schema credits to public"),
        ["tests/sql/roles/test_privileges.py::test_functions_are_those_of_the_role"],
    ),
    Mutant(
        "an alert is told at every debit below its threshold",
        Rewrite("credits._emit_balance", " and v_owned - p_entry.amount > p_low_balance_at", ""),
        [
            "tests/sql/events/test_low_balance.py"
            "::test_alert_comes_once_until_the_balance_has_risen_above"
        ],
    ),
    Mutant(
        "a consumer passes events that it has not acknowledged",
        Rewrite("credits.read_events", "if not found and v_last", "if v_last"),
        ["tests/sql/events/test_reading.py::test_events_come_again_until_they_are_acknowledged"],
    ),
    Mutant(
        "events are deleted that a slow consumer has not passed",
        Rewrite("credits.trim_events", "(select min(c.position)", "(select max(c.position)"),
        ["tests/sql/events/test_growth.py::test_nothing_is_deleted_that_somebody_has_not_passed"],
    ),
    Mutant(
        "a consumer reads for another login",
        Rewrite("credits._event_consumer", "c.login = session_user", "c.login is not null"),
        ["tests/sql/events/test_reading.py::test_consumer_of_another_login_is_refused"],
    ),
    Mutant(
        "a debit decides without the lock",
        Rewrite("credits.use_credits", "for no key update;", ";"),
        ["tests/sql/concurrency/test_debits_that_waited.py::test_last_credits_go_once"],
    ),
    Mutant(
        "a debit of a pool decides without the lock",
        Rewrite("credits.use_guild_credits", "for no key update of p;", ";"),
        ["tests/sql/concurrency/test_debits_that_waited.py::test_last_credits_of_a_pool_go_once"],
    ),
    Mutant(
        "a debit does not look for its key among the reservations",
        Rewrite("credits.use_credits", "v_before.reservations_count > 0", "false"),
        [
            "tests/sql/concurrency/test_debits_that_waited.py"
            "::test_key_of_a_hold_made_meanwhile_is_taken"
        ],
    ),
    Mutant(
        "a debit that waited keeps the id that it drew before",
        Rewrite(
            "credits.use_credits",
            "credits._next_id(v_before.last_transaction_id)",
            "(lpad(to_hex((extract(epoch from statement_timestamp()) * 1000)::bigint), 12, '0')"
            " || '70008000000000000000')::uuid",
        ),
        [
            "tests/sql/concurrency/test_debits_that_waited.py"
            "::test_id_is_drawn_when_the_account_is_there"
        ],
    ),
    Mutant(
        "a debit does not look for caps",
        Rewrite("credits.use_credits", "and not exists", "or exists"),
        ["tests/sql/concurrency/test_debits_that_waited.py::test_cap_that_is_set_meanwhile_holds"],
    ),
    Mutant(
        "a batch decides on accounts that it has not locked",
        Rewrite(
            "credits.use_credits_batch",
            "case when i.user_id = any (v_locked) then i.user_id end",
            "i.user_id",
        ),
        ["tests/sql/concurrency/test_batches.py::test_account_opened_meanwhile_is_locked_too"],
    ),
    Mutant(
        "a batch decides on pools that it has not locked",
        Rewrite(
            "credits.use_guild_credits_batch",
            "case when i.organization_id = any (v_locked) then i.organization_id end",
            "i.organization_id",
        ),
        ["tests/sql/concurrency/test_batches.py::test_pool_opened_meanwhile_is_locked_too"],
    ),
    Mutant(
        "a row that is there may be skipped over, though the balance has moved",
        Rewrite(
            "credits._apply_transaction", "if new.idempotency_key is not null then", "if false then"
        ),
        ["tests/sql/invariants/test_chains.py::test_row_that_is_there_cannot_be_skipped_over"],
    ),
    Mutant(
        "whole rows are taken as they are, whoever writes them",
        Statement(
            "drop trigger apply_transaction on credits.transactions;"
            " create trigger apply_transaction before insert on credits.transactions"
            " for each row when (new.sequence is null)"
            " execute function credits._apply_transaction()"
        ),
        ["tests/sql/invariants/test_whole_rows_by_hand.py::test_row_that_does_not_fit_is_refused"],
    ),
    Mutant(
        "a batch spends what is not there",
        Rewrite("credits._use_together", "where j.available_after >= 0", ""),
        ["tests/sql/batches/test_use_credits_batch.py::test_refused_item_leaves_the_others_alone"],
    ),
    Mutant(
        "a batch goes beyond a member's limit",
        Rewrite(
            "credits._use_guild_together", "l.daily_limit < used.today + m.amount or ", "false or "
        ),
        [
            "tests/sql/batches/test_use_guild_credits_batch.py"
            "::test_only_what_goes_beyond_a_limit_is_refused"
        ],
    ),
    Mutant(
        "a member goes beyond their month",
        Rewrite("credits._count_spending", " or v_monthly_limit < v_this_month", ""),
        [
            "tests/sql/concurrency/test_debits_that_waited.py"
            "::test_limits_hold_for_who_does_not_wait"
        ],
    ),
)

"""Rules broken on purpose, one at a time, and the few tests that have to notice.

To add one, take a text that stands exactly once in the function as it is deployed, or a statement
that takes a protection away. Name the tests that should fail without the rule. `make check` says so
if the text is gone, if the tests fail without the mutation, or if none fails with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg


class MutantError(Exception):
    """The mutation does not fit the database: the message says which and why."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Put one text in the place of another, in the body of a function `schema.name`."""

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
            try:
                self.change.apply(connection)
            except psycopg.Error as error:
                raise MutantError(str(error).splitlines()[0]) from error


MUTANTS = (
    Mutant(
        "an idempotency key is not looked up",
        Rewrite(
            "credits._of_key",
            "e.idempotency_key = p_idempotency_key",
            "e.idempotency_key = p_idempotency_key and false",
        ),
        [
            "tests/sql/balances/test_refund_credits.py::test_retry_returns_the_first_result_after_later_movements"
        ],
    ),
    Mutant(
        "what an erased person was given once is given again",
        Rewrite("credits._refuse_buried", "if p_value is not null", "if false"),
        ["tests/sql/erasure/test_tombstones.py::test_repetition_does_not_open_the_account"],
    ),
    Mutant(
        "an erasure lifts a guild's block",
        Rewrite("credits._bury_blocks", "v_limit.blocks)", "false)"),
        ["tests/sql/erasure/test_tombstones.py::test_who_was_blocked_stays_blocked"],
    ),
    Mutant(
        "two entries may have one idempotency key",
        Statement("drop index credits.entries_idempotency_key"),
        ["tests/sql/balances/test_use_credits.py"],
    ),
    Mutant(
        "entries can be deleted",
        Rewrite(
            "credits._protect_entries",
            "if tg_op = 'UPDATE' and (",
            "if tg_op = 'DELETE' then\n        return old;\n    end if;\n"
            "    if tg_op = 'UPDATE' and (",
        ),
        ["tests/sql/invariants/test_ledgers_are_append_only.py::test_row_cannot_be_deleted"],
    ),
    Mutant(
        "seals do not cover the time of an entry",
        Rewrite("credits._entry_text", "p_entry.created_at", "date '2020-01-01'"),
        ["tests/sql/seals/test_tampering.py::test_forged_ledger_is_found"],
    ),
    Mutant(
        "an account is renamed while it is sealed",
        Rewrite("credits.seal", "            for key share skip locked;", ";"),
        ["tests/sql/seals/test_concurrency.py::test_erasure_waits_for_a_seal_and_takes_it_along"],
    ),
    Mutant(
        "anybody writes entries",
        Statement("drop trigger refuse_other_writers on credits.entries"),
        ["tests/sql/invariants/test_entries_by_hand.py"],
    ),
    Mutant(
        "the refunds of a usage are not added up",
        Rewrite(
            "credits.refund_credits",
            "if p_amount > v_left then",
            "if p_amount > -v_usage.amount then",
        ),
        ["tests/sql/refunds/test_linked_refund.py::test_more_than_is_left_is_refused"],
    ),
    Mutant(
        "a refund of a pool's usage does not count for its day",
        Rewrite(
            "credits.refund_credits",
            "credits._limits_day(v_usage.created_at)),\n",
            "credits._limits_day(v_usage.created_at)) - 1,\n",
        ),
        ["tests/sql/refunds/test_refund_of_guild_usage.py::test_counted_spending_goes_down"],
    ),
    Mutant(
        "a daily limit is wider than it was set",
        Rewrite(
            "credits._tightest",
            "w.spent + p_amount > w.most",
            "w.spent + p_amount > w.most + 0.000001",
        ),
        ["tests/sql/guilds/test_limits.py::test_limit_can_be_used_up_to_the_last_digit"],
    ),
    Mutant(
        "a hold outlives its time",
        Rewrite(
            "credits._settle", "r.expires_at <= v_now", "r.expires_at <= v_now - interval '1 hour'"
        ),
        ["tests/sql/reservations/test_hold_past_its_time.py::test_credits_can_be_spent"],
    ),
    Mutant(
        "more than is held can be committed",
        Rewrite(
            "credits.commit_reservation",
            "if v_priced.amount > v_held.amount and",
            "if v_priced.amount > v_held.amount + 1 and",
        ),
        ["tests/sql/reservations/test_commit_reservation.py::test_more_than_reserved_is_refused"],
    ),
    Mutant(
        "a commit frees nothing of what was held",
        Rewrite("credits._use_held", "-p_amount, -p_freed,", "-p_amount, 0,"),
        ["tests/sql/reservations/test_commit_reservation.py"],
    ),
    Mutant(
        "a late commit counts for the day of its hold",
        Rewrite(
            "credits._use_held",
            "p_spending_day => case when p_held.status = 'held' then p_held.spending_day end",
            "p_spending_day => p_held.spending_day",
        ),
        [
            "tests/sql/reservations/test_late_commit.py::test_it_counts_as_spent_on_the_day_of_the_commit_and_so_does_its_refund"
        ],
    ),
    Mutant(
        "what expires last is spent first",
        Rewrite(
            "credits._take_lots", "order by l.expires_at, l.id", "order by l.expires_at desc, l.id"
        ),
        ["tests/sql/grants/test_spending_order.py"],
    ),
    Mutant(
        "a debt is not repaid from lots",
        Rewrite("credits._repay_from_lots", "if v_last.clawed_back = 0 then", "if true then"),
        ["tests/sql/clawbacks/test_debt.py"],
    ),
    Mutant(
        "a dispute that is won gives nothing back",
        Rewrite("credits._apply_reversals", "and d.status <> 'won'", "and true"),
        ["tests/sql/clawbacks/test_debt.py::test_dispute_that_is_won_ends_the_debt"],
    ),
    Mutant(
        "what was asked of Stripe too early is noted all the same",
        Rewrite("credits.record_reversal", "p_seen <> v_purchase.reversals_version", "false"),
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
            "when p_stripe_payment_intent_id <> v_purchase.stripe_payment_intent_id",
            "when false",
        ),
        ["tests/sql/purchases/test_complete_purchase.py"],
    ),
    Mutant(
        "a payment of another amount completes a purchase",
        Rewrite(
            "credits.complete_purchase",
            "v_purchase.price_euro_cents = p_amount_cents and ",
            "",
        ),
        [
            "tests/sql/purchases/test_complete_purchase.py::test_another_amount_or_currency_moves_nothing"
        ],
    ),
    Mutant(
        "claimed portions of a gift are not counted",
        Rewrite(
            "gifts._claim_portion",
            "claimed_portions = v_portion,",
            "claimed_portions = claimed_portions,",
        ),
        ["tests/sql/gifts/test_redeem_gift.py::test_last_portion_depletes_the_gift"],
    ),
    Mutant(
        "a gift is not locked while it is redeemed",
        Rewrite("gifts.redeem_gift", "g.code = v_code for no key update;", "g.code = v_code;"),
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
        Rewrite("credits._erase_in_place", "account_id = $3, description = ''", "account_id = $3"),
        ["tests/sql/erasure/test_no_trace.py"],
    ),
    Mutant(
        "everybody may call a function that writes the ledger",
        Statement("grant execute on all functions in schema credits to public"),
        ["tests/sql/roles/test_privileges.py::test_functions_are_those_of_the_role"],
    ),
    Mutant(
        "an alert is told at every debit below its threshold",
        Rewrite("credits._emit_balance", " and v_owned - v_entry.amount > p_low_balance_at", ""),
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
        "an entry is written without the lock",
        Rewrite("credits._post", "    for no key update;", "    ;"),
        [
            "tests/sql/concurrency/test_debits_that_waited.py::test_last_credits_go_once",
            "tests/sql/concurrency/test_debits_that_waited.py::test_last_credits_of_a_pool_go_once",
        ],
    ),
    Mutant(
        "an entry counts what is spent with the wrong sign",
        Rewrite(
            "credits._post",
            "e.total_spent - p_amount as total_spent",
            "e.total_spent + p_amount as total_spent",
        ),
        ["tests/sql/balances/test_use_credits.py"],
    ),
    Mutant(
        "ids do not grow with the sequence when the clock goes back",
        Rewrite("credits._post", "if v_last.id >= v_id then", "if false then"),
        ["tests/sql/ids"],
    ),
    Mutant(
        "a debit does not look for caps",
        Rewrite(
            "credits._post",
            "if v_last.capped and p_is_use then",
            "if false then",
        ),
        ["tests/sql/concurrency/test_debits_that_waited.py::test_cap_that_is_set_meanwhile_holds"],
    ),
    Mutant(
        "a debit spends what is not there",
        Rewrite(
            "credits._post",
            "if v_last.available < -coalesce(p_overdraft, 0) and p_amount < p_held",
            "if false",
        ),
        ["tests/sql/balances/test_use_credits.py"],
    ),
    Mutant(
        "a member's limit is not looked at",
        Rewrite(
            "credits._post",
            "if v_running.exceeded is not null then\n                perform",
            "if false then\n                perform",
        ),
        ["tests/sql/guilds/test_limits.py"],
    ),
    Mutant(
        "a person's own limit is not looked at",
        Rewrite("credits._post", "if v_limited and p_type in", "if false and p_type in"),
        ["tests/sql/limits/test_own_limits.py::test_zero_blocks"],
    ),
    Mutant(
        "a frozen account pays",
        Rewrite("credits._post", "if v_frozen and p_amount < p_held", "if false"),
        ["tests/sql/limits/test_frozen.py::test_nothing_goes_out_until_it_is_lifted"],
    ),
    Mutant(
        "a repeated debit is refused for what came since",
        Rewrite(
            "credits._post",
            "                return null;\n            end if;\n            if v_buried",
            "                v_id := v_id;\n            end if;\n            if v_buried",
        ),
        ["tests/sql/balances/test_use_credits.py"],
    ),
    Mutant(
        "a balance grows beyond what it can hold",
        Rewrite(
            "credits._post",
            "if p_amount > 0 and v_last.available + v_last.reserved > 999999999999.999999",
            "if false",
        ),
        ["tests/sql/balances/test_refund_credits.py"],
    ),
    Mutant(
        "what was taken of the lot in front is forgotten before another movement",
        Rewrite(
            "credits._post",
            "if v_last.lot_id is not null and v_lot.id is null then",
            "if false then",
        ),
        ["tests/sql/grants/test_spending_order.py"],
    ),
    Mutant(
        "lots are not taken by what goes out",
        Rewrite("credits._post", "perform credits._take_lots(", "perform format('', "),
        ["tests/sql/grants/test_spending_order.py"],
    ),
    Mutant(
        "usage is never folded",
        Rewrite(
            "credits._post",
            "if v_last.sequence % 256 = 0 and p_kind = 'person' then",
            "if false then",
        ),
        ["tests/sql/balances/test_usage_stats.py"],
    ),
    Mutant(
        "a member goes beyond their month",
        Rewrite(
            "credits._tightest",
            "p_spent.this_week, p_spent.this_month]",
            "p_spent.this_week, 0]",
        ),
        [
            "tests/sql/concurrency/test_debits_that_waited.py::test_limits_hold_for_who_does_not_wait"
        ],
    ),
    Mutant(
        "what a member spent counts for every month",
        Rewrite(
            "credits._roll_on",
            "p_before.running_day >= credits._month(p_running)",
            "true",
        ),
        ["tests/sql/guilds/test_limit_windows.py"],
    ),
    Mutant(
        "an account is settled without its lock",
        Rewrite(
            "credits._lock_account",
            "a.closed_at is null\n        for no key update;",
            "a.closed_at is null;",
        ),
        ["tests/sql/concurrency/test_linked_refunds.py"],
    ),
    Mutant(
        "a batch spends what is not there",
        Rewrite(
            "credits._post_batch",
            "exit when p_amounts[v_item] > v_new.available;",
            "",
        ),
        ["tests/sql/batches/test_use_credits_batch.py"],
    ),
    Mutant(
        "a batch goes beyond a member's limit",
        Rewrite(
            "credits._plain_members",
            "v_spent.today + v_member.asked > v_member.daily_limit",
            "v_spent.today > v_member.daily_limit",
        ),
        ["tests/sql/batches/test_use_guild_credits_batch.py"],
    ),
    Mutant(
        "a batch goes beyond the limit of all members",
        Rewrite(
            "credits._plain_members",
            "coalesce(own.daily_limit, l.daily_limit)",
            "own.daily_limit",
        ),
        ["tests/sql/batches/test_use_guild_credits_batch.py"],
    ),
    Mutant(
        "a batch debits a key twice",
        Rewrite(
            "credits._post_batch",
            "group by k.account_id, k.key, case when k.key is null then k.item end",
            "group by k.account_id, k.key, k.item",
        ),
        ["tests/sql/batches/test_use_credits_batch.py"],
    ),
    Mutant(
        "a batch does not look for caps",
        Rewrite(
            "credits._post_batch",
            "where c.caller in (session_user, p_caller))",
            "where false)",
        ),
        ["tests/sql/batches/test_use_credits_batch.py"],
    ),
    Mutant(
        "a batch spends lots as if they lasted",
        Rewrite(
            "credits._post_batch",
            "where o.account_id = g.account_id and o.remaining > 0",
            "where false",
        ),
        ["tests/sql/batches/test_use_credits_batch.py"],
    ),
    Mutant(
        "a batch decides on accounts that it has not locked",
        Rewrite("credits._lock_accounts", "for no key update", ""),
        ["tests/sql/concurrency/test_batches.py"],
    ),
    Mutant(
        "a revoked name leaves the keys of the environment",
        Rewrite(
            "credits.admin_revoke_service_key",
            "p_number is null or p_number = 0 then",
            "p_number = 0 then",
        ),
        ["tests/sql/desk/test_service_keys.py"],
    ),
    Mutant(
        "whose amounts are capped makes a key for any amount",
        Rewrite("credits.admin_make_service_key", "999999999.999999, 'admin:'", "0, 'admin:'"),
        ["tests/sql/desk/test_service_keys.py"],
    ),
    Mutant(
        "acts of the desk are compared by the hashes that they have",
        Rewrite(
            "credits._hash_acts",
            "hash := credits._act_hash(to_jsonb(v_act), hash)",
            "hash := v_act.hash",
        ),
        ["tests/sql/seals/test_export.py"],
    ),
)

"""Estimates of the planner: none of our statements looks so costly that it would be compiled.

Servers with JIT compile a statement whose estimated cost is above `jit_above_cost`, which takes
most of a second. Estimates come from what functions declare about their rows more than from tables.
"""

import re
from collections.abc import Iterator

import pytest

from tests.databases import Connection, Database

# By default.
JIT_ABOVE_COST = 100_000

COST = re.compile(r"cost=[\d.]+\.\.([\d.]+)")

# As many rows as PostgreSQL believes of a function that says nothing; these have as many.
THOUSANDS = {"credits.export_seals"}

UNPAID = "(select max(id::text)::uuid from credits.purchases where status = 'pending')"
PAID = "(select max(id::text)::uuid from credits.purchases where status = 'completed')"
HOLD = "(select max(id::text)::uuid from credits.reservations where status = 'held')"
GIFT = "(select max(id::text)::uuid from gifts.gift_codes where status = 'active')"
CODE = f"(select code from gifts.gift_codes where id = {GIFT})"
LATER = "clock_timestamp() + interval '1 day'"

# Everything that a login may call, each with something to do; helpers of views are in those.
CALLS = (
    "credits.init_balance('u1')",
    "credits.init_guild_pool('g1')",
    "credits.refund_credits('u1', 1000, 'Welcome')",
    f"credits.grant_credits('u1', 10, 'Bonus', 'r1', p_expires_at => {LATER})",
    f"credits.grant_credits('u1', 10, 'Bonus', 'r2', p_expires_at => {LATER})",
    "credits.fund_guild_pool('u1', 'g1', 100)",
    "credits.set_spending_limits('g1', 'u2', 50, 90)",
    "credits.set_low_balance_alert(5, 'u1')",
    "credits.set_limits('u1', '{\"daily\": 1000}')",
    "credits.get_limits('u1')",
    "credits.set_guild_limits('g1', 1000)",
    "credits.get_guild_limits('g1')",
    "credits.freeze_account('u1', 'Asked for')",
    "credits.unfreeze_account('u1')",
    "credits.use_credits('u1', 1, 'chat', 'One answer', 'k1')",
    "credits.refund_credits('u1', 1, 'Sorry', p_transaction_id =>"
    " (select max(id::text)::uuid from credits.transactions where type = 'usage'))",
    "credits.use_guild_credits('g1', 'u2', 1, 'chat', 'One answer', 'k1')",
    "credits.use_credits_batch('{u1,u2}', '{1,1}', '{chat,chat}', '{a,b}', '{k2,k3}')",
    "credits.use_guild_credits_batch('{g1,g1}', '{u1,u2}', '{1,1}', '{chat,chat}', '{a,b}')",
    "credits.reserve_credits('u1', 15, 'Asked')",
    f"credits.commit_reservation({HOLD}, 2)",
    "credits.reserve_credits('u1', 15, 'Asked')",
    f"credits.release_reservation({HOLD})",
    "credits.reserve_credits('u1', 15, 'Asked')",
    f"credits.extend_reservation({HOLD}, 60)",
    f"credits.capture_reservation({HOLD}, 2, 'c1')",
    f"credits.get_reservation({HOLD})",
    f"credits.account_of_hold({HOLD})",
    "credits.reserve_credits('u2', 5, 'Asked', p_guild_id => 'g1')",
    "credits.quote('u1', '[{\"operation\": \"chat.word\"}]')",
    "credits.explain_use('u1', 1, 'chat')",
    "credits.explain_use('u1', 100000, 'chat')",
    "credits.explain_use('u2', 70, 'chat', 'g1')",
    "credits.get_balance('u1')",
    f"credits.get_balance('u1', {LATER})",
    "credits.get_balances('{u1,u2}')",
    "credits.get_guild_balance('g1')",
    "credits.get_low_balance_alert('u1')",
    "credits.get_spending('g1', 'u2')",
    "credits.get_spending_limits('g1', 'u2')",
    "credits.limits_time_zone()",
    "credits.list_transactions('u1')",
    "credits.end_of_page('u1', 20)",
    "credits.list_transactions('u1', 20, 5, null, 'usage', 'chat', '2020-01-01', '2100-01-01')",
    "credits.list_guild_transactions('g1')",
    "credits.list_guild_transactions('g1', 'u2')",
    "credits.list_usage('u1')",
    "credits.list_usage_by_operation('u1')",
    "credits.list_prices()",
    "credits.reprice('2020-01-01', '2100-01-01', '2100-01-01')",
    "credits.list_packages()",
    "credits.begin_purchase('u1', (select max(id::text)::uuid from credits.packages))",
    f"credits.save_stripe_customer('u1', 'cus_1', 'ann@example.com', null, {UNPAID})",
    f"credits.attach_payment('u1', {UNPAID}, 'pi_1')",
    f"credits.complete_purchase('u1', {UNPAID}, 499, 'eur', 'pi_1')",
    f"credits.record_reversal('u1', {PAID}, 100)",
    f"credits.record_reversal('u1', {PAID}, 100, 'dp_1', 'lost')",
    "credits.find_purchase('pi_1')",
    f"credits.list_purchases('u1', p_purchase_id => {PAID})",
    "credits.list_open_disputes()",
    "credits.list_purchases_to_compare('completed', '2020-01-01')",
    "credits.begin_purchase('u1', (select max(id::text)::uuid from credits.packages))",
    f"credits.fail_purchase('u1', {UNPAID}, 'failed', 'declined')",
    "gifts.create_gift('u1', 10, 'split', 5)",
    f"gifts.get_gift({CODE})",
    f"gifts.redeem_gift({CODE}, 'u2')",
    f"gifts.redeem_gift({CODE}, 'u3', p_typed => true)",
    "gifts.list_created_gifts('u1')",
    "gifts.list_received_gifts('u2')",
    f"gifts.cancel_gift({GIFT}, 'u1')",
    "gifts.create_gift('u1', 10, 'personalized', p_target_email => 'bob@example.com')",
    f"gifts.riddle_salt({CODE}, 'u2')",
    "gifts.redeem_pending_gifts('u2', 'bob@example.com')",
    "gifts.expire_gifts()",
    "credits.expire_due(100)",
    "credits.expire_attempts()",
    "credits.erasure_is_due()",
    "credits.continue_erasure()",
    "credits.claim_job('a job', 1)",
    "credits.end_job('a job')",
    "credits.claim_measurement()",
    "credits.measure()",
    "credits.get_metrics()",
    "credits.register_webhook('crm', 'https://crm.example', '{purchase.completed}')",
    "credits.order_events(100)",
    "credits.read_events('crm')",
    "credits.ack_events('crm', (select position from credits.event_consumers))",
    "credits.claim_webhooks(10, 30)",
    "credits.release_webhook('crm', gen_random_uuid(), null, 0)",
    "credits.trim_events()",
    "credits.seal('', 100)",
    "credits.export_seals()",
    "credits.compare_seals((select jsonb_agg(to_jsonb(e)) from credits.export_seals() e))",
    "credits.hash_entries('u1', 'person', null, null, null, 10)",
    "credits.hash_entries('g1', 'pool', null, null, null, 10)",
    "credits._definitions()",
    "credits.reconcile()",
    "credits.reconcile(p_scope => 'full')",
    "credits.admin_grant('adm', 'u3', 5, 'Asked for', 'a1')",
    "credits.admin_take('adm', 'u3', 1, 'Asked for', 'a2')",
    "credits.admin_freeze('adm', 'u3', 'Asked for', 'a3')",
    "credits.admin_refund('adm', (select max(id::text)::uuid from credits.transactions"
    " where type = 'usage' and user_id = 'u1'), 'Asked for', 'a4', 0.5)",
    "credits.reserve_credits('u1', 1, 'Asked')",
    f"credits.admin_release('adm', {HOLD}, 'Asked for', 'a5')",
    "gifts.create_gift('u1', 1)",
    f"credits.admin_cancel_gift('adm', {GIFT}, 'Asked for', 'a6')",
    "credits.admin_set_package('adm', 'Asked for', 'a7', p_name => 'Q', p_credits => 5,"
    " p_price_euro_cents => 99)",
    "credits.admin_set_price('adm', 'chat.word', 'Asked for', 'a8', 0.03)",
    "credits.admin_make_service_key('adm', 'chat', 'Asked for', 'a9')",
    "credits.admin_revoke_service_key('adm', 'chat', 'Asked for', 'a10')",
    "credits.list_service_keys()",
    "credits.admin_find('u1')",
    "credits.admin_account('u1')",
    "credits.admin_list_actions()",
    "credits.admin_list_prices()",
    "credits.erase_user('u1', 'ann@example.com')",
    "credits.list_customer_deletions()",
    "credits.confirm_customer_deletion('cus_1')",
)


@pytest.fixture(scope="module")
def planner(module_database: Database) -> Iterator[Connection]:
    """A superuser's connection, in a transaction, that is told the plan of every statement.

    In a database whose tables have not grown by other tests, which the planner would see.
    """
    with module_database.connect(autocommit=False) as connection:
        connection.execute(
            """
            load 'auto_explain';
            set local auto_explain.log_min_duration = 0;
            set local auto_explain.log_nested_statements = on;
            set local client_min_messages = log;
            insert into credits.packages (name, credits, price_euro_cents) values ('P', 100, 499);
            insert into credits.prices (operation, unit_price) values ('chat.word', 0.02);
            """
        )
        yield connection
        connection.rollback()


def test_no_statement_of_a_call_looks_costly(planner: Connection) -> None:
    plans: list[str] = []
    planner.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
    estimates = {}
    for call in CALLS:
        plans.clear()
        planner.execute(f"select * from {call}")
        estimates[call] = max(float(cost) for plan in plans for cost in COST.findall(plan))
    assert not {call: cost for call, cost in estimates.items() if cost >= JIT_ABOVE_COST}


def test_everything_that_a_login_may_call_is_among_them(db: Connection) -> None:
    found = db.execute(
        """
        select distinct p.pronamespace::regnamespace || '.' || p.proname as name
        from pg_proc p
        cross join unnest('{credits_api,credits_service,credits_auditor}'::text[]) r (role)
        where p.pronamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
            and p.proname not like '\\_%'
            and has_function_privilege(r.role, p.oid, 'execute')
        """
    )
    assert {row["name"] for row in found} <= {call.partition("(")[0] for call in CALLS}


def test_every_function_that_returns_rows_says_how_many(db: Connection) -> None:
    found = db.execute(
        """
        select p.pronamespace::regnamespace || '.' || p.proname as name
        from pg_proc p
        join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('credits', 'gifts', 'reconcile')
            and p.proretset
            and p.prorows = 1000
        """
    )
    assert {row["name"] for row in found} == THOUSANDS

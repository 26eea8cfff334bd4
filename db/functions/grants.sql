-- Every privilege, made from scratch at each deployment.

revoke all on schema credits, gifts, reconcile from public, credits_api, credits_service, credits_auditor,
credits_ledger;
revoke all on all tables in schema credits, gifts, reconcile from public, credits_api, credits_service, credits_auditor,
credits_ledger;
revoke all on all functions in schema credits, gifts, reconcile from public, credits_api, credits_service,
credits_auditor, credits_ledger;

grant usage on schema credits, gifts to credits_api, credits_service, credits_auditor;
grant usage on schema credits to credits_ledger;
grant usage on schema reconcile to credits_auditor;

-- The writers alone insert into the ledger, and lock the account that they write for. Not even the owner inserts.
revoke insert on credits.entries from credits_owner;
grant insert, select on credits.entries to credits_ledger;
grant select, update (created_at) on credits.accounts to credits_ledger;
grant select on credits.settings, credits.service_caps, credits.lots, credits.guild_spending_limits,
    credits.spending_limits to credits_ledger;
grant execute on function
    credits._check_cap,
    credits._count_spending,
    credits._emit_balance,
    credits._fold_usage,
    credits._front_lot,
    credits._has_short_numbers,
    credits._id_after,
    credits._is_amount,
    credits._is_clean_text,
    credits._is_id,
    credits._is_metadata,
    credits._is_pseudonym,
    credits._is_use,
    credits._login,
    credits._month,
    credits._week,
    credits._new_id,
    credits._next_due,
    credits._note_lot,
    credits._now,
    credits._plain_members,
    credits._refuse_absent,
    credits._refuse_buried,
    credits._refuse_frozen,
    credits._refuse_insufficient,
    credits._refuse_outdated,
    credits._refuse_over_limit,
    credits._refuse_too_large,
    credits._roll_on,
    credits._running_figures,
    credits._settle,
    credits._take_lots
to credits_ledger;

-- What trusted services may call: the functions of the contract, and nothing else.
grant execute on function
    credits.get_balance,
    credits.init_balance,
    credits.get_balances,
    credits.use_credits,
    credits.use_credits_batch,
    credits.refund_credits,
    credits.grant_credits,
    credits.reserve_credits,
    credits.extend_reservation,
    credits.capture_reservation,
    credits.commit_reservation,
    credits.get_reservation,
    credits.release_reservation,
    credits.explain_use,
    credits.list_prices,
    credits.quote,
    credits.erase_user,
    credits.init_guild_pool,
    credits.fund_guild_pool,
    credits.use_guild_credits,
    credits.use_guild_credits_batch,
    credits.set_spending_limits,
    credits.get_spending,
    credits.get_low_balance_alert,
    credits.set_low_balance_alert,
    credits.get_limits,
    credits.set_limits,
    credits.get_guild_limits,
    credits.set_guild_limits,
    credits.get_spending_limits,
    credits.freeze_account,
    credits.unfreeze_account,
    credits.order_events,
    credits.read_events,
    credits.ack_events,
    gifts.create_gift,
    gifts.redeem_gift,
    gifts.cancel_gift,
    gifts.get_gift,
    gifts.riddle_salt,
    gifts.redeem_pending_gifts,
    gifts.expire_gifts
to credits_service, credits_api;

-- What only the HTTP layer calls besides: histories, and the steps of a purchase.
grant execute on function
    credits.admin_account,
    credits.admin_cancel_gift,
    credits.admin_find,
    credits.admin_freeze,
    credits.admin_grant,
    credits.admin_list_actions,
    credits.admin_list_prices,
    credits.admin_make_service_key,
    credits.admin_refund,
    credits.admin_release,
    credits.admin_revoke_service_key,
    credits.admin_set_package,
    credits.admin_set_price,
    credits.admin_take,
    credits.list_transactions,
    credits.end_of_page,
    credits.list_packages,
    credits.list_service_keys,
    credits.begin_purchase,
    credits.save_stripe_customer,
    credits.attach_payment,
    credits.complete_purchase,
    credits.fail_purchase,
    credits.list_purchases,
    credits.find_purchase,
    credits.record_reversal,
    credits.list_open_disputes,
    credits.list_purchases_to_compare,
    credits.list_customer_deletions,
    credits.confirm_customer_deletion,
    credits.claim_job,
    credits.end_job,
    credits.claim_webhooks,
    credits.release_webhook,
    credits.trim_events,
    credits.list_usage,
    credits.list_usage_by_operation,
    credits.account_of_hold,
    credits.expire_due,
    credits.erasure_is_due,
    credits.continue_erasure,
    credits.expire_attempts,
    credits.seal,
    credits.claim_measurement,
    credits.measure,
    credits.get_metrics,
    credits.get_guild_balance,
    credits.list_guild_transactions,
    credits.limits_time_zone,
    gifts.list_created_gifts,
    gifts.list_received_gifts
to credits_api;

-- Auditors read everything but secrets and the codes of gifts, which are money to whoever has them. They run the
-- reconciliation, which keeps its own record of each run, and write nothing.
grant select on all tables in schema credits, gifts, reconcile to credits_auditor;
revoke select on credits.webhook_secrets, credits.address_key, gifts.gift_codes,
gifts.gift_redemptions from credits_auditor;
grant select (
    id, creator_id, creator_name, total_credits, credits_per_portion, total_portions, claimed_portions, claimed_before,
    refunded_credits, type, status, target_email, target_hash, target_matrix_id, riddle_question, riddle_answer_hash,
    message, expires_at, source_app_id, reservation_transaction_id, refund_transaction_id, created_at, updated_at
) on gifts.gift_codes to credits_auditor;
grant select (
    id, gift_code_id, redeemer_user_id, status, credits_received, portion_number, credit_transaction_id, source_app_id,
    created_at
) on gifts.gift_redemptions to credits_auditor;
grant execute on function
    credits.reprice,
    credits.reconcile,
    credits._definitions,
    credits.export_seals,
    credits.compare_seals,
    credits.hash_entries,
    credits._costs_of,
    credits._facts_of,
    credits._has_other_side,
    credits._spending_of,
    credits._sequence_at,
    credits._act_hash,
    credits._words_hash,
    credits._keyed_hash,
    credits._is_pseudonym,
    credits._as_id,
    credits._id_floor,
    credits._reconciliation_is_full,
    credits._verified_until
to credits_auditor;

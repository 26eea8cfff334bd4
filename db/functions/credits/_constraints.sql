create or replace view credits._constraints as
select listed.relation, listed.names::text[] as names, listed.may_be_null::text[] as may_be_null
from (
    values
    ('credits.account_id', '{account_id_is_plain_text}', '{}'),
    ('credits.address_key', '{address_key_pkey, address_key_cannot_be_guessed, address_key_has_one_row}', '{}'),
    ('credits.attempts', '{attempts_pkey, attempts_subject_length}', '{}'),
    ('credits.balances', '{balances_pkey, balances_add_up}', '{last_transaction_id, next_expiry, low_balance_at}'),
    ('credits.dated_credits', '{dated_credits_pkey, dated_credits_remain_in_range}', '{}'),
    ('credits.dated_movements', '{dated_movements_pkey, dated_movements_move_something}', '{}'),
    ('credits.event_consumers', '{event_consumers_pkey, event_consumers_know_their_types, event_consumers_want_something}', '{login, lost_at}'),
    ('credits.event_log', '{event_log_pkey, event_log_has_one_row}', '{}'),
    ('credits.events', '{events_pkey}', '{user_id, organization_id}'),
    ('credits.figures', '{figures_pkey, figures_have_one_row}', '{measured_at, balances, pools, reservations, gifts, open_reservations, open_gifts}'),
    ('credits.guild_member_spending',
        '{guild_member_spending_pkey, guild_member_spending_never_negative, '
        'guild_member_spending_reserved_never_negative}',
        '{}'),
    ('credits.guild_pools', '{guild_pools_pkey, guild_pools_add_up}', '{last_transaction_id, low_balance_at}'),
    ('credits.guild_seals', '{guild_seals_pkey, guild_seals_are_sha256}', '{}'),
    ('credits.guild_spending_limits', '{guild_spending_limits_pkey, guild_spending_limits_in_range}', '{daily_limit, monthly_limit}'),
    ('credits.guild_transactions',
        '{guild_transactions_pkey, guild_transactions_idempotency_key}',
        '{spending_day, app_id, idempotency_key, reference_id, request_id}'),
    ('credits.job_claims', '{job_claims_pkey}', '{}'),
    ('credits.known_addresses', '{known_addresses_pkey, known_addresses_are_sha256}', '{}'),
    ('credits.outbox', '{outbox_pkey}', '{user_id, organization_id}'),
    ('credits.packages', '{packages_pkey, packages_are_worth_something, packages_metadata_is_object}', '{stripe_price_id}'),
    ('credits.purchase_disputes', '{purchase_disputes_pkey, purchase_disputes_are_about_something}', '{}'),
    ('credits.purchases',
        '{purchases_pkey, purchases_are_worth_something, purchases_credited_when_completed, purchases_idempotency_key, '
        'purchases_take_back_what_was_bought}',
        '{failure_reason, stripe_payment_intent_id, stripe_checkout_session_id, stripe_customer_id, transaction_id, '
        'idempotency_key, request_digest, completed_at}'),
    ('credits.reconciled_accounts', '{reconciled_accounts_pkey}', '{seal_id}'),
    ('credits.reconciliations', '{reconciliations_pkey, reconciliations_know_their_scope}', '{}'),
    ('credits.reservations',
        '{reservations_pkey, reservations_are_late_when_committed, reservations_belong_to_their_account, reservations_commit_something, reservations_end_once, '
        'reservations_hold_something, reservations_idempotency_key, reservations_last_at_most_30_days, '
        'reservations_of_guilds_count_on_a_day, reservations_text_length}',
        '{organization_id, idempotency_key, spending_day, transaction_id, balance_after_end, ended_at, extended_at, first_expires_at, continues}'),
    ('credits.seals', '{seals_pkey, seals_are_sha256}', '{}'),
    ('credits.service_cap_usage', '{service_cap_usage_pkey, service_cap_usage_never_negative}', '{}'),
    ('credits.service_caps',
        '{service_caps_pkey, service_caps_know_their_operations, service_caps_never_negative}',
        '{operations, app_ids, max_amount, max_amount_per_day}'),
    ('credits.settings', '{settings_pkey, settings_have_one_row}', '{}'),
    ('credits.stripe_customer_deletions', '{stripe_customer_deletions_pkey}', '{}'),
    ('credits.stripe_customers', '{stripe_customers_pkey}', '{email}'),
    ('credits.transactions',
        '{transactions_pkey, transactions_idempotency_key, transactions_once_per_source}',
        '{app_id, idempotency_key, guild_id, reference_id, request_id}'),
    ('credits.usage_folds', '{usage_folds_pkey}', '{}'),
    ('credits.usage_marks', '{usage_marks_pkey}', '{}'),
    ('credits.webhook_secrets', '{webhook_secrets_pkey, webhook_secrets_consumer_fkey}', '{}'),
    ('credits.webhooks', '{webhooks_pkey, webhooks_are_http, webhooks_consumer_fkey}', '{last_failure, claim, stopped_at}'),
    ('gifts.gift_codes',
        '{gift_codes_pkey, gift_codes_charge_what_can_be_claimed, gift_codes_code_is_typeable, '
        'gift_codes_depleted_when_all_claimed, gift_codes_never_stored_as_expired, gift_codes_portions_in_range, '
        'gift_codes_refund_the_unclaimed, gift_codes_riddle_has_both_or_none, gift_codes_text_length, '
        'gift_codes_type_has_its_parts}',
        '{creator_name, target_email, target_hash, target_matrix_id, riddle_question, riddle_answer_hash, message, source_app_id, refund_transaction_id}'),
    ('gifts.gift_redemptions',
        '{gift_redemptions_pkey, gift_redemptions_each_portion_once, gift_redemptions_gift_fkey, '
        'gift_redemptions_one_a_person, gift_redemptions_success_pays}',
        '{portion_number, credit_transaction_id, source_app_id}')
) as listed (relation, names, may_be_null);

comment on view credits._constraints is
    'What must hold of each table and domain of the schemas credits and gifts, as the migrations leave it: its CHECKs, keys, foreign keys and unique indexes by '
    'name, and the columns that may be null, for no other may. Not gift_codes_by_creator: that index is there for lists';

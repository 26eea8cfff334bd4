create or replace view credits._triggers as
with listed (relation, name, timing, action) as (
    values
    -- Balances follow their ledger, whoever writes it: only functions that move both at once, and set credits.posting to say so,
    -- give whole rows that are taken as they are.
    ('credits.transactions', 'apply_transaction', 'before insert',
        'for each row when (new.sequence is null or current_setting(''credits.posting'', true) is distinct from ''direct'') '
        'execute function credits._apply_transaction()'),
    ('credits.guild_transactions', 'apply_guild_transaction', 'before insert',
        'for each row when (new.sequence is null or current_setting(''credits.posting'', true) is distinct from ''direct'') '
        'execute function credits._apply_guild_transaction()'),
    ('gifts.gift_redemptions', 'fold_redemption', 'after insert',
        'for each row execute function gifts._fold_redemption()'),
    ('credits.reservations', 'fold_reservation', 'after insert or update',
        'for each row execute function credits._fold_reservation()'),
    ('credits.dated_credits', 'fold_dated_credits', 'after insert',
        'for each row execute function credits._fold_dated_credits()'),
    ('credits.dated_movements', 'fold_dated_movement', 'after insert',
        'for each row execute function credits._fold_dated_movement()'),

    -- Ledgers are never changed.
    ('credits.transactions', 'protect_ledger', 'before update or delete',
        'for each row execute function credits._protect_ledger()'),
    ('credits.transactions', 'protect_ledger_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_ledger()'),
    ('credits.guild_transactions', 'protect_ledger', 'before update or delete',
        'for each row execute function credits._protect_ledger()'),
    ('credits.guild_transactions', 'protect_ledger_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_ledger()'),
    ('gifts.gift_redemptions', 'protect_ledger', 'before update or delete',
        'for each row execute function credits._protect_ledger()'),
    ('gifts.gift_redemptions', 'protect_ledger_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_ledger()'),
    ('credits.dated_movements', 'protect_ledger', 'before update or delete',
        'for each row execute function credits._protect_ledger()'),
    ('credits.dated_movements', 'protect_ledger_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_ledger()'),

    ('credits.seals', 'protect_ledger', 'before update or delete',
        'for each row execute function credits._protect_ledger()'),
    ('credits.seals', 'protect_ledger_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_ledger()'),
    ('credits.guild_seals', 'protect_ledger', 'before update or delete',
        'for each row execute function credits._protect_ledger()'),
    ('credits.guild_seals', 'protect_ledger_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_ledger()'),

    -- The one exception: an erasure, which is of a person as a whole.
    ('credits.transactions', 'check_erasure', 'after update',
        'referencing old table as old_rows new table as new_rows for each statement execute function credits._check_erasure()'),
    ('credits.guild_transactions', 'check_erasure', 'after update',
        'referencing old table as old_rows new table as new_rows for each statement execute function credits._check_guild_erasure()'),
    ('credits.dated_movements', 'check_erasure', 'after update',
        'referencing old table as old_rows new table as new_rows for each statement execute function credits._check_dated_erasure()'),
    ('gifts.gift_redemptions', 'check_erasure', 'after update',
        'for each row when (new.status = ''success'') execute function gifts._check_redeemer()'),
    ('credits.dated_credits', 'check_erasure', 'after update of user_id',
        'deferrable initially deferred for each row execute function credits._check_renamed_dated()'),
    ('credits.balances', 'check_erasure', 'after update of user_id',
        'deferrable initially deferred for each row execute function credits._check_renamed_balance()'),
    ('credits.guild_member_spending', 'check_erasure', 'after update of user_id',
        'deferrable initially deferred for each row execute function credits._check_renamed_counter()'),
    ('credits.seals', 'check_erasure', 'after update of user_id',
        'deferrable initially deferred for each row execute function credits._check_renamed_seal()'),

    -- What follows a ledger is never written directly (a trigger that folds writes at depth 1), but by the functions named above.
    ('credits.balances', 'protect_amounts', 'before update of balance, total_earned, total_spent, reserved, clawed_back, version, '
        'last_transaction_id, reservations_count, next_expiry, created_at, updated_at',
        'for each statement execute function credits._protect_amounts()'),
    ('credits.balances', 'protect_from_invention', 'before insert',
        'for each row when (new.version <> 0 or new.balance <> 0 or new.reserved <> 0 or new.total_earned <> 0 '
        'or new.clawed_back <> 0 or new.reservations_count <> 0 or new.next_expiry is not null '
        'or new.last_transaction_id is not null) execute function credits._protect_balances()'),
    ('credits.balances', 'protect_from_delete', 'before delete',
        'for each row execute function credits._protect_balances()'),
    ('credits.balances', 'protect_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_balances()'),
    ('credits.guild_pools', 'protect_amounts', 'before update of organization_id, balance, total_funded, total_spent, reserved, version, '
        'last_transaction_id, reservations_count, created_at, updated_at',
        'for each statement execute function credits._protect_amounts()'),
    ('credits.guild_pools', 'protect_from_invention', 'before insert',
        'for each row when (new.version <> 0 or new.balance <> 0 or new.reserved <> 0 or new.total_funded <> 0 '
        'or new.reservations_count <> 0 or new.last_transaction_id is not null) execute function credits._protect_balances()'),
    ('credits.guild_pools', 'protect_from_delete', 'before delete',
        'for each row execute function credits._protect_balances()'),
    ('credits.guild_pools', 'protect_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_balances()'),
    ('credits.guild_member_spending', 'protect_amounts', 'before insert or delete or update of organization_id, day, spent, reserved',
        'for each statement execute function credits._protect_amounts()'),
    ('credits.guild_member_spending', 'protect_identity', 'before update of user_id',
        'for each row execute function credits._protect_balances()'),
    ('credits.guild_member_spending', 'protect_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_balances()'),
    ('credits.usage_folds', 'protect_amounts', 'before insert or update or delete',
        'for each row when (pg_trigger_depth() = 0 and current_setting(''credits.posting'', true) is distinct from ''direct'') '
        'execute function credits._protect_balances()'),
    ('credits.usage_folds', 'protect_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_balances()'),
    ('credits.usage_marks', 'protect_amounts', 'before insert or update or delete',
        'for each row when (pg_trigger_depth() = 0 and current_setting(''credits.posting'', true) is distinct from ''direct'') '
        'execute function credits._protect_balances()'),
    ('credits.usage_marks', 'protect_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_balances()'),

    ('credits.dated_credits', 'protect_amounts', 'before update',
        'for each row when (pg_trigger_depth() = 0) execute function credits._protect_balances()'),
    ('credits.dated_credits', 'protect_from_delete', 'before delete',
        'for each row execute function credits._protect_balances()'),
    ('credits.dated_credits', 'protect_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_balances()'),
    ('credits.reservations', 'protect_reservations', 'before insert or update or delete',
        'for each row execute function credits._protect_reservations()'),
    ('credits.reservations', 'protect_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_reservations()'),

    -- What moves between accounts has two sides, at the latest when the transaction ends.
    ('credits.transactions', 'check_counterpart', 'after insert',
        'deferrable initially deferred for each row '
        'when (new.reference_id is not null) '
        'execute function credits._check_counterpart()'),
    ('credits.guild_transactions', 'check_guild_counterpart', 'after insert',
        'deferrable initially deferred for each row '
        'when (new.reference_id is not null) '
        'execute function credits._check_guild_counterpart()'),

    -- Gifts and purchases pay and are paid.
    ('gifts.gift_codes', 'protect_claims', 'before update',
        'for each row when (pg_trigger_depth() = 0 and old.claimed_portions <> new.claimed_portions) '
        'execute function credits._protect_balances()'),
    ('gifts.gift_codes', 'protect_terms', 'before update',
        'for each row when (old.status not in (''active'', new.status) or (old.code, old.id, old.total_credits, '
        'old.credits_per_portion, old.total_portions, old.reservation_transaction_id) is distinct from (new.code, '
        'new.id, new.total_credits, new.credits_per_portion, new.total_portions, new.reservation_transaction_id)) '
        'execute function gifts._protect_terms()'),
    ('gifts.gift_codes', 'check_new_gift', 'after insert',
        'for each row execute function gifts._check_gift()'),
    ('gifts.gift_codes', 'check_changed_gift', 'after update',
        'for each row when ((old.id, old.creator_id, old.total_credits, old.refunded_credits, '
        'old.reservation_transaction_id, old.refund_transaction_id) is distinct from (new.id, new.creator_id, '
        'new.total_credits, new.refunded_credits, new.reservation_transaction_id, new.refund_transaction_id)) '
        'execute function gifts._check_gift()'),
    ('gifts.gift_codes', 'protect_from_delete', 'before delete',
        'for each row execute function credits._protect_balances()'),
    ('gifts.gift_codes', 'protect_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_balances()'),
    ('credits.purchases', 'protect_purchases', 'before update',
        'for each row when ((old.id, old.package_id, old.credits, old.price_euro_cents, old.currency) is distinct from '
        '(new.id, new.package_id, new.credits, new.price_euro_cents, new.currency) or (old.status = ''completed'' and '
        '(old.status, old.transaction_id) is distinct from (new.status, new.transaction_id))) '
        'execute function credits._protect_purchases()'),
    ('credits.purchases', 'check_purchase', 'after insert or update',
        'for each row when (new.status = ''completed'') execute function credits._check_purchase()'),
    ('credits.purchases', 'protect_purchases_from_delete', 'before delete',
        'for each row execute function credits._protect_purchases()'),
    ('credits.purchases', 'protect_purchases_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_purchases()'),

    ('credits.settings', 'protect_settings', 'before update or delete',
        'for each row execute function credits._protect_settings()'),
    ('credits.settings', 'protect_from_truncate', 'before truncate',
        'for each statement execute function credits._protect_settings()'),

    -- Conveniences.
    ('credits.packages', 'assign_package_id', 'before insert',
        'for each row when (new.id is null) execute function credits._assign_package_id()')
),
wanted as (
    select
        l.relation,
        l.name,
        l.timing,
        l.action,
        l.timing || ' ' || l.action as definition,
        -- "always": also in a session that has set session_replication_role. Only ledgers, which a logical replica never updates either.
        case when l.name like 'protect\_ledger%' then 'A' else 'O' end::"char" as enabled
    from listed l
)
select
    w.relation,
    w.name,
    w.timing,
    w.action,
    w.definition,
    w.enabled,
    case
        when t.oid is null then 'missing'
        -- Its comment keeps the definition, but survives `create or replace trigger`. So what the catalog has besides is compared as well: the
        -- function, the events (bits of tgtype), and whether there is a WHEN. Its expression comes back in another form than it was written in.
        when (
            select d.description
            from pg_catalog.pg_description d
            where d.objoid = t.oid and d.classoid = 'pg_catalog.pg_trigger'::regclass and d.objsubid = 0
        ) is distinct from w.definition
            or t.tgfoid is distinct from to_regprocedure(split_part(w.action, 'execute function ', 2))
            or t.tgtype <> case when w.action like '%for each row%' then 1 else 0 end
                + case when w.timing like 'before%' then 2 else 0 end
                + case when w.timing like '%insert%' then 4 else 0 end
                + case when w.timing like '%delete%' then 8 else 0 end
                + case when w.timing like '%update%' then 16 else 0 end
                + case when w.timing like '%truncate%' then 32 else 0 end
            or (t.tgqual is null) <> (w.action not like '% when (%')
            then 'changed'
        when t.tgenabled <> w.enabled then 'switched'
    end as fault
from wanted w
left join pg_catalog.pg_trigger t on t.tgrelid = to_regclass(w.relation) and t.tgname = w.name;

comment on view credits._triggers is
    'Every trigger, in one place: its definition, how it is to be enabled (A: always, O: as triggers are), and what is wrong with it in this database: '
    'missing, changed, switched (off, or on in other sessions than it should be), or null';

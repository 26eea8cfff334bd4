create or replace view reconcile.protection_off as
with needed (relation, kind, name) as (
    values
    ('credits.transactions', 'trigger', 'apply_transaction'),
    ('credits.transactions', 'trigger', 'protect_ledger'),
    ('credits.transactions', 'trigger', 'protect_ledger_from_truncate'),
    ('credits.transactions', 'trigger', 'check_erasure'),
    ('credits.transactions', 'trigger', 'check_counterpart'),
    ('credits.transactions', 'constraint', 'transactions_pkey'),
    ('credits.transactions', 'index', 'transactions_idempotency_key'),
    ('credits.transactions', 'index', 'transactions_once_per_source'),
    ('credits.balances', 'trigger', 'protect_amounts'),
    ('credits.balances', 'trigger', 'protect_from_invention'),
    ('credits.balances', 'trigger', 'protect_from_delete'),
    ('credits.balances', 'trigger', 'protect_from_truncate'),
    ('credits.balances', 'constraint', 'balances_pkey'),
    ('credits.balances', 'constraint', 'balances_add_up'),
    ('credits.guild_transactions', 'trigger', 'apply_guild_transaction'),
    ('credits.guild_transactions', 'trigger', 'protect_ledger'),
    ('credits.guild_transactions', 'trigger', 'protect_ledger_from_truncate'),
    ('credits.guild_transactions', 'trigger', 'check_erasure'),
    ('credits.guild_transactions', 'trigger', 'check_guild_counterpart'),
    ('credits.guild_transactions', 'constraint', 'guild_transactions_pkey'),
    ('credits.guild_transactions', 'index', 'guild_transactions_idempotency_key'),
    ('credits.guild_pools', 'trigger', 'protect_amounts'),
    ('credits.guild_pools', 'trigger', 'protect_from_invention'),
    ('credits.guild_pools', 'trigger', 'protect_from_delete'),
    ('credits.guild_pools', 'trigger', 'protect_from_truncate'),
    ('credits.guild_pools', 'constraint', 'guild_pools_pkey'),
    ('credits.guild_pools', 'constraint', 'guild_pools_add_up'),
    ('credits.seals', 'trigger', 'protect_ledger'),
    ('credits.seals', 'trigger', 'protect_ledger_from_truncate'),
    ('credits.seals', 'trigger', 'check_erasure'),
    ('credits.seals', 'constraint', 'seals_pkey'),
    ('credits.guild_seals', 'trigger', 'protect_ledger'),
    ('credits.guild_seals', 'trigger', 'protect_ledger_from_truncate'),
    ('credits.guild_seals', 'constraint', 'guild_seals_pkey'),
    ('gifts.gift_redemptions', 'trigger', 'fold_redemption'),
    ('gifts.gift_redemptions', 'trigger', 'protect_ledger'),
    ('gifts.gift_redemptions', 'trigger', 'protect_ledger_from_truncate'),
    ('gifts.gift_redemptions', 'index', 'gift_redemptions_one_a_person'),
    ('gifts.gift_redemptions', 'index', 'gift_redemptions_each_portion_once'),
    ('gifts.gift_codes', 'trigger', 'protect_claims'),
    ('gifts.gift_codes', 'trigger', 'protect_terms'),
    ('gifts.gift_codes', 'constraint', 'gift_codes_portions_in_range'),
    ('gifts.gift_codes', 'constraint', 'gift_codes_refund_the_unclaimed')
)
select
    n.relation as account,
    format('%s %s', n.kind, n.name) as what,
    1 as expected,
    0 as actual,
    -1 as difference
from needed n
where case n.kind
    when 'trigger' then not exists (
        select from pg_catalog.pg_trigger t
        where t.tgrelid = to_regclass(n.relation) and t.tgname = n.name
            and t.tgenabled = any (case when n.name like 'protect\_ledger%' then '{A}' else '{O,A}' end::"char"[])
    )
    when 'constraint' then not exists (
        select from pg_catalog.pg_constraint c
        where c.conrelid = to_regclass(n.relation) and c.conname = n.name and c.convalidated
    )
    else not exists (
        select from pg_catalog.pg_index i
        join pg_catalog.pg_class c on c.oid = i.indexrelid
        where i.indrelid = to_regclass(n.relation) and c.relname = n.name and i.indisunique and i.indisvalid
    )
end
union all
-- Only functions that move a balance and write its row in one statement set it, for that statement.
select coalesce(d.datname, r.rolname, 'all'), 'setting credits.posting', 0, 1, 1
from pg_catalog.pg_db_role_setting s
left join pg_catalog.pg_database d on d.oid = s.setdatabase
left join pg_catalog.pg_roles r on r.oid = s.setrole
where s.setdatabase in (0, (select o.oid from pg_catalog.pg_database o where o.datname = current_database()))
    and exists (select from unnest(s.setconfig) as c (setting) where c.setting like 'credits.posting=%');

comment on view reconcile.protection_off is
    'Triggers, constraints and unique indexes that protect the books and are dropped, disabled or not valid, and the setting that has triggers stand back, kept for a role or database';

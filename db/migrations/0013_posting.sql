-- Ledger rows are numbered within their account, so that a debit can be decided before the account is locked; usage statistics are
-- folded many rows at a time, so that a debit does not pay for them.

set local role credits_owner;

-- Every row is written anew, and read once more for the constraints, while the ledgers are locked: this is for the quiet hour of an upgrade.
-- Numbers the rows that are there. The triggers that keep ledgers as they are come back with the functions, in this very deployment.
alter table credits.transactions disable trigger user;
alter table credits.guild_transactions disable trigger user;

alter table credits.transactions add column if not exists sequence bigint;
update credits.transactions t
set sequence = n.sequence
from (
    select user_id, id, row_number() over (partition by user_id order by id) as sequence from credits.transactions
) n
where t.user_id = n.user_id and t.id = n.id and t.sequence is null;
-- squawk-ignore adding-not-nullable-field
alter table credits.transactions alter column sequence set not null;
comment on column credits.transactions.sequence is
    'The row''s number in its account, without gaps from 1 on: the balance''s version right after it';

alter table credits.guild_transactions add column if not exists sequence bigint;
update credits.guild_transactions t
set sequence = n.sequence
from (
    select organization_id, id, row_number() over (partition by organization_id order by id) as sequence
    from credits.guild_transactions
) n
where t.organization_id = n.organization_id and t.id = n.id and t.sequence is null;
-- squawk-ignore adding-not-nullable-field
alter table credits.guild_transactions alter column sequence set not null;
comment on column credits.guild_transactions.sequence is
    'The row''s number in its pool, without gaps from 1 on: the pool''s version right after it';

do $$
begin
    if to_regclass('credits.usage_folds') is null then
        alter table credits.usage_stats rename to usage_folds;
        alter table credits.usage_folds rename constraint usage_stats_pkey to usage_folds_pkey;
    end if;
end
$$;
comment on table credits.usage_folds is
    'Personal usage by user, app and UTC day, up to the ledger row that usage_marks names. Read it through the view usage_stats, which adds the rows since';

create table if not exists credits.usage_marks (
    user_id text not null,
    last_id uuid not null,
    constraint usage_marks_pkey primary key (user_id)
);
comment on table credits.usage_marks is 'Up to which ledger row an account''s usage is folded into usage_folds';
insert into credits.usage_marks (user_id, last_id)
select b.user_id, b.last_transaction_id from credits.balances b where b.last_transaction_id is not null
on conflict do nothing;

-- PostgreSQL reads a CHECK anew for every statement, which cost a debit a tenth of its time. What these said of the ledgers holds by
-- construction now: the triggers that apply a row compute its figures. What must hold of the balances is still a constraint.
-- squawk-ignore ban-drop-constraint
alter table credits.transactions drop constraint if exists transactions_add_up;
-- squawk-ignore ban-drop-constraint
alter table credits.guild_transactions drop constraint if exists guild_transactions_add_up;
-- squawk-ignore ban-drop-constraint
alter table credits.balances drop constraint if exists balances_add_up;
-- squawk-ignore constraint-missing-not-valid
alter table credits.balances add constraint balances_add_up check (
    balance = total_earned - total_spent - reserved and balance >= -clawed_back and reserved >= 0
);
-- squawk-ignore ban-drop-constraint
alter table credits.guild_pools drop constraint if exists guild_pools_add_up;
-- squawk-ignore constraint-missing-not-valid
alter table credits.guild_pools add constraint guild_pools_add_up check (
    balance = total_funded - total_spent - reserved and balance >= 0 and reserved >= 0
);

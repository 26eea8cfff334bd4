-- A past for %(accounts)s accounts and the guilds they are in, as the functions would have left it. Set-based, with the triggers that fold
-- and check switched off: `select * from credits.reconcile()` afterwards says whether it came out right.
--   personal history   days -40 to -10   a grant, then uses
--   fundings           day -9            user-n pays for the pool of guild-n
--   uses of pools      days -8 to -1

set local session_replication_role = replica;

create temporary table past on commit drop as
select
    n,
    case when n <= %(readers)s then %(reader_rows)s when n <= %(active)s then %(rows)s else %(other_rows)s end::integer as rows,
    (n - 1) %% %(guilds)s + 1 as guild
from generate_series(1, %(accounts)s) as n;

-- 0 is the grant, the last one of an owner of a guild is the funding of its pool.
insert into credits.transactions (
    user_id, sequence, id, type, amount, balance_before, balance_after, reserved_after, total_spent_after, app_id, description,
    idempotency_key, guild_id, reference_id, called_by, created_at, completed_at
)
select
    'user-' || p.n, k.place + 1, uuidv7(interval '1 second' * k.seconds), k.type, k.amount, k.owned - k.amount, k.owned, 0,
    1000000 - k.owned, k.app_id, k.description, k.key, k.guild_id, k.reference_id, 'bench_service', k.at, k.at
from past p
cross join lateral (
    select
        i as place,
        -3456000 + (i * 2592000 / p.rows) as seconds,
        case when i = 0 then 'grant' else 'usage' end::credits.transaction_type as type,
        case when i = 0 then 1000000 else -0.01 end as amount,
        1000000 - 0.01 * i as owned,
        case when i > 0 then 'chat' end as app_id,
        case when i = 0 then 'Welcome' else 'One answer' end as description,
        case when i > 0 then 'past-' || i end as key,
        null::text as guild_id,
        case when i = 0 then 'welcome' end as reference_id,
        now() + interval '1 second' * (-3456000 + (i * 2592000 / p.rows)) as at
    from generate_series(0, p.rows - 1) as i
    union all
    select
        p.rows, -777600 + p.n, 'guild_funding', -100000, 900000 - 0.01 * (p.rows - 1), null, 'Guild pool funding', null, 'guild-' || p.n,
        null, now() + interval '1 second' * (-777600 + p.n)
    where p.n <= %(guilds)s
) k;

insert into credits.balances (
    user_id, balance, total_earned, total_spent, version, last_transaction_id, created_at, updated_at
)
select
    'user-' || p.n, coalesce(t.balance_after, 0), coalesce(t.balance_after + t.total_spent_after, 0), coalesce(t.total_spent_after, 0),
    p.rows + (p.n <= %(guilds)s)::integer, t.id, coalesce(t.created_at, now()), coalesce(t.created_at, now())
from past p
left join lateral (
    select * from credits.transactions t where t.user_id = 'user-' || p.n order by t.id desc limit 1
) t on true;

insert into credits.usage_folds (user_id, app_id, date, credits_used, transactions_count)
select t.user_id, t.app_id, (t.created_at at time zone 'UTC')::date, -sum(t.amount), count(*)
from credits.transactions t
where t.type = 'usage'
group by 1, 2, 3;
insert into credits.usage_marks (user_id, last_id)
select b.user_id, b.last_transaction_id from credits.balances b where b.last_transaction_id is not null;

-- Both sides of a funding know each other.
create temporary table funding on commit drop as
select t.guild_id, t.user_id, t.id as personal_id, t.created_at, uuidv7(t.created_at - now()) as id
from credits.transactions t
where t.user_id in (select 'user-' || n from generate_series(1, %(guilds)s) as n) and t.type = 'guild_funding';

alter table credits.transactions disable trigger protect_ledger;
update credits.transactions t
set reference_id = f.id::text
from funding f
where t.user_id = f.user_id and t.id = f.personal_id;
alter table credits.transactions enable always trigger protect_ledger;

insert into credits.guild_transactions (
    organization_id, sequence, id, user_id, type, amount, balance_before, balance_after, reserved_after, total_spent_after, description,
    reference_id, called_by, created_at
)
select guild_id, 1, id, user_id, 'funding', 100000, 0, 100000, 0, 0, 'Guild pool funding', personal_id::text, 'bench_service', created_at
from funding;

insert into credits.guild_transactions (
    organization_id, sequence, id, user_id, type, amount, balance_before, balance_after, reserved_after, total_spent_after, spending_day, app_id,
    description, idempotency_key, called_by, created_at
)
select
    'guild-' || u.guild, u.place + 1, uuidv7(u.at - now()), 'user-' || u.n, 'usage', -0.01, 100000 - 0.01 * (u.place - 1), 100000 - 0.01 * u.place, 0,
    0.01 * u.place, (u.at at time zone 'UTC')::date, 'chat', 'One answer', 'past-' || u.place, 'bench_service', u.at
from (
    select
        p.guild, p.n, row_number() over guild as place,
        now() - interval '8 days' + interval '7 days' * (row_number() over guild) / (count(*) over (partition by p.guild)) as at
    from past p
    cross join generate_series(1, %(guild_rows)s) as i
    window guild as (partition by p.guild order by i, p.n)
) u
order by u.guild, u.place;

insert into credits.guild_member_spending (organization_id, user_id, day, spent)
select organization_id, user_id, spending_day, -sum(amount)
from credits.guild_transactions
where type = 'usage'
group by 1, 2, 3;

insert into credits.guild_pools (
    organization_id, balance, total_funded, total_spent, version, last_transaction_id, created_at, updated_at
)
select t.organization_id, t.balance_after, 100000, t.total_spent_after, t.rows, t.id, t.created_at, t.created_at
from (
    select distinct on (organization_id) *, count(*) over (partition by organization_id) as rows
    from credits.guild_transactions
    order by organization_id, id desc
) t;

insert into credits.guild_spending_limits (organization_id, user_id, daily_limit, monthly_limit)
select 'guild-' || guild, 'user-' || n, 10000, 100000
from past;

-- A past for %(accounts)s accounts and the guilds they are in, as the functions would have left it. It is set-based, with
-- triggers switched off: `select * from credits.reconcile()` afterwards says whether it came out right.
--   personal history   days -40 to -10   a grant, then uses
--   fundings           day -9            user-n pays for the pool of guild-n
--   uses of pools      days -8 to -1

set local session_replication_role = replica;

-- An entry's id is made from its time, which is told in microseconds from now.
create function pg_temp.past_id(p_from_now bigint) returns uuid
language sql volatile
as $$
    select (
        lpad(to_hex((extract(epoch from now()) * 1000000 + p_from_now)::bigint / 1000), 12, '0') || '7'
        || lpad(to_hex((extract(epoch from now()) * 1000000 + p_from_now)::bigint %% 1000 * 4096 / 1000), 3, '0')
        || substr(gen_random_uuid()::text, 20)
    )::uuid
$$;

create temporary table past on commit drop as
select
    n,
    case when n <= %(readers)s then %(reader_rows)s when n <= %(active)s then %(rows)s else %(other_rows)s end::integer as rows,
    (n - 1) %% %(guilds)s + 1 as guild
from generate_series(1, %(accounts)s) as n;

-- Both sides of a funding know each other by their sequence.
create temporary table funding on commit drop as
select n, f.from_now, pg_temp.past_id(f.from_now) as personal_id, pg_temp.past_id(f.from_now) as pool_id
from generate_series(1, %(guilds)s) as n
cross join lateral (select (-777600 + n)::bigint * 1000000 as from_now) as f;
alter table funding add primary key (n);
analyze funding;

insert into credits.accounts (account_id, kind, created_at)
select 'user-' || n, 'person'::credits.account_kind, now() - interval '40 days' from past
union all
select 'guild-' || n, 'pool', now() - interval '40 days' from funding;

-- 0 is the grant, the last one of an owner of a guild is the funding of its pool.
insert into credits.entries (
    account_id, kind, sequence, id, created_at, number, type, amount, available, reserved, debt, clawed_back, total_spent, other_id, reference_id,
    app_id, description, idempotency_key, called_by
)
select
    'user-' || p.n, 'person', e.place, e.id, now() + interval '1 microsecond' * e.from_now, e.place, e.type::credits.entry_type, e.amount,
    e.available, 0, 0, 0, 1000000 - e.available, e.guild_id, e.reference_id, e.app_id, e.description, e.key, 'bench_service'
from past p
cross join lateral (
    select
        i + 1 as place, pg_temp.past_id(t.from_now) as id, t.from_now,
        case when i = 0 then 'grant' else 'usage' end as type,
        case when i = 0 then 1000000 else -0.01 end as amount,
        1000000 - 0.01 * i as available,
        null as guild_id,
        case when i = 0 then 'welcome' end as reference_id,
        case when i > 0 then 'chat' end as app_id,
        case when i = 0 then 'Welcome' else 'One answer' end as description,
        case when i > 0 then 'past-' || i end as key
    from generate_series(0, p.rows - 1) as i
    cross join lateral (select (-3456000 + i::bigint * 2592000 / p.rows) * 1000000 as from_now) as t
    union all
    select
        p.rows + 1, f.personal_id, f.from_now, 'guild_funding', -100000, 900000 - 0.01 * (p.rows - 1), 'guild-' || p.n, '1', null,
        'Guild pool funding', null
    from funding f
    where f.n = p.n
) as e;

insert into credits.usage_folds (user_id, app_id, date, credits_used, transactions_count)
select account_id, app_id, (created_at at time zone 'UTC')::date, -sum(amount), count(*)
from credits.entries
where kind = 'person' and type = 'usage'
group by 1, 2, 3;
insert into credits.usage_marks (user_id, sequence)
select 'user-' || n, rows + (n <= %(guilds)s)::integer from past where rows > 0;

-- Who funds a pool is the first of its members.
insert into credits.entries (
    account_id, kind, sequence, id, created_at, number, type, running_day, amount, available, reserved, debt, clawed_back, total_spent,
    spent_that_day, spent_that_week, spent_that_month, other_id, reference_id, description, called_by
)
select
    'guild-' || f.n, 'pool', 1, f.pool_id, m.at, 1, 'funding', (m.at at time zone 'UTC')::date, 100000, 100000, 0, 0, 0, 0,
    0, 0, 0, 'user-' || f.n, (p.rows + 1)::text, 'Guild pool funding', 'bench_service'
from funding f
join past p on p.n = f.n
cross join lateral (select now() + interval '1 microsecond' * f.from_now as at) as m;

insert into credits.entries (
    account_id, kind, sequence, id, created_at, number, type, spending_day, running_day, amount, available, reserved, debt, clawed_back,
    total_spent, spent_that_day, spent_that_week, spent_that_month, other_id, app_id, description, idempotency_key, called_by
)
select
    'guild-' || u.guild, 'pool', u.place + 1, pg_temp.past_id(u.from_now), u.at, u.place + 1, 'usage', u.day, u.day, -0.01,
    100000 - 0.01 * u.place, 0, 0, 0, 0.01 * u.place,
    0.01 * row_number() over (partition by u.guild, u.n, u.day order by u.place),
    0.01 * row_number() over (partition by u.guild, u.n, date_trunc('week', u.day) order by u.place),
    0.01 * row_number() over (partition by u.guild, u.n, date_trunc('month', u.day) order by u.place),
    'user-' || u.n, 'chat', 'One answer', 'past-' || u.place, 'bench_service'
from (
    select *, (now() + interval '1 microsecond' * from_now) as at, ((now() + interval '1 microsecond' * from_now) at time zone 'UTC')::date as day
    from (
        select
            p.guild, p.n, row_number() over guild as place,
            -691200000000 + 604800000000 * (row_number() over guild) / (count(*) over (partition by p.guild)) as from_now
        from past p
        cross join generate_series(1, %(guild_rows)s) as i
        window guild as (partition by p.guild order by i, p.n)
    ) as uses
) as u
order by u.guild, u.place;

insert into credits.members (user_id, organization_id)
select distinct other_id, account_id from credits.entries where kind = 'pool';

insert into credits.guild_spending_limits (organization_id, user_id, daily_limit, monthly_limit)
select 'guild-' || guild, 'user-' || n, 10000, 100000
from past;

-- A plain double-entry ledger in PL/pgSQL as they usually are: accounts, transfers and two entries for each. It has no idempotency keys, no
-- statistics and no limits, which favours it. Behind it lies the same past as behind ours: a transfer for each use.

create table bench.accounts (
    id text primary key,
    balance numeric(18, 6) not null,
    version bigint not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
) with (fillfactor = 70);

create table bench.transfers (
    id uuid primary key default uuidv7(),
    from_account_id text not null references bench.accounts (id),
    to_account_id text not null references bench.accounts (id),
    amount numeric(18, 6) not null check (amount > 0),
    description text not null,
    metadata jsonb not null default '{}',
    created_at timestamptz not null
);
create index transfers_from on bench.transfers (from_account_id);
create index transfers_to on bench.transfers (to_account_id);

create table bench.entries (
    id uuid primary key default uuidv7(),
    account_id text not null references bench.accounts (id),
    transfer_id uuid not null references bench.transfers (id),
    amount numeric(18, 6) not null,
    balance_before numeric(18, 6) not null,
    balance_after numeric(18, 6) not null,
    account_version bigint not null,
    created_at timestamptz not null
);
create index entries_of_account on bench.entries (account_id, id);
create index entries_of_transfer on bench.entries (transfer_id);

set local session_replication_role = replica;  -- no look at the foreign keys of rows that are made up

create temporary table past_transfer on commit drop as
select
    uuidv7(t.created_at - now()) as id,
    t.user_id as from_id,
    -- Somebody else, anybody.
    'user-' || (substr(t.user_id, 6)::bigint + abs(hashtext(t.id::text)::bigint) % (a.accounts - 1)) % a.accounts + 1 as to_id,
    -t.amount as amount,
    t.description,
    t.created_at
from credits.transactions t
cross join (select count(*) as accounts from credits.balances) a
where t.type = 'usage'
order by t.created_at;

insert into bench.transfers (id, from_account_id, to_account_id, amount, description, created_at)
select id, from_id, to_id, amount, description, created_at from past_transfer;

insert into bench.entries (account_id, transfer_id, amount, balance_before, balance_after, account_version, created_at)
select account_id, transfer_id, amount, 1000000 + total - amount, 1000000 + total, place, created_at
from (
    select
        s.account_id, p.id as transfer_id, s.amount, p.created_at,
        sum(s.amount) over account as total,
        row_number() over account as place
    from past_transfer p
    cross join lateral (values (p.from_id, -p.amount), (p.to_id, p.amount)) as s (account_id, amount)
    window account as (partition by s.account_id order by p.created_at, p.id rows unbounded preceding)
) e
order by created_at, transfer_id;

insert into bench.accounts (id, balance, version, created_at, updated_at)
select
    b.user_id, 1000000 + coalesce(e.amount, 0), coalesce(e.entries, 0), b.created_at, coalesce(e.last_at, b.created_at)
from credits.balances b
left join (
    select account_id, sum(amount) as amount, count(*) as entries, max(created_at) as last_at from bench.entries group by account_id
) e on e.account_id = b.user_id;

set local session_replication_role = origin;

create function bench.transfer(p_from text, p_to text, p_amount numeric, p_description text) returns bench.transfers
language plpgsql
as $$
declare
    v_now timestamptz := clock_timestamp();
    v_from bench.accounts;
    v_to bench.accounts;
    v_transfer bench.transfers;
begin
    if p_amount <= 0 or p_from = p_to then
        raise exception 'a transfer moves something from one account to another';
    end if;
    -- In the order of their ids, so that two transfers never wait for each other.
    perform from bench.accounts where id in (p_from, p_to) order by id for update;

    update bench.accounts
    set balance = balance - p_amount, version = version + 1, updated_at = v_now
    where id = p_from
    returning * into v_from;
    if v_from.balance < 0 then
        raise exception 'insufficient funds';
    end if;
    update bench.accounts
    set balance = balance + p_amount, version = version + 1, updated_at = v_now
    where id = p_to
    returning * into v_to;

    insert into bench.transfers (from_account_id, to_account_id, amount, description, created_at)
    values (p_from, p_to, p_amount, p_description, v_now)
    returning * into v_transfer;
    insert into bench.entries (account_id, transfer_id, amount, balance_before, balance_after, account_version, created_at)
    values (p_from, v_transfer.id, -p_amount, v_from.balance + p_amount, v_from.balance, v_from.version, v_now);
    insert into bench.entries (account_id, transfer_id, amount, balance_before, balance_after, account_version, created_at)
    values (p_to, v_transfer.id, p_amount, v_to.balance - p_amount, v_to.balance, v_to.version, v_now);
    return v_transfer;
end
$$;

-- A plain double-entry ledger in PL/pgSQL as they usually are: accounts, transfers and two entries for each. It has no idempotency keys, no
-- statistics, no limits, and begins empty, all of which favours it.

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

insert into bench.accounts (id, balance) select user_id, 1000000 from credits.balances;

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

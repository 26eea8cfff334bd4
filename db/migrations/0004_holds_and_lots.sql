-- Credits set aside first, used or freed later (holds), and credits that expire (lots).

set local role credits_owner;

do $$
begin
    create type credits.reservation_status as enum ('held', 'committed', 'released', 'expired');
exception when duplicate_object then null;
end
$$;
comment on type credits.reservation_status is 
    'A reservation is held until it is committed, released or past its time (expired); one past its time can still be committed, or released and with that given up';

create table if not exists credits.reservations (
    account_id credits.account_id not null,
    kind credits.account_kind not null,
    id uuid not null,
    user_id credits.account_id not null,
    amount numeric(15, 6) not null,
    status credits.reservation_status not null default 'held',
    committed_amount numeric(15, 6) not null default 0,
    committed_late boolean not null default false,
    app_id text not null,
    reason text not null,
    spending_day date,
    transaction_id uuid,
    balance_after_end numeric(18, 6),
    called_by text not null default session_user,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    constraint reservations_pkey primary key (account_id, kind, id),
    constraint reservations_belong_to_their_account check (kind = 'pool' or account_id = user_id),
    constraint reservations_hold_something check (amount > 0 and committed_amount between 0 and amount),
    constraint reservations_are_late_when_committed check (not committed_late or status = 'committed'),
    constraint reservations_commit_something check ((status = 'committed') = (committed_amount > 0)),
    constraint reservations_end_once check ((status = 'held') = (ended_at is null)),
    constraint reservations_of_guilds_count_on_a_day check ((kind = 'pool') = (spending_day is not null)),
    constraint reservations_text_length check (char_length(reason) <= 1000 and char_length(app_id) <= 128)
);
comment on table credits.reservations is
    'Credits set aside from an account, one row a hold. What is held, extended and freed are entries; what is committed is one of type usage';
comment on column credits.reservations.account_id is 'Whose credits are held';
comment on column credits.reservations.user_id is 'Who holds: the person, or the member of the guild';
comment on column credits.reservations.committed_late is
    'Committed after its time, from what was free then; ended_at is when its credits were free again';
comment on column credits.reservations.spending_day is 'The local day whose limit the hold, and what is committed of it, counts against';
comment on column credits.reservations.transaction_id is 'The entry of what was committed';
comment on column credits.reservations.balance_after_end is 'What could be spent right after commit or release, so that a retried call can repeat the first answer';
comment on column credits.reservations.expires_at is 'When it ends: what the last of its entries of type hold says';
-- Whoever commits or releases knows the id alone.
create index if not exists reservations_by_id on credits.reservations (id);
create index if not exists reservations_of_member on credits.reservations (account_id, kind, user_id) where kind = 'pool' and status = 'held';
create index if not exists reservations_held on credits.reservations (account_id, kind, expires_at) where status = 'held';
create index if not exists reservations_to_expire on credits.reservations (expires_at) where status = 'held';

create table if not exists credits.lots (
    account_id credits.account_id not null,
    id uuid not null,
    granted numeric(15, 6) not null,
    remaining numeric(15, 6) not null,
    expires_at timestamptz not null,
    created_at timestamptz not null,
    constraint lots_pkey primary key (account_id, id),
    constraint lots_remain_in_range check (granted > 0 and remaining between 0 and granted)
);
comment on table credits.lots is
    'What is left of each grant with a date. Of the one that ends first the account''s last entry may know better: see credits.entries.lot_id';
comment on column credits.lots.id is 'The entry of the grant';
create index if not exists lots_open on credits.lots (account_id, expires_at, id) where remaining > 0;
create index if not exists lots_to_expire on credits.lots (expires_at) where remaining > 0;

create table if not exists credits.lot_movements (
    account_id credits.account_id not null,
    id uuid not null,
    lot_id uuid not null,
    cause_id uuid not null,
    amount numeric(15, 6) not null,
    created_at timestamptz not null,
    constraint lot_movements_pkey primary key (account_id, id),
    constraint lot_movements_move_something check (amount <> 0)
);
comment on table credits.lot_movements is
    'What was taken of lots (negative) and given back to them, where the entry does not say so itself: append-only, so that a refund restores what a usage took';
comment on column credits.lot_movements.cause_id is
    'What took or gave back: the entry, the hold, the purchase whose payment went back, or the lot itself where it repaid a debt';
create index if not exists lot_movements_by_cause on credits.lot_movements (account_id, cause_id);

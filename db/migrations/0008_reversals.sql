-- Money and credits that go back: refunds of a usage, refunds and disputes of a payment, debt.

set local role credits_owner;

create index if not exists transactions_refunds
    on credits.transactions (user_id, reference_id) where type = 'refund' and reference_id is not null;
create index if not exists guild_transactions_refunds
    on credits.guild_transactions (organization_id, reference_id) where type = 'refund';

-- Serves one member's history in one guild, and finds a usage of which only the member is known.
create index if not exists guild_transactions_of_member on credits.guild_transactions (user_id, organization_id, id);
drop index if exists credits.guild_transactions_by_member;

alter table credits.balances add column if not exists clawed_back numeric(24, 6) not null default 0;
comment on column credits.balances.clawed_back is 'Taken back because payments were refunded or disputed; the most by which the balance can be below zero';
alter table credits.balances drop constraint if exists balances_add_up;
alter table credits.balances add constraint balances_add_up check (
    balance = total_earned - total_spent - reserved
    and balance >= -clawed_back and clawed_back >= 0 and reserved >= 0 and total_earned >= 0 and total_spent >= 0
);

-- Only a clawback may leave less than nothing; a commit spends what was set aside before.
alter table credits.transactions drop constraint if exists transactions_add_up;
alter table credits.transactions add constraint transactions_add_up check (
    amount <> 0
    and amount < 1000000000000  -- also refuses NaN
    and balance_after = balance_before + amount
    and (
        amount > 0
        or not reversal and (
            balance_after >= reserved_after or type = 'clawback' or (type = 'usage' and reference_id is not null)
        )
    )
);

alter table credits.purchases add column if not exists refunded_cents integer not null default 0;
alter table credits.purchases add column if not exists clawed_back_credits numeric(15, 6) not null default 0;
alter table credits.purchases drop constraint if exists purchases_take_back_what_was_bought;
alter table credits.purchases add constraint purchases_take_back_what_was_bought check (
    refunded_cents between 0 and price_euro_cents
    and clawed_back_credits between 0 and credits
    and (status = 'completed' or clawed_back_credits = 0)
);
comment on column credits.purchases.refunded_cents is 'How much of the payment Stripe has refunded, cumulative';
comment on column credits.purchases.clawed_back_credits is 'How many of the credits are taken back at present for refunds and disputes';

do $$
begin
    create type credits.dispute_status as enum ('open', 'won', 'lost');
exception when duplicate_object then null;
end
$$;
comment on type credits.dispute_status is 'Who has got the money of a disputed payment: open and lost take the credits, won gives them back';

create table if not exists credits.purchase_disputes (
    user_id credits.account_id not null,
    purchase_id uuid not null,
    stripe_dispute_id text not null,
    amount_cents integer not null,
    status credits.dispute_status not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint purchase_disputes_pkey primary key (user_id, purchase_id, stripe_dispute_id),
    constraint purchase_disputes_are_about_something check (amount_cents >= 0)
);
comment on table credits.purchase_disputes is 'The disputes about each purchase, as Stripe last reported them';

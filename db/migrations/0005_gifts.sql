-- What is given away as codes.

set local role credits_owner;

do $$
begin
    create type gifts.gift_type as enum ('simple', 'personalized', 'split', 'first_come', 'riddle');
exception when duplicate_object then null;
end
$$;
comment on type gifts.gift_type is 'How a gift is shared out';

do $$
begin
    create type gifts.gift_status as enum ('active', 'depleted', 'expired', 'cancelled', 'refunded');
exception when duplicate_object then null;
end
$$;
comment on type gifts.gift_status is
    'active until all portions are claimed (depleted), the creator takes the rest back (cancelled) or it ran out of time and the rest was paid back (refunded); '
    'expired is how a gift past its time is shown until it is paid back';

do $$
begin
    create type gifts.redemption_status as enum (
        'success', 'failed_wrong_answer', 'failed_wrong_user', 'failed_depleted', 'failed_expired', 'failed_already_claimed'
    );
exception when duplicate_object then null;
end
$$;
comment on type gifts.redemption_status is 'How an attempt to redeem a gift ended';

create table if not exists gifts.gift_codes (
    code text not null,
    id uuid not null,
    short_url text not null generated always as ('/g/' || code) stored,
    creator_id credits.account_id not null,
    creator_name text,
    total_credits numeric(15, 6) not null,
    credits_per_portion numeric(15, 6) not null,
    total_portions integer not null,
    claimed_portions integer not null default 0,
    refunded_credits numeric(15, 6) not null default 0,
    type gifts.gift_type not null,
    status gifts.gift_status not null default 'active',
    target_email text,
    target_hash bytea,
    target_matrix_id text,
    riddle_question text,
    riddle_answer_hash text,
    message text,
    expires_at timestamptz not null,
    source_app_id text,
    reservation_transaction_id uuid not null,
    refund_transaction_id uuid,
    request_digest bytea not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint gift_codes_pkey primary key (code),
    constraint gift_codes_code_is_typeable check (code ~ '^[A-HJ-NP-Z2-9]{10}$'),
    constraint gift_codes_portions_in_range check (total_portions between 1 and 100 and claimed_portions between 0 and total_portions),
    constraint gift_codes_charge_what_can_be_claimed check (
        credits_per_portion >= 1 and credits_per_portion = trunc(credits_per_portion) and total_credits <= 10000
        and total_credits = credits_per_portion * total_portions
    ),
    constraint gift_codes_depleted_when_all_claimed check ((status = 'depleted') = (claimed_portions = total_portions)),
    constraint gift_codes_refund_the_unclaimed check (
        refunded_credits = case when status in ('cancelled', 'refunded')
            then total_credits - credits_per_portion * claimed_portions else 0 end
    ),
    constraint gift_codes_refunded_by_an_entry check ((status in ('cancelled', 'refunded')) = (refund_transaction_id is not null)),
    constraint gift_codes_never_stored_as_expired check (status <> 'expired'),
    constraint gift_codes_target_has_its_hash check (coalesce(target_email like '%@%', false) = (target_hash is not null)),
    constraint gift_codes_riddle_has_both_or_none check ((riddle_question is null) = (riddle_answer_hash is null)),
    constraint gift_codes_type_has_its_parts check (
        (type <> 'riddle' or riddle_question is not null)
        and (type <> 'personalized' or target_email is not null or target_matrix_id is not null)
        and (type not in ('simple', 'personalized') or total_portions = 1)
    ),
    constraint gift_codes_text_length check (
        char_length(message) <= 500 and char_length(riddle_question) <= 200 and char_length(creator_name) <= 200
    )
);
comment on table gifts.gift_codes is
    'Gift codes and what is left of them. Whoever redeems writes the redemption and claimed_portions; that they agree is proved by the reconciliation';
comment on column gifts.gift_codes.total_credits is 'What the creator was charged: credits_per_portion * total_portions';
comment on column gifts.gift_codes.refunded_credits is 'What went back to the creator when the gift was cancelled or expired';
comment on column gifts.gift_codes.reservation_transaction_id is 'The creator''s entry that charged it';
comment on column gifts.gift_codes.refund_transaction_id is 'The creator''s entry that paid the unclaimed credits back';
comment on column gifts.gift_codes.request_digest is 'Digest of what the creator asked for, to tell a retry from another request under the same key';
comment on column gifts.gift_codes.target_hash is
    'Of target_email, as credits.known_addresses has it, so that an erasure finds the gift';
comment on column gifts.gift_codes.riddle_answer_hash is 'Salted and stretched; the answer itself is kept nowhere';

create unique index if not exists gift_codes_by_creator on gifts.gift_codes (creator_id, id);
create index if not exists gift_codes_to_expire on gifts.gift_codes (expires_at) where status = 'active';
create index if not exists gift_codes_by_address on gifts.gift_codes (lower(target_email collate "C"), id)
    where status = 'active' and target_email is not null;
create index if not exists gift_codes_by_target_hash on gifts.gift_codes (target_hash, id) where target_hash is not null;
create index if not exists gift_codes_by_matrix_id on gifts.gift_codes (target_matrix_id) where target_matrix_id is not null;

create table if not exists gifts.gift_redemptions (
    code text not null,
    id uuid not null,
    gift_code_id uuid not null,
    redeemer_user_id credits.account_id not null,
    status gifts.redemption_status not null,
    credits_received numeric(15, 6) not null default 0,
    portion_number integer,
    credit_transaction_id uuid,
    source_app_id text,
    created_at timestamptz not null,
    constraint gift_redemptions_pkey primary key (code, id),
    constraint gift_redemptions_gift_fkey foreign key (code) references gifts.gift_codes (code),
    constraint gift_redemptions_success_pays check (
        (status = 'success') = (credits_received > 0)
        and (status = 'success') = (portion_number is not null)
        and (status = 'success') = (credit_transaction_id is not null)
    )
);
comment on table gifts.gift_redemptions is 'Every attempt to redeem a gift, failed ones included: append-only';
comment on column gifts.gift_redemptions.credit_transaction_id is 'The redeemer''s entry that credited it';

create unique index if not exists gift_redemptions_one_a_person
    on gifts.gift_redemptions (code, redeemer_user_id) where status = 'success';
create unique index if not exists gift_redemptions_each_portion_once
    on gifts.gift_redemptions (code, portion_number) where status = 'success';
create index if not exists gift_redemptions_failed_by_user
    on gifts.gift_redemptions (code, redeemer_user_id, id) where status <> 'success';
create index if not exists gift_redemptions_wrong_answers
    on gifts.gift_redemptions (code, id) where status = 'failed_wrong_answer';
create index if not exists gift_redemptions_by_user on gifts.gift_redemptions (redeemer_user_id);
create index if not exists gift_redemptions_received
    on gifts.gift_redemptions (redeemer_user_id, id) where status = 'success';

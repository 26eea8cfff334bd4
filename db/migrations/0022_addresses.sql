-- Whose an address is, decided alike on every locale, and the addresses by which a person was met, for their erasure.

set local role credits_owner;

create table if not exists credits.address_key (
    only_row boolean not null default true,
    key bytea not null,
    constraint address_key_pkey primary key (only_row),
    constraint address_key_has_one_row check (only_row),
    constraint address_key_cannot_be_guessed check (octet_length(key) = 32)
);
comment on table credits.address_key is
    'What addresses are hashed with, made at random once. Apart from the rest, since auditors read every other table and must not read this one';
-- Each id has 122 random bits.
insert into credits.address_key (key)
select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
on conflict do nothing;

create table if not exists credits.known_addresses (
    user_id text not null,
    address_hash bytea not null,
    constraint known_addresses_pkey primary key (user_id, address_hash),
    constraint known_addresses_are_sha256 check (octet_length(address_hash) = 32)
);
comment on table credits.known_addresses is
    'By which addresses each person was met, so that an erasure finds the gifts for them: hashes alone, since nothing else needs the address';
comment on column credits.known_addresses.address_hash is 'Keyed with credits.address_key, of the address with its ASCII letters small';

alter table gifts.gift_codes add column if not exists target_hash bytea;
comment on column gifts.gift_codes.target_hash is
    'Of target_email, as credits.known_addresses has it, so that an erasure finds the gift; null for gifts from before there were hashes, which it looks through';
-- What an erasure looks for, and what somebody who has just registered may redeem.
-- squawk-ignore require-concurrent-index-creation
create index if not exists gift_codes_by_target_hash on gifts.gift_codes (target_hash) where target_hash is not null;
-- squawk-ignore require-concurrent-index-creation
create index if not exists gift_codes_without_target_hash on gifts.gift_codes (code) where target_hash is null and target_email like '%@%';
-- squawk-ignore require-concurrent-index-creation
create index if not exists gift_codes_by_matrix_id on gifts.gift_codes (target_matrix_id) where target_matrix_id is not null;
-- squawk-ignore require-concurrent-index-creation
create index if not exists gift_codes_by_address on gifts.gift_codes (lower(target_email collate "C"))
    where status = 'active' and target_email is not null;
-- squawk-ignore require-concurrent-index-deletion
drop index if exists gifts.gift_codes_pending;

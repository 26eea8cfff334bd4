-- Once, as a DBA: give a service a place for its own rows, beside ours.
--
-- Its login is there already; `make run` has made it like this:
--
--     create role mana_service login password '…' in role credits_service;
--     alter role mana_service set lock_timeout = '5s';
--     alter role mana_service set statement_timeout = '10s';

create schema chat authorization mana_service;

set role mana_service;

create table chat.answers (
    id text primary key,
    user_id text not null,
    answer text not null check (answer <> ''),
    transaction_id uuid not null
);

-- Keys of trusted services that are made and revoked while everything runs, beside those of the environment.
-- Both constraints only allow more than those before, and their tables are small.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid

set local role credits_owner;

create table if not exists credits.service_keys (
    name text not null,
    number integer not null,
    key_hash bytea,
    reason text not null,
    called_by text not null default session_user,
    created_at timestamptz not null,
    used_on date,
    revoked_at timestamptz,
    revoked_reason text,
    revoked_by text,
    constraint service_keys_pkey primary key (name, number),
    constraint service_keys_hold_each_key_once unique (key_hash),
    constraint service_keys_have_a_name check (name <> ''),
    constraint service_keys_have_their_hash check (number >= 0 and (number = 0) = (key_hash is null) and octet_length(key_hash) = 32),
    constraint service_keys_of_the_environment_are_revoked check (number > 0 or revoked_at is not null),
    constraint service_keys_say_why_they_are_revoked check (num_nulls(revoked_at, revoked_reason, revoked_by) in (0, 3))
);
comment on table credits.service_keys is
    'Keys of trusted services that were made while everything runs, each for good: a key is revoked, its row stays';
comment on column credits.service_keys.name is 'Who calls with it, for caps and logs; several keys may have one name, as while one takes the place of another';
comment on column credits.service_keys.number is 'Which key of that name: 1, 2, 3 and so on; 0 for those of the environment, which has a row only if they are revoked';
comment on column credits.service_keys.key_hash is
    'SHA-256 of the key. A plain hash is right: a key is drawn at random, so long that nobody finds it by trying. Null for the environment''s, which nobody has drawn';
comment on column credits.service_keys.reason is 'What it was made for';
comment on column credits.service_keys.called_by is 'The login that made it; who did so at the support desk is in credits.admin_actions';
comment on column credits.service_keys.used_on is 'The UTC day of its last use, as told by the processes of the API';
comment on column credits.service_keys.revoked_by is 'The login that revoked it';

alter table credits.admin_actions drop constraint if exists admin_actions_know_their_kind;
alter table credits.admin_actions
    add constraint admin_actions_know_their_kind check (
        action in (
            'grant', 'take', 'refund', 'release', 'cancel_gift', 'freeze', 'unfreeze', 'set_package', 'set_price', 'make_key', 'revoke_key'
        )
    );
comment on column credits.admin_actions.account_id is 'The person that it was done to; empty for packages, prices and service keys';
comment on column credits.admin_actions.subject_id is
    'What it was about: a usage, a hold, a gift, a package, an operation or the name of a service';

alter table credits.service_caps drop constraint if exists service_caps_know_their_operations;
alter table credits.service_caps
    add constraint service_caps_know_their_operations check (
        operations <@ array[
            'init', 'use', 'use_guild', 'refund', 'grant', 'reserve', 'capture', 'commit', 'release', 'fund_guild', 'set_limits', 'gift',
            'redeem', 'erase', 'take', 'freeze', 'sell', 'keys'
        ]
    );

comment on table credits.rule_history is
    'What packages, limits, caps of callers and the settings were at any time, whoever changed them: append-only, written by triggers of those tables';
comment on column credits.rule_history.subject_id is 'The member, the caller or the app; null for settings and packages';

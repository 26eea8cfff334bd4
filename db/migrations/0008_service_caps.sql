-- What each service may do at most.

set local role credits_owner;

create table if not exists credits.service_caps (
    caller text not null,
    operations text[],
    app_ids text[],
    max_amount numeric(15, 6),
    max_amount_per_day numeric(18, 6),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint service_caps_pkey primary key (caller),
    constraint service_caps_never_negative check (max_amount >= 0 and max_amount_per_day >= 0),
    constraint service_caps_know_their_operations check (
        operations <@ array[
            'init', 'use', 'use_guild', 'refund', 'grant', 'reserve', 'commit', 'release', 'fund_guild', 'set_limits', 'gift', 'redeem',
            'erase'
        ]
    )
);
comment on table credits.service_caps is
    'Caps of a login role, or of a service key by its name: null means no cap; who has no row is not capped. A DBA adds one with a plain insert';
comment on column credits.service_caps.caller is 'The login role of an SQL caller, or the name of a service key';
comment on column credits.service_caps.operations is 'Which operations the caller may call';
comment on column credits.service_caps.app_ids is 'For which apps';
comment on column credits.service_caps.max_amount is 'The most that one call may move';
comment on column credits.service_caps.max_amount_per_day is 'The most that all calls of a UTC day may move together';

create table if not exists credits.service_cap_usage (
    caller text not null,
    day date not null,
    amount numeric(24, 6) not null,
    constraint service_cap_usage_pkey primary key (caller, day),
    constraint service_cap_usage_never_negative check (amount >= 0)
);
comment on table credits.service_cap_usage is 'How much each capped caller has moved by UTC day';

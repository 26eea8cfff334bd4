create or replace function credits._register_consumer(p_consumer text, p_types text[], p_login text) returns bigint
language plpgsql
as $$
declare
    v_position bigint;
begin
    perform credits._check_id('consumer', p_consumer);
    perform credits._refuse_invalid('types', 'must name at least one type of event, and no others')
    where cardinality(p_types) > 0 is not true or not p_types <@ array[
        'balance.changed', 'balance.low', 'gift.redeemed', 'purchase.completed', 'hold.expired'
    ];
    perform credits._refuse_invalid('login', 'must be a login in credits_service or credits_api')
    where p_login is not null and not exists (
        select from pg_roles r
        where r.rolname = p_login
            and r.rolcanlogin
            and (pg_has_role(r.oid, 'credits_service', 'member') or pg_has_role(r.oid, 'credits_api', 'member'))
    );
    -- Nobody may turn the events of balances off in between (credits.trim_events), nor register the same name.
    select l.last_position into v_position from credits.event_log l for update;
    insert into credits.event_consumers as c (consumer, types, login, position)
    values (p_consumer, p_types, p_login, v_position)
    on conflict (consumer) do update
        set
            types = excluded.types,
            login = excluded.login,
            position = case when c.lost_at is null then c.position else excluded.position end,
            lost_at = null
        where (c.login is null) = (excluded.login is null)
    returning c.position into v_position;
    if not found then
        perform credits._refuse_invalid(
            'consumer', 'is a webhook, or read by a login: drop it first, or choose another name'
        );
    end if;
    perform credits._set_events();
    return v_position;
end
$$;

comment on function credits._register_consumer(text, text[], text) is
'Registers a consumer, or gives one of the same kind other types and another login; p_login is null for a webhook.
Raises UC001 for a malformed name or type, a login that may not read events, and a name of the other kind. Returns the
position it begins after';

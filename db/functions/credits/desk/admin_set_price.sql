create or replace function credits.admin_set_price(
    p_admin text,
    p_operation text,
    p_reason text,
    p_idempotency_key text,
    p_unit_price numeric default null,
    p_valid_from timestamptz default null,
    p_app_id text default null,
    p_unit text default null,
    p_per numeric default null,
    p_step numeric default null,
    p_minimum numeric default null,
    p_name text default null,
    p_description text default null,
    p_category text default null,
    p_sort_order integer default null,
    p_active boolean default null,
    p_request_id text default null
) returns credits.act
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_act credits.admin_actions := credits._begin_act(
        p_admin, '', 'set_price', p_operation, p_reason, p_idempotency_key, p_request_id,
        jsonb_build_object(
            'unitPrice', p_unit_price, 'validFrom', extract(epoch from p_valid_from), 'appId', p_app_id, 'unit', p_unit,
            'per', p_per, 'step', p_step, 'minimum', p_minimum, 'name', p_name, 'description', p_description,
            'category', p_category, 'sortOrder', p_sort_order, 'active', p_active
        )
    );
    v_from constant timestamptz := coalesce(p_valid_from, credits._now());
    v_before credits.prices;
    v_after credits.prices;
    v_rule text;
begin
    if v_act.created_at is not null then
        return credits._end_act(v_act);
    end if;
    perform credits._check_id('operation', p_operation);
    perform credits._check_id('appId', p_app_id, p_optional => true);
    select * into v_before
    from credits.prices p
    -- One in the past is refused for that, not for what had no price then.
    where p.operation = p_operation and p.valid_from <= greatest(v_from, credits._now())
    order by p.valid_from desc
    limit 1;
    perform credits._refuse_invalid('unitPrice', 'is missing')
    where coalesce(p_unit_price, v_before.unit_price) is null;
    perform credits._check_cap('sell', null, 0, 'admin:' || p_admin);
    begin
        insert into credits.prices (
            operation, valid_from, app_id, unit, unit_price, per, step, minimum, name, description, category,
            sort_order, active
        )
        values (
            p_operation, v_from, coalesce(p_app_id, v_before.app_id), coalesce(p_unit, v_before.unit, 'call'),
            coalesce(p_unit_price, v_before.unit_price), coalesce(p_per, v_before.per, 1),
            coalesce(p_step, v_before.step, 1), coalesce(p_minimum, v_before.minimum, 0),
            credits._clean_text(coalesce(p_name, v_before.name, ''), 200),
            credits._clean_text(coalesce(p_description, v_before.description, '')),
            credits._clean_text(coalesce(p_category, v_before.category), 100),
            coalesce(p_sort_order, v_before.sort_order, 0), coalesce(p_active, true)
        )
        returning * into v_after;
    exception
        when check_violation then
            get stacked diagnostics v_rule = constraint_name;
            perform credits._refuse_invalid(r.field, r.must)
            from (
                values
                ('prices_are_counted_in_units', 'unit', 'must be 1 to 50 characters, none of them a control character'),
                ('prices_of_a_unit', 'unitPrice', 'must be from 0 to 999999999.999999, with at most 12 decimals'),
                ('prices_are_per_some_units', 'per', 'must be above 0 and at most 1000000000, with at most 6 decimals'),
                ('prices_go_by_steps', 'step', 'must be above 0 and at most 1000000000, with at most 6 decimals'),
                ('prices_have_a_minimum', 'minimum', 'must be from 0 to 999999999.999999, with at most 6 decimals')
            ) as r (rule, field, must)
            where r.rule = v_rule;
            raise;
        when unique_violation then
            perform credits._refuse_invalid('validFrom', 'has a price of this operation already');
    end;
    v_act.before := credits._price_told(v_before);
    v_act.after := credits._price_told(v_after);
    return credits._end_act(v_act);
end
$$;

comment on function credits.admin_set_price is
'Sets what an operation costs from p_valid_from on (now unless given); what is not given stays as in the price before.
p_active false withdraws the operation; it is true unless given. Prices never change: this is a new one.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC016 cap_exceeded (of admin:<p_admin>, operation sell),
UC001 invalid_request (a price that cannot be, one in the past, a second one of the same moment).
Idempotency: p_idempotency_key among acts on packages and prices; a retry returns the first act with replayed = true.
Locks: none.';

create or replace function credits.admin_set_package(
    p_admin text,
    p_reason text,
    p_idempotency_key text,
    p_package_id uuid default null,
    p_name text default null,
    p_description text default null,
    p_credits numeric default null,
    p_price_euro_cents integer default null,
    p_stripe_price_id text default null,
    p_active boolean default null,
    p_sort_order integer default null,
    p_metadata jsonb default null,
    p_request_id text default null
) returns credits.act
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_act credits.admin_actions := credits._begin_act(
        p_admin, '', 'set_package', p_package_id::text, p_reason, p_idempotency_key, p_request_id,
        jsonb_build_object(
            'name', p_name, 'description', p_description, 'credits', p_credits, 'priceEuroCents', p_price_euro_cents,
            'stripePriceId', p_stripe_price_id, 'active', p_active, 'sortOrder', p_sort_order, 'metadata', p_metadata
        )
    );
    v_before credits.packages;
    v_after credits.packages;
begin
    if v_act.created_at is not null then
        return credits._end_act(v_act);
    end if;
    if p_package_id is not null then
        select * into v_before from credits.packages p where p.id = p_package_id for update;
        if not found then
            perform credits._refuse_unknown('packageId', p_package_id::text, 'UC006', 'There is no such package');
        end if;
        v_act.before := credits._package_told(v_before);
    end if;
    v_after.id := coalesce(p_package_id, v_act.id);
    v_act.subject_id := v_after.id::text;
    v_after.name := btrim(credits._clean_text(coalesce(p_name, v_before.name), 200));
    v_after.description := credits._clean_text(coalesce(p_description, v_before.description, ''));
    v_after.price_euro_cents := coalesce(p_price_euro_cents, v_before.price_euro_cents);
    v_after.stripe_price_id := nullif(coalesce(p_stripe_price_id, v_before.stripe_price_id), '');
    v_after.active := coalesce(p_active, v_before.active, true);
    v_after.sort_order := coalesce(p_sort_order, v_before.sort_order, 0);
    v_after.metadata := coalesce(p_metadata, v_before.metadata, '{}');
    v_after.created_at := coalesce(v_before.created_at, credits._now());
    v_after.updated_at := credits._now();
    perform credits._refuse_invalid('name', 'must be a text that is not empty') where (v_after.name <> '') is not true;
    perform credits._check_amount(coalesce(p_credits, v_before.credits), 'credits');
    v_after.credits := coalesce(p_credits, v_before.credits);
    perform credits._refuse_invalid('priceEuroCents', 'must be a whole number greater than 0')
    where (v_after.price_euro_cents > 0) is not true;
    perform credits._check_metadata(v_after.metadata);
    perform credits._check_cap('sell', null, 0, 'admin:' || p_admin);
    insert into credits.packages select (v_after).*
    on conflict (id) do update
        set
            name = excluded.name, description = excluded.description, credits = excluded.credits,
            price_euro_cents = excluded.price_euro_cents, stripe_price_id = excluded.stripe_price_id,
            active = excluded.active, sort_order = excluded.sort_order, metadata = excluded.metadata,
            updated_at = excluded.updated_at;
    v_act.after := credits._package_told(v_after);
    return credits._end_act(v_act);
end
$$;

comment on function credits.admin_set_package is
'Puts a package on sale, or changes the one of p_package_id where a parameter is given; an empty p_stripe_price_id
removes it. What was begun to be bought stays as it was. The act keeps what the package was before and is after.
Errors: UC001 invalid_request, UC004 idempotency_key_reused, UC006 package_not_found, UC001 invalid_request (what the
package would be), UC016 cap_exceeded (of admin:<p_admin>, operation sell).
Idempotency: p_idempotency_key among acts on packages and prices; a retry returns the first act with replayed = true.
Locks: the package.';

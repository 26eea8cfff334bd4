create or replace function credits._use_guild_item(
    p_place integer,
    p_organization_id text,
    p_user_id text,
    p_amount numeric,
    p_app_id text,
    p_description text,
    p_idempotency_key text,
    p_metadata jsonb,
    p_request_id text,
    p_caller text,
    p_items jsonb,
    p_expected_amount numeric
) returns credits.guild_use_outcome
language plpgsql
as $$
declare
    v_outcome credits.guild_use_outcome;
    v_detail text;
    v_hint text;
begin
    begin
        select p_place, null, null, null, null, m.*
        into v_outcome
        from credits.use_guild_credits(
            p_organization_id, p_user_id, p_amount, p_app_id, p_description, p_idempotency_key, coalesce(p_metadata, '{}'), p_items,
            p_expected_amount, p_request_id, p_caller
        ) m;
    exception when others then
        get stacked diagnostics
            v_outcome.refusal = returned_sqlstate, v_outcome.refusal_message = message_text, v_detail = pg_exception_detail,
            v_hint = pg_exception_hint;
        if v_outcome.refusal !~ '^UC' then
            raise;
        end if;
        v_outcome.item := p_place;
        v_outcome.refusal_detail := nullif(v_detail, '');
        v_outcome.refusal_hint := nullif(v_hint, '');
    end;
    return v_outcome;
end
$$;

comment on function credits._use_guild_item(
    integer, text, text, numeric, text, text, text, jsonb, text, text, jsonb, numeric
) is
    'One item of a batch by itself: a retry, too few credits, something malformed or dated. What refuses it is in its row';

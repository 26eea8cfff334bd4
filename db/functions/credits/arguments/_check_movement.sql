create or replace function credits._check_movement(
    p_amount numeric, p_description text, p_idempotency_key text, p_metadata jsonb
) returns void
language plpgsql
as $$
begin
    perform credits._check_amount(p_amount);
    if p_description is null then
        perform credits._refuse_invalid('description', 'must be a text');
    end if;
    perform credits._check_key(p_idempotency_key);
    if p_metadata is distinct from '{}' then
        perform credits._check_metadata(p_metadata);
    end if;
end
$$;

comment on function credits._check_movement is
'Raises UC001 for the first of amount, description, idempotencyKey and metadata that no call that moves credits may
carry. How long a description is kept is left to _clean_text';

create or replace function credits._check_key(p_idempotency_key text) returns void
language plpgsql
as $$
begin
    if char_length(p_idempotency_key) not between 1 and 255 then
        perform credits._refuse_invalid('idempotencyKey', 'must be 1 to 255 characters');
    end if;
end
$$;

comment on function credits._check_key is 'Raises UC001 unless p_idempotency_key can be one; null is none';

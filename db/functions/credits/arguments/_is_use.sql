create or replace function credits._is_use(
    p_amount numeric, p_app_id text, p_description text, p_idempotency_key text, p_metadata jsonb
) returns boolean
language sql immutable parallel safe
as $$
    select p_amount > 0
        and p_amount <= 999999999.999999
        and scale(p_amount) <= 6
        and credits._is_id(p_app_id)
        and credits._is_clean_text(p_description)
        and (p_idempotency_key is null or p_idempotency_key <> '' and char_length(p_idempotency_key) <= 255)
        and p_metadata = '{}'
$$;

comment on function credits._is_use is
'True if the parameters of a debit are certainly well-formed and kept as they are. Metadata that is not empty is left to
_check_metadata, zeros at the end of an amount to trim_scale. Null gives null. Inlined where it is used';
